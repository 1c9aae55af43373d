import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension COCOEncoder {
  /// Appends where an annotation is: box, segmentation, area, crowd mark and keypoints; false when that cannot be written.
  func encodePlace(
    _ annotation: borrowing Annotation, of sample: Sample, _ raw: RawKeys, _ bytes: inout ByteBuffer, _ context: EncodeContext
  ) -> Bool {
    let keypoints = annotation.hasRareAnswers ? annotation.keypoints : nil
    guard annotation.box != nil || annotation.shape != nil || keypoints != nil else {
      if let area = annotation.area, !raw.contains(.area) { append("area", area, &bytes) }
      if let crowd = annotation.flags.crowd, !raw.contains(.crowd) { append(crowd: crowd, &bytes) }
      return true
    }
    var place = Place(box: annotation.box, shape: annotation.shape, keypoints: keypoints)
    var isBeyondNumbers = false
    if place.isInShares {
      guard let size = context.imageSize(of: sample), size.width > 0, size.height > 0 else {
        context.diagnostics.report(
          .error, "coco.write.no-size",
          "The image \(terminalSafe(sample.key)) has places in shares of its size, which is not known; "
            + "--media-root finds the image",
          at: sample.source)
        return false
      }
      place.convertToPixels(Double(size.width), Double(size.height))
      isBeyondNumbers = place.isBeyondNumbers
    }
    if !isOrigin, place.box == nil { place.box = place.bounds }
    let box = place.box?.converted(to: .extent)
    if isBeyondNumbers || box.map({ !($0.third >= 0 && $0.fourth >= 0 && $0.third.isFinite && $0.fourth.isFinite) }) ?? false {
      if !isBeyondNumbers, let box, box.third < 0 || box.fourth < 0 {
        context.diagnostics.report(
          .error, "coco.write.negative", "A box of \(terminalSafe(sample.key)) has a negative width or height", at: sample.source)
        return false
      }
      context.diagnostics.report(
        .error, "coco.write.number", "A place on the image \(terminalSafe(sample.key)) is beyond the largest number",
        at: sample.source)
      return false
    }
    if let box, !raw.contains(.box) {
      bytes.put(",\"bbox\":[")
      withUnsafeBytes(of: (box.first, box.second, box.third, box.fourth)) {
        _ = bytes.append(numbers: $0.bindMemory(to: Double.self))
      }
      bytes.put("]")
    }
    if !raw.contains(.segmentation), let shape = place.shape {
      switch shape {
      case .polygon(let polygon): append(polygon, &bytes)
      case .mask(let mask):
        guard append(mask, &bytes) else {
          context.diagnostics.report(
            .error, "coco.write.mask", "The runs of a mask of \(terminalSafe(sample.key)) do not cover its size", at: sample.source)
          return false
        }
      case .rotatedBox, .polyline, .circle, .ellipse, .point: break
      }
    }
    if !raw.contains(.area) {
      if let area = annotation.area {
        append("area", area, &bytes)
      } else if !isOrigin, let area = place.area, area.isFinite {
        append("area", area, &bytes)
      }
    }
    if !raw.contains(.crowd) {
      if let crowd = annotation.flags.crowd {
        append(crowd: crowd, &bytes)
      } else if !isOrigin {
        append(crowd: false, &bytes)
      }
    }
    if let points = place.keypoints?.points { append(points, raw, &bytes) }
    return true
  }

  private func append(_ name: StaticString, _ number: Double, _ bytes: inout ByteBuffer) {
    bytes.put(",\"")
    bytes.append(name)
    bytes.put("\":")
    bytes.append(number)
  }

  private func append(crowd: Bool, _ bytes: inout ByteBuffer) {
    bytes.put(crowd ? ",\"iscrowd\":1" : ",\"iscrowd\":0")
  }

  private func append(_ points: [Keypoints.Keypoint], _ raw: RawKeys, _ bytes: inout ByteBuffer) {
    guard !raw.contains(.keypoints) else { return }
    bytes.put(",\"keypoints\":[")
    var labeled = 0
    for (index, point) in points.enumerated() {
      if index > 0 { bytes.put(",") }
      let visibility = point.visibility ?? 2
      if visibility > 0 { labeled += 1 }
      bytes.append(point.x)
      bytes.put(",")
      bytes.append(point.y)
      bytes.put(",")
      bytes.append(visibility)
    }
    bytes.put("]")
    if !isOrigin, !raw.contains(.keypointCount) {
      bytes.put(",\"num_keypoints\":")
      bytes.append(decimal: labeled)
    }
  }

  private func append(_ polygon: Polygon, _ bytes: inout ByteBuffer) {
    bytes.put(",\"segmentation\":[")
    polygon.coordinates.withUnsafeBufferPointer { coordinates in
      for index in 0..<polygon.ringCount {
        let range = polygon.ring(index).clamped(to: 0..<coordinates.count)
        bytes.put(index == 0 ? "[" : ",[")
        bytes.append(numbers: UnsafeBufferPointer(rebasing: coordinates[range]))
        bytes.put("]")
      }
    }
    bytes.put("]")
  }

  private func append(_ mask: Mask, _ bytes: inout ByteBuffer) -> Bool {
    // What COCO's own reader gave has been checked there.
    if !isOrigin {
      guard let counts = try? RunLength.runs(of: mask),
        (try? RunLength.check(counts, width: mask.width, height: mask.height)) != nil
      else { return false }
    }
    var runs = mask.runs
    switch (runs, runSpelling) {
    case (.compressed(let text), .list):
      guard let counts = try? RunLength.decode(text.utf8) else { return false }
      runs = .counts(counts)
    case (.counts(let counts), .string): runs = .compressed(RunLength.encode(counts))
    default: break
    }
    bytes.put(",\"segmentation\":{\"size\":[")
    bytes.append(decimal: mask.height)
    bytes.put(",")
    bytes.append(decimal: mask.width)
    bytes.put("],\"counts\":")
    switch runs {
    case .compressed(let text): bytes.appendJSON(text)
    case .counts(let counts):
      bytes.put("[")
      for (index, count) in counts.enumerated() {
        if index > 0 { bytes.put(",") }
        bytes.append(decimal: UInt64(count))
      }
      bytes.put("]")
    }
    bytes.put("}")
    return true
  }
}

