import Foundation
import TestSupport
import Testing
import Waybill

/// Real manifests of Ground Truth and real rows of MOTChallenge come back as the bytes they were.
@Suite(.enabled(if: PackageFolder.corpus != nil, "the real files are not beside the package")) struct TrackingCorpusTests {
  private static let manifests =
    RealInput.files("sagemaker-manifest", ".manifest", "groundtruth")
    + RealInput.files("sagemaker-manifest", "SeqLabel.json", "groundtruth")
  private static let rows = RealInput.files("mot", ".txt", "mot").filter { !$0.path.hasSuffix("labels.txt") }

  @Test(arguments: manifests + rows) func fileComesBackAsItWas(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    let ending = real.path.hasSuffix(".json") ? ".json" : real.format == "mot" ? ".txt" : ".manifest"
    let choice = try FormatRegistry.all.detect(try DatasetInput(path: real.location))
    #expect(choice.format.descriptor.id.name == real.format)
    let report = try convert(real.location, folder.file("a" + ending), to: real.format)
    #expect(!report.ledger.hasAnyLoss)
    let original = try bytes(of: real.location)
    #expect(try bytes(of: folder.file("a" + ending)) == original)
    _ = try convert(real.location, folder.file("n.jsonl"), to: "waybill")
    _ = try convert(folder.file("n.jsonl"), folder.file("b" + ending), to: real.format)
    #expect(try bytes(of: folder.file("b" + ending)) == original)
  }

  /// Folders of sequences come back with all that was read of them.
  @Test(arguments: ["mot/datumaro/mot_dataset", "mot/datumaro/mot_dataset/mot_seq_with_seqinfo", "mot/motmetrics-pypi/TUD-Campus"])
  func folderComesBackAsItWas(_ path: String) throws {
    let folder = try TemporaryFolder()
    let input = "\(PackageFolder.corpus ?? "")/\(path)"
    guard FileManager.default.fileExists(atPath: input) else { return }
    _ = try convert(input, folder.file("a"), to: "mot")
    let original = try tree(input)
    let written = try tree(folder.file("a"))
    #expect(!written.isEmpty)
    for (name, bytes) in written { #expect(bytes == original[name], "\(name) differs") }
  }
}
