import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPNG

@testable import WaybillCOCO

@Suite struct PanopticWriterTests {
  /// A dataset of another format: one image of 3 x 1 pixels with masks.
  func foreign(_ masks: [[UInt32]], width: Int? = 3) -> ReadDataset {
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg", width: width, height: width == nil ? nil : 1))
    sample.annotations = masks.map {
      Annotation(label: LabelID(index: 0), shape: .mask(Mask(width: 3, height: 1, runs: .counts($0))))
    }
    var dataset = ReadDataset()
    dataset.header = DatasetHeader(labels: LabelTable([Label(name: "cat")]), labelsAreComplete: true)
    dataset.samples = [sample]
    return dataset
  }

  func write(
    _ dataset: ReadDataset, _ options: [(String, String)] = [], _ body: (String, [Diagnostic]) throws -> Void
  ) throws {
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(dataset, to: scratch, "out", from: "other", options: [("kind", "panoptic")] + options)
    try body(written.path + "/annotations/panoptic_all", written.diagnostics.items)
  }

  private func ids(_ path: String) throws -> [UInt32] {
    let data = try #require(FileManager.default.contents(atPath: path))
    return try data.withUnsafeBytes { bytes in
      let pixels = try PNGReader(bytes).readPicture(as: .rgb8).pixels
      return stride(from: 0, to: pixels.count, by: 3).map {
        UInt32(pixels[$0]) + UInt32(pixels[$0 + 1]) * 256 + UInt32(pixels[$0 + 2]) * 65_536
      }
    }
  }

