import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillComparison

@Suite struct MatchingTests {
  /// Old and new annotations, and which are the same thing.
  static let table: [(old: String, new: String, matching: String)] = [
    // What is equal.
    ("", "", ""), ("car", "", "-0"), ("", "car", "+0"), ("car @0,0,9,9", "car @0,0,9,9", "0=0"),
    ("car @0,0,9,9|bus @0,0,9,9", "bus @0,0,9,9|car @0,0,9,9", "0=1 1=0"),
    ("car @0,0,9,9|car @0,0,9,9", "car @0,0,9,9", "0=0 -1"),
    // Equal ones come before those that share an id.
    ("#1 car @0,0,9,9|#2 car @50,0,59,9", "#1 bus @90,0,99,9|#2 car @0,0,9,9", "0=1 -1 +0"),
    // Numbers given anew.
    ("#1 car @0,0,9,9|#2 car @50,0,59,9", "#1 car @90,0,99,9|#2 car @0,0,9,9|#3 car @50,0,59,9", "0=1 1=2 +0"),
    // The same id says it where all else is alike.
    ("#1 car =red|#2 car =blue", "#2 car =green|#1 car =black", "0=1 1=0"),
    ("#1 car @0,0,9,9 =red|#2 car @0,0,9,9 =blue", "#2 car @0,0,9,9 =green|#1 car @0,0,9,9 =black", "0=1 1=0"),
    // An id that stands twice says nothing.
    ("#1 car @0,0,9,9|#1 car @50,0,59,9", "#1 car @70,0,79,9|#2 car @0,0,9,9", "0=1 -1 +0"),
    // An id whose label is the same is believed wherever it is; so is one whose place overlaps, whatever its label.
    ("#1 car @0,0,9,9", "#1 car @500,0,509,9", "0=0"), ("#1 car @0,0,9,9", "#1 bus @8,0,17,9", "0=0"),
    ("#1 car @0,0,9,9", "#1 bus @500,0,509,9", "-0 +0"), ("#1 car", "#1 bus", "0=0"), ("#1 car", "#2 bus", "-0 +0"),
    // The kind of an id counts.
    ("#1 car @0,0,9,9", "#a car @500,0,509,9", "-0 +0"),
    // One track at one time is as good as an id.
    ("car f1 %1 @0,0,9,9|car f1 %2 @50,0,59,9", "car f1 %2 @90,0,99,9|car f1 %1 @70,0,79,9", "0=1 1=0"),
    ("car f1 %1 @0,0,9,9", "car f2 %1 @50,0,59,9", "-0 +0"),
    // Without ids, the largest overlap of one label, then of others from a half on.
    ("car @0,0,10,10|car @4,0,14,10", "car @5,0,15,10|car @1,0,11,10", "0=1 1=0"),
    ("car @0,0,10,10", "car @9,0,19,10", "-0 +0"), ("car @0,0,10,10", "car @8,0,18,10", "0=0"),
    ("car @0,0,10,10", "bus @2,0,12,10", "0=0"), ("car @0,0,10,10", "bus @6,0,16,10", "-0 +0"),
    ("car @0,0,10,10|bus @0,0,10,10", "bus @1,0,11,10|car @2,0,12,10", "0=1 1=0"),
    ("car @0,0,10,10|car @0,0,10,10", "bus @0,0,10,10|car @1,0,11,10", "0=1 1=0"),
    ("car @0,0,10,10", "@0,0,10,10", "0=0"),
    // Points and lines have a little room around them.
    ("car *5,5", "car *8,5", "0=0"), ("car *5,5", "car *50,5", "-0 +0"), ("car *5,5", "car @0,0,10,10", "0=0"),
    // Ranges of text and times.
    ("car [0-5]|car [10-15]", "car [11-15]|car [0-6]", "0=1 1=0"), ("car [0-5]", "bus [0-5]", "0=0"),
    ("car [0-5]", "bus [3-9]", "-0 +0"), ("car t0-2", "car t0.5-2", "0=0"), ("car t0-2", "car t2-4", "-0 +0"),
    ("car i1", "car i1.4", "0=0"), ("car i1", "car i2.4", "-0 +0"),
    ("person t0-2 'hello'", "person t0-2 'hallo'", "0=0"),
    // Frames are kept apart.
    ("car f1 @0,0,10,10|car f2 @0,0,10,10", "car f2 @1,0,11,10|car f1 @1,0,11,10", "0=1 1=0"),
    ("car f1 @0,0,10,10", "car f2 @0,0,10,10", "-0 +0"),
    // What has no place: by label, then in order.
    ("car|bus", "bus|tram", "0=1 1=0"), ("car|bus", "person|tram", "0=0 1=1"), ("car", "car @0,0,9,9", "-0 +0"),
    ("'a'|'b'", "'b'|'c'", "0=1 1=0"), ("#1 'a'|#2 'b'", "#2 'x'|#3 'c'", "1=0 -0 +1"), ("#1 'a'", "#3 'a'", "0=0"),
    ("'a'", "car", "-0 +0"), ("#1 car|bus", "#2 tram|person", "0=1 1=0"),
    // Relations are what they join, by what these are matched with.
    (
      "#1 car @0,0,9,9|#2 bus @50,0,59,9|#3 tram >1>2", "#5 car @0,0,9,9|#6 bus @50,0,59,9|#7 tram >5>6",
      "0=0 1=1 2=2"
    ),
    ("#1 car @0,0,9,9|#2 bus @50,0,59,9|tram >1>2", "#1 car @0,0,9,9|#2 bus @50,0,59,9|person >1>2", "0=0 1=1 2=2"),
    ("#1 car @0,0,9,9|#2 bus @50,0,59,9|tram >1>2", "#1 car @0,0,9,9|#2 bus @50,0,59,9|tram >2>1", "0=0 1=1 -2 +2"),
    ("#1 car|#2 bus|#3 tram >1>2|person >3>1", "#1 car|#2 bus|#4 tram >1>2|person >4>1", "0=0 1=1 2=2 3=3"),
    ("#3 tram >8>9", "#3 tram >8>7", "0=0"), ("tram >8>9", "tram >8>9", "0=0"), ("car", "car >8>9", "-0 +0"),
  ]

