import Foundation
import TestSupport
import Testing
import Waybill

/// A labeling type that both services have: ModelArts to Ground Truth and back says the same.
@Suite(.enabled(if: FixtureCase.isChosen("groundtruth"), "groundtruth was not chosen")) struct GroundTruthModelArtsTests {
  /// What of an annotation both formats hold.
  private static let both: FeatureSet = [
    .classification, .label, .box, .mask, .span, .author, .createdAt, .confidence, .attributes, .image, .textMedia, .imageSize,
    .imageChannels, .sampleID,
  ]

  @Test(arguments: ["image-classification", "text-classification", "entities"])
  func modelArtsComesBack(_ name: String) throws { try comesBack("modelarts", name, by: "groundtruth") }

  @Test(arguments: ["classification", "multilabel", "boxes", "mask", "entities"])
  func groundTruthComesBack(_ name: String) throws { try comesBack("groundtruth", name, by: "modelarts") }

  /// Boxes and masks of a manifest of ModelArts, in Pascal VOC files beside it.
  @Test(arguments: ["boxes", "masks"]) func placesComeBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let first = folder.file("first")
    var lines = ""
    for number in 1...2 {
      var sample: [String] = [
        #"{"key":"\#(number).jpg","image":{"path":"\#(number).jpg","width":8,"height":4,"channels":3},"annotations":["#
      ]
      if name == "boxes" {
        sample.append(#"{"label":"fox","box_xywh":[1,1,4,2],"confidence":0.5,"by":"human","at":"2024-05-06T07:08:09"}"#)
      } else {
        sample.append(#"{"label":"fox","mask":{"width":8,"height":4,"runs":[2,4,26]}}"#)
      }
      sample.append("]}\n")
      lines += sample.joined()
    }
    try Data(("{\"waybill\":1}\n" + lines).utf8).write(to: URL(fileURLWithPath: folder.file("n.jsonl")))
    _ = try convert(folder.file("n.jsonl"), first, to: "modelarts") { $0.allowLoss = true }
    try compare(first, "modelarts", by: "groundtruth", in: folder)
  }

  private func comesBack(_ format: String, _ name: String, by other: String) throws {
    let fixture = FixtureCase(format: format, name: name)
    try compare(try #require(fixture.input), format, by: other, in: try TemporaryFolder())
  }

  private func compare(_ input: String, _ format: String, by other: String, in folder: TemporaryFolder) throws {
    _ = try convert(input, folder.file("there"), to: other, from: format) { $0.allowLoss = true }
    _ = try convert(folder.file("there"), folder.file("back"), to: format, from: other) { $0.allowLoss = true }
    let shared = LabelTable()
    let before = try Contents(input, as: try FormatRegistry.all.parse(format), shared: shared)
    let after = try Contents(folder.file("back"), as: try FormatRegistry.all.parse(format), shared: shared)
    #expect(after.diagnostics.count(atLeast: .error) == 0)
    let found = Dictionary(after.samples.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    for sample in before.samples where GroundTruthModelArtsTests.both.contains(sample.media.feature) {
      let read = try #require(found[sample.key], "\(sample.key) did not come back")
      #expect(plain(read, sample) == plain(sample, sample))
    }
  }

  /// What both formats say of a sample, places as corners, without what a service adds.
  private func plain(_ sample: Sample, _ expected: Sample) -> Sample {
    var plain = withCorners(withoutPreserved(sample))
    plain.remove(plain.features.subtracting(GroundTruthModelArtsTests.both.intersection(expected.features)))
    for index in plain.annotations.indices {
      plain.annotations[index].remove(plain.annotations[index].features.subtracting(GroundTruthModelArtsTests.both))
    }
    return withPlacesFirst(plain)
  }
}
