import WaybillBytes
import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Attributes that rows have no columns for: a line of JSON for each row that has some, `{"row":12,"attributes":{...}}`.
enum MOTAttributes {
  /// The longest line that is read.
  static let longestLine = 1 << 20

  /// The offsets of the lines by row; a line that cannot be read, or is none of ours, is told.
  static func index(_ file: MappedFile, _ tell: (NumberedLines.Line, Range<Int>) -> Void) -> [UInt32: Int] {
    var found: [UInt32: Int] = [:]
    var lines = LineScanner(file.bytes)
    while let line = lines.next() {
      if line.isEmpty { continue }
      let text = UnsafeRawBufferPointer(rebasing: file.bytes[line])
      guard text.starts(with: "{\"row\":".utf8) else {
        tell(.foreign, line)
        continue
      }
      if line.count <= longestLine, let number = row(of: text) { found[number] = line.lowerBound } else { tell(.broken, line) }
    }
    return found
  }

  private static func row(of line: UnsafeRawBufferPointer) -> UInt32? {
    guard UTF8Check.firstInvalid(in: line) == nil else { return nil }
    var json = JSONScanner(line)
    guard case .object(let object)? = try? json.attributeValue(), (try? json.expectEnd()) != nil,
      case .integer(let row)? = object["row"], case .object? = object["attributes"]
    else { return nil }
    return UInt32(exactly: row)
  }

  /// Adds the attributes of a line.
  static func add(at offset: Int, of file: MappedFile?, to attributes: inout Attributes) {
    guard let file else { return }
    var json = JSONScanner(file.bytes, from: offset)
    guard case .object(let line)? = try? json.attributeValue(), case .object(let more)? = line["attributes"] else { return }
    for item in more.items { attributes[item.name] = item.value }
  }
}