  @Test(arguments: table) func isAsExpected(_ row: (old: String, new: String, matching: String)) {
    #expect(Writing.matching(row.old, row.new) == row.matching)
    // The other way about each pair is turned round.
    let mirrored = row.matching.split(separator: " ").map { word -> String in
      if word.hasPrefix("-") { return "+\(word.dropFirst())" }
      if word.hasPrefix("+") { return "-\(word.dropFirst())" }
      return word.split(separator: "=").reversed().joined(separator: "=")
    }
    let back = Set(Writing.matching(row.new, row.old).split(separator: " ").map(String.init))
    #expect(back == Set(mirrored), "\(row.new) | \(row.old)")
  }

  @Test func idsThatAreIgnoredSayNothing() {
    var options = ComparisonOptions()
    options.ignored = [.id]
    let rules = ComparisonRules(options)
    #expect(Writing.matching("#1 car @0,0,9,9", "#1 car @500,0,509,9", rules) == "-0 +0")
    #expect(Writing.matching("#1 car|#2 bus", "#3 tram|#4 bus", rules) == "0=0 1=1")
  }

  /// Every annotation is in exactly one pair or list, and the same each time.
  @Test(arguments: 0..<60) func leavesNothingOut(_ step: Int) {
    let seed = testSeed(4_100) + UInt64(step)
    var generator = SampleGenerator(seed: seed, isWild: step.isMultiple(of: 2))
    let header = generator.header(.all)
    var (old, new) = (generator.sample(0, .all, in: header), generator.sample(0, .all, in: header))
    for index in 1...6 {
      old.annotations += generator.sample(index, .all, in: header).annotations
      new.annotations += generator.sample(index, .all, in: header).annotations
    }
    new.annotations += old.annotations.prefix(8)
    let comparison = SampleComparison(rules: ComparisonRules(), old: header.labels, new: header.labels)
    let matching = comparison.matching(old, new)
    #expect((matching.pairs.map(\.old) + matching.removed).sorted() == Array(old.annotations.indices), "seed \(seed)")
    #expect((matching.pairs.map(\.new) + matching.added).sorted() == Array(new.annotations.indices), "seed \(seed)")
    let again = SampleComparison(rules: ComparisonRules(), old: header.labels, new: header.labels).matching(old, new)
    #expect(again.pairs == matching.pairs && again.added == matching.added, "seed \(seed)")
  }

