import Foundation
import TestSupport
import Testing
import WaybillConversion

@testable import WaybillSampleFilter

/// Regular expressions and key patterns.
@Suite struct PatternTests {
  static func regex(_ pattern: String) throws(FilterProblem) -> PatternMatcher {
    PatternMatcher(try PatternProgram(try RegexParser.parse(pattern, at: 0), at: 0))
  }

  static func glob(_ pattern: String) throws(FilterProblem) -> PatternMatcher {
    PatternMatcher(try PatternProgram(try GlobParser.parse(pattern, at: 0), at: 0))
  }

  @Test(arguments: [
    ("", "", true), ("", "a", true), ("a", "bab", true), ("a", "", false), ("^a", "ba", false), ("a$", "ab", false),
    ("^$", "", true),
    ("^$", "a", false), ("$^", "", true), ("a|b", "xb", true), ("^(a|b)$", "ab", false), ("^(ab|cd)+$", "abcdab", true),
    ("a.c", "abc", true), ("a.c", "a\nc", false), ("a.c", "aéc", true), ("^.$", "🚗", true), ("^..$", "🚗", false),
    ("[a-c]", "xbx", true), ("[^a-c]", "abc", false), ("[]]", "]", true), ("[^]]", "]", false), ("[a-]", "-", true),
    ("[à-ý]", "é", true), ("[\\d.]+$", "1.5", true), ("^[^/]+/[^/]+$", "a/b", true), ("^[^/]+/[^/]+$", "a/b/c", false),
    ("\\d{4}", "0123", true), ("^\\d{4}$", "01234", false), ("^a{2,3}$", "aaaa", false), ("^a{2,3}$", "aaa", true),
    ("^a{2,}$", "a", false),
    ("^a{,2}$", "aaa", false), ("^a{,2}$", "", true), ("^a{0}$", "", true), ("a+?b", "aab", true), ("\\w\\s\\w", "a b", true),
    ("^\\W$", "é", true), ("\\.", "a", false), ("\\x41\\u00e9", "Aé", true), ("(?:a)(b)", "ab", true), ("\\/", "/", true),
    ("(?i)straße", "STRAßE", true), ("(?i)[a-c]x", "BX", true), ("(?i)[^a]", "A", false), ("(?i)É", "é", true), ("a", "A", false),
    ("()", "", true), ("(a*)*b", "aaab", true), ("(a|)+$", "b", true), ("(^a|b)c", "xbc", true), ("(^a|b)c", "xac", false),
    ("(a$|b)c", "bc", true), ("\\t\\n\\r\\f\\v", "\t\n\r\u{0C}\u{0B}", true), ("^(a|ab)(c|bcd)$", "abcd", true),
  ])
  func regularExpressions(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
    let matcher = try PatternTests.regex(pattern)
    // Twice: what the first search made serves the second.
    for _ in 0..<2 { #expect(text.withBytes { matcher.matches($0) } == isMatch, "\(pattern) on \(text)") }
  }

  /// Patterns and texts that cost backtracking engines forever.
  @Test(
    arguments: [
      ("^(a+)+$", "!"), ("(a|aa)+$", "!"), ("(.*)*x", ""), ("^(a|a?)+$", "b"), ("(a*)*(a*)*(a*)*$", "!"), ("a?{0}a{1000}b", ""),
      ("(.*a){20}b", ""), ("[ab]*a[ab]{100}c", ""), ("^(([a-z])+.)+[A-Z]([a-z])+$", ""),
    ])
  func hostilePatternsAreLinear(_ pattern: String, _ tail: String) throws {
    guard let matcher = try? PatternTests.regex(pattern) else { return }
    let text = String(repeating: "a", count: 50_000) + tail
    let seconds = processorSeconds {
      #expect(text.withBytes { matcher.matches($0) } == (pattern == "(a*)*(a*)*(a*)*$"))
    }
    #expect(seconds < 20)
  }

  /// A pattern whose states are more than are kept: they are forgotten and made again.
  @Test func statesAreForgotten() throws {
    let matcher = try PatternTests.regex("^[ab]*a[ab]{14}$")
    var numbers = SeededNumbers(seed: 5)
    for _ in 0..<200 {
      let text = (0..<200).map { _ in numbers.coin() ? "a" : "b" }.joined()
      let isMatch = text.dropLast(14).last == "a"
      #expect(text.withBytes { matcher.matches($0) } == isMatch)
    }
  }

  /// `like` and `--keys` read the same patterns in the same way.
  @Test func globsAreKeyPatterns() throws {
    let seed: UInt64 = 11
    var numbers = SeededNumbers(seed: seed)
    var matches = 0
    for _ in 0..<4_000 {
      let pattern = (0..<numbers.below(8)).map { _ in
        numbers.pick(["a", "b", "é", "*", "**", "?", "[ab]", "[!a]", "[a-", "]", "\\", "/", "\n"])
      }
      .joined()
      let text = (0..<numbers.below(7)).map { _ in numbers.pick(["a", "b", "é", "/", "\n", "]", "-", "[", "*"]) }.joined()
      let expected = KeyPattern(pattern).matches(text)
      if expected { matches += 1 }
      let matcher = try PatternTests.glob(pattern)
      #expect(
        text.withBytes { matcher.matches($0) } == expected, "seed \(seed): \(pattern.debugDescription) on \(text.debugDescription)")
    }
    #expect(matches > 200)
  }

