import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What the options and the header say about the whole output.
struct WriterSettings: Sendable {
  var layout: FileLayout
  /// Whether records follow the order of keys their file had.
  var keepsOrder: Bool
  /// Whether the samples were read from a manifest, so that nothing is added to them.
  var isSameFormat: Bool
  var sourcePrefix: String
  var isFolder: Bool
  var roundsCoordinates: Bool
  var fillsFlags: Bool
  /// The type of annotations with a place; nil to decide by the sample.
  var shapeType: LabelingType?
  var vocLayout: VOCDialect.Layout
}

/// Writes a manifest and, beside it, the Pascal VOC files it points at.
final class ModelArtsWriter: FormatWriter {
  private let options: FormatOptions
  private var file: OutputFile?
  private var output: StagedOutput?
  private var names = SidecarNames()
  private var settings: WriterSettings?
  private var owesLineFeed = false

  init(_ options: FormatOptions) { self.options = options }

  let demand = Demand()

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let observed = FileLayout(header.preserved)
    var layout: FileLayout
    switch options["profile"] {
    case "service": layout = FileLayout(.service)
    case "sdk": layout = FileLayout(.sdk)
    default: layout = observed ?? FileLayout(.service)
    }
    if let observed { layout.givesSampleType = observed.givesSampleType }
    switch options["offsets"] {
    case "scalars": layout.offsets = .scalars
    case "utf16": layout.offsets = .utf16
    default: layout.offsets = observed?.offsets ?? .scalars
    }
    let settings = WriterSettings(
      layout: layout, keepsOrder: options["profile"] == "auto", isSameFormat: observed != nil,
      sourcePrefix: options["source-prefix"],
      isFolder: context.fileName == nil, roundsCoordinates: options["coordinates"] == "integer",
      fillsFlags: options["flags"] == "all",
      shapeType: options["type"] == "object_detection"
        ? .objectDetection : options["type"] == "image_segmentation" ? .imageSegmentation : nil,
      vocLayout: options["profile"] == "sdk" ? .sdk : .service)
    let name = options["name"]
    do throws(RelativePath.Problem) { _ = try RelativePath(name) } catch {
      throw DatasetError(.usage, "The option modelarts:name is a file name; \"\(terminalSafe(name))\" \(error.phrase)")
    }
    file = try context.output.openFile(context.fileName ?? "\(name).manifest")
    output = context.output
    if context.fileName == nil { names.reserve("\(name).manifest") }
    self.settings = settings
    return LineEncoder(settings: settings)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let file, let settings, !batch.bytes.isEmpty else { return }
    if owesLineFeed { try file.append([UInt8(ascii: "\n")]) }
    let bytes = batch.bytes.bytes
    var at = 0
    var name = 0..<0
    var isKept = false
    for record in batch.records {
      guard record.range.lowerBound >= at, record.range.upperBound <= bytes.count else { continue }
      try append(UnsafeRawBufferPointer(rebasing: bytes[at..<record.range.lowerBound]), file, settings)
      at = record.range.upperBound
      if record.kind == RecordKind.xml {
        let xml = UnsafeRawBufferPointer(rebasing: bytes[record.range])
        try place(UnsafeRawBufferPointer(rebasing: bytes[name]), isKept, xml, file, settings)
      } else {
        name = record.range
        isKept = record.kind == RecordKind.keptName
      }
    }
    // The last line feed waits for the next line.
    try append(UnsafeRawBufferPointer(rebasing: bytes[at..<(bytes.count - 1)]), file, settings)
    owesLineFeed = true
  }

  func finish() throws(DatasetError) {
    if owesLineFeed, settings?.layout.endsWithLineFeed == true { try file?.append([UInt8(ascii: "\n")]) }
    try file?.close()
  }

  private func append(_ text: UnsafeRawBufferPointer, _ file: OutputFile, _ settings: WriterSettings) throws(DatasetError) {
    guard settings.layout.isASCII, text.contains(where: { $0 >= 0x80 }) else { return try file.append(text) }
    var out = ByteBuffer(capacity: text.count * 2)
    let digits = Array("0123456789abcdef".utf8)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      if scalar.value < 0x80 {
        out.append(UInt8(truncatingIfNeeded: scalar.value))
        continue
      }
      for unit in String(scalar).utf16 {
        out.append("\\u")
        for shift in [12, 8, 4, 0] { out.append(digits[Int(unit >> UInt16(shift)) & 15]) }
      }
    }
    try file.append(out.bytes)
  }

  /// Writes a Pascal VOC file under a name that is free, and the name into the manifest.
  private func place(
    _ name: UnsafeRawBufferPointer, _ isKept: Bool, _ xml: UnsafeRawBufferPointer, _ file: OutputFile, _ settings: WriterSettings
  ) throws(DatasetError) {
    guard let output else { return }
    let text = String(decoding: name, as: UTF8.self)
    let choice = names.choose(text, isKept: isKept, content: xml)
    if !choice.isWritten { try output.writeFile(choice.path, xml) }
    var json = ByteBuffer(capacity: 256)
    if choice.keepsName { json.append(name) } else { json.appendJSON("./" + choice.path) }
    try append(json.bytes, file, settings)
  }
}

