import Glibc
import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

@testable import WaybillDiskStore

/// Each system call fails in its turn; after each failure every object is whole, and a retry succeeds.
@Suite struct DiskFaultTests {
  /// What the store holds before, what is done, and what may be there after a failure and must be there after a success.
  struct Work: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var before: [String: String] = [:]
    var body: @Sendable (DiskStore) throws -> Void
    /// Alternatives for after a failure; the contents before are one always.
    var afterFailure: [[String: String]] = []
    var after: [String: String]
  }

  private static func put(_ store: DiskStore, near folder: String, _ name: String, _ text: String, isNew: Bool = true) throws {
    let upload = try store.upload(near: folder)
    try upload.append(Array(text.utf8))
    guard try upload.commit(as: key(name)) == isNew else { throw DatasetError(.corrupt, "the wrong answer") }
  }

  private static func replace(_ store: DiskStore, _ text: String) throws {
    try store.replace(key("a/current"), with: Array(text.utf8), expecting: try store.info(key("a/current"))?.revision)
  }

  static let works = [
    Work(
      testDescription: "create in new folders", body: { try put($0, near: "a/b", "a/b/c", "new") }, after: ["a/b/c": "new"]),
    Work(
      testDescription: "create beside others", before: ["a/b": "old"], body: { try put($0, near: "a", "a/c", "new") },
      after: ["a/b": "old", "a/c": "new"]),
    Work(
      testDescription: "create elsewhere", before: ["x": "old"], body: { try put($0, near: "a/b", "c/d/e", "new") },
      after: ["x": "old", "c/d/e": "new"]),
    Work(
      testDescription: "create what is taken", before: ["a/b": "old"], body: { try put($0, near: "a", "a/b", "new", isNew: false) },
      after: ["a/b": "old"]),
    Work(
      testDescription: "create what is taken, elsewhere", before: ["a/b": "old"],
      body: { try put($0, near: "x/y", "a/b", "new", isNew: false) }, after: ["a/b": "old"]),
    Work(
      testDescription: "replace nothing", body: { try $0.replace(key("a/current"), with: Array("new".utf8), expecting: nil) },
      after: ["a/current": "new"]),
    Work(
      testDescription: "replace", before: ["a/current": "old", "a/b": "x"], body: { try replace($0, "new") },
      after: ["a/current": "new", "a/b": "x"]),
    Work(
      testDescription: "delete", before: ["a/b/c": "old", "x": "y"], body: { try $0.delete(key("a/b/c")) },
      afterFailure: [["x": "y"]],
      after: ["x": "y"]),
    Work(testDescription: "delete nothing", before: ["x": "y"], body: { try $0.delete(key("a/b")) }, after: ["x": "y"]),
    Work(
      testDescription: "read", before: ["a/b": "1", "a/c/d": "2", "e": ""],
      body: { store in
        let all = try store.all("")
        guard all.map(\.key.text) == ["a/b", "a/c/d", "e"], try store.keys("a/c") == ["a/c/d"], try store.bytes("a/c/d") == [0x32],
          try store.info(key("a/b")) == all[0], try store.open(key("e"))?.size == 0, try store.leftovers() == [],
          try store.info(key("a/x")) == nil
        else { throw DatasetError(.corrupt, "the wrong answer") }
      }, after: ["a/b": "1", "a/c/d": "2", "e": ""]),
    Work(
      testDescription: "discard", before: ["a/.waybill-upload-1-0123456789abcdef": "half", "x": "y"],
      body: { store in
        for leftover in try store.leftovers() { try store.discard(leftover) }
      }, afterFailure: [["x": "y"]], after: ["x": "y"]),
  ]

  static let systems: [(String, [SystemCall: Int32])] = [
    ("all", [:]), ("no links", [.link: EPERM]), ("no exchange", [.exchange: EINVAL]),
    ("neither", [.link: EOPNOTSUPP, .exchange: ENOSYS]),
  ]

  private func contents(_ place: DiskPlace) -> [String: String] {
    var contents: [String: String] = [:]
    for name in place.everything() where !name.hasSuffix("/") { contents[name] = place.text(name) }
    return contents
  }

  private func prepare(_ work: Work) -> DiskPlace {
    let place = DiskPlace()
    for (name, text) in work.before { place.put(name, text) }
    return place
  }

  @Test(arguments: works, [EIO, ENOSPC]) func failuresLeaveTheStoreWhole(work: Work, number: Int32) throws {
    for (system, missing) in Self.systems {
      var position = 0
      var failures = 0
      while true {
        position += 1
        let place = prepare(work)
        let before = place.everything()
        let faults = DiskFaults(at: position, number, missing: missing)
        let error = thrown { try work.body(try DiskStore(path: place.path, create: false, faults.system)) }
        let note = "\(system), call \(position), \(faults.hit.map { "\($0)" } ?? "none"): \(error.map { "\($0)" } ?? "passed")"
        let now = contents(place)
        if let error {
          failures += 1
          #expect(error.code == .io && error.errno == number, "\(note)")
          // Without an exchange, a replacement that cannot be brought to the disk stays, and says so.
          let stays = missing[.exchange] != nil && error.message.hasPrefix("is replaced")
          #expect(([work.before] + work.afterFailure).contains(now) || (stays && now == work.after), "\(note): \(now)")
          if now == work.before { #expect(place.everything() == before, "\(note)") }
          // A retry, which may find the work done.
          let store = try DiskStore(path: place.path)
          let retry = thrown { try work.body(store) }
          #expect(retry == nil || stays, "\(note); retried: \(String(describing: retry))")
        }
        #expect(contents(place) == work.after, "\(note)")
        guard faults.hit != nil else { break }
        #expect(position < 300)
      }
      #expect(failures > 2, "\(system)")
    }
  }

  @Test(arguments: works) func interruptedCallsAreRepeated(work: Work) throws {
    var position = 0
    while true {
      position += 1
      let place = prepare(work)
      let faults = DiskFaults(at: position, EINTR)
      let error = thrown { try work.body(try DiskStore(path: place.path, create: false, faults.system)) }
      guard let hit = faults.hit else { break }
      // Closing and listing are not repeated; they do not wait.
      if hit == .close || hit == .list { continue }
      #expect(error == nil, "call \(position), \(hit)")
      #expect(contents(place) == work.after, "call \(position), \(hit)")
    }
    #expect(position > 5)
  }

  @Test(arguments: works) func shortWritesAreContinued(work: Work) throws {
    let place = prepare(work)
    var system = SystemCalls()
    system.fault = { $0 == .write ? .short(1) : nil }
    try work.body(try DiskStore(path: place.path, create: false, system))
    #expect(contents(place) == work.after)
  }

  @Test(arguments: works) func nothingIsDoneThatCannotBeMadeDurable(work: Work) throws {
    let place = prepare(work)
    let error = thrown { try work.body(try DiskStore(path: place.path, create: false, DiskFaults(missing: [.sync: EIO]).system)) }
    let syncs = !["read", "discard"].contains(work.testDescription)
    #expect((error?.errno == EIO) == syncs)
    if syncs { #expect(([work.before] + work.afterFailure).contains(contents(place))) }
  }

  @Test(arguments: works) func foldersThatCannotBeSyncedAreNoFailure(work: Work) throws {
    // Files are synced before folders are, so the first sync is a file's where there is one.
    let place = prepare(work)
    let isWriting = work.testDescription.hasPrefix("create") || work.testDescription.hasPrefix("replace")
    var system = SystemCalls()
    let faults = DiskFaults()
    let count = faults.system
    system.fault = { call in
      _ = count.fault?(call)
      guard call == .sync else { return nil }
      return isWriting && faults.calls.filter { $0 == .sync }.count == 1 ? nil : .failure(EINVAL)
    }
    try work.body(try DiskStore(path: place.path, create: false, system))
    #expect(contents(place) == work.after)
  }

  @Test func aHiddenNameThatStaysDoesNoHarm() throws {
    let place = DiskPlace()
    let store = try DiskStore(path: place.path, create: false, DiskFaults(missing: [.unlink: EIO]).system)
    #expect(try store.create(key("a/b"), [1, 2]))
    try store.replace(key("a/current"), with: [1], expecting: nil)
    try store.replace(key("a/current"), with: [2], expecting: try store.info(key("a/current"))?.revision)
    let later = try DiskStore(path: place.path)
    #expect(try later.keys() == ["a/b", "a/current"])
    let leftovers = try later.leftovers()
    #expect(leftovers.count == 3)
    for leftover in leftovers { try later.discard(leftover) }
    #expect(place.everything() == ["a/", "a/b", "a/current"])
    #expect(try later.bytes("a/b") == [1, 2])
    #expect(try later.bytes("a/current") == [2])
  }

  /// A creation that cannot be brought to the disk is taken back, unless the object is someone else's by then.
  @Test(arguments: ["replaced", "removed", "removed and created"]) func onlyWhatIsOursIsTakenBack(meanwhile: String) throws {
    let place = DiskPlace()
    let other = try DiskStore(path: place.path)
    let faults = DiskFaults()
    let count = faults.system
    var system = SystemCalls()
    system.fault = { call in
      _ = count.fault?(call)
      // The second sync is the folder's, and the object is visible by now.
      guard call == .sync, faults.calls.filter({ $0 == .sync }).count == 2 else { return nil }
      if meanwhile == "replaced" {
        try? other.replace(key("a/b"), with: [2], expecting: try other.info(key("a/b"))?.revision)
      } else {
        try? other.delete(key("a/b"))
        if meanwhile != "removed" { _ = try? other.create(key("a/b"), [2]) }
      }
      return .failure(EIO)
    }
    let store = try DiskStore(path: place.path, create: false, system)
    let error = thrown { _ = try store.create(key("a/b"), [1]) }
    #expect(error?.message == "cannot be brought to the disk")
    #expect(try other.bytes("a/b") == (meanwhile == "removed" ? nil : [2]))
    #expect(place.everything() == (meanwhile == "removed" ? [] : ["a/", "a/b"]))
  }

  @Test func whatCannotBeTakenBackIsSaid() throws {
    let place = DiskPlace()
    let faults = DiskFaults()
    let count = faults.system
    var system = SystemCalls()
    system.fault = { call in
      _ = count.fault?(call)
      let syncs = faults.calls.filter { $0 == .sync }.count
      return syncs >= 2 && (call == .sync || call == .unlink) ? .failure(EIO) : nil
    }
    let store = try DiskStore(path: place.path, create: false, system)
    let error = thrown { _ = try store.create(key("a/b"), [1]) }
    #expect(error?.message == "cannot be brought to the disk, and it cannot be taken back")
    #expect(place.text("a/b") == "\u{1}")
    #expect(place.everything() == ["a/", "a/b"])
  }
}
