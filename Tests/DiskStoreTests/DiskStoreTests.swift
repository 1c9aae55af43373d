import Foundation
import Glibc
import StoreTestSupport
import Testing
import WaybillAllStores
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillDiskStore

@Suite struct DiskStoreTests {
  let place = DiskPlace()

  private func store() throws -> DiskStore { try DiskStore(path: place.path) }

  @Test func keysArePaths() throws {
    let store = try store()
    #expect(try store.create(key("animals/V001/version.json"), Array("{}".utf8)))
    #expect(place.text("animals/V001/version.json") == "{}")
    #expect(place.everything() == ["animals/", "animals/V001/", "animals/V001/version.json"])
    #expect(store.location == place.path)
    #expect(try store.open(key("animals/V001/version.json"))?.path == place("animals/V001/version.json"))
  }

  @Test func missingFoldersAreMadeAndRemoved() throws {
    let store = try store()
    let upload = try store.upload(near: "a/b/c")
    #expect(place.everything().count == 4)
    upload.abort()
    #expect(place.everything() == [])
    // Folders that others use, or made, stay.
    place.put("a/README")
    mkdir(place("x"), 0o755)
    try store.upload(near: "a/b").abort()
    try store.upload(near: "x").abort()
    #expect(place.everything() == ["a/", "a/README", "x/"])
    #expect(try store.create(key("a/b/c/d"), []))
    try store.delete(key("a/b/c/d"))
    #expect(place.everything() == ["a/", "a/README", "x/"])
  }

  @Test func whatIsNoObjectIsLeftAlone() throws {
    for name in [".DS_Store", "a/.hidden", "READ ME.txt", "a/ä", "a/b:c", "a b/object", ".git/config", "a/x~", "a/+"] {
      place.put(name)
    }
    // A name that is a key is an object, whoever made it.
    place.put("README", "text")
    place.put("a/object", "text")
    mkdir(place("a/empty"), 0o755)
    symlink("object", place("a/link"))
    symlink("a", place("linked"))
    mkfifo(place("a/pipe"), 0o644)
    let before = place.everything()
    let store = try store()
    #expect(try store.keys() == ["README", "a/object"])
    #expect(try store.keys("a/") == ["a/object"])
    #expect(try store.leftovers() == [])
    try store.delete(key("a/empty"))
    try store.delete(key("a"))
    #expect(place.everything() == before)
    #expect(try store.bytes("README") == Array("text".utf8))
  }

  @Test func linksAreNotFollowed() throws {
    let outside = DiskPlace()
    outside.put("object", "outside")
    symlink(outside.path, place("folder"))
    symlink(outside("object"), place("object"))
    symlink("nowhere", place("dangling"))
    symlink(outside("new"), place("new"))
    mkdir(place("a"), 0o755)
    symlink(outside.path, place("a/folder"))
    let store = try store()
    let revision = ObjectRevision("1")
    for name in ["folder/object", "folder/new", "a/folder/object", "a/folder/new/er", "object", "dangling", "new"] {
      #expect(thrown { _ = try store.info(key(name)) }?.code == .io, "\(name)")
      #expect(thrown { _ = try store.open(key(name)) }?.code == .io, "\(name)")
      #expect(thrown { _ = try store.create(key(name), [1]) }?.code == .io, "\(name)")
      #expect(thrown { try store.replace(key(name), with: [1], expecting: nil) }?.code == .io, "\(name)")
      #expect(thrown { try store.replace(key(name), with: [1], expecting: revision) }?.code == .io, "\(name)")
      #expect(thrown { try store.delete(key(name)) }?.code == .io, "\(name)")
    }
    #expect(thrown { _ = try store.upload(near: "folder") }?.message.contains("link") == true)
    #expect(thrown { _ = try store.list("folder/", after: nil, limit: 1) }?.message.contains("link") == true)
    #expect(try store.keys() == [])
    #expect(outside.everything() == ["object"])
    #expect(outside.text("object") == "outside")
    #expect(place.everything() == ["a/", "a/folder", "dangling", "folder", "new", "object"])
  }

  @Test func theLockIsNoWayOut() throws {
    let outside = DiskPlace()
    symlink(outside("lock"), place(DiskStore.lockName))
    let store = try store()
    try store.replace(key("a"), with: [1], expecting: nil)
    let revision = try store.info(key("a"))?.revision
    #expect(thrown { try store.replace(key("a"), with: [2], expecting: revision) }?.code == .io)
    #expect(thrown { try store.delete(key("a")) }?.code == .io)
    #expect(outside.everything() == [])
    #expect(try store.bytes("a") == [1])
  }

  @Test func specialFilesAreNotWaitedFor() throws {
    mkfifo(place("pipe"), 0o644)
    let store = try store()
    #expect(thrown { _ = try store.open(key("pipe")) }?.code == .io)
    #expect(thrown { _ = try store.info(key("pipe")) }?.code == .io)
    #expect(thrown { _ = try store.create(key("pipe"), []) }?.code == .io)
    #expect(thrown { try store.delete(key("pipe")) }?.code == .io)
    #expect(place.everything() == ["pipe"])
  }

