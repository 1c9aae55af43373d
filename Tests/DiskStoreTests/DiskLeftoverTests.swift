import Glibc
import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

@testable import WaybillDiskStore

@Suite struct DiskLeftoverTests {
  let place = DiskPlace()

  @Test func theDeadLeaveTheirUploadsAndTheLivingKeepThem() throws {
    let store = try DiskStore(path: place.path)
    #expect(try store.create(key("x"), [1]))
    let living = try RaceProcess("hold", place.path, "a/b")
    let dying = try RaceProcess("hold", place.path, "c/d")
    #expect(living.someOutput() == "ready\n")
    #expect(dying.someOutput() == "ready\n")
    #expect(try store.leftovers() == [])
    #expect(try store.keys() == ["x"])
    let names = place.everything().filter { $0.contains(".waybill-upload-") }
    #expect(names.count == 2)
    for name in names {
      let leftover = ObjectLeftover(name: name, size: nil, modifiedSeconds: 0)
      #expect(thrown { try store.discard(leftover) }?.code == .conflict, "\(name)")
    }
    dying.kill()
    let leftovers = try store.leftovers()
    #expect(leftovers.map(\.name) == names.filter { $0.hasPrefix("c/d/") })
    #expect(leftovers.first?.size == 2 << 20)
    #expect(abs((leftovers.first?.modifiedSeconds ?? 0) - Int64(time(nil))) < 3600)
    for leftover in leftovers { try store.discard(leftover) }
    for leftover in leftovers { try store.discard(leftover) }
    #expect(try store.leftovers() == [])
    #expect(place.everything() == ["a/", "a/b/"] + names.filter { $0.hasPrefix("a/b/") } + ["x"])
    #expect(living.finish().status == 0)
    #expect(place.everything() == ["x"])
  }

  @Test func onlyLeftoversAreDiscarded() throws {
    let outside = DiskPlace()
    outside.put(".waybill-upload-1-0123456789abcdef")
    symlink(outside.path, place("link"))
    symlink(outside(".waybill-upload-1-0123456789abcdef"), place(".waybill-upload-2-0123456789abcdef"))
    place.put("a/object")
    place.put("a/.hidden")
    let store = try DiskStore(path: place.path)
    #expect(try store.leftovers() == [])
    for name in [
      "a/object", "object", "a/.hidden", "", "/", "..", "a/",
      "../\(FileName.basename(of: outside.path))/.waybill-upload-1-0123456789abcdef",
      outside(".waybill-upload-1-0123456789abcdef"), "a/../.waybill-upload-1-0123456789abcdef",
      "/.waybill-upload-1-0123456789abcdef",
      DiskStore.lockName, ".waybill-upload-1-0123456789abcdef\u{0}",
    ] {
      #expect(thrown { try store.discard(ObjectLeftover(name: name, size: nil, modifiedSeconds: 0)) }?.code == .usage, "\(name)")
    }
    for name in ["link/.waybill-upload-1-0123456789abcdef", ".waybill-upload-2-0123456789abcdef"] {
      #expect(thrown { try store.discard(ObjectLeftover(name: name, size: nil, modifiedSeconds: 0)) }?.code == .io, "\(name)")
    }
    #expect(outside.everything() == [".waybill-upload-1-0123456789abcdef"])
    #expect(place.everything() == [".waybill-upload-2-0123456789abcdef", "a/", "a/.hidden", "a/object", "link"])
  }

  @Test(arguments: [
    (".waybill-upload-1-0123456789abcdef", true), (".waybill-upload-1234567-ffffffffffffffff", true),
    (".waybill-upload-1-0123456789ABCDEF", false), (".waybill-upload--0123456789abcdef", false),
    (".waybill-upload-1-0123456789abcde", false), (".waybill-upload-1x-0123456789abcdef", false),
    ("waybill-upload-1-0123456789abcdef", false), (".waybill-upload-1-0123456789abcdef-1", false),
    (".waybill-upload-1-0123456789abcdef0", false), ("x.waybill-upload-1-0123456789abcdef", false), ("", false),
  ])
  func knowsItsNames(name: String, expected: Bool) {
    #expect(UploadName.matches(name) == expected)
    #expect(UploadName.matches(UploadName.new()))
    #expect(UploadName.new() != UploadName.new())
  }

  @Test func leftoversAreFoundInAnyFolderOfKeys() throws {
    for folder in ["", "a/", "a/b/c/", ".hidden/", "no key/"] { place.put(folder + ".waybill-upload-1-0123456789abcdef", "half") }
    let store = try DiskStore(path: place.path)
    let leftovers = try store.leftovers()
    #expect(leftovers.map(\.name) == ["", "a/", "a/b/c/"].map { $0 + ".waybill-upload-1-0123456789abcdef" })
    #expect(leftovers.allSatisfy { $0.size == 4 })
    for leftover in leftovers { try store.discard(leftover) }
    #expect(place.everything().filter { !$0.hasPrefix(".hidden") && !$0.hasPrefix("no key") } == [])
    #expect(place.everything().count == 4)
  }

  @Test func withoutLocksNobodyKnowsWhatIsLeft() throws {
    place.put("a/.waybill-upload-1-0123456789abcdef")
    let store = try DiskStore(path: place.path, create: false, DiskFaults(missing: [.lock: ENOLCK]).system)
    let leftovers = try store.leftovers()
    #expect(leftovers.count == 1)
    #expect(
      thrown { try store.discard(leftovers[0]) }?.message == "cannot be locked, so nobody knows whether it is still being written")
    #expect(place.everything().count == 2)
  }

  @Test func anUploadThatIsTakenForADeadOnesBeginsAnew() throws {
    // Someone looks at the new file before it is locked: with a lock of his own, or by removing it.
    for removes in [false, true] {
      let path = place.path
      var system = SystemCalls()
      let faults = DiskFaults()
      let count = faults.system
      system.fault = { call in
        _ = count.fault?(call)
        guard call == .lock, faults.calls.filter({ $0 == .lock }).count == 1 else { return nil }
        if !removes { return .failure(EWOULDBLOCK) }
        let folder = DiskFolder(path + "/a")
        for name in folder.names where UploadName.matches(name) { unlink(path + "/a/" + name) }
        return nil
      }
      let store = try DiskStore(path: place.path, create: false, system)
      #expect(try store.create(key("a/b"), [1]))
      #expect(faults.calls.filter { $0 == .lock }.count == 2)
      #expect(place.everything() == ["a/", "a/b"])
      try store.delete(key("a/b"))
    }
  }
}

/// The names in a folder, hidden ones included.
struct DiskFolder {
  let names: [String]

  init(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY)
    guard let listing = FolderListing(consuming: descriptor, .real) else {
      names = []
      return
    }
    names = listing.entries.compactMap { listing.text($0) }
  }
}
