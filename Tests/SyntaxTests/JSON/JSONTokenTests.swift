import Testing
import WaybillBytes

@testable import WaybillSyntax

@Suite struct JSONTokenTests {
  @Test(
    arguments: [
      ("1", .value(.integer(1))), ("-1 ", .value(.integer(-1))), (" 1.5", .value(.double(1.5))), ("-0", .value(.double(-0.0))),
      ("9223372036854775807", .value(.integer(.max))), ("9223372036854775808", .value(.double(9_223_372_036_854_775_808))),
      ("1e2", .value(.double(100))), ("", .fault(.init(.truncated, at: 0))), ("  ", .fault(.init(.truncated, at: 2))),
      ("01", .fault(.init(.number, at: 0))), ("-01", .fault(.init(.number, at: 0))), ("00", .fault(.init(.number, at: 0))),
      ("01]", .fault(.init(.number, at: 0))), (" +1", .fault(.init(.number, at: 1))), (".5", .fault(.init(.number, at: 0))),
      ("1.]", .fault(.init(.number, at: 0))), ("1e]", .fault(.init(.number, at: 0))), ("-]", .fault(.init(.number, at: 0))),
      ("1.", .fault(.init(.truncated, at: 2))), ("-", .fault(.init(.truncated, at: 1))), ("1e+", .fault(.init(.truncated, at: 3))),
      ("1e400", .fault(.init(.numberTooLarge, at: 0))), ("-1e999,", .fault(.init(.numberTooLarge, at: 0))),
      ("NaN", .fault(.init(.notANumber, at: 0))), ("nan", .fault(.init(.notANumber, at: 0))),
      ("Infinity", .fault(.init(.notANumber, at: 0))),
      ("-Infinity", .fault(.init(.notANumber, at: 0))), ("-NaN", .fault(.init(.notANumber, at: 0))),
      ("\"1\"", .fault(.init(.expected(.number), at: 0))), ("null", .fault(.init(.expected(.number), at: 0))),
      ("[1]", .fault(.init(.expected(.number), at: 0))),
    ] as [(String, Outcome<ParsedNumber>)])
  func numbers(text: String, expected: Outcome<ParsedNumber>) {
    let found = scan(text) { s throws(JSONFault) in try s.number() }
    #expect(found == expected)
    // A double is refused for the same reason at the same place.
    let double = scan(text) { s throws(JSONFault) in try s.double() }
    switch expected {
    case .value(let number): #expect(double == .value(number.doubleValue))
    case .fault(let fault): #expect(double == .fault(fault))
    }
  }

  @Test(
    arguments: [
      ("7", .value(7)), ("1.0", .value(1)), ("-2e3", .value(-2000)), ("-0", .value(0)), ("-9223372036854775808", .value(.min)),
      ("1.5", .fault(.init(.expected(.integer), at: 0))), (" 1e-1", .fault(.init(.expected(.integer), at: 1))),
      ("9007199254740992.0", .fault(.init(.expected(.integer), at: 0))),
      ("9223372036854775808", .fault(.init(.expected(.integer), at: 0))),
      ("9007199254740991.0", .value(9_007_199_254_740_991)), ("true", .fault(.init(.expected(.number), at: 0))),
    ] as [(String, Outcome<Int64>)])
  func integers(text: String, expected: Outcome<Int64>) {
    #expect(scan(text) { s throws(JSONFault) in try s.integer() } == expected)
  }

  @Test(
    arguments: [
      ("true", .value(true)), (" false ", .value(false)), ("tru", .fault(.init(.truncated, at: 3))),
      ("f", .fault(.init(.truncated, at: 1))),
      ("trux", .fault(.init(.expected(.boolean), at: 0))), ("True", .fault(.init(.expected(.boolean), at: 0))),
      ("1", .fault(.init(.expected(.boolean), at: 0))), ("null", .fault(.init(.expected(.boolean), at: 0))),
      ("", .fault(.init(.truncated, at: 0))), ("\"true\"", .fault(.init(.expected(.boolean), at: 0))),
    ] as [(String, Outcome<Bool>)])
  func booleans(text: String, expected: Outcome<Bool>) {
    #expect(scan(text) { s throws(JSONFault) in try s.boolean() } == expected)
  }

