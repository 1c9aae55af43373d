import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

/// A kind and a feature.
struct KindClaim: Sendable, CustomTestStringConvertible {
  var kind: String
  var feature: Feature
  var testDescription: String { "\(kind): \(feature.name)" }

  static let all = ["results", "panoptic"].flatMap { kind in Feature.allCases.map { KindClaim(kind: kind, feature: $0) } }
}

/// What a kind declares comes back from it, and what it does not declare does not.
@Suite struct COCOKindTests {
  /// A dataset that shows one feature, with no more around it than the kind needs; nil for features of other media and of folders.
  private func specimen(_ claim: KindClaim) -> ReadDataset? {
    let isPanoptic = claim.kind == "panoptic"
    var sample = Sample(key: "5", media: Media(.image))
    sample.id = .integer(5)
    if isPanoptic { sample.media = Media(.image, location: "a.jpg", width: 3, height: 2) }
    var label = Label(name: isPanoptic ? "cat" : "3", id: .integer(3))
    var annotation = Annotation(label: LabelID(index: 0))
    if isPanoptic {
      annotation.id = .integer(4)
      annotation.shape = .mask(Mask(width: 3, height: 2, runs: .counts([1, 2, 3])))
    }
    var dataset = ReadDataset()
    dataset.header = DatasetHeader()
    switch claim.feature {
    case .image, .sampleID, .classification, .label, .labelID: break
    case .imageSize: sample.media.width = 3; sample.media.height = 2
    case .samplePreserved: sample.preserved = Preserved("coco", members: Array(#""license":1"#.utf8))
    case .caption:
      annotation.label = nil
      annotation.text = "a"
    case .text: annotation.text = "a"
    case .box: annotation.box = Box(1, 2, 3, 4, form: .extent)
    case .polygon: annotation.shape = .polygon(Polygon(coordinates: [0, 0, 2, 0, 2, 2]))
    case .polygonParts: annotation.shape = .polygon(Polygon(coordinates: [0, 0, 2, 0, 2, 2, 1, 1, 3, 1, 3, 3], ringEnds: [6]))
    case .keypoints: annotation.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: 2)])
    case .mask: annotation.shape = .mask(Mask(width: 3, height: 2, runs: .counts([0, 1, 5])))
    case .id: annotation.id = .integer(77)
    case .confidence: annotation.confidence = 0.25
    case .crowd: annotation.flags.crowd = true
    case .area: annotation.area = 2
    case .order: annotation.ordinal = 1
    case .attributes: annotation.attributes = ["a": .string("b")]
    case .preserved: annotation.preserved = Preserved("coco", members: Array(#""weather":"rain""#.utf8))
    case .labelParent: label.parent = "animal"
    case .labelKeypoints: label.keypointNames = ["nose"]
    case .labelPreserved: label.preserved = Preserved("coco", members: Array(#""isthing":1"#.utf8))
    case .datasetPreserved: dataset.header.preserved = Preserved("coco", members: Array(#""info":{"year":1}"#.utf8))
    default: return nil
    }
    if claim.feature == .classification, isPanoptic { annotation.shape = nil }
    sample.annotations = [annotation]
    dataset.header.labels = LabelTable(annotation.label == nil ? [] : [label])
    dataset.header.labelsAreComplete = true
    dataset.samples = [sample]
    if claim.feature == .order {
      // The order is that of two images, whose annotations take turns.
      dataset.samples[0].annotations.append(annotation)
      dataset.samples[0].annotations[0].ordinal = 0
      dataset.samples[0].annotations[1].ordinal = 2
      if isPanoptic { dataset.samples[0].annotations[1].id = .integer(9) }
      if isPanoptic { dataset.samples[0].annotations[1].shape = .mask(Mask(width: 3, height: 2, runs: .counts([0, 1, 5]))) }
      dataset.samples.append(sample)
      dataset.samples[1].id = .integer(6)
      if isPanoptic { dataset.samples[1].media.location = "b.jpg" }
    }
    return dataset
  }

  @Test(arguments: KindClaim.all) func declarationIsTrue(_ claim: KindClaim) throws {
    let options = try COCOTest.options([("kind", claim.kind)], COCOFormat.descriptor.writeOptions)
    let isDeclared = COCOFormat.writes(options, isFile: true).contains(claim.feature)
    guard let dataset = specimen(claim) else {
      #expect(!isDeclared, "it is declared, and there is no specimen of it")
      return
    }
    #expect(try comesBack(dataset, claim) == isDeclared)
  }

  private func comesBack(_ dataset: ReadDataset, _ claim: KindClaim) throws -> Bool {
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(
      dataset, to: scratch, claim.kind == "panoptic" ? "out" : "out.json", options: [("kind", claim.kind)])
    if written.diagnostics.hasErrors { return false }
    let again = try COCOTest.read(written.path)
    guard again.error == nil, !again.diagnostics.hasErrors, again.samples.count == dataset.samples.count else { return false }
    let (before, after) = (dataset.header.labels.labels, again.header.labels.labels)
    guard before == after else { return false }
    let members = String(decoding: dataset.header.preserved["coco"], as: UTF8.self)
    guard members.isEmpty || String(decoding: again.header.preserved["coco"], as: UTF8.self).contains(members) else { return false }
    return zip(dataset.samples, again.samples).allSatisfy { before, after in
      guard before.id == after.id, before.preserved == after.preserved, before.media == after.media,
        before.annotations.count == after.annotations.count
      else { return false }
      return zip(before.annotations, after.annotations).allSatisfy { before, after in
        var after = after
        // A record that had none is completed with an id, an area, a box and a crowd mark.
        if before.area == nil { after.area = nil }
        if before.box == nil { after.box = nil }
        if before.flags.crowd == nil { after.flags.crowd = nil }
        if before.ordinal == nil { after.ordinal = nil }
        return before == after
      }
    }
  }
}
