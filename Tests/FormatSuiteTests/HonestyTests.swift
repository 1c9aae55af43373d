import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

@testable import WaybillConversion

/// A format and one feature.
struct Claim: CustomTestStringConvertible, Sendable {
  var format: String
  var feature: Feature
  var testDescription: String { "\(format): \(feature.name)" }

  static let all = FormatRegistry.all.names.filter(FixtureCase.isChosen).flatMap { format in
    Feature.allCases.map { Claim(format: format, feature: $0) }
  }
}

/// What a format declares must be true: every declared feature comes back, and no undeclared one does.
@Suite struct HonestyTests {
  @Test(arguments: Claim.all) func declarationIsTrue(_ claim: Claim) throws {
    let format = try format(claim.format)
    let abilities = format.descriptor.writes
    let specimen = Specimen(of: claim.feature, around: abilities, format: format.descriptor.id)
    let comesBack = try survives(specimen, claim.feature, in: format)
    #expect(
      comesBack == abilities.contains(claim.feature),
      comesBack ? "it comes back, but is not declared" : "it is declared, but does not come back")
  }

  /// Writes past the auditor, reads back, and says whether the feature is there as it was.
  private func survives(_ specimen: Specimen, _ feature: Feature, in format: any Format.Type) throws -> Bool {
    let folder = try TemporaryFolder()
    let descriptor = format.descriptor
    let path = folder.file(outputName(format, singleFile: ["coco", "waybill"].contains(descriptor.id.name)))
    do {
      try write(specimen, as: format, to: path)
      let shared = LabelTable()
      let read = try Contents(path, as: try FormatRegistry.all.parse(descriptor.id.name), shared: shared)
      guard read.diagnostics.count(atLeast: .error) == 0 else { return false }
      switch feature.level {
      case .dataset: return matches(read.header, specimen.header, feature)
      case .label:
        guard let label = read.header.labels.labels.first, let expected = specimen.header.labels.labels.first else { return false }
        var kept = label
        kept.remove(label.features.subtracting(FeatureSet(feature)))
        if feature == .labelPreserved { kept.preserved = only(expected.preserved, of: label.preserved) }
        return kept == expected
      case .sample, .annotation:
        let expected = [specimen.sample] + specimen.others
        guard read.samples.count == expected.count else { return false }
        return zip(read.samples, expected).allSatisfy { found, expected in
          found.annotations.count == expected.annotations.count && matches(found, expected, feature)
        }
      }
    } catch let error as DatasetError where error.code != .io {
      return false
    }
  }

  private func matches(_ found: Sample, _ expected: Sample, _ feature: Feature) -> Bool {
    var (found, expected) = (found, expected)
    found.remove(found.features.subtracting(FeatureSet(feature)))
    expected.remove(expected.features.subtracting(FeatureSet(feature)))
    found.preserved = feature == .samplePreserved ? only(expected.preserved, of: found.preserved) : Preserved()
    if feature != .imageSize { (found.media.width, found.media.height) = (nil, nil) }
    for index in found.annotations.indices {
      let extra = found.annotations[index].features.subtracting(expected.annotations[index].features)
      if feature == .preserved {
        found.annotations[index].preserved = only(expected.annotations[index].preserved, of: found.annotations[index].preserved)
      } else {
        found.annotations[index].preserved = Preserved()
      }
      found.annotations[index].remove(extra.subtracting(FeatureSet.essential.subtracting([.box])))
    }
    let equal = zip(found.annotations, expected.annotations).allSatisfy { sameAnswers($0, $1) }
    var plain = found
    plain.annotations = expected.annotations
    plain.key = expected.key
    return equal && plain == expected
  }

  /// Equal, with boxes compared by their corners.
  private func sameAnswers(_ a: Annotation, _ b: Annotation) -> Bool {
    var (a, b) = (inPixels(a, Specimen.size), inPixels(b, Specimen.size))
    a.box = a.box?.converted(to: .corners)
    b.box = b.box?.converted(to: .corners)
    return a == b
  }

  private func matches(_ found: DatasetHeader, _ expected: DatasetHeader, _ feature: Feature) -> Bool {
    switch feature {
    case .datasetName: found.name == expected.name
    case .datasetFields: found.fields == expected.fields
    default: only(expected.preserved, of: found.preserved) == expected.preserved
    }
  }

  /// What was expected, if it is among what was found: writers may preserve facts of their own beside it.
  private func only(_ expected: Preserved, of found: Preserved) -> Preserved {
    for section in expected.sections {
      let members = String(decoding: found[section.format], as: UTF8.self)
      if !members.contains(String(decoding: section.members, as: UTF8.self)) { return Preserved() }
    }
    return expected
  }

  private func write(_ specimen: Specimen, as format: any Format.Type, to path: String) throws {
    let descriptor = format.descriptor
    let options = try FormatOptions([], declared: descriptor.writeOptions, format: descriptor.id)
    let isFile = descriptor.isFile(path)
    let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
    let writer = try format.makeWriter(options)
    let encoder = try writer.begin(
      specimen.header,
      WriteContext(
        output: output, fileName: isFile ? FileName.basename(of: path) : nil, outputName: "out", splits: ["train"],
        sourceFormat: descriptor.id))
    let context = EncodeContext(labels: LabelCache(specimen.header.labels), media: MediaResolver(), output: output)
    var batch = EncodedBatch()
    for (position, sample) in ([specimen.sample] + specimen.others).enumerated() {
      try encoder.encode(sample, at: position, into: &batch, context)
    }
    if context.diagnostics.hasErrors { throw DatasetError(.invalidInput, "The encoder refuses it") }
    try writer.write(batch)
    try writer.finish()
    try output.commit()
  }
}
