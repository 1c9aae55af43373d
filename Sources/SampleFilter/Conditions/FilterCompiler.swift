import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Makes a filter ready for samples; what its values must be is checked here.
struct FilterCompiler {
  /// The patterns, by their numbers.
  private(set) var programs: [PatternProgram] = []
  /// How many tests of label names there are.
  private(set) var labelTests = 0
  /// Names of labels that are asked for, with their places.
  private(set) var labelNames: [FilterLiteral] = []
  /// Whether a value needs the size of the picture where shapes are given as shares of it.
  private(set) var needsShapeSizes = false
  /// Whether the size of the picture itself is asked for.
  private(set) var needsMediaSizes = false

  /// The conditions of an expression.
  mutating func condition(_ expression: FilterExpression) throws(FilterProblem) -> FilterCondition {
    switch expression {
    case .and(let parts): return .and(try conditions(parts))
    case .or(let parts): return .or(try conditions(parts))
    case .not(let inner): return .not(try condition(inner))
    case .any(let inner): return .any(try condition(inner))
    case .all(let inner): return .all(try condition(inner))
    case .count(let inner, let comparison, let number):
      let condition: FilterCondition?
      if let inner { condition = try self.condition(inner) } else { condition = nil }
      return .count(condition, OrderTest(comparison, [try FilterCompiler.number(number, "count()")]))
    case .mark(let field): return .field(FieldTest(field, .boolean(yes: true, no: false)))
    case .given(let field):
      note(field)
      return .field(FieldTest(field, .given))
    case .comparison(let comparison): return .field(try test(comparison))
    }
  }

  private mutating func conditions(_ parts: [FilterExpression]) throws(FilterProblem) -> [FilterCondition] {
    var conditions: [FilterCondition] = []
    for part in parts { conditions.append(try condition(part)) }
    return conditions
  }

  private mutating func note(_ field: FilterField) {
    switch field {
    case .area, .aspect, .width, .height: needsShapeSizes = true
    case .mediaWidth, .mediaHeight: needsMediaSizes = true
    default: break
    }
  }

  private mutating func test(_ comparison: FilterComparison) throws(FilterProblem) -> FieldTest {
    note(comparison.field)
    let sign = comparison.comparison
    switch comparison.field.values {
    case .texts: return try textTest(comparison)
    case .numbers:
      try refusePattern(comparison, "a number", "< or >")
      var values: [Double] = []
      for literal in comparison.literals { values.append(try FilterCompiler.number(literal, comparison.field.name)) }
      return FieldTest(comparison.field, .number(OrderTest(sign, values)))
    case .times:
      try refusePattern(comparison, "a time", "< or >")
      var values: [MediaTime] = []
      for literal in comparison.literals { values.append(try FilterCompiler.time(literal, comparison.field.name)) }
      return FieldTest(comparison.field, .time(OrderTest(sign, values)))
    case .moments:
      try refusePattern(comparison, "a moment", "< or >")
      var periods: [MomentTest.Period] = []
      for literal in comparison.literals { periods.append(try FilterCompiler.period(literal, comparison.field.name)) }
      return FieldTest(comparison.field, .moment(MomentTest(comparison: sign, periods: periods)))
    case .booleans: return try booleanTest(comparison)
    case .choices(let names): return try choiceTest(comparison, names)
    case .any:
      let test = sign.takesPattern ? ValueTest(sign, pattern: try pattern(comparison)) : ValueTest(sign, comparison.literals)
      return FieldTest(comparison.field, .value(test))
    }
  }

  private func refusePattern(_ comparison: FilterComparison, _ kind: String, _ signs: String) throws(FilterProblem) {
    guard comparison.comparison.takesPattern else { return }
    throw FilterProblem(
      at: comparison.position,
      "\(comparison.field.name) is \(kind) and fits no pattern; it is compared with =, !=, \(signs)")
  }

  private mutating func textTest(_ comparison: FilterComparison) throws(FilterProblem) -> FieldTest {
    let (field, sign) = (comparison.field, comparison.comparison)
    let test: TextTest
    if sign.takesPattern {
      test = .pattern(try pattern(comparison), isNegated: sign.isNegated)
    } else {
      let texts = comparison.literals.map { field == .split ? SplitName.canonical($0.text) : $0.text }
      test = TextTest(sign, texts)
    }
    guard field == .label else { return FieldTest(field, .text(test)) }
    if !sign.takesPattern, !sign.isOrder { labelNames += comparison.literals }
    defer { labelTests += 1 }
    return FieldTest(field, .text(test), labelTest: labelTests)
  }

