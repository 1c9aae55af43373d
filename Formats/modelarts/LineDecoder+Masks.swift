import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG

extension LineDecoder {
  /// Gives the objects of a Pascal VOC file their pixels: those of their colour in the picture the file names.
  ///
  /// Objects that have no other place and whose picture cannot be read are reported and left out.
  mutating func joinMasks(_ document: inout VOCDocument, _ path: String, _ sidecars: SidecarFinder, _ context: ReadContext) {
    let colors = document.maskColors
    document.maskColors = [:]
    let file = context.sources.add(path)
    guard let picture = picture(document, file, sidecars, context) else {
      let placeless = colors.keys.filter { document.annotations[$0].box == nil }
      guard !placeless.isEmpty else { return }
      context.report(
        .error, "modelarts.mask.missing",
        "\(placeless.count == 1 ? "An object has" : "\(placeless.count) objects have") no place but in the mask "
          + "\"\(terminalSafe(document.maskSource ?? ""))\", which was not found or cannot be read",
        at: SourceRange(file: file, offset: 0))
      for index in placeless.sorted(by: >) { document.remove(index) }
      return
    }
    if let width = document.width, let height = document.height, width != picture.width || height != picture.height {
      context.report(
        .error, "modelarts.mask.size",
        "The mask has \(picture.width) x \(picture.height) pixels, and the image \(width) x \(height)",
        at: SourceRange(file: file, offset: 0))
    }
    let runs = runs(of: Set(colors.values), in: picture)
    var taken: Set<UInt32> = []
    for (index, color) in colors.sorted(by: { $0.key < $1.key }) {
      let isFirst = taken.insert(color).inserted
      if !isFirst || runs[color] == nil {
        context.report(
          .warning, "modelarts.mask.color",
          "The colour \(VOCMaskColor.text(color)) of object \(index + 1) "
            + (isFirst ? "does not occur in the mask" : "is that of an object before it, which gets the pixels"),
          at: SourceRange(file: file, offset: 0))
      }
      let none = [UInt32(truncatingIfNeeded: picture.width * picture.height)]
      document.annotations[index].shape = .mask(
        Mask(width: picture.width, height: picture.height, runs: .counts(isFirst ? runs[color] ?? none : none)))
    }
  }

  private mutating func picture(
    _ document: VOCDocument, _ file: FileID, _ sidecars: SidecarFinder, _ context: ReadContext
  ) -> LabelPicture? {
    guard let name = document.maskSource else { return nil }
    var buffer = ReusableBuffer()
    guard case .read(let path) = sidecars.read(name, into: &buffer, context.urlMap) else {
      context.report(
        .warning, "modelarts.sidecar.missing",
        "The mask \"\(terminalSafe(name))\" was not found; --map-url names the folder a bucket lies in",
        at: SourceRange(file: file, offset: 0))
      return nil
    }
    do throws(PNGProblem) {
      return try LabelPicture(buffer.bytes)
    } catch {
      context.report(
        .error, "modelarts.mask.png", "The mask cannot be read: \(terminalSafe(error.description))",
        at: SourceRange(file: context.sources.add(path), offset: error.offset))
      return nil
    }
  }

  /// The runs of each colour that occurs.
  private func runs(of colors: Set<UInt32>, in picture: LabelPicture) -> [UInt32: [UInt32]] {
    let order = colors.subtracting([0]).sorted().prefix(RegionNumbering.limit)
    var regions: [UInt32: UInt16] = [:]
    for (index, color) in order.enumerated() { regions[color] = UInt16(index + 1) }
    var last: (number: UInt32, region: UInt16)?
    let rows = picture.numbers.map { number -> UInt16 in
      if let last, last.number == number { return last.region }
      let region = picture.color(of: number).flatMap { regions[$0] } ?? 0
      last = (number, region)
      return region
    }
    var result: [UInt32: [UInt32]] = [:]
    guard let map = RegionMap(width: picture.width, height: picture.height, rows: rows) else { return [:] }
    for (color, runs) in zip(order, map.runs(of: order.count)) where !runs.isEmpty { result[color] = runs }
    return result
  }
}

extension VOCDocument {
  /// Takes an object out; parts of others keep pointing at theirs, and its own parts stand alone.
  fileprivate mutating func remove(_ index: Int) {
    annotations.remove(at: index)
    for at in index..<annotations.count {
      guard let distance = annotations[at].partOf else { continue }
      // It stood at `at + 1`, and its object `distance` places before.
      let target = at + 1 - distance
      if target == index { annotations[at].partOf = nil } else if target < index { annotations[at].partOf = distance - 1 }
    }
  }
}
