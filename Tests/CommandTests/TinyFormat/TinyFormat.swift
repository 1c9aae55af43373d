import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// A format for the tests of commands: one line for each statement, samples after the labels.
///
/// ```
/// tiny 1
/// label car 3
/// sample street/1.jpg train
/// box car 10 20 30 40 0.9
/// polygon car 0 0 10 0 10 10
/// class car
/// ```
public enum TinyFormat: Format {
  static let id: FormatID = "tiny"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "Tiny", summary: "Lines of samples with boxes, polygons and classes, for tests", fileExtensions: [".tiny"],
    reads: abilities, writes: abilities,
    readOptions: [FormatOption("case", "Spelling of labels", choices: ["keep", "lower"], defaultValue: "keep")],
    writeOptions: [FormatOption("profile", "What is written", choices: ["all", "boxes"], defaultValue: "all")],
    rules: [
      FormatRule("tiny.box.numbers", .error, "A box has four numbers and may have a confidence"),
      FormatRule("tiny.sample.key", .error, "A sample has a key"),
      FormatRule("tiny.line.unknown", .warning, "A line begins with a known word"),
    ], links: ["https://example.org/tiny"])

  private static let abilities: FeatureSet = [
    .image, .split, .label, .classification, .box, .polygon, .confidence, .labelID,
  ]

  /// All abilities, or those of the profile.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    options["profile"] == "boxes" ? [.image, .split, .label, .classification, .box] : abilities
  }

  /// Looks at the first line.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    probe.head.starts(with: Array("tiny 1\n".utf8)) ? Detection(.certain, ["the first line is \"tiny 1\""]) : nil
  }

  /// A reader over a file.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    TinyReader(input: input, lowercases: options["case"] == "lower")
  }

  /// A writer of a file, or of a folder with media.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter { TinyWriter() }
}
