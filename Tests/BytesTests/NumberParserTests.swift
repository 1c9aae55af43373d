import TestSupport
import Testing
import WaybillBytes

/// The value and how many bytes it took, or nil.
private func parse(_ bytes: [UInt8]) -> (value: Double, length: Int)? {
  bytes.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return nil }
    var value = 0.0
    guard let end = NumberParser.double(base, base + buffer.count, &value) else { return nil }
    return (value, end - base)
  }
}

private func number(_ text: String) -> ParsedNumber? { Array(text.utf8).withUnsafeBufferPointer { NumberParser.number($0) } }
private func integer(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBufferPointer { NumberParser.integer($0) } }

@Suite struct NumberParserTests {
  @Test(arguments: [
    ("0", 1), ("-0", 2), ("1", 1), ("12", 2), ("-12", 3), ("0.5", 3), ("-0.5", 4), ("1.25", 4), ("1e5", 3), ("1E5", 3), ("1e+5", 4),
    ("1e-5", 4), ("0e0", 3), ("-0e-0", 5), ("0.0e+00", 7), ("1e05", 4), ("1e400000000", 0), ("1e-400000000", 12), ("1,", 1),
    ("1 ", 1),
    ("1]", 1), ("1.5.5", 3), ("1-1", 1), ("1+1", 1), ("1x", 1), ("10", 2), ("1.0", 3), ("1.500", 5), ("1f", 1), ("0x10", 1),
    ("9007199254740993", 16), ("18446744073709551615", 20), ("18446744073709551616", 20), ("9999999999999999999", 19),
    ("99999999999999999999", 20), ("0.1234567890123456789", 21), ("0.0000000000000000000001", 24), ("1.0000000000000000000", 21),
    ("123456789012345678901234567890", 30), ("179769313486231580793e288", 25), ("1e308", 5), ("1.7976931348623157e308", 22),
    ("1.7976931348623159e308", 0), ("5e-324", 6), ("2e-324", 6), ("4.9406564584124654e-324", 23),
    ("", 0), ("-", 0), ("+1", 0), (".5", 0), ("-.5", 0), ("1.", 0), ("1.e5", 0), ("1e", 0), ("1e+", 0), ("1e-", 0), ("1ex", 0),
    ("01", 0),
    ("00", 0), ("-01", 0), ("00.5", 0), ("--1", 0), ("- 1", 0), (" 1", 0), ("NaN", 0), ("Infinity", 0), ("-Infinity", 0),
    ("inf", 0),
    ("e5", 0), ("a", 0), ("１", 0), ("1.١", 0),
  ])
  func grammar(text: String, length: Int) throws {
    let result = parse(Array(text.utf8))
    guard length > 0 else {
      #expect(result == nil)
      return
    }
    let found = try #require(result)
    #expect(found.length == length)
    let expected = try #require(Double(String(text.prefix(length))))
    #expect(found.value.bitPattern == expected.bitPattern)
  }

  @Test func negativeZeroKeepsItsSign() {
    for text in ["-0", "-0.0", "-0.000", "-0e5", "-0.0e-7"] {
      #expect(parse(Array(text.utf8))?.value.bitPattern == (-0.0).bitPattern)
    }
  }

