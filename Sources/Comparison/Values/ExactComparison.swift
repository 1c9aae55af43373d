import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Comparisons of texts by their bytes: `String` takes `é` written as one scalar and as two for equal, and an edit must not go unseen.
package enum ExactComparison {
  /// Whether two texts have the same bytes.
  package static func same(_ a: String, _ b: String) -> Bool {
    a.withBytes { first in
      b.withBytes { SampleRecord.order(UnsafeRawBufferPointer(first), UnsafeRawBufferPointer($0)) == 0 }
    }
  }

  /// Whether both texts are given with the same bytes, or neither.
  package static func same(_ a: String?, _ b: String?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return same(a, b)
  }

  /// Whether both ids are given, of one kind and with one value, or neither.
  package static func same(_ a: RecordID?, _ b: RecordID?) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a == b
    case (.string(let a), .string(let b)): same(a, b)
    case (nil, nil): true
    default: false
    }
  }

  /// Whether two lists of texts are the same.
  package static func same(_ a: [String], _ b: [String]) -> Bool { a.count == b.count && zip(a, b).allSatisfy { same($0, $1) } }

  /// Whether two values are the same; of objects, the order of their names does not count.
  package static func same(_ a: AttributeValue, _ b: AttributeValue) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)): same(a, b)
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
    case (.object(let a), .object(let b)): same(a, b)
    case (.string, _), (.list, _), (.object, _), (_, .string), (_, .list), (_, .object): false
    default: a == b
    }
  }

  /// Whether two drawers hold the same names with the same values, in whatever order.
  package static func same(_ a: Attributes, _ b: Attributes) -> Bool {
    guard a.items.count == b.items.count else { return false }
    if zip(a.items, b.items).allSatisfy({ same($0.name, $1.name) && same($0.value, $1.value) }) { return true }
    return differences(a, b).isEmpty
  }

  /// The names whose values differ, in the order of the first drawer, then of the second.
  static func differences(
    _ a: Attributes, _ b: Attributes
  ) -> [(name: String, old: AttributeValue?, new: AttributeValue?)] {
    var others: [ExactText: AttributeValue] = [:]
    for item in b.items { others[ExactText(item.name)] = item.value }
    var found: [(name: String, old: AttributeValue?, new: AttributeValue?)] = []
    for item in a.items {
      guard let other = others.removeValue(forKey: ExactText(item.name)) else {
        found.append((item.name, item.value, nil))
        continue
      }
      if !same(item.value, other) { found.append((item.name, item.value, other)) }
    }
    for item in b.items where others[ExactText(item.name)] != nil { found.append((item.name, nil, item.value)) }
    return found
  }

  /// Whether two pictures come from the same moment of the same video.
  package static func same(_ a: FrameOrigin?, _ b: FrameOrigin?) -> Bool {
    a?.namesVideo ?? false == b?.namesVideo ?? false && same(a?.video, b?.video) && a?.time == b?.time && a?.duration == b?.duration
  }

  /// Whether two lists of preserved sections are the same.
  package static func same(_ a: [Preserved.Section], _ b: [Preserved.Section]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.format == $1.format && $0.members == $1.members }
  }
}
