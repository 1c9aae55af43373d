import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

@Suite struct COCOResultsTests {
  static let truth = """
    {"info":{"year":2014},"images":[{"id":7,"file_name":"g.jpg","width":10,"height":8},{"id":42,"file_name":"a.jpg"},
    {"id":1,"file_name":"none.jpg"}],"annotations":[{"id":9,"image_id":7,"category_id":3,"bbox":[0,0,1,1]}],
    "categories":[{"id":3,"name":"cat","supercategory":"animal"},{"id":8,"name":"dog"}]}
    """
  static let results = """
    [{"image_id":42,"category_id":3,"bbox":[1,2,3,4],"score":0.5},{"image_id":7,"category_id":8,"bbox":[2,2,3,4],"score":0.25},
    {"image_id":42,"category_id":8,"segmentation":{"size":[8,10],"counts":[16,8,56]},"score":1}]
    """

  private func joined(_ results: String, _ truth: String = truth) throws -> ReadDataset {
    let folder = try ScratchFolder()
    _ = try folder.write(truth, "truth.json")
    return try COCOTest.read(folder.write(results, "results.json"), [("images", "truth.json")])
  }

  @Test func recordsOfAnImageComeTogether() throws {
    let dataset = try COCOTest.read(text: Self.results)
    #expect(dataset.diagnostics.isEmpty)
    #expect(dataset.samples.map(\.key) == ["42", "7"])
    #expect(dataset.samples.map(\.id) == [.integer(42), .integer(7)])
    #expect(dataset.samples.map(\.annotations.count) == [2, 1])
    #expect(dataset.annotations.map(\.ordinal) == [0, 2, 1])
    #expect(dataset.annotations.map(\.confidence) == [0.5, 1, 0.25])
    #expect(dataset.samples.allSatisfy { $0.media.location == nil && $0.media.width == nil && $0.source != nil })
    #expect(dataset.header.labels.labels == [Label(name: "3", id: .integer(3)), Label(name: "8", id: .integer(8))])
    #expect(dataset.header.labelsAreComplete)
  }

