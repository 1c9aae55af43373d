import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

/// The faults that other suites build on do what they say.
@Suite struct StoreFaultsTests {
  private func work(_ store: any ObjectStore) throws {
    _ = try store.create(key("a/b"), [1])
    try store.replace(key("current"), with: [1], expecting: try store.info(key("current"))?.revision)
    _ = try store.bytes("a/b")
    try store.delete(key("a/b"))
  }

  @Test func countsCalls() throws {
    let faults = StoreFaults(MemoryStore(), .none)
    try work(faults)
    #expect(faults.calls == [.upload, .append, .commit, .info, .replace, .open, .read, .delete])
    #expect(faults.hits == [])
  }

  @Test(arguments: 1...8) func failsOneCall(number: Int) throws {
    for moment in StoreFaults.Moment.allCases {
      let memory = MemoryStore()
      let faults = StoreFaults(memory, .call(number, moment), error: DatasetError(.io, "so it is wanted"))
      #expect(thrown { try work(faults) }?.message == "so it is wanted")
      #expect(faults.calls.count == number)
      #expect(faults.hits == [faults.calls[number - 1]])
      #expect(try memory.leftovers() == [])
      // What a call does happens when it fails after its effect.
      let isAfter = moment == .after
      let isThere = (number > 3 || number == 3 && isAfter) && (number < 8 || !isAfter)
      #expect(try (memory.info(key("a/b")) != nil) == isThere)
      #expect(try (memory.info(key("current")) != nil) == (number > 5 || number == 5 && isAfter))
      try work(faults)
    }
  }

  @Test func theDeadCleanNothingUp() throws {
    for number in 1...3 {
      let memory = MemoryStore()
      let faults = StoreFaults(memory, .death(at: number, .before))
      #expect(thrown { try work(faults) }?.code == .unavailable)
      #expect(thrown { _ = try faults.info(key("a")) }?.code == .unavailable)
      #expect(try memory.leftovers().count == (number == 1 ? 0 : 1))
      #expect(try memory.keys() == [])
    }
    let memory = MemoryStore()
    let faults = StoreFaults(memory, .death(at: 3, .after))
    #expect(thrown { try work(faults) }?.code == .unavailable)
    #expect(try memory.keys() == ["a/b"])
  }
}
