/// One statement about a sample: what, where, when, linked to what, by whom; each answer is optional.
///
/// A class label is an annotation with only a label; a detection adds a box; an entity adds a span; a spoken paragraph is a label
/// (the speaker), a text and an interval. A plain box, a span or a time costs no allocation beyond its place in the sample's array: rare
/// answers sit in one copy-on-write box behind the annotation.
public struct Annotation: Sendable, Equatable {
  /// The id the file gave.
  public var id: AnnotationID?
  /// What: a label of the dataset's table.
  public var label: LabelID?
  /// A box, a span or a time: nearly every annotation has one of them, and few have two.
  @usableFromInline var place = Place.none
  /// Where: any other shape.
  public var shape: Shape? {
    didSet { shapeFeatures = shape?.features.low ?? 0 }
  }
  /// Area in square pixels, as the file states it.
  public var area: Double?
  /// How sure its author is, 0 to 1.
  public var confidence: Double?
  /// Position among all annotations of the dataset, given when the file does not keep the annotations of a sample together.
  public var ordinal: UInt32?
  /// The yes-or-no marks.
  public var flags: Flags
  /// The features of the rare answers, as the low word of a set: most questions are settled without a look into the box.
  @usableFromInline var rareFeatures: UInt64 = 0
  /// The features of the shape, as the low word of a set: asked for more often than a shape is given.
  @usableFromInline var shapeFeatures: UInt64 = 0
  @usableFromInline var details: Details?

  /// An annotation that says nothing yet.
  @inlinable public init(id: AnnotationID? = nil, label: LabelID? = nil, box: Box? = nil, shape: Shape? = nil) {
    self.id = id
    self.label = label
    if let box { place = .box(box) }
    self.shape = shape
    shapeFeatures = shape?.features.low ?? 0
    self.flags = Flags()
  }

  /// An entity: a label of a range of the sample's text.
  @inlinable public init(label: LabelID?, span: TextSpan) {
    self.label = label
    self.flags = Flags()
    place = .span(span)
    rareFeatures = 1 &<< UInt64(Feature.span.rawValue)
  }

  /// Whether every answer is the same.
  public static func == (a: Annotation, b: Annotation) -> Bool {
    a.id == b.id && a.label == b.label && a.box == b.box && a.span == b.span && a.time == b.time && a.shape == b.shape
      && a.area == b.area && a.confidence == b.confidence && a.ordinal == b.ordinal && a.flags == b.flags
      && a.rareFeatures == b.rareFeatures
      && (a.details === b.details || (a.details?.rare ?? Rare()).says(b.details?.rare ?? Rare()))
  }
}

/// Where: a box in a picture, a span of a text, or a time in a recording.
@usableFromInline enum Place: Sendable {
  case none
  case box(Box)
  case span(TextSpan)
  case time(TimeExtent)
}

/// The answers that few annotations give.
@usableFromInline struct Rare: Sendable {
  @usableFromInline var text: String?
  /// The time of an annotation whose place is taken.
  @usableFromInline var time: TimeExtent?
  @usableFromInline var track: TrackID?
  @usableFromInline var author: String?
  @usableFromInline var createdAt: Timestamp?
  @usableFromInline var attributes = Attributes()
  @usableFromInline var preserved = Preserved()
  /// The rarest answers: one element, or none.
  @usableFromInline var rest: [Rarest] = []

  @inlinable @inline(__always) init() {}

  /// Whether every answer is the same, but for the time and the span, which may also lie elsewhere, and whether or not there is room for
  /// the rarest.
  func says(_ other: Rare) -> Bool {
    text == other.text && track == other.track && author == other.author && createdAt == other.createdAt
      && attributes == other.attributes && preserved == other.preserved && rarest.says(other.rarest)
  }

  /// The rarest answers, none of them given where there was none.
  @inlinable var rarest: Rarest {
    _read { if rest.isEmpty { yield Rarest() } else { yield rest[0] } }
    _modify {
      if rest.isEmpty { rest.append(Rarest()) }
      yield &rest[0]
    }
  }
}

/// The answers that hardly any annotation gives; kept apart so that the others are small.
@usableFromInline struct Rarest: Sendable {
  /// The span of an annotation whose place is taken.
  @usableFromInline var span: TextSpan?
  @usableFromInline var link: Link?
  @usableFromInline var keypoints: Keypoints?
  @usableFromInline var hard: HardExample?
  @usableFromInline var group: RecordID?
  @usableFromInline var partOf: Int?
  @usableFromInline var reference: String?

