import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG

extension PascalVOCEncoder {
  /// Lays out the masks of a sample, if it has some; false, and a report, when they cannot be written.
  func layOut(_ sample: Sample, _ kept: KeptFields, _ layout: inout MaskLayout?, _ context: EncodeContext) -> Bool {
    do throws(MaskLayout.Problem) {
      layout = try MaskLayout(sample, kept, context.labels)
      return true
    } catch {
      context.diagnostics.report(
        .error, "voc.write.mask", "The masks of \"\(terminalSafe(sample.key))\" cannot be written: \(error.message)",
        at: sample.source)
      return false
    }
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    guard !isSingle, sample.annotations.contains(where: { $0.mask != nil }) else { return }
    guard let layout = try? MaskLayout(sample, KeptFields(sample.preserved), context.labels) else { return }
    account(layout.paint().covered, sample, context)
  }

  /// Says which masks are covered by others.
  private func account(_ covered: [Int], _ sample: Sample, _ context: EncodeContext) {
    let count = covered.count { $0 > 0 }
    guard count > 0 else { return }
    let pixels = covered.reduce(0, +)
    context.diagnostics.report(
      .warning, "voc.write.mask-overlap",
      "\(count == 1 ? "One mask" : "\(count) masks") of \"\(terminalSafe(sample.key))\" "
        + "\(count == 1 ? "is" : "are") covered in part by later ones: \(pixels) \(pixels == 1 ? "pixel" : "pixels")"
        + (coversMasks ? "" : "; overlap=cover writes them so"),
      at: sample.source)
    for _ in 0..<count { context.losses.append(EncodingLoss(.mask, isApproximated: coversMasks)) }
  }

  /// Writes the pictures of a sample, or hands them on to the writer where labels are not known yet.
  func writePictures(
    _ layout: MaskLayout, _ place: OutputPlace, _ kept: KeptFields, _ sample: Sample, at position: Int,
    into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let (map, covered) = layout.paint()
    account(covered, sample, context)
    let rows = map.rows()
    batch.records.append(.init(kind: PascalVOCRecord.masks, range: batch.bytes.count..<batch.bytes.count, position: position))
    if layout.writesClasses {
      let picture = ClassPicture(
        path: "\(place.base)\(PascalVOCReader.classFolder)\(place.id).png", width: layout.width, height: layout.height,
        form: kept.pictures?.classes ?? .palette, palette: kept.pictures?.classPalette,
        regions: layout.regions.map { .init(name: $0.name, number: $0.number) }, rows: rows)
      if let numbers = picture.numbers(classes) {
        try picture.write(numbers, classes, to: context.output)
      } else {
        let start = batch.bytes.count
        picture.append(to: &batch.bytes)
        batch.records.append(.init(kind: PascalVOCRecord.classes, range: start..<batch.bytes.count, position: position))
      }
    }
    guard layout.writesObjects else { return }
    let instances = [0] + layout.regions.map(\.instance)
    let palette = kept.pictures?.objectPalette ?? KeptPictures.standardPalette
    let form = kept.pictures?.objects ?? .palette
    let picture = LabelPicture(
      width: layout.width, height: layout.height, form: form, palette: form == .rgb ? [] : palette,
      numbers: rows.map { instances[Int($0)] })
    try ClassPicture.write(picture, "\(place.base)\(PascalVOCReader.objectFolder)\(place.id).png", to: context.output)
  }
}

/// What the records of a batch are.
enum PascalVOCRecord {
  /// A line of an image set, led by the path of the set.
  static let line = 0
  /// An annotation file that is the whole output.
  static let file = 1
  /// A sign that a sample has masks.
  static let masks = 2
  /// A picture of classes with labels that were not known from the start.
  static let classes = 3
}

/// A picture of classes that is to be written.
struct ClassPicture {
  /// The class of a region: a name, or a number that has none.
  struct Region: Equatable {
    var name: String?
    var number: UInt32?
  }

  var path: String
  var width: Int
  var height: Int
  var form: LabelPicture.Form
  var palette: [UInt32]?
  var regions: [Region]
  var rows: [UInt16]

  /// The numbers of the regions, 0 for none before them; nil when a name is not in the table.
  func numbers(_ classes: ClassTable) -> [ClassTable.Paint]? {
    var paints = [ClassTable.Paint(number: 0, color: 0)]
    for region in regions {
      if let number = region.number {
        paints.append(.init(number: number, color: ColorMap.color(of: number)))
      } else if let name = region.name {
        guard let paint = classes[name] else { return nil }
        paints.append(paint)
      } else {
        paints.append(.init(number: 0, color: 0))
      }
    }
    return paints
  }

  /// Writes the picture.
  func write(_ paints: [ClassTable.Paint], _ classes: ClassTable, to output: StagedOutput) throws(DatasetError) {
    let isColored = form == .rgb
    let values = paints.map { isColored ? ColorMap.number(of: $0.color) : $0.number }
    let picture = LabelPicture(
      width: width, height: height, form: form, palette: isColored ? [] : palette ?? classes.palette(),
      numbers: rows.map { values[Int($0)] })
    try ClassPicture.write(picture, path, to: output)
  }

  static func write(_ picture: LabelPicture, _ path: String, to output: StagedOutput) throws(DatasetError) {
    let bytes: [UInt8]
    do throws(PNGProblem) { bytes = try picture.encoded() } catch {
      throw DatasetError(.io, "The mask cannot be written: \(error.message)", path: path)
    }
    try output.writeFile(path, bytes)
  }
}
