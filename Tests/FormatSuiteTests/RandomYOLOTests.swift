import TestSupport
import Testing
import Waybill
import WaybillFiles

@testable import WaybillConversion

/// Random datasets of each task, through whole conversions.
@Suite struct RandomYOLOTests {
  static let places: [(options: String, place: Feature)] = [
    ("", .box), (":layout=darknet", .box), (":task=segment", .polygon), ("", .polygon), (":task=pose", .keypoints),
    ("", .keypoints),
  ]

  /// The bytes are the same with one thread and three, each number comes back, and yolo -> native -> yolo gives the same bytes.
  @Test(arguments: places.indices, 0..<4) func goesThereAndBack(_ position: Int, _ round: Int) throws {
    let (options, place) = Self.places[position]
    let seed = testSeed(7_300) + UInt64(round * 16 + position)
    let folder = try TemporaryFolder()
    let samples = try make(place, seed, folder.file("in.jsonl"))
    for jobs in [1, 3] {
      let report = try convert(folder.file("in.jsonl"), folder.file("\(jobs)"), to: "yolo\(options)", jobs: jobs) {
        $0.allowLoss = true
      }
      expectSumsToAddUp(report.ledger)
      #expect(report.ledger.annotations.dropped == 0, "seed \(seed)")
      #expect(report.diagnostics.items.isEmpty, "seed \(seed): \(report.diagnostics.items.map(\.message))")
    }
    #expect(try tree(folder.file("1")) == tree(folder.file("3")), "seed \(seed)")

    let shared = LabelTable()
    let before = try Contents(folder.file("in.jsonl"), shared: shared)
    let after = try Contents(folder.file("1"), shared: shared)
    #expect(after.diagnostics.count(atLeast: .error) == 0, "seed \(seed): \(after.diagnostics.items.map(\.message))")
    #expect(after.header.labels.labels.map(\.name) == before.header.labels.labels.map(\.name))
    let found = Dictionary(after.samples.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    #expect(found.count == samples.count && after.samples.count == samples.count, "seed \(seed)")
    for sample in before.samples {
      let read = try #require(found[sample.key], "seed \(seed): \(sample.key)")
      #expect(read.split == sample.split && read.annotations.count == sample.annotations.count)
      let size = (width: sample.media.width ?? 0, height: sample.media.height ?? 0)
      for (a, b) in zip(sample.annotations, read.annotations) {
        #expect(a.label == b.label)
        let (expected, values) = (numbers(inPixels(a, size)), numbers(inPixels(b, size)))
        #expect(
          expected.count == values.count && zip(expected, values).allSatisfy { ($0 - $1).magnitude <= 1e-9 * max(1, $0.magnitude) },
          "seed \(seed): \(expected) \(values)")
      }
    }

    _ = try convert(folder.file("1"), folder.file("back.jsonl"), to: "waybill")
    _ = try convert(folder.file("back.jsonl"), folder.file("again"), to: "yolo\(options)")
    #expect(try tree(folder.file("again")) == tree(folder.file("1")), "seed \(seed)")
  }

  /// The numbers of an annotation's places.
  private func numbers(_ annotation: Annotation) -> [Double] {
    if let keypoints = annotation.keypoints { return keypoints.points.flatMap { [$0.x, $0.y, $0.visibility ?? -1] } }
    if case .polygon(let polygon) = annotation.shape { return polygon.coordinates }
    return annotation.box?.converted(to: .corners).numbers ?? []
  }

  /// Writes a manifest whose samples all are of one task, with sizes, labels and no negative boxes.
  private func make(_ place: Feature, _ seed: UInt64, _ path: String) throws -> [Sample] {
    var generator = SampleGenerator(seed: seed, sections: [], isWild: false)
    var features: FeatureSet = [.image, .imageSize, .split, .label]
    features.insert(place)
    let header = generator.header(features)
    var samples = generator.samples(30, features, in: header)
    for index in samples.indices {
      samples[index].media.width = samples[index].media.width ?? 640
      samples[index].media.height = samples[index].media.height ?? 427
      samples[index].annotations.removeAll { $0.features.intersection(.places).isEmpty }
      for at in samples[index].annotations.indices { fix(&samples[index].annotations[at]) }
    }
    let output = try StagedOutput(target: path, kind: .file, overwrite: false)
    let native = try format("waybill")
    let writer = try native.makeWriter(FormatOptions([], declared: native.descriptor.writeOptions, format: "waybill"))
    let encoder = try writer.begin(
      header, WriteContext(output: output, fileName: "in.jsonl", outputName: "in", splits: ["train"], sourceFormat: "waybill"))
    let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
    var batch = EncodedBatch()
    for (position, sample) in samples.enumerated() { try encoder.encode(sample, at: position, into: &batch, context) }
    try writer.write(batch)
    try writer.finish()
    try output.commit()
    return samples
  }

  /// Makes an annotation one that a row can say: a label, a box of no negative size, three keypoints.
  private func fix(_ annotation: inout Annotation) {
    annotation.label = annotation.label ?? LabelID(index: 0)
    if let box = annotation.box {
      let sides = box.converted(to: .corners)
      annotation.box = Box(
        min(sides.first, sides.third), min(sides.second, sides.fourth), max(sides.first, sides.third),
        max(sides.second, sides.fourth), form: .corners, unit: box.unit)
    }
    guard var keypoints = annotation.keypoints else { return }
    while keypoints.points.count < 3 { keypoints.points.append(.init(x: 1, y: 2, visibility: 0)) }
    keypoints.points.removeLast(keypoints.points.count - 3)
    keypoints.points[0].visibility = 2
    for index in keypoints.points.indices { keypoints.points[index].visibility = keypoints.points[index].visibility ?? 1 }
    annotation.keypoints = keypoints
  }
}
