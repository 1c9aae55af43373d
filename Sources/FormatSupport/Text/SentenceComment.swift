import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// A line `# name = value` before a sentence.
///
/// What such a line cannot say, such as a number, a text of two lines or an odd name, stands as JSON in a line `# waybill_attributes = {..}`.
public struct SentenceComment {
  /// The name of lines with attributes as JSON.
  public static let attributesName = "waybill_attributes"
  /// The name of a line with a text as JSON.
  public static let textName = "waybill_text"
  /// The name of a line with the key of a sample as JSON.
  public static let keyName = "waybill_key"
  /// The name of a line with the id of a sample as JSON.
  public static let idName = "waybill_id"

  /// The name.
  public let name: String
  /// The value.
  public let value: String

  /// The parts of a line without its line end; nil when it is any other line.
  public init?(_ line: UnsafeBufferPointer<UInt8>) {
    guard line.count > 4, line[0] == UInt8(ascii: "#"), line[1] == 0x20 else { return nil }
    var at = 2
    while at < line.count, SentenceComment.isNameByte(line[at]) { at += 1 }
    guard at > 2, at + 3 < line.count, line[at] == 0x20, line[at + 1] == UInt8(ascii: "="), line[at + 2] == 0x20 else { return nil }
    name = String(decoding: UnsafeBufferPointer(rebasing: line[2..<at]), as: UTF8.self)
    value = String(decoding: UnsafeBufferPointer(rebasing: line[(at + 3)...]), as: UTF8.self)
  }

  /// The id a text stands for: a number when it is written as one.
  public static func id(of text: String) -> RecordID {
    if let number = Int64(text), "\(number)" == text { return .integer(number) }
    return .string(text)
  }

  /// Whether a byte may stand in a name.
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"): true
    default: false
    }
  }

  /// Whether a text is a name that stands in a line as it is.
  public static func isName(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isNameByte) }

  /// Whether a text is a value that stands in a line as it is: not empty, of one line, without white space at its ends.
  public static func isValue(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    if TextScalars.isSpace(first.value) || TextScalars.isSpace(last.value) { return false }
    return !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x85 || $0.value == 0x2028 || $0.value == 0x2029 }
  }

  /// The value as JSON; nil when it is none.
  public var jsonValue: AttributeValue? {
    var text = value
    return text.withUTF8 { bytes in
      var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
      guard let value = try? scanner.attributeValue(), (try? scanner.expectEnd()) != nil else { return nil }
      return value
    }
  }

  /// Appends what the line says to attributes; false when it is no line of attributes, or says one of them again.
  public func add(to attributes: inout Attributes) -> Bool {
    if name != SentenceComment.attributesName {
      if attributes[name] != nil || name.hasPrefix("waybill_") { return false }
      attributes.items.append(.init(name: name, value: .string(value)))
      return true
    }
    guard case .object(let members) = jsonValue else { return false }
    for item in members.items where attributes[item.name] != nil { return false }
    attributes.items += members.items
    return true
  }

  /// Appends a line with its line end.
  public static func append(_ name: String, _ value: String, lineEnd: StaticString, to out: inout ByteBuffer) {
    out.append("# ")
    out.append(name)
    out.append(" = ")
    out.append(value)
    out.append(lineEnd)
  }

  /// Appends a line with a text as JSON.
  public static func append(_ name: String, json value: AttributeValue, lineEnd: StaticString, to out: inout ByteBuffer) {
    out.append("# ")
    out.append(name)
    out.append(" = ")
    out.append(json: value)
    out.append(lineEnd)
  }

  /// Appends the line of an attribute.
  ///
  /// - Parameter isReserved: Whether a name means something else in a file, so that the attribute stands as JSON.
  public static func append(
    _ item: Attributes.Attribute, lineEnd: StaticString, to out: inout ByteBuffer, isReserved: (String) -> Bool
  ) {
    if case .string(let value) = item.value, isName(item.name), isValue(value), !isReserved(item.name), !item.name.hasPrefix("waybill_") {
      append(item.name, value, lineEnd: lineEnd, to: &out)
    } else {
      var members = Attributes()
      members.items.append(item)
      append(attributesName, json: .object(members), lineEnd: lineEnd, to: &out)
    }
  }
}
