import TestSupport
import Testing
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles

@testable import WaybillCOCO

/// Annotations come back in the order of their places, whatever order they went in.
@Suite struct AnnotationSpoolTests {
  private struct Item: Equatable {
    var place: UInt32
    var needsID: Bool
    var text: String
  }

  private func pass(_ items: [Item]) throws -> [Item] {
    let spool = AnnotationSpool(try Spool())
    for item in items {
      try item.text.utf8.withContiguousStorageIfAvailable { bytes in
        try spool.append(UnsafeRawBufferPointer(bytes), place: item.place, needsID: item.needsID)
      }
    }
    #expect(spool.count == items.count)
    var result: [Item] = []
    try spool.drain { (bytes, needsID) throws(DatasetError) in
      let text = String(decoding: bytes, as: UTF8.self)
      result.append(Item(place: UInt32(text.split(separator: " ").first ?? "") ?? 0, needsID: needsID, text: text))
    }
    return result
  }

  private func item(_ place: UInt32, _ text: String = "x", needsID: Bool = false) -> Item {
    Item(place: place, needsID: needsID, text: "\(place) \(text)")
  }

  @Test func nothingComesBackFromNothing() throws { #expect(try pass([]).isEmpty) }

  @Test(arguments: [1, 7, 1023, 1024, 5000, 70_000]) func anyNumberOfThem(count: Int) throws {
    var numbers = SeededNumbers(seed: UInt64(count))
    let sorted = (0..<count).map { item(UInt32($0), String(repeating: "y", count: $0 % 300), needsID: $0 % 3 == 0) }
    #expect(try pass(sorted.shuffled(using: &numbers)) == sorted)
  }

  @Test func placesMayBeFarApart() throws {
    let places: [UInt32] = [0, 1, 65_535, 65_536, 65_537, 268_435_455, 268_435_456, 4_000_000_000, .max - 1]
    let sorted = places.map { item($0) }
    #expect(try pass(sorted.reversed()) == sorted)
  }

  @Test func thoseOfOnePlaceStayAsTheyCame() throws {
    let items = (0..<3000).map { item(UInt32($0 % 2 == 0 ? 9 : 5), "\($0)") }
    let expected = items.filter { $0.place == 5 } + items.filter { $0.place == 9 }
    #expect(try pass(items) == expected)
  }

  /// More than all buffers hold, in pieces that cross the pages of the file.
  @Test func moreThanTheBuffersHold() throws {
    var numbers = SeededNumbers(seed: 11)
    let sorted = (0..<40_000).map { item(UInt32($0) * 40, String(repeating: "z", count: numbers.below(1500))) }
    #expect(try pass(sorted.shuffled(using: &numbers)) == sorted)
  }

  @Test func oneMayBeVeryLong() throws {
    let sorted = [item(0), item(1, String(repeating: "w", count: 3 << 20)), item(2)]
    #expect(try pass(sorted.reversed()) == sorted)
  }
}
