import Testing
import WaybillLocks

@Suite struct WaitingLockTests {
  @Test func waitsForWhatOthersDo() throws {
    let box = WaitingLock<[Int]>([])
    let threads = try (0..<4).map { number in
      try #require(
        WorkerThread {
          for round in 0..<100 {
            // Each in its turn, which only waiting can bring about.
            box.waitFor { list in list.count == round * 4 + number ? list.append(number) : nil }
          }
        })
    }
    for thread in threads { thread.join() }
    #expect(box.withLock { $0 } == (0..<400).map { $0 % 4 })
  }

  @Test func errorsComeThrough() {
    struct Stop: Error, Equatable { var count: Int }
    let box = WaitingLock(3)
    #expect(throws: Stop(count: 3)) { try box.waitFor { (value) throws(Stop) -> Int? in throw Stop(count: value) } }
    #expect(throws: Stop(count: 4)) {
      try box.withLock { (value) throws(Stop) in
        value += 1
        throw Stop(count: value)
      }
    }
    #expect(box.withLock { $0 } == 4)
  }

  @Test func aThreadHasTheStackItAsksFor() throws {
    let depth = Lock(0)
    @Sendable func descend(_ level: Int) -> Int {
      withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { room in
        room[0] = UInt8(truncatingIfNeeded: level)
        return level == 0 ? 0 : descend(level - 1) + (room[0] == UInt8(truncatingIfNeeded: level) ? 1 : 0)
      }
    }
    // Some twelve megabytes, which the main stack alone does not hold everywhere.
    let thread = try #require(
      WorkerThread(stackBytes: 64 << 20) {
        let found = descend(3000)
        depth.withLock { $0 = found }
      })
    thread.join()
    #expect(depth.withLock { $0 } == 3000)
  }
}
