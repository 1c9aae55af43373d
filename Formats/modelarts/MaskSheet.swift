import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG

/// The masks among the objects of a Pascal VOC file, and the picture they are painted into, each in a colour of its own.
struct MaskSheet {
  /// The objects without their masks.
  private(set) var bare: [Annotation]
  private var masks: [(index: Int, mask: Mask)] = []

  /// The masks of some objects; nil when there is none.
  init?(_ shapes: [Annotation]) {
    guard shapes.contains(where: { $0.features.contains(.mask) }) else { return nil }
    bare = shapes
    for (index, annotation) in shapes.enumerated() {
      guard case .mask(let mask)? = annotation.shape else { continue }
      bare[index].shape = nil
      masks.append((index, mask))
    }
  }

  /// Writes the picture, and its name and colours into the document.
  func write(
    _ facts: SidecarFacts?, into document: inout VOCDocument, _ sample: Sample, _ position: Int, _ context: EncodeContext
  ) throws(DatasetError) {
    guard let (map, covered) = paint() else {
      document.annotations = []
      return report("are not all of one size, or their runs do not cover it", sample, context)
    }
    if let width = document.width, let height = document.height, width != map.width || height != map.height {
      document.annotations = []
      return report("have \(map.width) x \(map.height) pixels, and the image \(width) x \(height)", sample, context)
    }
    (document.width, document.height) = (map.width, map.height)
    MaskSheet.account(covered, sample, context)
    let colors = colors()
    for (mask, color) in zip(masks, colors) { document.maskColors[mask.index] = color }
    if facts == nil { document.segmented = true }
    let place = MaskSheet.place(facts?.document.maskSource, sample, position)
    document.maskSource = place.source
    let numbers = [0] + colors.map { ColorMap.number(of: $0) }
    let picture = LabelPicture(
      width: map.width, height: map.height, form: .rgb, numbers: map.rows().map { numbers[Int($0)] })
    let bytes: [UInt8]
    do throws(PNGProblem) { bytes = try picture.encoded() } catch {
      throw DatasetError(.io, "The mask cannot be written: \(error.message)", path: place.path)
    }
    do throws(DatasetError) {
      try context.output.writeFile(place.path, bytes)
    } catch {
      guard error.code == .invalidInput else { throw error }
      report("would be written to \"\(terminalSafe(place.path))\", and that cannot be: \(error.message)", sample, context)
    }
  }

  private func report(_ problem: String, _ sample: Sample, _ context: EncodeContext) {
    context.diagnostics.report(
      .error, "modelarts.write.mask", "The masks of \"\(terminalSafe(sample.key))\" \(problem)", at: sample.source)
  }

  /// Paints the masks, later ones over earlier ones; nil when they are not of one size.
  func paint() -> (map: RegionMap, covered: [Int])? {
    guard let first = masks.first?.mask, first.width > 0, first.height > 0, first.width <= 65_535, first.height <= 65_535,
      first.width * first.height <= 1 << 28, masks.count <= RegionNumbering.limit
    else { return nil }
    var map = RegionMap(width: first.width, height: first.height)
    var covered = [Int](repeating: 0, count: masks.count + 1)
    for (index, item) in masks.enumerated() {
      guard item.mask.width == first.width, item.mask.height == first.height, let runs = try? RunLength.runs(of: item.mask),
        (try? RunLength.check(runs, width: first.width, height: first.height)) != nil
      else { return nil }
      map.paint(runs, as: UInt16(truncatingIfNeeded: index + 1)) { other, pixels in covered[Int(other)] += pixels }
    }
    return (map, covered)
  }

  /// A colour for each mask: the one it had, or the next of the colour map.
  private func colors() -> [UInt32] {
    let masked = Set(masks.map(\.index))
    var used: Set<UInt32> = [0]
    for (index, annotation) in bare.enumerated() where !masked.contains(index) {
      if let color = VOCMaskColor.kept(in: annotation) { used.insert(color) }
    }
    let kept = masks.map { item -> UInt32? in
      VOCMaskColor.kept(in: bare[item.index]).flatMap { used.insert($0).inserted ? $0 : nil }
    }
    var next: UInt32 = 0
    return kept.map { color in
      if let color { return color }
      repeat { next += 1 } while used.contains(ColorMap.color(of: next))
      used.insert(ColorMap.color(of: next))
      return ColorMap.color(of: next)
    }
  }

  /// Says which masks are covered by others.
  static func account(_ covered: [Int], _ sample: Sample, _ context: EncodeContext) {
    let count = covered.count { $0 > 0 }
    guard count > 0 else { return }
    context.diagnostics.report(
      .warning, "modelarts.write.mask-overlap",
      "\(count == 1 ? "One mask" : "\(count) masks") of \"\(terminalSafe(sample.key))\" \(count == 1 ? "is" : "are") covered in part "
        + "by later ones: \(covered.reduce(0, +)) pixels", at: sample.source)
    for _ in 0..<count { context.losses.append(EncodingLoss(.mask, isApproximated: false)) }
  }

  /// The folder of masks, beside the manifest.
  static let folder = "segmentationClassRaw/"

  /// Where the picture goes and what the file calls it: the name it had, else that of the image.
  private static func place(_ kept: String?, _ sample: Sample, _ position: Int) -> (path: String, source: String) {
    if let kept {
      if let mark = kept.firstRange(of: folder), let path = try? RelativePath(String(kept[mark.lowerBound...])) {
        return (path.text, kept)
      }
      if !URLMap.isURL(kept), let path = try? RelativePath(kept) { return (path.text, kept) }
    }
    let inBucket = MediaPlace.inside(sample.media.location ?? sample.key)
    let stem = (try? RelativePath(FileName.withoutExtension(inBucket)))?.text ?? "\(position + 1)"
    return ("\(folder)\(stem).png", "./\(folder)\(stem).png")
  }
}

extension LineEncoder {
  func account(for sample: Sample, _ context: EncodeContext) {
    guard let (_, covered) = MaskSheet(sample.annotations)?.paint() else { return }
    MaskSheet.account(covered, sample, context)
  }
}

extension String {
  /// The range of the first occurrence of a text.
  fileprivate func firstRange(of text: String) -> Range<String.Index>? {
    var start = utf8.startIndex
    while let end = utf8.index(start, offsetBy: text.utf8.count, limitedBy: utf8.endIndex) {
      if utf8[start..<end].elementsEqual(text.utf8) { return start..<end }
      guard start < utf8.endIndex else { return nil }
      start = utf8.index(after: start)
    }
    return nil
  }
}
