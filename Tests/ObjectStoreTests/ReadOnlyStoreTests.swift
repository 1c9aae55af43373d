import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

@Suite struct ReadOnlyStoreTests {
  @Test func readsAndNeverWrites() throws {
    let memory = MemoryStore(location: "here")
    let store = ReadOnlyStore(memory)
    #expect(try memory.create(key("a/b"), [1, 2]))
    let upload = try memory.upload(near: "a")
    let leftover = try #require(try store.leftovers().first)
    #expect(store.location == "here")
    #expect(try store.bytes("a/b") == [1, 2])
    #expect(try store.list("a", after: nil, limit: 1) == memory.list("a", after: nil, limit: 1))
    #expect(try store.info(key("a/b")) == memory.info(key("a/b")))
    let calls: [(String, (any ObjectStore) throws -> Void)] = [
      ("a", { _ = try $0.upload(near: "a") }), ("a", { _ = try $0.create(key("a/c"), [1]) }),
      ("a/b", { try $0.replace(key("a/b"), with: [], expecting: try $0.info(key("a/b"))?.revision) }),
      ("a/c", { try $0.replace(key("a/c"), with: [], expecting: nil) }), ("a/b", { try $0.delete(key("a/b")) }),
      ("a/c", { try $0.delete(key("a/c")) }), (leftover.name, { try $0.discard(leftover) }),
    ]
    for (name, call) in calls {
      let error = thrown { try call(store) }
      #expect(error?.code == .usage)
      #expect(error?.description == "here/\(name): cannot be written or removed: the store is open for reading only")
    }
    #expect(try store.keys() == ["a/b"])
    #expect(try store.bytes("a/b") == [1, 2])
    #expect(try store.leftovers() == [leftover])
    upload.abort()
  }
}
