import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSRT

@Suite("SubRip: reading and writing") struct CueTests {
  private func read(_ text: String, _ options: [(String, String)] = []) throws -> ReadDataset {
    let folder = try TemporaryFolder()
    return try SRTTests.read(folder.write("x.srt", text), options)
  }

  private func written(
    _ annotations: [Annotation], _ options: [(String, String)] = [], _ names: String...
  ) throws -> (text: String, result: Written) {
    let folder = try TemporaryFolder()
    let header = DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
    let result = try write(header, [recording("a", annotations)], to: folder.file("out"), options)
    return (try text(folder.file("out/a.srt")), result)
  }

  @Test func subtitles() throws {
    let data = try read("1\n00:00:01,500 --> 01:00:02,000\n<i>Hello</i> &amp;\nyou\n\n2\n01:00:02,000 --> 01:00:02,000\n\n")
    #expect(data.samples[0].annotations == [interval(1.5, 3602, nil, "<i>Hello</i> &amp;\nyou"), interval(3602, 3602)])
    #expect(data.rules.isEmpty)
  }

  @Test(
    "speakers",
    arguments: [
      ("Ada: hi", "Ada", "hi"), ("Ada: a: b\nBob: c", "Ada", "a: b\nBob: c"), ("Ada:", "Ada", nil), ("Ada:hi", nil, "Ada:hi"),
      (": hi", nil, ": hi"), ("hi\nAda: x", nil, "hi\nAda: x"), ("Ada : hi", nil, "Ada : hi"), ("Ada: ", nil, "Ada: "),
      ("hi", nil, "hi"),
    ] as [(String, String?, String?)]) func speakers(_ payload: String, _ name: String?, _ text: String?) throws
  {
    let whole = "1\n00:00:01,500 --> 01:00:02,000\n\(payload)\n"
    let data = try read(whole, [("speakers", "prefix")])
    #expect(data.names == (name.map { [$0] } ?? []) && data.samples[0].annotations.map(\.text) == [text])
    #expect(try read(whole).samples[0].annotations.map(\.text) == [payload])
    let folder = try TemporaryFolder()
    try write(data.header, data.samples, to: folder.file("out"), [("speakers", "prefix")])
    #expect(try SRTTests.text(folder.file("out/x.srt")) == whole)
  }

  @Test(
    "problems and their places",
    arguments: [
      ("1", "srt.cue.no-time", "1:1"), ("text", "srt.cue.no-time", "1:1"),
      ("1\n00:00:01,000 -> 00:00:02,000", "srt.cue.no-time", "1:1"),
      ("1\n00:00:01,000 --> x\na", "srt.cue.time", "2:1"), ("1\n00:00:02,000 --> 00:00:01,000\na", "srt.cue.order", "2:1"),
      ("1\n00:00:01.000 --> 00:00:02.000\na", "srt.cue.time-spelling", "2:1"),
      ("a\n00:00:01,000 --> 00:00:02,000\nb", "srt.block.unknown", "1:1"),
      ("1\n00:00:01,000 --> 00:00:02,000\na\n\nb", "srt.cue.empty-line", "5:1"),
      ("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\nb", "srt.cue.no-time", "5:1"),
      ("1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:01,000 --> 00:00:02,000\nb", "srt.cue.no-blank-line", "5:1"),
    ]) func problems(_ text: String, _ rule: String, _ place: String) throws
  {
    let data = try read(text)
    #expect(data.rules == [rule] && data.places == [place], "\(data.diagnostics.items.map(\.message)) \(data.places)")
    #expect(SRTFormat.descriptor.rules.contains { $0.id == rule })
  }

  @Test func emptyFiles() throws {
    for text in ["", "\n", "  \n\n"] {
      let data = try read(text)
      #expect(data.samples.count == 1 && data.samples[0].annotations.isEmpty && data.rules.isEmpty)
    }
  }

