import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns one record into a sample; one per worker.
final class RecordDecoder {
  /// Takes a problem with the range of bytes it is about.
  typealias Report = (Diagnostic.Severity, String, String, Range<Int>) -> Void

  let layout: RecordLayout
  let labels: LabelCache
  /// Whether ids are keys; otherwise all samples are numbered.
  let usesIDs: Bool
  /// Members of the record, and of a span, that mean nothing here.
  @exclusivity(unchecked) var unknown = PreservedMembers()
  @exclusivity(unchecked) var inner = PreservedMembers()
  /// Scores that deny a label, as members.
  @exclusivity(unchecked) var denied = ByteBuffer()
  /// Annotations with a span and the places of the spans, which are checked when the text is known.
  @exclusivity(unchecked) var spans: [(index: Int, offset: Int)] = []
  /// What reads lists beside the tokens.
  @exclusivity(unchecked) var lists = RecordLists()
  /// Where the text stands, with its quotes.
  @exclusivity(unchecked) private(set) var textRange = 0..<0
  @exclusivity(unchecked) private var seen: UInt32 = 0
  /// The keys of the record before, in order, and what they mean: nearly all records have the same.
  @exclusivity(unchecked) private var trail: [(key: [UInt8], meaning: RecordKey)] = []

  init(layout: RecordLayout, labels: LabelCache, usesIDs: Bool) {
    self.layout = layout
    self.labels = labels
    self.usesIDs = usesIDs
  }

  /// Decodes the record at a range; false, with a report, when it cannot be read.
  func decode(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, position: Int, into sample: inout Sample, _ report: Report
  ) -> Bool {
    sample.reset()
    do throws(JSONFault) {
      return try record(bytes, range, position, &sample, report)
    } catch {
      report(.error, error.rule, error.message, error.offset..<error.offset + 1)
      return false
    }
  }

  private func record(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ position: Int, _ sample: inout Sample, _ report: Report
  ) throws(JSONFault) -> Bool {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    guard try scanner.peekKind() == .object else {
      report(.error, "jsonl-text.record.object", "A record is a JSON object", range)
      return false
    }
    unknown.removeAll()
    denied.removeAll()
    spans.removeAll(keepingCapacity: true)
    seen = 0
    textRange = 0..<0
    lists.removeAll()
    sample.media.kind = .text
    var found = Found()
    var progress = try scanner.beginObject()
    var place = 0
    while let key = try scanner.nextKey(&progress) {
      let meaning = meaning(of: key, at: place)
      place += 1
      if meaning != .unknown {
        let bit: UInt32 = 1 << UInt32(meaning.rawValue)
        guard seen & bit == 0 else { throw JSONFault(.duplicateKey(key.makeString()), at: scanner.offset(of: key)) }
        seen |= bit
        let start = scanner.offset
        if try take(meaning, key, &scanner, &found, &sample, report) { continue }
        scanner.offset = start
      } else if layout.lists != nil || lists.words != nil, try lists.take(key, &scanner) {
        continue
      }
      try unknown.take(key, from: &scanner)
    }
    try scanner.expectEnd()
    return try finish(found, bytes, range, position, &sample, report)
  }

  /// How many keys are remembered.
  private static let trailLimit = 64
  /// How long they may be.
  private static let keyLimit = 128

  /// What the key at a place among those of the record means.
  private func meaning(of key: JSONString, at place: Int) -> RecordKey {
    if key.hasEscape || place >= RecordDecoder.trailLimit { return RecordKey(key, layout) }
    if place < trail.count, trail[place].key.withUnsafeBufferPointer({ $0.holdsSameBytes(as: key.raw) }) {
      return trail[place].meaning
    }
    let meaning = RecordKey(key, layout)
    guard key.raw.count <= RecordDecoder.keyLimit else { return meaning }
    if place < trail.count {
      trail[place] = (Array(key.raw), meaning)
    } else if place == trail.count {
      trail.append((Array(key.raw), meaning))
    }
    return meaning
  }

  /// What was met in a record and is put to use at its end.
  struct Found {
    var text: String?
    var data: (key: JSONString, text: JSONString)?
    var file: (key: JSONString, name: JSONString)?
    var key: String?
    var order: [Int]?
    var answer: String?
    var saysJoined = false
  }

  /// Reads the value of a known key; false when it is of no use and stays as it is.
  private func take(
    _ meaning: RecordKey, _ key: JSONString, _ scanner: inout JSONScanner, _ found: inout Found, _ sample: inout Sample,
    _ report: Report
  ) throws(JSONFault) -> Bool {
    let kind = try scanner.peekKind()
    switch meaning {
    case .text:
      guard kind == .string else { return false }
      let text = try scanner.string()
      textRange = scanner.offset(of: text)..<scanner.offset
      found.text = text.makeString()
    case .data:
      guard kind == .string else { return false }
      found.data = (key, try scanner.string())
    case .file:
      guard kind == .string else { return false }
      found.file = (key, try scanner.string())
    case .id:
      guard let id = identifier(&scanner) else { return false }
      sample.id = id
    case .key:
      guard kind == .string else { return false }
      found.key = try scanner.string().makeString()
    case .location:
      guard kind == .string else { return false }
      sample.media.location = try scanner.string().makeString()
    case .answer:
      guard kind == .string else { return false }
      found.answer = try scanner.string().makeString()
    case .meta:
      guard kind == .object else { return false }
      let attributes = try scanner.attributes()
      guard attributes["answer"] == nil else { return false }
      sample.attributes = attributes
    case .tokens:
      if kind == .array, try lists.takeWords(key, takesEmpty: layout.lists != nil, &scanner) { return true }
      let start = scanner.offset
      guard kind == .array, let tokens = try tokens(&scanner) else {
        report(
          .warning, "jsonl-text.member.kept", "These tokens are kept as they are: they are not read as texts with places",
          start..<start + 1)
        return false
      }
      sample.tokens = tokens
    case .tags:
      guard kind == .array else { return false }
      try lists.takeTags(key, &scanner)
    case .joined:
      guard kind == .boolean, try scanner.boolean() else { return false }
      found.saysJoined = true
    case .order:
      guard kind == .array, let order = try positions(&scanner) else { return false }
      found.order = order
    case .reserved:
      let at = scanner.offset(of: key)
      report(
        .error, "jsonl-text.record.reserved", "The keys $form, $lead and $zero have a meaning of their own here", at..<at + 1)
      return false
    default: return try marks(meaning, key, kind, &scanner, &sample, report)
    }
    return true
  }

