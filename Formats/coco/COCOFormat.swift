import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// COCO's JSON files: instances, keypoints, captions, stuff, image labels and image lists, LVIS included; lists of results; panoptic
/// segments in PNG files.
public enum COCOFormat: Format {
  /// The name of the format.
  static let id: FormatID = "coco"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "COCO",
    summary: "One JSON file of images, annotations and categories (instances, keypoints, captions, stuff, LVIS), results, panoptic",
    fileExtensions: [".json"],
    reads: abilities.union([.split]),
    writes: abilities,
    readOptions: [
      FormatOption(
        "task", "Which files of a folder to read, when it holds several kinds for the same images",
        choices: ["auto"] + TaskFamily.all, defaultValue: "auto"),
      FormatOption(
        "images", "File with the images and categories of a list of results; below the input's folder, or absolute",
        defaultValue: ""),
      FormatOption(
        "masks", "Folder of a panoptic file's PNG files, when it has not the file's name; below the input's folder, or absolute",
        defaultValue: ""),
    ],
    writeOptions: [
      FormatOption(
        "kind",
        "What to write: lists of images and annotations, a list of results, or segments in PNG files; keep is as it was read",
        choices: ["keep", "instances", "results", "panoptic"], defaultValue: "keep"),
      FormatOption(
        "ids", "Keep the ids of images, annotations and categories, or number all of them from 1, or the annotations",
        choices: ["keep", "renumber", "annotations"], defaultValue: "keep"),
      FormatOption("rle", "Spelling of run-length masks", choices: ["keep", "string", "list"], defaultValue: "keep"),
      FormatOption(
        "overlap", "Pixels of several panoptic segments: an error, or the pixel is the first's or the last's",
        choices: ["refuse", "first", "last"], defaultValue: "refuse"),
    ],
    rules: rules,
    links: [
      "https://cocodataset.org/#format-data", "https://cocodataset.org/#format-results", "https://www.lvisdataset.org/dataset",
    ])

  private static let abilities: FeatureSet = [
    .image, .imageSize, .sampleID, .samplePreserved, .classification, .label, .caption, .text, .box, .polygon, .polygonParts,
    .keypoints, .mask, .id, .confidence, .crowd, .area, .order, .attributes, .preserved, .labelID, .labelParent, .labelKeypoints,
    .labelPreserved, .datasetPreserved,
  ]

  /// What a list of results has no place for.
  private static let besideResults: FeatureSet = [
    .imageSize, .samplePreserved, .labelParent, .labelKeypoints, .labelPreserved, .datasetPreserved,
  ]

  /// What the segments of a panoptic file have no place for.
  private static let besideSegments: FeatureSet = [
    .classification, .caption, .text, .polygon, .polygonParts, .keypoints, .order,
  ]

  /// The abilities of the kind of file asked for.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    switch options["kind"] {
    case "results": descriptor.writes.subtracting(besideResults)
    case "panoptic": descriptor.writes.subtracting(besideSegments)
    default: descriptor.writes
    }
  }

  /// A folder has a file for each split, and so holds splits.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet {
    isFile ? writes(options) : writes(options).union(FeatureSet(.split))
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

  /// `annotations`, `images` and the names of splits.
  public static func hasFolder(named name: String) -> Bool {
    name == "annotations" || name == "images" || COCOFolder.knownSplit(name) != nil
  }

  /// A reader over a COCO file, or over a folder of them.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    var asked = COCOReadOptions()
    asked.task = options["task"]
    asked.hasFolder = !input.isSpooled
    asked.files = input.files
    if !options["images"].isEmpty { asked.images = OptionPath.resolve(options["images"], input) }
    if !options["masks"].isEmpty { asked.masks = OptionPath.resolve(options["masks"], input) }
    return COCOReader(input: input, options: asked)
  }

  /// A writer of one COCO file, or of a folder with a file for each split.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    var asked = COCOWriteOptions()
    asked.renumbersIDs = options["ids"] == "renumber"
    asked.renumbersAnnotations = options["ids"] != "keep"
    asked.runSpelling = RunSpelling(rawValue: options["rle"]) ?? .keep
    asked.kind = COCOKind(rawValue: options["kind"])
    asked.overlap = SegmentOverlap(rawValue: options["overlap"]) ?? .refuse
    return COCOWriter(asked)
  }
}

/// The kinds of COCO files, by the beginning of their names.
enum TaskFamily {
  /// The kinds in the order messages list them.
  static let all = ["instances", "keypoints", "captions", "labels", "stuff", "image_info", "panoptic", "results"]

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
