import WaybillBytes
import WaybillSyntax

/// The keys this format knows, by what they mean; other spellings of a key mean the same.
enum Slot {
  // Of a line.
  static let annotation: UInt8 = 0
  static let usage: UInt8 = 1
  static let property: UInt8 = 2
  static let source: UInt8 = 3
  static let id: UInt8 = 4
  static let sampleType: UInt8 = 5
  // Of both.
  static let hard: UInt8 = 6
  static let hardCoefficient: UInt8 = 7
  static let hardReasons: UInt8 = 8
  // Of an annotation.
  static let name: UInt8 = 9
  static let type: UInt8 = 10
  static let creationTime: UInt8 = 11
  static let annotatedBy: UInt8 = 12
  static let confidence: UInt8 = 13
  static let annotationLoc: UInt8 = 14
  /// Any other key, which is kept as it is.
  static let foreign: UInt8 = 15

  /// What a key of a line means.
  static func ofLine(_ key: String) -> UInt8 {
    switch key {
    case "annotation": annotation
    case "usage": usage
    case "property": property
    case "source": source
    case "id": id
    case "sample-type", "sample_type": sampleType
    case "hard": hard
    case "hard-coefficient", "hard_coefficient": hardCoefficient
    case "hard-reasons", "hard_reasons": hardReasons
    default: foreign
    }
  }

  /// What a key of an annotation means.
  static func ofAnnotation(_ key: String) -> UInt8 {
    switch key {
    case "name": name
    case "id": id
    case "property": property
    case "type": type
    case "creation-time", "creation_time": creationTime
    case "hard": hard
    case "hard-coefficient", "hard_coefficient": hardCoefficient
    case "hard-reasons", "hard_reasons": hardReasons
    case "annotated-by", "annotated_by": annotatedBy
    case "confidence": confidence
    case "annotation-loc", "annotation_loc": annotationLoc
    default: foreign
    }
  }
}

/// The order in which the keys of an object are written, and a fast way to follow it while reading.
///
/// Readers look for a key from the place of the key before it on, so a record in the usual order costs one comparison a key.
final class KeyLayout: @unchecked Sendable {
  /// Most keys a layout holds.
  static let limit = 44

  /// The names, as they stand between the quotes.
  let names: [String]
  let count: Int
  private let slotTable: UnsafeMutablePointer<UInt8>
  private let starts: UnsafeMutablePointer<Int32>
  private let text: UnsafeMutablePointer<UInt8>

  init(_ names: [String], slot: (String) -> UInt8) {
    let names = Array(names.prefix(Self.limit))
    self.names = names
    count = names.count
    slotTable = .allocate(capacity: max(1, names.count))
    starts = .allocate(capacity: names.count + 1)
    text = .allocate(capacity: names.reduce(8) { $0 + $1.utf8.count + 4 })
    var at = 0
    for (index, name) in names.enumerated() {
      slotTable[index] = slot(name)
      starts[index] = Int32(truncatingIfNeeded: at)
      for byte in ",\"\(name)\":".utf8 {
        text[at] = byte
        at += 1
      }
    }
    starts[names.count] = Int32(truncatingIfNeeded: at)
  }

  deinit {
    slotTable.deallocate()
    starts.deallocate()
    text.deallocate()
  }

  @inline(__always) func slot(_ index: Int) -> UInt8 { index < count ? slotTable[index] : Slot.foreign }

  /// A name, as it stands between the quotes.
  @inline(__always) func name(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(starts[index]) &+ 2
    return UnsafeBufferPointer(start: text + start, count: Int(starts[index &+ 1]) &- start &- 2)
  }

  /// A name in its quotes, with its colon and, unless it is the first, the comma before it.
  @inline(__always) func start(_ index: Int, isFirst: Bool) -> UnsafeBufferPointer<UInt8> {
    let start = Int(starts[index]) &+ (isFirst ? 1 : 0)
    return UnsafeBufferPointer(start: text + start, count: Int(starts[index &+ 1]) &- start)
  }

  @inline(__always) private func matches(_ index: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
    sameBytes(name(index), key)
  }

  /// The place of a key, looked for from a place on and then from the start; -1 if it is not there.
  @inline(__always) func place(of key: JSONString, from cursor: Int) -> Int {
    if key.hasEscape { return -1 }
    var at = cursor
    while at < count {
      if matches(at, key.raw) { return at }
      at &+= 1
    }
    at = 0
    while at < cursor, at < count {
      if matches(at, key.raw) { return at }
      at &+= 1
    }
    return -1
  }
}

/// Whether two runs of bytes are the same.
@inline(__always) func sameBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
  let count = a.count
  guard count == b.count else { return false }
  guard count > 0, let first = a.baseAddress, let second = b.baseAddress else { return true }
  let x = UnsafeRawPointer(first)
  let y = UnsafeRawPointer(second)
  var at = 0
  while count &- at >= 8 {
    if x.loadUnaligned(fromByteOffset: at, as: UInt64.self) != y.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
    at &+= 8
  }
  while at < count {
    if first[at] != second[at] { return false }
    at &+= 1
  }
  return true
}
