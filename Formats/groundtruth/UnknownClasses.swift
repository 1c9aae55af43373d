import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The classes of lines that their maps do not know, which are called by their ids: writers ask for all labels before the first sample.
struct UnknownClasses {
  /// The names, in the order in which they were met.
  private(set) var names: [String] = []
  private var seen: Set<String> = []
  /// The map looked at last, as it stands, and its ids: mostly the same one comes again and again.
  private var map: [UInt8] = []
  private var ids = Known()
  private var hasMap = false

  /// The ids a map knows: few are looked through, many are found by hash.
  private struct Known {
    private var few: [[UInt8]] = []
    private var many: Set<[UInt8]> = []

    mutating func add(_ id: [UInt8]) { if few.count < 64 { few.append(id) } else { many.insert(id) } }

    func contains(_ id: UnsafeRawBufferPointer) -> Bool {
      few.contains { $0.count == id.count && id.elementsEqual($0) } || (!many.isEmpty && many.contains(Array(id)))
    }
  }

  /// Adds the classes of an attribute of a line.
  mutating func collect(
    _ task: LabelTask, _ member: LineDecoder.Member, metadata: LineDecoder.Member, _ json: inout JSONScanner
  ) {
    guard task == .boxes || task == .classes || task == .single else { return }
    json.offset = metadata.value.lowerBound
    guard let (map, hasName) = parts(&json), !(task == .single && hasName) else { return }
    take(map, &json)
    json.offset = member.value.lowerBound
    switch task {
    case .boxes: boxes(member.value, &json)
    case .classes:
      guard (try? json.peekKind()) == .array, var list = try? json.beginArray() else { return }
      while (try? json.nextElement(&list)) == true { guard check(&json) else { return } }
    default: _ = check(&json)
    }
  }

  /// Where the map of metadata stands, if there is one, and whether the metadata names the one class; nil for what cannot be read.
  private func parts(_ json: inout JSONScanner) -> (map: Range<Int>?, hasName: Bool)? {
    guard (try? json.peekKind()) == .object, var progress = try? json.beginObject() else { return nil }
    var found: (map: Range<Int>?, hasName: Bool) = (nil, false)
    while let key = try? json.nextKey(&progress) {
      guard let kind = try? json.peekKind(), let range = try? json.skipValue() else { return nil }
      if key == "class-map", kind == .object { found.map = range }
      if key == "class-name", kind == .string { found.hasName = true }
    }
    return found
  }

  /// Makes the ids of a map those that are known.
  private mutating func take(_ range: Range<Int>?, _ json: inout JSONScanner) {
    let raw = range.map { json.bytes(from: $0.lowerBound, to: $0.upperBound) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    if hasMap, raw.count == map.count, raw.elementsEqual(map) { return }
    (map, hasMap) = (Array(raw), true)
    ids = Known()
    guard let range else { return }
    json.offset = range.lowerBound
    guard var progress = try? json.beginObject() else { return }
    // As decoding does, the ids before a name that is no text.
    while let id = try? json.nextKey(&progress), (try? json.peekKind()) == .string, (try? json.skipValueStructurally()) != nil {
      ids.add(Array(id.raw))
    }
  }

  /// Looks for the classes of boxes: first for those that may be unknown, which is fast, then at the objects they stand in.
  private mutating func boxes(_ value: Range<Int>, _ json: inout JSONScanner) {
    guard !UnknownClasses.allKnown(json.bytes(from: value.lowerBound, to: value.upperBound), ids) else { return }
    guard (try? json.peekKind()) == .object, var progress = try? json.beginObject() else { return }
    while let key = try? json.nextKey(&progress) {
      guard key == "annotations", (try? json.peekKind()) == .array, var list = try? json.beginArray() else {
        guard (try? json.skipValueStructurally()) != nil else { return }
        continue
      }
      while (try? json.nextElement(&list)) == true {
        guard (try? json.peekKind()) == .object, var object = try? json.beginObject() else {
          guard (try? json.skipValueStructurally()) != nil else { return }
          continue
        }
        while let key = try? json.nextKey(&object) {
          guard key == "class_id" ? check(&json) : (try? json.skipValueStructurally()) != nil else { return }
        }
      }
    }
  }

  /// Whether every number behind a `"class_id":` is known; false where that cannot be told so simply.
  private static func allKnown(_ value: UnsafeRawBufferPointer, _ ids: Known) -> Bool {
    guard let base = value.baseAddress, memchr(base, 0x5C, value.count) == nil else { return false }
    var at = 0
    // The underscore is rarer than all other bytes of `"class_id"`.
    while let found = memchr(base + at, 0x5F, value.count - at) {
      let middle = UnsafeRawPointer(found) - base
      at = middle + 1
      guard middle >= 6, middle + 4 <= value.count, value[(middle - 6)..<(middle + 4)].elementsEqual("\"class_id\"".utf8) else {
        continue
      }
      var p = middle + 4
      while p < value.count, value[p] <= 0x20 || value[p] == UInt8(ascii: ":") { p += 1 }
      let start = p
      while p < value.count, value[p] &- 48 <= 9 { p += 1 }
      guard p > start, p < value.count, [0x20, 0x2C, 0x7D].contains(value[p]) else { return false }
      guard ids.contains(UnsafeRawBufferPointer(rebasing: value[start..<p])) else { return false }
      at = p
    }
    return true
  }

  /// Takes the class a scanner stands on, if it is one that is not known; false for what cannot be read.
  private mutating func check(_ json: inout JSONScanner) -> Bool {
    guard let kind = try? json.peekKind(), let range = try? json.skipValue() else { return false }
    guard kind == .number || (kind == .string && range.count >= 2) else { return true }
    let id = kind == .string ? range.lowerBound + 1..<range.upperBound - 1 : range
    let raw = json.bytes(from: id.lowerBound, to: id.upperBound)
    if ids.contains(raw) { return true }
    let name = String(decoding: raw, as: UTF8.self)
    if seen.insert(name).inserted { names.append(name) }
    return true
  }
}
