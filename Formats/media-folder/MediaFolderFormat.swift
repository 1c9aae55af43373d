import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Folders of pictures, sound and video: the label is the folder, a text file beside, a line of a list, or a row of Hugging Face's metadata.
public enum MediaFolderFormat: Format {
  /// The name of the format.
  static let id: FormatID = "media-folder"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "Media folder",
    summary:
      "Folders of pictures, sound and video with class folders, text files beside, ImageNet lists, or Hugging Face metadata",
    fileExtensions: [],
    reads: metadata,
    writes: metadata,
    readOptions: [
      FormatOption(
        "layout", "Where labels are; auto looks for metadata files, texts beside media, lists, and class folders, in this order",
        choices: ["auto"] + FolderLayout.names, defaultValue: "auto"),
      FormatOption(
        "level", "Which folder is the class where folders are nested: the last, the first, or the path of all of them",
        choices: ["last", "first", "path"], defaultValue: "last"),
      FormatOption(
        "splits", "Whether folders called train, val, test and so on are splits; otherwise they are classes like others",
        choices: ["yes", "no"], defaultValue: "yes"),
      FormatOption("label", "The column of labels of metadata; auto takes the first of the usual names", defaultValue: "auto"),
      FormatOption("text", "The column of captions of metadata; auto takes the first of the usual names", defaultValue: "auto"),
      FormatOption("names", "The file of class names of lists; auto looks for the usual names", defaultValue: "auto"),
    ],
    writeOptions: [
      FormatOption(
        "layout",
        "How labels are written; auto is as it was read, folders and text files only with --media, and metadata for other formats",
        choices: ["auto"] + FolderLayout.names, defaultValue: "auto"),
      FormatOption(
        "metadata", "The files of metadata: lines of JSON or a table; auto is as it was read, else jsonl",
        choices: ["auto", "jsonl", "csv"],
        defaultValue: "auto"),
      FormatOption("split", "The split of samples that have none, such as train", defaultValue: ""),
      FormatOption(
        "names", "What media are called in class folders: as their file, or by their whole path joined by _",
        choices: ["file", "path"], defaultValue: "file"),
    ],
    rules: rules,
    links: [
      "https://huggingface.co/docs/datasets/image_dataset", "https://huggingface.co/docs/datasets/audio_dataset",
      "https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html",
      "https://support.huaweicloud.com/intl/en-us/dataprepare-modelarts/dataprepare-modelarts-0008.html",
    ])

  /// What a folder, a text file beside or a line of a list can say.
  private static let classes: FeatureSet = [.image, .audio, .video, .split, .classification, .datasetPreserved]
  /// What a row of a table can say.
  private static let table = classes.union([.imageSize, .sampleID, .sampleAttributes, .caption])
  /// What a line of JSON can say.
  private static let metadata = table.union([.label, .box, .id, .area, .attributes])

  /// Metadata says most; a folder, a text file and a list say classes.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    switch FolderLayout(rawValue: options["layout"]) {
    case .classFolders, .textFiles, .list: classes
    case .metadata, nil: options["metadata"] == "csv" ? table : metadata
    }
  }

  /// The folders that tell a split.
  public static func hasFolder(named name: String) -> Bool { MediaPlaces.split(ofFolder: name) != nil }

  /// A reader of a folder, or of one metadata file or list in it.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    MediaFolderReader(input: input, options: options)
  }

  /// A writer of a folder.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    MediaFolderWriter(options)
  }
}

/// Where the labels of a folder of media are.
enum FolderLayout: String, Sendable, CaseIterable {
  /// In the name of the folder a medium lies in.
  case classFolders = "class-folders"
  /// In a text file beside the medium, one on each line.
  case textFiles = "text-files"
  /// In lists of paths and class numbers.
  case list
  /// In Hugging Face's `metadata.jsonl` or `metadata.csv`.
  case metadata

  /// The names, as options spell them.
  static let names = allCases.map(\.rawValue)
}
