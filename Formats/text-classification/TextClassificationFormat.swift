import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Texts and their classes as rows: CSV, TSV, fastText, and the two text layouts that ModelArts imports.
public enum TextClassificationFormat: Format {
  /// The name of the format.
  static let id: FormatID = "text-classification"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "Text classification",
    summary: "A text and its classes on each row (CSV, TSV, fastText, the text layouts of ModelArts)",
    fileExtensions: [".csv", ".tsv", ".txt"],
    reads: abilities.union(FeatureSet(.sampleAttributes)), writes: abilities,
    readOptions: [
      FormatOption(
        "layout", "What the rows are; auto looks at the first of them",
        choices: ["auto", "csv", "tsv", "fasttext", "modelarts", "modelarts-combined"], defaultValue: "auto"),
      FormatOption("text", "The column of the text, by its name or by its number from 1", defaultValue: ""),
      FormatOption("label", "The columns of labels, joined by +, or none", defaultValue: ""),
      FormatOption(
        "header", "Whether the first row names the columns; auto looks for usual names", choices: ["auto", "yes", "no"],
        defaultValue: "auto"),
      FormatOption(
        "delimiter", "What stands between fields", choices: ["auto", "comma", "tab", "semicolon", "pipe"], defaultValue: "auto"),
      FormatOption(
        "quoting", "Whether quotes around a field mean anything; auto looks whether all of them are closed",
        choices: ["auto", "yes", "no"],
        defaultValue: "auto"),
      FormatOption(
        "separator", "What stands between several labels of one field: comma, semicolon, pipe, or a text", defaultValue: ""),
      FormatOption("prefix", "What labels of fastText begin with", defaultValue: "__label__"),
      FormatOption("encoding", "The encoding of files without a byte order mark, such as gbk; auto is UTF-8", defaultValue: "auto"),
      FormatOption(
        "extra", "Whether other columns are kept for files of this format, or are attributes that other formats can hold",
        choices: ["kept", "attributes"], defaultValue: "kept"),
      FormatOption(
        "key", "What tells samples apart: their id where they have one, or their number", choices: ["id", "number"],
        defaultValue: "id"),
    ],
    writeOptions: [
      FormatOption(
        "layout", "What the rows are; keep is as they were read, and CSV for samples of other formats",
        choices: ["keep", "csv", "tsv", "fasttext", "modelarts", "modelarts-combined"], defaultValue: "keep"),
      FormatOption("prefix", "What labels of fastText begin with", defaultValue: "__label__"),
    ],
    rules: rules,
    links: [
      "https://www.rfc-editor.org/rfc/rfc4180", "https://fasttext.cc/docs/en/supervised-tutorial.html",
      "https://support.huaweicloud.com/intl/en-us/dataprepare-modelarts/dataprepare-modelarts-0008.html",
    ])

  private static let abilities: FeatureSet = [
    .textMedia, .sampleID, .split, .samplePreserved, .classification, .datasetPreserved,
  ]

  /// Only tables with a header have ids.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    switch options["layout"] {
    case "fasttext", "modelarts", "modelarts-combined": abilities.subtracting(FeatureSet(.sampleID))
    default: abilities
    }
  }

  /// A folder has a file for each split.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet {
    isFile ? writes(options).subtracting(FeatureSet(.split)) : writes(options)
  }

  /// A reader of a file, or of a folder of them.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    TextClassificationReader(input, options)
  }

  /// A writer.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    TextClassificationWriter(options)
  }
}
