import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// A segment that is painted: its colour, and what is written of it.
struct PaintedSegment {
  /// The position of its annotation in the sample.
  var position: Int
  /// The id, which is the colour of its pixels.
  var id: UInt32
  var box: Box?
  var area: Double?
  /// Whether it lost pixels to others.
  var isChanged = false
}

extension PanopticEncoder {
  /// Paints the annotations of a sample; nil when they cannot be written, which is reported.
  func paint(_ sample: Sample, _ canvas: SegmentCanvas, _ context: EncodeContext) -> [PaintedSegment]? {
    guard let size = size(of: sample, context) else { return nil }
    guard let ids = assignIDs(sample, context) else { return nil }
    canvas.reset(width: size.width, height: size.height)
    var segments: [PaintedSegment] = []
    var overlapping = 0
    var isWhole = true
    for (position, annotation) in sample.annotations.enumerated() {
      guard let runs = runs(of: annotation, sample, size, context) else {
        isWhole = false
        continue
      }
      let id = ids[position]
      let painted = canvas.paint(runs, id, overlap)
      if painted.overlapping > 0 {
        overlapping += painted.overlapping
        reportOverlap(painted, id, sample, context)
      }
      let segment = segment(position, id, annotation, runs, size)
      guard segment.box.map({ $0.first.isFinite && $0.second.isFinite && $0.third.isFinite && $0.fourth.isFinite }) ?? true else {
        report("coco.write.number", "has a box beyond the largest number", sample, context)
        isWhole = false
        continue
      }
      segments.append(segment)
    }
    guard isWhole, overlapping == 0 || overlap != .refuse else { return nil }
    return overlapping == 0 ? segments : remaining(segments, canvas, sample, context)
  }

  private func reportOverlap(_ painted: SegmentCanvas.Painted, _ id: UInt32, _ sample: Sample, _ context: EncodeContext) {
    let isOne = painted.overlapping == 1
    let problem =
      "The image \(terminalSafe(sample.key)): \(painted.overlapping) pixel\(isOne ? "" : "s") of the segment \(id) "
      + "belong\(isOne ? "s" : "") to others too, such as \(painted.other)"
    if overlap == .refuse {
      context.diagnostics.report(
        .error, "coco.write.overlap", problem + "; overlap=first or overlap=last says whose they are", at: sample.source)
    } else {
      context.diagnostics.report(
        .warning, "coco.write.overlap-lost", problem + "; \(isOne ? "it is" : "they are") the \(overlap.rawValue) one's",
        at: sample.source)
    }
  }

  /// The size of the picture: the image's, which all masks must have.
  private func size(of sample: Sample, _ context: EncodeContext) -> (width: Int, height: Int)? {
    var size: (width: Int, height: Int)?
    for annotation in sample.annotations {
      guard case .mask(let mask) = annotation.shape else { continue }
      size = (mask.width, mask.height)
      break
    }
    if size == nil || sample.media.width != nil { size = context.imageSize(of: sample) ?? size }
    guard let size, size.width > 0, size.height > 0 else {
      report(
        "coco.write.no-size", "has no size, which the picture of its segments needs; --media-root finds the image", sample, context)
      return nil
    }
    let (pixels, overflow) = size.width.multipliedReportingOverflow(by: size.height)
    guard !overflow, pixels <= DecodingState.pictureLimits.pixels, size.width <= 65_535, size.height <= 65_535 else {
      report("coco.write.png", "is too large for a picture of segments: \(size.width) x \(size.height) pixels", sample, context)
      return nil
    }
    return size
  }

  /// The ids of the segments: their own, or the next free ones.
  private func assignIDs(_ sample: Sample, _ context: EncodeContext) -> [UInt32]? {
    if records.renumbersAnnotations {
      guard sample.annotations.count <= DecodingState.largestSegmentID else { return nil }
      return sample.annotations.indices.map { UInt32(truncatingIfNeeded: $0 + 1) }
    }
    var used: Set<UInt32> = []
    var ids: [UInt32?] = []
    for annotation in sample.annotations {
      guard let own = annotation.id else {
        ids.append(nil)
        continue
      }
      guard case .integer(let number) = own, number > 0, number <= DecodingState.largestSegmentID,
        used.insert(UInt32(truncatingIfNeeded: number)).inserted
      else {
        report(
          "coco.write.segment-id",
          "has an annotation with the id \(own.safeText); the id of a segment is a whole number from 1 to "
            + "\(DecodingState.largestSegmentID), once in its image; ids=annotations numbers them anew", sample, context)
        return nil
      }
      ids.append(UInt32(truncatingIfNeeded: number))
    }
    var next: UInt32 = 1
    var result: [UInt32] = []
    for id in ids {
      while used.contains(next) { next += 1 }
      result.append(id ?? next)
      if id == nil { next += 1 }
    }
    return result
  }

  /// The runs of an annotation's mask; nil when it has none that fits, which is reported.
  private func runs(
    of annotation: borrowing Annotation, _ sample: Sample, _ size: (width: Int, height: Int), _ context: EncodeContext
  ) -> [UInt32]? {
    guard case .mask(let mask) = annotation.shape, annotation.keypoints == nil, annotation.text == nil else {
      report(
        "coco.write.no-mask",
        "has an annotation that is no mask alone; only masks are segments, and kind=instances writes all of it",
        sample, context)
      return nil
    }
    if let label = annotation.label, Int(label.index) >= records.categoryIDs.count {
      report("coco.write.unknown-label", "has a label that is not in the label table", sample, context)
      return nil
    }
    guard mask.width == size.width, mask.height == size.height else {
      report(
        "coco.write.mask-size", "is \(size.width) x \(size.height) pixels, and a mask of it \(mask.width) x \(mask.height)", sample,
        context)
      return nil
    }
    guard let runs = try? RunLength.runs(of: mask), (try? RunLength.check(runs, width: size.width, height: size.height)) != nil,
      RunLength.area(of: runs) > 0
    else {
      report("coco.write.mask", "has a mask without pixels, or with runs that cannot be read", sample, context)
      return nil
    }
    return runs
  }

  /// What is written of a segment: what is said of it, completed where it came from another format.
  private func segment(
    _ position: Int, _ id: UInt32, _ annotation: borrowing Annotation, _ runs: [UInt32], _ size: (width: Int, height: Int)
  ) -> PaintedSegment {
    var segment = PaintedSegment(position: position, id: id)
    segment.area = annotation.area
    segment.box = annotation.box?.converted(to: .pixels, width: Double(size.width), height: Double(size.height))
      .converted(to: .extent)
    if !records.isOrigin {
      segment.area = segment.area ?? Double(RunLength.area(of: runs))
      segment.box = segment.box ?? RunLength.bounds(of: runs, height: size.height)
    }
    return segment
  }

  /// The segments after others took pixels from them; nil when nothing is left of one, which is reported.
  private func remaining(
    _ segments: [PaintedSegment], _ canvas: SegmentCanvas, _ sample: Sample, _ context: EncodeContext
  ) -> [PaintedSegment]? {
    let remains = canvas.remains()
    var result: [PaintedSegment] = []
    for var segment in segments {
      guard let left = remains[segment.id] else {
        report("coco.write.hidden", "has a segment, \(segment.id), all of whose pixels belong to others", sample, context)
        continue
      }
      if case .mask(let mask) = sample.annotations[segment.position].shape, let runs = try? RunLength.runs(of: mask),
        RunLength.area(of: runs) != left.pixels
      {
        segment.isChanged = true
        segment.area = Double(left.pixels)
        segment.box = left.box
      }
      result.append(segment)
    }
    return result.count == segments.count ? result : nil
  }
}