/// Where an annotation is, on its way to pixels.
struct Place {
  var box: Box?
  var shape: Shape?
  var keypoints: Keypoints?

  /// Whether anything is given in shares of the image's size.
  var isInShares: Bool {
    if let box, box.unit == .unit { return true }
    if case .polygon(let polygon) = shape, polygon.unit == .unit { return true }
    if let keypoints, keypoints.unit == .unit { return true }
    return false
  }

  /// Turns shares of the image's size into pixels.
  mutating func convertToPixels(_ width: Double, _ height: Double) {
    box = box?.converted(to: .pixels, width: width, height: height)
    if case .polygon(var polygon) = shape, polygon.unit == .unit {
      for at in polygon.coordinates.indices { polygon.coordinates[at] *= at % 2 == 0 ? width : height }
      polygon.unit = .pixels
      shape = .polygon(polygon)
    }
    if var points = keypoints, points.unit == .unit {
      for at in points.points.indices {
        points.points[at].x *= width
        points.points[at].y *= height
      }
      points.unit = .pixels
      keypoints = points
    }
  }

  /// Whether a coordinate is no longer a number that can be written, as large shares of large images become.
  var isBeyondNumbers: Bool {
    if let box, !(box.first.isFinite && box.second.isFinite) { return true }
    if case .polygon(let polygon) = shape, polygon.coordinates.contains(where: { !$0.isFinite }) { return true }
    return keypoints?.points.contains { !($0.x.isFinite && $0.y.isFinite) } ?? false
  }

  /// The box around the shape, else around the keypoints.
  var bounds: Box? { shape.flatMap { Bounds.box(around: $0) } ?? keypoints.flatMap { Bounds.box(around: $0) } }

  /// The area in square pixels: of the shape, else of the box.
  var area: Double? {
    switch shape {
    case .polygon(let polygon): return Place.area(of: polygon)
    case .mask(let mask):
      guard let runs = try? RunLength.runs(of: mask) else { return nil }
      return Double(RunLength.area(of: runs))
    default:
      guard let box = box?.converted(to: .extent) else { return nil }
      return Place.rounded(box.third * box.fourth)
    }
  }

  /// The area inside the rings, by the shoelace formula.
  static func area(of polygon: Polygon) -> Double {
    var total = 0.0
    for index in 0..<polygon.ringCount {
      let ring = polygon.ring(index)
      guard ring.count >= 6 else { continue }
      var sum = 0.0
      var x = polygon.coordinates[ring.upperBound - 2]
      var y = polygon.coordinates[ring.upperBound - 1]
      for at in stride(from: ring.lowerBound, to: ring.upperBound - 1, by: 2) {
        let (nextX, nextY) = (polygon.coordinates[at], polygon.coordinates[at + 1])
        sum += x * nextY - nextX * y
        (x, y) = (nextX, nextY)
      }
      total += abs(sum) / 2
    }
    return rounded(total)
  }

  /// The number to four decimals, without the noise of its computation.
  static func rounded(_ value: Double) -> Double {
    value.magnitude < 1e11 ? (value * 10_000).rounded() / 10_000 : value
  }
}
