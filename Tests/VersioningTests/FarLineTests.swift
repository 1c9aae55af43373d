import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles

@testable import WaybillVersioning

/// Finding a line where each read is a request: many windows, keys of all kinds, few windows read.
@Suite struct FarLineTests {
  /// Keys of a kind, sorted by bytes.
  enum Kind: CaseIterable {
    case numbered, hexadecimal, skewed, shared, letters

    func keys(_ count: Int, _ random: inout SeededNumbers) -> [String] {
      let keys: [String] = (0..<count).map { number in
        switch self {
        case .numbered: return "images/" + String(1_000_000 + number) + ".jpg"
        case .hexadecimal: return String(UInt64.random(in: 0...(.max), using: &random) | 1 << 63, radix: 16)
        // Nearly all begin alike, and a few do not.
        case .skewed: return number % 1000 == 0 ? "z\(number)" : "a" + String(2_000_000 + number * number % 999_983)
        case .shared: return String(repeating: "long/", count: 20) + String(3_000_000 + number * 7)
        case .letters:
          return (0..<6).map { _ in ["a", "b", "q", "z", "é", "東", "\u{301}"].randomElement(using: &random) ?? "" }.joined()
            + "\(number)"
        }
      }
      return Set(keys.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }.map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  @Test(arguments: Kind.allCases) func everyLineIsFoundInFewWindows(kind: Kind) throws {
    let seed = testSeed(30)
    var random = SeededNumbers(seed)
    let keys = kind.keys(20_000, &random)
    let bytes = Array(("header\n" + keys.map { LineTests.line($0, 200 + Int.random(in: 0..<200, using: &random)) }.joined()).utf8)
    let windows = Windows(bytes)
    let lines = SortedLines(windows, 7..<bytes.count, member: "key")
    var most = 0
    for key in keys.shuffled(using: &random).prefix(120) + [keys[0], keys[keys.count - 1]] {
      windows.seen = []
      let found = try #require(try lines.line(key), "\(key), seed \(seed)")
      #expect(Array(found.prefix(LineTests.line(key).utf8.count - 7)).starts(with: Array("{\"key\":\"".utf8)))
      most = max(most, windows.seen.count)
      // What lies just beside it is not there.
      #expect(try lines.line(key + "\u{1}") == nil)
    }
    for key in ["", "!", "images/", "~~~", "\u{10FFFF}"] { #expect(try lines.line(key) == nil) }
    // Some thirty windows: to halve them takes five, and a guess that fails one more each time.
    #expect(most <= (kind == .numbered || kind == .shared ? 5 : 10), "\(most) windows, seed \(seed)")
  }

  @Test func sharesOfTheWay() {
    func share(_ key: String, _ first: String, _ second: String) -> Double? {
      KeyInterpolation.share(of: Array(key.utf8), between: Array(first.utf8), and: Array(second.utf8))
    }
    #expect(share("a/0050.jpg", "a/0000.jpg", "a/0100.jpg") == 0.5)
    #expect(share("a/0200.jpg", "a/0000.jpg", "a/0100.jpg") == 2)
    #expect(share("80ff", "0000", "ffff").map { abs($0 - 0.5) < 0.01 } == true)
    #expect(share("m", "a", "z").map { $0 > 0.3 && $0 < 0.7 } == true)
    #expect(share("a", "a", "a") == nil)
    #expect(share("", "", "") == nil)
    #expect(share("b", "same", "same") == nil)
    for (key, first, second) in [("", "a", "b"), ("é", "", "東"), (String(repeating: "9", count: 400), "0", "1")] {
      if let share = share(key, first, second) { #expect(share.isFinite) }
    }
  }

  /// Bytes behind a wire, and which windows of a cache were touched.
  private final class Windows: ByteSource, @unchecked Sendable {
    let path = "lines"
    let bytes: [UInt8]
    var seen: Set<Int> = []
    var mapped: UnsafeRawBufferPointer? { nil }
    var size: Int { bytes.count }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
      guard offset >= 0, offset + buffer.count <= bytes.count else { throw DatasetError(.io, "beyond the end", path: path) }
      if buffer.count > 0 { seen.formUnion((offset >> 18)...((offset + buffer.count - 1) >> 18)) }
      bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)])) }
    }
  }
}
