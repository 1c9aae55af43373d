import TestSupport
import Testing
import WaybillBytes

@testable import WaybillSyntax

@Suite struct JSONSkipTests {
  @Test func everyCutIsAFaultInsideTheText() {
    let bytes = Array(richDocument.utf8)
    #expect(strictFault(bytes) == nil && structuralFault(bytes) == nil)
    let complete = bytes.count - 1
    for length in 0..<bytes.count {
      let cut = Array(bytes.prefix(length))
      for (name, fault) in [("strict", strictFault(cut)), ("structural", structuralFault(cut))] {
        // The last byte is a line end and may go.
        if length >= complete { continue }
        guard let fault else {
          Issue.record("\(name): cut after \(length) bytes was accepted")
          continue
        }
        #expect(fault.problem == .truncated, "\(name), \(length): \(fault)")
        #expect(fault.offset >= 0 && fault.offset <= length, "\(name), \(length): \(fault)")
      }
    }
  }

  @Test func damageIsFoundOrHarmlessAndNeverOutside() {
    let seed = testSeed(21)
    var dice = SeededNumbers(seed)
    let whole = Array(richDocument.utf8)
    for _ in 0..<30_000 {
      var bytes = whole
      for _ in 0..<(1 + dice.below(3)) {
        let at = dice.below(bytes.count)
        switch dice.below(3) {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: dice.next())
        case 1: bytes.remove(at: at)
        default: bytes.insert(dice.pick(Array("{}[]\",:\\0eu".utf8)), at: at)
        }
      }
      let strict = strictFault(bytes)
      let structural = structuralFault(bytes)
      for fault in [strict, structural] {
        if let fault { #expect(fault.offset >= 0 && fault.offset <= bytes.count, "seed \(seed)") }
      }
      // What the strict reader accepts, the structural one accepts too.
      if strict == nil, let structural { Issue.record("Only the structural skip refuses: \(structural), seed \(seed)") }
    }
  }

  @Test func bothSkipsAgreeOnSeededDocuments() {
    let seed = testSeed(22)
    var documents = DocumentDice(seed)
    for _ in 0..<5000 {
      let before = documents.space()
      let document = before + documents.value()
      let text = document + documents.dice.pick(["", " ", ",1", "]", "\n{}"])
      let strict = scan(text) { s throws(JSONFault) -> Int in
        try s.skipValue()
        return s.offset
      }
      let structural = scan(text) { s throws(JSONFault) -> Int in
        try s.skipValueStructurally()
        return s.offset
      }
      guard strict == .value(document.utf8.count) || text != document, strict == structural else {
        Issue.record("\(strict) and \(structural) in \(text), seed \(seed)")
        return
      }
    }
  }

  @Test func compactedDocumentsAreTheSameValueAndHaveNoSpace() {
    let seed = testSeed(23)
    var documents = DocumentDice(seed)
    for _ in 0..<1000 {
      let text = documents.value()
      var once = ByteBuffer()
      Array(text.utf8).withUnsafeBytes { once.appendCompacted(json: $0) }
      #expect(strictFault(once.array()) == nil, "seed \(seed)")
      var twice = ByteBuffer()
      once.array().withUnsafeBytes { twice.appendCompacted(json: $0) }
      #expect(once.array() == twice.array(), "seed \(seed)")
    }
  }

  /// A text with some open brackets around a value.
  private func nested(_ depth: Int, around core: String, _ open: String = "[", _ close: String = "]") -> [UInt8] {
    Array((String(repeating: open, count: depth) + core + String(repeating: close, count: depth)).utf8)
  }

  @Test(arguments: ["", "1", "\"x\"", "true", "null", "{}", "1,\"x\",[]"])
  func depthIsBounded(core: String) {
    let own = core.contains("{") || core.contains("[") ? 1 : 0
    let limit = JSONScanner.depthLimit - own
    #expect(strictFault(nested(limit, around: core)) == nil)
    #expect(structuralFault(nested(limit, around: core)) == nil)
    let strict = strictFault(nested(limit + 1, around: core))
    let structural = structuralFault(nested(limit + 1, around: core))
    #expect(strict?.problem == .tooDeep && structural?.problem == .tooDeep)
    #expect(strict == structural)
    #expect(strict?.offset == (own == 0 ? limit : limit + 1 + (core.hasPrefix("{") ? 0 : 6)))
  }

  @Test func objectsCountAsDepthToo() {
    #expect(strictFault(nested(1024, around: "0", "{\"a\":", "}")) == nil)
    #expect(structuralFault(nested(1024, around: "0", "{\"a\":", "}")) == nil)
    #expect(strictFault(nested(1025, around: "0", "{\"a\":", "}")) == .init(.tooDeep, at: 5 * 1024))
    #expect(structuralFault(nested(1025, around: "0", "{\"a\":", "}")) == .init(.tooDeep, at: 5 * 1024))
  }

  @Test func aMillionOpenBracketsEndInTime() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
      let bytes = Array(String(repeating: open, count: 300_000).utf8)
      let seconds = processorSeconds {
        #expect(strictFault(bytes)?.problem == .tooDeep)
        #expect(structuralFault(bytes)?.problem == .tooDeep)
      }
      #expect(seconds < 20)
    }
  }

  /// Brackets and quotes at each position of the sixteen bytes looked at together.
  @Test func structureIsFoundAtEachPosition() {
    for padding in 0...40 {
      let spaces = String(repeating: " ", count: padding)
      for text in ["[\(spaces)\"]\(spaces)[\"\(spaces)]", "{\(spaces)\"}\":[\(spaces)]}", "[\(spaces)[\(spaces)],1\(spaces)]"] {
        let bytes = Array(text.utf8)
        #expect(structuralFault(bytes) == nil && strictFault(bytes) == nil, "\(text)")
        #expect(structuralFault(Array(bytes.dropLast()))?.problem == .truncated, "\(text)")
      }
    }
  }

  /// What is wrong inside strings and numbers is left to those who read the record; where the structure is broken, the
  /// strict reader says why.
  @Test(
    arguments: [
      ("[\"\u{1}\"]", nil), ("[1,\"\\q\"]", nil), ("[\"\\ud800\"]", nil), ("[01,+2 3]", nil),
      ("[1 2", .init(.expected(.commaOrBracket), at: 3)),
      ("[\"\u{1}\"", .init(.controlCharacter, at: 2)), ("[\"a\\\"]", .init(.truncated, at: 6)),
      ("[\"a\\", .init(.truncated, at: 4)),
      ("[\"a", .init(.truncated, at: 3)), ("nul", .init(.truncated, at: 3)), ("\"\\q\"", .init(.escape, at: 1)),
      ("01", .init(.number, at: 0)),
      ("", .init(.truncated, at: 0)), ("]", .init(.expected(.value), at: 0)),
    ] as [(String, JSONFault?)])
  func theStructuralSkipSeesStructureAlone(text: String, fault: JSONFault?) {
    #expect(structuralFault(Array(text.utf8)) == fault)
  }

  /// A quote behind any number of backslashes, at each position of the bytes looked at together.
  @Test func backslashesBeforeQuotesAreCounted() {
    for padding in 0...34 {
      for slashes in 0...5 {
        let text = "[\"" + String(repeating: "a", count: padding) + String(repeating: "\\", count: slashes) + "\"]"
        let fault = structuralFault(Array(text.utf8))
        #expect((fault == nil) == (slashes % 2 == 0), "\(text)")
        #expect(strictFault(text) == fault, "\(text)")
      }
    }
  }
}
