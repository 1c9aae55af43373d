import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillModelArts

@Suite struct ReadingTests {
  private func sample(_ line: String, _ given: [(String, String)] = []) throws -> (Sample, Reading) {
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", line), given)
    return (try #require(reading.samples.first), reading)
  }

  @Test func picture() throws {
    let (sample, reading) = try sample(lines[1].line)
    #expect(sample.key == "s3://demo-bucket/in/fox/0002.jpg")
    #expect(sample.media == Media(.image, location: "s3://demo-bucket/in/fox/0002.jpg"))
    #expect(sample.id == .string("00ab"))
    #expect(sample.split == "validation")
    #expect(sample.hard == HardExample(isHard: true, coefficient: 0.75))
    let annotation = try #require(sample.annotations.first)
    #expect(reading.name(annotation) == "fox")
    #expect(annotation.author == "human")
    #expect(annotation.createdAt == Timestamp("2024-05-06 07:08:09", separator: 32))
    #expect(annotation.attributes == ["season": .string("winter")])
    #expect(annotation.hard == HardExample(isHard: true, coefficient: 0.75, reasons: [3, 20, 21]))
    #expect(sample.preserved.isEmpty)
    #expect(annotation.preserved.isEmpty)
    #expect(sample.source == SourceRange(file: FileID(index: 0), offset: 0, length: lines[1].line.utf8.count))
  }

  @Test func entitiesAndTriplets() throws {
    let (sample, reading) = try sample(lines[4].line)
    #expect(sample.key == "50aa")
    #expect(sample.media == Media(.text, text: "Ada met Bo."))
    #expect(sample.annotations.map(\.link) == [Link(source: .string("E1"), target: .string("E2")), nil, nil])
    #expect(
      sample.annotations.map(\.span) == [
        nil, TextSpan(start: 0, end: 3, unit: .scalars), TextSpan(start: 4, end: 6, unit: .scalars),
      ])
    #expect(sample.annotations.map(\.id) == [.string("R1"), .string("E1"), .string("E2")])
    #expect(reading.labels == ["worked_with", "person"])
  }

  @Test func paragraphs() throws {
    let (sample, reading) = try sample(lines[7].line)
    let annotation = try #require(sample.annotations.first)
    #expect(sample.media.kind == .audio)
    #expect(annotation.time == .interval(start: 1.25, end: 3.9))
    #expect(annotation.text == "Good morning.")
    #expect(reading.name(annotation) == "agent")
  }

  @Test func frame() throws {
    let (sample, _) = try sample(lines[8].line)
    #expect(sample.media.frame == FrameOrigin(video: "s3://demo-bucket/in/drive01.mp4", time: 2.5, duration: 12))
  }

  @Test func missingFile() throws {
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", lines[9].line))
    let sample = try #require(reading.samples.first)
    #expect(sample.annotations.first?.reference == "s3://b/V001/annotation/0001.xml")
    #expect(sample.annotations.first?.features.contains(.reference) == true)
    #expect(reading.rules == ["modelarts.sidecar.missing"])
    #expect(reading.text(reading.diagnostics[0]) == #""s3://b/V001/annotation/0001.xml""#)
  }