  @Test(arguments: [("null", true, 4), (" null,", true, 5), ("nul", false, 0), ("NULL", false, 0), ("0", false, 0), ("", false, 0)])
  func nulls(text: String, isNull: Bool, offset: Int) {
    let found = scan(text) { s throws(JSONFault) in s.skipNull() ? s.offset : -1 }
    #expect(found == .value(isNull ? offset : -1))
  }

  @Test(
    arguments: [
      ("{", .value(.object)), ("[", .value(.array)), ("\"", .value(.string)), ("-", .value(.number)), ("0", .value(.number)),
      ("9", .value(.number)), ("t", .value(.boolean)), ("f", .value(.boolean)), ("n", .value(.null)),
      ("\u{20}\t\r\n[", .value(.array)),
      ("}", .fault(.init(.expected(.value), at: 0))), ("+", .fault(.init(.expected(.value), at: 0))),
      ("'", .fault(.init(.expected(.value), at: 0))),
      ("NaN", .fault(.init(.notANumber, at: 0))), ("Infinity", .fault(.init(.notANumber, at: 0))),
      ("", .fault(.init(.truncated, at: 0))),
      ("\u{FEFF}1", .fault(.init(.expected(.value), at: 0))), ("\u{A0}1", .fault(.init(.expected(.value), at: 0))),
      ("\u{B}1", .fault(.init(.expected(.value), at: 0))), ("//", .fault(.init(.expected(.value), at: 0))),
    ] as [(String, Outcome<JSONKind>)])
  func kinds(text: String, expected: Outcome<JSONKind>) {
    #expect(scan(text) { s throws(JSONFault) in try s.peekKind() } == expected)
  }

  /// Each text with the fault of the whole document; nil for valid JSON.
  @Test(
    arguments: [
      ("1", nil), ("\"\"", nil), ("[]", nil), ("{}", nil), ("[ ]", nil), ("{\n}", nil), ("[1,2]", nil), ("{\"a\":1}", nil),
      ("null", nil),
      (" [ 1 , 2 ] ", nil), ("{\"a\" : {\"b\" : [ ] } , \"c\":0}", nil), ("{\"\":\"\"}", nil), ("{\"a\":1,\"a\":2}", nil),
      ("", .init(.truncated, at: 0)), ("[", .init(.truncated, at: 1)), ("[1", .init(.truncated, at: 2)),
      ("[1,", .init(.truncated, at: 3)),
      ("{", .init(.truncated, at: 1)), ("{\"a", .init(.truncated, at: 3)), ("{\"a\"", .init(.truncated, at: 4)),
      ("{\"a\":", .init(.truncated, at: 5)), ("{\"a\":1", .init(.truncated, at: 6)), ("{\"a\":1,", .init(.truncated, at: 7)),
      ("[1,]", .init(.expected(.value), at: 3)), ("[,1]", .init(.expected(.value), at: 1)),
      ("[,]", .init(.expected(.value), at: 1)),
      ("[1,,2]", .init(.expected(.value), at: 3)), ("[1 2]", .init(.expected(.commaOrBracket), at: 3)),
      ("[1}", .init(.expected(.commaOrBracket), at: 2)), ("[1:2]", .init(.expected(.commaOrBracket), at: 2)),
      ("[\"a\" \"b\"]", .init(.expected(.commaOrBracket), at: 5)), ("{]", .init(.expected(.key), at: 1)),
      ("{,}", .init(.expected(.key), at: 1)), ("{\"a\":1,}", .init(.expected(.key), at: 7)),
      ("{a:1}", .init(.expected(.key), at: 1)),
      ("{1:1}", .init(.expected(.key), at: 1)), ("{'a':1}", .init(.expected(.key), at: 1)),
      ("{\"a\" 1}", .init(.expected(.colon), at: 5)),
      ("{\"a\"}", .init(.expected(.colon), at: 4)), ("{\"a\",1}", .init(.expected(.colon), at: 4)),
      ("{\"a\"::1}", .init(.expected(.value), at: 5)), ("{\"a\":}", .init(.expected(.value), at: 5)),
      ("{\"a\":1 \"b\":2}", .init(.expected(.commaOrBrace), at: 7)), ("{\"a\":1]", .init(.expected(.commaOrBrace), at: 6)),
      ("{\"a\":1;", .init(.expected(.commaOrBrace), at: 6)), ("[] []", .init(.trailing, at: 3)), ("1 1", .init(.trailing, at: 2)),
      ("{}}", .init(.trailing, at: 2)), ("null,", .init(.trailing, at: 4)), ("[01]", .init(.number, at: 1)),
      ("[1, 02]", .init(.number, at: 4)), ("[-]", .init(.number, at: 1)), ("[1.]", .init(.number, at: 1)),
      ("[2.e1]", .init(.number, at: 1)),
      ("[+1]", .init(.expected(.value), at: 1)), ("[1e]", .init(.number, at: 1)), ("{\"a\":00}", .init(.number, at: 5)),
      ("[NaN]", .init(.notANumber, at: 1)), ("[1,-Infinity]", .init(.notANumber, at: 3)),
      ("{\"a\":NaN}", .init(.notANumber, at: 5)),
      ("[tru]", .init(.expected(.boolean), at: 1)), ("[nul]", .init(.expected(.value), at: 1)),
      ("[true false]", .init(.expected(.commaOrBracket), at: 6)),
      ("[truefalse]", .init(.expected(.commaOrBracket), at: 5)), ("nul", .init(.truncated, at: 3)),
      ("[fals", .init(.truncated, at: 5)),
      ("[1]\u{0}", .init(.trailing, at: 3)), ("[1/*c*/]", .init(.expected(.commaOrBracket), at: 2)),
      ("\u{C}[]", .init(.expected(.value), at: 0)),
    ] as [(String, JSONFault?)])
  func documents(text: String, fault: JSONFault?) {
    #expect(strictFault(text) == fault)
  }

