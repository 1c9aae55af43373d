import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension LineWriter {
  /// Writes an annotation that points at a Pascal VOC file, and the file; `facts` is what is known of a file that was read.
  mutating func entry(
    _ facts: SidecarFacts?, _ shapes: [Annotation], _ sample: Sample, _ position: Int, _ settings: WriterSettings,
    _ isFirst: inout Bool, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    if !isFirst { batch.bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    var author: String?
    var time: Timestamp?
    if let facts {
      (author, time) = Self.origin(of: facts.entry)
    } else if let first = shapes.first {
      if shapes.allSatisfy({ $0.author == first.author }) { author = first.author }
      if shapes.allSatisfy({ $0.createdAt == first.createdAt }) { time = first.createdAt }
    }
    let masks = MaskSheet(shapes)
    var document = document(facts, masks?.bare ?? shapes, author, time, sample, settings, context)
    try masks?.write(facts, into: &document, sample, position, context)
    var dialect = LineDecoder.dialect(layout: facts?.layout ?? settings.vocLayout)
    dialect.folder = facts == nil ? "NA" : nil
    dialect.fillsFlags = facts == nil && settings.fillsFlags
    if let facts, let location = Self.location(in: facts.entry) {
      batch.bytes.append(Array(facts.entry[..<location.lowerBound]))
      record(RecordKind.keptName, facts.entry[location], position, &batch)
      file(document, dialect, sample, position, &batch, context)
      batch.bytes.append(Array(facts.entry[location.upperBound...]))
      return
    }
    batch.bytes.append(UInt8(ascii: "{"))
    var isFirstMember = true
    for name in settings.layout.sidecar {
      let start = batch.bytes.count
      if !isFirstMember { batch.bytes.append(UInt8(ascii: ",")) }
      batch.bytes.append(UInt8(ascii: "\""))
      batch.bytes.append(name)
      batch.bytes.append("\":")
      switch name {
      case "annotation-format": batch.bytes.append("\"PASCAL VOC\"")
      case "type":
        let type = settings.shapeType ?? (masks == nil ? .objectDetection : .imageSegmentation)
        batch.bytes.append(UInt8(ascii: "\""))
        batch.bytes.append(type.text)
        batch.bytes.append(UInt8(ascii: "\""))
      case "annotation-loc":
        record(RecordKind.newName, Self.path(for: sample, position)[...], position, &batch)
        file(document, dialect, sample, position, &batch, context)
      case "creation-time" where time != nil: if let time { batch.bytes.append(time, separator: UInt8(ascii: " ")) }
      case "annotated-by" where author != nil: if let author { batch.bytes.appendText(author) }
      default:
        batch.bytes.truncate(to: start)
        continue
      }
      isFirstMember = false
    }
    batch.bytes.append(UInt8(ascii: "}"))
  }

  private func record(_ kind: Int, _ bytes: ArraySlice<UInt8>, _ position: Int, _ batch: inout EncodedBatch) {
    let start = batch.bytes.count
    batch.bytes.append(Array(bytes))
    batch.records.append(.init(kind: kind, range: start..<batch.bytes.count, position: position))
  }

  private func file(
    _ document: VOCDocument, _ dialect: VOCDialect, _ sample: Sample, _ position: Int, _ batch: inout EncodedBatch,
    _ context: EncodeContext
  ) {
    let start = batch.bytes.count
    VOCCodec.encode(
      document, labels: context.labels, dialect: dialect, into: &batch.bytes, diagnostics: &context.diagnostics,
      source: sample.source)
    batch.records.append(.init(kind: RecordKind.xml, range: start..<batch.bytes.count, position: position))
  }

  /// Where a new file shall lie: named as its media.
  private static func path(for sample: Sample, _ position: Int) -> [UInt8] {
    let location = sample.media.location ?? sample.key
    var path = location
    if URLMap.isURL(location) || location.hasPrefix("/") { path = FileName.basename(of: location) }
    let stem = FileName.withoutExtension(path)
    let safe = (try? RelativePath(stem))?.text ?? "\(position + 1)"
    return Array("annotation/\(safe).xml".utf8)
  }

  // MARK: The document

  private func document(
    _ facts: SidecarFacts?, _ shapes: [Annotation], _ author: String?, _ time: Timestamp?, _ sample: Sample,
    _ settings: WriterSettings, _ context: EncodeContext
  ) -> VOCDocument {
    var document = facts?.document ?? VOCDocument()
    if facts == nil {
      document.filename = FileName.basename(of: sample.media.location ?? sample.key)
      document.database = "Unknown"
      document.segmented = settings.shapeType == .imageSegmentation
    }
    if facts?.hasOwnSize != true {
      document.width = sample.media.width
      document.height = sample.media.height
      document.depth = sample.media.channels
      let mayLook = facts == nil || shapes.contains { $0.box?.unit == .unit }
      if document.width == nil, document.height == nil, mayLook, let size = context.imageSize(of: sample) {
        document.width = size.width
        document.height = size.height
      }
    }
    document.annotations = shapes.map { shape in
      var shape = shape
      if shape.id != nil || shape.hasRareAnswers { ObjectProperties.put(into: &shape, author: author, createdAt: time) }
      if shape.box != nil, shape.shape != nil, shape.preserved[VOCCodec.section].isEmpty { ObjectProperties.putBox(into: &shape) }
      if settings.roundsCoordinates { shape.roundCoordinates() }
      return shape
    }
    return document
  }

  /// Author and time of an entry.
  private static func origin(of entry: [UInt8]) -> (String?, Timestamp?) {
    var author: String?
    var time: Timestamp?
    ObjectMembers.forEach(entry) { key, value in
      guard case .string(let text)? = jsonValue(Array(value)) else { return }
      switch Slot.ofAnnotation(String(decoding: key, as: UTF8.self)) {
      case Slot.annotatedBy: author = text
      case Slot.creationTime: time = Timestamp(text, separator: UInt8(ascii: " "))
      default: break
      }
    }
    return (author, time)
  }

  /// Where in an entry the place of the file stands, quotes included.
  private static func location(in entry: [UInt8]) -> Range<Int>? {
    entry.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginObject() else { return nil }
      while let key = try? scanner.nextKey(&progress) {
        guard let value = try? scanner.skipValue() else { return nil }
        if Slot.ofAnnotation(key.makeString()) == Slot.annotationLoc { return value }
      }
      return nil
    }
  }
}

