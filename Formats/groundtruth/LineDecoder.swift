import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns lines into samples; one per worker, reused from line to line.
struct LineDecoder: ~Copyable {
  /// One member of a line.
  struct Member {
    var key: JSONString
    var keyAt: Int
    var value: Range<Int>
    /// The member with the metadata of this one, or -1.
    var metadata = -1
    var isMetadata = false
  }

  let layout: ManifestLayout
  let labels: LabelCache
  let file: FileID
  /// Finds masks; nil where only what the line itself says is wanted.
  let masks: MaskFinder?
  /// The one attribute that is read, or nothing.
  let attribute: String
  var members: [Member] = []
  var object = ObjectFacts()
  /// The inside of the object `@metadata`: what attributes say beside the model.
  var leftovers = ByteBuffer(capacity: 256)
  /// How many errors the line read last has: what they left out must not come back with its text.
  private(set) var faults = 0

  init(layout: ManifestLayout, labels: LabelCache, file: FileID, masks: MaskFinder?, attribute: String = "") {
    self.layout = layout
    self.labels = labels
    self.file = file
    self.masks = masks
    self.attribute = attribute
  }

  /// Reports an error of the line.
  mutating func fail(_ rule: String, _ message: String, at range: SourceRange?, _ context: ReadContext) {
    faults += 1
    context.report(.error, rule, message, at: range)
  }

  func place(_ offset: Int, _ length: Int = 1) -> SourceRange { SourceRange(file: file, offset: offset, length: length) }

  /// Decodes a line into a sample that says nothing; a fault of its JSON is reported and gives false.
  mutating func decode(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, position: Int, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    faults = 0
    do throws(JSONFault) {
      return try line(&scanner, range, position, into: &sample, context)
    } catch {
      context.diagnostics.report(error.diagnostic(in: file))
      return false
    }
  }

  private mutating func line(
    _ scanner: inout JSONScanner, _ range: Range<Int>, _ position: Int, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) -> Bool {
    sample.source = place(range.lowerBound, range.count)
    try LineMembers.collect(&scanner, into: &members)
    leftovers.removeAll()
    var kept = ByteBuffer(capacity: 256)
    var order: [Int] = []
    var kind: Media.Kind?
    for index in members.indices where !members[index].isMetadata {
      let member = members[index]
      if member.metadata >= 0 {
        if try attribute(member, &scanner, into: &sample, &kind, context) { continue }
        keep(member, &scanner, &kept)
        keep(members[member.metadata], &scanner, &kept)
      } else if try !known(member, &scanner, &sample, &order) {
        keep(member, &scanner, &kept)
      }
    }
    guard sample.media.location != nil || sample.media.text != nil else {
      fail(
        "groundtruth.line.no-source", "A line needs source-ref, the place of its media, or source, a text",
        at: place(range.lowerBound, range.count), context)
      return false
    }
    if let location = sample.media.location {
      sample.key = location
      sample.media.kind = kind ?? mediaKind(of: location) ?? .image
    } else {
      sample.media.kind = .text
      sample.key =
        switch sample.id {
        case .string(let id): id
        case .integer(let id): "\(id)"
        case nil: "\(position + 1)"
        }
    }
    LineMembers.arrange(&sample.annotations, order)
    if !leftovers.isEmpty {
      if !kept.isEmpty { kept.append(UInt8(ascii: ",")) }
      kept.append("\"@metadata\":{")
      kept.append(leftovers.bytes)
      kept.append(UInt8(ascii: "}"))
    }
    if !kept.isEmpty { sample.preserved = Preserved(GroundTruthFormat.id, members: kept.array()) }
    return true
  }

  /// Reads a member that is no label; false when it is none the model has a place for.
  private func known(
    _ member: Member, _ scanner: inout JSONScanner, _ sample: inout Sample, _ order: inout [Int]
  ) throws(JSONFault) -> Bool {
    scanner.offset = member.value.lowerBound
    let kind = try scanner.peekKind()
    switch member.key {
    case "source-ref":
      guard kind == .string else { return false }
      sample.media.location = try scanner.string().makeString()
      sample.media.text = nil
    case "source":
      // Where both are given, the place comes first.
      guard kind == .string, !members.contains(where: { $0.key == "source-ref" }) else { return false }
      sample.media.text = try scanner.string().makeString()
    case "id":
      if kind == .string {
        sample.id = .string(try scanner.string().makeString())
      } else {
        guard kind == .number, case .integer(let value) = try scanner.number() else { return false }
        sample.id = .integer(value)
      }
    case "attributes":
      guard kind == .object else { return false }
      sample.attributes = try scanner.attributes()
      return !sample.attributes.isEmpty
    case "image_size":
      return try size(&scanner, &sample)
    case "annotation-order":
      guard case .list(let list) = try scanner.attributeValue() else { return false }
      order = list.map { if case .integer(let value) = $0 { Int(truncatingIfNeeded: value) } else { -1 } }
    default: return false
    }
    return true
  }

