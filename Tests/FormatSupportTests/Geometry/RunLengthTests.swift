import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

private func decoded(_ text: String) -> Result<[UInt32], RunLength.Problem> {
  do throws(RunLength.Problem) { return .success(try RunLength.decode(text.utf8)) } catch { return .failure(error) }
}

@Suite struct RunLengthTests {
  /// Texts as pycocotools' `rleToString` makes them.
  @Test(arguments: [
    ([], ""), ([0], "0"), ([5, 3], "53"), ([15], "?"), ([16], "`0"), ([31], "o0"), ([32], "P1"), ([1000], "Xo0"), ([0, 4], "04"),
    ([10, 10, 10, 10, 5], ":::0K"), ([20, 20, 20, 4], "d0d0d0@"), ([20, 20, 20, 3], "d0d0d0_O"),
    ([6, 1, 40, 4, 5, 4, 5, 4, 21], "61X13mN000`0"),
    ([4_294_967_295], "oooooo3"), ([0, 4_294_967_295, 0, 0], "0oooooo30QPPPPPL"),
  ])
  func knownTexts(runs: [UInt32], text: String) {
    #expect(RunLength.encode(runs) == text)
    #expect(decoded(text) == .success(runs))
  }

  @Test(
    arguments: [
      ("/", .character(at: 0)), ("5 3", .character(at: 1)), ("53\n", .character(at: 2)), ("é", .character(at: 0)),
      ("5p", .character(at: 1)),
      ("\0", .character(at: 0)), ("P", .number(at: 1)), ("53oooo", .number(at: 6)), ("oooooooooooo0", .number(at: 12)),
      ("oooooooooooooooooooo", .number(at: 12)),
      ("O", .negative(at: 0)), ("K", .negative(at: 0)), ("111N", .negative(at: 3)), ("PPPPPPPPPP1", .negative(at: 10)),
      ("oooooo4", .negative(at: 6)),
      ("0oooooo301", .negative(at: 9)), ("0oooooo30K", nil),
    ] as [(String, RunLength.Problem?)])
  func hostileTexts(text: String, problem: RunLength.Problem?) {
    switch decoded(text) {
    case .failure(let found): #expect(found == problem)
    case .success: #expect(problem == nil)
    }
  }

  @Test func seededRunsComeBack() {
    let seed = testSeed(41)
    var dice = SeededNumbers(seed)
    for _ in 0..<20_000 {
      let runs = (0..<dice.below(40)).map { _ in UInt32(truncatingIfNeeded: dice.next() >> UInt64(32 + dice.below(32))) }
      let text = RunLength.encode(runs)
      #expect(decoded(text) == .success(runs), "seed \(seed)")
      #expect(text.utf8.allSatisfy { $0 >= 48 && $0 < 112 })
    }
  }

  @Test func randomTextsNeverTrap() {
    let seed = testSeed(42)
    var dice = SeededNumbers(seed)
    for _ in 0..<50_000 {
      let text = (0..<dice.below(30)).map { _ in UInt8(46 + dice.below(68)) }
      guard case .success(let runs) = decoded(String(decoding: text, as: UTF8.self)) else { continue }
      #expect(decoded(RunLength.encode(runs)) == .success(runs), "seed \(seed)")
      _ = RunLength.area(of: runs)
      _ = RunLength.bounds(of: runs, height: dice.below(5))
    }
  }

  /// Area and bounds against a picture of the pixels.
  @Test func areaAndBoundsAreThoseOfThePixels() {
    let seed = testSeed(43)
    var dice = SeededNumbers(seed)
    for _ in 0..<3000 {
      let (width, height) = (1 + dice.below(12), 1 + dice.below(12))
      var pixels = [Bool](repeating: false, count: width * height)
      let dense = dice.below(4)
      for index in pixels.indices { pixels[index] = dense == 0 ? false : dice.below(dense * 3) == 0 }
      var runs: [UInt32] = []
      var current = false
      var length: UInt32 = 0
      for pixel in pixels {
        if pixel != current {
          runs.append(length)
          (current, length) = (pixel, 0)
        }
        length += 1
      }
      runs.append(length)
      let set = pixels.indices.filter { pixels[$0] }
      #expect(RunLength.area(of: runs) == set.count, "seed \(seed)")
      #expect(throws: Never.self) { try RunLength.check(runs, width: width, height: height) }
      #expect(throws: RunLength.Problem.self) { try RunLength.check(runs, width: width + 1, height: height) }
      let columns = set.map { $0 / height }
      let rows = set.map { $0 % height }
      var expected: Box?
      if let x0 = columns.min(), let x1 = columns.max(), let y0 = rows.min(), let y1 = rows.max() {
        expected = Box(Double(x0), Double(y0), Double(x1 - x0 + 1), Double(y1 - y0 + 1), form: .extent)
      }
      let found = RunLength.bounds(of: runs, height: height)
      // A run over several columns fills whole columns in between, so both agree.
      #expect(found == expected, "seed \(seed)")
    }
  }

  @Test func sizesThatOverflowAreRefused() {
    #expect(throws: RunLength.Problem.total(1, expected: .max)) { try RunLength.check([1], width: .max, height: 2) }
    #expect(throws: RunLength.Problem.total(0, expected: -6)) { try RunLength.check([], width: -2, height: 3) }
    #expect(RunLength.bounds(of: [0, 5], height: 0) == nil && RunLength.bounds(of: [0, 5], height: -1) == nil)
    #expect(
      RunLength.bounds(of: [], height: 5) == nil && RunLength.bounds(of: [3, 0, 2], height: 5) == nil && RunLength.area(of: []) == 0
    )
  }

  @Test func masksGiveTheirRunsInEitherSpelling() throws {
    #expect(try RunLength.runs(of: Mask(width: 2, height: 4, runs: .counts([5, 3]))) == [5, 3])
    #expect(try RunLength.runs(of: Mask(width: 2, height: 4, runs: .compressed("53"))) == [5, 3])
    #expect(throws: RunLength.Problem.self) { try RunLength.runs(of: Mask(width: 2, height: 4, runs: .compressed("é"))) }
  }

  /// The texts that pycocotools itself makes, where a Python that has it is named.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] != nil))
  func pycocotoolsAgrees() throws {
    let python = try #require(ProcessInfo.processInfo.environment["WAYBILL_PYTHON"])
    let seed = testSeed(44)
    var dice = SeededNumbers(seed)
    var masks: [[UInt32]] = []
    for _ in 0..<300 {
      var runs = [UInt32(dice.below(50))]
      for _ in 0..<dice.below(60) { runs.append(UInt32(1 + dice.below(dice.pick([3, 40, 2000])))) }
      masks.append(runs)
    }
    let script = """
      import sys, json
      try:
        from pycocotools import mask
      except ImportError:
        sys.exit(0)
      for runs in json.loads(sys.argv[1]):
        print(mask.frPyObjects({"counts": runs, "size": [sum(runs), 1]}, sum(runs), 1)["counts"].decode())
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", script, "\(masks)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let texts = output.split(separator: "\n").map(String.init)
    if !texts.isEmpty { #expect(texts == masks.map { RunLength.encode($0) }, "seed \(seed)") }
  }
}
