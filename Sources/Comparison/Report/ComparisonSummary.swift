import WaybillBytes
import WaybillDatasetModel

/// How many samples and annotations differ, and how.
///
/// Annotations of samples that were added or removed count as added or removed, so that the new dataset has as many as the old one and
/// those added, without those removed.
public struct ComparisonSummary: Sendable, Equatable {
  /// Samples by what became of them.
  public struct Samples: Sendable, Equatable {
    /// Only in the new dataset.
    public var added = 0
    /// Only in the old dataset.
    public var removed = 0
    /// In both, and different.
    public var changed = 0
    /// In both, and the same as far as they are compared.
    public var unchanged = 0
    /// Different, and left out because neither side fits the filter; 0 without one.
    public var filteredOut = 0
  }

  /// Annotations by what became of them; one may have been moved, relabeled and edited at once.
  public struct Annotations: Sendable, Equatable {
    /// Only in the new dataset.
    public var added = 0
    /// Only in the old dataset.
    public var removed = 0
    /// In both, and different.
    public var changed = 0
    /// At another place or time.
    public var moved = 0
    /// With another label.
    public var relabeled = 0
    /// With another answer to anything else.
    public var edited = 0

    /// Whether there is none.
    public var isEmpty: Bool { added + removed + changed == 0 }

    mutating func add(_ change: AnnotationChange) {
      switch change.kind {
      case .added: added += 1
      case .removed: removed += 1
      case .changed:
        changed += 1
        if change.isMoved { moved += 1 }
        if change.isRelabeled { relabeled += 1 }
        if change.isEdited { edited += 1 }
      }
    }
  }

  /// A label with what became of its annotations.
  public struct OfLabel: Sendable, Equatable {
    /// The label's new name where it was renamed; nil for annotations without a label.
    public var label: String?
    /// New annotations that carry it.
    public var added = 0
    /// Annotations that carried it and are gone.
    public var removed = 0
    /// Annotations that carry it and moved.
    public var moved = 0
    /// Annotations that carry it and were edited.
    public var edited = 0
    /// Annotations that carry it and carried another label before.
    public var gained = 0
    /// Annotations that carried it and carry another label now.
    public var lost = 0
  }

  /// An author with what became of the annotations that name them.
  public struct OfAuthor: Sendable, Equatable {
    /// The author of the new annotations; nil for those that name none.
    public var author: String?
    /// What became of them; nobody is known to have removed anything.
    public var annotations = Annotations()
  }

  /// How many authors are told apart.
  public static let authorLimit = 1000

  /// Samples by what became of them.
  public var samples = Samples()
  /// Annotations by what became of them.
  public var annotations = Annotations()
  /// How often each feature of samples and annotations changed, by feature.
  public private(set) var fields: [Feature: Int] = [:]
  private var byLabel: [ExactText?: OfLabel] = [:]
  private var byAuthor: [ExactText?: OfAuthor] = [:]
  /// What became of the annotations of authors beyond the first thousand met.
  public private(set) var otherAuthors = Annotations()

  /// Nothing counted yet.
  public init() {}

  /// The labels whose annotations changed, by name; annotations without a label first.
  public var labels: [OfLabel] { byLabel.values.sorted { ComparisonSummary.isBefore($0.label, $1.label) } }

  /// The authors of annotations that are new or changed, by name; annotations without one first.
  public var authors: [OfAuthor] { byAuthor.values.sorted { ComparisonSummary.isBefore($0.author, $1.author) } }

  private static func isBefore(_ a: String?, _ b: String?) -> Bool {
    guard let a, let b else { return a == nil && b != nil }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// Counts a sample.
  mutating func add(_ change: SampleChange) {
    for field in Set(change.fields.map(\.feature)) { fields[field, default: 0] += 1 }
    switch change.kind {
    case .added: samples.added += 1
    case .removed: samples.removed += 1
    case .changed: samples.changed += 1
    }
    for annotation in change.annotations { add(annotation) }
    for count in change.labelCounts {
      if change.kind == .added {
        annotations.added += count.count
        ofLabel(count.label) { $0.added += count.count }
      } else {
        annotations.removed += count.count
        ofLabel(count.label) { $0.removed += count.count }
      }
    }
    guard change.kind == .added, let sample = change.new else { return }
    for annotation in sample.annotations { ofAuthor(annotation.author) { $0.added += 1 } }
  }

  private mutating func add(_ change: AnnotationChange) {
    annotations.add(change)
    change.features.forEach { fields[$0, default: 0] += 1 }
    switch change.kind {
    case .added: ofLabel(change.newLabel) { $0.added += 1 }
    case .removed: ofLabel(change.oldLabel) { $0.removed += 1 }
    case .changed:
      ofLabel(change.newLabel) {
        if change.isMoved { $0.moved += 1 }
        if change.isEdited { $0.edited += 1 }
        if change.isRelabeled { $0.gained += 1 }
      }
      if change.isRelabeled { ofLabel(change.oldLabel) { $0.lost += 1 } }
    }
    if change.kind != .removed { ofAuthor(change.author) { $0.add(change) } }
  }

  private mutating func ofLabel(_ label: String?, _ body: (inout OfLabel) -> Void) {
    body(&byLabel[label.map(ExactText.init), default: OfLabel(label: label)])
  }

  private mutating func ofAuthor(_ author: String?, _ body: (inout Annotations) -> Void) {
    let name = author.map(ExactText.init)
    if byAuthor[name] == nil, byAuthor.count >= ComparisonSummary.authorLimit {
      body(&otherAuthors)
    } else {
      body(&byAuthor[name, default: OfAuthor(author: author)].annotations)
    }
  }
}
