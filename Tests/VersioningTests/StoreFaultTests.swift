import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillVersioning

/// A store whose n-th call fails, before or after it has done its work.
private final class FailingStore: ObjectStore {
  let inner: MemoryStore
  private let calls: Lock<Int>
  private let failing: Int
  private let isLate: Bool
  var location: String { inner.location }
  var callCount: Int { calls.withLock { $0 } }

  init(_ inner: MemoryStore, failing: Int = .max, isLate: Bool = false) {
    self.inner = inner
    self.failing = failing
    self.isLate = isLate
    calls = Lock(0)
  }

  func call<Result>(_ body: () throws(DatasetError) -> Result) throws(DatasetError) -> Result {
    let number = calls.withLock { count in
      count += 1
      return count
    }
    if number == failing, !isLate { throw DatasetError(.io, "call \(number) failed", path: location) }
    let result = try body()
    if number == failing { throw DatasetError(.io, "call \(number) failed late", path: location) }
    return result
  }

  func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    try call { () throws(DatasetError) in try inner.list(prefix, after: after, limit: limit) }
  }
  func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? { try call { () throws(DatasetError) in try inner.info(key) } }
  func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    try call { () throws(DatasetError) in try inner.open(key) }
  }
  func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    try call { () throws(DatasetError) in FailingUpload(self, try inner.upload(near: folder)) }
  }
  func replace(_ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?) throws(DatasetError) {
    try call { () throws(DatasetError) in try inner.replace(key, with: bytes, expecting: revision) }
  }
  func delete(_ key: ObjectKey) throws(DatasetError) { try call { () throws(DatasetError) in try inner.delete(key) } }
  func leftovers() throws(DatasetError) -> [ObjectLeftover] { [] }
  func discard(_ leftover: ObjectLeftover) throws(DatasetError) {}
}

private final class FailingUpload: ObjectUpload {
  let store: FailingStore
  let inner: any ObjectUpload
  var size: Int { inner.size }

  init(_ store: FailingStore, _ inner: any ObjectUpload) {
    self.store = store
    self.inner = inner
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try store.call { () throws(DatasetError) in try inner.append(bytes) }
  }
  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    try store.call { () throws(DatasetError) in try inner.commit(as: key) }
  }
  func abort() { inner.abort() }
}

/// The n-th call of the store fails, for every n: the store is whole, and trying again succeeds.
@Suite struct StoreFaultTests {
  @Test(arguments: [false, true]) func publishing(_ isLate: Bool) throws {
    var scene = try Scene()
    let start = MemoryStore(clock: { 0 })
    try scene.publish(to: start)
    let first = try start.contents
    try scene.addMedia("new.jpg")
    scene.samples.append(("new.jpg", "tram", 4))
    var number = 0
    while true {
      number += 1
      let store = FailingStore(try MemoryStore.copy(of: first), failing: number, isLate: isLate)
      var failed = false
      do { try scene.publish(to: store) } catch { failed = true }
      // Nothing that was there has changed but which version is current.
      let after = try store.inner.contents
      for (key, bytes) in first where !key.hasSuffix("current.json") { #expect(after[key] == bytes, "call \(number)") }
      let names = try VersionCatalog(store.inner).names(of: try datasetName("street")).map(\.text)
      #expect(names == ["V001"] || names == ["V001", "V002"], "call \(number)")
      #expect(try Verification(store.inner, isDeep: true).run().problems.isEmpty, "call \(number)")
      guard failed else {
        #expect(store.callCount < number)
        break
      }
      try scene.publish(to: store.inner)
      #expect(try Verification(store.inner, isDeep: true).run().problems.isEmpty, "again after call \(number)")
      _ = try GarbageCollection(store.inner, graceSeconds: 0, now: 10).run()
      #expect(try Verification(store.inner, isDeep: true).run().problems.isEmpty, "collected after call \(number)")
    }
    #expect(number > 10)
  }

  @Test(arguments: [false, true]) func deletingAndCollecting(_ isLate: Bool) throws {
    let start = MemoryStore(clock: { 0 })
    var scene = try Scene()
    try scene.publish(to: start)
    try scene.addMedia("new.jpg")
    scene.samples = [("new.jpg", "tram", 4)]
    try scene.publish(to: start)
    let whole = try start.contents
    let reference = try VersionReference("street@V001")
    var number = 0
    while true {
      number += 1
      let store = FailingStore(try MemoryStore.copy(of: whole), failing: number, isLate: isLate)
      var failed = false
      do {
        _ = try VersionDeletion.delete(reference, in: store)
        _ = try GarbageCollection(store, graceSeconds: 0, now: 10).run()
      } catch { failed = true }
      #expect(try Verification(store.inner, isDeep: true).run().problems.isEmpty, "call \(number)")
      guard failed else { break }
      if try VersionCatalog(store.inner).names(of: reference.dataset).count == 2 {
        _ = try VersionDeletion.delete(reference, in: store.inner)
      }
      _ = try GarbageCollection(store.inner, graceSeconds: 0, now: 10).run()
      let left = try store.inner.all("").map(\.key.text)
      #expect(left.count == 4, "\(left) after call \(number)")
      #expect(try Verification(store.inner, isDeep: true).run().problems.isEmpty)
    }
    #expect(number > 5)
  }
}
