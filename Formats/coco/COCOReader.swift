import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads COCO files: one pass finds where the records are and joins them, decoding is per image.
struct COCOReader: FormatReader {
  let input: DatasetInput
  let options: COCOReadOptions

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> COCOIndex {
    var builder = COCOIndexBuilder()
    if input.isFolder {
      let chosen = try COCOFolder.choose(input, task: options.task, context)
      if chosen.count > 1, !options.images.isEmpty {
        throw DatasetError(
          .usage, "The option images is for one file, and the folder holds \(chosen.count); name one of them", path: input.path)
      }
      builder.mediaFolders = COCOFolder.mediaFolders(root: input.path, names: chosen.map(\.path))
      for file in chosen {
        let path = joinedPath(input.path, file.path)
        try builder.survey(try input.files.map(path), path: path, name: file.path, split: file.split, options, context)
      }
    } else {
      let name = input.path.split(separator: "/").last.map(String.init) ?? input.path
      builder.mediaFolders = COCOFolder.mediaFolders(root: input.folder, names: [name])
      try builder.survey(try input.map(), path: input.path, name: name, split: nil, options, context)
    }
    return builder.finish()
  }

  func decode(_ position: Int, in index: COCOIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.image))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: COCOIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    guard position >= 0, position < index.count, !index.repeated.contains(position) else { return false }
    let decoder = context.scratch.thing(COCODecoder.self) { COCODecoder() }
    return decoder.state.decode(position, in: index, into: &sample, context)
  }
}

/// A worker's memory for decoding, reached once for each image.
final class COCODecoder {
  // One worker alone uses it.
  @exclusivity(unchecked) var state = DecodingState()
}

/// What decoding reuses from record to record.
struct DecodingState: ~Copyable {
  var members = PreservedMembers()
  var imageMembers = PreservedMembers()
  var numbers = NumberBuffer()
  var ringEnds: [Int] = []
  var lengths: [UInt32] = []
  /// The keys of the image and of the annotation before.
  var imageKeys = JSONKeyTrail()
  var annotationKeys = JSONKeyTrail()
  /// The bytes of the file being decoded.
  var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

  /// Decodes an image and its annotations; false when there is no such image.
  mutating func decode(_ position: Int, in index: COCOIndex, into sample: inout Sample, _ context: ReadContext) -> Bool {
    let fileIndex = index.file(of: position)
    let file = index.files[fileIndex]
    bytes = file.mapped.bytes
    if !index.ordinals.isEmpty, position < file.images.upperBound &- 1 { fetchNext(position &+ 1, index) }
    defer { bytes = UnsafeRawBufferPointer(start: nil, count: 0) }
    sample.reset()
    guard take(index.imageOffsets[position], file, into: &sample, context) else { return false }
    sample.split = file.split
    let first = Int(index.firstAnnotations[position])
    let last = Int(index.firstAnnotations[position + 1])
    guard first < last else { return true }
    var scene = AnnotationScene(
      file: file, imageID: .integer(0), hasTextID: false, keypointCounts: index.keypointCounts, context: context)
    if let id = sample.id {
      scene.imageID = id
      if case .string = id { scene.hasTextID = true } else { scene.hasTextID = false }
    }
    if file.variant?.kind == .panoptic {
      panoptic(Array(index.annotationOffsets[first..<last]), first, index, scene, into: &sample)
      return true
    }
    sample.annotations.reserveCapacity(last - first)
    for at in first..<last {
      let ordinal = index.ordinals.isEmpty ? nil : index.ordinals[at]
      do throws(JSONFault) {
        try annotation(at: index.annotationOffsets[at], ordinal, scene, into: &sample.annotations)
      } catch {
        context.diagnostics.report(error.diagnostic(in: file.id))
      }
    }
    return true
  }
}

extension DecodingState {
  /// How many bytes of an annotation are fetched ahead.
  private static let bytesAhead = 384

  /// Begins to fetch the annotations of the images that come next, whose places lie far from one another.
  ///
  /// The image itself follows the one before it.
  @inline(__always)
  private func fetchNext(_ position: Int, _ index: COCOIndex) {
    guard position < index.count else { return }
    let first = Int(index.firstAnnotations[position])
    let last = Int(index.firstAnnotations[position + 1])
    for at in first..<last { ReadAhead.fetch(bytes, at: index.annotationOffsets[at], count: Self.bytesAhead) }
  }
}

/// What the annotations of one image share.
struct AnnotationScene {
  let file: COCOFile
  var imageID: RecordID
  var hasTextID: Bool
  let keypointCounts: [Int]
  let context: ReadContext

  /// Reports a problem of the annotation that begins at an offset.
  func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, at start: Int, _ end: Int) {
    context.report(severity, rule, message, at: file.range(start, end))
  }

  /// The name of the annotation at an offset, for messages: "annotation 4711".
  func name(at offset: Int) -> String { RecordName.annotation(file, at: offset) }
}

/// Names of records for messages, found by a second look.
enum RecordName {
  /// The name of an annotation: "annotation 4711", or "an annotation without an id".
  static func annotation(_ file: COCOFile, at offset: Int) -> String {
    id(file.mapped.bytes, at: offset).map { "annotation \($0.safeText)" } ?? "an annotation without an id"
  }

  /// The id of the object at an offset.
  static func id(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> RecordID? {
    guard let range = member("id", bytes, at: offset) else { return nil }
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    return try? scanner.recordID()
  }

  /// The range of a member's value in the object at an offset.
  static func member(_ name: StaticString, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Range<Int>? {
    var scanner = JSONScanner(bytes, from: offset)
    guard var progress = try? scanner.beginObject() else { return nil }
    while let key = try? scanner.nextKey(&progress) {
      let start = scanner.offset
      guard (try? scanner.skipValueStructurally()) != nil else { return nil }
      if key == name { return start..<scanner.offset }
    }
    return nil
  }
}

/// Numbers that gather before they become an array of just their size.
struct NumberBuffer: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Double>
  private(set) var count = 0
  private(set) var capacity = 1024

  init() { base = .allocate(capacity: capacity) }

  deinit { base.deallocate() }

  mutating func removeAll() { count = 0 }

  /// Forgets the numbers after a position.
  mutating func truncate(to length: Int) { count = min(count, max(0, length)) }

  @inline(__always) mutating func append(_ value: Double) {
    if count == capacity { grow() }
    base[count] = value
    count &+= 1
  }

  /// Makes room for more numbers.
  @inline(__always) mutating func reserve(_ extra: Int) {
    if capacity &- count < extra { grow() }
  }

  /// Takes as many numbers as were written behind those there.
  @inline(__always) mutating func advance(by taken: Int) { count = min(capacity, count &+ max(0, taken)) }

  @inline(never) mutating func grow() {
    let larger = UnsafeMutablePointer<Double>.allocate(capacity: capacity * 2)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  /// The numbers.
  var array: [Double] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