  @Test func completeRecords() throws {
    var dataset = foreign([[0, 1, 2], [2, 1]])
    dataset.samples[0].annotations[0].id = .integer(70_000)
    dataset.samples[0].annotations[1].flags.crowd = true
    dataset.samples.append(Sample(key: "b.jpg", media: Media(.image, location: "x/b.jpg", width: 2, height: 1)))
    try write(dataset) { path, diagnostics in
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      let text = try String(contentsOfFile: path + ".json", encoding: .utf8)
      #expect(
        text == """
          {"categories":[
          {"id":1,"name":"cat"}
          ],"images":[
          {"id":1,"file_name":"a.jpg","width":3,"height":1},
          {"id":2,"file_name":"x/b.jpg","width":2,"height":1}
          ],"annotations":[
          {"image_id":1,"file_name":"a.png","segments_info":[{"id":70000,"category_id":1,"bbox":[0,0,1,1],"area":1,"iscrowd":0},\
          {"id":1,"category_id":1,"bbox":[2,0,1,1],"area":1,"iscrowd":1}]},
          {"image_id":2,"file_name":"x/b.png","segments_info":[]}
          ]}

          """)
      #expect(try ids(path + "/a.png") == [70_000, 0, 1])
      #expect(try ids(path + "/x/b.png") == [0, 0])
    }
  }

  /// How masks overlap, and what becomes of it: the ids of the pixels and the areas, or the rules that are broken.
  static let overlaps: [(masks: [[UInt32]], option: String, ids: [UInt32]?, areas: [Double], rules: [String])] = [
    ([[0, 2, 1], [1, 2]], "refuse", nil, [], ["coco.write.overlap"]),
    ([[0, 2, 1], [1, 2]], "first", [1, 1, 2], [2, 1], ["coco.write.overlap-lost"]),
    ([[0, 2, 1], [1, 2]], "last", [1, 2, 2], [1, 2], ["coco.write.overlap-lost"]),
    ([[0, 3], [1, 1, 1]], "first", nil, [], ["coco.write.overlap-lost", "coco.write.hidden"]),
    ([[1, 1, 1], [0, 3]], "last", nil, [], ["coco.write.overlap-lost", "coco.write.hidden"]),
    ([[0, 3], [1, 1, 1]], "last", [1, 2, 1], [2, 1], ["coco.write.overlap-lost"]),
    ([[0, 1, 2], [1, 2]], "refuse", [1, 2, 2], [1, 2], []),
  ]

  @Test(arguments: overlaps)
  func overlap(_ test: (masks: [[UInt32]], option: String, ids: [UInt32]?, areas: [Double], rules: [String])) throws {
    try write(foreign(test.masks), [("overlap", test.option)]) { path, diagnostics in
      #expect(diagnostics.map(\.rule) == test.rules)
      guard let expected = test.ids else {
        #expect(diagnostics.contains { $0.severity == .error })
        #expect(!FileManager.default.fileExists(atPath: path + "/a.png"))
        return
      }
      #expect(try ids(path + "/a.png") == expected)
      let again = try COCOTest.read(path + ".json")
      #expect(again.diagnostics.isEmpty, "\(again.diagnostics.items)")
      #expect(again.annotations.map(\.area) == test.areas)
    }
  }

  @Test func statedAreasFollowWhatIsLeft() throws {
    var dataset = foreign([[0, 2, 1], [1, 2]])
    dataset.samples[0].annotations[0].area = 2
    dataset.samples[0].annotations[0].box = Box(0, 0, 2, 1, form: .extent)
    dataset.samples[0].annotations[1].area = 77
    try write(dataset, [("overlap", "last")]) { path, _ in
      let again = try COCOTest.read(path + ".json")
      #expect(again.annotations.map(\.area) == [1, 77])
      #expect(again.annotations[0].box == Box(0, 0, 1, 1, form: .extent))
    }
  }

  /// Annotations that are no segments are errors; none is left out in silence.
  @Test func whatIsNoSegment() throws {
    func rule(_ change: (inout Sample) -> Void) throws -> [String] {
      var dataset = foreign([[0, 1, 2]])
      change(&dataset.samples[0])
      var rules: [String] = []
      try write(dataset) { path, diagnostics in
        rules = diagnostics.map(\.rule)
        let again = try COCOTest.read(path + ".json")
        #expect(again.annotations.isEmpty)
      }
      return rules
    }
    #expect(try rule { $0.annotations[0].shape = nil } == ["coco.write.no-mask"])
    #expect(try rule { $0.annotations[0].shape = .polygon(Polygon(coordinates: [0, 0, 2, 0, 2, 1])) } == ["coco.write.no-mask"])
    #expect(try rule { $0.annotations[0].text = "x" } == ["coco.write.no-mask"])
    #expect(try rule { $0.annotations[0].keypoints = Keypoints(points: []) } == ["coco.write.no-mask"])
    #expect(try rule { $0.annotations[0].shape = .mask(Mask(width: 3, height: 1, runs: .counts([3]))) } == ["coco.write.mask"])
    #expect(try rule { $0.annotations[0].shape = .mask(Mask(width: 3, height: 1, runs: .compressed("~"))) } == ["coco.write.mask"])
    #expect(try rule { $0.annotations[0].shape = .mask(Mask(width: 3, height: 1, runs: .counts([0, 4]))) } == ["coco.write.mask"])
    #expect(try rule { $0.media.width = 4 } == ["coco.write.mask-size"])
    #expect(try rule { $0.annotations[0].id = .string("a") } == ["coco.write.segment-id"])
    #expect(try rule { $0.annotations[0].id = .integer(16_777_216) } == ["coco.write.segment-id"])
    #expect(try rule { $0.annotations[0].id = .integer(0) } == ["coco.write.segment-id"])
    #expect(try rule { $0.annotations[0].label = LabelID(index: 9) } == ["coco.write.unknown-label"])
    #expect(
      try rule { $0.annotations[0].box = Box(-1e308, 0, 1e308, 1, form: .corners) } == ["coco.write.number"])
    #expect(
      try rule {
        $0.annotations = []; $0.media.width = nil
      } == ["coco.write.no-size"])
    #expect(
      try rule {
        $0.annotations = []; $0.media.width = 70_000
      } == ["coco.write.png"])
    #expect(
      try rule {
        $0.media.width = 1 << 40
        $0.media.height = 1 << 40
        $0.annotations = []
      } == ["coco.write.png"])
  }

  @Test func idsAreNumberedWhenAsked() throws {
    var dataset = foreign([[0, 1, 2], [1, 1, 1]])
    dataset.samples[0].id = .integer(9)
    dataset.samples[0].annotations[0].id = .integer(900_100_000_000)
    dataset.samples[0].annotations[1].id = .string("x")
    for (value, image) in [("annotations", 9), ("renumber", 1)] {
      try write(dataset, [("ids", value)]) { path, diagnostics in
        #expect(diagnostics.isEmpty)
        let pixels = try ids(path + "/a.png")
        #expect(pixels == [1, 2, 0])
        let again = try COCOTest.read(path + ".json")
        #expect(again.samples.first?.id == .integer(Int64(image)))
      }
    }
  }

  @Test func filesOfOneNameAreRefused() throws {
    var dataset = foreign([[0, 1, 2]])
    dataset.samples.append(dataset.samples[0])
    dataset.samples[1].media.location = "a.png"
    let error = #expect(throws: DatasetError.self) { try write(dataset) { (_: String, _: [Diagnostic]) throws in } }
    #expect(error?.code == .invalidInput)
    // A name that leads out of the folder does not.
    dataset.samples[1].media.location = "../../a2.jpg"
    try write(dataset) { path, _ in #expect(FileManager.default.fileExists(atPath: path + "/a2.png")) }
  }

  @Test func oneFileHasNoPlaceForPictures() throws {
    let error = #expect(throws: DatasetError.self) {
      _ = try COCOTest.text(foreign([[0, 1, 2]]), from: "other", options: [("kind", "panoptic")])
    }
    #expect(error?.code == .usage)
  }

  /// A folder of instances and of segments becomes instances, completed and with ids that are unique.
  @Test func severalKinds() throws {
    let folder = try ScratchFolder()
    let categories = #""categories":[{"id":3,"name":"cat"}]"#
    _ = try folder.write(
      #"{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[{"image_id":1,"category_id":3,"bbox":[0,0,1,1]}],\#(categories)}"#,
      "annotations/instances_train.json")
    let record = #""segments_info":[{"id":5,"category_id":3}]}"#
    _ = try folder.write(
      #"{"images":[{"id":7,"file_name":"b.jpg"},{"id":8,"file_name":"c.jpg"}],"annotations":[{"image_id":7,"file_name":"b.png",\#(record),"#
        + #"{"image_id":8,"file_name":"c.png",\#(record)],\#(categories)}"#, "annotations/panoptic_val.json")
    for name in ["b.png", "c.png"] {
      _ = try folder.write(Data(IDPicture(width: 1, height: 1, ids: [5]).picture.encoded()), "annotations/panoptic_val/" + name)
    }
    let dataset = try COCOTest.read(folder.path)
    #expect(dataset.diagnostics.isEmpty && dataset.error == nil, "\(dataset.diagnostics.items)")
    let scratch = try ScratchFolder()
    #expect(throws: DatasetError.self) { _ = try COCOTest.write(dataset, to: scratch, "out") }
    let written = try COCOTest.write(dataset, to: scratch, "out", options: [("ids", "annotations")])
    let again = try COCOTest.read(written.path)
    #expect(again.annotations.map(\.id) == [.integer(1), .integer(1), .integer(2)])
    #expect(again.annotations.map(\.area) == [1, 1, 1])
  }

  @Test func instancesFromSegments() throws {
    let dataset = try COCOTest.read(COCOTest.fixtures + "/panoptic/input")
    let scratch = try ScratchFolder()
    let one = try COCOTest.write(dataset, to: scratch, "out.json", options: [("kind", "instances"), ("ids", "annotations")])
    #expect(one.diagnostics.isEmpty)
    let again = try COCOTest.read(one.path)
    #expect(again.diagnostics.isEmpty, "\(again.diagnostics.items)")
    #expect(again.annotations.map(\.id) == (1...5).map { .integer($0) })
    #expect(again.annotations.map(\.shape) == dataset.annotations.map(\.shape))
    // Segments have ids of their own in each image, annotations have not.
    var twice = dataset
    twice.samples[1].annotations[0].id = .integer(255)
    #expect(throws: DatasetError.self) {
      _ = try COCOTest.write(twice, to: scratch, "two.json", options: [("kind", "instances")])
    }
    // And back: what was kept of the records is there again.
    let back = try COCOTest.write(again, to: scratch, "back", options: [("kind", "panoptic")])
    #expect(FileManager.default.fileExists(atPath: back.path + "/annotations/panoptic_all/other/name.png"))
  }

  /// Random pictures: written, read, and written again the same, whatever their order and ids.
  @Test(arguments: 0..<12) func randomPictures(_ seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    var dataset = foreign([])
    dataset.samples = []
    for number in 0..<Int.random(in: 1...5, using: &random) {
      let picture = IDPicture(random: &random, of: SegmentTests.known)
      var sample = Sample(
        key: "\(number).jpg", media: Media(.image, location: "\(number).jpg", width: picture.width, height: picture.height))
      sample.id = .integer(Int64(number * 7))
      for id in SegmentTests.known.shuffled(using: &random) where picture.ids.contains(id) {
        var annotation = Annotation(id: .integer(Int64(id)), label: LabelID(index: 0))
        annotation.shape = .mask(Mask(width: picture.width, height: picture.height, runs: .counts(picture.runs(of: id))))
        sample.annotations.append(annotation)
      }
      dataset.samples.append(sample)
    }
    let scratch = try ScratchFolder()
    let once = try COCOTest.write(dataset, to: scratch, "once", from: "other", options: [("kind", "panoptic")])
    let again = try COCOTest.read(once.path)
    #expect(again.diagnostics.isEmpty, "\(again.diagnostics.items)")
    #expect(again.samples.map { $0.annotations.map(\.shape) } == dataset.samples.map { $0.annotations.map(\.shape) })
    #expect(again.samples.map { $0.annotations.map(\.id) } == dataset.samples.map { $0.annotations.map(\.id) })
    let twice = try COCOTest.write(again, to: scratch, "twice", batch: 1)
    #expect(try COCOTest.tree(twice.path) == COCOTest.tree(once.path), "seed \(seed)")
  }
}
