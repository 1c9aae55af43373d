import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@Suite struct RegionMapTests {
  /// Runs by the definition: one mask after the other, pixel by pixel down the columns.
  static func plainRuns(_ rows: [UInt16], width: Int, height: Int, region: UInt16) -> [UInt32] {
    var runs: [UInt32] = [0]
    var isInside = false
    for x in 0..<width {
      for y in 0..<height {
        if (rows[y * width + x] == region) != isInside {
          isInside.toggle()
          runs.append(0)
        }
        runs[runs.count - 1] += 1
      }
    }
    return rows.contains(region) ? runs : []
  }

  @Test(
    arguments: [
      (1, 1, [1], [[0, 1]]), (1, 1, [0], [[]]), (2, 2, [1, 2, 1, 2], [[0, 2, 2], [2, 2]]),
      (3, 2, [0, 1, 0, 0, 1, 0], [[2, 2, 2]]), (3, 1, [1, 2, 1], [[0, 1, 1, 1], [1, 1, 1]]),
      (2, 3, [0, 0, 0, 0, 0, 2], [[], [5, 1]]),
    ] as [(Int, Int, [UInt16], [[UInt32]])])
  func runsOfSmallPictures(width: Int, height: Int, rows: [UInt16], expected: [[UInt32]]) throws {
    let map = try #require(RegionMap(width: width, height: height, rows: rows))
    #expect(map.runs(of: expected.count) == expected)
    #expect(map.rows() == rows)
  }

  @Test func wrongCountsAreRefused() {
    #expect(RegionMap(width: 2, height: 2, rows: [0, 1, 2]) == nil)
    #expect(RegionMap(width: -1, height: -4, rows: [0, 1, 2, 3]) == nil)
    #expect(RegionMap(width: 0, height: 0, rows: []) != nil)
    #expect(RegionMap(width: 0, height: 5).runs(of: 2) == [[], []])
  }

  @Test func randomPicturesGiveThePlainRuns() throws {
    let seed = testSeed(20_260_731)
    var numbers = SeededNumbers(seed)
    for round in 0..<200 {
      let (width, height) = (1 + numbers.below(70), 1 + numbers.below(70))
      let count = 1 + numbers.below(5)
      var rows: [UInt16] = []
      while rows.count < width * height {
        let region = UInt16(numbers.below(count + 1))
        for _ in 0...numbers.below(12) where rows.count < width * height { rows.append(region) }
      }
      let map = try #require(RegionMap(width: width, height: height, rows: rows))
      #expect(map.rows() == rows, "seed \(seed), round \(round)")
      let runs = map.runs(of: count)
      var painted = RegionMap(width: width, height: height)
      for region in 1...count {
        let plain = Self.plainRuns(rows, width: width, height: height, region: UInt16(region))
        #expect(runs[region - 1] == plain, "seed \(seed), round \(round), region \(region)")
        if !plain.isEmpty { try RunLength.check(plain, width: width, height: height) }
        painted.paint(runs[region - 1], as: UInt16(region)) { other, pixels in
          Issue.record("\(pixels) pixels of \(other) painted over, seed \(seed), round \(round)")
        }
      }
      #expect(painted == map, "seed \(seed), round \(round)")
      #expect(map.areas(upTo: count) == (0...count).map { region in rows.count { Int($0) == region } })
    }
  }

  @Test func whatIsPaintedOverIsCounted() {
    var map = RegionMap(width: 4, height: 1)
    map.paint([0, 3, 1], as: 1)
    var covered: [UInt16: Int] = [:]
    map.paint([1, 3], as: 2) { covered[$0, default: 0] += $1 }
    #expect(covered == [1: 2])
    #expect(map.rows() == [1, 2, 2, 2])
    map.paint([0, 4], as: 2) { covered[$0, default: 0] += $1 }
    #expect(covered == [1: 3])
    #expect(map.areas(upTo: 2) == [0, 0, 4])
  }

  @Test func runsBeyondThePictureAreCutOff() {
    var map = RegionMap(width: 2, height: 2)
    map.paint([3, .max, .max, .max], as: 7)
    #expect(map.rows() == [0, 0, 0, 7])
    map.paint([.max, 5], as: 8)
    #expect(map.rows() == [0, 0, 0, 7])
  }

  @Test func valuesAreNumberedAsTheyAreMet() {
    var numbering = RegionNumbering()
    #expect([9, 9, 0, 9, 1 << 47, 0].map { numbering.number(of: $0) } == [1, 1, 2, 1, 3, 2])
    #expect(numbering.values == [9, 0, 1 << 47])
    for value in 0..<UInt64(RegionNumbering.limit) { _ = numbering.number(of: value + 100) }
    #expect(numbering.values.count == RegionNumbering.limit)
    #expect(numbering.number(of: 1 << 50) == nil)
    #expect(numbering.number(of: 9) == 1)
  }

  @Test(
    arguments: [
      ([], []), ([4], [4]), ([0, 4], [0, 4]), ([2, 4, 6, 0], [2, 4, 6]), ([2, 0, 3, 1], [5, 1]), ([0, 0, 3], [3]),
      ([1, 2, 0, 3, 4], [1, 5, 4]), ([3, 0], [3]), ([0, 1, 0, 0, 2], [0, 1, 2]),
    ] as [([UInt32], [UInt32])])
  func emptyRunsSayNothing(runs: [UInt32], expected: [UInt32]) { #expect(RunLength.canonical(runs) == expected) }
}
