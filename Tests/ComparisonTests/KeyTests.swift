import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillConversion
import WaybillFormatSupport

@testable import WaybillComparison

@Suite struct KeyTests {
  @Test(arguments: [
    ("*", "a/b", true), ("a*", "a/b", true), ("a/?", "a/b", true), ("a/?", "a/bc", false), ("*.jpg", "x/1.jpg", true),
    ("[ab]", "b", true), ("[ab]", "c", false), ("", "", true), ("", "a", false), ("\\*", "*", true), ("\\*", "a", false),
    ("*", "a\0b", true),
  ]) func patterns(_ pattern: String, _ key: String, _ fits: Bool) {
    #expect(KeyPattern(pattern).matches(key) == fits)
  }

  @Test(arguments: [0, 1, 3, 1000, 5000]) func tablesFindWhatWasPutIn(_ count: Int) {
    var table = KeyTable(seed: 7, capacity: count / 2)
    func hash(_ index: Int) -> UInt64 { KeyTable.hash("key \(index)", seed: 7) }
    for index in 0..<count { table.insert(hash(index), position: index * 2) }
    #expect(table.count == count)
    for index in 0..<count { #expect(table.candidates(hash(index)) == [index * 2]) }
    for index in count..<count + 50 { #expect(table.candidates(hash(index)).isEmpty) }
    #expect(KeyTable.hash("a", seed: 1) != KeyTable.hash("a", seed: 2))
    // Samples whose hashes collide are all found.
    if count > 2 {
      table.insert(hash(1), position: 9_999)
      #expect(table.candidates(hash(1)) == [2, 9_999])
    }
  }

  @Test func differencesArePutInOrder() {
    var found = UnorderedDifferences()
    for (index, key) in ["b", "a", "é", "", "ab", "a\u{0}"].enumerated() {
      key.withBytes { found.add(.init(old: index, new: -1), key: UnsafeRawBufferPointer($0)) }
    }
    #expect(found.sorted().map(\.old) == [3, 1, 5, 4, 0, 2])
  }

  // MARK: Manifests

  private func count(_ old: String, _ new: String) throws -> ManifestCounts {
    let folder = try TemporaryFolder()
    let (first, second) = (
      try MappedFile(path: try folder.write("old", old)), try MappedFile(path: try folder.write("new", new))
    )
    return try compareSortedManifests(first, second)
  }

  private static func lines(_ keys: String, _ split: String = "train") -> String {
    keys.map { "{\"key\":\"\($0)\",\"image\":{\"path\":\"\($0)\"},\"split\":\"\($0.isUppercase ? "test" : split)\"}\n" }.joined()
  }

  /// Old and new keys, a letter each, and how many were added, changed, removed and are unchanged.
  static let manifests: [(old: String, new: String, counts: [Int])] = [
    ("", "", [0, 0, 0, 0]), ("abc", "abc", [0, 0, 0, 3]), ("", "abc", [3, 0, 0, 0]), ("abc", "", [0, 0, 3, 0]),
    ("ac", "abd", [2, 0, 1, 1]),
    ("aabc", "abbbc", [0, 0, 0, 3]), ("mnz", "abmz", [2, 0, 1, 2]),
  ]

  @Test(arguments: manifests) func manifestsAreCounted(_ row: (old: String, new: String, counts: [Int])) throws {
    let header = "{\"waybill\":1,\"name\":\"x\"}\n"
    for (old, new) in [
      (Self.lines(row.old), Self.lines(row.new)), (header + Self.lines(row.old), Self.lines(row.new)),
      ("\n \r\n" + Self.lines(row.old), "\u{FEFF}" + Self.lines(row.new) + header + "\n"),
      (String(Self.lines(row.old).dropLast()), Self.lines(row.new).replacingOccurrences(of: "\n", with: "\r\n")),
    ] {
      let found = try count(old, new)
      #expect([found.added, found.changed, found.removed, found.unchanged] == row.counts, "\(row)")
    }
    let changed = try count(Self.lines(row.old), Self.lines(row.new, "test"))
    #expect(changed.added == row.counts[0] && changed.changed == row.counts[3] && changed.removed == row.counts[2])
    #expect(changed.unchanged == 0)
  }

  /// Escapes in keys are seen through, and members may stand in any order.
  @Test func keysAreComparedByTheirText() throws {
    let found = try count(
      #"{"image":{"path":"x"},"key":"a"}"# + "\n" + #"{"key":"é\"","image":{}}"# + "\n",
      #"{"key":"\u0061","image":{"path":"x"}}"# + "\n" + #"{"key":"\u00e9\"","image":{}}"# + "\n")
    #expect(found.changed == 2 && found.added + found.removed + found.unchanged == 0)
  }

  @Test(arguments: [
    ("ba", "ab", "old", "order"), ("ab", "ba", "new", "order"), ("a?b", "ab", "old", "no sample"),
    ("ab", "a?b", "new", "no sample"),
  ]) func whatIsNotInOrderIsRefused(_ old: String, _ new: String, _ path: String, _ words: String) throws {
    func text(_ keys: String) -> String { keys.map { $0 == "?" ? "{\"name\":1}\n" : Self.lines(String($0)) }.joined() }
    do {
      _ = try count(text(old), text(new))
      Issue.record("\(old) and \(new) were counted")
    } catch let error as DatasetError {
      #expect(error.code == .invalidInput && error.path?.hasSuffix("/\(path)") == true && error.message.contains(words), "\(error)")
    }
  }

  /// Counts of random manifests against sets.
  @Test(arguments: 0..<20) func randomManifestsAreCounted(_ step: Int) throws {
    let seed = testSeed(4_600) + UInt64(step)
    var numbers = SeededNumbers(seed)
    func manifest() -> [String: Int] {
      Dictionary(
        uniqueKeysWithValues: (0..<numbers.below(300)).map { ("\($0 * 7 % 300)", numbers.below(3)) }.filter { _ in numbers.coin() })
    }
    let (old, new) = (manifest(), manifest())
    func text(_ manifest: [String: Int]) -> String {
      manifest.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "{\"key\":\"\($0.key)\",\"image\":{\"width\":\($0.value)}}\n" }.joined()
    }
    let found = try count(text(old), text(new))
    #expect(found.added == new.keys.count { old[$0] == nil }, "seed \(seed)")
    #expect(found.removed == old.keys.count { new[$0] == nil }, "seed \(seed)")
    #expect(found.unchanged == old.count { new[$0.key] == $0.value }, "seed \(seed)")
    #expect(found.changed == old.count { new[$0.key] != nil && new[$0.key] != $0.value }, "seed \(seed)")
  }
}
