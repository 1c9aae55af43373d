import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Where labels of another dataset are in a label set: by the names labels have, else by those they had; what the set lacks comes behind it.
struct LabelPlaces {
  private let count: Int
  private var places: [ExactText: Int] = [:]
  /// Labels the set lacks, in the order in which they were asked for.
  private(set) var added: [Label] = []

  init(_ set: [Label]) {
    count = set.count
    for (index, label) in set.enumerated() {
      for name in label.formerNames { places[ExactText(name)] = places[ExactText(name)] ?? index }
    }
    for (index, label) in set.enumerated() { places[ExactText(label.name)] = index }
  }

  /// The place of a label, which is added if it is new.
  mutating func place(of label: Label) -> LabelID {
    let name = ExactText(label.name)
    if let place = places[name] { return LabelID(index: UInt32(place)) }
    let place = count + added.count
    places[name] = place
    added.append(label)
    return LabelID(index: UInt32(place))
  }
}
