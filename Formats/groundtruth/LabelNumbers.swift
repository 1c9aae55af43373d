import WaybillDatasetModel

/// The label table of a manifest: the classes of its attributes in the order in which they were met.
enum LabelNumbers {
  /// A table of the classes of some attributes.
  ///
  /// A label has the id of the first attribute that knows it, unless another label has that id already.
  static func table(of attributes: [LabelAttribute]) -> LabelTable {
    let table = LabelTable()
    var taken: Set<RecordID> = []
    for attribute in attributes {
      for item in attribute.classes where table.id(named: item.name) == nil {
        var label = Label(name: item.name)
        if attribute.task != .entities {
          let id: RecordID = Int64(item.id).map { .integer($0) } ?? .string(item.id)
          if taken.insert(id).inserted { label.id = id }
        }
        table.append(label)
      }
    }
    return table
  }
}
