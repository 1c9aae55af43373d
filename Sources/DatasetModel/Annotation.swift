/// One statement about a sample: what, where, when, linked to what, by whom; each answer is optional.
///
/// A class label is an annotation with only a label; a detection adds a box; an entity adds a span; a spoken paragraph is a label
/// (the speaker), a text and an interval. A plain box costs no allocation beyond its place in the sample's array: rare answers
/// sit in one copy-on-write box behind the annotation.
public struct Annotation: Sendable, Equatable {
  /// The id the file gave.
  public var id: AnnotationID?
  /// What: a label of the dataset's table.
  public var label: LabelID?
  /// Where: an upright box.
  public var box: Box?
  /// Where: any other shape.
  public var shape: Shape?
  /// Area in square pixels, as the file states it.
  public var area: Double?
  /// How sure its author is, 0 to 1.
  public var confidence: Double?
  /// Position among all annotations of the dataset, given when the file does not keep the annotations of a sample together.
  public var ordinal: UInt32?
  /// The yes-or-no marks.
  public var flags: Flags
  @usableFromInline var details: Details?

  /// An annotation that says nothing yet.
  @inlinable public init(id: AnnotationID? = nil, label: LabelID? = nil, box: Box? = nil, shape: Shape? = nil) {
    self.id = id
    self.label = label
    self.box = box
    self.shape = shape
    self.flags = Flags()
  }

  /// Whether every answer is the same.
  public static func == (a: Annotation, b: Annotation) -> Bool {
    a.id == b.id && a.label == b.label && a.box == b.box && a.shape == b.shape && a.area == b.area && a.confidence == b.confidence
      && a.ordinal == b.ordinal && a.flags == b.flags
      && (a.details === b.details || (a.details?.rare ?? Rare()) == (b.details?.rare ?? Rare()))
  }
}

/// The answers that few annotations give.
@usableFromInline struct Rare: Equatable, Sendable {
  @usableFromInline var text: String?
  @usableFromInline var span: TextSpan?
  @usableFromInline var time: TimeExtent?
  @usableFromInline var track: TrackID?
  @usableFromInline var link: Link?
  @usableFromInline var keypoints: Keypoints?
  @usableFromInline var author: String?
  @usableFromInline var createdAt: Timestamp?
  @usableFromInline var hard: HardExample?
  @usableFromInline var group: RecordID?
  @usableFromInline var partOf: Int?
  @usableFromInline var reference: String?
  @usableFromInline var attributes = Attributes()
  @usableFromInline var preserved = Preserved()

  @usableFromInline init() {}
}

/// The box the rare answers sit in; changed only while one annotation holds it.
@usableFromInline final class Details: @unchecked Sendable {
  @usableFromInline var rare: Rare

  @usableFromInline init(_ rare: Rare) { self.rare = rare }
}

extension Annotation {
  /// Whether any rare answer may be given.
  @inlinable public var hasRareAnswers: Bool { details != nil }

  @inline(__always) mutating func change(_ body: (inout Rare) -> Void) {
    // Asked first: binding the box to a name would be a second reference to it.
    if isKnownUniquelyReferenced(&details), let details {
      body(&details.rare)
    } else {
      var rare = details?.rare ?? Rare()
      body(&rare)
      details = Details(rare)
    }
  }

  /// What: a transcript, caption or recognised text.
  public var text: String? {
    get { details?.rare.text }
    set { if newValue != nil || details != nil { change { $0.text = newValue } } }
  }
  /// Where: a range of the sample's text.
  public var span: TextSpan? {
    get { details?.rare.span }
    set { if newValue != nil || details != nil { change { $0.span = newValue } } }
  }
  /// When it holds.
  public var time: TimeExtent? {
    get { details?.rare.time }
    set { if newValue != nil || details != nil { change { $0.time = newValue } } }
  }
  /// The object it belongs to over frames.
  public var track: TrackID? {
    get { details?.rare.track }
    set { if newValue != nil || details != nil { change { $0.track = newValue } } }
  }
  /// The relation it states.
  public var link: Link? {
    get { details?.rare.link }
    set { if newValue != nil || details != nil { change { $0.link = newValue } } }
  }
  /// Where: named points.
  public var keypoints: Keypoints? {
    get { details?.rare.keypoints }
    set { if newValue != nil || details != nil { change { $0.keypoints = newValue } } }
  }
  /// Who made it, such as `human/alice` or `modelarts/active-learning`.
  public var author: String? {
    get { details?.rare.author }
    set { if newValue != nil || details != nil { change { $0.author = newValue } } }
  }
  /// When it was made.
  public var createdAt: Timestamp? {
    get { details?.rare.createdAt }
    set { if newValue != nil || details != nil { change { $0.createdAt = newValue } } }
  }
  /// That it is hard, how hard and why.
  public var hard: HardExample? {
    get { details?.rare.hard }
    set { if newValue != nil || details != nil { change { $0.hard = newValue } } }
  }
  /// The group of annotations it belongs to.
  public var group: RecordID? {
    get { details?.rare.group }
    set { if newValue != nil || details != nil { change { $0.group = newValue } } }
  }
  /// For a part of an object, such as the head of a person: how many places before it in the sample the object stands.
  public var partOf: Int? {
    get { details?.rare.partOf }
    set { if newValue != nil || details != nil { change { $0.partOf = newValue } } }
  }
  /// The place of a label file that could not be read: the annotation stands for whatever that file says.
  public var reference: String? {
    get { details?.rare.reference }
    set { if newValue != nil || details != nil { change { $0.reference = newValue } } }
  }
  /// Named values for people.
  public var attributes: Attributes {
    get { details?.rare.attributes ?? Attributes() }
    set { if !newValue.isEmpty || details != nil { change { $0.attributes = newValue } } }
  }
  /// Fields the model has no place for.
  public var preserved: Preserved {
    get { details?.rare.preserved ?? Preserved() }
    set { if !newValue.isEmpty || details != nil { change { $0.preserved = newValue } } }
  }
}
