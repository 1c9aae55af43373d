import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillGroundTruth

/// What a reader reports as wrong is left out of the output, and what a writer writes its own reader takes.
@Suite struct DamageTests {
  /// Reads a line, writes what was read, and reads that.
  private func again(_ line: String) throws -> (first: ReadDataset, text: String, second: ReadDataset) {
    let first = try read(lines: line)
    let text = try manifest(first.header, first.samples)
    return (first, text, try read(lines: String(text.dropLast())))
  }

  private static func line(_ value: String, _ metadata: String, source: String = #""source-ref":"a.jpg""#) -> String {
    // A space that is not written again, so that the whole line would be kept.
    #"{\#(source),"x": \#(value),"x-metadata":{\#(metadata)}}"#
  }

  @Test func aWrongBoxDoesNotComeBackWithItsLine() throws {
    let boxes =
      #"{"annotations":[{"class_id":0,"left":true,"top":2,"width":3,"height":4},{"class_id":0,"left":1,"top":2,"width":3,"height":4}]}"#
    let meta = #""objects":[{"confidence":0.5},{"confidence":0.75}],"class-map":{"0":"car"},"type":"groundtruth/object-detection""#
    let (first, text, second) = try again(DamageTests.line(boxes, meta))
    #expect(first.rules == ["groundtruth.box.number"] && second.rules == [] && !text.contains("true"))
    #expect(second.samples[0].annotations.map(\.box) == [Box(1, 2, 3, 4, form: .extent)])
    #expect(second.samples[0].annotations.map(\.confidence) == [0.75])
  }

