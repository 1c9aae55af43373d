import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// The native manifest: JSON Lines with one sample a line, complete in itself, holding everything the model holds.
///
/// Specified by `Schemas/waybill.schema.json`.
public enum NativeFormat: Format {
  /// The newest version of the manifest's schema that is read, and the one that is written.
  public static let schemaVersion = 1

  /// The ending of a manifest's name.
  static let ending = ".waybill.jsonl"

  /// What the format is and can do: everything.
  public static let descriptor = FormatDescriptor(
    id: "waybill", name: "Waybill", summary: "Native manifest: one sample a line, everything the model holds",
    fileExtensions: [".jsonl"], reads: .all, writes: .all, sections: ["*"], rules: rules,
    links: ["Schemas/waybill.schema.json", "https://jsonlines.org"])

  private static let rules: [FormatRule] = [
    FormatRule("waybill.file.none", .error, "A folder of shards has files that end in .waybill.jsonl"),
    FormatRule("waybill.file.bom", .warning, "A manifest has no byte order mark"),
    FormatRule("waybill.file.crlf", .warning, "Lines end in a line feed alone"),
    FormatRule("waybill.line.blank", .warning, "There are no blank lines"),
    FormatRule("waybill.header.version", .error, "The schema version is one that is known"),
    FormatRule("waybill.header.type", .error, "A member of a header has the type the schema gives it"),
    FormatRule("waybill.header.unknown-field", .error, "A header has no members but those of the schema"),
    FormatRule(
      "waybill.header.conflict", .error, "Headers of joined files say the same, or different things about different names"),
    FormatRule("waybill.sample.missing-key", .error, "A sample has a key"),
    FormatRule("waybill.sample.media", .error, "A sample has one of image, text, audio, video, table and file"),
    FormatRule("waybill.sample.type", .error, "A member of a sample has the type the schema gives it"),
    FormatRule("waybill.sample.unknown-field", .error, "A sample has no members but those of the schema"),
    FormatRule("waybill.sample.conflict", .error, "A sample has one state, and no two sides of a merge"),
    FormatRule("waybill.sample.negative-size", .warning, "Widths, heights and durations are not negative"),
    FormatRule("waybill.annotation.type", .error, "A member of an annotation has the type the schema gives it"),
    FormatRule("waybill.annotation.unknown-field", .error, "An annotation has no members but those of the schema"),
    FormatRule("waybill.annotation.number-count", .error, "A place has as many numbers as its kind needs"),
    FormatRule("waybill.annotation.two-places", .error, "An annotation has at most one box, one other shape and one time"),
    FormatRule("waybill.annotation.unit", .error, "A unit belongs to a place that stands beside it"),
    FormatRule("waybill.annotation.holes", .error, "Holes are positions of rings of the polygon beside them"),
    FormatRule("waybill.annotation.dashed", .error, "Dashed belongs to a polyline"),
    FormatRule("waybill.annotation.time", .error, "A time is YYYY-MM-DDThh:mm:ss with an optional fraction and zone"),
    FormatRule("waybill.annotation.label-number", .error, "A label number counts the labels of that name in the header"),
    FormatRule("waybill.annotation.part-of", .error, "A part stands after the object it is part of, by as many places as it says"),
    FormatRule("waybill.annotation.unknown-link", .warning, "A link joins annotations of its sample"),
    FormatRule("waybill.annotation.duplicate-id", .warning, "Annotations of one sample have different ids"),
    FormatRule("waybill.annotation.negative-size", .warning, "Widths, heights and radii are not negative"),
    FormatRule("waybill.write.not-finite", .error, "Numbers to be written are finite"),
    FormatRule("waybill.write.time", .error, "Times to be written lie in the years 0 to 9999 and fit their digits"),
    FormatRule("waybill.write.polygon", .error, "Rings of polygons to be written lie one after the other in pairs of numbers"),
    FormatRule("waybill.write.label", .error, "Labels to be written are in the dataset's table"),
    FormatRule("json.syntax", .error, "A line is one JSON object"),
    FormatRule("json.truncated", .error, "A line is not cut off"),
    FormatRule("json.number", .error, "Numbers follow JSON's grammar and fit"),
    FormatRule("json.not-a-number", .error, "Numbers are finite"),
    FormatRule("json.lone-surrogate", .error, "Surrogates come in pairs"),
    FormatRule("json.invalid-utf8", .error, "Text is UTF-8"),
    FormatRule("json.too-deep", .error, "Brackets are nested at most 1024 deep"),
    FormatRule("json.duplicate-key", .error, "No key stands twice in one object"),
  ]

