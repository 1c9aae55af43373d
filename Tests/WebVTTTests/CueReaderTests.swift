import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillWebVTT

@Suite("WebVTT: reading") struct CueReaderTests {
  private func read(_ cues: String, head: String = "WEBVTT\n\n") throws -> ReadDataset {
    let folder = try TemporaryFolder()
    return try WebVTTTests.read(folder.write("x.vtt", head + cues))
  }

  private func one(_ cue: String) throws -> Annotation {
    let data = try read("00:01.000 --> 00:02.000\n" + cue)
    #expect(data.samples.first?.annotations.count == 1)
    return try #require(data.samples.first?.annotations.first)
  }

  @Test func aCue() throws {
    let data = try read("intro\n00:01.500 --> 01:00:02.000 align:start\nHello,\nyou\n")
    let sample = try #require(data.samples.first)
    #expect(sample.key == "x" && sample.media.kind == .audio && sample.media.location == "x" && sample.media.duration == nil)
    var expected = interval(1.5, 3602, nil, "Hello,\nyou")
    expected.id = .string("intro")
    expected.preserved = sample.annotations[0].preserved
    #expect(sample.annotations == [expected] && data.rules.isEmpty)
    if case .interval(let start, let end) = sample.annotations[0].time {
      #expect(start.text == "00:01.500" && end.text == "01:00:02.000")
    }
  }

  @Test(
    "texts",
    arguments: [
      ("plain", "plain"), ("a &amp; b", "a & b"), ("&lt;i&gt;", "<i>"), ("a < b", "a < b"), ("&nbsp;", "\u{A0}"),
      ("&foo;", "&foo;"),
      ("<i>a &amp; b</i>", "<i>a &amp; b</i>"), ("<00:01.500>x", "<00:01.500>x"), (" x ", " x "),
      ("<v A>x <v B>y", "<v A>x <v B>y"),
      ("<v A>x</v> y", "<v A>x</v> y"), ("<v>x", "<v>x"), ("<v >x", "<v >x"), ("- <v A>x", "- <v A>x"), ("&amp;lt;", "&lt;"),
    ]) func texts(_ payload: String, _ text: String) throws
  {
    let annotation = try one(payload)
    #expect(annotation.text == text && annotation.label == nil)
  }

  @Test(
    "voices",
    arguments: [
      ("<v Ada>x", "Ada", "x"), ("<v Ada>x</v>", "Ada", "x"), ("<v.loud Ada Lovelace>x", "Ada Lovelace", "x"),
      ("<v A&amp;B>x", "A&B", "x"),
      ("<v Ada>", "Ada", nil), ("<v Ada></v>", "Ada", nil), ("<v Ada>x\ny", "Ada", "x\ny"), ("<v Ada><i>x</i>", "Ada", "<i>x</i>"),
      ("<v  Ada>x", " Ada", "x"),
    ] as [(String, String, String?)]) func voices(_ payload: String, _ name: String, _ text: String?) throws
  {
    let data = try read("00:01.000 --> 00:02.000\n" + payload)
    #expect(data.names == [name] && data.samples[0].annotations.map(\.text) == [text])
  }

  @Test func namesOfCues() throws {
    let data = try read(
      "7\n00:01.000 --> 00:02.000\n\n-3\n00:01.000 --> 00:02.000\n\n07\n00:01.000 --> 00:02.000\n\na\nb\n00:01.000 --> 00:02.000\n")
    #expect(data.samples[0].annotations.map(\.id) == [.integer(7), .integer(-3), .string("07"), nil])
    #expect(data.rules == ["webvtt.block.unknown"])
  }

  @Test(
    "problems and their places",
    arguments: [
      ("x", "webvtt.header", "1:1"), ("WEBVTTx\n", "webvtt.header", "1:1"), ("", "webvtt.empty", "1:1"),
      ("WEBVTT\n\n00:01 --> 00:02.000\nx", "webvtt.cue.time-spelling", "3:1"), ("WEBVTT\n\n1 --> 2\nx", "webvtt.cue.time", "3:1"),
      ("WEBVTT\n\n00:01.000 -> 00:02.000\nx", "webvtt.block.unknown", "3:1"),
      ("WEBVTT\n\n00:01.000 -->\nx", "webvtt.cue.time", "3:1"),
      ("WEBVTT\n\n00:61.000 --> 00:62.000\nx", "webvtt.cue.time", "3:1"),
      ("WEBVTT\n\n00:02.000 --> 00:01.000\nx", "webvtt.cue.order", "3:1"),
      ("WEBVTT\n\n-00:02.000 --> 00:01.000\nx", "webvtt.cue.time", "3:1"),
      ("WEBVTT\n\n00:01.000 --> 00:02.000\n00:02.000 --> 00:03.000\n", "webvtt.cue.no-blank-line", "4:1"),
      ("WEBVTT\n\n00:01,000 --> 00:02,000\nx", "webvtt.cue.time-spelling", "3:1"),
      ("WEBVTT\n\n99999999999999999999:00.000 --> 99999999999999999999:00.000\n", "webvtt.cue.time", "3:1"),
    ]) func problems(_ text: String, _ rule: String, _ place: String) throws
  {
    let data = try read(text, head: "")
    #expect(data.rules == [rule] && data.places == [place], "\(data.diagnostics.items.map(\.message)) \(data.places)")
    #expect(WebVTTFormat.descriptor.rules.contains { $0.id == rule })
  }

  @Test func labelsAreKnownEarly() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v B>x\n\n00:01.000 --> 00:02.000\n<v A>x\n")
    #expect(try WebVTTTests.read(path, demand: Demand(labels: true)).names == ["B", "A"])
  }

  @Test func linesEndInAnyWay() throws {
    for end in ["\n", "\r\n", "\r"] {
      let data = try read(
        "1\(end)00:01.000 --> 00:02.000\(end)a\(end)b\(end)\(end)00:03.000 --> 00:04.000\(end)c", head: "WEBVTT\(end)\(end)")
      #expect(data.samples[0].annotations.map(\.text) == ["a\nb", "c"] && data.rules.isEmpty)
    }
  }
}
