import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// COCO's JSON files: instances, keypoints, captions, image labels and image lists, LVIS included.
public enum COCOFormat: Format {
  /// The name of the format.
  static let id: FormatID = "coco"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "COCO",
    summary: "One JSON file of images, annotations and categories (instances, keypoints, captions, image labels, LVIS)",
    fileExtensions: [".json"],
    reads: abilities.union([.split]),
    writes: abilities,
    readOptions: [
      FormatOption(
        "task", "Which files of a folder to read, when it holds several kinds for the same images",
        choices: ["auto"] + TaskFamily.all, defaultValue: "auto")
    ],
    writeOptions: [
      FormatOption(
        "ids", "Keep the ids of images, annotations and categories, or number all from 1", choices: ["keep", "renumber"],
        defaultValue: "keep"),
      FormatOption("rle", "Spelling of run-length masks", choices: ["keep", "string", "list"], defaultValue: "keep"),
    ],
    rules: rules,
    links: ["https://cocodataset.org/#format-data", "https://www.lvisdataset.org/dataset"])

  private static let abilities: FeatureSet = [
    .image, .imageSize, .sampleID, .samplePreserved, .classification, .label, .caption, .text, .box, .polygon, .polygonParts,
    .keypoints, .mask, .id, .confidence, .crowd, .area, .order, .attributes, .preserved, .labelID, .labelParent, .labelKeypoints,
    .labelPreserved, .datasetPreserved,
  ]

  /// A folder has a file for each split, and so holds splits.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet {
    isFile ? descriptor.writes : descriptor.writes.union(FeatureSet(.split))
  }

  /// Judges a file by the members at its top, and a folder by the JSON files that lie where COCO's lie.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return COCOHead(probe.head)?.detection }
    var best: Detection?
    for path in COCOFolder.candidates(probe.files).prefix(8) {
      guard let found = COCOHead(probe.head(of: path))?.detection else { continue }
      if best.map({ $0.confidence < found.confidence }) ?? true {
        best = Detection(found.confidence, found.reasons.map { "\(path): \($0)" })
      }
    }
    return best
  }

  /// A reader over a COCO file, or over a folder of them.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    COCOReader(input: input, task: options["task"])
  }

  /// A writer of one COCO file, or of a folder with a file for each split.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    COCOWriter(renumbersIDs: options["ids"] == "renumber", runSpelling: RunSpelling(rawValue: options["rle"]) ?? .keep)
  }
}

/// The kinds of COCO files, by the beginning of their names.
enum TaskFamily {
  /// The kinds in the order messages list them.
  static let all = ["instances", "keypoints", "captions", "labels", "stuff", "image_info", "panoptic"]

  private static let prefixes: [(prefix: String, family: String)] =
    [("person_keypoints", "keypoints")] + all.map { ($0, $0) }

  /// The kind a file name tells, and what follows it; nil for names of people's own.
  static func split(stem: String) -> (family: String, rest: Substring)? {
    for (prefix, family) in prefixes where stem.hasPrefix(prefix) {
      let rest = stem.dropFirst(prefix.count)
      if rest.isEmpty { return (family, rest) }
      if rest.first == "_" || rest.first == "-" || rest.first == "." { return (family, rest.dropFirst()) }
    }
    return nil
  }
}

/// How run-length masks are spelled.
enum RunSpelling: String, Sendable {
  /// As they were read.
  case keep
  /// As the compressed text.
  case string
  /// As a list of numbers.
  case list
}