  @inlinable init() {}

  /// Whether every answer but the span is the same.
  func says(_ other: Rarest) -> Bool {
    link == other.link && keypoints == other.keypoints && hard == other.hard && group == other.group
      && partOf == other.partOf && reference == other.reference
  }
}

/// The box the rare answers sit in; changed only while one annotation holds it.
@usableFromInline final class Details: @unchecked Sendable {
  // Only the one annotation that holds the box changes it, so an access is never checked against another.
  @exclusivity(unchecked) @usableFromInline var rare: Rare

  @usableFromInline init(_ rare: Rare) { self.rare = rare }

  /// No answer given: the fields are set where they lie, without a copy.
  @inlinable init() { rare = Rare() }

  @inline(__always) @inlinable init(author: String?, createdAt: Timestamp?, preserved: Preserved) {
    // Set where they lie: made outside and handed in, all fields would be copied.
    rare = Rare()
    rare.author = author
    rare.createdAt = createdAt
    rare.preserved = preserved
  }
}

extension Annotation {
  /// Whether any rare answer may be given.
  @inlinable public var hasRareAnswers: Bool { rareFeatures != 0 || details != nil }

  /// Whether a rare answer is given.
  @inlinable @inline(__always) func has(_ feature: Feature) -> Bool { rareFeatures & (1 &<< UInt64(feature.rawValue)) != 0 }

