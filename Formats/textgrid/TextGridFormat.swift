import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// TextGrid: tiers of intervals and points over a recording, as Praat writes them.
public enum TextGridFormat: Format {
  /// The name of the format.
  static let id: FormatID = "textgrid"

  /// Its files.
  static let files = RecordingFormat(id: id, ending: ".TextGrid", noun: "A TextGrid")

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "TextGrid",
    summary: "One file of tiers with intervals and points for each recording (Praat, ELAN, MFA): long, short and chronological",
    fileExtensions: [".textgrid"],
    reads: abilities,
    writes: abilities,
    readOptions: [RecordingFormat.readEncoding, unlabeled],
    writeOptions: [
      FormatOption(
        "layout", "long names each value, short has a value a line, chronological has the items by time; auto is as it was read",
        choices: ["auto"] + GridForm.Layout.allCases.map(\.rawValue), defaultValue: "auto"),
      RecordingFormat.writeEncoding, unlabeled,
    ],
    rules: files.rules + rules,
    links: ["https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html"])

  private static let unlabeled = FormatOption(
    "unlabeled", "The name of the tier of what has no label", defaultValue: "text")

  private static let abilities: FeatureSet = [
    .audio, .video, .duration, .samplePreserved, .label, .text, .instant, .interval, .preserved,
  ]

  /// Judges a file, in whatever encoding, by its first words.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    files.detect(probe) { head, _ in
      head.withUnsafeBytes { bytes in
        var scanner = GridScanner(bytes)
        guard let first = ((try? scanner.next()) ?? nil), first.kind == .text else { return nil }
        if bytes[first.range].elementsEqual(GridParser.chronologicalMark.utf8) {
          return Detection(.certain, ["it begins with Praat's mark of a chronological TextGrid"])
        }
        guard bytes[first.range].starts(with: "ooTextFile".utf8), let second = ((try? scanner.next()) ?? nil), second.kind == .text,
          bytes[second.range].elementsEqual("TextGrid".utf8)
        else { return nil }
        return Detection(.certain, ["it is a text file of Praat with an object of the class TextGrid"])
      }
    }
  }

  /// A reader over a folder or one file.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    TextGridReader(input: input, encoding: try files.encoding(options), unlabeled: options["unlabeled"])
  }

  /// A writer of a folder, or of one file for a dataset of one recording.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let layout = GridForm.Layout(rawValue: options["layout"])
    let unlabeled = Array(options["unlabeled"].utf8)
    return RecordingWriter(files, encoding: try files.encoding(options)) { TextGridWriter(layout: layout, unlabeled: unlabeled) }
  }
}
