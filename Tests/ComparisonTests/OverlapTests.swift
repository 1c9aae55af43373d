import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillComparison

@Suite struct OverlapTests {
  private static func extent(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> MatchPlace.Extent {
    MatchPlace.Extent(x0: x0, y0: y0, x1: x1, y1: y1)
  }

  static let table: [(String, String, Double)] = [
    ("@0,0,10,10", "@0,0,10,10", 1.0), ("@0,0,10,10", "@5,0,15,10", 1.0 / 3), ("@0,0,10,10", "@10,0,20,10", 0),
    ("@0,0,10,10", "@0,0,5,5", 0.25), ("@10,10,0,0", "@0,0,10,10", 1), ("@5,5,5,5", "@0,0,10,10", 0), ("@5,5,5,5", "@5,5,5,5", 1),
    ("@0,0,1e300,1e300", "@0,0,1e300,1e299", 0), ("@0,0,10,10 f1", "@0,0,10,10 f2", 0), ("@0,0,10,10 f1", "@0,0,10,10", 0),
    ("@0,0,10,10 t0-4", "@0,0,10,10 t0-2", 0.5), ("@0,0,10,10 t0-4", "@0,0,10,10", 1), ("[0-4]", "[2-6]", 1.0 / 3),
    ("[0-4]", "[0-4] @0,0,1,1", 1), ("[0-4]", "t0-4", 0), ("*0,0", "*8,0", 1.0 / 3), ("car", "car", 0), ("i1", "t0.5-1.5", 1),
  ]

  @Test(arguments: table) func isAsExpected(_ a: String, _ b: String, _ overlap: Double) {
    let reader = PlaceReader(ruler: Ruler(size: nil, tolerance: nil), spans: SpanRuler(text: nil))
    let (first, second) = (reader.place(of: Writing.annotation(a[...])), reader.place(of: Writing.annotation(b[...])))
    #expect(abs(first.overlap(second) - overlap) < 1e-12)
    #expect(first.overlap(second) == second.overlap(first))
  }

  /// Shares of an image whose size is not known are not laid over pixels.
  @Test func sharesNeedASize() {
    var share = Annotation()
    share.box = Box(0.1, 0.1, 0.2, 0.2, form: .corners, unit: .unit)
    var pixels = Annotation()
    pixels.box = Box(100, 50, 200, 100, form: .corners)
    for (size, overlap) in [((width: 1000, height: 500), 1.0), (nil, 0)] as [((width: Int, height: Int)?, Double)] {
      let reader = PlaceReader(ruler: Ruler(size: size, tolerance: nil), spans: SpanRuler(text: nil))
      #expect(reader.place(of: share).overlap(reader.place(of: pixels)) == overlap)
      #expect(reader.place(of: share).overlap(reader.place(of: share)) == 1)
    }
  }

  /// The grid finds every place that overlaps enough, whatever the sizes.
  @Test(arguments: 0..<40) func gridFindsAll(_ step: Int) {
    let seed = testSeed(4_200) + UInt64(step)
    var numbers = SeededNumbers(seed)
    let least = [0.1, 0.5][step % 2]
    func place() -> MatchPlace {
      let size = 1 + Double(numbers.below(1 << numbers.below(11)))
      let shape = 0.1 + Double(numbers.below(100)) / 50
      let (x, y) = (Double(numbers.below(2000)) - 500, Double(numbers.below(2000)) - 500)
      var place = MatchPlace()
      place.space = OverlapTests.extent(x, y, x + size, y + size * shape)
      return place
    }
    let places = (0..<400).map { _ in place() }
    var grid = PlaceGrid(places, least: least)
    for _ in 0..<200 {
      let wanted = numbers.coin() ? place() : numbers.pick(places)
      let found = Set(grid.candidates(of: wanted, limit: .max))
      for (index, other) in places.enumerated() where wanted.overlap(other) >= least {
        #expect(found.contains(index), "seed \(seed): \(wanted) and \(other)")
      }
    }
  }

  /// Many places are paired as few are: best overlap first.
  @Test(arguments: 0..<10) func manyArePairedAsFewAre(_ step: Int) {
    let seed = testSeed(4_300) + UInt64(step)
    var numbers = SeededNumbers(seed)
    var old: [MatchPlace] = []
    var new: [MatchPlace] = []
    for index in 0..<150 {
      let (x, y) = (Double(index % 15) * 40, Double(index / 15) * 40)
      for list in 0..<2 {
        var place = MatchPlace()
        let (left, top) = (x + Double(numbers.below(30)), y + Double(numbers.below(30)))
        place.space = OverlapTests.extent(left, top, left + 20 + Double(numbers.below(20)), top + 20 + Double(numbers.below(20)))
        if list == 0 { old.append(place) } else { new.append(place) }
      }
    }
    var search = OverlapSearch(least: 0.1)
    for (index, place) in old.enumerated() { search.addOld(index, label: 0, place) }
    for (index, place) in new.enumerated() { search.addNew(index, label: 0, place) }
    let found = search.pairs()
    // All combinations, sorted, each taken while both are free.
    var all: [(overlap: Double, old: Int, new: Int)] = []
    for a in old.indices { for b in new.indices { all.append((old[a].overlap(new[b]), a, b)) } }
    all.sort { ($1.overlap, $0.old, $0.new) < ($0.overlap, $1.old, $1.new) }
    var (usedOld, usedNew) = (Set<Int>(), Set<Int>())
    var expected: [Int: Int] = [:]
    for entry in all where entry.overlap >= 0.1 && !usedOld.contains(entry.old) && !usedNew.contains(entry.new) {
      usedOld.insert(entry.old)
      usedNew.insert(entry.new)
      expected[entry.old] = entry.new
    }
    #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.old, $0.new) }) == expected, "seed \(seed)")
    #expect(old.count * new.count > OverlapSearch.combinationLimit && search.comparisons < old.count * new.count / 4)
  }

  @Test func oddPlacesAreNotLaidIntoCells() {
    var places = [MatchPlace](repeating: MatchPlace(), count: 5)
    places[0].space = OverlapTests.extent(.nan, .nan, .nan, .nan)
    places[1].space = OverlapTests.extent(0, .nan, 1, .nan)
    places[2].space = OverlapTests.extent(-.infinity, 0, .infinity, 1)
    places[3].space = OverlapTests.extent(0, 0, 1e300, 1)
    var grid = PlaceGrid(places, least: 0.1)
    for place in places { #expect(grid.candidates(of: place, limit: 9).isEmpty) }
  }

  /// Far more overlaps than are looked at: no more than the limits at a time, and each place is paired once.
  @Test func densePlacesAreBounded() {
    var search = OverlapSearch(least: 0.1)
    for index in 0..<2000 {
      var place = MatchPlace()
      place.space = OverlapTests.extent(Double(index) / 1000, 0, 100, 100)
      search.addOld(index, label: 0, place)
      place.space = OverlapTests.extent(Double(index) / 1000 + 0.0005, 0, 100, 100)
      search.addNew(index, label: 0, place)
    }
    let pairs = search.pairs()
    #expect(Set(pairs.map(\.old)).count == pairs.count && Set(pairs.map(\.new)).count == pairs.count)
    #expect(pairs.count > 1900)
    #expect(search.comparisons <= 2000 * OverlapSearch.candidateLimit * OverlapSearch.rounds)
  }
}
