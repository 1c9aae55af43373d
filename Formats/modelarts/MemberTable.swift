import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// The members a reader kept of one object, ready to be written again: spellings of known keys, foreign keys, marks of this format.
struct MemberTable {
  private(set) var text: [UInt8] = []
  private var address: UnsafeRawPointer?
  private var keys: [Range<Int>] = []
  private var values: [Range<Int>] = []
  private var used: [Bool] = []
  /// For each slot, the member that spells its value; -1 if there is none.
  private var shadows: [Int16] = Array(repeating: -1, count: 16)
  /// The slots that have a member here.
  private(set) var shadowMask: UInt32 = 0
  private(set) var hasMarks = false
  private(set) var hasForeign = false

  var isEmpty: Bool { keys.isEmpty }
  var count: Int { keys.count }

  /// Takes the members of an object; those that were taken before are not read again.
  mutating func load(_ members: [UInt8], _ meaning: (String) -> UInt8) {
    if members.isEmpty {
      if !keys.isEmpty || !text.isEmpty { clear() }
      return
    }
    // The text held here keeps its memory from being used for another.
    let start = members.withUnsafeBytes { $0.baseAddress }
    if start == address, members.count == text.count {
      if hasForeign { for index in used.indices { used[index] = false } }
      return
    }
    clear()
    text = members
    address = start
    members.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      while !scanner.isAtEnd() {
        guard let key = try? scanner.string() else { return }
        let keyStart = key.raw.baseAddress.map { UnsafeRawPointer($0) - (bytes.baseAddress ?? UnsafeRawPointer($0)) } ?? 0
        scanner.skipWhitespace()
        guard scanner.offset < bytes.count, bytes[scanner.offset] == UInt8(ascii: ":") else { return }
        scanner.offset += 1
        guard let value = try? scanner.skipValue() else { return }
        add(keyStart..<(keyStart + key.raw.count), value, key, meaning)
        scanner.skipWhitespace()
        guard scanner.offset < bytes.count, bytes[scanner.offset] == UInt8(ascii: ",") else { return }
        scanner.offset += 1
      }
    }
  }

  private mutating func add(_ key: Range<Int>, _ value: Range<Int>, _ name: JSONString, _ meaning: (String) -> UInt8) {
    let index = keys.count
    keys.append(key)
    values.append(value)
    used.append(false)
    if name.raw.first == UInt8(ascii: "@"), name.raw.count < 2 || name.raw[1] != UInt8(ascii: "@") {
      hasMarks = true
      return
    }
    let slot = meaning(name.makeString())
    if slot == Slot.foreign {
      hasForeign = true
    } else if shadowMask & (1 << UInt32(slot)) == 0 {
      shadows[Int(slot)] = Int16(truncatingIfNeeded: index)
      shadowMask |= 1 << UInt32(slot)
    }
  }

  private mutating func clear() {
    text = []
    address = nil
    keys.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    used.removeAll(keepingCapacity: true)
    if shadowMask != 0 { shadows = Array(repeating: -1, count: 16) }
    shadowMask = 0
    hasMarks = false
    hasForeign = false
  }

  /// The JSON that spells the value of a slot.
  func shadow(_ slot: UInt8) -> [UInt8]? {
    let index = Int(shadows[Int(slot & 15)])
    return index >= 0 ? Array(text[values[index]]) : nil
  }

  /// Appends the JSON that spells the value of a slot.
  func appendShadow(_ slot: UInt8, to out: inout ByteBuffer) {
    let index = Int(shadows[Int(slot & 15)])
    if index >= 0 { append(values[index], to: &out) }
  }

  /// The value of a mark of this format.
  func mark(_ name: StaticString) -> [UInt8]? {
    guard hasMarks else { return nil }
    guard let index = index(of: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)) else { return nil }
    return Array(text[values[index]])
  }

  /// The names in a mark that lists keys.
  func names(_ mark: StaticString) -> [String]? {
    guard let list = self.mark(mark) else { return nil }
    return list.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginArray() else { return nil }
      var names: [String] = []
      while (try? scanner.nextElement(&progress)) == true {
        guard let name = try? scanner.string() else { return nil }
        names.append(String(decoding: name.raw, as: UTF8.self))
      }
      return names
    }
  }

  private func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    text.withUnsafeBufferPointer { bytes in
      for (index, key) in keys.enumerated() where key.count == name.count {
        if sameBytes(UnsafeBufferPointer(rebasing: bytes[key]), name) { return index }
      }
      return nil
    }
  }

  /// Writes a foreign member if it is here and was not written yet.
  mutating func write(_ name: UnsafeBufferPointer<UInt8>, isFirst: inout Bool, to out: inout ByteBuffer) {
    guard hasForeign else { return }
    var found = index(of: name)
    if found == nil || name.first == UInt8(ascii: "@") {
      let marked = [UInt8(ascii: "@")] + Array(name)
      found = marked.withUnsafeBufferPointer { index(of: $0) }
    }
    guard let found, !used[found] else { return }
    used[found] = true
    write(found, isFirst: &isFirst, to: &out)
  }

  /// Writes the foreign members that were not written yet.
  mutating func writeRest(_ meaning: (String) -> UInt8, isFirst: inout Bool, to out: inout ByteBuffer) {
    guard hasForeign else { return }
    for index in keys.indices where !used[index] {
      let key = text[keys[index]]
      if key.first == UInt8(ascii: "@"), key.dropFirst().first != UInt8(ascii: "@") { continue }
      if meaning(String(decoding: key, as: UTF8.self)) != Slot.foreign { continue }
      used[index] = true
      write(index, isFirst: &isFirst, to: &out)
    }
  }

  private func write(_ index: Int, isFirst: inout Bool, to out: inout ByteBuffer) {
    if !isFirst { out.append(UInt8(ascii: ",")) }
    isFirst = false
    out.append(UInt8(ascii: "\""))
    var key = keys[index]
    if text[key.lowerBound...].first == UInt8(ascii: "@"), text[(key.lowerBound + 1)...].first == UInt8(ascii: "@") {
      key = (key.lowerBound + 1)..<key.upperBound
    }
    append(key, to: &out)
    out.append("\":")
    append(values[index], to: &out)
  }

  private func append(_ range: Range<Int>, to out: inout ByteBuffer) {
    text.withUnsafeBytes { out.append(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

/// The tables of members that come again and again.
struct RepeatedTables: ~Copyable {
  private var tables: [MemberTable] = Array(repeating: MemberTable(), count: 32)
  private var current = 0

  /// Puts the table for some members in place of another.
  @inline(__always) mutating func load(_ members: [UInt8], into table: inout MemberTable, _ meaning: (String) -> UInt8) {
    if members.isEmpty { return table.load(members, meaning) }
    let bits = members.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    let wanted = Int(truncatingIfNeeded: (bits >> 4) ^ (bits >> 9)) & 31
    if wanted != current {
      swap(&table, &tables[current])
      swap(&table, &tables[wanted])
      current = wanted
    }
    table.load(members, meaning)
  }
}

/// The members of a property that a reader kept: all are written as they are.
struct PropertyTable {
  private(set) var items: [(key: [UInt8], value: [UInt8])] = []

  /// Takes the inside of an object.
  init(_ object: [UInt8]) {
    ObjectMembers.forEach(object) { key, value in items.append((Array(key), Array(value))) }
  }

  func value(_ key: StaticString) -> [UInt8]? {
    for item in items where item.key.count == key.utf8CodeUnitCount {
      if item.key.elementsEqual(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)) { return item.value }
    }
    return nil
  }
}

/// Walks over the members of a JSON object.
enum ObjectMembers {
  static func forEach(_ object: [UInt8], _ body: (UnsafeBufferPointer<UInt8>, UnsafeRawBufferPointer) -> Void) {
    object.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginObject() else { return }
      while let key = try? scanner.nextKey(&progress) {
        guard let value = try? scanner.skipValue() else { return }
        body(key.raw, scanner.bytes(from: value.lowerBound, to: value.upperBound))
      }
    }
  }
}
