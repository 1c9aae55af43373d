import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// CoNLL-U and CoNLL-U Plus: a row of columns for each word, comments before a sentence, a blank line behind it.
public enum CoNLLUFormat: Format {
  /// The name of the format.
  static let id: FormatID = "conllu"

  /// The usual endings of names.
  static let endings = [".conllu", ".conllup", ".conllu-plus"]

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "CoNLL-U",
    summary: "Words with lemmas, features and dependencies in ten columns (Universal Dependencies), and CoNLL-U Plus with any columns",
    fileExtensions: endings + [".conll"],
    reads: abilities,
    writes: abilities,
    readOptions: [check],
    writeOptions: [
      FormatOption(
        "scheme", "How tags of entities in MISC say where they begin and end; keep takes that of the source, else iob2",
        choices: ["keep"] + TagScheme.allCases.map(\.rawValue), defaultValue: "keep"),
      check,
    ],
    rules: rules,
    links: [
      "https://universaldependencies.org/format.html", "https://universaldependencies.org/ext-format.html",
      "https://universaldependencies.org/v2/segmentation.html",
    ])

  private static let check = FormatOption(
    "check", "strict looks at parts of speech, features, heads and dependencies as well, format at lines, columns and ids alone",
    choices: ["strict", "format"], defaultValue: "strict")

  private static let abilities: FeatureSet = [
    .textMedia, .sampleID, .tokens, .sampleAttributes, .samplePreserved, .label, .span, .datasetPreserved,
  ]

  /// A reader of a file, or of the files of a folder.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    CoNLLUReader(input: input, isStrict: options["check"] != "format")
  }

  /// A writer of one file.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    CoNLLUWriter(scheme: TagScheme(rawValue: options["scheme"]), isStrict: options["check"] != "format")
  }
}
