import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes the annotation file of a sample, and appends its line of an image set to the batch.
struct PascalVOCEncoder: SampleEncoder {
  let dialect: VOCDialect
  /// Whether the output is one file.
  let isSingle: Bool
  /// What classes are painted as.
  let classes: ClassTable
  /// Whether masks that cover others were asked for.
  let coversMasks: Bool

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let kept = KeptFields(sample.preserved)
    var layout: MaskLayout?
    guard isSingle || layOut(sample, kept, &layout, context) else { return }
    if !isSingle, let id = kept.unlabeled, layout?.isAlone ?? sample.annotations.isEmpty, sample.split != nil || layout != nil,
      isFound(sample, id, context)
    {
      let place = OutputPlace(base: kept.base ?? "", id: id, isDevkit: true)
      if let layout { try writePictures(layout, place, kept, sample, at: position, into: &batch, context) }
      if sample.split != PascalVOCReader.folderSplit("\(place.base)Annotations/x.xml") {
        addToSet(sample, place, kept.set ?? "Main", at: position, into: &batch, context)
      }
      if let split = kept.segmentation { addToSet(sample, place, "Segmentation", split, at: position, into: &batch, context) }
      return try context.placeMedia(of: sample, at: place.media(sample.media.location ?? id))
    }
    var document = document(sample, kept, context)
    if let layout {
      document.annotations = layout.objects
      if document.segmented == nil, !kept.isOwn { document.segmented = true }
    }
    if isSingle {
      let start = batch.bytes.count
      VOCCodec.encode(
        document, labels: context.labels, dialect: dialect, into: &batch.bytes, diagnostics: &context.diagnostics,
        source: sample.source)
      batch.records.append(.init(kind: PascalVOCRecord.file, range: start..<batch.bytes.count, position: position))
      if sample.split != nil {
        context.diagnostics.report(
          .warning, "voc.write.no-set", "A single file has no image set; the split of the image is not written", at: sample.source)
      }
      return
    }
    let file = kept.file ?? OutputPlace.file(for: sample, at: position)
    let scratch = context.scratch.thing(VOCOutput.self) { VOCOutput() }
    scratch.bytes.removeAll()
    VOCCodec.encode(
      document, labels: context.labels, dialect: dialect, into: &scratch.bytes, diagnostics: &context.diagnostics,
      source: sample.source)
    do throws(DatasetError) {
      try context.output.writeFile(file, scratch.bytes.bytes)
    } catch {
      guard error.code == .invalidInput else { throw error }
      var clear = error
      clear.message =
        "The annotations of \"\(terminalSafe(sample.key))\" would be written to \"\(terminalSafe(file))\", and that cannot be: "
        + error.message + "; two images whose names differ only in their endings are one such case"
      clear.range = sample.source
      throw clear
    }
    let found = PascalVOCIndex.place(of: file)
    let place = OutputPlace(base: found.base, id: found.id, isDevkit: found.isDevkit)
    if let layout { try writePictures(layout, place, kept, sample, at: position, into: &batch, context) }
    if sample.split != PascalVOCReader.folderSplit(file) {
      addToSet(sample, place, kept.set ?? "Main", at: position, into: &batch, context)
    }
    if let split = kept.segmentation ?? (kept.isOwn || layout == nil ? nil : sample.split) {
      addToSet(sample, place, "Segmentation", split, at: position, into: &batch, context)
    }
    if context.mediaMode != .none, let location = sample.media.location {
      try context.placeMedia(of: sample, at: place.media(location))
    }
  }

  /// Whether a line of a set alone leads to the picture again: only the picture itself can tell the ending of its name.
  private func isFound(_ sample: Sample, _ id: String, _ context: EncodeContext) -> Bool {
    guard let location = sample.media.location, location != id else { return true }
    return context.mediaMode != .none && context.media.path(of: location) != nil
  }

  private func document(_ sample: Sample, _ kept: KeptFields, _ context: EncodeContext) -> VOCDocument {
    var document = VOCDocument()
    document.preserved = sample.preserved
    document.annotations = sample.annotations
    document.filename = kept.hasFilename ? kept.filename : sample.media.location
    document.folder = kept.folder
    document.path = kept.path
    document.database = kept.database
    document.maskSource = kept.maskSource
    document.segmented = kept.segmented
    document.width = sample.media.width
    document.height = sample.media.height
    document.depth = sample.media.channels
    guard document.width == nil || document.height == nil, !kept.isOwn else { return document }
    if let size = context.imageSize(of: sample) {
      document.width = size.width
      document.height = size.height
    } else {
      // An annotation file that says nothing at all is none: of a picture known by an id alone, that is its name.
      if document.filename == nil, document.annotations.isEmpty { document.filename = sample.key }
      context.diagnostics.report(
        .warning, "voc.write.size-unknown",
        "The size of \"\(terminalSafe(sample.key))\" is not known and the picture was not found; no size is written",
        at: sample.source)
    }
    return document
  }

  /// Appends the line of an image set, led by the path of the set.
  private func addToSet(
    _ sample: Sample, _ place: OutputPlace, _ kind: String, _ split: String? = nil, at position: Int,
    into batch: inout EncodedBatch, _ context: EncodeContext
  ) {
    guard let split = split ?? sample.split else { return }
    let name = PascalVOCReader.split(named: split) == "validation" ? "val" : split
    let isName = !name.isEmpty && !name.utf8.contains { $0 == 0x2F || $0 < 0x20 } && name.utf8.first != 0x2E
    let isLine = !place.id.utf8.contains { $0 == 0x0A || $0 == 0x0D } && place.id.utf8.first != 0x20 && place.id.utf8.last != 0x20
    if PascalVOCReader.split(named: name) != split {
      context.diagnostics.report(
        .warning, "voc.write.split-name", "The split \"\(split)\" is written as val, which is read as validation", at: sample.source
      )
    }
    guard isName, isLine else {
      context.diagnostics.report(
        .error, "voc.write.split",
        "The split \"\(terminalSafe(split))\" of \"\(terminalSafe(sample.key))\" cannot be written as a line of an image set",
        at: sample.source)
      return
    }
    let start = batch.bytes.count
    batch.bytes.append(place.base)
    batch.bytes.append("ImageSets/")
    batch.bytes.append(kind)
    batch.bytes.append("/")
    batch.bytes.append(name)
    batch.bytes.append(".txt")
    batch.bytes.append(UInt8(0))
    batch.bytes.append(place.id)
    batch.bytes.append(UInt8(ascii: "\n"))
    batch.records.append(.init(kind: PascalVOCRecord.line, range: start..<batch.bytes.count, position: position))
  }
}

