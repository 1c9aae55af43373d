import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Tables of segments: a row for each stretch, moment, frame or box of a recording, a video or a picture.
public enum SegmentsFormat: Format {
  /// The name of the format.
  static let id: FormatID = "segments"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "Segments table",
    summary: "A CSV or TSV table with a row for each stretch, moment, frame or box, for sound, video and pictures of a video",
    fileExtensions: [".csv", ".tsv"],
    reads: abilities,
    writes: abilities,
    writeOptions: [
      FormatOption(
        "delimiter", "What stands between cells; auto is a tab in .tsv files, else what was read, else a comma",
        choices: ["auto", "comma", "semicolon", "tab"], defaultValue: "auto")
    ],
    rules: rules,
    links: ["https://www.rfc-editor.org/rfc/rfc4180"])

  private static let abilities: FeatureSet = [
    .image, .audio, .video, .imageSize, .duration, .frameNumber, .split, .sampleAttributes, .samplePreserved, .classification,
    .label,
    .caption, .text, .box, .frame, .instant, .interval, .track, .id, .author, .createdAt, .confidence, .difficult, .truncated,
    .occluded, .crowd, .order, .attributes, .preserved, .datasetPreserved,
  ]

  /// The bytes that may stand between cells.
  static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]

  /// Whether a name is that of a table.
  static func isTable(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".csv") || name.hasSuffix(".tsv")
  }

  /// The names in the first row, and the byte between them; nil when none is `media` or `key`.
  static func header(_ bytes: UnsafeRawBufferPointer) -> (names: [String], delimiter: UInt8)? {
    // Names of columns are short: a first row without an end there names none.
    let head = min(bytes.count, 1 << 20)
    for delimiter in delimiters {
      var scanner = CSVScanner(bytes, delimiter: delimiter, to: head)
      var fields: [CSVField] = []
      guard let row = try? scanner.nextRow(&fields), row.ending != .none || head == bytes.count,
        UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[..<scanner.offset])) == nil
      else { continue }
      let names = fields.map { $0.string(in: bytes) }
      if names.contains("media") { return (names, delimiter) }
    }
    return nil
  }

  /// Looks at the names in the first row.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return judge(probe.head) }
    for name in probe.files.filter(isTable).prefix(8) {
      if let found = judge(probe.head(of: name)) { return found }
    }
    return nil
  }

  private static func judge(_ head: [UInt8]) -> Detection? {
    guard let names = head.withUnsafeBytes({ header($0)?.names }) else { return nil }
    let known = names.filter { SegmentsField(name: $0) != nil }
    if known.count == 1, names.count > 1 { return Detection(.possible, ["the first row has a column media"]) }
    return Detection(known.count > 1 ? .certain : .likely, ["the first row has the columns \(known.joined(separator: ", "))"])
  }

  /// A reader of a table, or of the tables of a folder.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    SegmentsReader(input: input)
  }

  /// A writer of a table.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let delimiter: UInt8? =
      switch options["delimiter"] {
      case "comma": UInt8(ascii: ",")
      case "semicolon": UInt8(ascii: ";")
      case "tab": UInt8(ascii: "\t")
      default: nil
      }
    return SegmentsWriter(delimiter: delimiter)
  }
}
