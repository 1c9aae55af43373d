import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

/// A folder in a mount behaves as the same folder on the disk.
@Suite struct MountedFolderTests {
  let scratch = Scratch()

  @Test func readsOneFileAfterAnother() throws {
    let sizes = [0, 1, 63, 64, 65, 16_384, 100_000, 3]
    let files = Dictionary(uniqueKeysWithValues: sizes.map { ("x/d/\($0)", String(repeating: "y", count: $0)) })
    let tree = FakeTree(files)
    let folder = try Folder(path: "m/x", in: InputFiles.disk.mounting(tree, at: "m"))
    var buffer = ReusableBuffer(capacity: 0)
    for size in sizes {
      try folder.read("d/\(size)", into: &buffer)
      #expect(buffer.count == size)
      #expect(buffer.bytes.allSatisfy { $0 == 0x79 })
    }
    #expect(tree.mapCount == sizes.count)
    #expect(folder.path == "m/x")
    #expect(folder.hasFile("d/63"))
    #expect(!folder.hasFile("d"))
    #expect(!folder.hasFile("63"))
    let mapped = try folder.map("d/3")
    #expect(copied(mapped) == Array("yyy".utf8))
    #expect(mapped.path == "m/x/d/3")
    #expect(thrown { try folder.read("d", into: &buffer) }?.path == "m/x/d")
  }

  @Test func anAbsolutePathLeadsToTheDisk() throws {
    scratch.put("f", "disk")
    let folder = try Folder(path: "m", in: InputFiles.disk.mounting(FakeTree(["f": "tree"]), at: "m"))
    var buffer = ReusableBuffer()
    try folder.read(scratch("f"), into: &buffer)
    #expect(Array(buffer.bytes) == Array("disk".utf8))
    #expect(folder.hasFile(scratch("f")) && !folder.hasFile(scratch("g")))
    try folder.read("f", into: &buffer)
    #expect(Array(buffer.bytes) == Array("tree".utf8))
  }

  @Test func agreesWithTheDisk() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    let names = ["a", "b.xml", "a.xml", "ä", "A", ".hidden", "__MACOSX", "a-", "a0", "a b"]
    for _ in 0..<40 {
      let scratch = Scratch()
      var files: [String: String] = [:]
      for _ in 0..<Int.random(in: 0...20, using: &dice) {
        let path = (0...Int.random(in: 0...3, using: &dice)).map { _ in names.randomElement(using: &dice) ?? "" }
          .joined(separator: "/")
        // A file cannot be where a folder is.
        guard !files.keys.contains(where: { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }) else { continue }
        files[path] = "\(Int.random(in: 0...99_999, using: &dice))"
      }
      mkdir(scratch("t"), 0o755)
      for (path, text) in files { scratch.put("t/" + path, text) }
      let root = scratch("t")
      let mounted = InputFiles.disk.mounting(FakeTree(files), at: root)
      for below in ["", "/a", "/a/a", "/ä", "/a.xml"] where InputFiles.disk.isFolder(root + below) {
        let (onDisk, inTree) = (try FileTree(root: root + below), try FileTree(root: root + below, in: mounted))
        #expect(onDisk.files.map { Array($0.utf8) } == inTree.files.map { Array($0.utf8) }, "seed \(seed)")
        #expect(onDisk.hiddenCount == inTree.hiddenCount, "seed \(seed)")
        #expect(onDisk.skipped == inTree.skipped, "seed \(seed)")
      }
      for _ in 0..<100 {
        let path = (0...Int.random(in: 0...4, using: &dice)).map { _ in (names + ["./a"]).randomElement(using: &dice) ?? "" }
          .joined(separator: "/")
        let (onDisk, inTree) = (InputFiles.disk.status(of: root + "/" + path), mounted.status(of: root + "/" + path))
        switch (onDisk, inTree) {
        case (.missing, .missing): break
        default: #expect(onDisk == inTree, "\(path), seed \(seed)")
        }
      }
    }
  }

  @Test func listsByTheRulesOfAWalk() throws {
    let deep = Array(repeating: "d", count: FileTree.depthLimit).joined(separator: "/")
    let tree = FakeTree(
      ["a.jpg": "", ".git/config": "", ".git/x/y": "", "d/._b": "", deep + "/f": "", deep + "/d/f": "", deep + "/d/g": ""],
      skipped: [
        .init(path: "d/link", reason: .unusable("is a link")), .init(path: "top", reason: .notUTF8),
        .init(path: "__MACOSX/x", reason: .special),
      ])
    let files = InputFiles.disk.mounting(tree, at: "z")
    let all = try FileTree(root: "z", in: files)
    #expect(all.files == ["a.jpg", deep + "/f"])
    #expect(all.hiddenCount == 2)
    #expect(all.skipped.map(\.path) == [deep + "/d", "d/link", "top"])
    #expect(all.skipped.map(\.reason.phrase).last == "has a name that is not UTF-8")
    let inner = try FileTree(root: "z/d", in: files)
    #expect(inner.skipped.map(\.path) == ["link"])
    #expect(inner.skipped.map(\.reason.phrase) == ["is a link"])
    #expect(inner.files.count == 3)
    #expect(try FileTree(root: "e", in: InputFiles.disk.mounting(FakeTree([:]), at: "e")).files == [])
  }
}

/// Numbers that follow from a seed.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
