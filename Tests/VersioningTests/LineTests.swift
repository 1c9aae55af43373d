import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles

@testable import WaybillVersioning

/// Sorting lines, and finding one among sorted ones.
@Suite struct LineTests {
  /// Bytes with a count of how often and how much was read.
  final class CountingSource: ByteSource, @unchecked Sendable {
    let path = "lines"
    let bytes: [UInt8]
    var reads = 0
    var mapped: UnsafeRawBufferPointer? { nil }
    var size: Int { bytes.count }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
      reads += 1
      guard offset >= 0, offset + buffer.count <= bytes.count else { throw DatasetError(.io, "beyond the end", path: path) }
      bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)])) }
    }
  }

  static func line(_ key: String, _ padding: Int = 0) -> String {
    let escaped = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "{\"key\":\"\(escaped)\",\"x\":\"\(String(repeating: "y", count: padding))\"}\n"
  }

  @Test func everyLineIsFoundWithFewReads() throws {
    var random = SeededNumbers(seed: 11)
    for count in [0, 1, 2, 3, 17, 200, 3000] {
      let keys = (0..<count).map { "street/\(10_000 + $0 * 3).jpg" }
      let bytes = Array(keys.map { Self.line($0, Int.random(in: 0..<300, using: &random)) }.joined().utf8)
      let source = CountingSource(Array("header\n".utf8) + bytes)
      let lines = SortedLines(source, 7..<source.size, member: "key")
      for key in keys.shuffled(using: &random).prefix(100) {
        source.reads = 0
        let found = try #require(try lines.line(key))
        #expect(String(decoding: found, as: UTF8.self).hasPrefix("{\"key\":\"\(key)\""))
        #expect(source.reads < 60, "\(source.reads) reads among \(count) lines")
      }
      for key in ["", "a", "street/10001.jpg", "street/99999.jpg", "zzz", "street/10000.jp"] {
        #expect(try lines.line(key) == nil, "\(key)")
      }
    }
  }

  @Test func longLinesAreFound() throws {
    let keys = ["a", "b", "c", "d"]
    let bytes = Array(keys.map { Self.line($0, 300_000) }.joined().utf8)
    let lines = SortedLines(CountingSource(bytes), 0..<bytes.count, member: "key")
    for key in keys { #expect(try lines.line(key)?.count == Self.line(key, 300_000).utf8.count - 1) }
    #expect(try lines.line("bb") == nil)
  }

  @Test func whatIsNoLineOfThisKindIsDamage() {
    let bytes = Array("{\"key\":\"a\"}\nnonsense\n{\"key\":\"z\"}\n".utf8)
    let lines = SortedLines(CountingSource(bytes), 0..<bytes.count, member: "key")
    #expect(throws: DatasetError.self) { try lines.line("nothing") }
  }

  @Test(arguments: 0..<20)
  func orderIsThatOfTheBytesAndStable(_ seed: Int) throws {
    var random = SeededNumbers(seed: UInt64(seed))
    let pieces = ["a", "b", "\"", "\\", "é", "\u{1F600}", "/", "Z", "0", "aaaaaaaab", "aaaaaaaaa"]
    let keys = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
      (0..<Int.random(in: 0..<5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }
    let texts = keys.enumerated().map { "{\"key\":\($0.element.debugJSON),\"n\":\($0.offset)}\n" }
    let expected = zip(keys, texts).enumerated().sorted { a, b in
      a.element.0 == b.element.0 && Array(a.element.0.utf8) == Array(b.element.0.utf8)
        ? a.offset < b.offset : a.element.0.utf8.lexicographicallyPrecedes(b.element.0.utf8)
    }.map(\.element.1)
    let bytes = Array("h\n".utf8) + Array(texts.joined().utf8)
    bytes.withUnsafeBytes { raw in
      let order = LineOrder(raw, 2..<raw.count, member: "key")
      #expect(order.lines.map { String(decoding: $0, as: UTF8.self) } == expected, "seed \(seed)")
      var joined: [UInt8] = []
      try? order.forEachPiece { piece throws(DatasetError) in joined += piece }
      #expect(joined == Array(expected.joined().utf8))
      #expect(order.wasSorted == (texts == expected))
    }
  }
}

extension String {
  /// The text as a JSON string, as the native format spells it.
  fileprivate var debugJSON: String { "\"" + replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
}
