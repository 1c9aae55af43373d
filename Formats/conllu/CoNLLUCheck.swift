import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Looks for what CoNLL-U forbids in the rows of one sentence, and finds out what each row is.
struct CoNLLUCheck {
  let rows: CoNLLURows
  let base: UnsafePointer<UInt8>
  let columns: CoNLLUColumns
  /// Whether features, heads and dependencies are looked at as well.
  let isStrict: Bool
  /// What is wrong, and where in the bytes.
  var faults: [(rule: String, message: String, place: Tokens.Extent)] = []
  /// How many words there are.
  var words = 0
  /// The numbers of empty nodes, as text.
  var emptyNodes: [String] = []

  init(_ rows: CoNLLURows, _ base: UnsafePointer<UInt8>, _ columns: CoNLLUColumns, isStrict: Bool) {
    self.rows = rows
    self.base = base
    self.columns = columns
    self.isStrict = isStrict
  }

  /// Looks at all rows; false when something is wrong.
  mutating func run() -> Bool {
    checkFields()
    if !faults.isEmpty { return false }
    checkIDs()
    if !faults.isEmpty || !isStrict { return faults.isEmpty }
    for row in 0..<rows.count { checkValues(row) }
    if faults.isEmpty { checkTree() }
    return faults.isEmpty
  }

  mutating func fail(_ rule: String, _ message: String, _ row: Int, _ column: Int) {
    faults.append((rule, message, rows.field(row, column)))
  }

  /// The text of a field for people.
  func shown(_ row: Int, _ column: Int) -> String {
    "\"\(terminalSafe(String(decoding: rows.text(row, column, base).prefix(80), as: UTF8.self)))\""
  }

  @inline(__always) func isBlank(_ text: UnsafeBufferPointer<UInt8>) -> Bool { text.count == 1 && text[0] == UInt8(ascii: "_") }

  /// Fields are not empty, and have white space in few columns alone.
  private mutating func checkFields() {
    let bare = [columns.id, columns.upos, columns.xpos, columns.feats, columns.head, columns.deprel, columns.deps]
    for row in 0..<rows.count {
      for column in 0..<columns.count {
        let text = rows.text(row, column, base)
        let name = columns.names[column]
        guard let first = text.first, let last = text.last else {
          fail("conllu.field.empty", "The field \(terminalSafe(name)) is empty; a field without a value is _", row, column)
          continue
        }
        // Nearly all fields have neither spaces nor characters beyond ASCII in front of them.
        var hasSpace = first == 0x20 || last == 0x20
        var isBare = !hasSpace
        if isBare, let space = text.firstIndex(where: { $0 <= 0x20 }) {
          isBare = false
          hasSpace = bare.contains(column) || (space + 1 < text.count && text[space + 1] <= 0x20)
        }
        // A no-break space and others of its kind are no ends of a field either.
        if !hasSpace, CoNLLUCheck.isWide(text, at: 0) || CoNLLUCheck.isWide(text, at: text.count - 2) || CoNLLUCheck.isWide(text, at: text.count - 3) {
          hasSpace = true
        }
        if hasSpace {
          fail(
            "conllu.field.space",
            "The field \(terminalSafe(name)) is \(shown(row, column)); white space stands at no end of a field, never twice, and in words alone",
            row, column)
        }
      }
    }
  }

  /// Whether a space that is not ASCII stands at an offset: U+00A0, U+2000 to U+200A, U+3000 and the like.
  private static func isWide(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
    guard offset >= 0, offset + 1 < text.count else { return false }
    let (a, b) = (text[offset], text[offset + 1])
    if a == 0xC2 { return b == 0xA0 || b == 0x85 }
    guard offset + 2 < text.count else { return false }
    let c = text[offset + 2]
    if a == 0xE2, b == 0x80 { return c <= 0x8A || c == 0xA8 || c == 0xA9 || c == 0xAF }
    return (a == 0xE2 && b == 0x81 && c == 0x9F) || (a == 0xE3 && b == 0x80 && c == 0x80) || (a == 0xE1 && b == 0x9A && c == 0x80)
  }

  /// A whole number without a sign or zeros in front; nil for anything else.
  static func number(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    guard let first = text.first, text.count <= 9, first != 0x30 || text.count == 1 else { return nil }
    var value = 0
    for byte in text {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  /// Words are numbered 1, 2, 3 ..; ranges stand before their first word and do not overlap; empty nodes are 1.1, 1.2 ..
  private mutating func checkIDs() {
    guard columns.id >= 0 else {
      for row in 0..<rows.count {
        rows.kinds.append(.word)
        rows.numbers.append(row + 1)
      }
      words = rows.count
      return
    }
    var covered = 0
    var empty = 0
    for row in 0..<rows.count {
      let text = rows.text(row, columns.id, base)
      let whole = text[...]
      if let number = CoNLLUCheck.number(whole), number > 0 {
        if number != words + 1 {
          fail("conllu.id.sequence", "The word is number \(shown(row, columns.id)); here comes \(words + 1)", row, columns.id)
        }
        words = number
        empty = 0
        rows.kinds.append(.word)
        rows.numbers.append(number)
      } else if let hyphen = text.firstIndex(of: UInt8(ascii: "-")), let first = CoNLLUCheck.number(whole[..<hyphen]),
        let last = CoNLLUCheck.number(whole[(hyphen + 1)...]), first > 0
      {
        if first != words + 1 || first > last || first <= covered {
          fail(
            "conllu.id.range",
            "The range \(shown(row, columns.id)) does not begin at the next word, which is \(max(words, covered) + 1), or ends before it",
            row, columns.id)
        }
        covered = max(covered, last)
        empty = 0
        rows.kinds.append(.range)
        rows.numbers.append(last)
        checkRange(row)
      } else if let point = text.firstIndex(of: UInt8(ascii: ".")), let word = CoNLLUCheck.number(whole[..<point]),
        let number = CoNLLUCheck.number(whole[(point + 1)...]), number > 0
      {
        if word != words || number != empty + 1 {
          fail("conllu.id.empty-node", "The empty node is \(shown(row, columns.id)); here comes \(words).\(empty + 1)", row, columns.id)
        }
        empty = number
        rows.kinds.append(.empty)
        rows.numbers.append(word)
        emptyNodes.append(String(decoding: text, as: UTF8.self))
      } else {
        fail("conllu.id.syntax", "\(shown(row, columns.id)) is no id: a word is 3, a range 3-4, an empty node 3.1", row, columns.id)
        rows.kinds.append(.word)
        rows.numbers.append(0)
      }
    }
    if covered > words, faults.isEmpty, let row = rows.kinds.lastIndex(of: .range) {
      fail("conllu.id.range", "The range \(shown(row, columns.id)) ends behind the last word, which is \(words)", row, columns.id)
    }
  }

  /// A range has a form and nothing else but MISC, and the feature Typo.
  private mutating func checkRange(_ row: Int) {
    for column in 0..<columns.count
    where column != columns.id && column != columns.token && column != columns.misc && columns.names[column].utf8.allSatisfy({ $0 != UInt8(ascii: ":") }) {
      let text = rows.text(row, column, base)
      if isBlank(text) || (column == columns.feats && text.elementsEqual("Typo=Yes".utf8)) { continue }
      fail(
        "conllu.range.value", "The range has \(shown(row, column)) as \(terminalSafe(columns.names[column])); what is said of words stands at the words",
        row, column)
    }
  }
}
