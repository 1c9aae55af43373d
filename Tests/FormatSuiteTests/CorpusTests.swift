import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

/// A real file or folder, and what must become of it.
struct RealInput: CustomTestStringConvertible, Sendable {
  var path: String
  var format: String
  var testDescription: String { path }

  /// The absolute path.
  var location: String { "\(PackageFolder.corpus ?? "")/\(path)" }

  static func files(_ folder: String, _ ending: String, _ format: String) -> [RealInput] {
    guard let corpus = PackageFolder.corpus else { return [] }
    return PackageFolder.files(below: "\(corpus)/\(folder)", endingIn: ending).map {
      RealInput(path: String($0.dropFirst(corpus.count + 1)), format: format)
    }
  }

  static let coco =
    files("coco", ".json", "coco").filter { !$0.path.contains("/panoptic_") } + files("coco", ".JSON", "coco")
    + files("lvis", ".json", "coco")
    + files("kaggle-csv", "annotations.json", "coco") + files("coco-results", ".json", "coco") + panoptic
  static let panoptic =
    files("coco-panoptic", "panoptic_examples.json", "coco") + files("coco", "panoptic_train.json", "coco")
    + files("coco", "panoptic_val.json", "coco")
  static let modelarts = files("modelarts-manifest", ".manifest", "modelarts")
  static let voc = files("pascal-voc", ".xml", "pascal-voc") + files("modelarts-manifest", ".xml", "pascal-voc")
  static let rows =
    files("rttm", ".rttm", "rttm") + files("audacity", ".txt", "audacity")
    + ["rttm/dscore", "rttm/pyannote-database"].map { RealInput(path: $0, format: "rttm") }
  static let vocFolders = [
    "pascal-voc/datumaro/voc_dataset/voc_dataset1", "pascal-voc/datumaro/voc_dataset/voc_dataset2",
    "pascal-voc/datumaro/voc_dataset/voc_dataset3", "pascal-voc/datumaro/roboflow_dataset/voc",
    "pascal-voc/icevision/fridge/odFridgeObjects", "pascal-voc/icevision/voc", "pascal-voc/raccoon",
    "pascal-voc/rod-metrics-toy/gts_vocpascal_format",
  ].map { RealInput(path: $0, format: "pascal-voc") }
  static let yoloFolders = [
    "yolo/yolo-mark", "yolo/yolo-mark/data", "yolo/datumaro/yolo_dataset/labels", "yolo/datumaro/yolo_dataset/annotations",
    "yolo/datumaro/yolo_dataset/strict", "yolo/datumaro/roboflow_dataset/yolo", "yolo/labelformat/object_detection/YOLOv8",
    "yolo/labelformat/instance_segmentation/YOLOv8", "yolo-obb-dota/datumaro/roboflow_dataset/yolo_obb",
  ].map { RealInput(path: $0, format: "yolo") }
}

/// Real files that are refused, with the rule that says why; the cards explain each.
let refusedRealFiles: [String: String] = [
  // Its PNG file is not as large as its image.
  "coco/datumaro/coco_panoptic/annotations/panoptic_train.json": "coco.panoptic.size",
  "yolo-obb-dota/datumaro/roboflow_dataset/yolo_obb": "yolo.row.number",
].merging(refusedSidecars) { first, _ in first }

/// Files of the SDK that are broken on purpose.
private let refusedSidecars: [String: String] = [
  "empty.xml": "xml.empty", "emptyAnnotation.xml": "voc.empty", "2007_000027_width_empty.xml": "voc.size.number",
  "2007_000027_segmented_empty.xml": "voc.segmented", "twoBndBox_2007_000027.xml": "voc.object.two-shapes",
  "labelPropertiesEmpty2.xml": "voc.properties.empty", "labelPropertiesEmpty3.xml": "voc.properties.empty",
].reduce(into: [:]) { $0["modelarts-manifest/modelarts-dataset-sdk/voc/errorFiles/\($1.key)"] = $1.value }

