import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

extension Label {
  /// The format whose drawer holds the names a label had: the native manifest.
  private static let keeper: FormatID = "waybill"
  /// The member of a label that lists them.
  public static let formerNamesMember = "formerly"

  /// The names it had before it was renamed, the oldest first.
  ///
  /// Label repositories keep them, so that annotations which come from other branches are still understood.
  public var formerNames: [String] {
    get {
      guard !preserved.isEmpty, let value = PreservedReader(preserved, Label.keeper).value(Label.formerNamesMember) else {
        return []
      }
      var names: [String] = []
      value.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        guard var progress = try? scanner.beginArray() else { return }
        while (try? scanner.nextElement(&progress)) == true, let name = try? scanner.string() { names.append(name.makeString()) }
      }
      return names
    }
    set {
      var section = ByteBuffer()
      PreservedReader(preserved, Label.keeper).forEach { key, value in
        if key.makeString() == Label.formerNamesMember { return }
        if !section.isEmpty { section.append(UInt8(ascii: ",")) }
        section.append(UInt8(ascii: "\""))
        section.append(key.raw)
        section.append("\":")
        section.append(value)
      }
      if !newValue.isEmpty {
        if !section.isEmpty { section.append(UInt8(ascii: ",")) }
        section.append("\"\(Label.formerNamesMember)\":[")
        for (index, name) in newValue.enumerated() {
          if index > 0 { section.append(UInt8(ascii: ",")) }
          section.appendJSON(name)
        }
        section.append(UInt8(ascii: "]"))
      }
      preserved[Label.keeper] = section.array()
    }
  }
}
