import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Pascal VOC: an XML file for each image, with ModelArts' shapes and properties as a dialect.
public enum PascalVOCFormat: Format {
  /// The name of the format.
  static let id = VOCCodec.section

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "Pascal VOC",
    summary: "One XML file of boxes for each image, image sets beside them (VOCdevkit, labelImg, CVAT, Roboflow, ModelArts)",
    fileExtensions: [".xml"],
    reads: abilities.union(extendedShapes),
    writes: abilities,
    readOptions: [
      FormatOption(
        "origin", "Where pixels are counted from: 0 reads numbers as edges, as written; 1 takes one off xmin and ymin",
        choices: ["0", "1"], defaultValue: "0")
    ],
    writeOptions: [
      FormatOption(
        "origin", "Where pixels are counted from: 0 writes edges as they are; 1 adds one to xmin and ymin", choices: ["0", "1"],
        defaultValue: "0"),
      FormatOption(
        "masks", "Write masks as pictures, or leave them out: with --approximate mask=box only their boxes are written",
        choices: ["write", "leave"], defaultValue: "write"),
      FormatOption(
        "overlap",
        "What becomes of masks under others, a pixel belonging to one object: refuse counts them as lost, cover as approximated",
        choices: ["refuse", "cover"], defaultValue: "refuse"),
      FormatOption(
        "shapes", "plain writes boxes; modelarts writes polygons, lines, circles, points and turned boxes as well",
        choices: ["plain", "modelarts"], defaultValue: "plain"),
      FormatOption(
        "fill", "Write truncated, difficult and occluded as 0 where they are not given, for readers that cannot do without",
        choices: ["no", "yes"], defaultValue: "no"),
      FormatOption(
        "layout", "The look of a file: devkit has tabs, service and sdk are ModelArts'", choices: ["devkit", "service", "sdk"],
        defaultValue: "devkit"),
    ],
    rules: VOCCodec.syntaxRules + VOCCodec.readingRules + rules + VOCCodec.writingRules,
    links: [
      "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html",
      "https://support.huaweicloud.com/intl/en-us/dataprepare-modelarts/dataprepare-modelarts-0015.html",
    ])

  private static let abilities: FeatureSet = [
    .image, .imageSize, .imageChannels, .split, .samplePreserved, .label, .box, .mask, .confidence, .hard, .difficult, .truncated,
    .occluded, .part,
    .attributes, .preserved, .labelColor, .labelPreserved, .datasetPreserved,
  ]

  private static let extendedShapes: FeatureSet = [.rotatedBox, .polygon, .polyline, .dashedLine, .circle, .point]

  /// With `shapes=modelarts` the shapes ModelArts adds to VOC are written too, with `masks=leave` no masks.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    let shapes = options["shapes"] == "modelarts" ? abilities.union(extendedShapes) : abilities
    return options["masks"] == "leave" ? shapes.subtracting(FeatureSet(.mask)) : shapes
  }

  /// Masks are pictures of their own: one annotation file has no place for them.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet {
    isFile ? writes(options).subtracting(FeatureSet(.mask)) : writes(options)
  }

  /// Judges files by their root element and what stands in it, and a folder by some of its XML files.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return judge(probe.head) }
    let candidates = probe.files.filter(isXML)
    let step = max(1, candidates.count / 5)
    var best: Detection?
    for index in stride(from: 0, to: candidates.count, by: step).prefix(6) {
      guard let found = judge(probe.head(of: candidates[index])) else { continue }
      if best.map({ $0.confidence < found.confidence }) ?? true {
        best = Detection(found.confidence, found.reasons.map { "\(candidates[index]): \($0)" })
      }
    }
    if best == nil, candidates.isEmpty, probe.files.contains(where: { $0.hasPrefix("ImageSets/Main/") }) {
      best = Detection(.possible, ["the folder has image sets in ImageSets/Main"])
    }
    if best == nil, candidates.isEmpty, let mask = probe.files.first(where: { PascalVOCIndex.maskPlace(of: $0) != nil }) {
      best = Detection(.likely, ["the folder has masks such as \(mask)"])
    }
    // VOC files beside a manifest are its sidecars: the manifest says more, and its own format knows it.
    if probe.files.contains(where: { $0.hasSuffix(".manifest") }) {
      best = best.map { Detection(.possible, $0.reasons + ["but a manifest lies beside the files"]) }
    }
    return best
  }

  /// Whether a path ends in `.xml`, in any case.
  static func isXML(_ path: String) -> Bool { path.utf8.count > 4 && path.suffix(4).lowercased() == ".xml" }

  private static func judge(_ head: [UInt8]) -> Detection? {
    let text = String(decoding: head, as: UTF8.self)
    guard let root = text.firstTag(), root == "annotation" else { return nil }
    // LabelMe's XML has the same root.
    if ["<sourceImage>", "<pt>", "<imagesize>", "<usertype"].contains(where: { text.holds($0) }) { return nil }
    if text.holds("<bndbox>") { return Detection(.certain, ["the root is annotation, with objects that have a bndbox"]) }
    let known = ["<filename", "<folder", "<size>", "<segmented", "<object>"].filter { text.holds($0) }.count
    if known >= 3 { return Detection(.certain, ["the root is annotation, with the elements of Pascal VOC"]) }
    return known > 0 ? Detection(.likely, ["the root is annotation, with an element of Pascal VOC"]) : nil
  }

  /// The folders beside `Annotations`, those of a devkit, and those that tell a split.
  public static func hasFolder(named name: String) -> Bool {
    if ["Annotations", "JPEGImages", "ImageSets", "SegmentationClass", "SegmentationObject", "images"].contains(name) {
      return true
    }
    let isOfDevkit = name == "VOCdevkit" || name.hasPrefix("VOC") && name.utf8.dropFirst(3).allSatisfy { (48...57).contains($0) }
    return isOfDevkit || PascalVOCReader.folderSplit(name + "/x.xml") != nil
  }

  /// A reader over one XML file or a folder.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    PascalVOCReader(input: input, dialect: VOCDialect(origin: options["origin"] == "1" ? 1 : 0, allowsExtendedShapes: true))
  }

  /// A writer of a folder, or of one XML file for a dataset of one image.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let layout: VOCDialect.Layout =
      switch options["layout"] {
      case "service": .service
      case "sdk": .sdk
      default: .devkit
      }
    return PascalVOCWriter(
      VOCDialect(
        origin: options["origin"] == "1" ? 1 : 0, allowsExtendedShapes: options["shapes"] == "modelarts", layout: layout,
        fillsFlags: options.isOn("fill")), coversMasks: options["overlap"] == "cover")
  }
}

extension String {
  /// The name of the first element.
  fileprivate func firstTag() -> Substring? {
    var rest = utf8[...]
    while let start = rest.firstIndex(of: 0x3C) {
      rest = rest[start...].dropFirst()
      guard let next = rest.first else { return nil }
      if next == 0x3F || next == 0x21 {
        // A comment may hold tags of its own.
        let isComment = rest.starts(with: "!--".utf8)
        while let mark = rest.firstIndex(of: 0x3E) {
          let body = rest[..<mark]
          rest = rest[mark...].dropFirst()
          if !isComment || body.suffix(2).elementsEqual("--".utf8) { break }
        }
        continue
      }
      let end = rest.firstIndex { $0 <= 0x20 || $0 == 0x3E || $0 == 0x2F } ?? rest.endIndex
      return Substring(rest[..<end])
    }
    return nil
  }

  /// Whether a text occurs.
  fileprivate func holds(_ text: String) -> Bool {
    var rest = utf8[...]
    while let start = rest.firstIndex(of: 0x3C) {
      rest = rest[start...]
      if rest.starts(with: text.utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
