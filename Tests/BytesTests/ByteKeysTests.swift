import TestSupport
import Testing
import WaybillBytes

@Suite struct ByteKeysTests {
  /// Puts texts one behind the other and tells which were new.
  private func inserted(_ texts: [String], _ keys: inout ByteKeys) -> [Bool] {
    let all = Array(texts.joined().utf8)
    return all.withUnsafeBytes { bytes in
      var start = 0
      return texts.map { text in
        let range = start..<(start + text.utf8.count)
        start = range.upperBound
        return keys.insert(range, in: bytes)
      }
    }
  }

  @Test(
    arguments: [
      ([], []), (["a"], [true]), (["a", "a"], [true, false]), (["", ""], [true, false]),
      (["a", "b", "ab", "a"], [true, true, true, false]),
      (["longer than eight", "longer than eighx", "longer than eight"], [true, true, false]),
      (["12345678", "12345679", "12345678"], [true, true, false]), (["é", "e\u{301}", "é"], [true, true, false]),
    ] as [([String], [Bool])])
  func tellsKeysByTheirBytes(_ texts: [String], _ expected: [Bool]) {
    var keys = ByteKeys()
    let keyAnswers = inserted(texts, &keys)
    #expect(keyAnswers == expected)
    var seen = SeenTexts()
    let seenAnswers = texts.map { seen.insert($0) }
    #expect(seenAnswers == expected)
  }

  @Test(arguments: [1, 31, 32, 33, 64, 65, 4095, 4096, 4097, 20_000]) func findsATwinAtAnyCount(_ count: Int) {
    let names = (0..<count).map { "key\($0)" }
    for twin in [0, count / 2, count - 1] {
      var keys = ByteKeys()
      let answers = inserted(names + ["key\(twin)", "other"], &keys)
      #expect(answers == Array(repeating: true, count: count) + [false, true])
      #expect(keys.count == count + 1)
      var seen = SeenTexts()
      let noted = (names + ["key\(twin)", "other"]).map { seen.insert($0) }
      #expect(noted == answers)
    }
  }

  @Test func manyKeysCostTheirLength() {
    var keys = ByteKeys()
    let count = 100_000
    let answers = inserted((0..<count).map { "key\(100_000 + $0)" }, &keys)
    #expect(answers.allSatisfy { $0 })
    // Each compared with each would be five thousand million.
    #expect(keys.comparisons < count * 8, "\(keys.comparisons) comparisons")
  }

  @Test(arguments: [3, 40, 5000]) func forgetsEverything(_ count: Int) {
    var keys = ByteKeys()
    let names = (0..<count).map { "key\($0)" }
    let first = inserted(names, &keys)
    keys.removeAll()
    #expect(keys.count == 0)
    let second = inserted(names, &keys)
    #expect(first == second && second.allSatisfy { $0 })
  }

  @Test func agreesWithASet() {
    let seed = testSeed(31)
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<50 {
      let texts = (0..<numbers.below(300)).map { _ in String(repeating: "x", count: numbers.below(20)) + "\(numbers.below(40))" }
      var set: Set<String> = []
      let expected = texts.map { set.insert($0).inserted }
      var keys = ByteKeys()
      let keyAnswers = inserted(texts, &keys)
      #expect(keyAnswers == expected, "seed \(seed)")
      var seen = SeenTexts()
      let seenAnswers = texts.map { seen.insert($0) }
      #expect(seenAnswers == expected, "seed \(seed)")
    }
  }
}
