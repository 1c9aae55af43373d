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

  @inlinable init() {}
}

/// The box the rare answers sit in; changed only while one annotation holds it.
@usableFromInline final class Details: @unchecked Sendable {
  @usableFromInline var rare: Rare

  @usableFromInline init(_ rare: Rare) { self.rare = rare }

  /// No answer given: the fields are set where they lie, without a copy.
  @inlinable init() { rare = Rare() }
}

extension Annotation {
  /// Whether any rare answer may be given.
  @inlinable public var hasRareAnswers: Bool { details != nil }

  @inlinable @inline(__always) mutating func change(_ body: (inout Rare) -> Void) {
    // Uniqueness is asked first: binding the box to a name would be a second reference to it.
    if !isKnownUniquelyReferenced(&details) { details = details.map { Details($0.rare) } ?? Details() }
    if let details { body(&details.rare) }
  }

  /// What: a transcript, caption or recognised text.
  public var text: String? {
    @inlinable get { details?.rare.text }
    @inlinable set { if newValue != nil || details != nil { change { $0.text = newValue } } }
  }
  /// Where: a range of the sample's text.
  public var span: TextSpan? {
    @inlinable get { details?.rare.span }
    @inlinable set { if newValue != nil || details != nil { change { $0.span = newValue } } }
  }
  /// When it holds.
  public var time: TimeExtent? {
    @inlinable get { details?.rare.time }
    @inlinable set { if newValue != nil || details != nil { change { $0.time = newValue } } }
  }
  /// The object it belongs to over frames.
  public var track: TrackID? {
    @inlinable get { details?.rare.track }
    @inlinable set { if newValue != nil || details != nil { change { $0.track = newValue } } }
  }
  /// The relation it states.
  public var link: Link? {
    @inlinable get { details?.rare.link }
    @inlinable set { if newValue != nil || details != nil { change { $0.link = newValue } } }
  }
  /// Where: named points.
  public var keypoints: Keypoints? {
    @inlinable get { details?.rare.keypoints }
    @inlinable set { if newValue != nil || details != nil { change { $0.keypoints = newValue } } }
  }
  /// Who made it, such as `human/alice` or `modelarts/active-learning`.
  public var author: String? {
    @inlinable get { details?.rare.author }
    @inlinable set { if newValue != nil || details != nil { change { $0.author = newValue } } }
  }
  /// When it was made.
  public var createdAt: Timestamp? {
    @inlinable get { details?.rare.createdAt }
    @inlinable set { if newValue != nil || details != nil { change { $0.createdAt = newValue } } }
  }
  /// That it is hard, how hard and why.
  public var hard: HardExample? {
    @inlinable get { details?.rare.hard }
    @inlinable set { if newValue != nil || details != nil { change { $0.hard = newValue } } }
  }
  /// The group of annotations it belongs to.
  public var group: RecordID? {
    @inlinable get { details?.rare.group }
    @inlinable set { if newValue != nil || details != nil { change { $0.group = newValue } } }
  }
  /// For a part of an object, such as the head of a person: how many places before it in the sample the object stands.
  public var partOf: Int? {
    @inlinable get { details?.rare.partOf }
    @inlinable set { if newValue != nil || details != nil { change { $0.partOf = newValue } } }
  }
  /// The place of a label file that could not be read: the annotation stands for whatever that file says.
  public var reference: String? {
    @inlinable get { details?.rare.reference }
    @inlinable set { if newValue != nil || details != nil { change { $0.reference = newValue } } }
  }
  /// Named values for people.
  public var attributes: Attributes {
    @inlinable get { details?.rare.attributes ?? Attributes() }
    @inlinable set { if !newValue.isEmpty || details != nil { change { $0.attributes = newValue } } }
  }
  /// Fields the model has no place for.
  public var preserved: Preserved {
    @inlinable get { details?.rare.preserved ?? Preserved() }
    @inlinable set { if !newValue.isEmpty || details != nil { change { $0.preserved = newValue } } }
  }
}
