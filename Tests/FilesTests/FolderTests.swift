import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct FolderTests {
  let scratch = Scratch()

  @Test func readsOneFileAfterAnother() throws {
    let sizes = [0, 1, 63, 64, 65, 16_383, 16_384, 16_385, 100_000, 3]
    for size in sizes { scratch.put("d/\(size)", String(repeating: "y", count: size)) }
    let folder = try Folder(path: scratch.path)
    var buffer = ReusableBuffer(capacity: 0)
    for size in sizes {
      try smallFile(at: folder, "d/\(size)", into: &buffer)
      #expect(buffer.count == size)
      #expect(buffer.bytes.allSatisfy { $0 == 0x79 })
    }
    #expect(folder.hasFile("d/63"))
    #expect(!folder.hasFile("d"))
    #expect(!folder.hasFile("none"))
    #expect(copied(try folder.map("d/3")) == Array("yyy".utf8))
  }

  @Test func readsFilesThatDoNotTellTheirSize() throws {
    let folder = try Folder(path: "/proc/self")
    var buffer = ReusableBuffer(capacity: 0)
    try folder.read("maps", into: &buffer)
    #expect(buffer.count > 1000)
    #expect(thrown { try folder.read("maps", into: &buffer, limit: 100) }?.message.contains("100 bytes") == true)
    #expect(buffer.count == 0)
  }

  @Test func refusesWithTheWholePath() throws {
    scratch.put("big", "0123456789")
    mkdir(scratch("folder"), 0o755)
    mkfifo(scratch("pipe"), 0o644)
    let folder = try Folder(path: scratch.path)
    var buffer = ReusableBuffer()
    for (name, words) in [
      ("big", "larger than the 9 bytes"), ("folder", "folder"), ("pipe", "pipe"), ("no", "opened"), ("a\0", "zero"),
    ] {
      let error = thrown { try folder.read(name, into: &buffer, limit: 9) }
      #expect(error?.path == scratch(name))
      #expect(error?.message.contains(words) == true, "\(name): \(String(describing: error))")
      #expect(buffer.count == 0)
    }
    try folder.read("big", into: &buffer, limit: 10)
    #expect(buffer.count == 10)
    #expect(thrown { _ = try Folder(path: scratch("big")) }?.errno == ENOTDIR)
    #expect(thrown { _ = try Folder(path: scratch("none")) }?.errno == ENOENT)
  }
}