  @Test func theWholeFile() throws {
    let made = try written([interval(62, 3600, nil, "b"), interval(0.5, 61.25, nil, "a\nb"), interval(62.5, 63)])
    #expect(
      made.text
        == "1\n00:00:00,500 --> 00:01:01,250\na\nb\n\n2\n00:01:02,000 --> 01:00:00,000\nb\n\n3\n00:01:02,500 --> 00:01:03,000\n")
    #expect(try written([]).text.isEmpty)
    #expect(
      try written([interval(0, 1, 0, "x"), interval(1, 2, 0)], [("speakers", "prefix")], "Ada").text.contains(
        "Ada: x\n\n2\n00:00:01,000 --> 00:00:02,000\nAda:\n"))
  }

  @Test func whatHasNoPlace() throws {
    #expect(try written([Annotation()]).result.rules == ["srt.write.time"])
    for text in ["1\n00:00:01,000 --> 00:00:02,000", "a\n\n7\nb", "\na", "a\n", " "] {
      #expect(try written([interval(0, 1, nil, text)]).result.rules == ["srt.write.text"], "\(text)")
    }
    #expect(try written([interval(0, 0.00051, nil, "x")]).result.rules == ["srt.write.rounded"])
    #expect(try written([interval(0, 1, nil, "Ada: x")], [("speakers", "prefix")]).result.losses.map(\.feature) == [.text])
    #expect(try written([interval(0, 1, 0, "x")], [("speakers", "prefix")], "a: b").result.losses.map(\.feature) == [.label])
    #expect(try written([interval(0, 1, nil, "Ada: x")]).result.losses.isEmpty)
  }

  @Test func numbersStayWhileTheyWereGiven() throws {
    let folder = try TemporaryFolder()
    var data = try read(
      "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:02,000 --> 00:00:03,000\nb\n\n9\n00:00:03,000 --> 00:00:04,000\nc\n")
    data.samples[0].annotations.removeFirst()
    try write(data.header, data.samples, to: folder.file("out"))
    #expect(
      try SRTTests.text(folder.file("out/x.srt")) == "1\n00:00:02,000 --> 00:00:03,000\nb\n\n9\n00:00:03,000 --> 00:00:04,000\nc\n")
  }
}

@Suite("SubRip: broken cues") struct BrokenCueTests {
  /// What could not be read is not kept between the others.
  @Test(
    arguments: [
      "1\n00:00:00,500 --> 00:00:07,000\nfirst\n\n2\nsecond\n",
      "bad 1\n00:00:00,500 --> x\nbad\n\n2\n00:00:00,500 --> 00:00:07,000\nfirst\n",
      "1\n00:00:00,500 --> 00:00:07,000\nfirst\n\n2\n00:00:00,500 --> x\nbad\n\nbad\n\nbad\n\n3\n00:00:08,000 --> 00:00:09,000\nlast\n",
      "2\nbad\n\nbad\n\n1\n00:00:00,500 --> 00:00:07,000\nfirst\n",
      "1\n00:00:00,500 --> 00:00:07,000\nfirst\n\n2\nbad\n\nbad\n3\n00:00:08,000 --> 00:00:09,000\nlast\n",
      "1\n00:00:00,500 --> x\nbad\n\n2\n00:00:00,500 --> 00:00:07,000\nfirst\n",
      "1\n00:00:00,500 --> 00:00:07,000\nfirst\n\n2\n00:00:00,500 --> 00:00:00,400\nbad\n\n3\nbad\n\n4\n00:00:08,000 --> 00:00:09,000\nlast\n",
    ]) func areGone(_ text: String) throws
  {
    let folder = try TemporaryFolder()
    let data = try read(folder.write("x.srt", text))
    #expect(data.diagnostics.count(atLeast: .error) > 0 && data.samples.count == 1)
    try write(data.header, data.samples, to: folder.file("out"))
    let again = try read(folder.file("out"))
    #expect(again.rules.isEmpty && again.samples[0].annotations.map(\.text) == data.samples[0].annotations.map(\.text))
    #expect(!(try SRTTests.text(folder.file("out/x.srt"))).contains("bad"))
  }
}
