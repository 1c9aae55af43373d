import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

/// Something about which two sides of a merge of `dataset.json` gave another answer: the file holds ours, and this says what theirs is.
public struct SettingsConflict: Sendable, Equatable {
  /// What it is about, in words.
  public var about: String
  /// The name of the label it is about, as the file has it.
  public var label: String?
  /// The label as the other side has it.
  public var theirs: Label?

  /// A conflict.
  init(about: String, label: String? = nil, theirs: Label? = nil) {
    (self.about, self.label, self.theirs) = (about, label, theirs)
  }

  /// Reads the value of the member `conflict`.
  static func list(_ value: [UInt8]) throws(JSONFault) -> [SettingsConflict] {
    let result: Result<[SettingsConflict], JSONFault> = value.withUnsafeBytes { bytes in
      do throws(JSONFault) {
        var found: [SettingsConflict] = []
        var scanner = JSONScanner(bytes)
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) {
          var conflict = SettingsConflict(about: "")
          var members = try scanner.beginObject()
          while let name = try scanner.nextKey(&members) {
            switch name {
            case "about": conflict.about = try scanner.string().makeString()
            case "label": conflict.label = try scanner.string().makeString()
            case "theirs":
              let range = try scanner.skipValue()
              conflict.theirs = label(UnsafeRawBufferPointer(rebasing: bytes[range]))
            default: try scanner.skipValue()
            }
          }
          found.append(conflict)
        }
        return .success(found)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// A label by itself, read as one of a header.
  private static func label(_ value: UnsafeRawBufferPointer) -> Label? {
    var header = ByteBuffer()
    header.append("{\"waybill\":1,\"labels\":[")
    header.append(value)
    header.append("]}")
    let context = ReadContext(sources: SourceMap())
    return NativeHeaderText.read(header.bytes, file: context.sources.add("label"), context)?.labels.labels.first
  }

  /// Appends the member `conflict` after a comma, unless there is nothing to say.
  static func append(_ conflicts: [SettingsConflict], to out: inout ByteBuffer) {
    if conflicts.isEmpty { return }
    out.append(",\n\"conflict\":[\n")
    for (index, conflict) in conflicts.enumerated() {
      if index > 0 { out.append(",\n") }
      out.append("{\"about\":")
      out.appendJSON(conflict.about)
      if let label = conflict.label {
        out.append(",\"label\":")
        out.appendJSON(label)
      }
      if let theirs = conflict.theirs {
        out.append(",\"theirs\":")
        NativeHeaderText.append(theirs, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
    out.append("\n]")
  }
}