  @Test func neverReadsPastTheEnd() {
    // Digits that go on after the end must not count.
    let bytes = Array("12345".utf8)
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for length in 1...5 {
        var value = 0.0
        #expect(NumberParser.double(base, base + length, &value) == base + length)
        #expect(value == Double(String("12345".prefix(length))))
      }
      var value = 7.0
      #expect(NumberParser.double(base, base, &value) == nil)
      #expect(NumberParser.integer(base, base) == nil)
    }
  }

  @Test func everyCutOfANumber() {
    let whole = Array("-120.0625e-12".utf8)
    let valid: Set<Int> = [2, 3, 4, 6, 7, 8, 9, 12, 13]
    for length in 0...whole.count {
      #expect((parse(Array(whole.prefix(length)))?.length == length) == valid.contains(length), "length \(length)")
    }
  }

  @Test func seededTextsGiveTheStandardLibrarysBits() {
    let seed = testSeed(13)
    var dice = SeededNumbers(seed)
    for round in 0..<200_000 {
      var text = dice.coin() ? "-" : ""
      let whole = dice.pick([1, 1, 2, 3, 5, 9, 16, 17, 18, 19, 20, 21, 30])
      for index in 0..<whole { text += "\(index == 0 && whole > 1 ? 1 + dice.below(9) : dice.below(10))" }
      if dice.below(3) > 0 {
        text += "."
        for _ in 0..<dice.pick([1, 1, 2, 3, 4, 6, 15, 18, 19, 22, 23, 40]) {
          text += dice.below(4) == 0 ? "0" : "\(dice.below(10))"
        }
      }
      if dice.below(4) == 0 { text += dice.pick(["e", "E", "e+", "E-", "e-"]) + "\(dice.below(round % 2 == 0 ? 25 : 340))" }
      let expected = Double(text) ?? .nan
      guard let found = parse(Array(text.utf8)) else {
        #expect(!expected.isFinite, "\(text) was refused, seed \(seed)")
        continue
      }
      guard found.length == text.utf8.count, found.value.bitPattern == expected.bitPattern else {
        Issue.record("\(text) gave \(found), expected \(expected), seed \(seed)")
        return
      }
    }
  }

  @Test func halfwayCasesRoundToEven() {
    for text in [
      "9007199254740993", "9007199254740995", "9007199254740993.0", "0.500000000000000166533453693773481063544750213623046875",
      "4503599627370496.5", "4503599627370497.5", "1.00000000000000011102230246251565404", "8.41e21", "9.5e-23",
      "123456789.12345678e22",
    ] { #expect(parse(Array(text.utf8))?.value == Double(text)) }
  }

  @Test func aMillionDigitsEndInTime() {
    let digits = [UInt8](repeating: UInt8(ascii: "9"), count: 1 << 20)
    let seconds = processorSeconds {
      #expect(parse(digits) == nil)
      #expect(digits.withUnsafeBufferPointer { NumberParser.number($0) } == nil)
      #expect(digits.withUnsafeBufferPointer { NumberParser.integer($0) } == nil)
      #expect(parse(Array("0.".utf8) + digits)?.value == 1)
      #expect(parse(Array("0.".utf8) + [UInt8](repeating: 48, count: 1 << 20) + [49])?.value == 0)
      #expect(parse(Array("1e".utf8) + digits) == nil)
      #expect(parse(Array("1e-".utf8) + digits)?.value == 0)
      #expect(parse([UInt8](repeating: 48, count: 1 << 20)) == nil)
    }
    #expect(seconds < 20)
  }

  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("-7", -7), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
      ("-9223372036854775809", nil), ("9999999999999999999", nil), ("-9999999999999999999", nil), ("18446744073709551617", nil),
      ("-0", nil), ("01", nil), ("-01", nil), ("+1", nil), ("", nil), ("-", nil), ("1.0", nil), ("1e2", nil), (" 1", nil),
      ("1 ", nil),
      ("0x1", nil), ("1_000", nil),
    ] as [(String, Int64?)])
  func integers(text: String, expected: Int64?) {
    #expect(integer(text) == expected)
  }

  @Test(
    arguments: [
      ("5", .integer(5)), ("+5", .integer(5)), ("-5", .integer(-5)), ("-0", .double(-0.0)), ("1.0", .double(1)),
      ("+1.5", .double(1.5)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1e2", .double(100)), ("+", nil), ("+-5", nil), ("++5", nil),
      ("-+5", nil), ("+.5", nil), ("+-0.5", nil), ("5 ", nil), ("", nil), ("1e400", nil), ("0x10", nil), ("nan", nil), ("1,5", nil),
    ] as [(String, ParsedNumber?)])
  func wholeBuffersAllowAPlusSign(text: String, expected: ParsedNumber?) {
    #expect(number(text) == expected)
  }

  @Test func parsedNumbersAsDoubles() {
    #expect(ParsedNumber.integer(.max).doubleValue == 9_223_372_036_854_775_808)
    #expect(ParsedNumber.double(1.5).doubleValue == 1.5)
  }

  @Test func emptyBuffersWithoutAnAddress() {
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    #expect(NumberParser.number(nothing) == nil)
    #expect(NumberParser.integer(nothing) == nil)
  }
}
