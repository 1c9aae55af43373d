import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillCOCO

@Suite struct COCOWriterTests {
  /// A dataset of another format.
  private func foreign(_ annotations: [Annotation], width: Int? = 100, labels: [Label] = [Label(name: "cat")]) -> ReadDataset {
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg", width: width, height: width.map { $0 / 2 }))
    sample.annotations = annotations
    var dataset = ReadDataset()
    dataset.header = DatasetHeader(labels: LabelTable(labels), labelsAreComplete: true)
    dataset.samples = [sample]
    return dataset
  }

  private func record(_ annotation: Annotation, width: Int? = 100) throws -> String {
    let text = try COCOTest.text(foreign([annotation], width: width), from: "other")
    let lines = text.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.hasSuffix("\"annotations\":[") })
    return String(lines[start + 1])
  }

  @Test func completeRecords() throws {
    let cat = LabelID(index: 0)
    var annotation = Annotation(label: cat, box: Box(1, 2, 4, 8, form: .corners))
    #expect(try record(annotation) == #"{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,6],"area":18,"iscrowd":0}"#)
    annotation.box = Box(0.5, 0.5, 0.5, 0.5, form: .centered, unit: .unit)
    #expect(try record(annotation) == #"{"id":1,"image_id":1,"category_id":1,"bbox":[25,12.5,50,25],"area":1250,"iscrowd":0}"#)
    annotation = Annotation(label: cat, shape: .polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3])))
    #expect(
      try record(annotation)
        == #"{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,4,3],"segmentation":[[0,0,4,0,4,3]],"area":6,"iscrowd":0}"#)
    annotation = Annotation(label: cat, shape: .mask(Mask(width: 3, height: 2, runs: .counts([1, 2, 3]))))
    #expect(
      try record(annotation)
        == #"{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,2,2],"segmentation":{"size":[2,3],"counts":[1,2,3]},"area":2,"iscrowd":0}"#
    )
    annotation = Annotation(label: cat)
    annotation.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: 2), .init(x: 5, y: 4, visibility: 1)])
    #expect(
      try record(annotation)
        == #"{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,4,2],"area":8,"iscrowd":0,"keypoints":[1,2,2,5,4,1],"num_keypoints":2}"#
    )
    #expect(try record(Annotation(label: cat)) == #"{"id":1,"image_id":1,"category_id":1}"#)
    var caption = Annotation()
    caption.text = "é\n"
    #expect(try record(caption) == #"{"id":1,"image_id":1,"caption":"é\n"}"#)
  }

  @Test func sharesNeedASize() throws {
    let dataset = foreign([Annotation(label: LabelID(index: 0), box: Box(0, 0, 1, 1, form: .extent, unit: .unit))], width: nil)
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(dataset, to: scratch, "out.json", from: "other")
    #expect(written.diagnostics.items.map(\.rule) == ["coco.write.no-size"])
    #expect(try COCOTest.read(written.path).annotations.isEmpty)
  }

  @Test func idsAreGivenAboveTheLargest() throws {
    var first = Annotation(label: LabelID(index: 1))
    first.id = .integer(40)
    var dataset = foreign(
      [Annotation(label: LabelID(index: 0)), first, Annotation(label: LabelID(index: 0))],
      labels: [
        Label(name: "a", id: .integer(7)), Label(name: "b"),
      ])
    dataset.samples[0].id = .string("s")
    dataset.samples.append(Sample(key: "b", media: Media(.image)))
    let again = try COCOTest.read(text: COCOTest.text(dataset, from: "other"))
    #expect(again.annotations.map(\.id) == [.integer(41), .integer(40), .integer(42)])
    #expect(again.samples.map(\.id) == [.string("s"), .integer(2)])
    #expect(again.header.labels.labels.map(\.id) == [.integer(7), .integer(8)])
  }

  @Test func collidingImageIDsAreRefused() throws {
    var dataset = foreign([])
    dataset.samples[0].id = .integer(2)
    dataset.samples.append(Sample(key: "b", media: Media(.image)))
    let error = #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset, from: "other") }
    #expect(error?.message.contains("ids=renumber") == true)
    let text = try COCOTest.text(dataset, from: "other", options: [("ids", "renumber")])
    #expect(try COCOTest.read(text: text).samples.map(\.id) == [.integer(1), .integer(2)])
    dataset.header.labels.append(Label(name: "x", id: .integer(1)))
    dataset.header.labels.append(Label(name: "y", id: .integer(1)))
    #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset, from: "other") }
  }

  @Test func renumbering() throws {
    for name in ["canonical", "text-ids"] {
      let dataset = try COCOTest.read(COCOTest.fixtures + "/\(name)/input.json")
      let again = try COCOTest.read(text: COCOTest.text(dataset, options: [("ids", "renumber")]))
      #expect(again.diagnostics.isEmpty, "\(again.diagnostics.items)")
      #expect(again.samples.map(\.id) == [.integer(1), .integer(2)])
      #expect(again.header.labels.labels.first?.id == .integer(1))
      #expect(again.samples.map(\.annotations.count) == dataset.samples.map(\.annotations.count))
      #expect(Set(again.annotations.map(\.id)) == Set((1...dataset.annotations.count).map { .integer(Int64($0)) }))
      #expect(again.annotations.map(\.ordinal) == dataset.annotations.map(\.ordinal))
      #expect(again.annotations.map(\.box) == dataset.annotations.map(\.box))
    }
  }

  @Test(arguments: ["string", "list"]) func runSpelling(_ spelling: String) throws {
    for segmentation in [#"{"size":[8,10],"counts":[16,8,56]}"#, #"{"size":[8,10],"counts":"`08h1"}"#] {
      let dataset = try COCOTest.read(text: COCOTest.document(#"{"id":1,"image_id":1,"segmentation":\#(segmentation)}"#))
      #expect(dataset.diagnostics.isEmpty, "\(dataset.diagnostics.items)")
      let again = try COCOTest.read(text: COCOTest.text(dataset, options: [("rle", spelling)]))
      guard case .mask(let mask) = again.annotations.first?.shape else {
        Issue.record("no mask")
        return
      }
      switch mask.runs {
      case .counts(let runs):
        #expect(spelling == "list")
        #expect(runs == [16, 8, 56])
      case .compressed(let text):
        #expect(spelling == "string")
        #expect(text == "`08h1")
      }
    }
  }

  @Test func folderWithSplits() throws {
    let scratch = try ScratchFolder()
    let dataset = try COCOTest.read(COCOTest.fixtures + "/roboflow/input")
    let written = try COCOTest.write(dataset, to: scratch, "out")
    let files = COCOTest.files(below: written.path).map { String($0.dropFirst(written.path.count + 1)) }
    #expect(files == ["test", "train", "validation"].map { "annotations/instances_\($0).json" })
    let again = try COCOTest.read(written.path)
    #expect(again.diagnostics.isEmpty)
    #expect(again.samples == dataset.samples)
    #expect(again.header.labels.labels == dataset.header.labels.labels)
    let train = try String(contentsOfFile: written.path + "/annotations/instances_train.json", encoding: .utf8)
    #expect(train.hasPrefix(#"{"info":{"year":"train"},"categories":["#))
  }

  @Test func folderWithoutSplits() throws {
    let scratch = try ScratchFolder()
    let dataset = try COCOTest.read(COCOTest.fixtures + "/canonical/input.json")
    let written = try COCOTest.write(dataset, to: scratch, "out")
    let again = try COCOTest.read(written.path)
    #expect(again.samples == dataset.samples)
    #expect(again.header.preserved == dataset.header.preserved)
  }

  @Test func severalFilesIntoOne() throws {
    let dataset = try COCOTest.read(COCOTest.fixtures + "/roboflow/input")
    #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset) }
    let text = try COCOTest.text(dataset, options: [("ids", "renumber")])
    let again = try COCOTest.read(text: text)
    #expect(again.samples.count == 3)
    // What the other files said stays.
    #expect(text.contains(#"{"year":"valid"}"#))
    #expect(try COCOTest.text(again) == text)
  }

  @Test func largestIDs() throws {
    let head = #"{"id":9223372036854775807,"image_id":2,"category_id":9223372036854775807}"#
    let source = COCOTest.document(
      #"\#(head),{"id":1,"image_id":1,"category_id":9223372036854775807}"#,
      images: #"{"id":1},{"id":2}"#, categories: #"{"id":9223372036854775807,"name":"x"}"#)
    var dataset = try COCOTest.read(text: source)
    #expect(try COCOTest.json(COCOTest.text(dataset)) == COCOTest.json(source))
    dataset.samples[0].annotations[0].id = nil
    #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset.asForeign, from: "other") }
    dataset.header.labels.append(Label(name: "y"))
    #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset) }
  }

  @Test func emptyDataset() throws {
    var dataset = foreign([])
    dataset.samples = []
    #expect(
      try COCOTest.text(dataset, from: "other")
        == "{\"categories\":[\n{\"id\":1,\"name\":\"cat\"}\n],\"images\":[],\"annotations\":[]}\n")
  }
}

extension ReadDataset {
  /// The dataset as if it had not been COCO.
  fileprivate var asForeign: ReadDataset {
    var copy = self
    copy.header.preserved = Preserved()
    return copy
  }
}