extension ObjectProperties {
  private static let box = "@modelarts:box"

  /// An object has one place: the box beside another shape goes among its properties.
  static func putBox(into object: inout Annotation) {
    guard let corners = object.box?.converted(to: .corners), corners.unit == .pixels else { return }
    var out = ByteBuffer(capacity: 64)
    out.append(json: .list(corners.numbers.map { .number($0) }))
    object.attributes[box] = .string(out.string())
    object.box = nil
  }

  /// Takes the box from the properties.
  static func takeBox(from attributes: inout Attributes, into object: inout Annotation) {
    guard object.box == nil, case .string(let text)? = attributes[box], case .list(let list)? = jsonValue(Array(text.utf8)),
      list.count == 4
    else { return }
    let numbers = list.compactMap { value -> Double? in
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    }
    guard numbers.count == 4 else { return }
    object.box = Box(numbers[0], numbers[1], numbers[2], numbers[3], form: .corners)
    attributes[box] = nil
  }
}

extension Annotation {
  /// Rounds all coordinates in pixels to whole numbers.
  fileprivate mutating func roundCoordinates() {
    if var box = box?.converted(to: .corners), box.unit == .pixels {
      box.first.round()
      box.second.round()
      box.third.round()
      box.fourth.round()
      self.box = box
    }
    switch shape {
    case .polygon(var polygon) where polygon.unit == .pixels:
      polygon.coordinates = polygon.coordinates.map { $0.rounded() }
      shape = .polygon(polygon)
    case .polyline(var line) where line.unit == .pixels:
      line.coordinates = line.coordinates.map { $0.rounded() }
      shape = .polyline(line)
    case .circle(let circle) where circle.unit == .pixels:
      shape = .circle(Circle(centerX: circle.centerX.rounded(), centerY: circle.centerY.rounded(), radius: circle.radius.rounded()))
    case .point(let point) where point.unit == .pixels:
      shape = .point(Point(x: point.x.rounded(), y: point.y.rounded()))
    default: break
    }
  }
}
