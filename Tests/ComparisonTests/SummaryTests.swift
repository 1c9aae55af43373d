import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillComparison

@Suite struct SummaryTests {
  private func summary(_ pairs: [(old: String, new: String)]) -> ComparisonSummary {
    let comparison = SampleComparison(old: Writing.labels, new: Writing.labels)
    var summary = ComparisonSummary()
    for (old, new) in pairs {
      switch (old, new) {
      case ("-", _): summary.add(comparison.addition(of: Writing.sample(new)))
      case (_, "-"): summary.add(comparison.removal(of: Writing.sample(old)))
      default: if let change = comparison.change(from: Writing.sample(old), to: Writing.sample(new)) { summary.add(change) }
      }
    }
    return summary
  }

  @Test func everyKindIsCounted() throws {
    let found = summary([
      ("-", "car !alice|car|bus !bob"), ("person|'text'", "-"),
      ("car @0,0,9,9 !alice", "bus @1,0,10,9 !bob =red"),
      ("car @0,0,9,9|bus @50,0,59,9", "car @0,0,9,9 =red|tram @90,0,99,9 !alice"),
    ])
    #expect(found.samples == .init(added: 1, removed: 1, changed: 2, unchanged: 0))
    #expect(found.annotations == .init(added: 4, removed: 3, changed: 2, moved: 1, relabeled: 1, edited: 2))
    let labels = found.labels.map {
      "\($0.label ?? "-") \($0.added) \($0.removed) \($0.moved) \($0.edited) \($0.gained) \($0.lost)"
    }
    #expect(labels == ["- 0 1 0 0 0 0", "bus 1 1 1 1 1 0", "car 2 0 0 1 0 1", "person 0 1 0 0 0 0", "tram 1 0 0 0 0 0"])
    let authors = found.authors.map { author in
      let counts = author.annotations
      return "\(author.author ?? "-") \(counts.added) \(counts.changed) \(counts.moved) \(counts.relabeled) \(counts.edited)"
    }
    #expect(authors == ["- 1 1 0 0 1", "alice 2 0 0 0 0", "bob 1 1 1 1 1"])
    #expect(found.fields == [.label: 1, .box: 1, .author: 1, .attributes: 2])
    #expect(found.otherAuthors.isEmpty && !found.annotations.isEmpty && ComparisonSummary().annotations.isEmpty)
  }

  @Test func authorsBeyondTheLimitAreOthers() {
    let text = (0..<ComparisonSummary.authorLimit + 25).map { "car !a\($0)" }.joined(separator: "|")
    let found = summary([("-", text), ("-", "car !a0|car !new")])
    #expect(found.authors.count == ComparisonSummary.authorLimit && found.otherAuthors.added == 26)
    #expect(found.authors.first { $0.author == "a0" }?.annotations.added == 2)
    #expect(found.authors.reduce(0) { $0 + $1.annotations.added } + found.otherAuthors.added == found.annotations.added)
  }

  /// Labels whose names are written in two ways are two labels.
  @Test func namesAreCountedByTheirBytes() {
    let labels = LabelTable(["\u{E9}", "e\u{301}"].map { Label(name: $0) })
    var sample = Writing.sample("")
    sample.annotations = [Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 1))]
    var summary = ComparisonSummary()
    summary.add(SampleComparison(old: labels, new: labels).addition(of: sample))
    #expect(summary.labels.map(\.added) == [1, 1])
  }
}
