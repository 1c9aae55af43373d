import WaybillDatasetModel

/// Something that two datasets say differently about themselves or their labels.
public enum DatasetChange: Sendable, Equatable {
  /// A field of the dataset: its name, a field for people, or a format's preserved fields.
  case field(FieldChange)
  /// A label that only the new list has.
  case labelAdded(String)
  /// A label that only the old list has.
  case labelRemoved(String)
  /// A label with another name: annotations that carry it are not relabeled by that.
  case labelRenamed(old: String, new: String)
  /// A label of whose facts some differ.
  case labelChanged(String, [FieldChange])
  /// The labels that both lists have stand in another order.
  case labelsReordered
}
