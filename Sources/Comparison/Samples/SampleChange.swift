import WaybillDatasetModel

/// One answer that two records give differently.
public struct FieldChange: Sendable, Equatable {
  /// What is answered.
  public var feature: Feature
  /// The name of the attribute, for attributes.
  public var name: String?
  /// The old answer; nil when none was given.
  public var old: AttributeValue?
  /// The new answer; nil when none is given.
  public var new: AttributeValue?

  /// One answer that changed.
  public init(_ feature: Feature, name: String? = nil, old: AttributeValue?, new: AttributeValue?) {
    self.feature = feature
    self.name = name
    self.old = old
    self.new = new
  }
}

/// What became of one annotation of a sample that both datasets have.
public struct AnnotationChange: Sendable, Equatable {
  /// What happened.
  public enum Kind: String, Sendable {
    /// The new sample has it and the old one has nothing like it.
    case added
    /// The old sample has it and the new one has nothing like it.
    case removed
    /// Both have it, and it differs.
    case changed
  }

  /// What happened.
  public var kind: Kind
  /// The old annotation; nil when it was added.
  public var old: Annotation?
  /// The new annotation; nil when it was removed.
  public var new: Annotation?
  /// The name of the old label.
  public var oldLabel: String?
  /// The name of the new label.
  public var newLabel: String?
  /// Position of the old annotation in its sample.
  public var oldIndex: Int?
  /// Position of the new annotation in its sample.
  public var newIndex: Int?
  /// The features that differ; empty unless it was changed.
  public var features = FeatureSet()
  /// The answers that differ, in the order of features; empty unless it was changed.
  public var fields: [FieldChange] = []
  /// How far the middle of its bounds has moved, in pixels or, where ``isShiftInPixels`` is false, in thousandths of the image.
  public var shift: Double?
  /// Whether ``shift`` is in pixels.
  public var isShiftInPixels = true
  /// How much the old and the new place overlap, 0 to 1; nil where they are the same or cannot be laid over one another.
  public var overlap: Double?

  /// Whether its place or time is another.
  public var isMoved: Bool { !features.intersection(AnnotationComparison.places).isEmpty }
  /// Whether its label is another.
  public var isRelabeled: Bool { features.contains(.label) }
  /// Whether anything else is another; who made it and when count only where nothing else changed.
  public var isEdited: Bool {
    let rest = features.subtracting(AnnotationComparison.places).subtracting([.label])
    return !rest.isEmpty && (rest == features || !rest.subtracting(AnnotationChange.provenance).isEmpty)
  }
  /// Where an annotation is, and when it holds.
  public static let places = AnnotationComparison.places
  /// Who made an annotation, and when.
  public static let provenance: FeatureSet = [.author, .createdAt]
  /// Who made the new annotation, as far as it says.
  public var author: String? { new?.author }

  init(_ kind: Kind) { self.kind = kind }
}

/// What became of one sample.
public struct SampleChange: Sendable, Equatable {
  /// What happened.
  public enum Kind: String, Sendable {
    /// Only the new dataset has it.
    case added
    /// Only the old dataset has it.
    case removed
    /// Both have it, and it differs.
    case changed
  }

  /// What happened.
  public var kind: Kind
  /// Its key.
  public var key: String
  /// The old sample; nil when it was added.
  public var old: Sample?
  /// The new sample; nil when it was removed.
  public var new: Sample?
  /// The features of the sample itself that differ; for its media the feature of its kind, for the order of annotations `order`.
  public var features = FeatureSet()
  /// The answers of the sample itself that differ, in the order of features.
  public var fields: [FieldChange] = []
  /// Its annotations that changed; empty unless the sample was changed.
  ///
  /// Those that were there before come first, in their old order.
  public var annotations: [AnnotationChange] = []
  /// How many annotations carry each label, by the labels' first use, for a sample that was added or removed; nil stands for no label.
  public var labelCounts: [LabelCount] = []

  /// A label with the number of its annotations.
  public struct LabelCount: Sendable, Equatable {
    /// The name; nil for annotations without a label.
    public var label: String?
    /// How many there are.
    public var count: Int
  }

  init(_ kind: Kind, key: String) {
    self.kind = kind
    self.key = key
  }
}
