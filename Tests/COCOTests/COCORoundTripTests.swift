import TestSupport
import Foundation
import Testing
import WaybillDatasetModel

@testable import WaybillCOCO

@Suite struct COCORoundTripTests {
  static let valid = COCOTest.files(below: COCOTest.fixtures).filter { !$0.contains("/invalid-") }
  static let real = [
    "coco", "coco-results", "coco-panoptic/panopticapi/sample_data", "lvis", "kaggle-csv/datumaro/kaggle_dataset/relaxed_coco",
  ].flatMap {
    COCOTest.files(below: COCOTest.corpus + "/" + $0)
  }

  /// Reads, writes, compares every value, and checks that writing again changes nothing.
  private func check(_ path: String) throws {
    let first = try COCOTest.read(path)
    if let error = first.error {
      #expect(error.message.contains("coco.unsupported."), "\(path): \(error)")
      return
    }
    // A real file whose PNG file is not as large as its image.
    if path.hasPrefix(COCOTest.corpus), first.rules == ["coco.panoptic.size"] { return }
    #expect(!first.diagnostics.hasErrors, "\(path): \(first.diagnostics.items)")
    if COCOLayout(first.header.preserved).kind == .panoptic { return try checkFolder(path, first) }
    let text = try COCOTest.text(first)
    let original = try String(contentsOfFile: path, encoding: .utf8)
    #expect(try COCOTest.json(text) == COCOTest.json(original), "\(path)")
    let second = try COCOTest.read(text: text)
    #expect(try COCOTest.text(second, batch: 256) == text, "\(path)")
    #expect(second.samples == first.samples, "\(path)")
  }

  /// The same for a panoptic file, which is written into a folder.
  private func checkFolder(_ path: String, _ first: ReadDataset) throws {
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(first, to: scratch, "first")
    #expect(written.diagnostics.isEmpty, "\(path): \(written.diagnostics.items)")
    let file = written.path + "/annotations/panoptic_all.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let original = try String(contentsOfFile: path, encoding: .utf8)
    #expect(try COCOTest.json(text) == COCOTest.json(original), "\(path)")
    let second = try COCOTest.read(file)
    #expect(second.diagnostics.items.map(\.rule) == first.diagnostics.items.map(\.rule))
    #expect(second.samples == first.samples, "\(path)")
    let again = try COCOTest.write(second, to: scratch, "second", batch: 256)
    #expect(try COCOTest.tree(again.path) == COCOTest.tree(written.path), "\(path)")
  }

  @Test(arguments: valid) func fixture(_ path: String) throws { try check(path) }

  @Test(.enabled(if: !real.isEmpty, "the corpus is not beside the package")) func corpus() throws {
    for path in Self.real { try check(path) }
  }

  @Test func demo() throws { try check(COCOTest.root.path + "/Fixtures/demo/street.coco.json") }

  @Test(arguments: [1, 2, 7, 256]) func canonicalBytesStay(_ batch: Int) throws {
    let path = COCOTest.fixtures + "/canonical/input.json"
    let dataset = try COCOTest.read(path)
    #expect(try COCOTest.text(dataset, batch: batch) == String(contentsOfFile: path, encoding: .utf8))
    #expect(dataset.annotations.map(\.ordinal) == [1, 2, 0, 3, 4])
  }

  @Test func manyAnnotationsKeepTheirOrder() throws {
    let seed: UInt64 = 7
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let images = (1...50).map { #"{"id":\#($0 * 3),"file_name":"\#($0).jpg"}"# }
    let annotations = (1...2000).map { number in
      let image = Int.random(in: 1...50, using: &random) * 3
      let value = Double.random(in: 0...600, using: &random)
      return #"{"id":\#(5000 - number),"image_id":\#(image),"category_id":3,"bbox":[\#(value),1.5,2,3]}"#
    }
    let source = COCOTest.document(annotations.joined(separator: ","), images: images.joined(separator: ","))
    let dataset = try COCOTest.read(text: source)
    #expect(dataset.diagnostics.isEmpty)
    #expect(dataset.annotations.count == 2000)
    #expect(try COCOTest.json(COCOTest.text(dataset)) == COCOTest.json(source))
  }

  @Test func groupedAnnotationsHaveNoOrdinals() throws {
    let dataset = try COCOTest.read(
      text: COCOTest.document(#"{"id":1,"image_id":1,"category_id":3},{"id":2,"image_id":1,"category_id":3}"#))
    #expect(dataset.annotations.map(\.ordinal) == [nil, nil])
  }

  @Test func emptyListsAndAbsentMembersStay() throws {
    for text in [
      #"{"images":[]}"#, #"{"images":[],"annotations":[]}"#, #"{"annotations":[],"categories":[]}"#,
      #"{"categories":[],"info":{}}"#,
      #"{"type":"instances","images":[{"id":1}],"licenses":[]}"#,
    ] {
      #expect(try COCOTest.json(COCOTest.text(COCOTest.read(text: text))) == COCOTest.json(text))
    }
  }
}
