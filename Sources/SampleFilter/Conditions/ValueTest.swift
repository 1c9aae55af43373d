import WaybillBytes
import WaybillDatasetModel

/// Compares values of any kind, those of attributes and ids, with those of a filter.
///
/// A text in quotes fits texts alone. A bare word fits what it spells: `5` the number 5 and texts that are that number, `true` the
/// truth and the text, `null` what is given as nothing.
struct ValueTest: Sendable {
  /// A value of the filter.
  struct Literal: Sendable {
    /// The text of it.
    var bytes: [UInt8]
    /// The number a bare word is.
    var number: ParsedNumber?
    /// The truth a bare word is.
    var boolean: Bool?
    /// Whether it is the bare word `null`.
    var isNull: Bool

    /// A value as it was written.
    init(_ literal: FilterLiteral) {
      bytes = Array(literal.text.utf8)
      number = literal.isQuoted ? nil : bytes.withUnsafeBufferPointer { NumberParser.number($0) }
      boolean = literal.isQuoted ? nil : literal.text == "true" ? true : literal.text == "false" ? false : nil
      isNull = !literal.isQuoted && literal.text == "null"
    }
  }

  /// How values are compared.
  var comparison: FilterOperator
  /// With what, but for what stands in ``integers`` and ``texts``; none for a pattern.
  private var literals: [Literal] = []
  /// The whole numbers of a list: lists of ids may be long.
  private var integers: Set<Int64> = []
  /// The texts of a list, those that are no numbers.
  private var texts = TextTest(.within, [])
  /// The pattern, for values spelled as texts.
  private var pattern: Int?

  /// A test of values as they were written.
  init(_ comparison: FilterOperator, _ values: [FilterLiteral]) {
    self.comparison = comparison
    guard comparison.takesList else {
      literals = values.map(Literal.init)
      return
    }
    var names: [String] = []
    for value in values {
      let literal = Literal(value)
      if case .integer(let number) = literal.number { integers.insert(number) } else { literals.append(literal) }
      if literal.number == nil { names.append(value.text) }
    }
    literals.removeAll { $0.number == nil && $0.boolean == nil && !$0.isNull }
    texts = TextTest(.within, names)
  }

  /// A test of values by a pattern.
  init(_ comparison: FilterOperator, pattern: Int) {
    self.comparison = comparison
    self.pattern = pattern
  }

  /// Whether an id fits.
  func fits(_ id: RecordID, _ matchers: PatternMatchers) -> Bool {
    switch id {
    case .integer(let value): fits(AttributeValue.integer(value), matchers)
    case .string(let text): text.withBytes { fits(text: $0, matchers) }
    }
  }

  /// Whether a value fits; of a list, whether one of its values does.
  func fits(_ value: AttributeValue, _ matchers: PatternMatchers) -> Bool {
    if let pattern {
      switch value {
      case .list(let values): return values.contains { isScalar($0) && fits($0, matchers) }
      case .object, .null: return false
      case .string(let text): return text.withBytes { matchers[pattern].matches($0) } != comparison.isNegated
      case .integer(let number): return "\(number)".withBytes { matchers[pattern].matches($0) } != comparison.isNegated
      case .boolean(let flag): return "\(flag)".withBytes { matchers[pattern].matches($0) } != comparison.isNegated
      case .number(let number):
        var out = ByteBuffer(capacity: 32)
        out.append(number)
        return out.array().withUnsafeBufferPointer { matchers[pattern].matches($0) } != comparison.isNegated
      }
    }
    switch value {
    case .string(let text): return text.withBytes { fits(text: $0, matchers) }
    case .list(let values): return values.contains { isScalar($0) && fits($0, matchers) }
    case .object: return false
    case .integer(let number):
      if integers.contains(number) { return comparison == .within }
      return decide { $0.number.map { ValueTest.order(.integer(number), $0) } }
    case .number(let number):
      guard !number.isNaN else { return comparison == .notEqual || comparison == .notWithin }
      if let whole = Int64(exactly: number), integers.contains(whole) { return comparison == .within }
      return decide { $0.number.map { ValueTest.order(.double(number), $0) } }
    case .boolean(let flag): return decide(isOrdered: false) { $0.boolean.map { $0 == flag ? 0 : 1 } }
    case .null: return decide(isOrdered: false) { $0.isNull ? 0 : nil }
    }
  }

  private func isScalar(_ value: AttributeValue) -> Bool {
    switch value {
    case .list, .object: false
    default: true
    }
  }

  private func fits(text: UnsafeBufferPointer<UInt8>, _ matchers: PatternMatchers) -> Bool {
    if let pattern { return matchers[pattern].matches(text) != comparison.isNegated }
    if comparison.takesList {
      if texts.fits(text, matchers) { return comparison == .within }
      guard let number = NumberParser.number(text) else { return comparison == .notWithin }
      return fits(number.value, matchers)
    }
    return decide { literal in
      if let number = literal.number {
        // A text that is a number is compared as one; any other text is neither less nor more than a number.
        return NumberParser.number(text).map { ValueTest.order($0, number) }
      }
      return literal.bytes.withUnsafeBufferPointer { text.order(to: $0) }
    }
  }

  /// Decides from the order of the value to each literal; nil where the two are of different kinds.
  private func decide(isOrdered: Bool = true, _ order: (Literal) -> Int?) -> Bool {
    for literal in literals {
      guard let order = order(literal) else { continue }
      switch comparison {
      case .notEqual, .notWithin: if order == 0 { return false }
      case .equal, .within: if order == 0 { return true }
      default: if isOrdered, comparison.holds(order: order) { return true }
      }
    }
    return comparison == .notEqual || comparison == .notWithin
  }

  private static func order(_ a: ParsedNumber, _ b: ParsedNumber) -> Int {
    if case .integer(let a) = a, case .integer(let b) = b { return a < b ? -1 : a == b ? 0 : 1 }
    let (a, b) = (a.doubleValue, b.doubleValue)
    return a < b ? -1 : a == b ? 0 : 1
  }
}

extension ParsedNumber {
  /// The number as a value of an attribute.
  fileprivate var value: AttributeValue {
    switch self {
    case .integer(let number): .integer(number)
    case .double(let number): .number(number)
    }
  }
}
