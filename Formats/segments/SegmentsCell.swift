import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What cells mean: numbers and words as they are, everything that would be taken for something else as JSON.
enum SegmentsCell {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Whether a text begins like JSON.
  private static func looksLikeJSON(_ text: Bytes) -> Bool {
    guard let first = text.first else { return false }
    return first == UInt8(ascii: "\"") || first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
  }

  private static func isWord(_ text: Bytes) -> Bool {
    text.count == 4 || text.count == 5
      ? String(decoding: text, as: UTF8.self) == "true" || String(decoding: text, as: UTF8.self) == "false"
        || String(decoding: text, as: UTF8.self) == "null" : false
  }

  /// The value of an attribute's cell: a number, `true`, `false`, `null`, JSON where it begins so, else the text; nil for broken JSON.
  static func value(_ text: Bytes) -> AttributeValue? {
    if looksLikeJSON(text) {
      var scanner = JSONScanner(UnsafeRawBufferPointer(text))
      guard let value = try? scanner.attributeValue(), scanner.isAtEnd() else { return nil }
      return value
    }
    if isWord(text) {
      switch text[0] {
      case UInt8(ascii: "t"): return .boolean(true)
      case UInt8(ascii: "f"): return .boolean(false)
      default: return .null
      }
    }
    if let first = text.first, first != UInt8(ascii: "+"), let number = NumberParser.number(text) {
      switch number {
      case .integer(let value): return .integer(value)
      case .double(let value):
        // A number without a fraction is written without one.
        let isWhole = value == value.rounded() && value.magnitude < 9e15 && (value != 0 || value.sign == .plus)
        return isWhole ? .integer(Int64(value)) : .number(value)
      }
    }
    return .string(String(decoding: text, as: UTF8.self))
  }

  /// Appends the text of an attribute's cell.
  static func append(_ value: AttributeValue, to out: inout ByteBuffer) {
    guard case .string(let text) = value else { return out.append(json: value) }
    let isPlain = text.withBytes { bytes in
      guard let first = bytes.first, !looksLikeJSON(bytes), !isWord(bytes) else { return false }
      return first == UInt8(ascii: "+") || NumberParser.number(bytes) == nil
    }
    if isPlain { out.append(text) } else { out.appendJSON(text) }
  }

  /// Whether the text of an attribute's cell never needs quotes.
  static func isPlain(_ value: AttributeValue) -> Bool {
    switch value {
    case .integer, .number, .boolean, .null: true
    default: false
    }
  }

  /// The id a cell holds: a whole number, a text in JSON, else the text; nil for broken JSON.
  static func id(_ text: Bytes) -> RecordID? {
    if let number = NumberParser.integer(text) { return .integer(number) }
    if text.first == UInt8(ascii: "\"") {
      var scanner = JSONScanner(UnsafeRawBufferPointer(text))
      guard let value = try? scanner.string().makeString(), scanner.isAtEnd() else { return nil }
      return .string(value)
    }
    return .string(String(decoding: text, as: UTF8.self))
  }

  /// Appends the text of an id.
  static func append(_ id: RecordID, to out: inout ByteBuffer) {
    switch id {
    case .integer(let number): out.append(decimal: Int(number))
    case .string(let text):
      let isPlain = text.withBytes { $0.first.map { $0 != UInt8(ascii: "\"") } == true && NumberParser.integer($0) == nil }
      if isPlain { out.append(text) } else { out.appendJSON(text) }
    }
  }

  /// A time: a number of seconds, or a time on a clock.
  static func time(_ text: Bytes) -> MediaTime? {
    MediaTime(decimal: text) ?? (text.contains(UInt8(ascii: ":")) ? MediaTime(clock: text) : nil)
  }

  /// Whether a text is `true` or `false`, in any letters; nil for anything else.
  static func flag(_ text: Bytes) -> Bool? {
    switch String(decoding: text.prefix(6), as: UTF8.self).lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// The kind of media that the ending of a path means: a picture, a video, else a sound.
  static func kind(of path: String) -> Media.Kind {
    let bytes = path.utf8
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), bytes.distance(from: dot, to: bytes.endIndex) <= 6 else {
      return .audio
    }
    switch path[path.index(after: dot)...].lowercased() {
    case "jpg", "jpeg", "png", "bmp", "gif", "tif", "tiff", "webp": return .image
    case "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ogv", "wmv", "flv", "3gp": return .video
    default: return .audio
    }
  }
}