  // MARK: Work

  private func boxes(_ count: Int, _ box: (Int) -> Box, _ change: (inout Annotation, Int) -> Void = { _, _ in }) -> Sample {
    var sample = Sample(key: "a", media: Media(.image, location: "a", width: 1000, height: 1000))
    for index in 0..<count {
      var annotation = Annotation(label: LabelID(index: 0), box: box(index))
      change(&annotation, index)
      sample.annotations.append(annotation)
    }
    return sample
  }

  private func matching(_ old: Sample, _ new: Sample) -> AnnotationMatching {
    SampleComparison(rules: ComparisonRules(), old: Writing.labels, new: Writing.labels).matching(old, new)
  }

  static let crowds = [
    "equal", "reversed", "with other ids", "moved as one", "with other attributes", "nested", "shifted", "removed",
  ]

  /// Ten thousand annotations of the worst kinds: the work grows with their number, not with its square.
  @Test(arguments: crowds) func crowdsAreMatchedInLinearTime(_ crowd: String) {
    let count = 10_000
    let one = Box(10, 10, 90, 90, form: .corners)
    var old = boxes(count, { _ in one })
    var new = old
    var expectedPairs: Int? = count
    switch crowd {
    case "reversed":
      old = boxes(count, { _ in one }) { $0.id = .integer(Int64($1)) }
      new = old
      new.annotations.reverse()
    case "with other ids":
      old = boxes(count, { _ in one }) { $0.id = .integer(Int64($1)) }
      new = boxes(count, { _ in one }) { $0.id = .integer(Int64($1 + 5 * count)) }
    case "moved as one": new = boxes(count, { _ in Box(11, 10, 91, 90, form: .corners) })
    case "with other attributes":
      old = boxes(count, { _ in one }) { $0.attributes = ["n": .integer(Int64($1))] }
      new = boxes(count, { _ in one }) { $0.attributes = ["n": .integer(Int64($1 + count)), "m": .null] }
    case "nested":
      // Boxes that all overlap, none of them equal.
      old = boxes(count, { Box(0, 0, 500 + Double($0) / 100, 500, form: .corners) })
      new = boxes(count, { Box(1, 0, 501 + Double($0) / 100, 500, form: .corners) })
      expectedPairs = nil
    case "shifted":
      old = boxes(count, { Box(Double($0 % 100) * 20, Double($0 / 100) * 20, 10, 10, form: .extent) })
      new = boxes(count, { Box(Double($0 % 100) * 20 + 2, Double($0 / 100) * 20, 10, 10, form: .extent) })
    case "removed":
      new = boxes(count, { _ in Box(500, 500, 590, 590, form: .corners) })
      expectedPairs = 0
    default: break
    }
    let found = matching(old, new)
    if let expectedPairs {
      #expect(found.pairs.count == expectedPairs, "\(crowd)")
    } else {
      #expect(found.pairs.count > count * 9 / 10)
    }
    let limit = count * (OverlapSearch.candidateLimit * OverlapSearch.rounds * 2 + 100)
    #expect(found.comparisons < (expectedPairs == nil ? limit : count * 40), "\(crowd): \(found.comparisons)")
  }
}
