import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillComparison

@Suite struct ComparisonRulesTests {
  private func format(
    _ id: FormatID, _ reads: FeatureSet, writes: FeatureSet? = nil, sections: [FormatID]? = nil, writesOnePlace: Bool = false
  ) -> FormatDescriptor {
    FormatDescriptor(
      id: id, name: id.name, summary: id.name, fileExtensions: [], reads: reads, writes: writes ?? reads,
      writesOnePlace: writesOnePlace, sections: sections)
  }

  @Test func formatsAreComparedInWhatBothHold() {
    let one = format("one", [.image, .box, .split, .confidence, .labelID, .id], writes: [.image, .box, .split, .confidence, .id])
    let two = format("two", [.image, .box, .polygon, .split, .labelID, .id, .order])
    #expect(ComparisonRules(old: one, new: two).features == [.image, .box, .split, .id])
    #expect(ComparisonRules(old: two, new: one).features == [.image, .box, .split, .id])
    // One format with itself is compared in everything but the order.
    #expect(ComparisonRules(old: one, new: one).features == FeatureSet.all.subtracting([.order]))
    var options = ComparisonOptions()
    options.comparesAll = true
    #expect(ComparisonRules(old: one, new: two, options).features == .all)
    options.ignored = [.box, .label]
    #expect(ComparisonRules(old: one, new: two, options).features == FeatureSet.all.subtracting([.box, .label, .classification]))
  }

  @Test func whatOneSideDoesNotUseIsLeftOut() {
    let all = format("one", .all)
    let used: (FeatureSet, FeatureSet) = (
      [.image, .box, .polygon, .label, .split, .text], [.image, .box, .label, .confidence, .text]
    )
    let features = ComparisonRules(old: all, new: format("two", .all), used: used).features
    #expect(features.isSuperset([.image, .box, .label, .text, .span]))
    #expect(features.intersection([.polygon, .split, .confidence]).isEmpty)
    // What matters is compared whether or not both sides use it.
    let texts: (FeatureSet, FeatureSet) = ([.image, .text], [.image, .box])
    #expect(ComparisonRules(old: all, new: format("two", .all), used: texts).features.isSuperset([.text, .box]))
  }

  @Test(
    arguments: [
      ([FeatureSet.Element.box, .label], true), ([.circle, .label], false), ([.circle, .box], true), ([.caption], false),
      ([], true),
      ([.label, .circle, .id], false), ([.classification], true), ([.id], false),
    ] as [([Feature], Bool)]) func annotationsWithoutAPlaceLeftAreNotHeld(_ features: [Feature], _ isHeld: Bool)
  {
    let rules = ComparisonRules(
      old: format("one", [.image, .box, .label, .classification, .id]), new: format("two", .all))
    #expect(rules.canHold(FeatureSet(features)) == isHeld)
  }

  @Test func sectionsBothKeepAreCompared() {
    var preserved = Preserved()
    for name in ["a", "b", "c"] { preserved[FormatID(name)] = Array("\"x\":1".utf8) }
    func names(_ old: [FormatID], _ new: [FormatID]) -> [String] {
      ComparisonRules(old: format("one", .all, sections: old), new: format("two", .all, sections: new)).compared(preserved)
        .map(\.format.name)
    }
    #expect(names(["*"], ["*"]) == ["a", "b", "c"] && names(["*"], ["b"]) == ["b"] && names(["a", "c"], ["*"]) == ["a", "c"])
    #expect(names(["a", "b"], ["b", "c"]).isEmpty && names(["a"], ["a"]).isEmpty)
  }
}

extension FeatureSet {
  fileprivate typealias Element = Feature
  fileprivate func isSuperset(_ other: FeatureSet) -> Bool { other.isSubset(of: self) }
}
