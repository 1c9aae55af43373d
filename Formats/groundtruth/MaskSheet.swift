import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG

/// The masks of one attribute of a picture, painted into one picture, each in its colour.
struct MaskSheet {
  private let annotations: [Annotation]
  private let masks: [(index: Int, mask: Mask)]

  init(_ annotations: [Annotation]) {
    self.annotations = annotations
    masks = annotations.enumerated().compactMap { index, annotation in
      if case .mask(let mask)? = annotation.shape { (index, mask) } else { nil }
    }
  }

  /// Writes the picture and returns its place.
  func write(
    _ kept: String?, _ attribute: String, _ sample: Sample, _ position: Int, _ context: EncodeContext
  ) throws(DatasetError) -> String? {
    guard let (map, covered) = paint() else {
      report("are not all of one size, or their runs do not cover it", sample, context)
      return nil
    }
    if let width = sample.media.width, let height = sample.media.height, width != map.width || height != map.height {
      report("have \(map.width) x \(map.height) pixels, and the image \(width) x \(height)", sample, context)
      return nil
    }
    MaskSheet.account(covered, sample, context)
    let palette = MaskPalette(annotations)
    let colors = [palette.background] + masks.map { palette.entries[$0.index].color }
    let numbers = colors.map { ColorMap.number(of: $0) }
    let picture = LabelPicture(
      width: map.width, height: map.height, form: .rgb, numbers: map.rows().map { numbers[Int($0)] })
    let place = MaskSheet.place(kept, attribute, sample, position)
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
    return place.source
  }

  private func report(_ problem: String, _ sample: Sample, _ context: EncodeContext) {
    context.diagnostics.report(
      .error, "groundtruth.write.mask", "The masks of \"\(terminalSafe(sample.key))\" \(problem)", at: sample.source)
  }

  /// Paints the masks, later ones over earlier ones; nil when they are not of one size.
  private func paint() -> (map: RegionMap, covered: [Int])? {
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

  /// Says which masks others would cover.
  func accountOverlap(_ sample: Sample, _ context: EncodeContext) {
    if let (_, covered) = paint() { MaskSheet.account(covered, sample, context) }
  }

  private static func account(_ covered: [Int], _ sample: Sample, _ context: EncodeContext) {
    let count = covered.count { $0 > 0 }
    guard count > 0 else { return }
    context.diagnostics.report(
      .warning, "groundtruth.write.mask-overlap",
      "\(count == 1 ? "One mask" : "\(count) masks") of \"\(terminalSafe(sample.key))\" \(count == 1 ? "is" : "are") covered in part "
        + "by later ones: \(covered.reduce(0, +)) pixels", at: sample.source)
    for _ in 0..<count { context.losses.append(EncodingLoss(.mask, isApproximated: false)) }
  }

  /// Where the picture goes and what the manifest calls it: the name it had, else that of the image.
  private static func place(_ kept: String?, _ attribute: String, _ sample: Sample, _ position: Int) -> (
    path: String, source: String
  ) {
    if let kept, let path = MediaPlace.kept(kept) { return (path, kept) }
    let location = MediaPlace.inside(sample.media.location ?? sample.key)
    let stem = (try? RelativePath(FileName.withoutExtension(location)))?.text ?? "\(position + 1)"
    let folder = (try? RelativePath(attribute))?.text ?? "mask"
    let path = "masks/\(folder)/\(stem).png"
    return (path, path)
  }
}

extension MediaPlace {
  /// The path at which a reader finds a file that keeps its name; nil when the name leads elsewhere.
  static func kept(_ location: String) -> String? {
    let path = inside(location)
    guard !path.isEmpty, let safe = (try? RelativePath(path))?.text, safe == path || "./" + safe == path else { return nil }
    return safe
  }

  /// The folder of a key, with its slash.
  static func folder(of key: String) -> String {
    guard let slash = key.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(key[...slash])
  }

  /// The last run of digits in a name without its ending, as a number.
  static func number(of name: String) -> Int? {
    let stem = FileName.stem(of: name).utf8
    guard let end = stem.lastIndex(where: { $0 &- 48 <= 9 }) else { return nil }
    let digits = stem[...end].reversed().prefix { $0 &- 48 <= 9 }.reversed()
    return Int(String(decoding: Array(digits), as: UTF8.self))
  }
}