/// What the ranges of a batch are.
enum RecordKind {
  /// The path wanted for a new Pascal VOC file.
  static let newName = 1
  /// The place of a Pascal VOC file as the manifest said it, a JSON string.
  static let keptName = 2
  /// A Pascal VOC file.
  static let xml = 3
}

/// The names of the Pascal VOC files of an output.
struct SidecarNames {
  private var taken: [String: UInt64] = [:]
  private var next: [String: Int] = [:]

  struct Choice {
    /// Where the file is.
    var path: String
    /// Whether the manifest goes on calling it by the name it had.
    var keepsName: Bool
    /// Whether it has been written already.
    var isWritten: Bool
  }

  mutating func reserve(_ path: String) { taken[path] = 0 }

  /// Chooses a place for a file.
  ///
  /// The order of calls decides, so it is the order of the samples.
  mutating func choose(_ name: String, isKept: Bool, content: UnsafeRawBufferPointer) -> Choice {
    let hash = Hash64.hash(content) | 1
    var wanted = name
    if isKept {
      let location = SidecarNames.decoded(name)
      let places = SidecarNames.places(of: location)
      for path in places {
        guard let known = taken[path] else {
          taken[path] = hash
          return Choice(path: path, keepsName: true, isWritten: false)
        }
        if known == hash { return Choice(path: path, keepsName: true, isWritten: true) }
      }
      wanted = "annotation/" + FileName.stem(of: location) + ".xml"
    }
    wanted = (try? RelativePath(wanted).text) ?? "annotation/sample.xml"
    if taken[wanted] == nil {
      taken[wanted] = hash
      return Choice(path: wanted, keepsName: false, isWritten: false)
    }
    var number = next[wanted] ?? 2
    let stem = FileName.withoutExtension(wanted)
    while taken["\(stem)-\(number).xml"] != nil { number += 1 }
    next[wanted] = number + 1
    let path = "\(stem)-\(number).xml"
    taken[path] = hash
    return Choice(path: path, keepsName: false, isWritten: false)
  }

  private static func decoded(_ json: String) -> String {
    Array(json.utf8).withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return (try? scanner.string())?.makeString() ?? ""
    }
  }

  /// Where a reader would look for a file of a name, the short places first.
  private static func places(of location: String) -> [String] {
    if location.utf8.first != 0x2F, !URLMap.isURL(location) { return (try? RelativePath(location).text).map { [$0] } ?? [] }
    let path = MediaPlace.inside(location)
    guard let safe = try? RelativePath(path).text, safe == path else { return [] }
    let parts = path.split(separator: "/").map(String.init)
    var places: [String] = []
    let start = parts.dropLast().lastIndex { $0 == "annotation" || $0 == "annotations" }
    if start == nil, let last = parts.last { places.append("annotation/" + last) }
    var from = start ?? max(0, parts.count - 2)
    while from >= 0 {
      places.append(parts[from...].joined(separator: "/"))
      from -= 1
    }
    return places
  }
}
