import Glibc
import Testing
import WaybillLocks

@Suite struct LockTests {
  private struct Refused: Error {}

  private final class Witness: Sendable {
    let gone: Lock<Int>
    init(_ gone: Lock<Int>) { self.gone = gone }
    deinit { gone.withLock { $0 += 1 } }
  }

  @Test func bodiesExcludeEachOther() async {
    let lock = Lock((inside: 0, most: 0, rounds: 0))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<2_000 {
            lock.withLock { state in
              state.inside += 1
              state.most = max(state.most, state.inside)
              state.rounds += 1
              state.inside -= 1
            }
          }
        }
      }
    }
    #expect(lock.withLock { $0.most } == 1)
    #expect(lock.withLock { $0.rounds } == 16_000)
  }

  @Test func aThrowingBodyLeavesTheLockFree() {
    let lock = Lock(1)
    #expect(throws: Refused.self) {
      try lock.withLock { (value) throws(Refused) in
        value = 2
        throw Refused()
      }
    }
    #expect(lock.withLock { $0 } == 2)
  }

  @Test func theValueGoesWithTheLock() {
    let gone = Lock(0)
    do {
      let lock = Lock<Witness?>(Witness(gone))
      #expect(lock.withLock { $0 != nil })
      #expect(gone.withLock { $0 } == 0)
      lock.withLock { $0 = Witness(gone) }
      #expect(gone.withLock { $0 } == 1)
    }
    #expect(gone.withLock { $0 } == 2)
  }

  @Test func valuesThatCannotBeCopiedAreHeld() {
    struct Counter: ~Copyable {
      var count = 0
      mutating func next() -> Int {
        count += 1
        return count
      }
    }
    let lock = Lock(Counter())
    #expect((0..<3).map { _ in lock.withLock { $0.next() } } == [1, 2, 3])
  }
}