  @Test func aWrongEntityDoesNotComeBackWithItsLine() throws {
    let value =
      #"{"annotations":{"labels":[],"entities":[{"label":"a","startOffset":9,"endOffset":3},{"label":"b","startOffset":0,"endOffset":3}]}}"#
    let (first, text, second) = try again(
      DamageTests.line(value, #""entities":[{},{}],"type":"groundtruth/text-span""#, source: #""source":"Ada""#))
    #expect(first.rules == ["groundtruth.span.range"] && second.rules == [] && !text.contains("9"))
    #expect(second.labels(0) == ["b"])
  }

  @Test(arguments: [
    ("{}", "image-classification"), ("[1,{}]", "image-classification"), ("7", "object-detection"),
    (#"{"annotations":{}}"#, "object-detection"),
    ("[[]]", "image-classification-multilabel"), ("3", "semantic-segmentation"), ("null", "video-object-tracking"),
    (#"{"annotations":[]}"#, "text-span"),
  ])
  func aValueThatIsWrongAsAWholeIsLeftOutWithItsMetadata(_ value: String, _ type: String) throws {
    let meta = #""type":"groundtruth/\#(type)","job-name":"j","human-annotated":"yes","more":1"#
    let (first, text, second) = try again(DamageTests.line(value, meta))
    #expect(first.rules == ["groundtruth.value.kind"] && second.rules == [])
    #expect(text == #"{"source-ref":"a.jpg"}"# + "\n")
  }

  @Test func oneOfSeveralValuesIsLeftOut() throws {
    let good = #""k":1,"k-metadata":{"class-name":"fox","type":"groundtruth/image-classification"}"#
    let line = DamageTests.line("7", #""type":"groundtruth/object-detection""#, source: #""source-ref":"a.jpg",\#(good)"#)
    let (first, text, _) = try again(line)
    #expect(first.rules == ["groundtruth.value.kind"] && text == #"{"source-ref":"a.jpg",\#(good)}"# + "\n")
  }

  @Test func aKeptLineWithErrorsIsNotUsed() throws {
    let meta = #""class-map":{"0":"car"},"type":"groundtruth/object-detection""#
    let good = #"{"class_id":0,"left":1,"top":2,"width":3,"height":4}"#
    var data = try read(lines: DamageTests.line(#"{"annotations":[\#(good)]}"#, meta))
    let bad = DamageTests.line(#"{"annotations":[\#(good),{"class_id":0}]}"#, meta)
    var sample = data.samples[0]
    sample.preserved = Preserved()
    sample.preserved.mark("@line", text: bad)
    data.samples = [sample]
    let text = try manifest(data.header, data.samples)
    #expect(text.contains(good) && !text.contains(#"{"class_id":0}"#))
  }

  @Test func wrongFramesAndObjectsDoNotComeBack() throws {
    let folder = try TemporaryFolder()
    let box = #"{"class-id":"0","left":1,"top":2,"width":3,"height":4,"object-name":"car:1"}"#
    let frames = [
      #"{"annotations":[\#(box),{"class-id":"0","left":null}, 7],"frame-no":"0","frame":"a.jpg"}"#,
      #"{"annotations":[\#(box)],"frame-no":"x","frame":"b.jpg"}"#, #"{"annotations":[\#(box)],"frame-no":"2","frame":"c.jpg"}"#,
    ]
    let path = try folder.write("SeqLabel.json", #"{"tracking-annotations":[\#(frames.joined(separator: ","))]}"#)
    let first = try read(path)
    #expect(first.rules == ["groundtruth.object.place", "groundtruth.object.place", "groundtruth.frame.number"])
    #expect(first.keys == ["a.jpg", "c.jpg"])
    try write(first.header, first.samples, to: folder.file("o.json"))
    let second = try read(folder.file("o.json"))
    #expect(second.rules == [] && second.keys == first.keys && second.samples.map(\.annotations.count) == [1, 1])
  }

  /// The labels that are known before the first sample is decoded.
  private func surveyedLabels(_ path: String) throws -> [String] {
    let options = try FormatOptions([], declared: GroundTruthFormat.descriptor.readOptions, format: "groundtruth")
    func labels<R: FormatReader>(_ reader: R) throws -> [String] {
      try reader.survey(Demand(labels: true), ReadContext(sources: SourceMap())).header.labels.labels.map(\.name)
    }
    return try labels(try GroundTruthFormat.makeReader(DatasetInput(path: path), options))
  }

  @Test(arguments: [
    (#"{"annotations":[{"class_id":4,"left":1,"top":2,"width":3,"height":4}]}"#, "object-detection", #""class-map":{"0":"a"}"#),
    (#"{"annotations":[{"class_id":"4","left":1,"top":2,"width":3,"height":4}]}"#, "object-detection", #""class-map":{}"#),
    (
      #"{"annotations":[{"class\u005fid": 4 ,"left":1,"top":2,"width":3,"height":4}]}"#, "object-detection",
      #""class-map":{"0":"a"}"#
    ),
    ("[0,4]", "image-classification-multilabel", #""class-map":{"0":"a"}"#), ("4", "image-classification", #""confidence":1"#),
    ("\"4\"", "image-classification", #""class-name":null"#),
  ])
  func classesNoMapKnowsAreInTheTable(_ value: String, _ type: String, _ map: String) throws {
    let folder = try TemporaryFolder()
    let known =
      #"{"source-ref":"b.jpg","x":[4],"x-metadata":{"class-map":{"4":"b"},"type":"groundtruth/image-classification-multilabel"}}"#
    let path = try folder.write(
      "a.manifest", known + "\n" + DamageTests.line(value, #"\#(map),"type":"groundtruth/\#(type)""#) + "\n")
    let surveyed = try surveyedLabels(path)
    #expect(try surveyed.contains("4") && read(path).names == surveyed)
  }

  @Test func classesOfFramesNoMapKnowsAreInTheTable() throws {
    let folder = try TemporaryFolder()
    let meta = #"{"class-map":{"0":"car"},"type":"groundtruth/video-object-detection"}"#
    _ = try folder.write("in/a.manifest", #"{"source-ref":"l.json","f-ref":"s.json","f-ref-metadata":\#(meta)}"#)
    let box = #"{"class-id":"7","left":1,"top":2,"width":3,"height":4}"#
    _ = try folder.write("in/s.json", #"{"detection-annotations":[{"annotations":[\#(box)],"frame-no":"0","frame":"a.jpg"}]}"#)
    #expect(try surveyedLabels(folder.file("in/a.manifest")) == ["car", "7"])
  }

  @Test func newNamesLeaveOtherKeysAlone() throws {
    let custom = #"{"source-ref":"a.jpg","boxes":7,"class-metadata":{"type":"groundtruth/custom"}}"#
    var data = try read(lines: custom)
    data.header.labels = LabelTable([Label(name: "fox")])
    let label = LabelID(index: 0)
    data.samples[0].annotations = [Annotation(label: label, box: Box(1, 2, 3, 4, form: .extent)), Annotation(label: label)]
    let second = try read(lines: String(try manifest(data.header, data.samples).dropLast()))
    #expect(second.rules == [] && second.samples[0].annotations.count == 2)
    #expect(second.samples[0].preserved == data.samples[0].preserved)
  }
}
