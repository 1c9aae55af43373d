import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillPNG

@testable import WaybillCOCO

/// A picture of ids, row by row.
struct IDPicture {
  var width: Int
  var height: Int
  var ids: [UInt32]

  init(width: Int, height: Int, ids: [UInt32]) {
    self.width = width
    self.height = height
    self.ids = ids
  }

  /// Blocks of a few ids.
  init(random: inout SeededNumbers, of known: [UInt32]) {
    width = Int.random(in: 1...70, using: &random)
    height = Int.random(in: 1...40, using: &random)
    ids = [UInt32](repeating: 0, count: width * height)
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let id = known.randomElement(using: &random) ?? 0
      let (x, y) = (Int.random(in: 0..<width, using: &random), Int.random(in: 0..<height, using: &random))
      for row in y..<Int.random(in: y...height, using: &random) {
        for column in x..<Int.random(in: x...width, using: &random) { ids[row * width + column] = id }
      }
    }
  }

  var picture: PNGPicture {
    PNGPicture(
      width: width, height: height, form: .rgb8,
      pixels: ids.flatMap { [UInt8($0 & 255), UInt8($0 >> 8 & 255), UInt8($0 >> 16 & 255)] })
  }

  /// The runs of an id, one pixel after the other.
  func runs(of id: UInt32) -> [UInt32] {
    var runs: [UInt32] = []
    var isInside = false
    var length: UInt32 = 0
    for x in 0..<width {
      for y in 0..<height {
        if (ids[y * width + x] == id) != isInside {
          runs.append(length)
          length = 0
          isInside.toggle()
        }
        length += 1
      }
    }
    return runs + [length]
  }
}

@Suite struct SegmentTests {
  static let known: [UInt32] = [1, 2, 255, 256, 65_535, 65_536, 3_226_956, 0xFF_FFFF]

  @Test(arguments: 0..<40) func runsAreThoseOfEachPixel(_ seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    let picture = IDPicture(random: &random, of: Self.known)
    let listed = Array(Self.known.dropLast(2))
    let runs = SegmentRuns(picture.picture, ids: listed)
    for (slot, id) in listed.enumerated() {
      let expected = picture.runs(of: id)
      #expect(runs.mask(slot) == Mask(width: picture.width, height: picture.height, runs: .counts(expected)), "seed \(seed)")
      #expect(runs.pixelCounts[slot] == RunLength.area(of: expected))
      #expect((try? RunLength.check(expected, width: picture.width, height: picture.height)) != nil)
    }
    let strangers = picture.ids.filter { $0 != 0 && !listed.contains($0) }
    #expect(runs.unknownPixels == strangers.count)
    #expect(Set(runs.unknown) == Set(strangers))
  }

  @Test(arguments: 0..<40) func paintingGivesThePictureBack(_ seed: UInt64) throws {
    var random = SeededNumbers(seed: seed &+ 1000)
    let picture = IDPicture(random: &random, of: Self.known)
    let canvas = SegmentCanvas()
    // The memory of an earlier, larger picture must not show.
    canvas.reset(width: 100, height: 100)
    _ = canvas.paint([0, 10_000], 77, .refuse)
    canvas.reset(width: picture.width, height: picture.height)
    for id in Self.known {
      let runs = picture.runs(of: id)
      let painted = canvas.paint(runs, id, .refuse)
      #expect(painted.overlapping == 0)
    }
    #expect(canvas.picture() == picture.picture, "seed \(seed)")
    let remains = canvas.remains()
    for id in Self.known {
      let runs = picture.runs(of: id)
      #expect(remains[id]?.pixels ?? 0 == RunLength.area(of: runs))
      #expect(remains[id]?.box == RunLength.bounds(of: runs, height: picture.height))
    }
  }

  @Test func overlapIsCounted() {
    let canvas = SegmentCanvas()
    for (overlap, expected) in [(SegmentOverlap.first, [1, 1, 2]), (.last, [1, 2, 2]), (.refuse, [1, 1, 2])] {
      canvas.reset(width: 3, height: 1)
      #expect(canvas.paint([0, 2, 1], 1, overlap).overlapping == 0)
      let second = canvas.paint([1, 2], 2, overlap)
      #expect(second.overlapping == 1)
      #expect(second.other == 1)
      #expect(canvas.picture() == IDPicture(width: 3, height: 1, ids: expected.map { UInt32($0) }).picture)
    }
  }

  @Test func tableTellsIDsApart() {
    let ids = (0..<5000).map { UInt32(truncatingIfNeeded: $0 &* 16_384 &+ 1) & 0xFF_FFFF }
    var firsts: [UInt32: Int] = [:]
    for (at, id) in ids.enumerated() where firsts[id] == nil { firsts[id] = at }
    var table = SegmentTable(ids)
    for id in ids { #expect(table.slot(of: id) == firsts[id]) }
    for id: UInt32 in [2, 3, 0xFF_FFFE, 12_345_678] { #expect(table.slot(of: id) == firsts[id]) }
    var empty = SegmentTable([])
    #expect(empty.slot(of: 5) == nil)
  }
}
