import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How the rows of one file look: what is kept so that it is written the same way.
struct RTTMDialect: Sendable, Equatable {
  /// The name of the file below the folder; nil for a dataset that is one file.
  var name: String?
  /// Ten fields a row, or nine in older files.
  var fields = 10
  var isTabbed = false
  var hasCarriageReturns = false
  var endsWithLineFeed = true
  var hasByteOrderMark = false
  /// Lines of a file that has no records.
  var lines: [String] = []
  var isEmpty = false

  /// Whether there is nothing to keep.
  var isPlain: Bool {
    var plain = RTTMDialect()
    plain.name = name
    return plain == self
  }

  /// The byte between fields.
  var separator: UInt8 { isTabbed ? 0x09 : 0x20 }

  /// What stands before the rows of the file.
  var head: [UInt8] {
    var out = ByteBuffer(capacity: 64)
    if hasByteOrderMark { out.append([0xEF, 0xBB, 0xBF]) }
    for (number, line) in lines.enumerated() {
      out.append(line)
      if number + 1 < lines.count || endsWithLineFeed { appendLineEnd(to: &out) }
    }
    return out.array()
  }

  func appendLineEnd(to out: inout ByteBuffer) {
    if hasCarriageReturns { out.append(UInt8(0x0D)) }
    out.append(UInt8(0x0A))
  }

  /// Appends it as a JSON object.
  private func append(to out: inout ByteBuffer) {
    var members = 0
    func key(_ name: StaticString, _ out: inout ByteBuffer) {
      if members > 0 { out.append(UInt8(ascii: ",")) }
      members += 1
      out.append("\"")
      out.append(name)
      out.append("\":")
    }
    out.append("{")
    if let name {
      key("name", &out)
      out.appendJSON(name)
    }
    if fields != 10 {
      key("fields", &out)
      out.append(decimal: fields)
    }
    if isTabbed {
      key("tabs", &out)
      out.append("true")
    }
    if hasCarriageReturns {
      key("crlf", &out)
      out.append("true")
    }
    if !endsWithLineFeed {
      key("final-newline", &out)
      out.append("false")
    }
    if hasByteOrderMark {
      key("bom", &out)
      out.append("true")
    }
    if isEmpty {
      key("empty", &out)
      out.append("true")
    }
    if !lines.isEmpty {
      key("lines", &out)
      out.append(json: AttributeValue.list(lines.map { .string($0) }))
    }
    out.append("}")
  }

  /// What is kept of the files of a dataset.
  static func preserved(_ files: [RTTMDialect]) -> Preserved {
    let kept = files.filter { !$0.isPlain }
    guard !kept.isEmpty else { return Preserved() }
    var out = ByteBuffer(capacity: 256)
    out.append("\"files\":[")
    for (number, file) in kept.enumerated() {
      if number > 0 { out.append(UInt8(ascii: ",")) }
      file.append(to: &out)
    }
    out.append("]")
    return Preserved(RTTMFormat.id, members: out.array())
  }

  /// The files that an earlier reading kept.
  static func files(_ preserved: Preserved) -> [RTTMDialect] {
    guard let value = PreservedReader(preserved, RTTMFormat.id).value("files") else { return [] }
    return value.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard case .list(let items)? = try? scanner.attributeValue() else { return [] }
      return items.compactMap { item in
        guard case .object(let members) = item else { return nil }
        return RTTMDialect(members)
      }
    }
  }

  init(name: String? = nil) { self.name = name }

  private init(_ members: Attributes) {
    for member in members.items {
      switch (member.name, member.value) {
      case ("name", .string(let text)): name = text
      case ("fields", .integer(let count)): fields = count == 9 ? 9 : 10
      case ("tabs", .boolean(let isTrue)): isTabbed = isTrue
      case ("crlf", .boolean(let isTrue)): hasCarriageReturns = isTrue
      case ("final-newline", .boolean(let isTrue)): endsWithLineFeed = isTrue
      case ("bom", .boolean(let isTrue)): hasByteOrderMark = isTrue
      case ("empty", .boolean(let isTrue)): isEmpty = isTrue
      case ("lines", .list(let texts)):
        lines = texts.compactMap { text in
          guard case .string(let line) = text, !line.utf8.contains(0x0A) else { return nil }
          return line
        }
      default: break
      }
    }
  }
}
