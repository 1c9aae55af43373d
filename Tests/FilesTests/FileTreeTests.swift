import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct FileTreeTests {
  let scratch = Scratch()

  @Test func listsInBytewiseOrder() throws {
    let names = [
      "b", "a/z", "a.xml", "a-1", "a0", "a/b/c", "a/b.c", "B", "ä", "a\u{308}", "z/1", "z/10", "z/2", "a/b-", "\u{10FFFF}",
    ]
    for name in names { scratch.put(name) }
    let tree = try FileTree(root: scratch.path)
    let expected = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    #expect(tree.files.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    #expect(tree.skipped.isEmpty)
    #expect(try FileTree(root: scratch.path + "/").files == tree.files)
  }

  @Test func leavesHiddenEntriesOut() throws {
    for name in [".hidden", "._a.jpg", "a.jpg", ".git/config", "__MACOSX/a.jpg", "d/._b", "d/b", "e/__MACOSX"] { scratch.put(name) }
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files == ["a.jpg", "d/b", "e/__MACOSX"])
    #expect(tree.hiddenCount == 5)
  }

  @Test func reportsNamesThatAreNotUTF8() throws {
    scratch.put("good")
    for bytes: [UInt8] in [[0x66, 0xFF, 0x5C, 0x67], [0xC3], [0xC3, 0xA4, 0xED, 0xA0, 0x80]] {
      let path = (Array(scratch("").utf8) + bytes + [0]).map { CChar(bitPattern: $0) }
      close(creat(path, 0o644))
    }
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files == ["good"])
    #expect(tree.skipped.map(\.path) == ["f\\xFF\\\\g", "\\xC3", "ä\\xED\\xA0\\x80"])
    #expect(tree.skipped.allSatisfy { $0.reason == .notUTF8 })
  }

  @Test func followsLinksButNoLoops() throws {
    scratch.put("real/1")
    scratch.put("outside/x")
    symlink("real", scratch("alias"))
    symlink("real/1", scratch("one"))
    symlink("..", scratch("real/up"))
    symlink("nowhere", scratch("dangling"))
    symlink("self", scratch("self"))
    mkfifo(scratch("pipe"), 0o644)
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files == ["alias/1", "one", "outside/x", "real/1"])
    let expected: [(String, FileTree.Reason)] = [
      ("alias/up", .loop), ("dangling", .danglingLink), ("pipe", .special), ("real/up", .loop), ("self", .danglingLink),
    ]
    #expect(tree.skipped.map(\.path) == expected.map(\.0))
    #expect(tree.skipped.map(\.reason) == expected.map(\.1))
    #expect(tree.skipped.allSatisfy { !$0.reason.phrase.isEmpty })
  }

  @Test func stopsAtTheDepthLimit() throws {
    var path = ""
    for depth in 1...(FileTree.depthLimit + 2) {
      path += path.isEmpty ? "d" : "/d"
      scratch.put(path + "/f\(depth)")
    }
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files.count == FileTree.depthLimit)
    #expect(tree.skipped.map(\.reason) == [.tooDeep])
    #expect(tree.skipped.first?.path == Array(repeating: "d", count: FileTree.depthLimit + 1).joined(separator: "/"))
  }

  @Test func reportsFoldersThatCannotBeRead() throws {
    scratch.put("a/1")
    // Long components make a path the system refuses, also for the superuser.
    let long = String(repeating: "n", count: 250)
    var descriptor = open(scratch.path, O_RDONLY)
    for _ in 0..<20 {
      mkdirat(descriptor, long, 0o755)
      let next = openat(descriptor, long, O_RDONLY)
      close(descriptor)
      descriptor = next
    }
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files == ["a/1"])
    #expect(tree.skipped.map(\.reason) == [.unreadable(ENAMETOOLONG)])
    // The scratch folder's own removal walks by path too; move the tail up until it is short enough.
    while descriptor >= 0 {
      let up = openat(descriptor, "..", O_RDONLY)
      close(descriptor)
      guard unlinkat(up, long, AT_REMOVEDIR) == 0 else {
        close(up)
        break
      }
      descriptor = up
    }
  }

  @Test func refusesWhatIsNoFolder() {
    scratch.put("f")
    #expect(thrown { _ = try FileTree(root: scratch("f")) }?.errno == ENOTDIR)
    #expect(thrown { _ = try FileTree(root: scratch("none")) }?.errno == ENOENT)
  }

  @Test func aHundredThousandFilesInOneFolder() throws {
    let descriptor = open(scratch.path, O_RDONLY)
    for number in 0..<100_000 { close(openat(descriptor, "image-\(number).xml", O_CREAT | O_WRONLY, 0o644)) }
    close(descriptor)
    let tree = try FileTree(root: scratch.path)
    #expect(tree.files.count == 100_000)
    #expect(tree.files.first == "image-0.xml")
    #expect(tree.files.last == "image-99999.xml")
  }

  @Test func needsFewDescriptors() async {
    await #expect(processExitsWith: .success) {
      let scratch = Scratch()
      for number in 0..<40 { scratch.put(Array(repeating: "d", count: number + 1).joined(separator: "/") + "/f") }
      // Whatever is open already, three more descriptors are all there are: the root, the folder being listed, one to spare.
      var last = dup(0)
      while last >= 0 && last < 200 { last = dup(0) }
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = rlim_t(last + 4)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let count = (try? FileTree(root: scratch.path).files.count) ?? -1
      SystemCalls.real.remove(AT_FDCWD, Array(scratch.path.utf8CString))
      exit(count == 40 ? 0 : 1)
    }
  }
}