  private mutating func pattern(_ comparison: FilterComparison) throws(FilterProblem) -> Int {
    guard let literal = comparison.literals.first else { return 0 }
    // Behind the quote.
    let position = literal.position + (literal.isQuoted ? 1 : 0)
    let isGlob = comparison.comparison == .like || comparison.comparison == .notLike
    let node = try isGlob ? GlobParser.parse(literal.text, at: position) : RegexParser.parse(literal.text, at: position)
    programs.append(try PatternProgram(node, at: position))
    return programs.count - 1
  }

  private func booleanTest(_ comparison: FilterComparison) throws(FilterProblem) -> FieldTest {
    let name = comparison.field.name
    guard comparison.comparison == .equal || comparison.comparison == .notEqual else {
      throw FilterProblem(at: comparison.position, "\(name) is true or false; it is compared with = or !=, or stands alone")
    }
    var isTrue = comparison.comparison == .equal
    for literal in comparison.literals where literal.text != "true" {
      guard literal.text == "false" else {
        throw FilterProblem(at: literal.position, "\(name) is true or false, not \"\(terminalSafe(literal.text))\"")
      }
      isTrue.toggle()
    }
    return FieldTest(comparison.field, .boolean(yes: isTrue, no: !isTrue))
  }

  /// A test of names from a list, decided for each of them beforehand.
  private mutating func choiceTest(_ comparison: FilterComparison, _ names: [String]) throws(FilterProblem) -> FieldTest {
    let (field, sign) = (comparison.field, comparison.comparison)
    guard !sign.isOrder else {
      throw FilterProblem(
        at: comparison.position, "\(field.name) has no order; it is compared with =, !=, in, like or ~")
    }
    let test: TextTest
    if sign.takesPattern {
      let matched = try pattern(comparison)
      test = .pattern(matched, isNegated: sign.isNegated)
    } else {
      for literal in comparison.literals where !names.contains(literal.text) {
        let hint =
          nearest(to: literal.text, among: names).map { "did you mean \($0)?" } ?? "it is one of \(names.joined(separator: ", "))"
        throw FilterProblem(at: literal.position, "\(field.name) is never \"\(terminalSafe(literal.text))\"; \(hint)")
      }
      test = TextTest(sign, comparison.literals.map(\.text))
    }
    let matchers = PatternMatchers(programs)
    let fitting = names.filter { test.fits($0, matchers) }
    if field == .state { return FieldTest(field, .states(fitting.compactMap(LabelingState.init))) }
    let features = FilterField.kinds.features.filter { fitting.contains($0.name) }
    if field == .kind { return FieldTest(field, .features(FeatureSet(features))) }
    return FieldTest(field, .features(FeatureSet(fitting.compactMap { Media.Kind(rawValue: $0) }.map { Media($0).feature })))
  }

  // MARK: - Values

  private static func number(_ literal: FilterLiteral, _ name: String) throws(FilterProblem) -> Double {
    guard let number = Array(literal.text.utf8).withUnsafeBufferPointer({ NumberParser.number($0) }) else {
      throw FilterProblem(at: literal.position, "\(name) is a number, such as 3 or 0.5, not \"\(terminalSafe(literal.text))\"")
    }
    return number.doubleValue
  }

  private static func time(_ literal: FilterLiteral, _ name: String) throws(FilterProblem) -> MediaTime {
    let time = literal.text.withBytes { text in MediaTime(decimal: text) ?? MediaTime(clock: text) }
    guard let time else {
      throw FilterProblem(
        at: literal.position, "\(name) is a time in seconds, such as 2.5 or 00:01:30, not \"\(terminalSafe(literal.text))\"")
    }
    return time
  }

  private static func period(_ literal: FilterLiteral, _ name: String) throws(FilterProblem) -> MomentTest.Period {
    guard let period = MomentTest.Period(literal.text) else {
      throw FilterProblem(
        at: literal.position,
        "\(name) is a date or a moment, such as 2026-01-31 or 2026-01-31T12:00:00Z, not \"\(terminalSafe(literal.text))\"")
    }
    return period
  }
}