  /// Keeps a member as it is.
  private func keep(_ member: Member, _ scanner: inout JSONScanner, _ kept: inout ByteBuffer) {
    if !kept.isEmpty { kept.append(UInt8(ascii: ",")) }
    kept.append(UInt8(ascii: "\""))
    if member.key.raw.first == UInt8(ascii: "@") { kept.append(UInt8(ascii: "@")) }
    kept.append(member.key.raw)
    kept.append("\":")
    kept.appendCompacted(json: scanner.bytes(from: member.value.lowerBound, to: member.value.upperBound))
  }

  /// Reads the size of a picture; false when it is not one.
  func size(_ scanner: inout JSONScanner, _ sample: inout Sample) throws(JSONFault) -> Bool {
    guard case .list(let list) = try scanner.attributeValue(), list.count == 1, case .object(let size)? = list.first,
      case .integer(let width)? = size["width"], case .integer(let height)? = size["height"], width > 0, height > 0,
      width <= Int32.max, height <= Int32.max
    else { return false }
    sample.media.width = Int(width)
    sample.media.height = Int(height)
    if case .integer(let depth)? = size["depth"], depth >= 0, depth <= 65_535 { sample.media.channels = Int(depth) }
    return true
  }

  /// Reads an attribute with its metadata; false for one that is kept as it is, such as a custom one.
  private mutating func attribute(
    _ member: Member, _ scanner: inout JSONScanner, into sample: inout Sample, _ kind: inout Media.Kind?, _ context: ReadContext
  ) throws(JSONFault) -> Bool {
    if !attribute.isEmpty, member.key.makeString() != attribute { return false }
    let metadataAt = members[member.metadata].value.lowerBound
    scanner.offset = metadataAt
    guard try scanner.peekKind() == .object else { return false }
    let metadata = try Metadata(&scanner, labels)
    guard let type = metadata.type, let task = LabelTask(type: type) else {
      if metadata.type?.hasPrefix(LabelTask.prefix) != true || metadata.type == "groundtruth/custom" { return false }
      context.report(
        .warning, "groundtruth.attribute.unknown-type",
        "The type \"\(terminalSafe(metadata.type ?? ""))\" is none of the built-in tasks; the attribute is kept as it is",
        at: place(metadataAt))
      return false
    }
    if let media = LabelTask.media(ofType: type), media != .image { kind = media }
    if task == .frames { kind = .video }
    let (before, faultsBefore) = (sample.annotations.count, faults)
    scanner.offset = member.value.lowerBound
    let name = member.key.makeString()
    try value(task, name, metadata, &scanner, into: &sample, context)
    if sample.annotations.count == before {
      // Nothing of a value that is wrong as a whole is kept, and a mask without pixels passes through as it is.
      if faults > faultsBefore { return true }
      if task == .mask { return false }
    }
    finish(before, task, name, metadata, &sample)
    return true
  }

  /// Gives the annotations of an attribute what its metadata says about all of them, and keeps the rest.
  private mutating func finish(_ before: Int, _ task: LabelTask, _ name: String, _ metadata: Metadata, _ sample: inout Sample) {
    let position = layout.position(name, task)
    let others = LineDecoder.rest(of: metadata.others, without: position.map { layout.attributes[$0].others } ?? [])
    let count = sample.annotations.count - before
    let kind: Media.Kind = sample.media.text != nil ? .text : LabelTask.media(ofType: metadata.type ?? "") ?? .image
    let isHome = layout.home(task == .classes ? .single : task, kind, isAlone: task != .classes || count == 1) == position
    for index in before..<sample.annotations.count {
      if let author = metadata.author(index - before) { sample.annotations[index].author = author }
      if let time = metadata.createdAt(index - before) { sample.annotations[index].createdAt = time }
      if !isHome || position == nil { sample.annotations[index].preserved.mark("@attribute", text: name) }
      if task == .single { sample.annotations[index].preserved.add(members: others) }
    }
    if task == .single, count > 0 { return }
    guard count == 0 || !others.isEmpty else { return }
    if !leftovers.isEmpty { leftovers.append(UInt8(ascii: ",")) }
    leftovers.appendJSON(name)
    leftovers.append(":{")
    leftovers.append(others)
    if count == 0, !metadata.provenance.isEmpty {
      if !others.isEmpty { leftovers.append(UInt8(ascii: ",")) }
      leftovers.append(metadata.provenance)
    }
    leftovers.append(UInt8(ascii: "}"))
  }
}

