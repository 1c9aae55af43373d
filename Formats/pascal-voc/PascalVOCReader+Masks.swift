import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG
import WaybillSyntax

/// The pictures that tell of each pixel of an image what class and what object it belongs to.
struct MaskPair {
  var classes: LabelPicture?
  var objects: LabelPicture?
  var file: FileID

  var width: Int { classes?.width ?? objects?.width ?? 0 }
  var height: Int { classes?.height ?? objects?.height ?? 0 }
}

extension PascalVOCReader {
  static let classFolder = "SegmentationClass/"
  static let objectFolder = "SegmentationObject/"

  /// Reads the pictures of an image; nil when there is none or one cannot be read, which is reported.
  func masks(_ base: String, _ id: String, _ index: PascalVOCIndex, _ context: ReadContext) -> MaskPair? {
    guard index.hasMasks else { return nil }
    var pair: MaskPair?
    for folder in [PascalVOCReader.classFolder, PascalVOCReader.objectFolder] {
      let path = "\(base)\(folder)\(id).png"
      guard index.hasOther(path) else { continue }
      let file = context.sources.add(joinedPath(input.path, path))
      guard let picture = picture(path, file, index, context) else { return nil }
      guard let first = pair else {
        let isClass = folder == PascalVOCReader.classFolder
        pair = MaskPair(classes: isClass ? picture : nil, objects: isClass ? nil : picture, file: file)
        continue
      }
      guard first.width == picture.width, first.height == picture.height else {
        context.report(
          .error, "voc.masks.size",
          "The picture of objects has \(picture.width) x \(picture.height) pixels, that of classes \(first.width) x \(first.height)",
          at: SourceRange(file: file, offset: 0))
        return nil
      }
      pair?.objects = picture
    }
    return pair
  }

  private func picture(_ path: String, _ file: FileID, _ index: PascalVOCIndex, _ context: ReadContext) -> LabelPicture? {
    guard let folder = index.folder else { return nil }
    do throws(DatasetError) {
      let mapped = try folder.map(path)
      do throws(PNGProblem) {
        let picture = try LabelPicture(mapped.bytes)
        withExtendedLifetime(mapped) {}
        return picture
      } catch {
        context.report(
          .error, "voc.masks.png", "The mask cannot be read: \(terminalSafe(error.description))",
          at: SourceRange(file: file, offset: error.offset))
      }
    } catch {
      context.report(.error, "voc.masks.png", "The mask cannot be read: \(error.message)", at: SourceRange(file: file, offset: 0))
    }
    return nil
  }

  /// Adds what the pictures show to a sample: masks for its objects where numbers and labels agree, annotations for the others.
  func add(
    _ pair: MaskPair, to sample: inout Sample, omissions: [Int] = [], _ index: PascalVOCIndex, _ labels: LabelCache,
    _ context: ReadContext
  ) {
    var join = MaskJoin(pair: pair, classes: index.maskClasses, labels: labels)
    guard join.findRegions() else {
      context.report(
        .error, "voc.masks.too-many", "The masks have more than \(RegionNumbering.limit) parts",
        at: SourceRange(file: pair.file, offset: 0))
      return
    }
    if let width = sample.media.width, let height = sample.media.height, width != pair.width || height != pair.height {
      context.report(
        .error, "voc.masks.size",
        "The mask has \(pair.width) x \(pair.height) pixels, and the image \(width) x \(height); the mask is left out",
        at: SourceRange(file: pair.file, offset: 0))
      return
    }
    join.nameRegions(knowing: sample.annotations)
    join.joinObjects(&sample.annotations, omissions: omissions)
    for number in join.strayObjects {
      context.report(
        .warning, "voc.masks.order",
        "The mask of object \(number) lies outside the box of the object at that place; it is read as an annotation of its own",
        at: SourceRange(file: pair.file, offset: 0))
    }
    for number in join.missingObjects {
      context.report(
        .warning, "voc.masks.missing", "The picture of objects has no pixels of object \(number), which the annotation file names",
        at: SourceRange(file: pair.file, offset: 0))
    }
    if !join.unknownNumbers.isEmpty {
      let numbers = join.unknownNumbers.prefix(8).map(String.init).joined(separator: ", ")
      context.report(
        .warning, "voc.masks.unknown-class",
        "Nothing says which label the class number \(numbers) of the mask means; labelmap.txt or class_names.txt would",
        at: SourceRange(file: pair.file, offset: 0))
    }
    join.appendRest(to: &sample.annotations)
    sample.preserved.append(
      "masks", json: KeptPictures(pair, index.maskClasses, isEmpty: join.regions.isEmpty).json(), format: PascalVOCFormat.id)
  }
}

