import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// WebVTT: subtitles of the web, one file for each recording.
public enum WebVTTFormat: Format {
  /// The name of the format.
  static let id: FormatID = "webvtt"

  /// How its files and cues are written.
  static let syntax = CueSyntax(
    format: RecordingFormat(id: id, ending: ".vtt", noun: "A WebVTT file"), mark: UInt8(ascii: "."), isNumbered: false,
    hasHead: true)

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "WebVTT",
    summary: "One file of timed text for each recording, with speakers, settings and notes (HTML, YouTube, Netflix)",
    fileExtensions: [".vtt"],
    reads: abilities,
    writes: abilities,
    readOptions: [RecordingFormat.readEncoding],
    writeOptions: [RecordingFormat.writeEncoding],
    rules: syntax.format.rules + syntax.rules + [
      FormatRule("webvtt.header", .error, "A file begins with the word `WEBVTT`."),
      FormatRule("webvtt.empty", .warning, "A file is not empty."),
    ],
    links: ["https://www.w3.org/TR/webvtt1/"])

  private static let abilities: FeatureSet = [.audio, .video, .samplePreserved, .label, .text, .interval, .id, .preserved]

  /// Judges a file by its first word.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    syntax.format.detect(probe) { head, hasEnding in
      if head.starts(with: "WEBVTT".utf8), head.count == 6 || head[6] <= 0x20 {
        return Detection(.certain, ["it begins with the word WEBVTT"])
      }
      return head.isEmpty && hasEnding ? Detection(.possible, ["it is empty, and its name ends in .vtt"]) : nil
    }
  }

  /// A reader over a folder or one file.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    CueReader(input, WebVTTCodec(), encoding: try syntax.format.encoding(options))
  }

  /// A writer of a folder, or of one file for a dataset of one recording.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    RecordingWriter(syntax.format, encoding: try syntax.format.encoding(options)) { CuePrinter(WebVTTCodec()) }
  }
}