/// A worker's memory for writing annotation files.
final class VOCOutput {
  var bytes = ByteBuffer(capacity: 1 << 16)
}

/// Where a sample goes in the output folder.
struct OutputPlace {
  /// The folder above `Annotations`, with a slash at its end, or empty.
  var base: String
  /// The path below `Annotations`, or below the output for files that lie elsewhere, without `.xml`.
  var id: String
  /// Whether the file lies in `Annotations`.
  var isDevkit: Bool

  /// The file for a sample that was not read from a folder of annotation files.
  static func file(for sample: Sample, at position: Int) -> String {
    let name = OutputPlace.safe(sample.media.location ?? sample.key)
    // Files and folders with a dot in front are hidden: they would not be found again.
    let stem = FileName.withoutExtension(name).split(separator: "/").map { $0.drop { $0 == "." } }.joined(separator: "/")
    return "Annotations/\(stem.isEmpty ? "sample-\(position + 1)" : stem).xml"
  }

  /// Where the picture goes.
  func media(_ location: String) -> String {
    let name = OutputPlace.safe(location)
    if isDevkit { return "\(base)JPEGImages/\(name)" }
    return joinedPath(FileName.folder(of: id), name)
  }

  /// A location as a path below a folder: itself where it is one, else its last component.
  static func safe(_ location: String) -> String {
    if !URLMap.isURL(location), let path = try? RelativePath(location) { return path.text }
    let base = FileName.basename(of: location)
    return (try? RelativePath(base))?.text ?? "sample"
  }
}

/// What an earlier reading kept of a sample's annotation file.
struct KeptFields {
  var file: String?
  var unlabeled: String?
  var base: String?
  var hasFilename = false
  var filename: String?
  var folder: String?
  var path: String?
  var database: String?
  var maskSource: String?
  var segmented: Bool?
  /// How pictures of masks were stored.
  var pictures: KeptPictures?
  /// The kind of image sets that tells the split, where that is not `Main`.
  var set: String?
  /// The split of the sets for segmentation, beside that of `Main`.
  var segmentation: String?
  /// Whether the sample was read from Pascal VOC.
  var isOwn = false

  init(_ preserved: Preserved) {
    guard !preserved[PascalVOCFormat.id].isEmpty else { return }
    PreservedReader(preserved, PascalVOCFormat.id).forEach { key, value in
      switch key {
      case "file":
        isOwn = true
        if let text = KeptFields.text(value), text.hasSuffix(".xml") || text.hasSuffix(".XML"), (try? RelativePath(text)) != nil {
          file = text
        }
      case "layout": isOwn = true
      case "unlabeled": unlabeled = KeptFields.text(value)
      case "base": base = KeptFields.text(value).map { $0.hasSuffix("/") ? $0 : $0 + "/" }
      case "filename":
        hasFilename = true
        filename = KeptFields.text(value)
      case "folder": folder = KeptFields.text(value)
      case "path": path = KeptFields.text(value)
      case "database": database = KeptFields.text(value)
      case "mask_source": maskSource = KeptFields.text(value)
      case "masks": pictures = KeptPictures(json: value)
      case "set":
        if let kind = KeptFields.text(value), ["Segmentation", "Layout", "Action"].contains(kind) { set = kind }
      case "segmentation": segmentation = KeptFields.text(value)
      case "segmented": segmented = value.elementsEqual("true".utf8)
      default: break
      }
    }
  }

  private static func text(_ json: UnsafeRawBufferPointer) -> String? {
    var scanner = JSONScanner(json)
    return (try? scanner.string())?.makeString()
  }
}
