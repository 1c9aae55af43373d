import Foundation
import Testing
import TestSupport
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

/// What the writer adds to records of other formats, and what its options change.
@Suite struct COCOCompletionTests {
  private func dataset(_ annotations: [Annotation], width: Int? = 100, height: Int? = 50) -> ReadDataset {
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg", width: width, height: height))
    sample.annotations = annotations
    var dataset = ReadDataset()
    dataset.header = DatasetHeader(labels: LabelTable([Label(name: "cat")]), labelsAreComplete: true)
    dataset.samples = [sample]
    return dataset
  }

  static let areas: [(coordinates: [Double], ends: [Int], area: Double, box: [Double])] = [
    ([0, 0, 4, 0, 4, 3, 0, 3], [], 12, [0, 0, 4, 3]),
    ([0, 3, 4, 3, 4, 0, 0, 0], [], 12, [0, 0, 4, 3]),
    ([-2, -2, 2, -2, 0, 2], [], 8, [-2, -2, 4, 4]),
    ([0, 0, 1, 0, 1, 1, 10, 10, 12, 10, 12, 12], [6], 2.5, [0, 0, 12, 12]),
    ([0.1, 0.2, 0.4, 0.2, 0.4, 0.6], [], 0.06, [0.1, 0.2, 0.3, 0.4]),
    ([1, 1, 1, 1, 1, 1], [], 0, [1, 1, 0, 0]),
  ]

  @Test(arguments: areas) func polygonsGetAreaAndBox(_ given: (coordinates: [Double], ends: [Int], area: Double, box: [Double]))
    throws
  {
    var polygon = Polygon(coordinates: given.coordinates)
    polygon.ringEnds = given.ends
    let text = try COCOTest.text(dataset([Annotation(label: LabelID(index: 0), shape: .polygon(polygon))]), from: "other")
    let again = try #require(try COCOTest.read(text: text).annotations.first)
    #expect(again.area == given.area)
    let box = try #require(again.box?.converted(to: .extent))
    for (found, expected) in zip([box.first, box.second, box.third, box.fourth], given.box) {
      #expect(abs(found - expected) < 1e-12)
    }
  }

  /// What is beyond the largest number is left out with an error: the file can always be read.
  @Test(arguments: [1e154, 1e200, 1e308, Double.greatestFiniteMagnitude]) func sumsBeyondNumbers(_ size: Double) throws {
    let label = LabelID(index: 0)
    let isBeyond = size >= 1e308
    var points = Annotation(label: label)
    points.keypoints = Keypoints(points: [.init(x: -size, y: -size, visibility: 2), .init(x: size, y: size, visibility: 2)])
    let annotations: [(annotation: Annotation, isWritten: Bool)] = [
      (Annotation(label: label, box: Box(0, 0, size, size, form: .extent)), true),
      (Annotation(label: label, box: Box(-size, -size, size, size, form: .corners)), !isBeyond),
      (Annotation(label: label, shape: .polygon(Polygon(coordinates: [-size, -size, size, -size, size, size]))), !isBeyond),
      (points, !isBeyond), (Annotation(label: label, box: Box(0, 0, size, size, form: .extent, unit: .unit)), !isBeyond),
      (Annotation(label: label, shape: .polygon(Polygon(coordinates: [0, 0, size, 0, 0, size], unit: .unit))), !isBeyond),
    ]
    for (annotation, isWritten) in annotations {
      let scratch = try ScratchFolder()
      let written = try COCOTest.write(dataset([annotation]), to: scratch, "out.json", from: "other")
      #expect(written.diagnostics.items.map(\.rule) == (isWritten ? [] : ["coco.write.number"]), "\(annotation)")
      let again = try COCOTest.read(written.path)
      #expect(again.error == nil && again.diagnostics.items.isEmpty, "\(again.diagnostics.items.map(\.message))")
      #expect(again.annotations.count == (isWritten ? 1 : 0))
      #expect(!String(decoding: try Data(contentsOf: URL(fileURLWithPath: written.path)), as: UTF8.self).contains("null"))
    }
  }

  @Test func keypointsAreCounted() throws {
    var annotation = Annotation(label: LabelID(index: 0))
    annotation.keypoints = Keypoints(
      points: [.init(x: 0, y: 0, visibility: 0), .init(x: 3, y: 4, visibility: 1), .init(x: 5, y: 9, visibility: nil)])
    let text = try COCOTest.text(dataset([annotation]), from: "other")
    #expect(text.contains(#""keypoints":[0,0,0,3,4,1,5,9,2],"num_keypoints":2"#), "\(text)")
  }

  @Test func sharesOfEachKind() throws {
    let label = LabelID(index: 0)
    var points = Annotation(label: label)
    points.keypoints = Keypoints(points: [.init(x: 0.5, y: 0.5, visibility: 2)], unit: .unit)
    let annotations = [
      Annotation(label: label, box: Box(0.25, 0.5, 0.75, 1, form: .corners, unit: .unit)),
      Annotation(label: label, shape: .polygon(Polygon(coordinates: [0, 0, 1, 0, 1, 1], unit: .unit))), points,
    ]
    let text = try COCOTest.text(dataset(annotations), from: "other")
    #expect(text.contains(#""bbox":[25,25,50,25],"area":1250"#))
    #expect(text.contains(#""bbox":[0,0,100,50],"segmentation":[[0,0,100,0,100,50]],"area":2500"#))
    #expect(text.contains(#""keypoints":[50,25,2]"#))
    for size in [(nil, nil), (100, nil), (nil, 50)] as [(Int?, Int?)] {
      let scratch = try ScratchFolder()
      let written = try COCOTest.write(dataset(annotations, width: size.0, height: size.1), to: scratch, "out.json", from: "other")
      #expect(written.diagnostics.items.map(\.rule) == ["coco.write.no-size", "coco.write.no-size", "coco.write.no-size"])
      #expect(written.diagnostics.items.allSatisfy { $0.severity == .error })
      let again = try COCOTest.read(written.path)
      #expect(again.error == nil && again.annotations.isEmpty && again.samples.count == 1)
    }
  }

