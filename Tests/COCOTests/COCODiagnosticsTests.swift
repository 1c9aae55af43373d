import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillCOCO

/// A text, the rule it breaks, and the part of it that the diagnostic points at.
struct BrokenCase: Sendable, CustomTestStringConvertible {
  var rule: String
  var text: String
  var place: String
  var kept = 0
  var testDescription: String { rule }

  /// A broken annotation.
  static func annotation(_ rule: String, _ annotation: String, _ place: String, kept: Int = 0) -> BrokenCase {
    BrokenCase(rule: rule, text: COCOTest.document(annotation), place: place, kept: kept)
  }
}

@Suite struct COCODiagnosticsTests {
  static let head = #""id":4711,"image_id":1,"category_id":3"#
  static let cases: [BrokenCase] = [
    .annotation("coco.annotation.box-count", #"{\#(head),"bbox":[1,2,3]}"#, "[1,2,3]"),
    .annotation("coco.annotation.box-count", #"{\#(head),"bbox":[]}"#, "[]"),
    .annotation("coco.annotation.box-count", #"{\#(head),"bbox":"1 2 3 4"}"#, #""1 2 3 4""#),
    .annotation("coco.annotation.box-negative", #"{\#(head),"bbox":[1,2,3,-4]}"#, "[1,2,3,-4]"),
    .annotation("coco.annotation.polygon-odd", #"{\#(head),"segmentation":[[1,2,3,4,5,6],[1,2,3]]}"#, "[1,2,3]"),
    .annotation("coco.annotation.polygon-short", #"{\#(head),"segmentation":[[1,2,3,4]]}"#, "[[1,2,3,4]]", kept: 1),
    .annotation("coco.annotation.segmentation-kind", #"{\#(head),"segmentation":[1,2,3,4]}"#, "[1,2,3,4]", kept: 1),
    .annotation("coco.annotation.segmentation-kind", #"{\#(head),"segmentation":"no"}"#, #""no""#, kept: 1),
    .annotation("coco.annotation.rle-size", #"{\#(head),"segmentation":{"counts":[1]}}"#, #"{"counts":[1]}"#),
    .annotation("coco.annotation.rle-counts", #"{\#(head),"segmentation":{"size":[1,1]}}"#, #"{"size":[1,1]}"#),
    .annotation(
      "coco.annotation.rle-counts", #"{\#(head),"segmentation":{"size":[1,1],"counts":[-1]}}"#, #"{"size":[1,1],"counts":[-1]}"#),
    .annotation(
      "coco.annotation.rle-counts", #"{\#(head),"segmentation":{"size":[1,1],"counts":"~"}}"#, #"{"size":[1,1],"counts":"~"}"#),
    .annotation(
      "coco.annotation.rle-total", #"{\#(head),"segmentation":{"size":[2,2],"counts":[3]}}"#, #"{"size":[2,2],"counts":[3]}"#),
    .annotation(
      "coco.annotation.rle-total", #"{\#(head),"segmentation":{"size":[4294967296,4294967296],"counts":[3]}}"#,
      #"{"size":[4294967296,4294967296],"counts":[3]}"#),
    .annotation("coco.annotation.keypoint-count", #"{\#(head),"keypoints":[1,2,2,4]}"#, "[1,2,2,4]"),
    .annotation("coco.annotation.unknown-image", #"{"id":4711,"image_id":22,"category_id":3}"#, "22"),
    .annotation("coco.annotation.no-image", #"{"id":4711,"category_id":3}"#, #"{"id":4711,"category_id":3}"#),
    .annotation("coco.annotation.image-id-kind", #"{"id":4711,"image_id":"1","category_id":3}"#, #""1""#, kept: 1),
    .annotation("coco.annotation.unknown-category", #"{"id":4711,"image_id":1,"category_id":44,"bbox":[1,2,3,4]}"#, "44"),
    .annotation("coco.annotation.category-id-kind", #"{"id":4711,"image_id":1,"category_id":"3"}"#, #""3""#, kept: 1),
    .annotation("json.not-a-number", #"{\#(head),"bbox":[1,2,NaN,4]}"#, "N"),
    .annotation("json.not-a-number", #"{\#(head),"area":Infinity}"#, "I"),
    .annotation("json.number", #"{\#(head),"bbox":[1,2,03,4]}"#, "0"),
    .annotation("json.number", #"{\#(head),"segmentation":[[1,2,3,4,5.,6]]}"#, "5"),
    .annotation("json.syntax", #"{\#(head),"segmentation":[[1,2,3,4,,6]]}"#, ",", kept: 0),
    .annotation("json.duplicate-key", #"{\#(head),"area":1,"area":2}"#, "\""),
    .annotation("json.duplicate-key", #"{\#(head),"other":1,"other":2}"#, "\""),
    .annotation("json.lone-surrogate", #"{\#(head),"caption":"\ud800"}"#, #"\"#),
    .annotation("json.syntax", "7", "7"),
    .annotation(
      "coco.annotation.duplicate-id", #"{"id":5,"image_id":1,"category_id":3},{"id":5,"image_id":1,"category_id":3}"#, "5", kept: 2),
    .annotation(
      "coco.annotation.duplicate-id", #"{"id":"5","image_id":1,"category_id":3},{"id":"5","image_id":1,"category_id":3}"#, #""5""#,
      kept: 2),
    BrokenCase(
      rule: "coco.annotation.keypoint-names",
      text: COCOTest.document(#"{\#(head),"keypoints":[1,2,2]}"#, categories: #"{"id":3,"name":"p","keypoints":["a","b"]}"#),
      place: #"{\#(head),"keypoints":[1,2,2]}"#, kept: 1),
    BrokenCase(rule: "coco.image.size", text: COCOTest.document("", images: #"{"id":1,"width":-6,"height":8}"#), place: "-6"),
    BrokenCase(rule: "coco.image.id", text: COCOTest.document("", images: #"{"file_name":"b"}"#), place: #"{"file_name":"b"}"#),
    BrokenCase(rule: "coco.image.duplicate-id", text: COCOTest.document("", images: #"{"id":12},{"id":12}"#), place: "12"),
    BrokenCase(rule: "coco.image.duplicate-id", text: COCOTest.document("", images: #"{"id":"q"},{"id":"q"}"#), place: #""q""#),
    BrokenCase(
      rule: "coco.category.duplicate-id", text: COCOTest.document("", categories: #"{"id":3,"name":"a"},{"id":3,"name":"b"}"#),
      place: #"{"id":3,"name":"b"}"#),
    BrokenCase(rule: "coco.category.id", text: COCOTest.document("", categories: #"{"name":"a"}"#), place: #"{"name":"a"}"#),
    BrokenCase(rule: "coco.category.name", text: COCOTest.document("", categories: #"{"id":6}"#), place: #"{"id":6}"#),
    BrokenCase(rule: "coco.file.bom", text: "\u{FEFF}" + COCOTest.document(""), place: "\u{FEFF}"),
  ]

  @Test(arguments: cases) func located(_ broken: BrokenCase) throws {
    let dataset = try COCOTest.read(text: broken.text)
    #expect(dataset.error == nil)
    let found = try #require(dataset.diagnostics.items.first { $0.rule == broken.rule }, "\(dataset.diagnostics.items)")
    let range = try #require(found.range)
    let bytes = Array(broken.text.utf8)
    #expect(String(decoding: bytes[range.offset..<(range.offset + range.length)], as: UTF8.self) == broken.place)
    #expect(dataset.annotations.count == broken.kept)
    #expect(COCOFormat.descriptor.rules.contains { $0.id == broken.rule && $0.severity == found.severity })
    if broken.rule.contains("duplicate-id") { #expect(found.related.count == 1) }
  }

  static let stops: [(rule: String, text: String, offset: Int)] = [
    ("coco.unsupported.video", #"{"images":[],"videos":[]}"#, 13),
    ("coco.panoptic.no-folder", #"{"annotations":[{"image_id":1,"segments_info":[]}]}"#, 16),
    ("json.syntax", "7", 0),
    ("coco.file.structure", #"{"images":{}}"#, 10),
    ("coco.file.structure", #"{"images":[],"categories":7}"#, 26),
    ("coco.file.structure", #"{"track":[]}"#, 0),
    ("json.duplicate-key", #"{"images":[],"images":[]}"#, 13),
    ("json.truncated", #"{"images":[{"id":1}"#, 19),
    ("json.syntax", #"{"images":[]} x"#, 14),
    ("json.syntax", #"{"images":[] "annotations":[]}"#, 13),
    ("json.truncated", "", 0),
  ]

  @Test(arguments: stops) func stopsTheSurvey(_ stop: (rule: String, text: String, offset: Int)) throws {
    let dataset = try COCOTest.read(text: stop.text)
    let error = try #require(dataset.error)
    #expect(error.code == .invalidInput)
    #expect(error.message.contains(stop.rule))
    #expect(error.range?.offset == stop.offset)
    #expect(dataset.rules.contains(stop.rule))
  }

  @Test func invalidUTF8() throws {
    let scratch = try ScratchFolder()
    var data = Data(COCOTest.document(#"{"id":1,"image_id":1,"caption":"x"}"#).utf8)
    let place = try #require(data.firstIndex(of: UInt8(ascii: "x")))
    data[place] = 0xFF
    let dataset = try COCOTest.read(scratch.write(data))
    #expect(dataset.error?.range?.offset == place)
    #expect(dataset.rules == ["json.invalid-utf8"])
  }

  @Test func badRecordsLeaveTheOthers() throws {
    let good = #"{"id":1,"image_id":1,"category_id":3,"bbox":[1,2,3,4]}"#
    let dataset = try COCOTest.read(
      text: COCOTest.document(#"\#(good),{"id":2,"image_id":1,"bbox":[1]},{"image_id":tru},\#(good)"#))
    #expect(dataset.annotations.count == 2)
    #expect(dataset.diagnostics.count(atLeast: .error) == 2)
  }

  @Test func invalidFixturesAreRefused() throws {
    for path in COCOTest.files(below: COCOTest.fixtures) where path.contains("/invalid-") {
      let dataset = try COCOTest.read(path)
      #expect(dataset.diagnostics.hasErrors, "\(path)")
      #expect(dataset.diagnostics.items.allSatisfy { $0.range != nil }, "\(path)")
    }
  }
}
