import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// RTTM: rows that say who speaks when, and which words are said when (NIST Rich Transcription).
public enum RTTMFormat: Format {
  /// The name of the format.
  static let id: FormatID = "rttm"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "RTTM",
    summary: "Rows that say who speaks when in which recording (NIST Rich Transcription, pyannote, Kaldi, dscore)",
    fileExtensions: [".rttm"],
    reads: abilities,
    writes: abilities,
    writeOptions: [
      FormatOption(
        "spaces", "What becomes of white space in the names of recordings and labels: error refuses it, underscore replaces it",
        choices: ["error", "underscore"], defaultValue: "error")
    ],
    rules: rules,
    links: [
      "https://web.archive.org/web/20170119114252/http://www.itl.nist.gov/iad/mig/tests/rt/2009/docs/rt09-meeting-eval-plan-v2.pdf",
      "https://github.com/nryant/dscore#rttm",
    ])

  private static let abilities: FeatureSet = [
    .audio, .samplePreserved, .label, .text, .instant, .interval, .confidence, .order, .attributes, .preserved, .datasetPreserved,
  ]

  /// Whether a name is that of a file with records.
  static func isRecordFile(_ name: String) -> Bool { name.count > 5 && name.lowercased().hasSuffix(".rttm") }

  /// Looks at the first record, whose type, times and number of fields belong to no other format.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else {
      if let type = firstType(probe.head) {
        return Detection(.certain, ["the first row is a record of the type \(type) with a begin and a duration"])
      }
      let isEmpty = isRecordFile(probe.name) && holdsRemarksOnly(probe.head)
      return isEmpty ? Detection(.possible, ["the name ends in .rttm, and there are no rows"]) : nil
    }
    let names = probe.files.filter(isRecordFile)
    for name in names.prefix(8) {
      if let type = firstType(probe.head(of: name)) {
        return Detection(.certain, ["the first row of \"\(terminalSafe(name))\" is a record of the type \(type)"])
      }
    }
    guard let name = names.first, holdsRemarksOnly(probe.head(of: name)) else { return nil }
    return Detection(.possible, ["the name of \"\(terminalSafe(name))\" ends in .rttm, and it has no rows"])
  }

  /// The type of the first record of a file; nil when that is none.
  private static func firstType(_ head: [UInt8]) -> String? {
    head.withUnsafeBytes { bytes in
      var at = CSVScanner.byteOrderMarkLength(of: bytes)
      while at < bytes.count, let base = bytes.baseAddress {
        let end = LineEnd.find(bytes, from: at)
        // What is cut off after 4 KiB may be any row.
        guard end < bytes.count || bytes.count < 4096 else { return nil }
        let line = RTTMRow.Field(start: base.assumingMemoryBound(to: UInt8.self) + at, count: end - at)
        at = end + 1
        if RTTMRow.isRemark(line) { continue }
        let row = RTTMRow(line)
        guard row.count == 9 || row.count == 10, let name = RTTMType.name(row.type) else { return nil }
        for time in [row.start, row.duration] where !RTTMRow.isAbsent(time) && MediaTime(decimal: time) == nil { return nil }
        return name
      }
      return nil
    }
  }

  private static func holdsRemarksOnly(_ head: [UInt8]) -> Bool {
    head.split(separator: 0x0A).allSatisfy { $0.withUnsafeBufferPointer(RTTMRow.isRemark) }
  }

  /// A reader of a file or a folder of files.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    RTTMReader(input: input)
  }

  /// A writer of a file or a folder.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    RTTMWriter(joinsWords: options["spaces"] == "underscore")
  }
}
