import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

@Suite struct COCOReaderTests {
  private func one(_ members: String, categories: String = #"{"id":3,"name":"cat"}"#) throws -> Annotation {
    let dataset = try COCOTest.read(
      text: COCOTest.document(#"{"id":4711,"image_id":1,\#(members)}"#, categories: categories))
    return try #require(dataset.annotations.first, "\(dataset.diagnostics.items)")
  }

  private func kept(_ annotation: Annotation) -> String { String(decoding: annotation.preserved["coco"], as: UTF8.self) }

  @Test func box() throws {
    let annotation = try one(#""category_id":3,"bbox":[473.07, 395.93,38.65,28.67 ],"area":1,"iscrowd":0"#)
    #expect(annotation.box == Box(473.07, 395.93, 38.65, 28.67, form: .extent))
    #expect(annotation.label == LabelID(index: 0))
    #expect(annotation.area == 1)
    #expect(annotation.flags.crowd == false)
    #expect(annotation.id == .integer(4711))
    #expect(!annotation.hasRareAnswers)
  }

  static let raws: [(members: String, kept: String)] = [
    (#""segmentation":[]"#, #""segmentation":[]"#),
    (#""segmentation": [ [ ] ]"#, #""segmentation":[[]]"#),
    (#""segmentation":null"#, #""segmentation":null"#),
    (#""iscrowd":true"#, #""iscrowd":true"#),
    (#""iscrowd":2"#, #""iscrowd":2"#),
    (#""iscrowd":0.0"#, #""iscrowd":0.0"#),
    (#""area":null"#, #""area":null"#),
    (#""area":12345678901234567890"#, #""area":12345678901234567890"#),
    (#""score":"high""#, #""score":"high""#),
    (#""attributes":{}"#, #""attributes":{}"#),
    (#""attributes":[1]"#, #""attributes":[1]"#),
    (#""caption":null"#, #""caption":null"#),
    (#""num_keypoints": 4"#, #""num_keypoints":4"#),
    (#""keypoints":[]"#, #""keypoints":[]"#),
    (#""bbox":null"#, #""bbox":null"#),
    (#""category_id":null"#, #""category_id":null"#),
    (#""category_id":1.5"#, #""category_id":1.5"#),
    (#""category_id":99,"caption":"x""#, #""category_id":99"#),
    (#""weather" : {"sky": "grey"}"#, #""weather":{"sky":"grey"}"#),
    (#""segmentation":{"size":[1,2],"counts":[2],"x":1}"#, #""segmentation":{"size":[1,2],"counts":[2],"x":1}"#),
    (#""segmentation":[{"size":[1,2],"counts":[2]}]"#, #""segmentation":[{"size":[1,2],"counts":[2]}]"#),
  ]

  @Test(arguments: raws) func unusualValuesAreKept(_ raw: (members: String, kept: String)) throws {
    #expect(try kept(one(raw.members)) == raw.kept)
  }

  @Test func shapes() throws {
    let polygon = try one(#""segmentation":[[1,2,3,4,5,6.5],[7,8,9,10,11,12,13,14]]"#)
    #expect(polygon.shape == .polygon(Polygon(coordinates: [1, 2, 3, 4, 5, 6.5, 7, 8, 9, 10, 11, 12, 13, 14], ringEnds: [6])))
    let list = try one(#""segmentation":{"counts":[1,2,3],"size":[2,3]}"#)
    #expect(list.shape == .mask(Mask(width: 3, height: 2, runs: .counts([1, 2, 3]))))
    let text = try one(#""segmentation":{"counts":"123","size":[2,3]}"#)
    #expect(text.shape == .mask(Mask(width: 3, height: 2, runs: .compressed("123"))))
  }

  @Test func keypointsCaptionScoreAndAttributes() throws {
    let annotation = try one(
      #""category_id":3,"keypoints":[1,2,2,0.5,0,0],"caption":"a \"b\"","score":0.25,"attributes":{"z":1,"a":[true,null]}"#)
    #expect(annotation.keypoints?.points == [.init(x: 1, y: 2, visibility: 2), .init(x: 0.5, y: 0, visibility: 0)])
    #expect(annotation.text == #"a "b""#)
    #expect(annotation.confidence == 0.25)
    #expect(annotation.attributes == ["z": .integer(1), "a": .list([.boolean(true), .null])])
  }

  @Test func images() throws {
    let dataset = try COCOTest.read(
      text:
        #"{"images":[{"id":"a","width":5.0,"height":null,"license":3},{"id":-7,"file_name":"d/x.jpg"},{"id":2,"file_name":""}]}"#)
    #expect(dataset.samples.map(\.key) == ["a", "d/x.jpg", "2"])
    #expect(dataset.samples.map(\.id) == [.string("a"), .integer(-7), .integer(2)])
    #expect(dataset.samples[0].media.width == 5)
    #expect(dataset.samples[0].media.height == nil)
    #expect(dataset.samples[0].preserved["coco"] == Array(#""height":null,"license":3"#.utf8))
    #expect(dataset.samples[2].preserved["coco"] == Array(#""file_name":"""#.utf8))
    #expect(dataset.samples[1].source?.offset == 60)
  }

  @Test func categories() throws {
    let dataset = try COCOTest.read(
      text: #"{"categories":[{"supercategory":"p","id":90,"name":"person","keypoints":["nose"],"skeleton":[[1,1]],"color":[1]},"#
        + #"{"id":"x","name":"person","keypoints":7}],"images":[]}"#)
    let labels = dataset.header.labels.labels
    #expect(labels.map(\.name) == ["person", "person"])
    #expect(labels.map(\.id) == [.integer(90), .string("x")])
    #expect(labels[0].parent == "p")
    #expect(labels[0].keypointNames == ["nose"])
    #expect(labels[0].skeleton == [[1, 1]])
    #expect(labels[0].preserved["coco"] == Array(#""color":[1]"#.utf8))
    #expect(labels[1].preserved["coco"] == Array(#""keypoints":7"#.utf8))
    #expect(dataset.header.labelsAreComplete)
  }

  @Test func textIDsJoin() throws {
    let dataset = try COCOTest.read(COCOTest.fixtures + "/text-ids/input.json")
    #expect(dataset.samples.map(\.annotations.count) == [1, 1])
    #expect(kept(dataset.annotations[0]) == #""image_id":2299"#)
    #expect(kept(dataset.annotations[1]) == #""category_id":"3""#)
    #expect(dataset.rules == ["coco.annotation.image-id-kind", "coco.annotation.category-id-kind"])
  }

  @Test func roboflowFolder() throws {
    let dataset = try COCOTest.read(COCOTest.fixtures + "/roboflow/input")
    #expect(dataset.samples.map(\.split) == ["test", "train", "validation"])
    #expect(dataset.splits == ["test", "train", "validation"])
    #expect(dataset.header.labels.count == 2)
    #expect(dataset.diagnostics.isEmpty)
    #expect(dataset.mediaFolders.contains { $0.hasSuffix("roboflow/input/train") })
  }

  static let names: [(path: String, family: String?, split: String?)] = [
    ("annotations/instances_train2017.json", "instances", "train"),
    ("annotations/person_keypoints_val2014.json", "keypoints", "validation"),
    ("annotations/image_info_test-dev2017.json", "image_info", "test-dev2017"), ("valid/_annotations.coco.json", nil, "validation"),
    ("train.json", nil, "train"), ("annotations/instances_all.json", "instances", nil), ("a/dataset.json", nil, nil),
    ("captions_val.json", "captions", "validation"), ("annotations/instances_night.json", "instances", "night"),
  ]

  @Test(arguments: names) func fileNames(_ name: (path: String, family: String?, split: String?)) {
    let file = COCOFolder.describe(name.path)
    #expect(file.family == name.family)
    #expect(file.split == name.split)
  }

  @Test func severalKindsNeedAChoice() throws {
    let scratch = try ScratchFolder()
    _ = try scratch.write(COCOTest.document(""), "annotations/instances_train.json")
    _ = try scratch.write(#"{"images":[{"id":1}],"annotations":[{"image_id":1,"caption":"x"}]}"#, "annotations/captions_train.json")
    let refused = try #require(try COCOTest.read(scratch.path).error)
    #expect(refused.code == .ambiguous)
    #expect(refused.message.contains("captions, instances"))
    #expect(try COCOTest.read(scratch.path, task: "captions").annotations.map(\.text) == ["x"])
    #expect(try COCOTest.read(scratch.path, task: "keypoints").error?.code == .invalidInput)
  }

  @Test func categoriesOfFilesMustAgree() throws {
    let scratch = try ScratchFolder()
    _ = try scratch.write(COCOTest.document("", categories: #"{"id":3,"name":"cat"}"#), "instances_train.json")
    _ = try scratch.write(COCOTest.document("", categories: #"{"id":3,"name":"dog"},{"id":4,"name":"cat"}"#), "instances_val.json")
    let dataset = try COCOTest.read(scratch.path)
    #expect(dataset.rules == ["coco.category.conflict"])
    #expect(dataset.diagnostics.items[0].related.count == 1)
    #expect(dataset.header.labels.labels.map(\.id) == [.integer(3), .integer(4)])
  }

  static let detections: [(head: String, confidence: Detection.Confidence?)] = [
    (#"{"images":[],"annotations":[]}"#, .certain), (#"{"annotations":[{"image_id":1,"id":2"#, .likely),
    (#"{"categories":[{"id":1,"name":"x"}"#, .likely), (#"{"info":{},"licenses":[{"url":"","id":1"#, .likely),
    ("\u{FEFF}{ \"images\" : [ { \"id\" : 1 , \"width\": 3", .likely), (#"[{"image_id":1,"score":2}]"#, .likely),
    (#"{"info":{"a":"#, .possible),
    (#"{"waybill":1}"#, nil), (#"{"key":"a","annotations":[]}"#, nil), (#"{"shapes":[],"images":[],"annotations":[]}"#, nil),
    ("<xml/>", nil),
    ("", nil), (#"{"source":"s3://x"}"#, nil), ("[]", nil),
  ]

  @Test(arguments: detections) func detection(_ item: (head: String, confidence: Detection.Confidence?)) {
    #expect(COCOHead(Array(item.head.utf8))?.detection?.confidence == item.confidence)
  }

  @Test func detectsFolders() throws {
    let probe = try DetectionProbe(DatasetInput(path: COCOTest.fixtures + "/roboflow/input"))
    #expect(COCOFormat.detect(probe)?.confidence == .certain)
  }
}
