import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Texts as JSON Lines: the files of doccano, Prodigy, spaCy and Hugging Face, and plain ones of a text with its label.
public enum JSONLTextFormat: Format {
  /// The name of the format.
  static let id: FormatID = "jsonl-text"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "JSON Lines of texts",
    summary: "One JSON object for each text with its classes, spans and relations (doccano, Prodigy, spaCy, Hugging Face, plain)",
    fileExtensions: [".jsonl", ".ndjson", ".json"],
    reads: abilities, writes: abilities,
    readOptions: [
      FormatOption("text", "The key of the text, where it is neither text nor data", defaultValue: ""),
      FormatOption("label", "The key of the labels, where it is none of the known ones", defaultValue: ""),
      FormatOption(
        "labels", "What lists of texts under label are: classes, or texts such as translations; auto judges by the first records",
        choices: ["auto", "classes", "texts"], defaultValue: "auto"),
      FormatOption(
        "tags", "The key of the tags beside a list of tokens, where it is none of the known ones, or none", defaultValue: ""),
      FormatOption("names", "The tags that numbers stand for, in order and joined by +, such as O+B-PER+I-PER", defaultValue: ""),
      FormatOption(
        "offsets", "What offsets count: characters, UTF-16 units or bytes of UTF-8", choices: ["scalars", "utf16", "utf8"],
        defaultValue: "scalars"),
      FormatOption(
        "key", "What tells samples apart: their id where they have one, or their number", choices: ["id", "number"],
        defaultValue: "id"),
    ],
    writeOptions: [
      FormatOption(
        "dialect",
        "Whose records are written; keep is as they were read, and Prodigy's for samples of other formats, with words between spaces as lists",
        choices: ["keep"] + RecordLayout.Dialect.allCases.map(\.rawValue), defaultValue: "keep")
    ],
    rules: rules,
    links: [
      "https://doccano.github.io/doccano/", "https://prodi.gy/docs/api-interfaces", "https://spacy.io/api/data-formats",
      "https://huggingface.co/docs/autotrain/token_classification", "https://jsonlines.org",
    ])

  private static let abilities: FeatureSet = [
    .textMedia, .sampleID, .split, .tokens, .sampleAttributes, .samplePreserved, .classification, .label, .caption, .span, .link,
    .id,
    .confidence, .preserved, .datasetPreserved,
  ]

  /// The records of doccano and spaCy have no tokens.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    switch options["dialect"] {
    case "doccano", "spacy": abilities.subtracting(FeatureSet(.tokens))
    default: abilities
    }
  }

  /// A folder has a file for each split.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet {
    isFile ? writes(options).subtracting(FeatureSet(.split)) : writes(options)
  }

  /// A reader of a file, or of a folder of them.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    JSONLTextReader(input, options)
  }

  /// A writer.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter { JSONLTextWriter(options) }
}