  @Test(arguments: [
    (#"{"source":"a.jpg"}"#, Media.Kind.image), (#"{"source":"a.JPG"}"#, .image), (#"{"source":"a.wav"}"#, .audio),
    (#"{"source":"a.mp4"}"#, .video), (#"{"source":"a.csv"}"#, .table), (#"{"source":"a.bin"}"#, .file),
    (#"{"source":"a"}"#, .file),
    (#"{"source":"content://a.jpg"}"#, .text), (#"{"source":"a.jpg","sample-type":2}"#, .audio),
    (#"{"source":"a","source-type":"CARBONDATA"}"#, .table), (#"{"source":"a","sample-type":9}"#, .file),
    (#"{"source":"a","annotation":[{"name":"x","type":"modelarts/audio_content"}]}"#, .audio),
    (#"{"source":"content://x","sample-type":0}"#, .text),
  ]) func kinds(line: String, kind: Media.Kind) throws {
    let (sample, _) = try sample(line)
    #expect(sample.media.kind == kind)
  }

  @Test(arguments: [
    ("TRAIN", "train"), ("train", "train"), ("Eval", "validation"), ("eval", "validation"), ("TEST", "test"),
    ("INFERENCE", "inference"), ("holdout", "holdout"), ("validation", "validation"),
  ]) func usage(text: String, split: String) throws {
    let line = #"{"usage":"\#(text)","source":"a.jpg"}"#
    let (reading, written) = try roundTrip(line)
    #expect(reading.samples.first?.split == split)
    #expect(written == line)
  }

  @Test func keysOfTexts() throws {
    let scratch = Scratch()
    let reading = try read(
      scratch.put(
        "in.manifest",
        "{\"source\":\"content://a\"}\n{\"source\":\"content://b\",\"id\":\"x\"}\n{\"source\":\"content://c\",\"id\":7}"))
    #expect(reading.samples.map(\.key) == ["1", "x", "7"])
  }

  @Test func offsetsInUTF16() throws {
    let line =
      #"{"annotation":[{"name":"p","property":{"@modelarts:start_index":2,"@modelarts:end_index":3},"type":"modelarts/text_entity"}],"source":"content://😀x","id":"1"}"#
    #expect(try sample(line).1.rules == ["modelarts.span.range"])
    let (sample, reading) = try sample(line, [("offsets", "utf16")])
    #expect(reading.rules.isEmpty)
    #expect(sample.annotations.first?.span == TextSpan(start: 2, end: 3, unit: .utf16))
    #expect(try roundTrip(line, [("offsets", "utf16")]).written == line)
    let scalars = try roundTrip(line, [("offsets", "utf16")], [("offsets", "scalars")]).written
    #expect(scalars.contains(#""@modelarts:start_index":1,"@modelarts:end_index":2"#))
  }

  @Test func demand() throws {
    let scratch = Scratch()
    let path = scratch.put("in.manifest", lines.map(\.line).joined(separator: "\n"))
    let reading = try read(path, demand: Demand(labels: true, splits: true))
    #expect(reading.header.labelsAreComplete)
    #expect(reading.labels.prefix(4) == ["fox", "mammal", "negative", "person"])
  }

  /// A line, the rule it breaks, and the text the diagnostic points at.
  static let problems: [(line: String, rule: String, at: String?)] = [
    (#"{"usage":"train"}"#, "modelarts.line.no-source", #"{"usage":"train"}"#),
    (#"{"source":5}"#, "modelarts.line.no-source", "5"),
    (#"[1]"#, "json.syntax", "["), (#"{"source":"a""#, "json.truncated", nil), (#"{"source":"a"} x"#, "json.syntax", "x"),
    (#"{"source":"a","source":"b"}"#, "json.duplicate-key", nil), (#"{"source":"a","x":1,"x":2}"#, "json.duplicate-key", nil),
    (#"{"source":"a","confidence":NaN}"#, "json.not-a-number", "N"), (#"{"source":"\ud800"}"#, "json.lone-surrogate", nil),
    (#"{"source":"a","annotation":{}}"#, "modelarts.line.annotation", "{"),
    (#"{"source":"a","annotation":[5]}"#, "modelarts.line.annotation", "5"),
    (#"{"source":"a","annotation":[{"name":"x","type":"modelarts/image_classification","name":"y"}]}"#, "json.duplicate-key", nil),
    (
      #"{"source":"a","annotation":[{"name":"x","type":"modelarts/image_classification","property":{"a":1,"a":2}}]}"#,
      "json.duplicate-key", nil
    ),
    (#"{"source":"a","annotation":[{"name":"x"}]}"#, "modelarts.annotation.no-type", #"{"name":"x"}"#),
    (
      #"{"source":"a","annotation":[{"name":"x","type":"modelarts/odd"}]}"#, "modelarts.annotation.unknown-type",
      #""modelarts/odd""#
    ),
    (
      #"{"source":"a","annotation":[{"name":"x","type":"modelarts/image_classification","creation-time":"today"}]}"#,
      "modelarts.annotation.creation-time", #""today""#
    ),
    (
      #"{"source":"a","annotation":[{"type":"modelarts/object_detection"}]}"#, "modelarts.annotation.no-loc",
      #"{"type":"modelarts/object_detection"}"#
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:start_index":1,"@modelarts:end_index":3},"type":"modelarts/text_entity"}]}"#,
      "modelarts.span.range", nil
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:start_index":2,"@modelarts:end_index":1},"type":"modelarts/text_entity"}]}"#,
      "modelarts.span.range", nil
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:start_index":-1,"@modelarts:end_index":1},"type":"modelarts/text_entity"}]}"#,
      "modelarts.span.range", nil
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:start_index":1},"type":"modelarts/text_entity"}]}"#,
      "modelarts.span.range", nil
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:start_index":[1],"@modelarts:end_index":1},"type":"modelarts/text_entity"}]}"#,
      "modelarts.span.range", "["
    ),
    (#"{"source":"content://ab","annotation":[{"name":"x","type":"modelarts/text_entity"}]}"#, "modelarts.span.missing", nil),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:from":"E1","@modelarts:to":"E2"},"type":"modelarts/text_triplet"}]}"#,
      "modelarts.triplet.unknown-entity", nil
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","property":{"@modelarts:from":"E1"},"type":"modelarts/text_triplet"}]}"#,
      "modelarts.triplet.unknown-entity", nil
    ),
    (
      #"{"source":"a.wav","annotation":[{"property":{"@modelarts:start_time":"00:00:02","@modelarts:end_time":"00:00:01"},"type":"modelarts/audio_segmentation"}]}"#,
      "modelarts.time.range", nil
    ),
    (
      #"{"source":"a.wav","annotation":[{"property":{"@modelarts:start_time":"soon","@modelarts:end_time":"00:00:01"},"type":"modelarts/audio_segmentation"}]}"#,
      "modelarts.time.range", nil
    ),
    (
      #"{"source":"a","annotation":[{"type":"modelarts/object_detection","annotation-loc":"../x.xml"}]}"#,
      "modelarts.sidecar.outside", #""../x.xml""#
    ),
    (
      #"{"source":"a","annotation":[{"type":"modelarts/object_detection","annotation-loc":"./x.xml"}]}"#,
      "modelarts.sidecar.missing", #""./x.xml""#
    ),
    (
      #"{"source":"content://ab","annotation":[{"name":"x","id":"E1","property":{"@modelarts:start_index":0,"@modelarts:end_index":1},"type":"modelarts/text_entity"},{"name":"y","id":"E1","property":{"@modelarts:start_index":0,"@modelarts:end_index":1},"type":"modelarts/text_entity"}]}"#,
      "modelarts.annotation.duplicate-id", nil
    ),
  ]

  @Test(arguments: problems.indices) func problem(index: Int) throws {
    let (line, rule, at) = Self.problems[index]
    let good = #"{"source":"good.jpg"}"#
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", good + "\n" + line + "\n" + good + "\n"))
    let diagnostic = try #require(reading.diagnostics.first, "\(line)")
    #expect(reading.diagnostics.count == 1, "\(reading.diagnostics)")
    #expect(diagnostic.rule == rule)
    let range = try #require(diagnostic.range)
    #expect(range.offset > good.utf8.count && range.offset <= good.utf8.count + 1 + line.utf8.count, "\(line)")
    if let at { #expect(reading.text(diagnostic) == at) }
    #expect(reading.samples.filter { $0.key == "good.jpg" }.count == 2)
    let known = ModelArtsFormat.descriptor.rules.first { $0.id == rule }
    if rule.hasPrefix("modelarts.") { #expect(known?.severity == diagnostic.severity) }
  }

  @Test func linesThatAreNone() throws {
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", "\u{FEFF}{\"source\":\"a.jpg\"}\r\n\r\n  \n{\"source\":\"b.jpg\"}\r\n"))
    #expect(reading.samples.map(\.key) == ["a.jpg", "b.jpg"])
    #expect(reading.rules == ["modelarts.file.bom", "modelarts.line.crlf", "modelarts.line.blank", "modelarts.line.blank"])
  }

  @Test func invalidUTF8() throws {
    let scratch = Scratch()
    let bytes = Array("{\"source\":\"a.jpg\"}\n{\"source\":\"b".utf8) + [0xFF] + Array(".jpg\"}\n{\"source\":\"c.jpg\"}".utf8)
    let reading = try read(scratch.put("in.manifest", bytes))
    #expect(reading.samples.map(\.key) == ["a.jpg", "c.jpg"])
    #expect(reading.rules == ["json.invalid-utf8"])
    #expect(reading.diagnostics.first?.range?.offset == 31)
  }

  @Test func emptyFile() throws {
    let (reading, written) = try roundTrip("")
    #expect(reading.samples.isEmpty)
    #expect(written == "")
  }

  @Test func folders() throws {
    let scratch = Scratch()
    scratch.put("d/V001.manifest", lines[0].line)
    #expect(try read(scratch("d")).samples.count == 1)
    scratch.put("d/V002.manifest", lines[0].line)
    #expect(throws: DatasetError.self) { try read(scratch("d")) }
    scratch.put("e/x.txt", "")
    #expect(throws: DatasetError.self) { try read(scratch("e")) }
  }
}
