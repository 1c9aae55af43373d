import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Reads entities from the fields MISC of one sentence: tags under `NER` or `NE`, else brackets under `Entity`.
struct CoNLLUEntities {
  /// An entity as rows; the words among them are its own.
  struct Entity: Equatable {
    var label: LabelID?
    var rows: Range<Int>
  }

  /// Where a bracket was opened.
  private struct Bracket {
    var name: UnsafeBufferPointer<UInt8>
    var position: Int
  }

  let rows: CoNLLURows
  let base: UnsafePointer<UInt8>
  let columns: CoNLLUColumns
  let labels: LabelCache

  /// Whether any field holds something of entities.
  static func mayHold(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    while at + 3 < bytes.count {
      if bytes[at] == UInt8(ascii: "N"), bytes[at + 1] == UInt8(ascii: "E"),
        bytes[at + 2] == UInt8(ascii: "=") || (bytes[at + 2] == UInt8(ascii: "R") && bytes[at + 3] == UInt8(ascii: "="))
      {
        return true
      }
      if bytes[at] == UInt8(ascii: "E"), bytes[at + 1] == UInt8(ascii: "n"), bytes[at + 2] == UInt8(ascii: "t"),
        bytes[at + 3] == UInt8(ascii: "i")
      {
        return true
      }
      at += 1
    }
    return false
  }

  /// The key under which the words have tags; nil when a value under it is none, or there is no such key.
  func tagKey() -> String? {
    guard columns.misc >= 0 else { return nil }
    return CoNLLUMisc.entityKeys.first { key in
      var isThere = false
      for row in 0..<rows.count where rows.kinds[row] == .word {
        guard let value = CoNLLUMisc.value(rows.text(row, columns.misc, base), key) else { continue }
        guard TagText(value) != nil else { return false }
        isThere = true
      }
      return isThere
    }
  }

  /// Calls a closure with the tag of each word under a key, `O` where there is none.
  func forEachTag(_ key: String, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
    let outside: StaticString = "O"
    let nothing = UnsafeBufferPointer(start: outside.utf8Start, count: 1)
    for row in 0..<rows.count where rows.kinds[row] == .word {
      body(row, CoNLLUMisc.value(rows.text(row, columns.misc, base), key) ?? nothing)
    }
  }

  /// The entities that tags say, and the rows of tags that do not follow the scheme.
  func tagged(_ key: String, _ scheme: TagScheme) -> (entities: [Entity], faults: [Int]) {
    var decoder = TagDecoder(scheme)
    var words: [Int] = []
    forEachTag(key) { row, tag in
      _ = decoder.take(tag, at: words.count)
      words.append(row)
    }
    decoder.finish(count: words.count)
    let entities = decoder.entities.map {
      Entity(label: $0.label.isEmpty ? nil : labels.intern($0.label), rows: words[$0.start]..<(words[$0.end - 1] + 1))
    }
    return (entities, decoder.faults.map { words[$0] })
  }

  /// The entities that brackets say, in the order they are opened, and the rows of brackets without a partner.
  func bracketed(type: Int) -> (entities: [Entity], faults: [Int]) {
    guard columns.misc >= 0 else { return ([], []) }
    var entities: [(entity: Entity, isClosed: Bool)] = []
    var open: [Bracket] = []
    var faults: [Int] = []
    for row in 0..<rows.count where rows.kinds[row] == .word {
      guard let text = CoNLLUMisc.value(rows.text(row, columns.misc, base), CoNLLUMisc.bracketKey) else { continue }
      var at = 0
      while at < text.count {
        let isOpening = text[at] == UInt8(ascii: "(")
        let start = isOpening ? at + 1 : at
        var end = start
        while end < text.count, text[end] != UInt8(ascii: ")"), text[end] != UInt8(ascii: "(") { end += 1 }
        let isClosing = end < text.count && text[end] == UInt8(ascii: ")")
        let content = UnsafeBufferPointer(rebasing: text[start..<end])
        at = isClosing ? end + 1 : end
        let name = UnsafeBufferPointer(rebasing: content.prefix { $0 != UInt8(ascii: "-") })
        if isOpening {
          let parts = content.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
          let label = type < parts.count && !parts[type].isEmpty ? labels.intern(UnsafeBufferPointer(rebasing: parts[type])) : nil
          if !isClosing { open.append(Bracket(name: name, position: entities.count)) }
          entities.append((Entity(label: label, rows: row..<(row + 1)), isClosing))
        } else if isClosing, let found = open.lastIndex(where: { $0.name.elementsEqual(name) }) {
          let position = open.remove(at: found).position
          entities[position].entity.rows = entities[position].entity.rows.lowerBound..<(row + 1)
          entities[position].isClosed = true
        } else {
          faults.append(row)
        }
      }
    }
    for bracket in open { faults.append(entities[bracket.position].entity.rows.lowerBound) }
    return (entities.filter(\.isClosed).map(\.entity), faults.sorted())
  }

  /// All entities of the sentence.
  func all(_ scheme: TagScheme, type: Int) -> (entities: [Entity], faults: [Int], key: String?) {
    if let key = tagKey() {
      let found = tagged(key, scheme)
      return (found.entities, found.faults, key)
    }
    let found = bracketed(type: type)
    return (found.entities, found.faults, nil)
  }
}
