import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

private func read<T>(_ text: String, _ body: (inout JSONScanner) throws(JSONFault) -> T) -> Result<T, JSONFault> {
  Array(text.utf8).withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    do throws(JSONFault) {
      let value = try body(&scanner)
      try scanner.expectEnd()
      return .success(value)
    } catch { return .failure(error) }
  }
}

private func attributes(_ text: String) -> Result<Attributes, JSONFault> {
  read(text) { s throws(JSONFault) in try s.attributes() }
}
private func value(_ text: String) -> Result<AttributeValue, JSONFault> {
  read(text) { s throws(JSONFault) in try s.attributeValue() }
}
private func printed(_ value: AttributeValue) -> String {
  var buffer = ByteBuffer()
  buffer.append(json: value)
  return buffer.string()
}

@Suite struct ModelJSONTests {
  @Test(
    arguments: [
      ("\"a\\n\"", .string("a\n")), ("7", .integer(7)), ("-9223372036854775808", .integer(.min)), ("1.5", .number(1.5)),
      ("-0", .number(-0.0)),
      ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null), ("[]", .list([])), ("{}", .object([:])),
      (
        "[1,[\"x\",null],{\"b\":1,\"a\":[]}]",
        .list([.integer(1), .list([.string("x"), .null]), .object(["b": .integer(1), "a": .list([])])])
      ),
    ] as [(String, AttributeValue)])
  func values(text: String, expected: AttributeValue) {
    #expect(value(text) == .success(expected))
    #expect(value(printed(expected)) == .success(expected))
  }

  @Test(arguments: [
    ("", JSONFault(.truncated, at: 0)), ("nul", .init(.truncated, at: 3)), ("nope", .init(.expected(.value), at: 0)),
    ("[nope]", .init(.expected(.value), at: 1)),
    ("[1,]", .init(.expected(.value), at: 3)), ("{\"a\":1,\"a\":2}", .init(.duplicateKey("a"), at: 7)),
    ("{\"a\":1 ,\n \"a\":2}", .init(.duplicateKey("a"), at: 10)),
    ("{\"a\":1,\"\\u0061\":2}", .init(.duplicateKey("a"), at: 7)),
    ("[{\"x\":{\"k\":1,\"k\":1}}]", .init(.duplicateKey("k"), at: 13)),
    ("1e400", .init(.numberTooLarge, at: 0)), ("[NaN]", .init(.notANumber, at: 1)), ("\"\u{1}\"", .init(.controlCharacter, at: 1)),
    ("{\"a\" 1}", .init(.expected(.colon), at: 5)),
  ])
  func faults(text: String, fault: JSONFault) {
    #expect(value(text) == .failure(fault))
  }

  @Test func keysThatOnlyLookTheSameAreTwo() {
    #expect(attributes("{\"\u{E9}\":1,\"e\u{301}\":2}") == .success(["\u{E9}": .integer(1), "e\u{301}": .integer(2)]))
  }

  @Test func depthIsThatOfTheScanner() {
    for core in ["", "1", "\"x\""] {
      let open = String(repeating: "[", count: 1024)
      let close = String(repeating: "]", count: 1024)
      guard case .success = value(open + core + close) else {
        Issue.record("1024 brackets around \(core) were refused")
        continue
      }
      #expect(value("[" + open + core + close + "]") == .failure(.init(.tooDeep, at: 1024)))
    }
  }

  @Test(
    arguments: [
      ("7", .success(.integer(7))), ("\"7\"", .success(.string("7"))), ("7.0", .success(.integer(7))),
      ("\"\"", .success(.string(""))),
      ("7.5", .failure(.init(.expected(.integer), at: 0))), ("null", .failure(.init(.expected(.number), at: 0))),
      ("[7]", .failure(.init(.expected(.number), at: 0))),
    ] as [(String, Result<RecordID, JSONFault>)])
  func ids(text: String, expected: Result<RecordID, JSONFault>) {
    #expect(read(text) { s throws(JSONFault) in try s.recordID() } == expected)
    if case .success(let id) = expected {
      var buffer = ByteBuffer()
      buffer.append(json: id)
      #expect(read(buffer.string()) { s throws(JSONFault) in try s.recordID() } == .success(id))
    }
  }

  @Test func seededValuesComeBack() {
    let seed = testSeed(45)
    var dice = SeededNumbers(seed)
    func make(_ depth: Int) -> AttributeValue {
      switch dice.below(depth > 4 ? 5 : 7) {
      case 0: return .null
      case 1: return .boolean(dice.coin())
      case 2: return .integer(Int64(truncatingIfNeeded: dice.next()) >> Int64(dice.below(64)))
      case 3: return .number(Double(dice.below(1_000_000)) + 0.25)
      case 4: return .string(dice.pick(["", "a\"b", "é\n", "😀\u{1}", "\\u0041", "plain text longer than fifteen"]))
      case 5: return .list((0..<dice.below(4)).map { _ in make(depth + 1) })
      default:
        var object = Attributes()
        for index in 0..<dice.below(4) { object["k\(index)\"\n"] = make(depth + 1) }
        return .object(object)
      }
    }
    for _ in 0..<3000 {
      let made = make(0)
      #expect(value(printed(made)) == .success(made), "seed \(seed)")
    }
  }

  // MARK: Preserved members

  /// Collects all members of an object and gives what was preserved, or the fault.
  private func preserve(_ text: String) -> Result<String, JSONFault> {
    read(text) { scanner throws(JSONFault) in
      var members = PreservedMembers()
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) { try members.take(key, from: &scanner) }
      return String(decoding: members.preserved("x")["x"], as: UTF8.self)
    }
  }

  @Test(
    arguments: [
      ("{}", .success("")), ("{ \"a\" : [ 1 , \"b c\" ] , \"d\\n\":{ } }", .success("\"a\":[1,\"b c\"],\"d\\n\":{}")),
      ("{\"a\":1e5}", .success("\"a\":1e5")),
      ("{\"a\":1,\"b\":2,\"a\":3}", .failure(.init(.duplicateKey("a"), at: 13))),
      ("{\"ab\":1,\"ac\":2}", .success("\"ab\":1,\"ac\":2")),
      ("{\"a\":[01]}", .failure(.init(.number, at: 6))), ("{\"a\":tru", .failure(.init(.truncated, at: 8))),
    ] as [(String, Result<String, JSONFault>)])
  func membersAreKeptCompact(text: String, expected: Result<String, JSONFault>) {
    #expect(preserve(text) == expected)
  }

  @Test func collectingStartsAnewForEachRecord() {
    let found = read("{\"a\":1,\"b\":\"x\"}") { scanner throws(JSONFault) in
      var members = PreservedMembers()
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        try members.take(key, from: &scanner)
        #expect(!members.preserved("x").isEmpty)
        members.removeAll()
      }
      let value = Array("[1]".utf8)
      value.withUnsafeBytes { members.add("c", json: $0) }
      value.withUnsafeBytes { members.add("d", json: $0) }
      return members.preserved("x")
    }
    #expect(found == .success(Preserved("x", members: Array("\"c\":[1],\"d\":[1]".utf8))))
  }

  @Test func preservedMembersAreReadAgain() {
    let preserved = Preserved("x", members: Array("\"a\":{\"b\":[1,2]},\"\\u0062\":\"te\\nxt\",\"n\":null".utf8))
    let reader = PreservedReader(preserved, "x")
    #expect(reader.value("a") == Array("{\"b\":[1,2]}".utf8) && reader.value("n") == Array("null".utf8) && reader.value("z") == nil)
    #expect(reader.string("b") == "te\nxt" && reader.string("a") == nil && reader.string("z") == nil)
    var names: [String] = []
    reader.forEach { key, _ in names.append(key.makeString()) }
    #expect(names == ["a", "b", "n"])
    #expect(PreservedReader(preserved, "y").value("a") == nil)
    for broken in ["\"a\"", "\"a\":", "a:1", "\"a\":1 \"b\":2", ",", "\"a\":[}"] {
      #expect(PreservedReader(Preserved("x", members: Array(broken.utf8)), "x").value("b") == nil)
    }
  }
}
