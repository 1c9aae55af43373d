import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// Collects the members of a JSON object that a reader has no place for, as compact text; one per worker, reused from record to record.
///
/// A key that stands twice is a fault, found without cost for the usual handful of members.
public struct PreservedMembers: ~Copyable {
  private var bytes = ByteBuffer(capacity: 1024)
  private var keys = ByteKeys()

  /// Nothing collected.
  public init() {}

  /// Whether nothing was collected since the last ``removeAll()``.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Forgets everything.
  public mutating func removeAll() {
    bytes.removeAll()
    keys.removeAll()
  }

  /// Takes the value the scanner stands on, under the key it has just read.
  public mutating func take(_ key: JSONString, from scanner: inout JSONScanner) throws(JSONFault) {
    let at = scanner.offset(of: key)
    let value = try scanner.skipValue()
    try add(key, value: scanner.bytes(from: value.lowerBound, to: value.upperBound), at: at)
  }

  /// Takes a value that has been read already; a key that stands twice is a fault at the given offset.
  public mutating func add(_ key: JSONString, value: UnsafeRawBufferPointer, at offset: Int) throws(JSONFault) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    let start = bytes.count
    bytes.append(UInt8(ascii: "\""))
    bytes.append(key.raw)
    guard keys.insert(start..<bytes.count, in: bytes.bytes) else { throw JSONFault(.duplicateKey(key.makeString()), at: offset) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    bytes.appendCompacted(value: value)
  }

  /// Adds a member whose value is compact JSON.
  public mutating func add(_ key: StaticString, json value: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(key)
    bytes.append("\":")
    bytes.append(value)
  }

  /// What was collected, tagged with a format.
  public func preserved(_ format: FormatID) -> Preserved {
    bytes.isEmpty ? Preserved() : Preserved(format, members: bytes.array())
  }
}

/// Walks over the members of a preserved section.
public struct PreservedReader {
  private let members: [UInt8]

  /// The members of a format among what was preserved.
  public init(_ preserved: Preserved, _ format: FormatID) { members = preserved[format] }

  /// The compact JSON of a member's value, or nil when it is not there.
  public func value(_ name: String) -> [UInt8]? {
    var found: [UInt8]?
    forEach { key, value in if found == nil, key.makeString() == name { found = Array(value) } }
    return found
  }

  /// A member's value as text, when it is a JSON string.
  public func string(_ name: String) -> String? {
    guard let value = value(name) else { return nil }
    return value.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return (try? scanner.string())?.makeString()
    }
  }

  /// Calls a closure with each member's key and the compact JSON of its value.
  public func forEach(_ body: (JSONString, UnsafeRawBufferPointer) -> Void) {
    members.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      while !scanner.isAtEnd() {
        guard let key = try? scanner.string(), scanner.passColon(), let range = try? scanner.skipValue() else { return }
        body(key, scanner.bytes(from: range.lowerBound, to: range.upperBound))
        if !scanner.passComma() { return }
      }
    }
  }
}

extension JSONScanner {
  fileprivate mutating func passColon() -> Bool { pass(UInt8(ascii: ":")) }
  fileprivate mutating func passComma() -> Bool { pass(UInt8(ascii: ",")) }

  private mutating func pass(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard bytes(from: offset, to: offset + 1).first == byte else { return false }
    offset += 1
    return true
  }
}
