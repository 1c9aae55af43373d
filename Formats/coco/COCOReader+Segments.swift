import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG
import WaybillSyntax

/// The segments that a record lists, with their colours; also those that are left out, whose pixels are then known.
struct ListedSegments {
  private(set) var ids: [UInt32] = []
  private(set) var ranges: [Range<Int>] = []
  var annotations: [Annotation?] = []
  private var known: Set<UInt32> = []

  init() {}

  var isEmpty: Bool { ids.isEmpty }

  /// Whether an id is listed already.
  func contains(_ id: UInt32) -> Bool { known.contains(id) }

  /// Adds a segment.
  mutating func add(_ id: UInt32, _ range: Range<Int>, _ annotation: Annotation?) {
    known.insert(id)
    ids.append(id)
    ranges.append(range)
    annotations.append(annotation)
  }
}

extension DecodingState {
  /// The largest id that a colour can say.
  static let largestSegmentID = 0xFF_FFFF
  /// The largest picture: its pixels are in memory.
  static let pictureLimits = PNGLimits(pixels: 1 << 27)

  /// Decodes one segment; what breaks a rule is reported and left out.
  mutating func segment(
    at start: Int, _ end: Int, _ scene: AnnotationScene, into listed: inout ListedSegments
  ) throws(JSONFault) {
    members.removeAll()
    var scanner = JSONScanner(bytes, from: start, to: end)
    var annotation = Annotation()
    var category: Range<Int>?
    var isRefused = false
    var seen = KeySet()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch AnnotationKey(key) {
      case .id:
        try seen.insert(0, key, in: bytes)
        try takeID(key, &scanner, &annotation)
      case .categoryID:
        try seen.insert(1, key, in: bytes)
        category = try scanner.skipValue()
      case .box:
        try seen.insert(2, key, in: bytes)
        if try !takeBox(key, &scanner, &annotation, scene, start) { isRefused = true }
      case .area:
        try seen.insert(3, key, in: bytes)
        annotation.area = try takeNumber(key, &scanner)
      case .crowd:
        try seen.insert(4, key, in: bytes)
        try takeCrowd(key, &scanner, &annotation)
      case .score:
        try seen.insert(5, key, in: bytes)
        annotation.confidence = try takeNumber(key, &scanner)
      case .attributes:
        try seen.insert(6, key, in: bytes)
        let value = scanner.offset
        let attributes = try scanner.peekKind() == .object ? scanner.attributes() : Attributes()
        if attributes.isEmpty { try members.take(key, from: &scanner, at: value) } else { annotation.attributes = attributes }
      case .imageID, .segmentation, .keypoints, .caption, nil: try members.take(key, from: &scanner)
      }
    }
    guard case .integer(let number) = annotation.id, number > 0, number <= Self.largestSegmentID else {
      return scene.report(
        .error, "coco.segment.id",
        "The id of a segment is a whole number from 1 to \(Self.largestSegmentID), the colour of its pixels",
        at: start, end)
    }
    let id = UInt32(truncatingIfNeeded: number)
    guard !listed.contains(id) else {
      return scene.report(.error, "coco.segment.duplicate-id", "The segment \(id) stands twice in its record", at: start, end)
    }
    if let category, try !takeCategory(category, &annotation, scene, start) { isRefused = true }
    if !members.isEmpty { annotation.preserved = members.preserved(COCOFormat.id) }
    listed.add(id, start..<end, isRefused ? nil : annotation)
  }

  /// The picture of a record's segments; nil when there is none or it does not fit, which is reported.
  func picture(of record: PanopticRecord, _ sample: Sample, _ scene: AnnotationScene) -> PNGPicture? {
    guard let folder = scene.file.variant?.segmentFolder, let name = try? RelativePath(record.name) else { return nil }
    func report(_ rule: String, _ message: String) {
      scene.report(.error, rule, message, at: record.nameRange.lowerBound, record.nameRange.upperBound)
    }
    let mapped: MappedFile
    do throws(DatasetError) { mapped = try folder.map(name.text) } catch {
      report(
        "coco.panoptic.no-file",
        "The PNG file \(terminalSafe(record.name)) cannot be read in \(terminalSafe(folder.path)): \(error.message)")
      return nil
    }
    defer { withExtendedLifetime(mapped) {} }
    do throws(PNGProblem) {
      let reader = try PNGReader(mapped.bytes, limits: Self.pictureLimits)
      let header = reader.header
      if header.colorType == .grey || header.colorType == .greyAlpha || header.bitDepth > 8 {
        report(
          "coco.panoptic.png",
          "\(terminalSafe(record.name)) has no red, green and blue of 8 bits a pixel, which say the ids of segments")
        return nil
      }
      if let width = sample.media.width, let height = sample.media.height, (width, height) != (header.width, header.height) {
        report(
          "coco.panoptic.size",
          "\(terminalSafe(record.name)) is \(header.width) x \(header.height) pixels; its image is \(width) x \(height)")
        return nil
      }
      return try reader.readPicture(as: .rgb8)
    } catch {
      report("coco.panoptic.png", "\(terminalSafe(record.name)) cannot be read as a PNG file: \(terminalSafe(error.description))")
      return nil
    }
  }
}
