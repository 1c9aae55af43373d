import WaybillBytes
import WaybillSyntax

/// In which order the members of a record are written, worked out once for a file.
struct RecordPlan: Sendable {
  /// One key.
  struct Slot: Sendable {
    let name: String
    let meaning: RecordKey
    /// The key with its colon.
    let head: [UInt8]
    /// Whether it is written when there is nothing to say.
    let isAlways: Bool
  }

  let slots: [Slot]
  /// The meanings and the keys of the slots, for the loop over all of them.
  let meanings: [RecordKey]
  let heads: [[UInt8]]
  let isAlways: [Bool]
  /// Where spans, classes, scores, texts, relations and all that fits nowhere else go, as positions of slots.
  let spans: Int
  let classes: Int
  let texts: Int?
  let entities: Int
  let scores: Int
  let accept: Int
  let relations: Int
  let annotations: Int

  init(_ layout: RecordLayout) {
    let text = RecordText(layout)
    var names = layout.keys
    let lists = layout.lists
    let usual: [String?] = [
      "id", "_key", layout.text, "_location", "filename", "meta", lists?.words ?? "tokens", lists?.writtenTags, "_joined",
      layout.spans, "spans", "entities", "ents", layout.classes, "label", "labels", "accept", "cats", "relations", "annotations",
      "answer", "_order",
    ]
    for case .some(let name) in usual where !names.contains(name) { names.append(name) }
    if let own = layout.texts, !names.contains(own) { names.append(own) }
    let always = Set(layout.always)
    slots = names.map { name in
      Slot(name: name, meaning: RecordPlan.meaning(name, layout), head: text.head(name), isAlways: always.contains(name))
    }
    meanings = slots.map(\.meaning)
    heads = slots.map(\.head)
    isAlways = slots.map(\.isAlways)
    func place(_ name: String) -> Int { names.firstIndex(of: name) ?? 0 }
    spans = place(layout.spans)
    classes = place(layout.classes)
    texts = layout.texts.map(place)
    entities = place("entities")
    scores = place("cats")
    accept = place("accept")
    relations = place("relations")
    annotations = place("annotations")
  }

  /// What a key means.
  static func meaning(_ name: String, _ layout: RecordLayout) -> RecordKey {
    var quoted = ByteBuffer()
    quoted.appendJSON(name)
    var scanner = JSONScanner(quoted.bytes)
    guard let key = try? scanner.string() else { return .unknown }
    return RecordKey(key, layout)
  }
}

/// The members a record keeps, found once for each sample.
struct KeptMembers {
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
    var isWritten = false
  }

  private(set) var bytes: [UInt8] = []
  var members: [Member] = []
  /// The record as it stood in the file, when it was spelled in its own way: what stands before and behind the text, or all of it.
  private(set) var form: [String] = []
  /// What stood between this record and the one before, when it was something else than usual.
  private(set) var lead: String?
  /// Scores that deny a label, as an object.
  private(set) var denied: Range<Int>?
  /// Where the members end that were read from the record.
  private(set) var end = 0

  /// Takes the members of a section.
  mutating func take(_ section: [UInt8]) {
    bytes = section
    members.removeAll(keepingCapacity: true)
    form = []
    lead = nil
    denied = nil
    end = section.count
    if section.isEmpty { return }
    section.withUnsafeBytes { raw in
      var scanner = JSONScanner(raw)
      while !scanner.isAtEnd() {
        let start = scanner.offset
        guard let key = try? scanner.string(), pass(UInt8(ascii: ":"), &scanner), let value = try? scanner.skipValue() else {
          return
        }
        switch key {
        case "$form":
          form = texts(scanner.bytes(from: value.lowerBound, to: value.upperBound))
          end = min(end, start)
        case "$lead":
          lead = texts(scanner.bytes(from: value.lowerBound, to: value.upperBound)).first
          end = min(end, start)
        case "$zero": denied = value
        default: members.append(Member(key: start + 1..<start + 1 + key.raw.count, value: value))
        }
        if !pass(UInt8(ascii: ","), &scanner) { return }
      }
    }
    // The comma before what the reader added.
    if end < section.count, end > 0 { end -= 1 }
  }

  private func pass(_ byte: UInt8, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.bytes(from: scanner.offset, to: scanner.offset + 1).first == byte else { return false }
    scanner.offset += 1
    return true
  }

  private func texts(_ json: UnsafeRawBufferPointer) -> [String] {
    var scanner = JSONScanner(json)
    switch try? scanner.attributeValue() {
    case .string(let text): return [text]
    case .list(let list): return list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: return []
    }
  }
}
