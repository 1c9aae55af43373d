import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillGroundTruth

/// Metadata with what all tasks have.
private func metadata(_ type: String, _ more: String = "") -> String {
  "{\(more)\"type\":\"groundtruth/\(type)\",\"job-name\":\"j\",\"human-annotated\":\"yes\",\"creation-date\":\"2024-05-06T07:08:09.123456\"}"
}

@Suite struct ReadingTests {
  @Test(arguments: ["3", "\"3\""]) func oneClass(_ value: String) throws {
    let meta = metadata("image-classification", #""class-name":"fox","confidence":0.25,"#)
    let data = try read(lines: #"{"source-ref":"s3://b/a.jpg","kind":\#(value),"kind-metadata":\#(meta)}"#)
    #expect(data.keys == ["s3://b/a.jpg"] && data.labels(0) == ["fox"] && data.rules == [])
    #expect(data.header.labels.labels.map(\.id) == [.integer(3)])
    let annotation = try #require(data.samples.first?.annotations.first)
    #expect(annotation.confidence == 0.25 && annotation.author == "human")
    #expect(annotation.createdAt == Timestamp("2024-05-06T07:08:09.123456"))
    #expect(data.samples[0].media.kind == .image)
  }

  @Test func classesOfOneLine() throws {
    let meta = metadata(
      "image-classification-multilabel", #""class-map":{"8":"tree","0":"car"},"confidence-map":{"0":0.5,"8":0.75},"#)
    let data = try read(lines: #"{"source-ref":"a.jpg","tags":[0,8],"tags-metadata":\#(meta)}"#)
    #expect(data.labels(0) == ["car", "tree"] && data.names == ["tree", "car"])
    #expect(data.samples[0].annotations.map(\.confidence) == [0.5, 0.75])
  }

  @Test func boxesWithSizeAndConfidence() throws {
    let meta = metadata("object-detection", #""objects":[{"confidence":0.5},{}],"class-map":{"0":"car"},"#)
    let value =
      #"{"image_size":[{"width":64,"height":48,"depth":3}],"annotations":[{"class_id":0,"left":1,"top":2.5,"width":3,"height":4},"#
      + #"{"class_id":0,"left":5,"top":6,"width":7,"height":8}]}"#
    let data = try read(lines: #"{"source-ref":"a.jpg","b":\#(value),"b-metadata":\#(meta)}"#)
    let sample = try #require(data.samples.first)
    #expect((sample.media.width, sample.media.height, sample.media.channels) == (64, 48, 3))
    #expect(sample.annotations.map(\.box) == [Box(1, 2.5, 3, 4, form: .extent), Box(5, 6, 7, 8, form: .extent)])
    #expect(sample.annotations.map(\.confidence) == [0.5, nil])
    #expect(data.header.labels.labels.map(\.id) == [.integer(0)])
  }

  @Test func classesWithoutANameAreCalledByTheirNumber() throws {
    let meta = metadata("object-detection", #""objects":[{}],"class-map":{},"#)
    let data = try read(
      lines:
        #"{"source-ref":"a.jpg","b":{"annotations":[{"class_id":4,"left":1,"top":2,"width":3,"height":4}]},"b-metadata":\#(meta)}"#)
    #expect(data.labels(0) == ["4"] && data.rules == ["groundtruth.class.unknown"])
  }

  @Test func entitiesCountCharacters() throws {
    let meta = metadata("text-span", #""entities":[{"confidence":0.5}],"#)
    let value =
      #"{"annotations":{"labels":[{"label":"person","shortDisplayName":"per"}],"#
      + #""entities":[{"label":"person","startOffset":2,"endOffset":5}]}}"#
    let data = try read(lines: #"{"source":"🦊 Ada","n":\#(value),"n-metadata":\#(meta)}"#)
    let annotation = try #require(data.samples.first?.annotations.first)
    #expect(annotation.span == TextSpan(start: 2, end: 5, unit: .scalars) && annotation.confidence == 0.5)
    #expect(data.keys == ["1"] && data.samples[0].media.text == "🦊 Ada" && data.labels(0) == ["person"])
    #expect(data.header.labels.labels.map(\.id) == [nil])
  }

  @Test func theTextMayStandBehindTheLabels() throws {
    let meta = metadata("text-span", #""entities":[],"#)
    let value = #"{"annotations":{"labels":[],"entities":[{"label":"x","startOffset":0,"endOffset":6}]}}"#
    let data = try read(lines: #"{"n":\#(value),"n-metadata":\#(meta),"source":"short"}"#)
    #expect(data.rules == ["groundtruth.span.range"])
  }

  @Test func attributesOfALineAreKeptApart() throws {
    let meta = metadata("object-detection", #""objects":[{}],"class-map":{"0":"car"},"#)
    let box = #"{"annotations":[{"class_id":0,"left":1,"top":2,"width":3,"height":4}]}"#
    let line = #"{"source-ref":"a.jpg","b":\#(box),"b-metadata":\#(meta),"c":\#(box),"c-metadata":\#(meta)}"#
    let data = try read(lines: line)
    #expect(data.samples[0].annotations.map { Marks($0.preserved).text("@attribute") } == [nil, "c"])
    let one = try read(lines: line, options: [("attribute", "c")])
    #expect(one.samples[0].annotations.count == 1)
    #expect(try manifest(data.header, data.samples) == line + "\n")
    #expect(try manifest(one.header, one.samples) == line + "\n")
  }

  @Test func customAttributesAndOtherKeysPassThrough() throws {
    let line = #"{"source-ref":"a.jpg","page":3,"x":{"y":[1]},"x-metadata":{"type":"groundtruth/custom"},"@z":null}"#
    let data = try read(lines: line)
    #expect(data.samples[0].annotations.isEmpty && data.rules == [])
    #expect(try manifest(data.header, data.samples) == line + "\n")
  }

  @Test func unknownTasksAreSaid() throws {
    let data = try read(lines: #"{"source-ref":"a.jpg","x":1,"x-metadata":{"type":"groundtruth/3d-point-cloud"}}"#)
    #expect(data.rules == ["groundtruth.attribute.unknown-type"])
  }

  @Test(
    arguments: [
      ("a.mp4", Media.Kind.video), ("a.MOV", .video), ("texts/a.txt", .text), ("a.jpg", .image), ("a", .image),
    ])
  func theKindFollowsThePlace(_ location: String, _ kind: Media.Kind) throws {
    #expect(try read(lines: #"{"source-ref":"\#(location)"}"#).samples.map(\.media.kind) == [kind])
  }

  @Test(arguments: [
    (#"{"a":1}"#, "groundtruth.line.no-source"),
    (#"{"source-ref":7}"#, "groundtruth.line.no-source"),
    (#"{"source-ref":"a","source-ref":"b"}"#, "json.duplicate-key"),
    (#"{"source-ref":"a"} x"#, "json.syntax"),
    (#"[1]"#, "json.syntax"),
    (#"{"source-ref":"a.jpg","k":{},"k-metadata":{"type":"groundtruth/image-classification"}}"#, "groundtruth.value.kind"),
    (#"{"source-ref":"a.jpg","k":7,"k-metadata":{"type":"groundtruth/object-detection"}}"#, "groundtruth.value.kind"),
    (
      #"{"source-ref":"a.jpg","k":{"annotations":[{"class_id":0,"left":true,"top":1,"width":1,"height":1}]},"#
        + #""k-metadata":{"type":"groundtruth/object-detection","class-map":{"0":"a"}}}"#, "groundtruth.box.number"
    ),
  ])
  func brokenLinesAreLeftOut(_ line: String, _ rule: String) throws {
    let data = try read(lines: line, #"{"source-ref":"good.jpg"}"#)
    #expect(data.rules == [rule] && data.diagnostics.items[0].range != nil)
    #expect(data.keys.last == "good.jpg")
  }

  @Test func hostileLinesCostNoMoreThanTheirLength() throws {
    let keys = (0..<3000).map { "\"k\($0)\":1,\"k\($0)-metadata\":{}" }.joined(separator: ",")
    let data = try read(lines: "{\"source-ref\":\"a\",\(keys)}")
    #expect(data.samples.count == 1)
    let deep = String(repeating: "[", count: 100_000)
    #expect(try read(lines: "{\"source-ref\":\"a\",\"x\":\(deep)").rules == ["json.too-deep"])
  }
}
