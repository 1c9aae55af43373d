import WaybillBytes
import WaybillSyntax

/// In which order the members of a record are written, worked out once for a file.
///
/// What the loop over all keys looks at lies in memory of its own, so that no key costs a reference to an array.
final class RecordPlan {
  /// One key.
  struct Slot {
    let meaning: RecordKey
    /// The meaning as a bit, and ``always`` for a key that is written when there is nothing to say.
    let needs: UInt32
    /// The key with its colon.
    let head: UnsafeBufferPointer<UInt8>

    /// Whether the key is written when there is nothing to say.
    var isAlways: Bool { needs & RecordPlan.always != 0 }
  }

  /// The bit of keys that are written when there is nothing to say.
  static let always: UInt32 = 1 << 31

  let names: [String]
  let slots: UnsafeBufferPointer<Slot>
  /// Where spans, classes, scores, texts, relations and all that fits nowhere else go, as positions of slots.
  let spans: Int
  let classes: Int
  let texts: Int?
  let entities: Int
  let scores: Int
  let accept: Int
  let relations: Int
  let annotations: Int
  private let memory: UnsafeMutableBufferPointer<UInt8>

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
    self.names = names
    let heads = names.map { text.head($0) }
    memory = .allocate(capacity: heads.reduce(0) { $0 + $1.count })
    let always = Set(layout.always)
    let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: names.count)
    var at = 0
    for (index, head) in heads.enumerated() {
      for (offset, byte) in head.enumerated() { memory.initializeElement(at: at + offset, to: byte) }
      let meaning = RecordPlan.meaning(names[index], layout)
      let isAlways = always.contains(names[index])
      slots.initializeElement(
        at: index,
        to: Slot(
          meaning: meaning, needs: RecordPlan.bit(meaning) | (isAlways ? RecordPlan.always : 0),
          head: UnsafeBufferPointer(rebasing: memory[at..<at + head.count])))
      at += head.count
    }
    self.slots = UnsafeBufferPointer(slots)
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

  deinit {
    slots.deallocate()
    memory.deallocate()
  }

  /// A meaning as a bit.
  @inline(__always) static func bit(_ meaning: RecordKey) -> UInt32 { 1 << UInt32(meaning.rawValue) }

  /// What a key means.
  static func meaning(_ name: String, _ layout: RecordLayout) -> RecordKey {
    var quoted = ByteBuffer()
    quoted.appendJSON(name)
    var scanner = JSONScanner(quoted.bytes)
    guard let key = try? scanner.string() else { return .unknown }
    return RecordKey(key, layout)
  }
}