  @Test func theCurrentFolderMayChange() async {
    await #expect(processExitsWith: .success) {
      let place = DiskPlace()
      defer { SystemCalls.real.removeFirmly(AT_FDCWD, place.path) }
      chdir(place.path)
      let store = try openStore("a relative/store", create: true)
      chdir("/")
      guard try store.create(key("a"), [1]), place.everything("a relative/store") == ["a"], try store.keys() == ["a"] else {
        exit(1)
      }
    }
  }

  @Test func revisionsGoForwardWhateverTheClockSays() throws {
    let store = try store()
    try store.replace(key("a"), with: [1], expecting: nil)
    // The object was written while the clock was years ahead.
    var times = [timespec(tv_sec: 4_000_000_000, tv_nsec: 999_999_999), timespec(tv_sec: 4_000_000_000, tv_nsec: 999_999_999)]
    utimensat(AT_FDCWD, place("a"), &times, 0)
    var last = try #require(try store.info(key("a")))
    for value in 0..<20 {
      try store.replace(key("a"), with: [UInt8(value)], expecting: last.revision)
      let next = try #require(try store.info(key("a")))
      #expect(next.revision != last.revision)
      #expect(next.modifiedSeconds >= 4_000_000_000)
      last = next
    }
    times = [timespec(tv_sec: 1, tv_nsec: 1), timespec(tv_sec: 1, tv_nsec: 1)]
    utimensat(AT_FDCWD, place("a"), &times, 0)
    #expect(thrown { try store.replace(key("a"), with: [], expecting: last.revision) }?.code == .conflict)
    try store.replace(key("a"), with: [], expecting: try store.info(key("a"))?.revision)
    #expect(try #require(try store.info(key("a"))).modifiedSeconds > 1_700_000_000)
  }

  @Test(arguments: [
    (0, 0, 1, 0, 1), (5, 999_999_999, 1, 6, 0), (5, 999_999_999, 2_000_000_000, 7, 999_999_999), (5, 0, 1_000_000_000, 6, 0),
    (-1, 500_000_000, 1_000_000, -1, 501_000_000),
  ])
  func timesAreAdded(seconds: Int, nanoseconds: Int, step: Int, expectedSeconds: Int, expectedNanoseconds: Int) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    let later = time.later(nanoseconds: step)
    #expect(later.tv_sec == expectedSeconds && later.tv_nsec == expectedNanoseconds)
    #expect(time < later && !(later < time) && !(time < time))
  }

  @Test func aLockThatIsHeldForLongIsReported() throws {
    let store = try DiskStore(path: place.path, create: false, .real, lockSeconds: 0.02)
    try store.replace(key("a"), with: [1], expecting: nil)
    let revision = try store.info(key("a"))?.revision
    let file = open(place(DiskStore.lockName), O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    #expect(flock(file, LOCK_EX) == 0)
    let error = thrown { try store.replace(key("a"), with: [2], expecting: revision) }
    #expect(error?.code == .unavailable)
    #expect(error?.message == "the store has been locked by another process for a long time")
    #expect(thrown { try store.delete(key("a")) }?.code == .unavailable)
    // What needs no lock goes on.
    #expect(try store.create(key("b"), [1]))
    try store.delete(key("c"))
    close(file)
    // A process that another test just starts may hold it for a moment still; so this one waits longer.
    let patient = try DiskStore(path: place.path)
    try patient.replace(key("a"), with: [2], expecting: revision)
    try patient.delete(key("a"))
    #expect(try store.keys() == ["b"])
  }

  @Test func withoutLocksThereIsNoReplacing() throws {
    for number in [ENOLCK, ENOSYS, EOPNOTSUPP] {
      let store = try DiskStore(path: place.path, create: false, DiskFaults(missing: [.lock: number]).system)
      try store.replace(key("a"), with: [1], expecting: nil)
      let error = thrown { try store.replace(key("a"), with: [2], expecting: try store.info(key("a"))?.revision) }
      #expect(error?.message == "the file system has no locks, which replacing an object needs")
      #expect(try store.bytes("a") == [1])
      try store.delete(key("a"))
      #expect(place.everything() == [])
    }
  }

  @Test func withoutLinksAndTheirLikeThereIsNoStore() throws {
    let missing: [SystemCall: Int32] = [.link: EOPNOTSUPP, .renameNoReplace: EINVAL]
    let store = try DiskStore(path: place.path, create: false, DiskFaults(missing: missing).system)
    let error = thrown { _ = try store.create(key("a/b"), [1]) }
    #expect(error?.message == "the file system can neither link nor rename without replacing, so it cannot hold a store")
    #expect(place.everything() == [])
  }

  @Test func aFullDiskIsNamed() throws {
    let store = try DiskStore(path: place.path, create: false, DiskFaults(missing: [.write: ENOSPC]).system)
    let upload = try store.upload(near: "a")
    try upload.append([UInt8](repeating: 1, count: 1000))
    let error = thrown { _ = try upload.commit(as: key("a/b")) }
    #expect(error?.errno == ENOSPC)
    #expect(error?.description == "\(place("a")): cannot be written (No space left on device)")
    let large = try store.upload(near: "a")
    #expect(thrown { try large.append([UInt8](repeating: 1, count: 3 << 20)) }?.errno == ENOSPC)
    #expect(thrown { _ = try large.commit(as: key("a/b")) }?.errno == ENOSPC)
    #expect(place.everything() == [])
  }

  @Test(
    arguments: [(0o000, 0o666, 0o777), (0o022, 0o644, 0o755), (0o027, 0o640, 0o750), (0o077, 0o600, 0o700)]
      as [(mode_t, mode_t, mode_t)])
  func permissionsFollowTheMask(mask: mode_t, file: mode_t, folder: mode_t) throws {
    let process = try RaceProcess("mask", place("store"), String(mask, radix: 8))
    #expect(process.finish().status == 0)
    for name in ["a/b/object", "a/current", DiskStore.lockName] { #expect(place.mode("store/\(name)") == file, "\(name)") }
    for name in ["", "/a", "/a/b"] { #expect(place.mode("store\(name)") == folder, "\(name)") }
  }
}
