import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillConversion

/// A format that only says what it can hold.
private enum BoxOnly: Format {
  static let descriptor = FormatDescriptor(
    id: "boxes", name: "Boxes", summary: "A fake", fileExtensions: [".json"], reads: .all, writes: [.image, .label, .box])
  static func detect(_ probe: DetectionProbe) -> Detection? { nil }
  static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    throw DatasetError(.usage, "A fake has no reader")
  }
  static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    throw DatasetError(.usage, "A fake has no writer")
  }
}

@Suite struct LossTextTests {
  private func report(_ source: SourceRange? = nil, sources: SourceMap = SourceMap()) -> ConversionReport {
    var report = ConversionReport(from: "coco", to: "boxes", sources: sources)
    let place = Ledger.Place(key: "a\u{1B}.jpg", source: source)
    report.ledger.drop([.polygon, .confidence], place)
    report.ledger.drop([.polygon], Ledger.Place(key: "b.jpg", source: nil))
    report.ledger.approximate([.circle], place)
    return report
  }

  private func request(strict: Bool) -> ConversionRequest {
    var request = ConversionRequest(input: "in", output: "out", to: FormatChoice(format: BoxOnly.self))
    request.strict = strict
    return request
  }

  @Test func nothingLostIsNoTable() {
    #expect(LossText.table(ConversionReport(from: "coco", to: "boxes", sources: SourceMap())) == "")
  }

  @Test func theTableListsEssentialLossesFirst() {
    #expect(
      LossText.table(report()) == """
          feature     count  what          class       first
          polygon         2  dropped       essential   "a\\u{1b}.jpg"
          circle          1  approximated  essential   "a\\u{1b}.jpg"
          confidence      1  dropped       incidental  "a\\u{1b}.jpg"

        """)
  }

  @Test func theRefusalNamesWhatHowManyWhereAndTheWayOut() throws {
    let folder = try TemporaryFolder()
    let sources = SourceMap()
    let path = try folder.write("in.json", "{\n  \"x\"\n}")
    let file = sources.add(path)
    var report = report(SourceRange(file: file, offset: 4, length: 1), sources: sources)
    report.ledger.annotations.dropped = 3
    report.ledger.noteWholeDrop(Ledger.Place(key: "c.jpg", source: nil))
    #expect(
      LossText.refusal(report, request(strict: false)) == """
        The format boxes has no place for some of the labels; nothing was written
          2 polygon, first in "a\\u{1b}.jpg" at \(path):2:3 (--approximate polygon=box)
          3 annotations as a whole, first "c.jpg"
        --allow-loss leaves them out
        """)
    let strict = LossText.refusal(report, request(strict: true))
    #expect(
      strict.contains("\n  1 circle") && strict.contains("\n  1 confidence") && strict.hasSuffix("--strict refuses every loss"))
  }

  @Test func theReportIsOneJSONObjectWhoseSumsAddUp() {
    var report = report()
    report.ledger.keep([.box])
    let text = String(decoding: report.json(), as: UTF8.self)
    #expect(
      text.hasPrefix("{\"from\":\"coco\",\"to\":\"boxes\",\"output\":null,\"read\":{\"samples\":0,\"annotations\":0,\"box\":1,"))
    #expect(text.contains("\"dropped\":{\"samples\":0,\"annotations\":0,\"box\":0,\"polygon\":2,\"circle\":0,\"confidence\":1}"))
    #expect(
      text.contains(
        "{\"feature\":\"circle\",\"count\":1,\"class\":\"essential\",\"kind\":\"approximated\",\"first\":{\"key\":\"a\\u001b.jpg\"}}"
      ))
    #expect(text.hasSuffix("],\"diagnostics\":[]}\n"))
  }
}
