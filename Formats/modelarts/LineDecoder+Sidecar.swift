import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// An annotation that points at a Pascal VOC file: its object and the value of its `annotation-loc`.
struct SidecarEntry {
  var type: LabelingType
  var object: Range<Int>
  var location: Range<Int>
}

extension LineDecoder {
  /// What became of a file an annotation points at.
  enum SidecarOutcome {
    /// It was read, or what is wrong with it was reported.
    case done
    /// There is none; the annotation stands for it.
    case missing(String)
  }

  /// Reads the file an annotation points at; its objects become annotations of the sample.
  mutating func sidecar(
    _ entry: SidecarEntry, _ scanner: JSONScanner, _ annotation: inout Annotation, into sample: inout Sample, _ context: ReadContext
  ) -> SidecarOutcome {
    var again = scanner
    again.offset = entry.location.lowerBound
    guard let name = (try? again.string())?.makeString() else { return .done }
    guard let sidecars else { return .missing(name) }
    let range = place(entry.location.lowerBound, entry.location.count)
    let worker = sidecarWorker
    let path: String
    switch sidecars.read(name, into: &worker.buffer, context.urlMap) {
    case .read(let found): path = found
    case .missing:
      context.report(
        .warning, "modelarts.sidecar.missing",
        "The label file \"\(terminalSafe(name))\" was not found; --map-url names the folder a bucket lies in", at: range)
      return .missing(name)
    case .outside:
      context.report(
        .error, "modelarts.sidecar.outside", "The label file \"\(terminalSafe(name))\" lies outside the manifest's folder",
        at: range)
      return .done
    case .unreadable(let error):
      context.report(
        .error, "modelarts.sidecar.unreadable", "The label file cannot be read: \(terminalSafe(error.description))", at: range)
      return .done
    }
    guard var document = decode(path, context) else { return .done }
    if !document.maskColors.isEmpty { joinMasks(&document, path, sidecars, context) }
    append(document, entry, scanner, annotation, into: &sample)
    return .done
  }

  /// Decodes the file in the worker's buffer; its path is noted only when something is to be said about it.
  private mutating func decode(_ path: String, _ context: ReadContext) -> VOCDocument? {
    let worker = sidecarWorker
    do throws(XMLFault) {
      try worker.reader.parse(worker.buffer.bytes)
    } catch {
      let range = SourceRange(file: context.sources.add(path), offset: error.offset, length: 1)
      context.report(.error, error.code.rawValue, terminalSafe(error.message), at: range)
      return nil
    }
    var found = DiagnosticList(limitPerRule: context.diagnostics.limitPerRule)
    let placeholder = FileID(index: .max)
    let document = VOCCodec.decode(
      worker.reader, in: placeholder, labels: labels, dialect: Self.dialect(layout: .service), diagnostics: &found)
    guard !found.isEmpty else { return document }
    let file = context.sources.add(path)
    for item in found.items {
      var item = item
      item.range?.file = file
      for index in item.related.indices where item.related[index].range.file == placeholder {
        item.related[index].range.file = file
      }
      context.diagnostics.report(item)
    }
    return document
  }

  static func dialect(layout: VOCDialect.Layout) -> VOCDialect {
    var dialect = VOCDialect(origin: 0, allowsExtendedShapes: true, layout: layout, folder: "NA", fillsFlags: true)
    dialect.readsMaskColors = true
    return dialect
  }

  private mutating func append(
    _ document: VOCDocument, _ entry: SidecarEntry, _ scanner: JSONScanner, _ annotation: Annotation, into sample: inout Sample
  ) {
    let plainCount = notes.reduce(0) { $0 + ($1.length > 0 ? 1 : 0) }
    for var object in document.annotations {
      if !object.attributes.isEmpty { ObjectProperties.take(from: &object) }
      if object.author == nil, let author = annotation.author { object.author = author }
      if object.createdAt == nil, let time = annotation.createdAt { object.createdAt = time }
      sample.annotations.append(object)
      notes.append(Note(type: .none, content: .label, offset: entry.object.lowerBound, length: 0))
    }
    if sample.media.width == nil, sample.media.height == nil, sample.media.channels == nil {
      sample.media.width = document.width
      sample.media.height = document.height
      sample.media.channels = document.depth == 0 ? nil : document.depth
    }
    entries.append(entries.isEmpty ? "[" : ",")
    entries.append("{\"entry\":")
    entries.appendCompacted(json: scanner.bytes(from: entry.object.lowerBound, to: entry.object.upperBound))
    entries.append(",\"before\":")
    entries.append(decimal: plainCount)
    entries.append(",\"count\":")
    entries.append(decimal: document.annotations.count)
    SidecarFacts.append(document, sample.media, layout: layoutOfBuffer, to: &entries)
    entries.append(UInt8(ascii: "}"))
  }

  /// The look of the file in the buffer.
  private var layoutOfBuffer: VOCDialect.Layout {
    let bytes = sidecarWorker.buffer.bytes
    func starts(_ text: StaticString) -> Bool {
      bytes.count >= text.utf8CodeUnitCount
        && bytes.prefix(text.utf8CodeUnitCount).elementsEqual(
          UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    if starts("<?xml version=\"1.0\" ?>") { return .sdk }
    return starts("<?xml") ? .service : .devkit
  }
}
