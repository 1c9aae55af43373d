import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension PascalVOCReader {
  /// A document as a sample: what the model has no field for goes to the preserved section.
  static func sample(
    _ document: VOCDocument, file: String, isInSet: Bool, _ index: PascalVOCIndex, _ context: ReadContext, _ id: FileID
  ) -> Sample {
    let name = location(document, file, index)
    if name.isDerived {
      let said = document.filename.map { "is \"\(terminalSafe($0))\"" } ?? "is missing"
      context.report(
        .warning, "voc.filename", "The element \"filename\" \(said); \"\(terminalSafe(name.location))\" is taken for the picture",
        at: SourceRange(file: id, offset: 0))
    }
    var sample = Sample(
      key: name.location, media: Media(.image, location: name.location, width: document.width, height: document.height))
    sample.media.channels = document.depth
    sample.annotations = document.annotations
    var members = ByteBuffer(capacity: 256)
    if index.single == nil {
      members.append("\"file\":")
      members.appendJSON(file)
    } else {
      members.append("\"layout\":\"file\"")
    }
    if name.isDerived {
      members.append(",\"filename\":")
      if let filename = document.filename { members.appendJSON(filename) } else { members.append("null") }
    }
    add("folder", document.folder, &members)
    add("path", document.path, &members)
    add("database", document.database, &members)
    add("mask_source", document.maskSource, &members)
    if let segmented = document.segmented {
      members.append(",\"segmented\":")
      members.append(segmented ? "true" : "false")
    }
    if index.single == nil {
      let place = PascalVOCIndex.place(of: file)
      addSets(place.base, place.id, isInSet, index, &members)
    }
    let more = document.preserved[VOCCodec.section]
    if !more.isEmpty {
      members.append(UInt8(ascii: ","))
      members.append(more)
    }
    sample.preserved = Preserved(PascalVOCFormat.id, members: members.array())
    return sample
  }

  /// Keeps which sets beside `ImageSets/Main` list an image, or which list it instead.
  private static func addSets(_ base: String, _ id: String, _ isInSet: Bool, _ index: PascalVOCIndex, _ members: inout ByteBuffer) {
    if isInSet, index.setKind != "Main" { add("set", index.setKind, &members) }
    if let split = index.segmentationSets[ExactText(base + id)], split >= 0 {
      add("segmentation", index.splits[Int(split)], &members)
    }
  }

  private static func add(_ name: StaticString, _ value: String?, _ members: inout ByteBuffer) {
    guard let value else { return }
    members.append(",\"")
    members.append(name)
    members.append("\":")
    members.appendJSON(value)
  }

  /// The place of the picture: `filename`, or what the name of the XML file suggests.
  private static func location(
    _ document: VOCDocument, _ file: String, _ index: PascalVOCIndex
  ) -> (location: String, isDerived: Bool) {
    if let filename = document.filename, !FileName.extension(of: filename).isEmpty { return (filename, false) }
    let stem = document.filename.flatMap { $0.isEmpty ? nil : $0 } ?? FileName.stem(of: file)
    let own = FileName.folder(of: file)
    let base = PascalVOCIndex.place(of: file).base
    for folder in [base + "JPEGImages/", own.isEmpty ? "" : own + "/", base + "images/"] {
      if let found = index.picture(folder, stem) { return (found, true) }
    }
    return (stem, true)
  }

  /// An image that has no annotation file.
  func unlabeled(_ item: PascalVOCIndex.Unlabeled, _ index: PascalVOCIndex) -> Sample {
    let location = index.picture(item.base + "JPEGImages/", item.id) ?? index.picture(item.base + "images/", item.id) ?? item.id
    var sample = Sample(key: location, media: Media(.image, location: location))
    if item.split >= 0 { sample.split = index.splits[Int(item.split)] }
    var members = ByteBuffer(capacity: 64)
    members.append("\"unlabeled\":")
    members.appendJSON(item.id)
    if !item.base.isEmpty {
      members.append(",\"base\":")
      members.appendJSON(item.base)
    }
    PascalVOCReader.addSets(item.base, item.id, item.split >= 0, index, &members)
    sample.preserved = Preserved(PascalVOCFormat.id, members: members.array())
    sample.source = item.source
    return sample
  }
}
