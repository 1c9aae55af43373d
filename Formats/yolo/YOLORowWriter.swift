import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Makes the rows of a label file; one for each worker, which keeps its memory from file to file.
final class YOLORowWriter {
  /// The rows of the sample written last.
  private(set) var bytes = ByteBuffer(capacity: 1 << 14)
  private var size: (width: Double, height: Double)?
  private var isSizeKnown = false
  private var isRounded = false
  private var isFinite = true
  private var scale = 0.0
  private var digits: Int?

  /// Makes the rows of a sample, and notes their kinds in the batch.
  func write(_ sample: Sample, _ dialect: YOLODialect, _ batch: inout EncodedBatch, _ context: EncodeContext) {
    bytes.removeAll()
    isSizeKnown = false
    isRounded = false
    var (hasBox, hasOutline) = (false, false)
    if digits != dialect.digits {
      digits = dialect.digits
      scale = 1
      for _ in 0..<(digits ?? 0) { scale *= 10 }
    }
    for index in sample.annotations.indices {
      let start = bytes.count
      isFinite = true
      do throws(YOLOWriteFault) {
        let kind = try row(sample.annotations[index], sample, dialect, context)
        guard isFinite else { throw .number }
        bytes.append(UInt8(ascii: "\n"))
        note(kind.kind, kind.shape, sample, &batch)
        if kind.kind == .box { hasBox = true } else if kind.kind != .pose { hasOutline = true }
      } catch {
        bytes.truncate(to: start)
        context.diagnostics.report(
          .error, error.rule, "Annotation \(index + 1) of \"\(terminalSafe(sample.key))\" \(error.message)", at: sample.source)
      }
    }
    if hasBox && hasOutline {
      context.diagnostics.report(
        .warning, "yolo.write.mixed",
        "The boxes of \"\(terminalSafe(sample.key))\" stand among outlines, and Ultralytics reads them as outlines of two points",
        at: sample.source)
    }
    if isRounded {
      context.diagnostics.report(
        .warning, "yolo.write.rounded",
        "The coordinates of \"\(terminalSafe(sample.key))\" are rounded to \(digits ?? 0) digits", at: sample.source)
    }
  }

  private func row(
    _ annotation: borrowing Annotation, _ sample: Sample, _ dialect: YOLODialect, _ context: EncodeContext
  ) throws(YOLOWriteFault) -> (kind: YOLORowKind, shape: YOLOKeypointShape?) {
    guard let label = annotation.label else { throw .noLabel }
    bytes.append(decimal: Int(label.index))
    var kind = YOLORowKind.box
    var shape: YOLOKeypointShape?
    if let keypoints = annotation.keypoints {
      kind = .pose
      guard annotation.shape == nil else { throw .noShape }
      guard let box = annotation.box ?? Bounds.box(around: keypoints) else { throw .noBox }
      try append(box, sample, context)
      shape = try append(keypoints, sample, context)
    } else if let place = annotation.shape {
      guard case .polygon(let polygon) = place, polygon.ringEnds.isEmpty else { throw .noShape }
      kind = polygon.coordinates.count == 8 ? .quad : .polygon
      guard polygon.coordinates.count >= 6, polygon.coordinates.count & 1 == 0 else { throw .points }
      if dialect.task == .obb, kind != .quad { throw .corners }
      try append(polygon, sample, context)
    } else if let box = annotation.box {
      if dialect.task == .pose { throw .noKeypoints }
      try append(box, sample, context)
    } else {
      throw .noShape
    }
    if dialect.writesConfidence, let confidence = annotation.confidence {
      bytes.append(UInt8(ascii: " "))
      if confidence.isFinite { bytes.append(confidence) } else { isFinite = false }
    }
    return (kind, shape)
  }

  // MARK: Places

  private func append(_ box: Box, _ sample: Sample, _ context: EncodeContext) throws(YOLOWriteFault) {
    var (width, height) = (1.0, 1.0)
    if box.unit == .pixels { (width, height) = try pixelSize(of: sample, context) }
    let centered = box.converted(to: .centered)
    append(centered.first / width)
    append(centered.second / height)
    append(centered.third / width)
    append(centered.fourth / height)
  }

