import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG
import WaybillSyntax

/// Finds and reads the pictures of classes a manifest points at.
struct MaskFinder: Sendable {
  let resolver: MediaResolver

  /// The picture at a place; nil, and a report, when it cannot be read.
  func picture(_ location: String, at place: SourceRange, _ context: ReadContext) -> MaskPicture? {
    let found: FoundFile?
    do throws(DatasetError) { found = try resolver.findFirmly(location) } catch {
      context.report(.error, "groundtruth.mask.png", "The mask cannot be read: it \(error.message)", at: place)
      return nil
    }
    guard let path = found?.path else {
      context.report(
        .warning, "groundtruth.mask.missing",
        "The mask \"\(terminalSafe(location))\" was not found; --map-url names the folder a bucket lies in", at: place)
      return nil
    }
    var buffer = ReusableBuffer()
    let file = context.sources.add(path)
    do throws(DatasetError) {
      try resolver.files.read(path, into: &buffer)
    } catch {
      context.report(
        .error, "groundtruth.mask.png", "The mask cannot be read: \(error.message)", at: SourceRange(file: file, offset: 0))
      return nil
    }
    do throws(PNGProblem) {
      return MaskPicture(picture: try LabelPicture(buffer.bytes), file: file)
    } catch {
      context.report(
        .error, "groundtruth.mask.png", "The mask cannot be read: \(terminalSafe(error.description))",
        at: SourceRange(file: file, offset: error.offset))
      return nil
    }
  }
}

/// A picture of classes: each class has a colour.
struct MaskPicture {
  /// What the class of all other pixels is called.
  static let background = "BACKGROUND"

  let picture: LabelPicture
  let file: FileID

  /// The colour of a text such as `#2acf59`, as 0xRRGGBB.
  static func color(_ text: String) -> UInt32? {
    guard text.utf8.count == 7, text.utf8.first == UInt8(ascii: "#") else { return nil }
    return UInt32(text.dropFirst(), radix: 16)
  }

  /// Adds an annotation for each colour that occurs.
  func append(
    _ colors: [Metadata.MaskColor], to annotations: inout [Annotation], at place: SourceRange, _ context: ReadContext
  ) {
    let runs = runs(of: colors.compactMap(\.color))
    var taken: Set<UInt32> = []
    for item in colors {
      guard let color = item.color, taken.insert(color).inserted else {
        context.report(
          .warning, "groundtruth.mask.color",
          "The class \"\(terminalSafe(item.name))\" has no hex-color of its own, and so no pixels", at: place)
        continue
      }
      // A class of the map need not occur.
      guard let runs = runs[color] else { continue }
      var annotation = MaskPicture.annotation(item)
      annotation.shape = .mask(Mask(width: picture.width, height: picture.height, runs: .counts(runs)))
      annotations.append(annotation)
    }
  }

  /// Adds an annotation for each colour, without its pixels.
  static func appendAll(_ colors: [Metadata.MaskColor], to annotations: inout [Annotation]) {
    for item in colors { annotations.append(annotation(item)) }
  }

  private static func annotation(_ item: Metadata.MaskColor) -> Annotation {
    var annotation = Annotation(label: item.label)
    annotation.confidence = item.confidence
    annotation.box = item.box
    if !item.attributes.isEmpty { annotation.attributes = item.attributes }
    annotation.preserved.mark("@index", text: item.id)
    if let color = item.color { annotation.preserved.mark("@color", text: hex(color)) }
    return annotation
  }

  /// The text of a colour.
  static func hex(_ color: UInt32) -> String {
    let digits = String(color, radix: 16)
    return "#" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The runs of each colour that occurs.
  private func runs(of colors: [UInt32]) -> [UInt32: [UInt32]] {
    let order = Set(colors).sorted().prefix(RegionNumbering.limit)
    var regions: [UInt32: UInt16] = [:]
    for (index, color) in order.enumerated() { regions[color] = UInt16(index + 1) }
    var last: (number: UInt32, region: UInt16)?
    let rows = picture.numbers.map { number -> UInt16 in
      if let last, last.number == number { return last.region }
      let region = color(of: number).flatMap { regions[$0] } ?? 0
      last = (number, region)
      return region
    }
    var result: [UInt32: [UInt32]] = [:]
    guard let map = RegionMap(width: picture.width, height: picture.height, rows: rows) else { return [:] }
    for (color, runs) in zip(order, map.runs(of: order.count)) where !runs.isEmpty { result[color] = runs }
    return result
  }

  /// The colour of a number; a grey sample is the colour with that grey in all three parts.
  private func color(of number: UInt32) -> UInt32? {
    picture.color(of: number) ?? (picture.form == .grey && number < 256 ? number * 0x010101 : nil)
  }
}