  /// Knows a manifest by the first object of its first line: a header, or a sample with a key and its media.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else {
      if let reason = reason(in: probe.head) { return Detection(.certain, [reason]) }
      guard probe.name.hasSuffix(ending), probe.head.isEmpty || firstByte(of: probe.head) == UInt8(ascii: "{") else { return nil }
      return Detection(.possible, ["the name ends in \(ending)"])
    }
    if probe.files.contains(NativeHeaderText.fileName), isHeader(probe.head(of: NativeHeaderText.fileName)) {
      let shards = probe.files.filter { $0.hasSuffix(ending) && $0.hasPrefix("\(NativeHeaderText.labelFolder)/") }
      // A published version has its manifest beside the header.
      if !shards.isEmpty || !probe.files.contains(where: { $0.hasSuffix(ending) }) {
        return Detection(.certain, ["\(NativeHeaderText.fileName) and \(NativeHeaderText.labelFolder)/ are a label repository"])
      }
    }
    let shards = probe.files.filter { $0.hasSuffix(ending) }
    guard let first = shards.first else { return nil }
    let names = "\(shards.count) file\(shards.count == 1 ? "" : "s") whose name ends in \(ending)"
    for shard in shards.prefix(4) {
      if let reason = reason(in: probe.head(of: shard)) {
        return Detection(.certain, [names, "\(terminalSafe(shard)): \(reason)"])
      }
    }
    return Detection(.possible, [names, "such as \(terminalSafe(first))"])
  }

  /// Whether the beginning of a file is that of a header.
  static func isHeader(_ head: [UInt8]) -> Bool {
    guard firstByte(of: head) == UInt8(ascii: "{") else { return false }
    return head.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginObject() else { return false }
      while let key = try? scanner.nextKey(&progress) {
        if key == "waybill" { return (try? scanner.peekKind()) == .number }
        guard (try? scanner.skipValueStructurally()) != nil else { return false }
      }
      return false
    }
  }

  private static func firstByte(of head: [UInt8]) -> UInt8? {
    head.drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }.first
  }

  /// Why the first line with something on it is a line of a manifest; nil if it is not.
  private static func reason(in head: [UInt8]) -> String? {
    guard firstByte(of: head) == UInt8(ascii: "{"), let start = head.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    let end = head[start...].firstIndex(of: 0x0A) ?? head.count
    return head.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes, from: start, to: end)
      var hasKey = false
      var media: String?
      guard var progress = try? scanner.beginObject() else { return nil }
      // The head may end inside the line: what was seen until then decides.
      while let key = try? scanner.nextKey(&progress) {
        let kind = try? scanner.peekKind()
        switch SampleMember(key) {
        case .key: hasKey = kind == .string
        case .image, .text, .audio, .video, .table, .file: if kind == .object { media = key.makeString() }
        case nil: if key == "waybill", kind == .number { return "the first line has the key waybill" }
        default: break
        }
        if hasKey, let media { return "the first line has the keys key and \(media)" }
        guard (try? scanner.skipValueStructurally()) != nil else { return nil }
      }
      return nil
    }
  }

  /// A reader over a manifest or a folder of shards.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    NativeReader(input: input)
  }

  /// A writer of one manifest.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter { NativeWriter() }
}
