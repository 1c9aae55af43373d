import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillConversion

@Suite struct LedgerTests {
  private func place(_ key: String) -> Ledger.Place { Ledger.Place(key: key, source: nil) }

  @Test func entriesAreCounted() {
    var ledger = Ledger()
    #expect(ledger.features.isEmpty && !ledger.hasAnyLoss && !ledger.hasEssentialLoss)
    ledger.keep([.box, .label])
    ledger.keep([.box])
    ledger.drop([.confidence], place("one"))
    ledger.drop([.confidence], place("two"))
    ledger.drop([], place("never"))
    #expect(ledger[.box] == .init(read: 2, written: 2, approximated: 0, dropped: 0) && ledger[.confidence].dropped == 2)
    #expect(ledger.firstDrop(of: .confidence)?.key == "one" && ledger.firstDrop(of: .box) == nil)
    #expect(ledger.hasAnyLoss && !ledger.hasEssentialLoss)
    ledger.approximate([.polygon], place("three"))
    #expect(!ledger.hasEssentialLoss && ledger.firstApproximation(of: .polygon)?.key == "three")
    ledger.drop([.polygon], place("four"))
    #expect(ledger.hasEssentialLoss && ledger.features == [.label, .box, .polygon, .confidence])
    ledger.unkeep([.box])
    #expect(ledger[.box] == .init(read: 1, written: 1, approximated: 0, dropped: 0))
  }

  @Test func wholeDropsAreEssential() {
    var ledger = Ledger()
    ledger.annotations.dropped = 1
    #expect(ledger.hasEssentialLoss)
    ledger = Ledger()
    ledger.samples.dropped = 1
    #expect(ledger.hasEssentialLoss && ledger.hasAnyLoss)
    ledger.noteWholeDrop(place("first"))
    ledger.noteWholeDrop(place("second"))
    #expect(ledger.firstWholeDrop?.key == "first")
  }

  /// The account of parts, joined in order, is the account of the whole.
  @Test(arguments: [1, 2, 7, 100])
  func joiningPartsIsTheSameAsOneAccount(partSize: Int) throws {
    let seed = testSeed(53)
    var dice = SeededNumbers(seed)
    let abilities: FeatureSet = [.image, .textMedia, .box, .label, .id, .samplePreserved]
    let auditor = Auditor(abilities: abilities, sections: ["coco"], approximations: try Approximations("polygon=box"))
    let samples = (0..<200).map { _ in dice.sample() }
    var whole = Ledger()
    for sample in samples {
      var sample = sample
      _ = auditor.restrict(&sample, &whole)
    }
    var joined = Ledger()
    for start in stride(from: 0, to: samples.count, by: partSize) {
      var part = Ledger()
      part.filteredSamples = 1
      part.skippedSamples = 2
      part.filteredAnnotations = 3
      part.unfitSamples = 1
      for sample in samples[start..<min(start + partSize, samples.count)] {
        var sample = sample
        _ = auditor.restrict(&sample, &part)
      }
      joined.add(part)
    }
    let parts = (samples.count + partSize - 1) / partSize
    #expect(joined.filteredSamples == parts && joined.skippedSamples == 2 * parts && joined.filteredAnnotations == 3 * parts)
    #expect(joined.unfitSamples == parts)
    #expect(
      joined.samples == whole.samples && joined.annotations == whole.annotations && joined.firstWholeDrop == whole.firstWholeDrop)
    for feature in Feature.allCases {
      #expect(joined[feature] == whole[feature] && joined.firstDrop(of: feature) == whole.firstDrop(of: feature))
      #expect(joined.firstApproximation(of: feature) == whole.firstApproximation(of: feature))
    }
  }
}
