import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

@Suite struct MemoryStoreTests {
  @Test func hasAClockThatCanBeSet() throws {
    let store = MemoryStore(clock: { 100 })
    #expect(try store.create(key("a"), [1]))
    store.clock = { 200 }
    #expect(try store.create(key("b"), [1]))
    try store.replace(key("c"), with: [], expecting: nil)
    let upload = try store.upload(near: "")
    #expect(try store.leftovers() == [ObjectLeftover(name: "upload-3", size: 0, modifiedSeconds: 200)])
    store.clock = { 300 }
    try upload.append([1, 2])
    #expect(try store.leftovers() == [ObjectLeftover(name: "upload-3", size: 2, modifiedSeconds: 300)])
    #expect(try store.all("").map(\.modifiedSeconds) == [100, 200, 200])
    // A clock may ask the store.
    store.clock = { Int64((try? store.all("").count) ?? -1) }
    #expect(try upload.commit(as: key("d")))
    #expect(try store.info(key("d"))?.modifiedSeconds == 3)
  }

  @Test func leftoversAreWhatIsUnderWay() throws {
    let store = MemoryStore(location: "here")
    let uploads = try (0..<3).map { _ in try store.upload(near: "a") }
    #expect(try store.leftovers().map(\.name) == ["upload-1", "upload-2", "upload-3"])
    try store.discard(try store.leftovers()[1])
    uploads[0].abort()
    #expect(try store.leftovers().map(\.name) == ["upload-3"])
    #expect(thrown { try uploads[1].append([1]) }?.code == .conflict)
    #expect(thrown { _ = try uploads[1].commit(as: key("a/b")) }?.code == .conflict)
    #expect(try uploads[2].commit(as: key("a/b")))
    #expect(try store.leftovers() == [])
    #expect(thrown { try store.replace(key("a/b"), with: [], expecting: nil) }?.description.hasPrefix("here/a/b: ") == true)
  }

  @Test func manyObjectsInAnyOrder() throws {
    let store = MemoryStore()
    let names = (0..<3000).map { "set-\($0 % 7)/object-\($0)" }
    for name in names.shuffled() { #expect(try store.create(key(name), Array(name.utf8))) }
    let all = try store.all("")
    #expect(all.map(\.key.text) == names.sorted())
    #expect(try store.all("set-3/").count == 429)
    for name in names.shuffled().prefix(1500) { try store.delete(key(name)) }
    #expect(try store.all("").count == 1500)
  }

  @Test func objectsAndFoldersDoNotMix() throws {
    let store = MemoryStore()
    #expect(try store.create(key("a/b"), [1]))
    for name in ["a", "a/b/c", "a/b/c/d"] { #expect(thrown { _ = try store.create(key(name), [2]) }?.code == .io, "\(name)") }
    for name in ["a-", "a0", "a/bc", "a/b-"] { #expect(try store.create(key(name), [2])) }
    try store.delete(key("a/b"))
    #expect(try store.create(key("a/b/c"), [3]))
  }
}
