import Foundation
import TestSupport
import Testing
import Waybill

/// Real files of tokens, which come back byte for byte.
@Suite(.enabled(if: PackageFolder.corpus != nil, "the real files are not beside the package")) struct TokenCorpusTests {
  static let conll =
    ["conll2000", "conll2002", "conll2003", "conll-other"].flatMap { RealInput.files($0, ".conll", "conll") }
    + RealInput.files("iob", ".iob", "conll") + RealInput.files("conll2003", "conll2003.txt", "conll")
    + RealInput.files("doccano", ".conll", "conll")
  static let everyCoNLLU = ["conll", "conllu", "conllup"].flatMap { RealInput.files("conllu", ".\($0)", "conllu") }
  static let conllu = everyCoNLLU.filter { !$0.path.contains("/invalid-level1") }

  /// Files that are refused, with the rule that says why.
  static let refused = [
    "conllu/pyconll/invalid.conll": "conllu.row.columns",
    "doccano/doccano/data_import/tests/data/sequence_labeling/labeling.invalid.conll": "conll.row.columns",
  ]

  @Test(arguments: conll + conllu) func comesBackAsItWas(_ real: RealInput) throws {
    let folder = try TemporaryFolder()
    let original = try bytes(of: real.location)
    do {
      _ = try convert(real.location, folder.file("a.conll"), to: real.format, from: real.format)
    } catch let failure as Conversion.Failure {
      let items = failure.report?.diagnostics.items.filter { $0.severity == .error } ?? []
      let expected = Self.refused[real.path]
      #expect(expected != nil && items.contains { $0.rule == expected }, "\(items.map { "\($0.rule): \($0.message)" })")
      #expect(items.allSatisfy { $0.range != nil })
      return
    }
    #expect(Self.refused[real.path] == nil, "it is read by now")
    #expect(try bytes(of: folder.file("a.conll")) == original)
    _ = try convert(real.location, folder.file("n.jsonl"), to: "waybill", from: real.format)
    _ = try convert(folder.file("n.jsonl"), folder.file("b.conll"), to: real.format)
    #expect(try bytes(of: folder.file("b.conll")) == original)
  }

  /// Each file that the validator of Universal Dependencies refuses as a file has an error here too.
  @Test(arguments: everyCoNLLU.filter { $0.path.contains("/invalid-level1") }) func brokenFilesHaveErrors(_ real: RealInput) throws
  {
    let shared = LabelTable()
    let contents = try Contents(real.location, as: try FormatRegistry.all.parse("conllu"), shared: shared)
    #expect(contents.diagnostics.count(atLeast: .error) > 0)
  }

  /// Files are known by what is in them, but for those of older tasks, which have no tags.
  @Test(arguments: (conll + conllu).filter { !$0.path.hasPrefix("conll-other/") && !$0.path.hasSuffix("/output.conll") })
  func isDetected(_ real: RealInput) throws {
    let choice = try FormatRegistry.all.detect(try DatasetInput(path: real.location))
    #expect(choice.format.descriptor.id.name == real.format)
  }
}