  /// Python's `re` judges random patterns.
  @Test func pythonAgrees() throws {
    let seed: UInt64 = 23
    var numbers = SeededNumbers(seed: seed)
    var cases: [(pattern: String, text: String, answer: Bool)] = []
    while cases.count < 3_000 {
      let pattern = numbers.regularExpression(depth: 3)
      guard let matcher = try? PatternTests.regex(pattern) else { continue }
      for _ in 0..<3 {
        let text = (0..<numbers.below(9)).map { _ in numbers.pick(["a", "b", "c", "A", "1", " ", "é", "_", "-"]) }.joined()
        cases.append((pattern, text, text.withBytes { matcher.matches($0) }))
      }
    }
    let lines = cases.map { "\($0.pattern)\t\($0.text)" }.joined(separator: "\n")
    let script = """
      import re, sys
      for line in sys.stdin.buffer.read().decode("utf-8").split("\\n"):
          pattern, text = line.split("\\t")
          print("1" if re.search(pattern, text, re.ASCII) else "0")
      """
    guard let output = PatternTests.python(script, lines) else {
      print("skipped: \(#function) needs python3 (WAYBILL_PYTHON names the interpreter)")
      return
    }
    let answers = output.split(separator: "\n")
    #expect(answers.count == cases.count)
    for (own, answer) in zip(cases, answers) {
      #expect(own.answer == (answer == "1"), "seed \(seed): \(own.pattern) on \(own.text.debugDescription)")
    }
    #expect(answers.filter { $0 == "1" }.count > 300 && answers.filter { $0 == "0" }.count > 300)
  }

  static func python(_ script: String, _ input: String) -> String? {
    guard let folder = try? TemporaryFolder(), let path = try? folder.write("input", input) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3", "-c", script]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle(forReadingAtPath: path)
    do { try process.run() } catch { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}

extension SeededNumbers {
  /// A random regular expression that Python reads too.
  mutating func regularExpression(depth: Int) -> String {
    let parts = (0..<(1 + below(3))).map { _ in piece(depth: depth) }
    return below(4) == 0 ? parts.joined(separator: "|") : parts.joined()
  }

  private mutating func piece(depth: Int) -> String {
    let atom: String
    switch below(depth > 0 ? 9 : 6) {
    case 0...2: atom = pick(["a", "b", "c", "A", "1", "é", "\\-"])
    case 3: atom = pick([".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S"])
    case 4: atom = pick(["[ab]", "[^a]", "[a-c1]", "[\\d_]", "[^\\w]", "[]a]", "[a-]", "[é-ü]"])
    case 5: return pick(["^", "$"])
    case 6: atom = "(?:" + regularExpression(depth: depth - 1) + ")"
    default: atom = "(" + regularExpression(depth: depth - 1) + ")"
    }
    return below(2) == 0 ? atom : atom + pick(["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "{0,1}"])
  }
}
