import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// MOTChallenge: comma separated rows of boxes followed over the frames of a sequence.
public enum MOTFormat: Format {
  static let id: FormatID = "mot"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "MOTChallenge",
    summary: "Rows of boxes with track and class for each frame of a sequence (MOT15 to MOT20, results of trackers)",
    fileExtensions: [".txt"], reads: abilities, writes: abilities,
    readOptions: [
      FormatOption(
        "rows", "Which file of a sequence is read; auto is the ground truth, else the detections", choices: ["auto", "gt", "det"],
        defaultValue: "auto"),
      FormatOption(
        "columns",
        "What stands behind the confidence; auto is a class in rows of nine columns, and a place in the world in longer ones",
        choices: ["auto", "class", "world"], defaultValue: "auto"),
      FormatOption("label", "The label of rows without a class, such as pedestrian", defaultValue: ""),
    ],
    rules: rules, links: ["https://motchallenge.net/instructions/", "https://arxiv.org/abs/1603.00831"])

  private static let abilities: FeatureSet = [
    .image, .imageSize, .frameNumber, .split, .label, .box, .track, .confidence, .order, .attributes, .preserved, .labelID,
    .datasetPreserved,
  ]

  /// Folders of the benchmark are part of the layout.
  public static func hasFolder(named name: String) -> Bool {
    ["gt", "det", "img1"].contains(name) || MOTSplit.name(ofFolder: name) != nil
  }

  /// A reader over a folder of sequences, one sequence, or a file of rows.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    MOTReader(input, options)
  }

  /// A writer.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter { MOTWriter() }
}

/// Folders that hold the sequences of a split.
enum MOTSplit {
  /// The split a folder stands for.
  static func name(ofFolder folder: String) -> String? {
    ["train", "test", "val", "valid", "validation"].contains(folder) ? SplitName.canonical(folder) : nil
  }

  /// The folder of a split; nil for a split no folder stands for.
  static func folder(of split: String) -> String? {
    switch split {
    case "train", "test": split
    case "validation": "val"
    default: nil
    }
  }
}
