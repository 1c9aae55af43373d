import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Reads the rows of a label file; one for each worker, which keeps its memory from file to file.
struct YOLORows {
  /// The numbers after the class of the row being read.
  private var values: [Double] = []
  /// The rows of the file so far, by a hash of their bytes.
  private var hashes: [UInt64] = []
  private var many: Set<UInt64> = []

  /// Reads a file and appends its annotations; what is wrong goes to the context, and the row is left out.
  mutating func read(
    _ bytes: UnsafeRawBufferPointer, _ file: FileID, _ index: YOLOIndex, into annotations: inout [Annotation],
    _ context: ReadContext
  ) {
    hashes.removeAll(keepingCapacity: true)
    many.removeAll(keepingCapacity: true)
    var start = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      context.report(
        .warning, "yolo.file.bom", "The file begins with a byte order mark", at: SourceRange(file: file, offset: 0, length: 3))
    }
    var lines = LineScanner(bytes, from: start)
    while var range = lines.next() {
      while range.upperBound > range.lowerBound, YOLOLines.isBlank(bytes[range.upperBound - 1]) {
        range = range.lowerBound..<(range.upperBound - 1)
      }
      while range.lowerBound < range.upperBound, YOLOLines.isBlank(bytes[range.lowerBound]) {
        range = (range.lowerBound + 1)..<range.upperBound
      }
      if range.isEmpty { continue }
      let row = UnsafeRawBufferPointer(rebasing: bytes[range])
      do throws(YOLORowFault) {
        let annotation = try makeAnnotation(row, index)
        note(
          row, annotation, annotations, index, SourceRange(file: file, offset: range.lowerBound, length: range.count), context)
        annotations.append(annotation)
      } catch {
        let place = error.range ?? 0..<range.count
        context.report(
          .error, error.rule, error.message,
          at: SourceRange(file: file, offset: range.lowerBound + place.lowerBound, length: max(1, place.count)))
      }
    }
  }

  /// The highest class number of a file, as far as its rows begin with one; -1 when none does.
  static func highestClass(_ bytes: UnsafeRawBufferPointer) -> Int {
    var highest = -1
    var lines = LineScanner(bytes, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    while let range = lines.next() {
      var at = range.lowerBound
      while at < range.upperBound, YOLOLines.isBlank(bytes[at]) { at += 1 }
      var end = at
      while end < range.upperBound, !YOLOLines.isBlank(bytes[end]) { end += 1 }
      if let number = YOLONumber.classNumber(UnsafeRawBufferPointer(rebasing: bytes[at..<end])), number <= 100_000 {
        highest = max(highest, number)
      }
    }
    return highest
  }

  // MARK: One row

  private mutating func makeAnnotation(_ row: UnsafeRawBufferPointer, _ index: YOLOIndex) throws(YOLORowFault) -> Annotation {
    guard let base = row.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw .columns(1, index) }
    let end = base + row.count
    var p = base
    while p < end, !YOLOLines.isBlank(p.pointee) { p += 1 }
    let head = UnsafeRawBufferPointer(start: base, count: p - base)
    guard let number = YOLONumber.classNumber(head) else { throw .noClass(head) }
    values.removeAll(keepingCapacity: true)
    while true {
      while p < end, YOLOLines.isBlank(p.pointee) { p += 1 }
      if p == end { break }
      var value = 0.0
      guard let next = YOLONumber.read(p, end, &value) else { throw .number(base, p, end) }
      values.append(value)
      p = next
    }
    guard let label = index.label(ofClass: number) else { throw .classRange(number, head.count, index) }
    var annotation = Annotation(label: label)
    try place(&annotation, index)
    return annotation
  }

  /// Makes the box, the polygon or the keypoints of the numbers, as the task and their count say.
  private func place(_ annotation: inout Annotation, _ index: YOLOIndex) throws(YOLORowFault) {
    let count = values.count
    if count == 4 { return try setBox(&annotation) }
    switch index.task {
    case .pose:
      guard let shape = index.keypoints else { throw .keypointShape(count + 1) }
      let wanted = 4 + shape.count * shape.numbers
      guard count == wanted || count == wanted + 1 else { throw .columns(count + 1, index) }
      try setBox(&annotation)
      setKeypoints(&annotation, shape)
      if count > wanted { annotation.confidence = values[wanted] }
    case .obb:
      guard count == 8 || count == 9 else { throw .columns(count + 1, index) }
      setPolygon(&annotation, 8)
      if count == 9 { annotation.confidence = values[8] }
    case .segment:
      if count == 5 {
        try setBox(&annotation)
        annotation.confidence = values[4]
        return
      }
      guard count >= 6 else { throw .columns(count + 1, index) }
      setPolygon(&annotation, count & ~1)
      if count & 1 == 1 { annotation.confidence = values[count - 1] }
    case .detect, nil:
      if count == 5 {
        try setBox(&annotation)
        annotation.confidence = values[4]
        return
      }
      guard count >= 6, count & 1 == 0 else { throw .columns(count + 1, index) }
      if count == 8, index.task == nil { throw .ambiguous }
      setPolygon(&annotation, count)
    }
  }

  private func setBox(_ annotation: inout Annotation) throws(YOLORowFault) {
    if values[2] < 0 || values[3] < 0 { throw .negative }
    annotation.box = Box(values[0], values[1], values[2], values[3], form: .centered, unit: .unit)
  }

  private func setPolygon(_ annotation: inout Annotation, _ count: Int) {
    annotation.shape = .polygon(Polygon(coordinates: Array(values[..<count]), unit: .unit))
  }

  private func setKeypoints(_ annotation: inout Annotation, _ shape: YOLOKeypointShape) {
    var points: [Keypoints.Keypoint] = []
    points.reserveCapacity(shape.count)
    for point in 0..<shape.count {
      let at = 4 + point * shape.numbers
      points.append(.init(x: values[at], y: values[at + 1], visibility: shape.numbers == 3 ? values[at + 2] : nil))
    }
    annotation.keypoints = Keypoints(points: points, unit: .unit)
  }

  /// Reports what is odd about a row that is kept.
  private mutating func note(
    _ row: UnsafeRawBufferPointer, _ annotation: Annotation, _ before: [Annotation], _ index: YOLOIndex,
    _ place: SourceRange, _ context: ReadContext
  ) {
    if isOutside(index) {
      context.report(
        .warning, "yolo.row.outside", "The coordinates of a row are shares of the image, from 0 to 1; these are kept as they are",
        at: place)
    }
    if row.prefix(while: { !YOLOLines.isBlank($0) }).contains(UInt8(ascii: ".")) {
      context.report(.warning, "yolo.row.class-spelling", "The number of a class is written without a point", at: place)
    }
    let hash = Hash64.hash(row)
    let isKnown: Bool
    if hashes.count < 48 {
      isKnown = hashes.contains(hash)
      hashes.append(hash)
    } else {
      if many.isEmpty { many.formUnion(hashes) }
      isKnown = !many.insert(hash).inserted
    }
    if isKnown, before.contains(annotation) {
      context.report(.warning, "yolo.row.duplicate", "This row stands in the file twice; both are kept", at: place)
    }
  }

  /// Whether a coordinate is no share of the image.
  private func isOutside(_ index: YOLOIndex) -> Bool {
    // The visibilities of keypoints go up to 2.
    let hasVisibilities = index.task == .pose && values.count > 5 && index.keypoints?.numbers == 3
    for (at, value) in values.enumerated() where !(value >= 0 && value <= 1) {
      if hasVisibilities, at >= 4, (at - 4) % 3 == 2 { continue }
      return true
    }
    return false
  }
}