  /// Notes whether an answer is given; false when there is nothing to change.
  @inlinable @inline(__always) mutating func note(_ feature: Feature, _ isGiven: Bool) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(feature.rawValue)
    if isGiven {
      rareFeatures |= bit
    } else {
      if rareFeatures & bit == 0 { return false }
      rareFeatures &= ~bit
    }
    return true
  }

  @inlinable @inline(__always) mutating func change(_ feature: Feature, _ isGiven: Bool, _ body: (inout Rare) -> Void) {
    if note(feature, isGiven) { change(body) }
  }

  @inlinable @inline(__always) mutating func change(_ body: (inout Rare) -> Void) {
    // Uniqueness is asked first: binding the box to a name would be a second reference to it.
    if !isKnownUniquelyReferenced(&details) { details = details.map { Details($0.rare) } ?? Details() }
    if let details { body(&details.rare) }
  }

  /// A label with what manifests say about it.
  @inlinable @inline(__always) public init(
    label: LabelID?, confidence: Double?, author: String?, createdAt: Timestamp?, preserved: Preserved
  ) {
    self.label = label
    self.confidence = confidence
    self.flags = Flags()
    guard author != nil || createdAt != nil || !preserved.isEmpty else { return }
    if author != nil { rareFeatures |= 1 &<< UInt64(Feature.author.rawValue) }
    if createdAt != nil { rareFeatures |= 1 &<< UInt64(Feature.createdAt.rawValue) }
    if !preserved.isEmpty { rareFeatures |= 1 &<< UInt64(Feature.preserved.rawValue) }
    details = Details(author: author, createdAt: createdAt, preserved: preserved)
  }

  /// Gives the author, the moment and the preserved fields at once; at its cheapest while no rare answer has been given.
  public mutating func set(author: String?, createdAt: Timestamp?, preserved: Preserved) {
    if details == nil {
      guard author != nil || createdAt != nil || !preserved.isEmpty else { return }
      _ = note(.author, author != nil)
      _ = note(.createdAt, createdAt != nil)
      _ = note(.preserved, !preserved.isEmpty)
      details = Details(author: author, createdAt: createdAt, preserved: preserved)
      return
    }
    self.author = author
    self.createdAt = createdAt
    self.preserved = preserved
  }

  /// What: a transcript, caption or recognised text.
  public var text: String? {
    @inlinable get { has(.text) ? details?.rare.text : nil }
    @inlinable set { change(.text, newValue != nil) { $0.text = newValue } }
  }
  /// Where: an upright box.
  public var box: Box? {
    @inlinable get { if case .box(let box) = place { box } else { nil } }
    @inlinable set {
      switch place {
      case .none, .box: break
      case .span(let span):
        guard newValue != nil else { return }
        change { $0.rarest.span = span }
      case .time(let time):
        guard newValue != nil else { return }
        change { $0.time = time }
      }
      place = newValue.map { .box($0) } ?? .none
    }
  }
  /// Where: a range of the sample's text.
  public var span: TextSpan? {
    @inlinable get {
      if case .span(let span) = place { return span }
      return has(.span) ? details?.rare.rarest.span : nil
    }
    @inlinable set {
      guard note(.span, newValue != nil) else { return }
      switch place {
      // What lay behind the annotation while its place was taken is of no use any more, and is never looked at.
      case .none, .span: place = newValue.map { .span($0) } ?? .none
      case .box, .time: change { $0.rarest.span = newValue }
      }
    }
  }
  /// When it holds.
  public var time: TimeExtent? {
    @inlinable get {
      if case .time(let time) = place { return time }
      return has(.frame) || has(.instant) || has(.interval) ? details?.rare.time : nil
    }
    set {
      let had = rareFeatures
      _ = note(.frame, false)
      _ = note(.instant, false)
      _ = note(.interval, false)
      switch newValue {
      case .frame: _ = note(.frame, true)
      case .instant: _ = note(.instant, true)
      case .interval: _ = note(.interval, true)
      case nil: if rareFeatures == had { return }
      }
      switch place {
      case .none, .time: place = newValue.map { .time($0) } ?? .none
      case .box, .span: change { $0.time = newValue }
      }
    }
  }
  /// The object it belongs to over frames.
  public var track: TrackID? {
    @inlinable get { has(.track) ? details?.rare.track : nil }
    @inlinable set { change(.track, newValue != nil) { $0.track = newValue } }
  }
  /// The relation it states.
  public var link: Link? {
    @inlinable get { has(.link) ? details?.rare.rarest.link : nil }
    @inlinable set { change(.link, newValue != nil) { $0.rarest.link = newValue } }
  }
  /// Where: named points.
  public var keypoints: Keypoints? {
    @inlinable get { has(.keypoints) ? details?.rare.rarest.keypoints : nil }
    @inlinable set { change(.keypoints, newValue != nil) { $0.rarest.keypoints = newValue } }
  }
  /// Who made it, such as `human/alice` or `modelarts/active-learning`.
  public var author: String? {
    @inlinable get { has(.author) ? details?.rare.author : nil }
    @inlinable set { change(.author, newValue != nil) { $0.author = newValue } }
  }
  /// When it was made.
  public var createdAt: Timestamp? {
    @inlinable get { has(.createdAt) ? details?.rare.createdAt : nil }
    @inlinable set { change(.createdAt, newValue != nil) { $0.createdAt = newValue } }
  }
  /// That it is hard, how hard and why.
  public var hard: HardExample? {
    @inlinable get { has(.hard) ? details?.rare.rarest.hard : nil }
    @inlinable set { change(.hard, newValue != nil) { $0.rarest.hard = newValue } }
  }
  /// The group of annotations it belongs to.
  public var group: RecordID? {
    @inlinable get { has(.group) ? details?.rare.rarest.group : nil }
    @inlinable set { change(.group, newValue != nil) { $0.rarest.group = newValue } }
  }
  /// For a part of an object, such as the head of a person: how many places before it in the sample the object stands.
  public var partOf: Int? {
    @inlinable get { has(.part) ? details?.rare.rarest.partOf : nil }
    @inlinable set { change(.part, newValue != nil) { $0.rarest.partOf = newValue } }
  }
  /// The place of a label file that could not be read: the annotation stands for whatever that file says.
  public var reference: String? {
    @inlinable get { has(.reference) ? details?.rare.rarest.reference : nil }
    @inlinable set { change(.reference, newValue != nil) { $0.rarest.reference = newValue } }
  }
  /// Named values for people.
  public var attributes: Attributes {
    @inlinable get { has(.attributes) ? details?.rare.attributes ?? Attributes() : Attributes() }
    @inlinable set { change(.attributes, !newValue.isEmpty) { $0.attributes = newValue } }
  }
  /// Fields the model has no place for.
  public var preserved: Preserved {
    @inlinable get { has(.preserved) ? details?.rare.preserved ?? Preserved() : Preserved() }
    @inlinable set { change(.preserved, !newValue.isEmpty) { $0.preserved = newValue } }
  }
}
