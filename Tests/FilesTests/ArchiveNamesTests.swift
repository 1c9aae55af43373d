import Testing

@testable import WaybillFiles

@Suite struct ArchiveNamesTests {
  typealias Clash = ArchiveNames.Clash

  static let rows: [(known: [String], path: String, clash: Clash?)] = [
    ([], "a", nil), (["a"], "b", nil), (["a"], "a", .taken), (["d/a"], "d/a", .taken), (["d/a"], "d/b", nil),
    (["d/a"], "d", .fileAndFolder), (["d"], "d/a", .fileAndFolder), (["d"], "d/e/f", .fileAndFolder),
    (["d/e/f"], "d/e", .fileAndFolder), (["d/e/f"], "d/f", nil), (["a"], "A", .differsInCase("a")),
    (["d/a"], "D/A", .differsInCase("d")), (["d/a"], "D/b", .differsInCase("d")), (["d/a"], "d/A", .differsInCase("d/a")),
    (["d/a"], "D", .differsInCase("d")),
    (["D"], "d/a", .differsInCase("D")), (["D"], "d/e/a", .differsInCase("D")),
    (["d/e/a"], "d/E/b", .differsInCase("d/e")), (["ä"], "Ä", .differsInCase("ä")),
    (["\u{E4}"], "a\u{308}", .differsInCase("\u{E4}")), (["straße"], "strasse", nil), (["σ"], "Σ", .differsInCase("σ")),
    (["a b"], "a  b", nil), (["a", "b", "c/d"], "c/d/e", .fileAndFolder),
  ]

  @Test(arguments: rows) func findsClashes(row: (known: [String], path: String, clash: Clash?)) throws {
    var names = ArchiveNames()
    for path in row.known {
      let number = try names.add(path)
      #expect(names.path(number) == path)
    }
    do throws(Clash) {
      let number = try names.add(row.path)
      #expect(row.clash == nil)
      #expect(Array(names.path(number).utf8) == Array(row.path.utf8))
    } catch {
      #expect(error == row.clash)
      // What was there is there still.
      for path in row.known { #expect(throws: Clash.taken) { try names.add(path) } }
    }
  }

  @Test func agreesWithComparingAll() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    let parts = ["a", "A", "b", "ä", "Ä", "a\u{308}", "x1", "X1", "é"]
    for _ in 0..<20 {
      var names = ArchiveNames()
      var known: [String] = []
      for _ in 0..<150 {
        let path = (0...Int.random(in: 0...3, using: &dice)).map { _ in parts.randomElement(using: &dice) ?? "" }
          .joined(separator: "/")
        let isFree = known.allSatisfy { ArchiveNamesTests.mayStandTogether($0, path) }
        do throws(Clash) {
          let number = try names.add(path)
          #expect(isFree, "\(path), seed \(seed)")
          #expect(Array(names.path(number).utf8) == Array(path.utf8))
          known.append(path)
        } catch {
          #expect(!isFree, "\(path): \(error), seed \(seed)")
        }
      }
    }
  }

  /// Whether two files can be beside each other where case does not count.
  private static func mayStandTogether(_ a: String, _ b: String) -> Bool {
    let (x, y) = (a.split(separator: "/"), b.split(separator: "/"))
    for (first, second) in zip(x, y) where Array(first.utf8) != Array(second.utf8) {
      return first.lowercased() != second.lowercased()
    }
    // One is the other, or lies below it.
    return false
  }

  @Test func manyNames() throws {
    var names = ArchiveNames()
    for number in 0..<20_000 { _ = try names.add("folder\(number % 7)/image-\(number).xml") }
    for number in stride(from: 0, to: 20_000, by: 997) {
      #expect(throws: Clash.taken) { try names.add("folder\(number % 7)/image-\(number).xml") }
      #expect(throws: Clash.self) { try names.add("Folder\(number % 7)/IMAGE-\(number).xml") }
    }
  }
}
