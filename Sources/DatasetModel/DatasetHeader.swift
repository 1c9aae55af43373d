/// What is said about a dataset as a whole.
public struct DatasetHeader: Sendable {
  /// The dataset's name.
  public var name: String?
  /// The labels.
  public var labels: LabelTable
  /// Whether ``labels`` is the whole list, in the file's order; false while a reader still meets new names.
  public var labelsAreComplete: Bool
  /// Dataset-level fields for people.
  public var fields: Attributes
  /// Dataset-level fields the model has no place for.
  public var preserved: Preserved

  /// A dataset that says nothing yet.
  public init(name: String? = nil, labels: LabelTable = LabelTable(), labelsAreComplete: Bool = false) {
    self.name = name
    self.labels = labels
    self.labelsAreComplete = labelsAreComplete
    self.fields = Attributes()
    self.preserved = Preserved()
  }
}
