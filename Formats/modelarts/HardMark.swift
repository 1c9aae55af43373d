import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// The three keys of a hard-example mark, as they are read.
struct HardMark {
  /// The mark, when any of the keys was there.
  private(set) var mark: HardExample?

  /// Reads the value of a key; false when it would be written in another way, so its spelling must be kept.
  mutating func read(_ slot: UInt8, _ scanner: inout JSONScanner) throws(JSONFault) -> Bool {
    let kind = try scanner.peekKind()
    let start = scanner.offset
    switch slot {
    case Slot.hard:
      if kind == .boolean {
        let value = try scanner.boolean()
        change { $0.isHard = value }
        return false
      }
      guard kind == .string else { break }
      let text = try scanner.string().makeString()
      switch text.lowercased() {
      case "true": change { $0.isHard = true }
      case "false": change { $0.isHard = false }
      default: return false
      }
      return text == "true" || text == "false"
    case Slot.hardCoefficient:
      if kind == .number {
        let value = try scanner.double()
        change { $0.coefficient = value }
        return isPlainNumber(scanner.bytes(from: start, to: scanner.offset), value)
      }
      guard kind == .string else { break }
      if case let number? = NumberParser.number(try scanner.string().raw) { change { $0.coefficient = number.doubleValue } }
      return false
    default:
      if kind == .string {
        let text = try scanner.string().makeString()
        guard let reasons = Self.reasons(text), !reasons.isEmpty else { return false }
        change { $0.reasons = reasons }
        return Self.text(reasons) == text
      }
      guard kind == .array else { break }
      if case .list(let list) = try scanner.attributeValue() {
        let numbers = list.compactMap { if case .integer(let value) = $0 { Int(value) } else { nil } }
        if numbers.count == list.count, !numbers.isEmpty { change { $0.reasons = numbers } }
      }
      return false
    }
    try scanner.skipValue()
    return false
  }

  private mutating func change(_ body: (inout HardExample) -> Void) {
    var value = mark ?? HardExample()
    body(&value)
    mark = value
  }

  /// The numbers of `3-20-21`.
  static func reasons(_ text: String) -> [Int]? {
    if text.isEmpty { return [] }
    var numbers: [Int] = []
    for part in text.split(separator: "-", omittingEmptySubsequences: false) {
      guard part.utf8.allSatisfy({ $0 &- 48 <= 9 }), let number = Int(part) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Numbers as `3-20-21`.
  static func text(_ reasons: [Int]) -> String { reasons.map(String.init).joined(separator: "-") }
}
