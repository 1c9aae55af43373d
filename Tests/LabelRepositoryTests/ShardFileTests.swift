import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillLabelRepository

@Suite struct ShardFileTests {
  /// A file, the keys of its lines in order, whether the lines were so, and whether nothing else is in it.
  @Test(arguments: [
    ("", [], true, true), ("\n", [], true, false), (#"{"key":"a"}"# + "\n", ["a"], true, true),
    (#"{"key":"a"}"#, ["a"], true, false),
    (#"{"key":"a"}"# + "\r\n" + #"{"key":"b"}"# + "\r\n", ["a", "b"], true, false),
    (#"{"key":"a"}"# + "\n\n \t\n" + #"{"key":"b"}"# + "\n", ["a", "b"], true, false),
    (#"{"key":"b"}"# + "\n" + #"{"key":"a"}"# + "\n", ["a", "b"], false, true),
    // Upper case comes first, as bytes do.
    (#"{"key":"a"}"# + "\n" + #"{"key":"B"}"# + "\n", ["B", "a"], false, true),
    (#"{"key":"a"}"# + "\n" + #"{"key":"ab"}"# + "\n" + #"{"key":"b"}"# + "\n", ["a", "ab", "b"], true, true),
    (#"{"image":{},"key":"b"}"# + "\n" + #"{ "key" : "c" }"# + "\n", ["b", "c"], true, true),
    (#"{"key":""}"# + "\n" + #"{"key":"a"}"# + "\n", ["", "a"], true, true),
  ]) func linesAreFound(_ text: String, _ keys: [String], _ isSorted: Bool, _ isPlain: Bool) throws {
    let reading = try ShardReading(text)
    #expect(reading.keys == keys && reading.shard.isSorted == isSorted && reading.shard.isPlain == isPlain)
    #expect(reading.context.diagnostics.isEmpty)
    #expect(reading.lines.allSatisfy { !$0.contains("\r") && $0.hasPrefix("{") && $0.hasSuffix("}") })
  }

  @Test func escapedKeysAreWhatTheyStandFor() throws {
    let reading = try ShardReading(
      #"{"key":"\u0062"}"# + "\n" + #"{"key":"\u0061\"\/"}"# + "\n" + #"{"key":"\ud83d\ude00"}"# + "\n")
    #expect(reading.keys == ["a\"/", "b", "\u{1F600}"] && !reading.shard.isSorted)
    #expect(reading.shard.line(of: "a\"/").map { reading.shard.place(of: $0).offset } == 17)
    #expect(reading.shard.line(of: "\u{1F600}") != nil && reading.shard.line(of: #"\u0062"#) == nil)
    let twice = try ShardReading(#"{"key":"a"}"# + "\n" + #"{"key":"\u0061"}"# + "\n")
    #expect(twice.rules == ["repository.duplicate-key"])
  }

  @Test func keysAreFoundAmongMany() throws {
    let keys = (0..<1000).map { "k\($0 * 7 % 1000)" }
    let reading = try ShardReading(keys.map { line($0) + "\n" }.joined())
    #expect(reading.keys == keys.sorted())
    for key in keys { #expect(reading.shard.line(of: key).map { reading.shard.key(of: $0) } == key) }
    for key in ["", "k", "k0000", "k9999", "zzz", "\u{0}"] { #expect(reading.shard.line(of: key) == nil, "\(key)") }
  }

  @Test func keysAreToldApartByTheirBytes() throws {
    let reading = try ShardReading(line("e\u{301}") + "\n" + line("\u{E9}") + "\n")
    #expect(reading.rules.isEmpty && reading.shard.isSorted)
    let found = try #require(reading.shard.line(of: "\u{E9}"))
    #expect(Array(reading.shard.key(of: found).utf8) == [0xC3, 0xA9])
  }

  /// A line that is no sample.
  @Test(arguments: [
    "nonsense", "[]", "{}", #"{"image":{}}"#, #"{"key":7}"#, #"{"key":null}"#, #"{"key":"a"#, #"{"waybill":1}"#,
    "\u{FEFF}{\"key\":\"a\"}",
    #"{"key":"\ud800"}"#, "<<<<<<< HEAD",
  ]) func linesWithoutKeysAreLocated(_ bad: String) throws {
    let reading = try ShardReading("\(line("a"))\n\(bad)\n\(line("b"))\n")
    #expect(reading.rules == ["repository.line"] && reading.keys == ["a", "b"] && !reading.shard.isPlain)
    #expect(reading.context.diagnostics.items.first?.range?.offset == line("a").utf8.count + 1)
    #expect(reading.context.diagnostics.hasErrors)
  }

  @Test func bytesThatAreNoTextAreLocated() throws {
    let text = "\(line("a"))\n\(line("b", #","split":"?""#))\n\(line("c"))\n"
    let bytes = Array(text.utf8).map { $0 == UInt8(ascii: "?") ? 0xFF : $0 }
    let reading = try ShardReading(bytes)
    #expect(reading.rules == ["json.invalid-utf8"] && reading.keys == ["a", "c"])
    #expect(reading.context.diagnostics.items.first?.range?.offset == bytes.firstIndex(of: 0xFF))
  }

  @Test func keysThatStandTwiceAreLocated() throws {
    let reading = try ShardReading("\(line("b"))\n\(line("a"))\n\(line("b", #","split":"x""#))\n")
    let found = try #require(reading.context.diagnostics.items.first)
    let length = line("a").utf8.count + 1
    #expect(reading.rules == ["repository.duplicate-key"] && found.severity == .error)
    #expect(found.range?.offset == 2 * length && found.related.map(\.range.offset) == [0])
    #expect(found.message.contains("\"b\""))
    #expect(try ShardReading(String(repeating: line("a") + "\n", count: 4)).rules.count == 3)
  }

  @Test func aFileThatIsNotThereHasNoLines() throws {
    let folder = try TemporaryFolder()
    let context = ReadContext(sources: SourceMap())
    let shard = try ShardFile(path: folder.file("none"), context)
    #expect(shard.lines.isEmpty && shard.isSorted && shard.isPlain && context.diagnostics.isEmpty && shard.line(of: "a") == nil)
    #expect(throws: DatasetError.self) { _ = try ShardFile(path: folder.path, context) }
  }

  @Test func partsOfALineHavePlaces() throws {
    let conflict = ConflictLine.text("b", ours: line("b"), theirs: line("b", #","split":"x""#))
    let reading = try ShardReading("\(line("a"))\n\(conflict)\n")
    let parts = try #require(ConflictLine(reading.shard.bytes(of: reading.shard.lines[1])))
    let theirs = try #require(parts.theirs)
    #expect(reading.shard.bytes[reading.shard.range(of: theirs)].elementsEqual(line("b", #","split":"x""#).utf8))
  }
}

@Suite struct ConflictLineTests {
  private func parsed<R>(_ text: String, _ body: (ConflictLine?) -> R) -> R {
    Array(text.utf8).withUnsafeBytes { body(ConflictLine($0)) }
  }

  @Test(arguments: [
    (ConflictLine.text("a", ours: line("a"), theirs: nil), true), (#"{"key":"a","conflict":{}}"#, true),
    (#"{ "key" : "a" , "conflict" : 7 }"#, true), (line("a"), false), (#"{"key":"a"}"#, false),
    (#"{"key":"a","image":{},"conflict":{}}"#, false),
    (#"{"conflict":{},"key":"a"}"#, false), ("", false), ("nonsense", false), (#"{"key":7,"conflict":{}}"#, false),
  ]) func conflictsAreKnownByTheirSecondMember(_ text: String, _ isConflict: Bool) {
    #expect(Array(text.utf8).withUnsafeBytes { ConflictLine.isConflict($0) } == isConflict)
  }

  static let sides: [(String?, String?, String?)] = [
    (line("a"), line("a", #","split":"x""#), line("a", #","split":"y""#)), (nil, line("a"), line("a", #","split":"y""#)),
    (line("a"), nil, line("a")), (line("a"), line("a"), nil),
  ]

  @Test(arguments: sides) func sidesAreReadAndWrittenAlike(_ base: String?, _ ours: String?, _ theirs: String?) throws {
    let text = ConflictLine.text("a", ours: ours, theirs: theirs, base: base, about: ["one", "two"])
    parsed(text) { conflict in
      func shown(_ side: UnsafeRawBufferPointer?) -> String? { side.map { String(decoding: $0, as: UTF8.self) } }
      #expect(conflict?.about == ["one", "two"])
      #expect(shown(conflict?.base) == base && shown(conflict?.ours) == ours && shown(conflict?.theirs) == theirs)
    }
  }

  @Test(arguments: [
    #"{"key":"a","conflict":7}"#, #"{"key":"a","conflict":{"about":"x"}}"#, #"{"key":"a","conflict":{"about":[1]}}"#,
    #"{"key":"a","conflict":{"ours":{"key":}}"#, #"{"key":"a","conflict":{"#,
  ]) func brokenConflictsAreNone(_ text: String) { parsed(text) { #expect($0 == nil) } }
}