@Suite(.enabled(if: PackageFolder.corpus != nil, "the real files are not beside the package")) struct CorpusTests {
  /// Every real file is read without an error, or refused with the rule given above.
  @Test(
    arguments: RealInput.coco + RealInput.modelarts + RealInput.voc + RealInput.vocFolders + RealInput.yoloFolders + RealInput.rows)
  func isReadOrRefused(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    do {
      let report = try convert(real.location, folder.file("out.jsonl"), to: "waybill", from: real.format)
      #expect(refusedRealFiles[real.path] == nil, "it is read by now")
      #expect(!report.ledger.hasAnyLoss)
      expectSumsToAddUp(report.ledger)
    } catch let failure as Conversion.Failure {
      let items = failure.report?.diagnostics.items.filter { $0.severity == .error } ?? []
      let rules = items.map(\.rule)
      let expected = refusedRealFiles[real.path]
      #expect(expected.map(rules.contains) == true, "\(failure.error): \(items.map { "\($0.rule): \($0.message)" })")
      #expect(items.allSatisfy { $0.range != nil })
    }
  }

  /// COCO to COCO, and by way of the native manifest, says the same in every value.
  @Test(arguments: RealInput.coco.filter { refusedRealFiles[$0.path] == nil })
  func cocoComesBackEqual(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    // Segments are in PNG files, so that a panoptic dataset is a folder.
    let isPanoptic = RealInput.panoptic.contains { $0.path == real.path }
    func output(_ name: String) -> String { folder.file(isPanoptic ? name : name + ".json") }
    func written(_ name: String) -> String { output(name) + (isPanoptic ? "/annotations/panoptic_all.json" : "") }
    _ = try convert(real.location, output("a"), to: "coco", from: "coco")
    _ = try convert(real.location, folder.file("n.jsonl"), to: "waybill", from: "coco")
    _ = try convert(folder.file("n.jsonl"), output("b"), to: "coco")
    let original = try json(try bytes(of: real.location))
    #expect(try json(try bytes(of: written("a"))) == original)
    #expect(try tree(output("b")) == tree(output("a")))
    _ = try convert(output("a"), output("c"), to: "coco")
    #expect(try tree(output("c")) == tree(output("a")))
  }

  /// Files of rows are found by what is in them, and come back byte by byte, also by way of the native manifest.
  @Test(arguments: RealInput.rows) func rowsComeBackTheSame(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    let choice = try FormatRegistry.all.detect(try DatasetInput(path: real.location))
    #expect(choice.format.descriptor.id.name == real.format)
    let isFile = !(try DatasetInput(path: real.location).isFolder)
    let name = isFile ? "out.\(FileName.extension(of: real.path))" : "out"
    _ = try convert(real.location, folder.file("native.jsonl"), to: "waybill")
    _ = try convert(folder.file("native.jsonl"), folder.file(name), to: real.format)
    let written = try tree(folder.file(name))
    let endings = [".rttm", ".uem", ".txt"]
    let expected = try tree(real.location).filter { item in isFile || endings.contains { item.key.hasSuffix($0) } }
    #expect(written.count == expected.count)
    for (path, bytes) in expected { #expect((isFile ? written.values.first : written[path]) == bytes, "\(path) differs") }
  }

  /// YOLO to YOLO, and by way of the native manifest, holds every sample and every number.
  @Test(arguments: RealInput.yoloFolders.filter { refusedRealFiles[$0.path] == nil })
  func yoloComesBackEqual(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    _ = try convert(real.location, folder.file("a"), to: "yolo", from: "yolo")
    _ = try convert(real.location, folder.file("n.jsonl"), to: "waybill", from: "yolo")
    _ = try convert(folder.file("n.jsonl"), folder.file("b"), to: "yolo")
    #expect(try tree(folder.file("a")) == tree(folder.file("b")))
    let shared = LabelTable()
    let before = try Contents(real.location, as: try FormatRegistry.all.parse("yolo"), shared: shared)
    let after = try Contents(folder.file("a"), shared: shared)
    #expect(after.diagnostics.count(atLeast: .error) == 0 && after.samples == before.samples)
  }

  /// A ModelArts manifest written back says the same on every line, and is the same bytes when it is compact.
  @Test(arguments: RealInput.modelarts.filter { refusedRealFiles[$0.path] == nil })
  func manifestComesBackEqual(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    _ = try convert(real.location, folder.file("out"), to: "modelarts", from: "modelarts")
    let written = try #require(try tree(folder.file("out")).first { $0.key.hasSuffix(".manifest") })
    let original = try bytes(of: real.location)
    let before = original.split(separator: 10)
    let after = written.value.split(separator: 10)
    #expect(before.count == after.count)
    for (a, b) in zip(before, after) { #expect(try json(Array(b)) == json(Array(a))) }
    let isCompact = !String(decoding: original, as: UTF8.self).contains("\": ")
    if isCompact { #expect(String(decoding: written.value, as: UTF8.self) == String(decoding: original, as: UTF8.self)) }
  }

  private func json(_ bytes: [UInt8]) throws -> NSObject {
    let value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    return try #require(value as? NSObject)
  }
}
