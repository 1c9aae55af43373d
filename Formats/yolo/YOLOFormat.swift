import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// YOLO: a text file of rows for each image, described by Ultralytics' `data.yaml` or by Darknet's `obj.data`.
public enum YOLOFormat: Format {
  /// The name of the format.
  static let id: FormatID = "yolo"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "YOLO",
    summary:
      "One text file of rows for each image: boxes, outlines, keypoints or turned boxes (Ultralytics, Darknet, Roboflow, CVAT)",
    fileExtensions: [],
    reads: abilities.union([.confidence, .labelID, .labelKeypoints]),
    writes: abilities,
    needs: [.imageSize],
    writesOnePlace: true,
    readOptions: [
      FormatOption(
        "task", "What the rows are, where the dataset's own file does not say it", choices: ["auto"] + YOLOTask.names,
        defaultValue: "auto"),
      FormatOption(
        "keypoints", "Points of an object and numbers of a point, such as 17x3, where kpt_shape is not given", defaultValue: ""),
      FormatOption(
        "root", "The folder that holds images and labels, where it is not the folder of the YAML file", defaultValue: ""),
    ],
    writeOptions: [
      FormatOption(
        "task", "What the rows are; auto takes what the dataset holds, when that is one task", choices: ["auto"] + YOLOTask.names,
        defaultValue: "auto"),
      FormatOption(
        "layout", "ultralytics writes data.yaml, images and labels; darknet writes obj.data, obj.names and obj_train_data",
        choices: ["ultralytics", "darknet"], defaultValue: "ultralytics"),
      FormatOption(
        "confidence", "Write confidences as a last column, which files of predictions have and training refuses",
        choices: ["no", "yes"], defaultValue: "no"),
      FormatOption("digits", "Digits after the point, 1 to 17; without it numbers are exact", defaultValue: ""),
      FormatOption("split", "The split of samples that have none, such as train", defaultValue: ""),
    ],
    rules: rules,
    links: [
      "https://docs.ultralytics.com/datasets/detect/", "https://docs.ultralytics.com/datasets/segment/",
      "https://docs.ultralytics.com/datasets/pose/", "https://docs.ultralytics.com/datasets/obb/",
      "https://github.com/AlexeyAB/darknet#how-to-train-to-detect-your-custom-objects",
    ])

  private static let abilities: FeatureSet = [
    .image, .split, .samplePreserved, .label, .box, .polygon, .keypoints, .datasetPreserved,
  ]

  /// A task names the places its rows have; Darknet has boxes only.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    var found = abilities
    switch options["layout"] == "darknet" ? .detect : YOLOTask(rawValue: options["task"]) {
    case .detect: found = found.subtracting([.polygon, .keypoints])
    case .segment, .obb: found = found.subtracting([.box, .keypoints])
    case .pose: found.remove(.polygon)
    case nil: break
    }
    if options.isOn("confidence") { found.insert(.confidence) }
    return found
  }

  /// The folders of images and of labels, and those that tell a split.
  public static func hasFolder(named name: String) -> Bool {
    name == "images" || YOLOPlaces.labelFolders.contains(name) || YOLOListing.folderSplit(name + "/x.txt") != nil
  }

  /// A reader of a folder, or of the YAML or data file in it.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    var shape: YOLOKeypointShape?
    if !options["keypoints"].isEmpty {
      shape = YOLOKeypointShape(options["keypoints"])
      guard shape != nil else {
        throw DatasetError(
          .usage, "The option yolo:keypoints is points and numbers, such as 17x3, not \"\(terminalSafe(options["keypoints"]))\"")
      }
    }
    let root = options["root"]
    return YOLOReader(input: input, task: YOLOTask(rawValue: options["task"]), keypoints: shape, root: root.isEmpty ? nil : root)
  }

  /// A writer of a folder.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let isDarknet = options["layout"] == "darknet"
    let task = YOLOTask(rawValue: options["task"])
    if isDarknet, let task, task != .detect {
      throw DatasetError(.usage, "The layout darknet holds boxes only: it has no task \(task.rawValue)")
    }
    var digits: Int?
    if !options["digits"].isEmpty {
      digits = Int(options["digits"])
      guard let digits, digits >= 1, digits <= 17 else {
        throw DatasetError(
          .usage, "The option yolo:digits is a whole number from 1 to 17, not \"\(terminalSafe(options["digits"]))\"")
      }
    }
    let split = options["split"]
    if !split.isEmpty, YOLOSplit.fileName(split, isDarknet: isDarknet) == nil {
      throw DatasetError(.usage, "The split \"\(terminalSafe(split))\" cannot be the name of a list")
    }
    return YOLOWriter(
      YOLODialect(
        task: isDarknet ? .detect : task, isDarknet: isDarknet, writesConfidence: options.isOn("confidence"), digits: digits,
        defaultSplit: split.isEmpty ? nil : SplitName.canonical(split)))
  }
}

/// What the rows of a dataset are.
enum YOLOTask: String, Sendable, CaseIterable {
  /// Upright boxes.
  case detect
  /// Outlines.
  case segment
  /// Boxes with keypoints.
  case pose
  /// Turned boxes, by their four corners.
  case obb

  /// The names, as Ultralytics spells them.
  static let names = allCases.map(\.rawValue)
}

/// How many keypoints an object has, and how many numbers each of them.
struct YOLOKeypointShape: Sendable, Hashable {
  /// Points of an object.
  var count: Int
  /// 2 for x and y, 3 with a visibility.
  var numbers: Int

  /// A shape within reason; nil for any other.
  init?(count: Int, numbers: Int) {
    guard count > 0, count <= 10_000, numbers == 2 || numbers == 3 else { return nil }
    self.count = count
    self.numbers = numbers
  }

  /// Reads `17x3`.
  init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let count = parts[0], let numbers = parts[1] else { return nil }
    self.init(count: count, numbers: numbers)
  }
}

/// How a dataset is written.
struct YOLODialect: Sendable {
  /// The task; nil takes what the rows turn out to be.
  var task: YOLOTask?
  var isDarknet: Bool
  var writesConfidence: Bool
  /// Digits after the point; nil for exact numbers.
  var digits: Int?
  /// The split of samples that have none.
  var defaultSplit: String?
}
