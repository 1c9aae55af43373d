import Foundation
import TestSupport
import Testing
import Waybill

/// The programs that the library's documentation shows, as they stand there but for the paths.
@Suite struct LibraryExampleTests {
  @Test func convertsAsTheDocumentationShows() throws {
    let folder = try TemporaryFolder()
    let (input, output) = (PackageFolder.fixtures("demo") + "/street.coco.json", folder.file("voc"))

    let target = try FormatRegistry.all.parse("pascal-voc")
    var request = ConversionRequest(input: input, output: output, to: target)
    request.approximations = try Approximations("polygon=box,mask=box")
    request.jobs = 2
    var printed: [String] = []
    do {
      let report = try Conversion(request, registry: .all).run()
      printed.append("\(report.ledger.annotations.written + report.ledger.annotations.approximated) written")
      printed.append("\(report.losses.map(\.feature.name)) lost")
    } catch {
      printed.append("\(error.error)")
    }
    #expect(printed.first == "29 written")
    #expect(printed.last?.contains("polygon") == true)
  }

  @Test func readsAsTheDocumentationShows() throws {
    let dataset = try Dataset.open(path: PackageFolder.fixtures("demo") + "/street.coco.json", registry: .all)
    let context = dataset.makeContext()
    var count = 0
    for position in 0..<dataset.count {
      guard let sample = try dataset.sample(at: position, context) else { continue }
      count += sample.annotations.count
    }
    #expect(dataset.count == 10 && count == 29)
  }

  @Test func comparesAsTheDocumentationShows() throws {
    let folder = try TemporaryFolder()
    let monday = PackageFolder.fixtures("demo") + "/street.coco.json"
    let text = String(decoding: try bytes(of: monday), as: UTF8.self)
    let friday = try folder.write(
      "friday.json", text.replacingOccurrences(of: "\"bbox\": [16.36, ", with: "\"bbox\": [18.36, "))

    var printed: [String] = []
    let request = ComparisonRequest(old: monday, new: friday)
    let report = try DatasetComparison(request, registry: .all).run { event in
      if case .sample(let change) = event { printed.append("\(change.kind) \(change.key) \(change.annotations.count)") }
    }
    printed.append("\(report.summary.annotations.moved) annotations moved")
    #expect(printed == ["changed images/0001.jpg 1", "1 annotations moved"])
  }
}