  @Test func offsetsCanBeSetAndStayInside() {
    let bytes = Array("[1,2]".utf8)
    bytes.withUnsafeBytes { raw in
      var scanner = JSONScanner(raw, from: 1)
      #expect(scanner.offset == 1)
      for (given, found) in [(3, 3), (-5, 0), (5, 5), (99, 5), (Int.max, 5), (Int.min, 0)] {
        scanner.offset = given
        #expect(scanner.offset == found)
      }
      #expect(JSONScanner(raw, from: 99).offset == 5)
      #expect(JSONScanner(raw, from: -1).offset == 0)
      #expect(Array(scanner.bytes(from: 1, to: 4)) == Array("1,2".utf8))
      #expect(scanner.bytes(from: 4, to: 1).isEmpty)
    }
  }

  @Test func aLimitHidesWhatFollows() {
    let bytes = Array("12345".utf8)
    bytes.withUnsafeBytes { raw in
      var scanner = JSONScanner(raw, from: 1, to: 3)
      let part = try? scanner.double()
      #expect(part == 23)
      let isAtEnd = scanner.isAtEnd()
      #expect(isAtEnd)
      var whole = JSONScanner(raw, to: 99)
      let all = try? whole.double()
      #expect(all == 12345)
    }
    var nothing = JSONScanner(UnsafeRawBufferPointer(start: nil, count: 0))
    let isAtEnd = nothing.isAtEnd()
    #expect(isAtEnd && nothing.offset == 0)
  }

  @Test func skipValueGivesTheRangeWithoutWhiteSpace() {
    for (text, range) in [(" 1 ", 1..<2), ("\n[1, 2] ,", 1..<7), ("\"a\"x", 0..<3), ("{ }", 0..<3)] {
      #expect(scan(text) { s throws(JSONFault) in try s.skipValue() } == .value(range))
    }
  }

  @Test func faultsSayWhatIsWrong() {
    let file = JSONFault(.duplicateKey("a\u{1B}b"), at: 7).diagnostic(in: .init(index: 3), base: 100)
    #expect(file.rule == "json.duplicate-key" && file.severity == .error)
    #expect(file.range?.offset == 107 && file.range?.file.index == 3)
    #expect(file.message.contains("\u{1B}") == false)
    let problems: [JSONFault.Problem] = [
      .expected(.value), .truncated, .number, .notANumber, .numberTooLarge, .escape, .loneSurrogate, .controlCharacter,
      .invalidUTF8,
      .tooDeep, .duplicateKey("k"), .trailing,
    ]
    #expect(Set(problems.map { JSONFault($0, at: 0).message }).count == problems.count)
    #expect(problems.allSatisfy { JSONFault($0, at: 0).rule.hasPrefix("json.") })
  }
}
