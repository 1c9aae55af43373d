import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What formats are and can do, as JSON.
enum FormatJSON {
  /// One format as an object and a line feed.
  static func object(_ format: FormatDescriptor) -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    append(format, to: &out)
    out.append("\n")
    return out.array()
  }

  /// Formats as an array and a line feed.
  static func array(_ formats: [FormatDescriptor]) -> [UInt8] {
    var out = ByteBuffer(capacity: 16384)
    out.append("[")
    for (index, format) in formats.enumerated() {
      out.append(index > 0 ? ",\n" : "\n")
      append(format, to: &out)
    }
    out.append("\n]\n")
    return out.array()
  }

  private static func append(_ format: FormatDescriptor, to out: inout ByteBuffer) {
    out.append("{\"id\":")
    out.appendJSON(format.id.name)
    out.append(",\"name\":")
    out.appendJSON(format.name)
    out.append(",\"summary\":")
    out.appendJSON(format.summary)
    out.append(",\"family\":")
    out.appendJSON(format.family.name)
    append("extensions", format.fileExtensions, to: &out)
    append("reads", format.reads.features.map(\.name), to: &out)
    append("writes", format.writes.features.map(\.name), to: &out)
    append("readOptions", format.readOptions, to: &out)
    append("writeOptions", format.writeOptions, to: &out)
    out.append(",\"rules\":[")
    for (index, rule) in format.rules.enumerated() {
      out.append(index > 0 ? ",{\"id\":" : "{\"id\":")
      out.appendJSON(rule.id)
      out.append(",\"severity\":")
      out.appendJSON(rule.severity.word)
      out.append(",\"summary\":")
      out.appendJSON(rule.summary)
      out.append("}")
    }
    out.append("]")
    append("links", format.links, to: &out)
    out.append("}")
  }

  private static func append(_ name: String, _ options: [FormatOption], to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":[")
    for (index, option) in options.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.appendJSON(option.name)
      out.append(",\"help\":")
      out.appendJSON(option.help)
      append("choices", option.choices, to: &out)
      out.append(",\"default\":")
      out.appendJSON(option.defaultValue)
      out.append("}")
    }
    out.append("]")
  }

  private static func append(_ name: String, _ values: [String], to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":[")
    for (index, value) in values.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(value)
    }
    out.append("]")
  }
}