  @Test func labelsThatAreNotInTheTable() throws {
    let scratch = try ScratchFolder()
    let good = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent))
    var bad = good
    bad.label = LabelID(index: 9)
    let written = try COCOTest.write(dataset([bad, good, bad]), to: scratch, "out.json", from: "other", batch: 1)
    #expect(written.diagnostics.items.map(\.rule) == ["coco.write.unknown-label", "coco.write.unknown-label"])
    #expect(try COCOTest.read(written.path).annotations.count == 1)
  }

  @Test func masksWhoseRunsCannotBeRead() throws {
    let scratch = try ScratchFolder()
    let bad = Annotation(label: LabelID(index: 0), shape: .mask(Mask(width: 2, height: 2, runs: .compressed("~"))))
    let written = try COCOTest.write(
      dataset([bad]), to: scratch, "out.json", from: "other", options: [("rle", "list")])
    #expect(written.diagnostics.items.map(\.rule) == ["coco.write.mask"])
    #expect(try COCOTest.read(written.path).annotations.isEmpty)
  }

  /// Both spellings stand for the same runs, and `keep` changes none.
  @Test func masksInBothSpellings() throws {
    let seed = testSeed(20_261)
    var numbers = SeededNumbers(seed: seed)
    for step in 0..<200 {
      let (width, height) = (1 + numbers.below(40), 1 + numbers.below(40))
      var counts: [UInt32] = []
      var left = width * height
      while left > 0 {
        let run = min(left, numbers.below(4) == 0 ? 0 : 1 + numbers.below(left))
        // Only the first run may be empty.
        if run == 0, !counts.isEmpty { continue }
        counts.append(UInt32(run))
        left -= run
      }
      let isText = numbers.coin()
      let runs: Mask.Runs = isText ? .compressed(RunLength.encode(counts)) : .counts(counts)
      let data = dataset([Annotation(label: LabelID(index: 0), shape: .mask(Mask(width: width, height: height, runs: runs)))])
      for spelling in ["keep", "string", "list"] {
        let text = try COCOTest.text(data, from: "other", options: [("rle", spelling)])
        let again = try COCOTest.read(text: text)
        #expect(again.diagnostics.items.isEmpty, "seed \(seed), step \(step)")
        guard case .mask(let mask) = again.annotations.first?.shape else {
          Issue.record("no mask: seed \(seed), step \(step)")
          continue
        }
        #expect(mask.width == width && mask.height == height)
        #expect(try RunLength.runs(of: mask) == counts, "seed \(seed), step \(step)")
        if case .compressed = mask.runs {
          #expect(spelling == "string" || (spelling == "keep" && isText))
        } else {
          #expect(spelling == "list" || (spelling == "keep" && !isText))
        }
      }
    }
  }

  @Test func renumberingJoinsAgain() throws {
    let text =
      #"{"images":[{"id":"x"},{"id":90}],"annotations":[{"id":7,"image_id":90,"category_id":"c"},"#
      + #"{"id":7,"image_id":"x","category_id":50},{"image_id":90}],"categories":[{"id":"c","name":"a"},{"id":50,"name":"b"}]}"#
    for size in [1, 3] {
      let written = try COCOTest.text(COCOTest.read(text: text), options: [("ids", "renumber")], batch: size)
      let again = try COCOTest.read(text: written)
      #expect(again.diagnostics.items.isEmpty, "\(again.diagnostics.items.map(\.message))")
      #expect(again.samples.map(\.id) == [.integer(1), .integer(2)])
      #expect(again.header.labels.labels.map(\.id) == [.integer(1), .integer(2)])
      #expect(again.samples.map { $0.annotations.map(\.id) } == [[.integer(2)], [.integer(1), .integer(3)]])
      #expect(again.samples.first?.annotations.first?.label == LabelID(index: 1))
    }
  }

  @Test func idsAtTheEndOfNumbers() throws {
    var last = Annotation(label: LabelID(index: 0))
    last.id = .integer(.max)
    #expect(throws: DatasetError.self) { try COCOTest.text(dataset([last, Annotation(label: LabelID(index: 0))]), from: "other") }
    #expect(try COCOTest.read(text: COCOTest.text(dataset([last]), from: "other")).annotations.map(\.id) == [.integer(.max)])
  }

  @Test func bracketsWithoutEnd() throws {
    let deep = String(repeating: "[", count: 5000)
    for text in [COCOTest.document(#"{"id":1,"image_id":1,"x":\#(deep)"#), #"{"images":[],"info":\#(deep)"#] {
      let dataset = try COCOTest.read(text: text)
      #expect(dataset.rules.contains("json.too-deep"), "\(dataset.rules)")
      #expect(dataset.diagnostics.items.allSatisfy { $0.range != nil })
    }
  }
}