  /// An id: a whole number or a text; nil, and the scanner where it was, for anything else.
  func identifier(_ scanner: inout JSONScanner) -> RecordID? {
    let start = scanner.offset
    if let kind = try? scanner.peekKind(), kind == .string || kind == .number, let id = try? scanner.recordID() { return id }
    scanner.offset = start
    return nil
  }

  private func positions(_ scanner: inout JSONScanner) throws(JSONFault) -> [Int]? {
    var list: [Int] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      guard case .integer(let number)? = identifier(&scanner), let position = Int(exactly: number) else { return nil }
      list.append(position)
    }
    return list
  }

  private func finish(
    _ found: Found, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ position: Int, _ sample: inout Sample, _ report: Report
  ) throws(JSONFault) -> Bool {
    sample.media.text = found.text
    if let data = found.data {
      if found.text == nil {
        sample.media.text = data.text.makeString()
      } else {
        try keep(data.key, data.text)
      }
    }
    if let file = found.file {
      if sample.media.text == nil, sample.media.location == nil {
        sample.media.location = file.name.makeString()
      } else {
        try keep(file.key, file.name)
      }
    }
    guard try finishLists(bytes, &sample, report) else { return false }
    guard sample.media.text != nil || RecordDecoder.isText(sample.media.location) else {
      let message =
        sample.media.location == nil
        ? "A record has a text under the key \"\(terminalSafe(layout.text))\""
        : "A record is about a text; this one names a file of another kind"
      report(.error, "jsonl-text.record.no-text", message, range.lowerBound..<min(range.lowerBound + 1, range.upperBound))
      return false
    }
    if found.saysJoined {
      sample.tokens?.joinIfJoined(sample.media.text)
      // Where it is not so, it is kept as it is.
      if sample.tokens?.placement != .joined { Array("true".utf8).withUnsafeBytes { unknown.add("_joined", json: $0) } }
    }
    if let answer = found.answer { sample.attributes["answer"] = .string(answer) }
    checkSpans(&sample, report)
    addEntities(to: &sample)
    if let order = found.order { try reorder(&sample.annotations, order) }
    if !denied.isEmpty {
      var value = ByteBuffer(capacity: denied.count + 2)
      value.append(UInt8(ascii: "{"))
      value.append(denied.bytes)
      value.append(UInt8(ascii: "}"))
      unknown.add("$zero", json: value.bytes)
    }
    sample.preserved = unknown.preserved(JSONLTextFormat.id)
    sample.key = key(found, sample, position)
    return true
  }

  private func key(_ found: Found, _ sample: Sample, _ position: Int) -> String {
    if usesIDs {
      if let key = found.key { return key }
      switch sample.id {
      case .integer(let number): return String(number)
      case .string(let text): return text
      case nil: break
      }
    }
    return String(position + 1)
  }

  /// Keeps a text under its key as it stands in the file.
  private func keep(_ key: JSONString, _ text: JSONString) throws(JSONFault) {
    guard let start = text.raw.baseAddress else { return }
    try unknown.add(key, value: UnsafeRawBufferPointer(start: start - 1, count: text.raw.count + 2), at: 0)
  }

  /// Whether a file is a text by its name.
  static func isText(_ location: String?) -> Bool {
    guard let location else { return false }
    let name = location.lowercased()
    guard let dot = name.lastIndex(of: "."), !name[dot...].contains("/") else { return true }
    return [".txt", ".text", ".md", ".html", ".htm", ".xml", ".json", ".csv", ".tsv"].contains(name[dot...])
  }

  /// Puts the annotations in the order a list of their positions gives; one that is no such list is kept as it is.
  private func reorder(_ annotations: inout [Annotation], _ order: [Int]) throws(JSONFault) {
    var places: [Int?] = Array(repeating: nil, count: annotations.count)
    for (index, position) in order.enumerated() {
      guard places.indices.contains(position), places[position] == nil else { return keepOrder(order) }
      places[position] = index
    }
    guard order.count == annotations.count else { return keepOrder(order) }
    annotations = places.compactMap { $0.map { annotations[$0] } }
  }

  private func keepOrder(_ order: [Int]) {
    var value = ByteBuffer()
    value.append(json: .list(order.map { .integer(Int64($0)) }))
    unknown.add("_order", json: value.bytes)
  }
}
