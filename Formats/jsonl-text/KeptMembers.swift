import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The members a record keeps, found once for each sample.
struct KeptMembers {
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
    var isWritten = false
  }

  private(set) var bytes: [UInt8] = []
  var members: [Member] = []
  /// The record as it stood in the file, when it was spelled in its own way: what stands before and behind the text, or all of it.
  private(set) var form: [String] = []
  /// What stood between this record and the one before, when it was something else than usual.
  private(set) var lead: String?
  /// Scores that deny a label, as an object.
  private(set) var denied: Range<Int>?
  /// Where the members end that were read from the record.
  private(set) var end = 0

  /// Takes the members of a section.
  mutating func take(_ section: [UInt8]) {
    if section.isEmpty, bytes.isEmpty { return }
    bytes = section
    members.removeAll(keepingCapacity: true)
    form = []
    lead = nil
    denied = nil
    end = section.count
    if section.isEmpty { return }
    section.withUnsafeBytes { raw in
      var scanner = JSONScanner(raw)
      while !scanner.isAtEnd() {
        let start = scanner.offset
        guard let key = try? scanner.string(), pass(UInt8(ascii: ":"), &scanner), let value = try? scanner.skipValue() else {
          return
        }
        switch key {
        case "$form":
          form = texts(scanner.bytes(from: value.lowerBound, to: value.upperBound))
          end = min(end, start)
        case "$lead":
          lead = texts(scanner.bytes(from: value.lowerBound, to: value.upperBound)).first
          end = min(end, start)
        case "$zero": denied = value
        default: members.append(Member(key: start + 1..<start + 1 + key.raw.count, value: value))
        }
        if !pass(UInt8(ascii: ","), &scanner) { return }
      }
    }
    // The comma before what the reader added.
    if end < section.count, end > 0 { end -= 1 }
  }

  private func pass(_ byte: UInt8, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.bytes(from: scanner.offset, to: scanner.offset + 1).first == byte else { return false }
    scanner.offset += 1
    return true
  }

  private func texts(_ json: UnsafeRawBufferPointer) -> [String] {
    var scanner = JSONScanner(json)
    switch try? scanner.attributeValue() {
    case .string(let text): return [text]
    case .list(let list): return list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: return []
    }
  }
}