extension LineDecoder {
  /// The members of an object that are not among some others.
  static func rest(of members: [UInt8], without usual: [UInt8]) -> [UInt8] {
    if members == usual { return [] }
    guard !usual.isEmpty, !members.isEmpty else { return members }
    let known = KeptMembers(usual)
    var out = ByteBuffer(capacity: members.count)
    PreservedReader(Preserved(GroundTruthFormat.id, members: members), GroundTruthFormat.id).forEach { key, value in
      if known.value(key.makeString())?.elementsEqual(value) == true { return }
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.append(UInt8(ascii: "\""))
      out.append(key.raw)
      out.append("\":")
      out.append(value)
    }
    return out.array()
  }
}

extension Preserved {
  /// Adds a mark of this format.
  mutating func mark(_ name: String, text: String) {
    var json = ByteBuffer()
    json.appendJSON(text)
    append(name, json: json.array(), format: GroundTruthFormat.id)
  }

  /// Adds members of this format.
  mutating func add(members: [UInt8]) {
    guard !members.isEmpty else { return }
    let own = self[GroundTruthFormat.id]
    self[GroundTruthFormat.id] = own.isEmpty ? members : own + [UInt8(ascii: ",")] + members
  }
}

/// The members of a line.
enum LineMembers {
  /// Collects the members of an object, each attribute with its metadata; a key that stands twice is a fault.
  static func collect(_ scanner: inout JSONScanner, into members: inout [LineDecoder.Member]) throws(JSONFault) {
    members.removeAll(keepingCapacity: true)
    var seen = ByteKeySet()
    var progress = try scanner.beginObject()
    var metadata: [Int] = []
    while let key = try scanner.nextKey(&progress) {
      let at = scanner.offset(of: key)
      guard seen.insert(key) else { throw JSONFault(.duplicateKey(key.makeString()), at: at) }
      if isMetadata(key) { metadata.append(members.count) }
      members.append(.init(key: key, keyAt: at, value: try scanner.skipValue()))
    }
    try scanner.expectEnd()
    // A line has a handful of members; one with very many is looked through by hash.
    var positions: [[UInt8]: Int]?
    if members.count > 64, metadata.count > 4 {
      positions = Dictionary(members.enumerated().map { (Array($1.key.raw), $0) }, uniquingKeysWith: { first, _ in first })
    }
    for index in metadata {
      let key = members[index].key.raw
      let base = UnsafeBufferPointer(rebasing: key[..<(key.count - LabelAttribute.suffix.utf8.count)])
      let found =
        positions.map { $0[Array(base)] }
        ?? members.firstIndex { $0.key.raw.count == base.count && $0.key.raw.elementsEqual(base) }
      guard let found, found != index else { continue }
      members[found].metadata = index
      members[index].isMetadata = true
    }
  }

  /// Whether a key ends as those of metadata do.
  static func isMetadata(_ key: JSONString) -> Bool {
    let count = LabelAttribute.suffix.utf8.count
    return key.raw.count > count && key.raw.suffix(count).elementsEqual(LabelAttribute.suffix.utf8)
  }

  /// Puts annotations in an order: for each, its place; nothing happens when that is no order of them.
  static func arrange(_ annotations: inout [Annotation], _ order: [Int]) {
    guard order.count == annotations.count, !order.isEmpty else { return }
    var places = [Int](repeating: -1, count: order.count)
    for (index, place) in order.enumerated() {
      guard places.indices.contains(place), places[place] < 0 else { return }
      places[place] = index
    }
    let old = annotations
    for (place, index) in places.enumerated() { annotations[place] = old[index] }
  }
}
