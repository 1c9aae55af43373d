import WaybillBytes
import WaybillDatasetModel

/// Values that the guidelines of Universal Dependencies give a form.
extension CoNLLUCheck {
  /// Looks at the values of one row.
  mutating func checkValues(_ row: Int) {
    if columns.upos >= 0 {
      let text = rows.text(row, columns.upos, base)
      if !isBlank(text), !text.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A }) {
        fail("conllu.upos.syntax", "\(shown(row, columns.upos)) is no part of speech: it is written in capital letters", row, columns.upos)
      }
    }
    if columns.feats >= 0 { checkFeatures(row) }
    checkHead(row)
    if columns.deps >= 0 { checkDependencies(row) }
  }

  /// Features are `Name=Value` with capitals in front, sorted, none of them twice.
  private mutating func checkFeatures(_ row: Int) {
    let text = rows.text(row, columns.feats, base)
    if isBlank(text) { return }
    var last: [UInt8] = []
    for feature in text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
      let parts = feature.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
      guard parts.count == 2, CoNLLUCheck.isFeatureName(parts[0]) else {
        return fail("conllu.feats.syntax", "\(shown(row, columns.feats)) are no features: each is Name=Value, with capitals in front", row, columns.feats)
      }
      var values: [Slice<UnsafeBufferPointer<UInt8>>] = []
      for value in parts[1].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        guard CoNLLUCheck.isWord(value), !values.contains(where: { $0.elementsEqual(value) }) else {
          return fail("conllu.feats.syntax", "\(shown(row, columns.feats)) are no features: a value begins with a capital or a digit, and stands once", row, columns.feats)
        }
        values.append(value)
      }
      let name = parts[0].map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
      if !last.isEmpty, !last.lexicographicallyPrecedes(name) {
        return fail("conllu.feats.order", "The features \(shown(row, columns.feats)) are not in the order of their names, or one stands twice", row, columns.feats)
      }
      last = name
    }
  }

  /// Letters and digits, the first of them a capital or a digit.
  private static func isWord(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = text.first, (first >= 0x41 && first <= 0x5A) || (first >= 0x30 && first <= 0x39) || first >= 0x80 else { return false }
    return text.allSatisfy { ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 >= 0x80 }
  }

  /// A word, and a layer in brackets where there is one.
  private static func isFeatureName(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let bracket = text.firstIndex(of: UInt8(ascii: "[")) else { return isWord(text) }
    let layer = text[(bracket + 1)...]
    return isWord(text[..<bracket]) && layer.count > 1 && layer.last == UInt8(ascii: "]")
      && layer.dropLast().allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) }
  }

  /// A head is a word of the sentence other than the row's own, or 0 for the root; rows that are no words have none.
  private mutating func checkHead(_ row: Int) {
    guard columns.head >= 0 else { return }
    let text = rows.text(row, columns.head, base)
    let relation = columns.deprel >= 0 ? rows.text(row, columns.deprel, base) : nil
    if rows.kinds[row] == .empty {
      if !isBlank(text) || !(relation.map(isBlank) ?? true) {
        fail("conllu.head.empty-node", "An empty node has neither HEAD nor DEPREL; its place is in DEPS", row, columns.head)
      }
      return
    }
    if rows.kinds[row] == .range || isBlank(text) { return }
    guard let head = CoNLLUCheck.number(text[...]), head <= words, head != rows.numbers[row] else {
      return fail(
        "conllu.head.value", "\(shown(row, columns.head)) is no head: it is another of the \(words) words, or 0 for the root", row, columns.head)
    }
    guard let relation, !isBlank(relation) else { return }
    let kind = relation.prefix { $0 != UInt8(ascii: ":") }.map { $0 | 0x20 }
    if (head == 0) != kind.elementsEqual("root".utf8) {
      fail("conllu.deprel.root", "The head is \(head) and the relation \(shown(row, columns.deprel)); the relation root belongs to the head 0", row, columns.deprel)
    }
  }

  /// Dependencies are `head:relation`, sorted by head, none of them twice, their heads in the sentence.
  private mutating func checkDependencies(_ row: Int) {
    let text = rows.text(row, columns.deps, base)
    if isBlank(text) { return }
    if rows.kinds[row] == .range { return }
    let own = columns.id >= 0 ? rows.text(row, columns.id, base) : nil
    var last: (Int, Int, [UInt8]) = (-1, -1, [])
    for item in text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
      guard let colon = item.firstIndex(of: UInt8(ascii: ":")), colon + 1 < item.endIndex else {
        return fail("conllu.deps.syntax", "\(shown(row, columns.deps)) are no dependencies: each is head:relation", row, columns.deps)
      }
      let head = item[..<colon]
      let point = head.firstIndex(of: UInt8(ascii: "."))
      let word = CoNLLUCheck.number(point.map { head[..<$0] } ?? head)
      let node = point.flatMap { CoNLLUCheck.number(head[($0 + 1)...]) }
      let isKnown = point == nil ? word.map { $0 <= words } ?? false : emptyNodes.contains(String(decoding: head, as: UTF8.self))
      guard let word, isKnown, !(own?.elementsEqual(head) ?? false) else {
        return fail(
          "conllu.deps.head", "\(shown(row, columns.deps)) has a head that is no other word or empty node of the sentence", row, columns.deps)
      }
      let now = (word, node ?? 0, Array(item[(colon + 1)...]))
      let isBehind = last.0 != now.0 ? last.0 < now.0 : last.1 != now.1 ? last.1 < now.1 : last.2.lexicographicallyPrecedes(now.2)
      if !isBehind, last.0 > now.0 || last.2 == now.2 || (last.0 == now.0 && last.1 > now.1) {
        return fail("conllu.deps.order", "The dependencies \(shown(row, columns.deps)) are not in the order of their heads, or one stands twice", row, columns.deps)
      }
      last = now
    }
  }

  /// Heads lead to a root, not round in circles; an empty node in a sentence with dependencies is the head of something.
  mutating func checkTree() {
    if columns.head >= 0 { checkCycles() }
    guard columns.deps >= 0, !emptyNodes.isEmpty else { return }
    var heads: Set<String> = []
    for row in 0..<rows.count {
      let text = rows.text(row, columns.deps, base)
      if isBlank(text) { continue }
      for item in text.split(separator: UInt8(ascii: "|")) {
        heads.insert(String(decoding: item.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self))
      }
    }
    if heads.isEmpty { return }
    for row in 0..<rows.count where rows.kinds[row] == .empty {
      if !heads.contains(String(decoding: rows.text(row, columns.id, base), as: UTF8.self)) {
        fail("conllu.deps.empty-node", "The empty node \(shown(row, columns.id)) is the head of nothing", row, columns.id)
      }
    }
  }

  private mutating func checkCycles() {
    var heads = [Int](repeating: 0, count: words + 1)
    var places = [Int](repeating: 0, count: words + 1)
    for row in 0..<rows.count where rows.kinds[row] == .word {
      let number = rows.numbers[row]
      heads[number] = CoNLLUCheck.number(rows.text(row, columns.head, base)[...]) ?? 0
      places[number] = row
    }
    // 0 not seen, 1 on the way, 2 known to end.
    var states = [UInt8](repeating: 0, count: words + 1)
    states[0] = 2
    for start in stride(from: 1, through: words, by: 1) where states[start] == 0 {
      var path: [Int] = []
      var word = start
      while states[word] == 0 {
        states[word] = 1
        path.append(word)
        word = heads[word]
      }
      if states[word] == 1 {
        return fail("conllu.head.cycle", "The heads lead from the word \(word) back to itself", places[word], columns.head)
      }
      for word in path { states[word] = 2 }
    }
  }
}
