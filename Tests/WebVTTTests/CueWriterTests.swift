import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@Suite("WebVTT: writing") struct CueWriterTests {
  private func written(_ annotations: [Annotation], _ names: String...) throws -> (text: String, result: Written) {
    let folder = try TemporaryFolder()
    let header = DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
    let result = try write(header, [recording("a.mp4", annotations)], to: folder.file("out"))
    return (try text(folder.file("out/a.mp4.audio.vtt")), result)
  }

  @Test func theWholeFile() throws {
    var first = interval(0.5, 61.25, 0, "Say \"yes\"\n& go")
    first.id = .integer(7)
    let made = try written([interval(62, 3600, nil, "<i>x</i>"), first, interval(70, 71), interval(72, 73, 0)], "A&B")
    #expect(
      made.text == """
        WEBVTT

        7
        00:00:00.500 --> 00:01:01.250
        <v A&amp;B>Say "yes"
        &amp; go

        00:01:02.000 --> 01:00:00.000
        <i>x</i>

        00:01:10.000 --> 00:01:11.000

        00:01:12.000 --> 00:01:13.000
        <v A&amp;B>

        """)
    #expect(made.result.losses.isEmpty && made.result.rules.isEmpty)
    #expect(try written([]).text == "WEBVTT\n")
  }

  @Test func timesAreRounded() throws {
    let made = try written([interval(0.0004, 1.00051, nil, "x"), interval(1.5, 359999.9999, nil, "y")])
    #expect(made.text.contains("00:00:00.000 --> 00:00:01.001") && made.text.contains("00:00:01.500 --> 100:00:00.000"))
    #expect(made.result.rules == ["webvtt.write.rounded"])
    #expect(made.result.losses == [EncodingLoss(.interval, isApproximated: true), EncodingLoss(.interval, isApproximated: true)])
  }

  @Test func whatHasNoPlaceIsRefused() throws {
    #expect(try written([Annotation()]).result.rules == ["webvtt.write.time"])
    #expect(try written([interval(-1, 1)]).result.rules == ["webvtt.write.time"])
    #expect(try written([interval(2, 1)]).result.rules == ["webvtt.write.time"])
    for text in ["a\n\nb", "\na", "a\n", "a\rb", "<b> --> </b>"] {
      #expect(try written([interval(0, 1, nil, text)]).result.rules == ["webvtt.write.text"], "\(text)")
    }
    #expect(try written([interval(0, 1, nil, "a --> b")]).text.contains("a --&gt; b"))
  }

  @Test func whatIsKeptCountsWhileItIsTrue() throws {
    let folder = try TemporaryFolder()
    let text = "WEBVTT\n\nNOTE a\n\n1\n00:01.000-->00:02.000 line:0\n<v.x Ada>hi</v>\n\nNOTE b\n\n00:03.000 --> 00:04.000\nbye\n"
    var data = try read(folder.write("a.vtt", text))
    data.samples[0].annotations[0].text = "ho"
    try write(data.header, data.samples, to: folder.file("other"))
    #expect(
      try WebVTTTests.text(folder.file("other/a.vtt"))
        == text.replacing("-->00:02", with: " --> 00:02", maxReplacements: 1).replacing("hi</v>", with: "ho"))
    // What stood before the first cue stays, what stood before another goes with it.
    data.samples[0].annotations.removeLast()
    try write(data.header, data.samples, to: folder.file("less"))
    #expect(
      try WebVTTTests.text(folder.file("less/a.vtt")) == "WEBVTT\n\nNOTE a\n\n1\n00:01.000 --> 00:02.000 line:0\n<v.x Ada>ho\n")
    // A note before what is the first cue now stays as well.
    var last = try read(folder.file("a.vtt"))
    last.samples[0].annotations.removeFirst()
    try write(last.header, last.samples, to: folder.file("last"))
    #expect(
      try WebVTTTests.text(folder.file("last/a.vtt")) == "WEBVTT\n\nNOTE a\n\nNOTE b\n\n00:03.000 --> 00:04.000\nbye\n")
    // A head without cues gets its empty line.
    for (number, head) in ["WEBVTT", "", "WEBVTT\r\n", "WEBVTT\n\n", "WEBVTT\n\nNOTE x"].enumerated() {
      var empty = try read(folder.write("\(number)/b.vtt", head))
      empty.samples[0].annotations = [interval(0, 1, nil, "x")]
      try write(empty.header, empty.samples, to: folder.file("more\(number)"))
      let again = try read(folder.file("more\(number)"))
      #expect(again.samples[0].annotations == [interval(0, 1, nil, "x")] && again.rules.isEmpty)
    }
  }
}
