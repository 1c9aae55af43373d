import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillLabelRepository

@Suite struct ShardRewriterTests {
  /// What is done with the lines of a file.
  enum Step {
    case keep, remove, force
    case replace(String)
    case insert(String)
  }

  private func rewritten(_ text: String, _ steps: [Step], isNew: Bool = false) throws -> (text: String, hasChanges: Bool) {
    let reading = try ShardReading(text)
    var rewriter = isNew ? try ShardRewriter(replacing: reading.shard) : ShardRewriter(reading.shard)
    for step in steps {
      switch step {
      case .keep: rewriter.keep()
      case .remove: try rewriter.remove()
      case .force: try rewriter.force()
      case .replace(let line): try Array("\(line)\n".utf8).withUnsafeBytes { bytes in try rewriter.replace(with: bytes) }
      case .insert(let line): try Array("\(line)\n".utf8).withUnsafeBytes { bytes in try rewriter.insert(bytes) }
      }
    }
    try rewriter.finish()
    // Nothing is visible before.
    #expect(try reading.text == text)
    try rewriter.commit()
    #expect(try tree(reading.folder.path).count == 1)
    return (try reading.text, rewriter.hasChanges)
  }

  private static let abc = #"{"key":"a", "x":1}"# + "\n" + #"{"key":"b"}"# + "\n" + #"{"key":"c"}"# + "\n"

  static let cases: [(String, [Step], String?)] = [
    (abc, [], nil), (abc, [.keep, .keep, .keep], nil), (abc, [.force], abc), (abc, [.keep, .force, .keep], abc),
    (abc, [.remove], #"{"key":"b"}"# + "\n" + #"{"key":"c"}"# + "\n"), (abc, [.remove, .remove, .remove], ""),
    (abc, [.keep, .remove], #"{"key":"a", "x":1}"# + "\n" + #"{"key":"c"}"# + "\n"),
    (abc, [.keep, .keep, .remove], #"{"key":"a", "x":1}"# + "\n" + #"{"key":"b"}"# + "\n"),
    (abc, [.keep, .replace("new")], #"{"key":"a", "x":1}"# + "\nnew\n" + #"{"key":"c"}"# + "\n"),
    (abc, [.replace("1"), .replace("2"), .replace("3")], "1\n2\n3\n"),
    (abc, [.insert("0")], "0\n" + abc), (abc, [.keep, .keep, .keep, .insert("z")], abc + "z\n"),
    (
      abc, [.keep, .insert("1"), .insert("2"), .remove, .insert("3")],
      #"{"key":"a", "x":1}"# + "\n1\n2\n3\n" + #"{"key":"c"}"# + "\n"
    ),
    ("", [.insert("only")], "only\n"), ("", [], nil),
    // What is not touched keeps its bytes; what is between lines goes.
    (
      #"{"key":"b"}"# + "\r\n\n" + #"{ "key" : "a" }"#, [.force], #"{ "key" : "a" }"# + "\n" + #"{"key":"b"}"# + "\n"
    ),
    (#"{"key":"b"}"# + "\n" + #"{"key":"a"}"# + "\n", [.keep, .replace("new")], #"{"key":"a"}"# + "\nnew\n"),
    (#"{"key":"a"}"# + "\n" + #"{"key":"b"}"#, [.remove], #"{"key":"b"}"# + "\n"),
    (#"{"key":"a"}"# + "\n" + #"{"key":"b"}"#, [.keep, .keep], nil),
  ]

  @Test(arguments: cases.indices) func linesAreDecidedOnOneByOne(_ number: Int) throws {
    let (text, steps, expected) = Self.cases[number]
    let result = try rewritten(text, steps)
    #expect(result.text == expected ?? text && result.hasChanges == (expected != nil), "\(steps)")
  }

  @Test func aFileCanBeReplacedAsAWhole() throws {
    #expect(try rewritten(Self.abc, [.insert("1"), .insert("2")], isNew: true).text == "1\n2\n")
    #expect(try rewritten(Self.abc, [], isNew: true).text == "")
  }

  @Test func whatIsTakenBackLeavesNothing() throws {
    let reading = try ShardReading(Self.abc)
    var rewriter: ShardRewriter? = ShardRewriter(reading.shard)
    try rewriter?.remove()
    try rewriter?.finish()
    #expect(rewriter?.hasChanges == true)
    rewriter?.abort()
    #expect(try tree(reading.folder.path) == ["all.waybill.jsonl": Array(Self.abc.utf8)])
    rewriter = ShardRewriter(reading.shard)
    try rewriter?.force()
    rewriter = nil
    #expect(try tree(reading.folder.path) == ["all.waybill.jsonl": Array(Self.abc.utf8)])
  }

  @Test func longRunsAreCopiedWhole() throws {
    let lines = (10_000..<30_000).map { line("k\($0)") + "\n" }
    let steps: [Step] = Array(repeating: .keep, count: 9_999) + [.replace("new")]
    #expect(try rewritten(lines.joined(), steps).text == (lines[..<9_999] + ["new\n"] + lines[10_000...]).joined())
  }
}
