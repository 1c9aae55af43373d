import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct InputFilesTests {
  let scratch = Scratch()
  let tree = FakeTree(
    ["a.txt": "a", "d/b.txt": "bb", "d/e/c.txt": "ccc", "d.txt": "", "d0": "z", "ä/ö": "umlaut", "bad": "damaged"],
    origins: ["/data/one.zip"])

  typealias Status = InputFiles.Status

  @Test(arguments: [
    ("data.zip", Status.folder), ("data.zip/", .folder), ("data.zip/.", .folder), ("data.zip/a.txt", .file(size: 1)),
    ("data.zip//a.txt", .file(size: 1)), ("data.zip/./d/../a.txt", .file(size: 1)), ("data.zip/d", .folder),
    ("data.zip/d/", .folder), ("data.zip/d/e", .folder), ("data.zip/d/e/c.txt", .file(size: 3)), ("data.zip/d.txt", .file(size: 0)),
    ("data.zip/d0", .file(size: 1)), ("data.zip/ä/ö", .file(size: 6)), ("data.zip/ä", .folder),
    ("data.zip/a\u{308}/ö", .missing(errno: ENOENT)), ("data.zip/d/b", .missing(errno: ENOENT)),
    ("data.zip/a.txt/x", .missing(errno: ENOENT)), ("data.zip/\0", .missing(errno: ENOENT)),
    ("data.zip0", .missing(errno: ENOENT)), ("data.zip0/a.txt", .missing(errno: ENOENT)),
    ("data.zip/../dev/null", .missing(errno: ENOENT)), ("/dev/null", .special), ("/proc", .folder),
  ])
  func findsWhatIsThere(row: (path: String, status: Status)) {
    let files = InputFiles.disk.mounting(tree, at: "data.zip/")
    #expect(files.status(of: row.path) == row.status)
    #expect(files.isFolder(row.path) == (row.status == .folder))
    if case .file = row.status { #expect(files.isFile(row.path)) } else { #expect(!files.isFile(row.path)) }
  }

  @Test func readsFromTheDiskWhatIsNotMounted() throws {
    scratch.put("data/x", "on disk")
    scratch.put("beside/y", "beside")
    let files = InputFiles.disk.mounting(tree, at: scratch("data"))
    #expect(files.status(of: scratch("data/x")) == .missing(errno: ENOENT))
    #expect(copied(try files.map(scratch("beside/y"))) == Array("beside".utf8))
    // Up and out of the mount is beside it, as on the disk.
    #expect(copied(try files.map(scratch("data/../beside/y"))) == Array("beside".utf8))
    #expect(copied(try files.map(scratch("data/d/../../beside/y"))) == Array("beside".utf8))
    #expect(files.diskPath(of: scratch("data/../beside/y")) == scratch("beside/y"))
    #expect(files.diskPath(of: scratch("data/d/b.txt")) == nil)
    #expect(InputFiles.disk.status(of: scratch("data/x")) == .file(size: 7))
    #expect(InputFiles.disk.status(of: scratch("data/x/y")) == .missing(errno: ENOTDIR))
    #expect(files.origins == ["/data/one.zip"])
  }

  @Test func theInnermostMountCounts() throws {
    let inner = FakeTree(["a.txt": "inner"])
    for files in [
      InputFiles.disk.mounting(tree, at: "m").mounting(inner, at: "m/d"),
      InputFiles.disk.mounting(inner, at: "m/d").mounting(tree, at: "m"),
    ] {
      #expect(copied(try files.map("m/d/a.txt")) == Array("inner".utf8))
      #expect(copied(try files.map("m/a.txt")) == Array("a".utf8))
      #expect(!files.isFile("m/d/b.txt"))
    }
  }

  @Test func mountsOneFile() throws {
    let file = MappedFile(adopting: memory("{}"), path: "<standard input>")
    let files = InputFiles.disk.mounting(file, at: "<standard input>")
    #expect(files.status(of: "<standard input>") == .file(size: 2))
    #expect(files.status(of: "<standard input>/x") == .missing(errno: ENOENT))
    #expect(try files.map("<standard input>") === file)
    #expect(try files.readHead("<standard input>", count: 1) == [0x7B])
    #expect(thrown { _ = try Folder(path: "<standard input>", in: files) }?.errno == ENOTDIR)
    #expect(files.origins == [])
  }

  @Test func refusesWithTheWholePath() throws {
    let files = InputFiles.disk.mounting(tree, at: "data.zip")
    var buffer = ReusableBuffer()
    for (name, words) in [("d", "is a folder"), ("none", "cannot be opened"), ("bad", "is damaged"), ("d/e/c.txt", "2 bytes")] {
      let path = "data.zip/" + name
      let error = thrown { try files.read(path, into: &buffer, limit: name == "bad" ? 100 : 2) }
      #expect(error?.path == path)
      #expect(error?.message.contains(words) == true, "\(name): \(String(describing: error))")
      #expect(buffer.count == 0)
      guard name != "d/e/c.txt" else { continue }
      #expect(thrown { _ = try files.map(path) }?.path == path)
      #expect(thrown { _ = try files.readHead(path, count: 1) }?.path == path)
    }
    #expect(thrown { _ = try files.map("data.zip/none") }?.errno == ENOENT)
    #expect(thrown { _ = try FileTree(root: "data.zip/a.txt", in: files) }?.errno == ENOTDIR)
    #expect(thrown { _ = try FileTree(root: "data.zip/none", in: files) }?.errno == ENOENT)
    #expect(thrown { _ = try Folder(path: "data.zip/none", in: files) }?.errno == ENOENT)
  }

  @Test(arguments: [(0, ""), (1, "c"), (2, "cc"), (9, "ccc"), (-1, "")])
  func readsTheBeginning(row: (count: Int, text: String)) throws {
    scratch.put("c.txt", "ccc")
    let files = InputFiles.disk.mounting(tree, at: "m")
    #expect(try files.readHead("m/d/e/c.txt", count: row.count) == Array(row.text.utf8))
    #expect(try files.readHead(scratch("c.txt"), count: row.count) == Array(row.text.utf8))
    #expect(try Folder(path: "m/d", in: files).readHead("e/c.txt", count: row.count) == Array(row.text.utf8))
  }
}
