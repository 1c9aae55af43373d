import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Finds the lines of a manifest, and learns its attributes, their classes and its habits.
struct ManifestSurvey: ~Copyable {
  private let file: MappedFile
  private let fileID: FileID
  private let resolver: MediaResolver
  private let wanted: String
  private var members: [LineDecoder.Member] = []
  /// Orders of keys and maps of classes met so far, so that each is looked at once.
  private var orders: Set<[String]> = []
  private var maps: Set<[UInt8]> = []
  private var known: [Set<String>] = []
  private var unknown = UnknownClasses()
  private var isText = true
  private var firstLine = true

  init(_ file: MappedFile, _ fileID: FileID, _ resolver: MediaResolver, _ wanted: String) {
    self.file = file
    self.fileID = fileID
    self.resolver = resolver
    self.wanted = wanted
  }

  /// Walks over the file once.
  mutating func run(_ index: inout GroundTruthIndex, _ context: ReadContext) throws(DatasetError) {
    let bytes = file.bytes
    var start = 0
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      index.layout.hasMark = true
      start = 3
    }
    isText = UTF8Check.firstInvalid(in: bytes) == nil
    index.layout.endsWithLineFeed = bytes.last == 0x0A
    var released = 0
    var scanner = LineScanner(bytes, from: start)
    while let line = scanner.next() {
      try InterruptFlag.check()
      take(line, scanner.endedWithCarriageReturn, &index, context)
      if line.lowerBound - released > 8 << 20 {
        file.release(released..<line.lowerBound)
        released = line.lowerBound
      }
    }
    index.header.labels = LabelNumbers.table(of: index.layout.attributes)
    for name in unknown.names { _ = index.header.labels.intern(name) }
    for at in index.sequences.indices { name(&index.sequences[at], index) }
  }

  private mutating func take(
    _ line: Range<Int>, _ hasCarriageReturn: Bool, _ index: inout GroundTruthIndex, _ context: ReadContext
  ) {
    let bytes = file.bytes
    guard bytes[line].contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
      // What stands behind the last line feed is no line.
      if line.lowerBound < bytes.count {
        context.report(
          .warning, "groundtruth.line.blank", "A manifest has no blank lines; this one is not written again",
          at: SourceRange(file: fileID, offset: line.lowerBound, length: 0))
      }
      return
    }
    if !isText, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[line])) {
      return context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: fileID, base: line.lowerBound))
    }
    if firstLine {
      firstLine = false
      index.layout.hasCarriageReturns = hasCarriageReturn
      index.layout.spacing = JSONSpacing(observing: UnsafeRawBufferPointer(rebasing: bytes[line]))
    } else if hasCarriageReturn != index.layout.hasCarriageReturns, line.upperBound < bytes.count {
      context.report(
        .warning, "groundtruth.line.ends", "Lines end in two ways; all are written as the first one",
        at: SourceRange(file: fileID, offset: line.upperBound, length: 1))
    }
    var json = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    // What is wrong with a line is said when it is decoded.
    let isObject = (try? LineMembers.collect(&json, into: &members)) != nil
    if isObject {
      learnKeys(&index.layout)
      for at in members.indices where members[at].metadata >= 0 {
        if frames(at, line, &json, &index, context) { return }
      }
    }
    index.entries.append(.init(place: line.lowerBound, sequence: -1))
  }

  /// Adds the keys of a line to the order of all lines.
  private mutating func learnKeys(_ layout: inout ManifestLayout) {
    guard orders.count < 256 else { return }
    let names = members.map { $0.key.makeString() }
    guard orders.insert(names).inserted else { return }
    var before = -1
    for name in names {
      if let found = layout.keys.firstIndex(of: name) {
        before = max(before, found)
      } else if layout.keys.count < 256 {
        before += 1
        layout.keys.insert(name, at: min(before, layout.keys.count))
      }
    }
  }

  /// Learns what an attribute says; true when its line stands for the frames of a sequence.
  private mutating func frames(
    _ at: Int, _ line: Range<Int>, _ json: inout JSONScanner, _ index: inout GroundTruthIndex, _ context: ReadContext
  ) -> Bool {
    let name = members[at].key.makeString()
    guard let type = type(of: members[at], &json), let task = LabelTask(type: type) else { return false }
    if !wanted.isEmpty, name != wanted { return false }
    let position: Int
    if let known = index.layout.position(name, task) {
      position = known
    } else {
      var attribute = LabelAttribute(name: name, type: type, task: task)
      describe(&attribute, members[at], &json)
      index.layout.attributes.append(attribute)
      known.append([])
      position = index.layout.attributes.count - 1
    }
    AttributeSurvey.classes(
      members[at], metadata: members[members[at].metadata], &json, &index.layout.attributes[position], &known[position], &maps)
    unknown.collect(task, members[at], metadata: members[members[at].metadata], &json)
    guard task == .frames else { return false }
    return sequence(members[at], line, index.layout.attributes[position], &json, &index, context)
  }

  private func type(of member: LineDecoder.Member, _ json: inout JSONScanner) -> String? {
    json.offset = members[member.metadata].value.lowerBound
    guard (try? json.peekKind()) == .object, var progress = try? json.beginObject() else { return nil }
    while let key = try? json.nextKey(&progress) {
      if key == "type" { return (try? json.string())?.makeString() }
      guard (try? json.skipValueStructurally()) != nil else { return nil }
    }
    return nil
  }

  /// Takes the habits of an attribute from the first line that has it.
  private func describe(_ attribute: inout LabelAttribute, _ member: LineDecoder.Member, _ json: inout JSONScanner) {
    json.offset = members[member.metadata].value.lowerBound
    attribute.orders.metadata = AttributeSurvey.keys(&json)
    json.offset = members[member.metadata].value.lowerBound
    if let metadata = try? Metadata(&json, LabelCache(LabelTable())), let job = KeptMembers(metadata.others).value("job-name") {
      attribute.others = Array("\"job-name\":".utf8) + job
    }
    json.offset = member.value.lowerBound
    AttributeSurvey.value(&json, &attribute)
  }

  // MARK: Sequences

  /// Opens the file of frames a line points at; false when there is none, so that the line stays a sample.
  private func sequence(
    _ member: LineDecoder.Member, _ line: Range<Int>, _ attribute: LabelAttribute, _ json: inout JSONScanner,
    _ index: inout GroundTruthIndex, _ context: ReadContext
  ) -> Bool {
    json.offset = member.value.lowerBound
    guard let location = (try? json.string())?.makeString() else { return false }
    let place = SourceRange(file: fileID, offset: member.value.lowerBound, length: member.value.count)
    guard let (path, mapped) = open(location, place, context) else { return false }
    guard let mapped else {
      context.report(
        .warning, "groundtruth.sequence.missing",
        "The file of frames \"\(terminalSafe(location))\" was not found; --map-url names the folder a bucket lies in", at: place)
      return false
    }
    var sequence = SequenceIndex(mapped, context.sources.add(path))
    guard sequence.survey(LabelTable(), context), !sequence.frames.isEmpty else { return false }
    sequence.layout.line = String(decoding: file.bytes[line], as: UTF8.self)
    sequence.layout.attribute = attribute.name
    sequence.layout.location = location
    let source = members.first { $0.key == "source-ref" }
    if let source {
      json.offset = source.value.lowerBound
      list((try? json.string())?.makeString() ?? "", &sequence, place, context)
    }
    let others = members.count { $0.metadata >= 0 && $0.key.makeString() != attribute.name }
    if others > 0 {
      context.report(
        .warning, "groundtruth.sequence.second",
        "The line has other labels beside \"\(terminalSafe(attribute.name))\"; --from groundtruth:attribute=NAME reads another one",
        at: place)
    }
    let number = Int32(truncatingIfNeeded: index.sequences.count)
    index.layout.sequences.append(sequence.layout)
    index.sequences.append(sequence)
    for frame in sequence.frames.indices { index.entries.append(.init(place: frame, sequence: number)) }
    return true
  }

  /// Opens a file beside the manifest: without bytes when there is none, nil and a report when it is there and cannot be read.
  private func open(_ location: String, _ place: SourceRange, _ context: ReadContext) -> (path: String, mapped: MappedFile?)? {
    do throws(DatasetError) {
      guard let found = try resolver.findFirmly(location) else { return ("", nil) }
      return (found.path, try resolver.files.map(found.path))
    } catch {
      context.report(
        .error, "groundtruth.sequence.unreadable",
        "The file \"\(terminalSafe(location))\" \(error.message)\(error.errno.map { ": \(systemMessage($0))" } ?? "")", at: place)
      return nil
    }
  }

  /// Reads the list of frames, which says where the pictures lie.
  private func list(_ location: String, _ sequence: inout SequenceIndex, _ place: SourceRange, _ context: ReadContext) {
    sequence.layout.sourceLocation = location
    let folder = FileName.folder(of: location)
    sequence.layout.folder = folder.isEmpty ? "" : folder + "/"
    guard let (_, found) = open(location, place, context) else { return }
    guard let mapped = found, UTF8Check.firstInvalid(in: mapped.bytes) == nil else {
      return context.report(
        .warning, "groundtruth.sequence.source",
        "The list of frames \"\(terminalSafe(location))\" was not found; the pictures are taken to lie beside it", at: place)
    }
    let facts = SequenceSource(mapped.bytes)
    guard let prefix = facts.prefix else {
      return context.report(
        .warning, "groundtruth.sequence.source",
        "The list of frames \"\(terminalSafe(location))\" has no prefix; the pictures are taken to lie beside it", at: place)
    }
    sequence.layout.folder = prefix
    sequence.layout.source = String(decoding: mapped.bytes, as: UTF8.self)
    if facts.count > sequence.frames.count {
      context.report(
        .warning, "groundtruth.sequence.frames",
        "\(facts.count - sequence.frames.count) frames of the list have no labels; they are not read", at: place)
    }
  }

  /// Names the classes of a sequence by the map of its line.
  private func name(_ sequence: inout SequenceIndex, _ index: GroundTruthIndex) {
    guard let position = index.layout.position(sequence.layout.attribute, .frames) else { return }
    let met = sequence.classes.map(\.id)
    sequence.classes = index.layout.attributes[position].classes.map { item in
      (Array(item.id.utf8), index.header.labels.intern(item.name))
    }
    // Classes the map does not know are called by their numbers.
    for id in met where !sequence.classes.contains(where: { $0.id == id }) {
      _ = index.header.labels.intern(String(decoding: id, as: UTF8.self))
    }
  }
}

/// The list of frames of a sequence.
struct SequenceSource {
  /// What stands before the names.
  private(set) var prefix: String?
  /// The names of the frames.
  private(set) var names: [String] = []
  /// The number of frames.
  var count: Int { names.count }

  /// Reads a list; what cannot be read is not there.
  init(_ bytes: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(bytes)
    guard var progress = try? scanner.beginObject() else { return }
    while let key = try? scanner.nextKey(&progress) {
      if key == "prefix", (try? scanner.peekKind()) == .string {
        prefix = (try? scanner.string())?.makeString()
      } else if key == "frames", (try? scanner.peekKind()) == .array, var list = try? scanner.beginArray() {
        while (try? scanner.nextElement(&list)) == true {
          guard case .object(let frame)? = try? scanner.attributeValue() else { return }
          names.append(frame["frame"].text ?? "")
        }
      } else {
        guard (try? scanner.skipValue()) != nil else { return }
      }
    }
    if let own = prefix, !own.isEmpty, !own.hasSuffix("/") { prefix = own + "/" }
  }
}
