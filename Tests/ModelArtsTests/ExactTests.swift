import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillModelArts

/// Lines as people and programs write them, with the exact places of what is wrong.
@Suite struct ExactTests {
  private static func entity(_ id: String, _ start: String, _ end: String) -> String {
    #"{"name":"p","id":"\#(id)","property":{"@modelarts:start_index":\#(start),"@modelarts:end_index":\#(end)},"type":"modelarts/text_entity"}"#
  }

  private static func relation(_ id: String, _ from: String, _ to: String) -> String {
    #"{"name":"r","id":"\#(id)","property":{"@modelarts:from":"\#(from)","@modelarts:to":"\#(to)"},"type":"modelarts/text_triplet"}"#
  }

  private static func text(_ annotations: [String], _ text: String = "Ada met Bo.") -> String {
    #"{"annotation":[\#(annotations.joined(separator: ","))],"source":"content://\#(text)","id":"1"}"#
  }

  private static func paragraph(_ start: String, _ end: String) -> String {
    #"{"annotation":[{"property":{"@modelarts:start_time":\#(start),"@modelarts:end_time":\#(end),"@modelarts:source":"agent"},"type":"modelarts/audio_segmentation"}],"source":"a.wav"}"#
  }

  /// Every spelling that is read without a word, and written back with the same bytes.
  static let lenient: [String] = [
    #"{"hard":"True","usage":"Train","source":"a.jpg","hard-coefficient":"0.5"}"#,
    #"{"hard":1,"usage":null,"source":"a.jpg","hard-coefficient":0.50}"#,
    #"{"hard":true,"source":"a.jpg"}"#, #"{"hard":"FALSE","source":"a.jpg"}"#, #"{"hard":null,"source":"a.jpg"}"#,
    #"{"source":"a.jpg","id":null,"sample-type":"0","property":null}"#, #"{"source":"a.jpg","annotation":null}"#,
    #"{"source":"a.jpg","annotation":[]}"#, #"{"source":"a.jpg","property":{}}"#, #"{"source":"content://","id":""}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"other/image_classification","confidence":0.80}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"image_classification","confidence":"0.8"}]}"#,
    #"{"source":"a.wav","annotation":[{"name":"x","type":"modelarts/sound_classification","annotated_by":"me","creation_time":"2024-05-06 07:08:09"}]}"#,
    #"{"source":"a.jpg","inference_loc":"s3://b/1","annotation":[{"name":"x","type":"modelarts/image_classification","annotation_format":"manifest"}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":"[{\"type\":0,\"property\":{}}]"}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":"{\"a\":1}"}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":"[{}]"}],"usage":"train"}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":[]}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":{"@modelarts:color":"blue","a":1,"@modelarts:difficult":true,"@modelarts:occluded":"1"}}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","property":{"@modelarts:hard":"1/true","@modelarts:hard_coefficient":"0.5","@modelarts:hard_reasons":"3-20"}}]}"#,
    #"{"source":"a.jpg","annotation":[{"name":"","type":"modelarts/image_classification","id":12345678901234567890}],"x":1.0e2,"y":12345678901234567890123}"#,
    #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","@source":"b","@label":"source"}],"@keys":[],"@sidecars":[]}"#,
    text([relation("R1", "R1", "R1")]), text([relation("R1", "E1", "E1"), entity("E1", "0", "3")]),
    text([entity("E1", #""0""#, "1.0")]), text([entity("E1", "0", "0")]), text([entity("E1", "11", "11")]),
    paragraph(#""0:0:1.25""#, #""00:00:03.900""#), paragraph(#""00:00:01""#, #""99:59:59.999""#), paragraph("1.5", "2"),
    paragraph(#""00:00:01.2500000001""#, #""00:00:01,5""#), paragraph(#""1:02""#, #""100:00:00""#), paragraph(#""5""#, #""5""#),
    paragraph(#""00:00:01.000""#, #""4294967295:00:00.000""#), paragraph(#""00:00:01.000""#, #""27777777777777:46:40.000""#),
  ]

  @Test(arguments: lenient) func isKept(line: String) throws {
    for end in ["", "\n"] {
      let (reading, written) = try roundTrip(line + end)
      #expect(reading.diagnostics == [])
      #expect(written == line + end)
    }
  }

  /// A line, the column its problem begins in, from 1, the rule, and how many annotations are left.
  static let placed: [(line: String, column: Int, rule: String, left: Int)] = [
    (paragraph(#""soon""#, #""00:00:00""#), 53, "modelarts.time.range", 0), (paragraph("null", "1"), 53, "modelarts.time.range", 0),
    (paragraph(#""""#, "1"), 53, "modelarts.time.range", 0), (paragraph(#""1:2:3:4""#, "1"), 53, "modelarts.time.range", 0),
    (paragraph(#""00:00:02""#, #""00:00:01""#), 16, "modelarts.time.range", 0),
    (text([entity("E1", "1.5", "2")]), 75, "modelarts.span.range", 0),
    (text([entity("E1", "9223372036854775808", "2")]), 75, "modelarts.span.range", 0),
    (text([entity("E1", "true", "2")]), 75, "modelarts.span.range", 0),
    (text([entity("E1", "-1", "2")]), 16, "modelarts.span.range", 0),
    (text([entity("E1", "0", "12")]), 16, "modelarts.span.range", 0),
    (text([entity("E1", "2", "1")]), 16, "modelarts.span.range", 0),
    (text([relation("R1", "E1", "E1")]), 16, "modelarts.triplet.unknown-entity", 0),
    (
      text([
        #"{"name":"p","id":1,"property":{"@modelarts:start_index":0,"@modelarts:end_index":1},"type":"modelarts/text_entity"}"#,
        relation("R1", "1", "1"),
      ]), 132, "modelarts.triplet.unknown-entity", 1
    ),
    (text([#"{"name":"r","type":"modelarts/text_triplet"}"#]), 16, "modelarts.triplet.missing", 1),
    (text([#"{"name":"p","type":"modelarts/text_entity"}"#]), 16, "modelarts.span.missing", 1),
    (text([entity("E1", "0", "3"), entity("E1", "4", "7")]), 135, "modelarts.annotation.duplicate-id", 2),
    (#"{"source":"a","annotation":"none"}"#, 28, "modelarts.line.annotation", 0),
    (#"{"source":"a","annotation":[null]}"#, 29, "modelarts.line.annotation", 0),
    (
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/image_classification","na\u006de":"x","name":"y"}]}"#, 90,
      "json.duplicate-key", 0
    ),
    (
      #"{"source":"a.jpg","annotation":[{"annotation_loc":"./a.xml","annotation-loc":"./b.xml","type":"modelarts/x"}]}"#, 61,
      "json.duplicate-key", 0
    ),
    (
      #"{"source":"a.wav","annotation":[{"name":"x","type":"audio_classification","annotated_by":"me","annotated-by":"you"}]}"#, 95,
      "json.duplicate-key", 0
    ),
    (
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/object_detection","annotation-loc":"s3://b/汽车/1.xml"}]}"#, 87,
      "modelarts.sidecar.missing", 1
    ),
    (
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/image_segmentation","annotation-loc":"a/../../1.xml"}]}"#, 89,
      "modelarts.sidecar.outside", 0
    ),
    (
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/object_detection","annotation-loc":null}]}"#, 33,
      "modelarts.annotation.no-loc", 1
    ),
    (#"{"source":"a.jpg","annotation":[{"name":"x"}]}"#, 33, "modelarts.annotation.no-type", 1),
    (#"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/video"}]}"#, 52, "modelarts.annotation.unknown-type", 1),
    (
      #"{"source":"a.jpg","annotation":[{"name":"x","type":"modelarts/image_classification","creation-time":"2024-02-30 00:00:00"}]}"#,
      101, "modelarts.annotation.creation-time", 1
    ),
    (#"{"source":{"a":1}}"#, 11, "modelarts.line.no-source", -1), (#"{"id":"1"}"#, 1, "modelarts.line.no-source", -1),
  ]

  @Test(arguments: placed.indices) func isPlaced(index: Int) throws {
    let (line, column, rule, left) = Self.placed[index]
    let before = #"{"source":"content://汽车 🚗"}"# + "\n"
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", before + line + "\n"))
    #expect(reading.rules == [rule], "\(line)")
    let range = try #require(reading.diagnostics.first?.range)
    #expect(range.offset - before.utf8.count + 1 == column, "\(line)")
    #expect(reading.samples.count == (left < 0 ? 1 : 2))
    if left >= 0 { #expect(reading.samples.last?.annotations.count == left, "\(line)") }
  }

  /// A relation to what is left out goes with it, so that what is written is valid.
  @Test(arguments: [
    ([entity("E1", "0", "99"), entity("E2", "0", "3"), relation("R1", "E1", "E2")], ["E2"]),
    ([relation("R1", "E1", "E2"), entity("E1", "0", "99"), entity("E2", "0", "3")], ["E2"]),
    ([relation("R2", "R1", "E2"), relation("R1", "E1", "E2"), entity("E1", "0", "99"), entity("E2", "0", "3")], ["E2"]),
    ([relation("R1", "R2", "R2"), relation("R2", "R3", "R3"), relation("R3", "E9", "E9")], []),
    ([entity("E1", "0", "99"), entity("E1", "0", "3"), relation("R1", "E1", "E1")], ["E1", "R1"]),
    ([relation("R1", "R2", "R2"), relation("R2", "R1", "R1")], ["R1", "R2"]),
  ]) func noDanglingEnds(annotations: [String], left: [String]) throws {
    let scratch = Scratch()
    let reading = try read(scratch.put("in.manifest", Self.text(annotations)))
    #expect(reading.samples.first?.annotations.compactMap { $0.id?.description } == left.map { RecordID.string($0).description })
    try write(reading.samples, reading.header, to: scratch("out.manifest"), isFile: true)
    #expect(try read(scratch("out.manifest")).rules == [])
  }

  /// The range of a word, counted in both units, among letters of one, two, three and four bytes.
  @Test(arguments: [("Ada", 0, 0), ("é Ada", 2, 2), ("汽车 Ada", 3, 3), ("🚗 Ada", 2, 3), ("👩‍👩‍👧 Ada", 6, 9), ("e\u{301}𝒳Ada", 3, 4)])
  func offsetsCountAsAsked(words: String, scalars: Int, utf16: Int) throws {
    for (unit, start) in [("scalars", scalars), ("utf16", utf16)] {
      let line = Self.text([Self.entity("E1", "\(start)", "\(start + 3)")], words)
      let (reading, written) = try roundTrip(line, [("offsets", unit)])
      #expect(reading.diagnostics == [])
      #expect(written == line)
      #expect(reading.samples.first?.annotations.first?.span?.start == start)
      let beyond = Self.text([Self.entity("E1", "\(start)", "\(start + 4)")], words)
      #expect(try roundTrip(beyond, [("offsets", unit)]).reading.rules == ["modelarts.span.range"])
      // In the other unit the same word has the other numbers.
      let other = try roundTrip(line, [("offsets", unit)], [("offsets", unit == "scalars" ? "utf16" : "scalars")]).written
      #expect(other == Self.text([Self.entity("E1", "\(scalars + utf16 - start)", "\(scalars + utf16 - start + 3)")], words))
    }
  }

  /// A first line longer than what detection sees.
  @Test(arguments: [
    #"{"source":"content://LONG","id":"1"}"#,
    #"{"annotation":[{"name":"LONG","type":"modelarts/text_classification"}],"source":"a.jpg"}"#,
    #"{"usage":"train","source":"content://LONG"}"#,
  ]) func longFirstLine(line: String) throws {
    let scratch = Scratch()
    let text = line.replacingOccurrences(of: "LONG", with: String(repeating: "long 汽", count: 5000))
    let path = scratch.put("a.manifest", text)
    #expect(ModelArtsFormat.detect(try DetectionProbe(DatasetInput(path: path))) != nil)
    #expect(try roundTrip(text).written == text)
  }
}
