import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// CoNLL column files: a line for each token, a blank line behind each sentence, entities as tags in a column.
public enum CoNLLFormat: Format {
  /// The name of the format.
  static let id: FormatID = "conll"

  /// The usual endings of names.
  static let endings = [".conll", ".iob", ".iob2", ".bio", ".bioes", ".iobes", ".bilou", ".bilu"]

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "CoNLL",
    summary: "Columns of tokens and tags, a blank line behind each sentence (CoNLL-2000, 2002, 2003, GermEval, WNUT, spaCy's .iob)",
    fileExtensions: endings + [".txt", ".tsv"],
    reads: abilities,
    writes: abilities,
    readOptions: [
      FormatOption(
        "labels", "The columns of tags, counted from 1, such as 4, or 3+4 for entities and those inside of them, or none",
        defaultValue: "auto"),
      FormatOption("token", "The column of the token, counted from 1", defaultValue: "auto"),
      FormatOption(
        "scheme", "How the tags say where entities begin and end", choices: ["auto"] + TagScheme.allCases.map(\.rawValue),
        defaultValue: "auto"),
    ],
    writeOptions: [
      FormatOption(
        "scheme", "How tags say where entities begin and end; keep takes that of the source, else iob2",
        choices: ["keep"] + TagScheme.allCases.map(\.rawValue), defaultValue: "keep"),
      FormatOption(
        "separator", "What stands between columns; keep takes that of the source, else a tab", choices: ["keep", "tab", "space"],
        defaultValue: "keep"),
      FormatOption(
        "layers",
        "How many columns of tags there are, 1 to 9, for entities inside of others; keep takes those of the source, else one",
        defaultValue: "keep"),
      FormatOption(
        "comments", "Write ids, texts and attributes in lines that begin with #, which some readers of such files do not know",
        choices: ["yes", "no"], defaultValue: "yes"),
    ],
    rules: rules,
    links: [
      "https://www.clips.uantwerpen.be/conll2000/chunking/", "https://www.clips.uantwerpen.be/conll2002/ner/",
      "https://www.clips.uantwerpen.be/conll2003/ner/", "https://sites.google.com/site/germeval2014ner/data",
      "https://spacy.io/api/cli#converters",
    ])

  private static let abilities: FeatureSet = [
    .textMedia, .sampleID, .tokens, .sampleAttributes, .samplePreserved, .label, .span, .datasetPreserved,
  ]

  /// Without comments there is no place for ids.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    options["comments"] == "no" ? abilities.subtracting([.sampleID]) : abilities
  }

  /// A reader of a file, or of the files of a folder.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    var read = CoNLLReadOptions(scheme: TagScheme(rawValue: options["scheme"]))
    switch options["labels"] {
    case "auto": break
    case "none": read.labels = []
    case let text:
      var columns: [Int] = []
      for part in text.split(separator: "+", omittingEmptySubsequences: false) {
        guard let column = Int(part), column > 0, column <= CoNLLLayout.widthLimit, !columns.contains(column - 1) else {
          throw DatasetError(
            .usage,
            "The option conll:labels is auto, none, or columns counted from 1 such as 4 or 3+4, not \"\(terminalSafe(text))\"")
        }
        columns.append(column - 1)
      }
      read.labels = columns
    }
    if options["token"] != "auto" {
      guard let column = Int(options["token"]), column > 0, column <= CoNLLLayout.widthLimit else {
        throw DatasetError(
          .usage, "The option conll:token is auto or a column counted from 1, not \"\(terminalSafe(options["token"]))\"")
      }
      read.token = column - 1
    }
    return CoNLLReader(input: input, options: read)
  }

  /// A writer of one file.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    var layers: Int?
    if options["layers"] != "keep" {
      layers = Int(options["layers"])
      guard let layers, layers >= 1, layers <= 9 else {
        throw DatasetError(
          .usage, "The option conll:layers is keep or a number from 1 to 9, not \"\(terminalSafe(options["layers"]))\"")
      }
    }
    return CoNLLWriter(
      options: CoNLLWriteOptions(
        scheme: TagScheme(rawValue: options["scheme"]), separator: CoNLLDialect.Separator(rawValue: options["separator"]),
        layers: layers, hasComments: options["comments"] != "no"))
  }
}
