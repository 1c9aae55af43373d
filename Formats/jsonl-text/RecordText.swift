import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How a file spells texts, numbers and what stands between them.
struct RecordText: Sendable {
  private let spacing: JSONSpacing
  let spaceBehindColon: Bool
  let spaceBehindComma: Bool
  let isASCII: Bool
  let escapesSlash: Bool
  let scoresHavePoint: Bool
  let labelsAreNumbers: Bool

  /// Whether texts have no escapes but those of JSON.
  var isUsual: Bool { !isASCII && !escapesSlash }

  init(_ layout: RecordLayout) {
    spacing =
      layout.spaceBehindColon ? layout.spaceBehindComma ? .spaced : .colons : layout.spaceBehindComma ? .commas : .none
    spaceBehindColon = layout.spaceBehindColon
    spaceBehindComma = layout.spaceBehindComma
    isASCII = layout.isASCII
    escapesSlash = layout.escapesSlash
    scoresHavePoint = layout.scoresHavePoint
    labelsAreNumbers = layout.labelsAreNumbers
  }

  /// A key with its colon.
  func head(_ key: String) -> [UInt8] {
    var out = ByteBuffer()
    text(key, &out)
    out.append(UInt8(ascii: ":"))
    if spaceBehindColon { out.append(UInt8(ascii: " ")) }
    return out.array()
  }

  @inline(__always) func comma(_ out: inout ByteBuffer) {
    out.append(UInt8(ascii: ","))
    if spaceBehindComma { out.append(UInt8(ascii: " ")) }
  }

  /// A text in its quotes.
  @inline(__always) func text(_ text: String, _ out: inout ByteBuffer) {
    text.withBytes { self.text($0, &out) }
  }

  /// A text in its quotes.
  @inline(__always) func text(_ bytes: UnsafeBufferPointer<UInt8>, _ out: inout ByteBuffer) {
    if isUsual { out.appendJSON(utf8: bytes) } else { escaped(bytes, &out) }
  }

  @inline(never) private func escaped(_ bytes: UnsafeBufferPointer<UInt8>, _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "\""))
    let digits: StaticString = "0123456789abcdef"
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if scalar == "/", escapesSlash {
        out.append("\\/")
      } else if isASCII, scalar.value >= 0x7F {
        // Python leaves the delete character as it is.
        if scalar.value == 0x7F {
          out.append(UInt8(0x7F))
          continue
        }
        for unit in String(scalar).utf16 {
          out.append("\\u")
          for shift: UInt16 in [12, 8, 4, 0] { out.append(digits.utf8Start[Int(unit >> shift) & 15]) }
        }
      } else {
        Array(String(scalar).utf8).withUnsafeBufferPointer { out.appendJSONContent(utf8: $0) }
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  /// A label: a text, or a number where the file has numbers.
  @inline(__always) func label(_ name: UnsafeBufferPointer<UInt8>, _ out: inout ByteBuffer) {
    if labelsAreNumbers, RecordText.isBare(name) { out.append(name) } else { text(name, &out) }
  }

  /// Whether a text is a number or a truth value as JSON spells it.
  static func isBare(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = name.first,
      first == UInt8(ascii: "-") || first &- 48 <= 9 || first == UInt8(ascii: "t") || first == UInt8(ascii: "f")
    else { return false }
    let bytes = UnsafeRawBufferPointer(name)
    var scanner = JSONScanner(bytes)
    guard let range = try? scanner.skipValue() else { return false }
    return range == 0..<bytes.count
  }

  /// A score.
  func score(_ value: Double, _ out: inout ByteBuffer) {
    out.append(value)
    if scoresHavePoint, value == value.rounded(), value.magnitude < 1e15 { out.append(".0") }
  }

  func id(_ id: RecordID, _ out: inout ByteBuffer) {
    switch id {
    case .integer(let value): out.append(decimal: Int(value))
    case .string(let text): self.text(text, &out)
    }
  }

  /// Compact JSON with the spaces of the file.
  func raw(_ json: UnsafeRawBufferPointer, _ out: inout ByteBuffer) {
    // Most are a single token.
    if json.first == UInt8(ascii: "{") || json.first == UInt8(ascii: "[") {
      spacing.append(compact: json, to: &out)
    } else {
      out.append(json)
    }
  }

  /// A value for people.
  func value(_ value: AttributeValue, _ out: inout ByteBuffer) {
    switch value {
    case .string(let text): self.text(text, &out)
    case .list(let list):
      out.append(UInt8(ascii: "["))
      for (index, item) in list.enumerated() {
        if index > 0 { comma(&out) }
        self.value(item, &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let attributes): object(attributes, except: nil, &out)
    case .integer, .number, .boolean, .null: out.append(json: value)
    }
  }

  /// Named values for people, without one of a name.
  func object(_ attributes: Attributes, except name: String?, _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for item in attributes.items where item.name != name {
      if !isFirst { comma(&out) }
      isFirst = false
      text(item.name, &out)
      out.append(UInt8(ascii: ":"))
      if spaceBehindColon { out.append(UInt8(ascii: " ")) }
      value(item.value, &out)
    }
    out.append(UInt8(ascii: "}"))
  }
}
