import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// SubRip: subtitles as numbers, times and text, one file for each recording.
public enum SRTFormat: Format {
  /// The name of the format.
  static let id: FormatID = "srt"

  /// How its files and cues are written.
  static let syntax = CueSyntax(
    format: RecordingFormat(id: id, ending: ".srt", noun: "A SubRip file"), mark: UInt8(ascii: ","), isNumbered: true,
    hasHead: false)

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "SubRip",
    summary: "One file of numbered subtitles for each recording (SRT)",
    fileExtensions: [".srt"],
    reads: abilities.union([.label]),
    writes: abilities,
    readOptions: [speakers, RecordingFormat.readEncoding],
    writeOptions: [speakers, RecordingFormat.writeEncoding],
    rules: syntax.format.rules + syntax.rules + [
      FormatRule("srt.cue.no-time", .error, "A number is followed by times."),
      FormatRule("srt.cue.empty-line", .warning, "A text has no empty line; what follows one is taken for more of the text."),
    ],
    links: ["https://www.loc.gov/preservation/digital/formats/fdd/fdd000569.shtml"])

  private static let speakers = FormatOption(
    "speakers", "prefix: a name and a colon before the text are the label; none: all is text", choices: ["none", "prefix"],
    defaultValue: "none")

  private static let abilities: FeatureSet = [.audio, .video, .samplePreserved, .text, .interval, .preserved]

  /// With `speakers=prefix` labels are written too.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    options["speakers"] == "prefix" ? abilities.union([.label]) : abilities
  }

  /// Judges a file by its first line with times.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    syntax.format.detect(probe) { head, hasEnding in
      if head.starts(with: "WEBVTT".utf8) { return nil }
      if let found = CueParser.firstTimes(head, syntax) {
        return Detection(
          found.isUsual && found.hasNumber ? .certain : hasEnding || found.isUsual ? .likely : .possible,
          ["it has times such as \(found.text)"])
      }
      return hasEnding ? Detection(.possible, ["its name ends in .srt"]) : nil
    }
  }

  /// A reader over a folder or one file.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    CueReader(input, SRTCodec(hasSpeakers: options["speakers"] == "prefix"), encoding: try syntax.format.encoding(options))
  }

  /// A writer of a folder, or of one file for a dataset of one recording.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let codec = SRTCodec(hasSpeakers: options["speakers"] == "prefix")
    return RecordingWriter(syntax.format, encoding: try syntax.format.encoding(options)) { CuePrinter(codec) }
  }
}
