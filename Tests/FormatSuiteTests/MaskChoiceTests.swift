import TestSupport
import Testing
import Waybill

/// Masks are written as pictures unless they are to be left out, and what is left out is in the account.
@Suite struct MaskChoiceTests {
  private let fixture = FixtureCase(format: "coco", name: "stuff-masks").input ?? ""

  @Test func masksBecomeBoxesWhereTheyAreLeftOut() throws {
    let folder = try TemporaryFolder()
    let report = try convert(fixture, folder.file("boxes"), to: "pascal-voc:masks=leave") {
      $0.approximations = try Approximations("mask=box")
    }
    #expect(report.ledger[.mask].read > 0)
    #expect(report.ledger[.mask].approximated == report.ledger[.mask].read)
    #expect(try tree(folder.file("boxes")).keys.allSatisfy { $0.hasSuffix(".xml") })
  }

  @Test func masksAreRefusedWhereTheyAreLeftOutAndNothingStandsForThem() throws {
    let folder = try TemporaryFolder()
    #expect(throws: (any Error).self) { try convert(fixture, folder.file("none"), to: "pascal-voc:masks=leave") }
    let report = try convert(fixture, folder.file("pictures"), to: "pascal-voc")
    #expect(report.ledger[.mask].written == report.ledger[.mask].read)
    #expect(try tree(folder.file("pictures")).keys.contains { $0.hasSuffix(".png") })
  }
}