  /// Lists, the keys they give, the labels, and the rules they break.
  static let lists: [(text: String, keys: [String], labels: [String], rules: [String])] = [
    ("[]", [], [], []),
    (" [ ] ", [], [], []),
    (#"[{"image_id":1,"caption":"x"}]"#, ["1"], [], []),
    (#"[{"image_id":"1","category_id":"a"},{"image_id":2,"category_id":-5}]"#, ["1", "2"], ["a", "-5"], []),
    // The first id of an image counts, in whatever kind.
    (
      #"[{"image_id":"1"},{"image_id":1},{"image_id":2},{"image_id":"2"},{"image_id":"x"},{"image_id":"1"}]"#, ["1", "2", "x"], [],
      ["coco.annotation.image-id-kind", "coco.annotation.image-id-kind"]
    ),
    (
      #"[{"image_id":1,"category_id":1},{"image_id":1,"category_id":"1"}]"#, ["1"], ["1"], ["coco.annotation.category-id-kind"]
    ),
    (#"[{"image_id":5},{"image_id":6},{"image_id":5},{"image_id":6},{"image_id":4}]"#, ["5", "6", "4"], [], []),
    (
      #"[{"category_id":1},{"image_id":1.5},{"image_id":3}]"#, ["3"], ["1"],
      ["coco.annotation.no-image", "coco.annotation.no-image"]
    ),
    (#"[7,{"image_id":3,"bbox":[1]}]"#, ["3"], [], ["json.syntax", "coco.annotation.box-count"]),
    (#"[{"id":1,"image_id":3},{"id":1,"image_id":3}]"#, ["3"], [], ["coco.annotation.duplicate-id"]),
    (
      #"[{"image_id":9223372036854775807},{"image_id":-9223372036854775808}]"#, ["9223372036854775807", "-9223372036854775808"], [],
      []
    ),
  ]

  @Test(arguments: lists) func list(_ list: (text: String, keys: [String], labels: [String], rules: [String])) throws {
    let dataset = try COCOTest.read(text: list.text)
    #expect(dataset.error == nil)
    #expect(dataset.samples.map(\.key) == list.keys)
    #expect(dataset.header.labels.labels.map(\.name) == list.labels)
    #expect(dataset.rules == list.rules, "\(dataset.diagnostics.items)")
    #expect(dataset.diagnostics.items.allSatisfy { $0.range != nil })
    if !dataset.diagnostics.hasErrors { #expect(try COCOTest.json(COCOTest.text(dataset)) == COCOTest.json(list.text)) }
  }

  @Test(arguments: [
    (#"[{"image_id":1}"#, 15), (#"[{"image_id":1}] x"#, 17), (#"[{"image_id":1},]"#, 16), ("[", 1), (#"[{"image_id":1}}"#, 15),
  ]) func brokenLists(_ broken: (text: String, offset: Int)) throws {
    let dataset = try COCOTest.read(text: broken.text)
    #expect(dataset.error?.code == .invalidInput)
    #expect(dataset.error?.range?.offset == broken.offset)
  }

  @Test func joinedToImages() throws {
    let dataset = try joined(Self.results)
    #expect(dataset.diagnostics.isEmpty, "\(dataset.diagnostics.items)")
    #expect(dataset.samples.map(\.key) == ["g.jpg", "a.jpg", "none.jpg"])
    #expect(dataset.samples.map(\.annotations.count) == [1, 2, 0])
    #expect(dataset.samples[0].media.width == 10)
    #expect(dataset.header.labels.labels.map(\.name) == ["cat", "dog"])
    #expect(dataset.header.labels.labels[0].parent == "animal")
    let text = try COCOTest.text(dataset)
    #expect(text.hasPrefix(#"{"info":{"year":2014},"categories":["#))
    let again = try COCOTest.read(text: text)
    #expect(again.samples.map(\.key) == dataset.samples.map(\.key))
    // Records that were results are completed, in their own order.
    #expect(again.annotations.map(\.id) == [.integer(2), .integer(1), .integer(3)])
    #expect(again.annotations.map(\.area) == [12, 12, 8])
    #expect(again.annotations.map(\.confidence) == [0.25, 0.5, 1])
    #expect(try COCOTest.json(COCOTest.text(dataset, options: [("kind", "results")])) == COCOTest.json(Self.results))
  }

  @Test func whatTheImagesDoNotName() throws {
    let dataset = try joined(#"[{"image_id":5,"category_id":3},{"image_id":7,"category_id":4},{"image_id":"42","category_id":3}]"#)
    #expect(
      dataset.rules == ["coco.annotation.unknown-image", "coco.annotation.image-id-kind", "coco.annotation.unknown-category"])
    #expect(dataset.diagnostics.items.allSatisfy { $0.range?.file == FileIDOf.results })
    #expect(dataset.annotations.count == 1)
    let twice = try joined(
      Self.results, #"{"images":[{"id":7},{"id":42},{"id":7}],"categories":[{"id":3,"name":"a"},{"id":8,"name":"b"}]}"#)
    #expect(twice.rules == ["coco.image.duplicate-id"])
    #expect(twice.diagnostics.items.first?.range?.file == FileIDOf.truth)
  }

  /// The files in the order in which they are read.
  enum FileIDOf {
    static let results = FileID(index: 0)
    static let truth = FileID(index: 1)
  }

  @Test func imagesThatCannotBe() throws {
    let folder = try ScratchFolder()
    _ = try folder.write(Self.truth, "truth.json")
    _ = try folder.write(Self.results, "results.json")
    _ = try folder.write(#"{"categories":[]}"#, "empty.json")
    let results = folder.path + "/results.json"
    #expect(try COCOTest.read(results, [("images", "no.json")]).error?.code == .io)
    #expect(try COCOTest.read(results, [("images", "empty.json")]).error?.code == .usage)
    #expect(try COCOTest.read(results, [("images", "results.json")]).error?.code == .usage)
    #expect(try COCOTest.read(folder.path + "/truth.json", [("images", "truth.json")]).error?.code == .usage)
    #expect(try COCOTest.read(results, [("images", folder.path + "/truth.json")]).error == nil)
  }

  @Test func listFromInstances() throws {
    let dataset = try COCOTest.read(text: Self.truth)
    let text = try COCOTest.text(dataset, options: [("kind", "results")])
    #expect(text == "[\n{\"id\":9,\"image_id\":7,\"category_id\":3,\"bbox\":[0,0,1,1]}\n]\n")
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(dataset, to: scratch, "out.json", options: [("kind", "results")])
    #expect(written.diagnostics.items.map(\.rule) == ["coco.write.no-score", "coco.write.no-results", "coco.write.no-results"])
    #expect(written.diagnostics.items.allSatisfy { $0.range != nil && $0.severity == .warning })
    let folder = try COCOTest.write(dataset, to: scratch, "folder", options: [("kind", "results")])
    #expect(try COCOTest.tree(folder.path).keys.filter { $0.hasSuffix(".json") } == ["annotations/results_all.json"])
    #expect(try COCOTest.read(folder.path).annotations.count == 1)
  }

  @Test func namesThatAreNoIDs() throws {
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))
    sample.annotations = [Annotation(label: LabelID(index: 0))]
    sample.annotations[0].confidence = 0.5
    var dataset = ReadDataset()
    dataset.header = DatasetHeader(labels: LabelTable([Label(name: "cat")]), labelsAreComplete: true)
    dataset.samples = [sample]
    let scratch = try ScratchFolder()
    let refused = try COCOTest.write(dataset, to: scratch, "out.json", from: "other", options: [("kind", "results")])
    #expect(refused.diagnostics.items.map(\.rule) == ["coco.write.results-id"])
    dataset.samples[0].id = .integer(4)
    let unnamed = try COCOTest.write(dataset, to: scratch, "out.json", from: "other", options: [("kind", "results")])
    #expect(unnamed.diagnostics.items.map(\.rule) == ["coco.write.results-id"])
    #expect(
      try COCOTest.text(dataset, from: "other", options: [("kind", "results"), ("ids", "renumber")])
        == "[\n{\"image_id\":1,\"category_id\":1,\"score\":0.5}\n]\n")
  }

  /// What was added to a list since it was read is never left out in silence.
  @Test func additionsAreRefused() throws {
    let scratch = try ScratchFolder()
    var dataset = try COCOTest.read(text: Self.results)
    dataset.samples[0].media.location = "a.jpg"
    dataset.samples[1].media.width = 5
    let written = try COCOTest.write(dataset, to: scratch, "out.json")
    #expect(written.diagnostics.items.map(\.rule) == ["coco.write.bare", "coco.write.bare"])
    #expect(try COCOTest.json(COCOTest.text(dataset, options: [("kind", "results")])) == COCOTest.json(Self.results))
    #expect(try COCOTest.read(text: COCOTest.text(dataset, options: [("kind", "instances")])).samples.map(\.key) == ["a.jpg", "7"])
    dataset.header.labels.append(Label(name: "new"))
    #expect(throws: DatasetError.self) { _ = try COCOTest.text(dataset) }
  }

  @Test func detection() throws {
    func detect(_ text: String) throws -> Detection? {
      let folder = try ScratchFolder()
      return COCOFormat.detect(try DetectionProbe(DatasetInput(path: folder.write(text))))
    }
    #expect(try detect(Self.results)?.confidence == .likely)
    #expect(try detect(#"[{"image_id":1,"caption":"x"}]"#) != nil)
    #expect(try detect(#"[{"image_id":1,"objects":[]}]"#) == nil)
    #expect(try detect(#"[{"bbox":[1,2,3,4]}]"#) == nil)
    #expect(try detect("[]") == nil)
  }

  /// pycocotools takes our instances as truth and our list as results, and finds each of them.
  @Test(
    .enabled(if: hasCOCOTools, "needs python3 with pycocotools (WAYBILL_PYTHON names another interpreter)"),
    arguments: ["bbox", "segm"])
  func isAList(_ kind: String) throws {
    var dataset = try COCOTest.read(COCOTest.fixtures + "/panoptic/input")
    for sample in dataset.samples.indices {
      for at in dataset.samples[sample].annotations.indices {
        dataset.samples[sample].annotations[at].confidence = 0.5
        dataset.samples[sample].annotations[at].flags.crowd = false
      }
    }
    let scratch = try ScratchFolder()
    let truth = try COCOTest.write(
      dataset, to: scratch, "truth.json", options: [("kind", "instances"), ("ids", "annotations"), ("rle", "string")])
    let list = try COCOTest.write(
      try COCOTest.read(truth.path), to: scratch, "list.json", options: [("kind", "results"), ("rle", "string")])
    let printed = try PanopticPillow.run(Self.evaluation, [truth.path, list.path, kind])
    #expect(printed.split(separator: "\n").last == "5 1.0")
  }

  static let hasCOCOTools = (try? PanopticPillow.run("import pycocotools.cocoeval", [])) != nil

  static let evaluation = """
    import sys
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    truth = COCO(sys.argv[1])
    found = truth.loadRes(sys.argv[2])
    judge = COCOeval(truth, found, sys.argv[3])
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    print(len(found.anns), round(float(judge.stats[0]), 6))
    """
}
