import Testing

@testable import WaybillFiles

@Suite struct RelativePathTests {
  @Test(arguments: [
    ("a", "a"), ("a/b.jpg", "a/b.jpg"), ("./a", "a"), ("a/./b", "a/b"), ("a//b", "a/b"), ("a/", "a"), ("a/../b", "b"),
    ("a/b/../../c", "c"), ("...", "..."), ("a/..b/c", "a/..b/c"), (".hidden", ".hidden"), ("a\\..\\b", "a\\..\\b"),
    ("C:\\x", "C:\\x"), ("ä/ö", "ä/ö"), ("a b/\nc", "a b/\nc"), ("a/.../b", "a/.../b"), ("a/./", "a"),
    // Decomposed letters are other bytes than composed ones, and stay so.
    ("a\u{308}/./b", "a\u{308}/b"), ("./x/\u{301}y", "x/\u{301}y"),
  ])
  func normalises(name: String, expected: String) throws {
    #expect(Array(try RelativePath(name).text.utf8) == Array(expected.utf8))
  }

  @Test(arguments: [
    ("", RelativePath.Problem.empty), (".", .empty), ("./", .empty), ("a/..", .empty), ("././.", .empty),
    ("/", .absolute), ("/etc/passwd", .absolute), ("//a", .absolute), ("..", .leavesRoot), ("../a", .leavesRoot),
    ("a/../../b", .leavesRoot), ("./../a", .leavesRoot), ("a/b/../../..", .leavesRoot), ("a\0b", .zeroByte),
    ("\0", .zeroByte), ("a/\0", .zeroByte),
  ])
  func refuses(name: String, problem: RelativePath.Problem) {
    #expect(throws: problem) { try RelativePath(name) }
    #expect(!problem.phrase.isEmpty)
  }

  @Test func seededNamesNeverLeaveTheRoot() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    let pieces = ["a", "..", ".", "", "/", "//", "b.c", "...", "é"]
    for _ in 0..<20_000 {
      var name = ""
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        name += pieces[Int(state >> 33) % pieces.count]
        if state >> 60 < 8 { name += "/" }
      }
      guard let path = try? RelativePath(name) else { continue }
      let components = path.text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).map { String(Substring($0)) }
      let isSafe = components.allSatisfy { $0 != "" && $0 != "." && $0 != ".." }
      #expect(isSafe, "seed \(seed), name \(name)")
      #expect((try? RelativePath(path.text)) == path, "seed \(seed), name \(name)")
    }
  }

  @Test(arguments: [("", "a", "a"), ("r", "a", "r/a"), ("r/", "a", "r/a"), ("/", "a", "/a")])
  func joins(folder: String, path: String, expected: String) {
    #expect(joinedPath(folder, path) == expected)
  }

  @Test(arguments: [
    // path, base, stem, extension, folder
    ["a/b/c.d", "c.d", "c", "d", "a/b"], ["c.tar.gz", "c.tar.gz", "c.tar", "gz", ""], [".hidden", ".hidden", ".hidden", "", ""],
    ["a/.hidden.x", ".hidden.x", ".hidden", "x", "a"], ["a.", "a.", "a.", "", ""], ["a.b/c", "c", "c", "", "a.b"],
    ["", "", "", "", ""], ["/", "", "", "", "/"], ["/a", "a", "a", "", "/"], ["a/", "", "", "", "a"],
    ["x..y", "x..y", "x.", "y", ""],
    ["ä.ö", "ä.ö", "ä", "ö", ""], ["..", "..", "..", "", ""],
  ])
  func splitsNames(row: [String]) {
    #expect(FileName.basename(of: row[0]) == row[1])
    #expect(FileName.stem(of: row[0]) == row[2])
    #expect(FileName.extension(of: row[0]) == row[3])
    #expect(FileName.folder(of: row[0]) == row[4])
  }

  @Test func withoutExtensionKeepsTheFolder() {
    #expect(FileName.withoutExtension("a.b/c.d.e") == "a.b/c.d")
    #expect(FileName.withoutExtension("a.b/c") == "a.b/c")
  }

  @Test func partsOfBytesAreOffsets() {
    let parts = Array("street/0001.jpg".utf8).withUnsafeBytes { FileName($0) }
    #expect(parts.base == 7..<15)
    #expect(parts.stem == 7..<11)
    #expect(parts.extension == 12..<15)
  }
}
