import Glibc
import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillDiskStore

@Suite struct DiskListingTests {
  let place = DiskPlace()

  /// 3,000 objects in three folders and one below one of them, with other things in between.
  private func fill() -> [String] {
    var names: [String] = []
    for number in 0..<3000 {
      let folder = ["animals", "animals/media", "birds", "cars"][number % 4]
      names.append("\(folder)/object-\(String(number * 7919 % 3000, radix: 36)).zip")
    }
    for name in names { place.put(name, name) }
    for name in ["animals/.DS_Store", ".Trash/x", "birds/READ ME", "cars/.waybill-upload-1-0123456789abcdef", "cars/ä"] {
      place.put(name)
    }
    mkdir(place("empty"), 0o755)
    symlink("animals", place("birds/link"))
    return names.sorted()
  }

  @Test func listsManyObjectsPageByPage() throws {
    let names = fill()
    let faults = DiskFaults()
    let store = try DiskStore(path: place.path, create: false, faults.system, clock: { time(nil) + 100 })
    #expect(try store.keys() == names)
    // Four pages: the folders of each page once, but the one a page ended in is not read again for the next.
    #expect(faults.calls.filter { $0 == .list }.count <= 4 + 6)
    for limit in [1, 7, 999, 3000, 3001] {
      var keys: [String] = []
      while true {
        let page = try store.list("", after: keys.last.map { key($0) }, limit: limit)
        keys += page.objects.map(\.key.text)
        if page.isLast || (limit == 1 && keys.count == 40) { break }
      }
      #expect(keys == Array(names.prefix(keys.count)))
      #expect(keys.count == (limit == 1 ? 40 : 3000))
    }
    for object in try store.all("animals/media/").prefix(50) {
      #expect(try store.info(object.key) == object)
      #expect(object.size == object.key.text.utf8.count)
    }
  }

  @Test func foldersBeforeThePageAreNotRead() throws {
    for folder in ["a", "b", "c/d", "c/e", "f"] { for number in 0..<4 { place.put("\(folder)/\(number)") } }
    let faults = DiskFaults()
    // With this clock nothing is ever at rest, so nothing is remembered.
    let store = try DiskStore(path: place.path, create: false, faults.system, clock: { 0 })
    func lists(_ prefix: String, _ after: String?, _ limit: Int) throws -> (names: [String], lists: Int) {
      let before = faults.calls.filter { $0 == .list }.count
      let page = try store.list(prefix, after: after.map { key($0) }, limit: limit)
      return (page.objects.map(\.key.text), faults.calls.filter { $0 == .list }.count - before)
    }
    // The root, and one folder; the object that says there are more is in it.
    #expect(try lists("", "b/0", 2) == (["b/1", "b/2"], 2))
    // The folder of the key to come after is read too, for what comes after it.
    #expect(try lists("", "c/d/3", 1) == (["c/e/0"], 4))
    #expect(try lists("c/", "c/d/3", 1) == (["c/e/0"], 3))
    #expect(try lists("c/", "c/d0", 1) == (["c/e/0"], 2))
    #expect(try lists("c/e/", nil, 1) == (["c/e/0"], 1))
    #expect(try lists("c/e", nil, 1) == (["c/e/0"], 2))
    #expect(try lists("a/", "b", 1) == ([], 1))
    #expect(try lists("x/", nil, 1) == ([], 0))
    #expect(try lists("f", "c", 9) == (["f/0", "f/1", "f/2", "f/3"], 2))
  }

  @Test func whatIsRememberedIsNeverStale() throws {
    for number in 10..<60 { place.put("a/\(number)") }
    for isAtRest in [true, false] {
      let faults = DiskFaults()
      let store = try DiskStore(path: place.path, create: false, faults.system, clock: { isAtRest ? time(nil) + 100 : 0 })
      func lists() -> Int { faults.calls.filter { $0 == .list }.count }
      #expect(try store.list("a/", after: key("a/29"), limit: 5).objects.first?.key == key("a/30"))
      let first = lists()
      #expect(try store.list("a/", after: key("a/34"), limit: 5).objects.first?.key == key("a/35"))
      #expect(lists() == first + (isAtRest ? 0 : 1))
      // Others create, remove and rename meanwhile.
      place.put("a/40x")
      #expect(try store.list("a/", after: key("a/39"), limit: 2).objects.map(\.key.text) == ["a/40", "a/40x"])
      unlink(place("a/40x"))
      #expect(try store.list("a/", after: key("a/39"), limit: 2).objects.map(\.key.text) == ["a/40", "a/41"])
      rename(place("a/42"), place("a/42x"))
      #expect(try store.list("a/", after: key("a/41"), limit: 2).objects.map(\.key.text) == ["a/42x", "a/43"])
      rename(place("a/42x"), place("a/42"))
      // A whole folder is exchanged for another one.
      place.put("b/45", "other")
      rename(place("a"), place("c"))
      rename(place("b"), place("a"))
      #expect(try store.keys("a/") == ["a/45"])
      rename(place("a"), place("b"))
      rename(place("c"), place("a"))
      #expect(try store.keys("a/").count == 50)
      SystemCalls.real.removeFirmly(AT_FDCWD, place("b"))
    }
  }

  @Test func objectsThatVanishAreLeftOut() throws {
    for number in 0..<9 { place.put("a/\(number)") }
    // The object is removed between the reading of the folder and the look at it.
    let path = place.path
    var system = SystemCalls()
    let hasRead = Lock(false)
    system.fault = { call in
      if call == .list { hasRead.withLock { $0 = true } }
      if call == .stat, hasRead.withLock({ $0 }) { unlink(path + "/a/4") }
      return nil
    }
    let store = try DiskStore(path: place.path, create: false, system)
    #expect(try store.keys() == [0, 1, 2, 3, 5, 6, 7, 8].map { "a/\($0)" })
  }

  @Test func aFolderThatCannotBeReadIsNoEmptyOne() throws {
    for folder in ["a", "b/c", "d"] { place.put(folder + "/object") }
    // The tests may run as root, whom no permissions keep out.
    for (call, number) in [(SystemCall.list, EACCES), (.list, EIO), (.open, EACCES), (.open, EMFILE)] {
      var failures = 0
      while true {
        let counter = Lock(0)
        let target = failures + 1
        var system = SystemCalls()
        system.fault = { next in
          guard next == call else { return nil }
          return counter.withLock { count in
            count += 1
            // The first opening is the root's.
            return count == target + (call == .open ? 1 : 0) ? .failure(number) : nil
          }
        }
        let store = try DiskStore(path: place.path, create: false, system)
        let error = thrown { try check(store) }
        guard let error else { break }
        failures += 1
        #expect(error.errno == number)
        #expect(error.message == "cannot be listed")
      }
      // The root and four folders; each of the folders is opened twice, the root once more.
      #expect(failures == (call == .list ? 5 : 9), "\(call)")
    }
  }

  private func check(_ store: DiskStore) throws {
    let keys = try store.keys()
    #expect(keys == ["a/object", "b/c/object", "d/object"])
  }
}
