import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns the frames of a sequence into samples.
struct FrameDecoder: ~Copyable {
  let sequence: SequenceIndex
  let labels: LabelCache
  private var object = ObjectFacts()
  private var members = PreservedMembers()
  /// How many errors the frame read last has: what they left out must not come back with its text.
  private(set) var faults = 0

  init(_ sequence: SequenceIndex, labels: LabelCache) {
    self.sequence = sequence
    self.labels = labels
  }

  private mutating func fail(_ rule: String, _ message: String, at range: SourceRange, _ context: ReadContext) {
    faults += 1
    context.report(.error, rule, message, at: range)
  }

  private func place(_ offset: Int, _ length: Int = 1) -> SourceRange {
    SourceRange(file: sequence.fileID, offset: offset, length: length)
  }

  /// Decodes a frame of some text into a sample that says nothing; what is wrong is reported and gives false.
  mutating func decode(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, position: Int, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    faults = 0
    do throws(JSONFault) {
      return try frame(&scanner, range, position, into: &sample, context)
    } catch {
      context.diagnostics.report(error.diagnostic(in: sequence.fileID))
      return false
    }
  }

  private mutating func frame(
    _ scanner: inout JSONScanner, _ range: Range<Int>, _ position: Int, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) -> Bool {
    sample.media = Media(.image)
    sample.source = place(range.lowerBound, range.count)
    members.removeAll()
    var seen = ByteKeySet()
    var order: [Int] = []
    var name: String?
    var number: Int?
    guard try scanner.peekKind() == .object else {
      fail("groundtruth.frame.kind", "A frame is an object", at: place(range.lowerBound), context)
      return false
    }
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      guard seen.insert(key) else { throw JSONFault(.duplicateKey(key.makeString()), at: scanner.offset(of: key)) }
      let start = scanner.offset
      let kind = try scanner.peekKind()
      if let list = ObjectList.allCases.first(where: { key == $0.key }), kind == .array {
        try objects(list, &scanner, into: &sample, context)
        continue
      }
      switch (key, kind) {
      case ("frame", .string): name = try scanner.string().makeString()
      case ("frame-no", .string):
        let text = try scanner.string()
        number = NumberParser.integer(text.raw).flatMap { Int(exactly: $0) }
        guard number != nil else {
          fail("groundtruth.frame.number", "The number of a frame is a whole number", at: place(start), context)
          return false
        }
      case ("frame-no", .number): number = Int(exactly: try scanner.integer())
      case ("frame-attributes", .object): sample.attributes = try scanner.attributes()
      case ("image_size", .array):
        let decoder = LineDecoder(layout: ManifestLayout(), labels: labels, file: sequence.fileID, masks: nil)
        if try !decoder.size(&scanner, &sample) {
          scanner.offset = start
          try members.take(key, from: &scanner)
        }
      case ("id", .string): sample.id = .string(try scanner.string().makeString())
      case ("id", .number): sample.id = .integer(try scanner.integer())
      case ("annotation-order", .array):
        guard case .list(let list) = try scanner.attributeValue() else { continue }
        order = list.map { if case .integer(let value) = $0 { Int(truncatingIfNeeded: value) } else { -1 } }
      default: try members.take(key, from: &scanner)
      }
    }
    guard let name else {
      fail("groundtruth.frame.name", "A frame has the name of its picture", at: place(range.lowerBound, range.count), context)
      return false
    }
    sample.key = sequence.layout.folder + name
    sample.media.location = sample.key
    if let number { sample.media.frame = .init(number: number) }
    LineMembers.arrange(&sample.annotations, order)
    if !members.isEmpty { sample.preserved = members.preserved(GroundTruthFormat.id) }
    return true
  }

  private mutating func objects(
    _ list: ObjectList, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    var elements = try scanner.beginArray()
    while try scanner.nextElement(&elements) {
      let start = scanner.offset
      guard try scanner.peekKind() == .object else {
        try scanner.skipValue()
        fail("groundtruth.object.place", "An object of a frame is a JSON object", at: place(start), context)
        continue
      }
      try object.read(&scanner, inFrame: true)
      var annotation = Annotation()
      guard object.problem == nil, object.place(list, &annotation) else {
        fail(
          "groundtruth.object.place",
          "A box has left, top, width and height, a line or a polygon has vertices, a keypoint has x and y: all numbers",
          at: place(object.problem?.offset ?? start), context)
        continue
      }
      if let id = object.classID {
        let text = scanner.bytes(from: id.lowerBound, to: id.upperBound)
        annotation.label =
          sequence.classes.first { $0.id.elementsEqual(text) }?.label ?? labels.intern(String(decoding: text, as: UTF8.self))
      }
      annotation.confidence = object.confidence
      if let author = object.author { annotation.author = author }
      if let time = object.createdAt { annotation.createdAt = time }
      if !object.attributes.isEmpty { annotation.attributes = object.attributes }
      if let track = object.track { annotation.track = track }
      if !object.members.isEmpty { annotation.preserved = object.members.preserved(GroundTruthFormat.id) }
      sample.annotations.append(annotation)
    }
  }
}
