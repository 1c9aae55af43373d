import Foundation
import TestSupport
import Testing
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

@testable import WaybillVersioning

@Suite struct StatCacheTests {
  private static func look(_ path: String) -> FileLook {
    var status = stat()
    stat(path, &status)
    return FileLook(FileFacts(status))
  }

  @Test func whatWasNotedIsKnownWhileItLooksTheSame() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("deep/er/cache")
    let cache = StatCache(path: path)
    var looks: [(String, FileLook, SHA256Digest)] = []
    for number in 0..<500 {
      let name = "f\(number)"
      let look = FileLook(size: Int64(number), modified: Int64(number) * 7, changed: 5, inode: UInt64(number))
      looks.append((name, look, SHA256Digest(of: Array(name.utf8))))
      cache.note(name, look, SHA256Digest(of: Array(name.utf8)))
    }
    #expect(cache.digest(of: "f1", looks[1].1) == nil)
    cache.save()
    let again = StatCache(path: path)
    for (name, look, digest) in looks {
      #expect(again.digest(of: name, look) == digest)
      for change in [
        FileLook(size: look.size + 1, modified: look.modified, changed: look.changed, inode: look.inode),
        FileLook(size: look.size, modified: look.modified + 1, changed: look.changed, inode: look.inode),
        FileLook(size: look.size, modified: look.modified, changed: look.changed + 1, inode: look.inode),
        FileLook(size: look.size, modified: look.modified, changed: look.changed, inode: look.inode + 1),
      ] { #expect(again.digest(of: name, change) == nil) }
    }
    #expect(again.digest(of: "g", looks[0].1) == nil)
  }

  @Test func aDamagedCacheKnowsNothing() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("cache")
    let look = FileLook(size: 1, modified: 2, changed: 3, inode: 4)
    let cache = StatCache(path: path)
    cache.note("a", look, SHA256Digest(of: [1]))
    cache.save()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(StatCache(path: path).digest(of: "a", look) != nil)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 4
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      #expect(StatCache(path: path).digest(of: "a", look) == nil, "byte \(index)")
      try Data(bytes.prefix(index)).write(to: URL(fileURLWithPath: path))
      #expect(StatCache(path: path).digest(of: "a", look) == nil, "cut at \(index)")
    }
  }

  @Test(arguments: [
    (Int64(1_000_000_005), Int64(1_000_000_005), false), (1_000_000_005, 1_030_000_005, true),
    (1_000_000_000, 2_000_000_000, false),
    (1_000_000_000, 3_000_000_000, true),
  ])
  func changesWithinAStepOfTheClockAreFeared(_ changed: Int64, _ now: Int64, _ isSettled: Bool) {
    #expect(FileLook(size: 0, modified: 0, changed: changed, inode: 0).isSettled(now: now) == isSettled)
  }

  /// The cache is believed by publications, and never against what a file looks like.
  @Test func publicationsReadChangedFilesAgain() throws {
    let scene = try Scene()
    let cachePath = scene.folder.file("cache")
    usleep(50_000)
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store) { $0.cacheFolder = cachePath }
    #expect(try FileManager.default.contentsOfDirectory(atPath: cachePath).count == 1)
    // The same number of bytes, and the old times put back.
    let path = scene.folder.file("data/a.jpg")
    let times = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    try Data("MEDIA OF a.jpg".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.modificationDate: try #require(times)], ofItemAtPath: path)
    let report = try scene.publish(to: store) { $0.cacheFolder = cachePath }
    #expect(report.newFiles == 1)
    let version = try PublishedVersion(report.version, in: store)
    #expect(try version.file("a.jpg").map { String(decoding: $0.bytes, as: UTF8.self) } == "MEDIA OF a.jpg")
  }
}