extension PascalVOCReader {
  /// Finds the names of the classes in the picture of an image, sorted by number.
  ///
  /// What is wrong with the picture is said when it is decoded.
  func maskLabels(_ base: String, _ id: String, isForeign: Bool, _ index: PascalVOCIndex) -> [String] {
    let path = "\(base)\(PascalVOCReader.classFolder)\(id).png"
    guard let folder = index.folder, index.hasOther(path), let mapped = try? folder.map(path) else { return [] }
    guard let picture = try? LabelPicture(mapped.bytes) else { return [] }
    withExtendedLifetime(mapped) {}
    var numbers: Set<UInt32> = []
    var last: UInt32 = 0
    for number in picture.numbers where number != last {
      last = number
      numbers.insert(number)
      // Noise in colours is no label map.
      if numbers.count > RegionNumbering.limit { return [] }
    }
    return numbers.sorted().compactMap { number in
      guard number != 0, !isForeign || number == ClassTable.void else { return nil }
      return index.maskClasses.name(of: number, in: picture)
    }
  }
}

/// How the pictures of an image are stored, kept so that they are written the same way.
struct KeptPictures: Equatable {
  /// How the picture of classes is stored; nil when there is none.
  var classes: LabelPicture.Form?
  /// How the picture of objects is stored; nil when there is none.
  var objects: LabelPicture.Form?
  /// The palettes where they are not those that would be written.
  var classPalette: [UInt32]?
  var objectPalette: [UInt32]?
  /// The size of pictures without any region, which no mask tells.
  var width: Int?
  var height: Int?

  init() {}

  /// The size of pictures without any region.
  var size: (Int, Int)? {
    guard let width, let height else { return nil }
    return (width, height)
  }

  /// What there is to keep of two pictures.
  init(_ pair: MaskPair, _ classes: MaskClasses, isEmpty: Bool) {
    self.classes = pair.classes?.form
    if isEmpty { (width, height) = (pair.width, pair.height) }
    objects = pair.objects?.form
    if let picture = pair.classes, picture.form == .palette, picture.palette != Array(classes.table.palette().prefix(256)) {
      classPalette = picture.palette
    }
    if let picture = pair.objects, picture.form == .palette, picture.palette != KeptPictures.standardPalette {
      objectPalette = picture.palette
    }
  }

  static let standardPalette: [UInt32] = (0..<256).map { ColorMap.color(of: $0) }

  /// The member's value.
  func json() -> [UInt8] {
    var out = ByteBuffer(capacity: 128)
    func add(_ name: StaticString, _ text: String?) {
      guard let text else { return }
      out.append(out.isEmpty ? "{\"" : ",\"")
      out.append(name)
      out.append("\":")
      out.appendJSON(text)
    }
    add("class", classes?.rawValue)
    add("object", objects?.rawValue)
    add("class-palette", classPalette.map(KeptPictures.text))
    add("object-palette", objectPalette.map(KeptPictures.text))
    add("width", width.map(String.init))
    add("height", height.map(String.init))
    if out.isEmpty { out.append("{") }
    out.append("}")
    return out.array()
  }

  /// Reads the member's value.
  init(json: UnsafeRawBufferPointer) {
    PreservedReader(Preserved(PascalVOCFormat.id, members: Array(json.dropFirst().dropLast())), PascalVOCFormat.id).forEach {
      key, value in
      var scanner = JSONScanner(value)
      guard let text = (try? scanner.string())?.makeString() else { return }
      switch key.makeString() {
      case "class": classes = LabelPicture.Form(rawValue: text)
      case "object": objects = LabelPicture.Form(rawValue: text)
      case "width": width = Int(text)
      case "height": height = Int(text)
      case "class-palette": classPalette = KeptPictures.colors(text)
      case "object-palette": objectPalette = KeptPictures.colors(text)
      default: break
      }
    }
  }

  private static func text(_ colors: [UInt32]) -> String {
    colors.map { color in
      let digits = String(color, radix: 16)
      return String(repeating: "0", count: 6 - min(6, digits.count)) + digits
    }.joined()
  }

  private static func colors(_ text: String) -> [UInt32]? {
    let digits = Array(text.utf8)
    guard digits.count % 6 == 0, digits.count <= 6 * 256 else { return nil }
    var colors: [UInt32] = []
    for start in stride(from: 0, to: digits.count, by: 6) {
      guard let color = UInt32(String(decoding: digits[start..<start + 6], as: UTF8.self), radix: 16) else { return nil }
      colors.append(color)
    }
    return colors
  }
}