  private func append(_ polygon: Polygon, _ sample: Sample, _ context: EncodeContext) throws(YOLOWriteFault) {
    var (width, height) = (1.0, 1.0)
    if polygon.unit == .pixels { (width, height) = try pixelSize(of: sample, context) }
    bytes.reserve(polygon.coordinates.count * 20)
    var isX = true
    for value in polygon.coordinates {
      append(value / (isX ? width : height))
      isX.toggle()
    }
  }

  private func append(
    _ keypoints: Keypoints, _ sample: Sample, _ context: EncodeContext
  ) throws(YOLOWriteFault) -> YOLOKeypointShape {
    var (width, height) = (1.0, 1.0)
    if keypoints.unit == .pixels { (width, height) = try pixelSize(of: sample, context) }
    let hasVisibility = keypoints.points.first?.visibility != nil
    guard let shape = YOLOKeypointShape(count: keypoints.points.count, numbers: hasVisibility ? 3 : 2) else { throw .keypoints }
    for point in keypoints.points {
      append(point.x / width)
      append(point.y / height)
      guard (point.visibility != nil) == hasVisibility else { throw .keypoints }
      if let visibility = point.visibility { append(visibility) }
    }
    return shape
  }

  /// Appends a space and a number; what is not finite fails the row.
  @inline(__always) private func append(_ value: Double) {
    bytes.append(UInt8(ascii: " "))
    var value = value
    if digits != nil {
      let rounded = (value * scale).rounded() / scale
      if rounded != value, rounded.isFinite {
        isRounded = true
        value = rounded
      }
    }
    if value.isFinite { bytes.append(value) } else { isFinite = false }
  }

  private func pixelSize(of sample: Sample, _ context: EncodeContext) throws(YOLOWriteFault) -> (width: Double, height: Double) {
    if !isSizeKnown {
      isSizeKnown = true
      size = nil
      if let found = context.imageSize(of: sample), found.width > 0, found.height > 0 {
        size = (Double(found.width), Double(found.height))
      }
    }
    guard let size else { throw .noSize }
    return size
  }

  // MARK: Kinds

  /// Notes the first row of a kind in a batch.
  private func note(_ kind: YOLORowKind, _ shape: YOLOKeypointShape?, _ sample: Sample, _ batch: inout EncodedBatch) {
    let id = kind.rawValue + (shape.map { Int64($0.count) * 64 + Int64($0.numbers) * 8 } ?? 0)
    for record in batch.records where record.kind == YOLORecord.kind.rawValue && record.id == id { return }
    let start = batch.bytes.count
    batch.bytes.append(sample.key)
    // The place of the sample goes where a position and an ordinal would.
    batch.records.append(
      .init(
        kind: YOLORecord.kind.rawValue, range: start..<batch.bytes.count, id: id, ordinal: sample.source?.file.index,
        position: sample.source?.offset ?? 0))
  }
}

/// Why an annotation cannot be a row.
struct YOLOWriteFault: Error {
  var rule: String
  /// The rest of a sentence that begins with the annotation.
  var message: String

  static let noLabel = YOLOWriteFault(rule: "yolo.write.no-label", message: "has no label, and a row begins with the number of one")
  static let noShape = YOLOWriteFault(rule: "yolo.write.no-shape", message: "has no box, no polygon of one ring and no keypoints")
  static let noSize = YOLOWriteFault(
    rule: "yolo.write.no-size",
    message: "is in pixels; the size of the image is not known and the image was not found; --media-root names its folder")
  static let number = YOLOWriteFault(rule: "yolo.write.number", message: "has a number that is not finite")
  static let points = YOLOWriteFault(rule: "yolo.write.points", message: "has an outline of fewer than three points")
  static let corners = YOLOWriteFault(rule: "yolo.write.points", message: "is no turned box: its outline has not four points")
  static let keypoints = YOLOWriteFault(
    rule: "yolo.write.keypoints", message: "has keypoints with a visibility and others without, or none at all")
  static let noBox = YOLOWriteFault(rule: "yolo.write.keypoints", message: "has no box, and no keypoint is labeled")
  static let noKeypoints = YOLOWriteFault(
    rule: "yolo.write.keypoints", message: "has no keypoints, and every row of a pose has them")
}
