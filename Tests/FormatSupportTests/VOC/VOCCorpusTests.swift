import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Every real VOC file at hand is read and written back with the same elements, texts and order.
@Suite struct VOCCorpusTests {
  static let files: [String] = {
    guard let corpus else { return [] }
    var found: [String] = []
    for folder in ["pascal-voc", "modelarts-manifest", "kaggle-csv/datumaro", "sagemaker-manifest"] {
      for case let path as String in FileManager.default.enumerator(atPath: "\(corpus)/\(folder)") ?? .init()
      where path.hasSuffix(".xml") && !path.contains("errorFiles") {
        found.append("\(folder)/\(path)")
      }
    }
    return found.sorted()
  }()

  @Test(.enabled(if: corpus != nil, "the folder of real files is not there"), arguments: files)
  func everyRealFileIsWrittenBack(_ path: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(corpus ?? "")/\(path)")))
    for layout in [VOCDialect.Layout.devkit, .service, .sdk] {
      // A dialect that fills in what is missing does not do so to what was read in it.
      let dialect = VOCDialect(
        allowsExtendedShapes: true, layout: layout, folder: layout == .devkit ? nil : "NA", fillsFlags: layout != .devkit)
      let read = try decodeVOC(bytes, dialect: dialect)
      #expect(!read.diagnostics.hasErrors, "\(read.diagnostics.items)")
      let document = try #require(read.document)
      let written = encodeVOC(document, labels: read.labels, dialect: dialect)
      #expect(written.diagnostics.isEmpty, "\(written.diagnostics.items)")
      #expect(try infoset(Array(written.text.utf8)) == infoset(bytes))
      let again = try decodeVOC(written.text, dialect: dialect, labels: read.labels)
      #expect(again.document == document)
      #expect(encodeVOC(again.document ?? VOCDocument(), labels: read.labels, dialect: dialect).text == written.text)
    }
  }
}
