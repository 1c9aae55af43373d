import Testing
import WaybillBytes

@testable import WaybillSyntax

private func read(_ text: String) -> Outcome<String> { scan(text) { s throws(JSONFault) in try s.string().makeString() } }

@Suite struct JSONStringTests {
  @Test(
    arguments: [
      ("\"\"", .value("")), ("\"a\"", .value("a")), (" \"a b\" ", .value("a b")), ("\"é日😀\"", .value("é日😀")),
      (#""\"\\\/\b\f\n\r\t""#, .value("\"\\/\u{8}\u{C}\n\r\t")), (#""\u0041""#, .value("A")), (#""\u00e9\u00E9""#, .value("éé")),
      (#""\u0000""#, .value("\0")), (#""\ud83d\ude00""#, .value("😀")), (#""\uD800\uDC00""#, .value("\u{10000}")),
      (#""\udbff\udfff""#, .value("\u{10FFFF}")), (#""\uffff\ufffe""#, .value("\u{FFFF}\u{FFFE}")), (#""x\u20acy""#, .value("x€y")),
      (#""\\u0041""#, .value("\\u0041")), (#""\\""#, .value("\\")), (#""a\\\"b""#, .value("a\\\"b")),
      ("\"\u{7F}\"", .value("\u{7F}")),
      // Cut off.
      ("\"", .fault(.init(.truncated, at: 1))), ("\"abc", .fault(.init(.truncated, at: 4))),
      (#""abc\"#, .fault(.init(.truncated, at: 5))),
      (#""\""#, .fault(.init(.truncated, at: 3))), (#""\u"#, .fault(.init(.truncated, at: 3))),
      (#""\u12"#, .fault(.init(.truncated, at: 5))),
      (#""\u1234"#, .fault(.init(.truncated, at: 7))), (#""0123456789abcdef"#, .fault(.init(.truncated, at: 17))),
      // Escapes JSON does not know.
      (#""\a""#, .fault(.init(.escape, at: 1))), (#""\'""#, .fault(.init(.escape, at: 1))),
      (#""x\U0041""#, .fault(.init(.escape, at: 2))),
      (#""\x41""#, .fault(.init(.escape, at: 1))), (#""\0""#, .fault(.init(.escape, at: 1))),
      (#""\u12""#, .fault(.init(.escape, at: 1))),
      (#""\u123g""#, .fault(.init(.escape, at: 1))), (#""\u+123""#, .fault(.init(.escape, at: 1))),
      (#""ab\u 041""#, .fault(.init(.escape, at: 3))),
      ("\"\\\n\"", .fault(.init(.escape, at: 1))),
      // Halves of pairs: the place is that of the half.
      (#""\ud83d""#, .fault(.init(.loneSurrogate, at: 1))), (#""\ude00""#, .fault(.init(.loneSurrogate, at: 1))),
      (#""\ude00\ud83d""#, .fault(.init(.loneSurrogate, at: 1))), (#""a\ud83dx""#, .fault(.init(.loneSurrogate, at: 2))),
      (#""\ud83d\n""#, .fault(.init(.loneSurrogate, at: 1))), (#""\ud83d\u0041""#, .fault(.init(.loneSurrogate, at: 1))),
      (#""\ud83d\ud83d\ude00""#, .fault(.init(.loneSurrogate, at: 1))),
      (#""\ud83d\ude00\ude00""#, .fault(.init(.loneSurrogate, at: 13))),
      (#""é\ud83d""#, .fault(.init(.loneSurrogate, at: 3))),
      // Something else.
      ("1", .fault(.init(.expected(.string), at: 0))), ("'a'", .fault(.init(.expected(.string), at: 0))),
      ("", .fault(.init(.truncated, at: 0))),
      ("NaN", .fault(.init(.notANumber, at: 0))),
    ] as [(String, Outcome<String>)])
  func strings(text: String, expected: Outcome<String>) {
    let found = read(text)
    #expect(found == expected)
    if case .value(let a) = found, case .value(let b) = expected { #expect(a.unicodeScalars.elementsEqual(b.unicodeScalars)) }
  }

  /// Quotes, backslashes and controls are found wherever they stand in the eight bytes looked at together.
  @Test func specialBytesAtEachPosition() {
    for length in 0...40 {
      for at in 0...length {
        let head = String(repeating: "a", count: at)
        let tail = String(repeating: "\u{7F}", count: length - at)
        for control in 0..<0x20 as Range<UInt8> {
          let text = "\"" + head + String(UnicodeScalar(control)) + tail + "\""
          #expect(read(text) == .fault(.init(.controlCharacter, at: 1 + at)), "control \(control), length \(length), at \(at)")
        }
        #expect(read("\"" + head + "\\n" + tail + "\"") == .value(head + "\n" + tail))
        #expect(read("\"" + head + "\"" + tail) == .value(head))
        // A control after an escape is found by the other loop.
        #expect(read("\"\\n" + head + "\u{1}" + tail + "\"") == .fault(.init(.controlCharacter, at: 3 + at)))
      }
    }
  }

  @Test func bytesBesideTheSpecialOnesAreOrdinary() {
    for byte in 0x20..<0x80 as Range<UInt8> where byte != 0x22 && byte != 0x5C {
      let content = String(repeating: String(UnicodeScalar(byte)), count: 19)
      #expect(read("\"" + content + "\"") == .value(content))
    }
  }

  @Test func rawBytesAndEscapesAreTold() {
    _ = scan("\"plain\" \"a\\nb\"") { s throws(JSONFault) -> Bool in
      let first = try s.string()
      #expect(!first.hasEscape && first.raw.count == 5 && s.offset(of: first) == 0)
      let second = try s.string()
      #expect(second.hasEscape && second.raw.count == 4 && s.offset(of: second) == 8)
      return true
    }
  }

  @Test(arguments: [
    ("\"category_id\"", "category_id", true), ("\"category_ie\"", "category_id", false), ("\"category_i\"", "category_id", false),
    ("\"category_id2\"", "category_id", false), ("\"\"", "", true), ("\"c\\u0061tegory_id\"", "category_id", true),
    ("\"\\u0049d\"", "Id", true), ("\"\\u212A\"", "K", false), ("\"\u{212A}\"", "K", false), ("\"id\\u0000\"", "id", false),
  ])
  func comparesWithNames(text: String, name: String, isEqual: Bool) {
    _ = scan(text) { s throws(JSONFault) -> Bool in
      let string = try s.string()
      switch name {
      case "category_id": #expect((string == "category_id") == isEqual && ("category_id" ~= string) == isEqual)
      case "": #expect((string == "") == isEqual)
      case "Id": #expect((string == "Id") == isEqual)
      case "K": #expect((string == "K") == isEqual)
      default: #expect((string == "id") == isEqual)
      }
      return true
    }
  }

  // MARK: Writing

  private func written(_ text: String) -> String {
    var buffer = ByteBuffer()
    buffer.appendJSON(text)
    return buffer.string()
  }

  @Test(arguments: [
    ("", "\"\""), ("plain", "\"plain\""), ("a\"b\\c/d", #""a\"b\\c/d""#), ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
    ("\0\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#), ("\u{7F}\u{80}\u{2028}é日😀", "\"\u{7F}\u{80}\u{2028}é日😀\""),
  ])
  func escapesOnlyWhatItMust(text: String, expected: String) {
    #expect(written(text) == expected)
  }

  @Test func everyScalarComesBack() {
    var chunk = ""
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      chunk.unicodeScalars.append(scalar)
      if value % 997 == 0 || value < 300 {
        guard case .value(let back) = read(written(chunk)), back.unicodeScalars.elementsEqual(chunk.unicodeScalars) else {
          Issue.record("The scalars up to \(value) do not come back")
          return
        }
        chunk = ""
      }
    }
  }

  @Test func everyScalarIsUnderstoodAsAnEscape() {
    func hex(_ unit: UInt16) -> String {
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    for value in (0...0x10FFFF as ClosedRange<UInt32>) where value < 0x900 || value % 61 == 0 || value > 0x10FF00 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let escaped = "\"" + (UTF16.encode(scalar).map { $0.map(hex).joined() } ?? "") + "\""
      guard case .value(let back) = read(escaped), back.unicodeScalars.elementsEqual([scalar]) else {
        Issue.record("\(escaped) was not understood")
        return
      }
    }
  }

  @Test(arguments: [
    ("[]", "[]"), (" [ 1 , 2 ] ", "[1,2]"),
    ("{\n\t\"a b\" : \"c  d\\\" e\" ,\r\n \"x\":[ ] }", "{\"a b\":\"c  d\\\" e\",\"x\":[]}"),
    ("\"\\\\\" , \" \"", "\"\\\\\",\" \""), ("", ""), ("1e5", "1e5"), ("\"é 日\"", "\"é 日\""),
  ])
  func compacts(text: String, expected: String) {
    var buffer = ByteBuffer()
    Array(text.utf8).withUnsafeBytes { buffer.appendCompacted(json: $0) }
    #expect(buffer.string() == expected)
  }
}
