import Foundation
import TestSupport
import Testing
import Waybill

/// Real files of texts with labels, and what must become of them.
@Suite(.enabled(if: PackageFolder.corpus != nil, "the real files are not beside the package")) struct TextCorpusTests {
  /// A file, how it is read, and the rule by which it is refused.
  struct RealText: CustomTestStringConvertible, Sendable {
    var path: String
    var from: String
    var refused: String?
    var isDetected = true
    var testDescription: String { path }
    var location: String { "\(PackageFolder.corpus ?? "")/\(path)" }
  }

  private static func files(_ folder: String, _ endings: [String], _ format: String) -> [RealText] {
    endings.flatMap { RealInput.files(folder, $0, format) }.compactMap { real in
      let name = real.path.dropFirst(folder.count + 1)
      // Files of pictures, recordings and trees of file names, of tags and of patterns are of other kinds.
      let others = [
        "bounding_box", "segmentation", "image_", "speech_to_text", "task_agnostic", "README", ".conll", "example-patterns",
        "sequence_labeling/example.txt",
        "tests/data/example.txt",
      ]
      if others.contains(where: name.contains) { return nil }
      let namesColumns = (try? String(contentsOfFile: real.location, encoding: .utf8))?.contains("column_data") == true
      return RealText(
        path: real.path, from: namesColumns ? "\(format):text=column_data,label=column_label" : format,
        refused: refusals[real.path],
        isDetected: !namesColumns)
    }
  }

  private static let doccano = "doccano/doccano/data_import/tests/data"
  /// Files with records that lack a text, or with a field too many.
  private static let refusals = [
    "\(doccano)/sequence_labeling/example.jsonl": "jsonl-text.record.no-text",
    "\(doccano)/seq2seq/example.jsonl": "jsonl-text.record.no-text",
    "\(doccano)/seq2seq/example.json": "jsonl-text.record.no-text",
    "\(doccano)/text_classification/example.json": "jsonl-text.record.no-text",
    "\(doccano)/intent/example.jsonl": "jsonl-text.record.no-text",
    "\(doccano)/text_classification/example.invalid.2.csv": "text-classification.row.columns",
  ]

  static let all =
    files("doccano", [".jsonl", ".json"], "jsonl-text") + files("prodigy-jsonl", [".jsonl"], "jsonl-text")
    + files("text-classification-jsonl", [".jsonl"], "jsonl-text") + files("doccano", [".csv", ".txt"], "text-classification")
    + files("text-classification", [".csv", ".tsv"], "text-classification") + files("fasttext", [".txt"], "text-classification")

  /// Each is detected, and comes back as the same bytes, straight and by way of the native manifest.
  @Test(arguments: all) func comesBackAsTheSameBytes(_ real: RealText) throws {
    let folder = try TemporaryFolder()
    let format = String(real.from.prefix { $0 != ":" })
    let ending = "." + (real.path.split(separator: ".").last ?? "")
    do {
      if real.isDetected {
        #expect(try FormatRegistry.all.detect(DatasetInput(path: real.location)).format.descriptor.id.name == format)
      }
      let report = try convert(real.location, folder.file("a\(ending)"), to: format, from: real.from)
      #expect(real.refused == nil && !report.ledger.hasAnyLoss)
      expectSumsToAddUp(report.ledger)
      _ = try convert(real.location, folder.file("n.waybill.jsonl"), to: "waybill", from: real.from)
      _ = try convert(folder.file("n.waybill.jsonl"), folder.file("b\(ending)"), to: format)
      let original = try bytes(of: real.location)
      #expect(try bytes(of: folder.file("a\(ending)")) == original)
      #expect(try bytes(of: folder.file("b\(ending)")) == original)
    } catch let failure as Conversion.Failure {
      let items = failure.report?.diagnostics.items.filter { $0.severity == .error } ?? []
      #expect(real.refused.map { rule in items.contains { $0.rule == rule } } == true, "\(failure.error): \(items.map(\.rule))")
      #expect(items.allSatisfy { $0.range != nil })
    }
  }

  /// Tables of pictures, of numbers and of names are of neither format.
  @Test(arguments: [
    "multiclass-csv", "tabular-csv", "hf-metadata-jsonl", "spacy-json", "kaggle-csv", "open-images", "celeba", "common-voice",
    "ava-csv",
  ])
  func othersAreNotClaimed(_ folder: String) throws {
    for ending in [".csv", ".tsv", ".txt", ".json", ".jsonl"] {
      for real in RealInput.files(folder, ending, "") {
        let found = try? FormatRegistry.all.detect(DatasetInput(path: real.location)).format.descriptor.id.name
        #expect(found != "jsonl-text" && found != "text-classification", "\(real.path)")
      }
    }
  }
}
