import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

@Suite struct RetryingStoreTests {
  /// A clock whose time goes by only in pauses, which it writes down.
  final class Watch: Sendable {
    private let state = Lock((now: 0.0, pauses: [Double]()))
    var pauses: [Double] { state.withLock { $0.pauses } }

    func clock(random: Double = 0.5) -> RetryClock {
      RetryClock(
        nowSeconds: { self.state.withLock { $0.now } },
        pause: { (seconds) throws(DatasetError) in
          self.state.withLock { state in
            state.now += seconds
            state.pauses.append(seconds)
          }
        }, random: { random })
    }
  }

  private func policy(tries: Int = 6, deadline: Double = 120, replayLimit: Int = 8 << 20) -> RetryPolicy {
    var policy = RetryPolicy()
    policy.tries = tries
    policy.deadlineSeconds = deadline
    policy.replayLimit = replayLimit
    return policy
  }

  @Test func pausesDoubleUpToABound() throws {
    var policy = policy(tries: 9, deadline: 1000)
    policy.firstPauseSeconds = 0.25
    policy.longestPauseSeconds = 3
    let watch = Watch()
    let faults = StoreFaults(MemoryStore(), .every(1, .before))
    let store = RetryingStore(faults, policy: policy, clock: watch.clock(random: 0.5))
    let error = thrown { _ = try store.info(key("a")) }
    #expect(error?.code == .unavailable && error?.code.name == "unavailable")
    #expect(error?.message == "fails because a test wants it; tried 9 times")
    #expect(watch.pauses == [0.125, 0.25, 0.5, 1, 1.5, 1.5, 1.5, 1.5])
    #expect(faults.calls.count == 9)
  }

  @Test func pausesAreSharesOfChance() {
    for random in [0, 0.25, 0.999] {
      let watch = Watch()
      let store = RetryingStore(
        StoreFaults(MemoryStore(), .every(1, .before)), policy: policy(tries: 3), clock: watch.clock(random: random))
      #expect(thrown { _ = try store.list("", after: nil, limit: 1) }?.code == .unavailable)
      #expect(watch.pauses == [0.2 * random, 0.4 * random])
    }
  }

  @Test func theDeadlineEndsIt() {
    let watch = Watch()
    let faults = StoreFaults(MemoryStore(), .every(1, .before))
    let store = RetryingStore(faults, policy: policy(tries: 100, deadline: 2), clock: watch.clock(random: 0.999))
    #expect(thrown { _ = try store.leftovers() }?.code == .unavailable)
    #expect(watch.pauses.reduce(0, +) <= 2)
    #expect(watch.pauses.count == 3)
  }

  @Test func anInterruptionEndsAPause() {
    let clock = RetryClock(
      nowSeconds: { 0 }, pause: { (_) throws(DatasetError) in throw DatasetError(.interrupted, "interrupted") }, random: { 0.5 })
    let faults = StoreFaults(MemoryStore(), .every(1, .before))
    #expect(thrown { try RetryingStore(faults, clock: clock).delete(key("a")) }?.code == .interrupted)
    #expect(faults.calls == [.delete])
  }

  @Test(arguments: [DatasetError.Code.io, .conflict, .invalidInput, .corrupt, .usage, .interrupted])
  func otherErrorsAreNotTriedAgain(code: DatasetError.Code) {
    let faults = StoreFaults(MemoryStore(), .every(1, .before), error: DatasetError(code, "no"))
    let store = RetryingStore(faults, clock: .instant)
    #expect(thrown { _ = try store.info(key("a")) }?.code == code)
    #expect(thrown { _ = try store.create(key("a"), [1]) }?.code == code)
    #expect(thrown { try store.replace(key("a"), with: [1], expecting: nil) }?.code == code)
    #expect(faults.calls == [.info, .upload, .replace])
  }

  /// Any one call of a piece of work fails, before or after its effect; the work is done as if nothing had happened.
  @Test(arguments: StoreFaults.Moment.allCases) func anyOneFaultGoesUnnoticed(moment: StoreFaults.Moment) throws {
    var number = 0
    var seen: Set<StoreCall> = []
    while true {
      number += 1
      let memory = MemoryStore()
      let faults = StoreFaults(memory, .call(number, moment))
      let store = RetryingStore(faults, clock: .instant)
      #expect(try store.create(key("a/b"), [1, 2, 3]), "call \(number)")
      #expect(try !store.create(key("a/b"), [4]), "call \(number)")
      let upload = try store.upload(near: "a")
      for piece in 0..<3 { try upload.append([UInt8(piece)]) }
      #expect(try upload.commit(as: key("a/c")), "call \(number)")
      try store.replace(key("current"), with: [1], expecting: nil)
      try store.replace(key("current"), with: [2], expecting: try store.info(key("current"))?.revision)
      let tooLate = thrown { try store.replace(key("current"), with: [3], expecting: nil) }
      // Only where this very call got no answer, nobody knows whether it was too late.
      let isUnsure =
        faults.hits == [.replace] && faults.calls.last != .replace && moment == .before && tooLate?.code == .unavailable
      #expect(tooLate?.code == .conflict || isUnsure, "call \(number)")
      #expect(try store.bytes("a/c") == [0, 1, 2], "call \(number)")
      try store.delete(key("a/b"))
      #expect(try store.keys() == ["a/c", "current"], "call \(number)")
      #expect(try memory.bytes("current") == [2], "call \(number)")
      #expect(try store.leftovers() == [], "call \(number)")
      try store.discard(ObjectLeftover(name: "x", size: nil, modifiedSeconds: 0))
      seen.formUnion(faults.hits)
      if faults.hits.isEmpty { break }
    }
    #expect(seen == Set(StoreCall.allCases))
  }

  @Test func aTakenKeyIsJudgedByItsBytes() throws {
    // The commit's answer is lost, and by the next try someone else's object is there, or ours.
    for (bytes, isOurs) in [([1, 2, 3], true), ([1, 2, 4], false), ([1, 2], false)] as [([UInt8], Bool)] {
      let memory = MemoryStore()
      let faults = StoreFaults(
        memory,
        StoreFaults.Plan { call, _ in
          guard call == .commit, (try? memory.info(key("a"))) == .some(nil) else { return nil }
          _ = try? memory.create(key("a"), bytes)
          return .before
        })
      let store = RetryingStore(faults, clock: .instant)
      #expect(try store.create(key("a"), [1, 2, 3]) == isOurs)
      #expect(try memory.bytes("a") == bytes)
    }
  }

  @Test func aReplacementIsJudgedByItsBytes() throws {
    for (bytes, isOurs) in [([1, 2, 3], true), ([9], false)] as [([UInt8], Bool)] {
      let memory = MemoryStore()
      try memory.replace(key("a"), with: [0], expecting: nil)
      let first = try memory.info(key("a"))?.revision
      let faults = StoreFaults(
        memory,
        StoreFaults.Plan { call, _ in
          guard call == .replace, (try? memory.info(key("a"))?.revision) == first else { return nil }
          try? memory.replace(key("a"), with: bytes, expecting: first)
          return .before
        })
      let error = thrown { try RetryingStore(faults, clock: .instant).replace(key("a"), with: [1, 2, 3], expecting: first) }
      // Someone else's bytes may have replaced ours, or come before them: nobody knows.
      #expect(error?.code == (isOurs ? nil : .unavailable))
      #expect(error == nil || error?.message.contains("nobody knows") == true)
      #expect(try memory.bytes("a") == bytes)
    }
  }

  @Test func longUploadsAreTriedOnce() throws {
    for (size, isKept) in [(10, true), (11, false)] {
      for call in [StoreCall.append, .commit] {
        let memory = MemoryStore()
        let hasFailed = Lock(false)
        let faults = StoreFaults(
          memory,
          StoreFaults.Plan { next, _ in
            next == call
              ? hasFailed.withLock { hasFailed in
                defer { hasFailed = true }
                return hasFailed ? nil : .before
              } : nil
          })
        let store = RetryingStore(faults, policy: policy(replayLimit: 10), clock: .instant)
        let error = thrown { _ = try store.create(key("a"), [UInt8](repeating: 1, count: size)) }
        #expect(error?.code == (isKept ? nil : .unavailable))
        #expect(try memory.keys() == (isKept ? ["a"] : []))
        #expect(try memory.leftovers() == [])
      }
    }
    // The limit is reached on the way: what was kept is let go.
    let store = RetryingStore(MemoryStore(), policy: policy(replayLimit: 10), clock: .instant)
    let upload = try store.upload(near: "")
    for piece in 0..<9 { try upload.append([UInt8(piece), 0]) }
    #expect(upload.size == 18)
    #expect(try upload.commit(as: key("a")))
    #expect(try store.bytes("a")?.count == 18)
  }

  @Test func theSystemsClockRuns() throws {
    let clock = RetryClock.system
    let start = clock.nowSeconds()
    try clock.pause(0.002)
    #expect(clock.nowSeconds() - start >= 0.002)
    for _ in 0..<100 { #expect((0..<1).contains(clock.random())) }
  }

  /// More bytes than are kept for another try come from where they came from.
  @Test(arguments: Array(1...8), StoreFaults.Moment.allCases) func bytesThatCanBeReadAgainAreSentAgain(
    call: Int, moment: StoreFaults.Moment
  ) throws {
    let memory = MemoryStore()
    let faults = StoreFaults(memory, .call(call, moment))
    var policy = RetryPolicy()
    (policy.firstPauseSeconds, policy.replayLimit) = (0, 1000)
    let store = RetryingStore(faults, policy: policy)
    var bytes = [UInt8](repeating: 7, count: 20_000_000)
    for place in stride(from: 0, to: bytes.count, by: 999_983) { bytes[place] = UInt8(truncatingIfNeeded: place) }
    #expect(try store.create(key("a"), copying: MemorySource(bytes, path: "memory"), digest: ""))
    #expect(try memory.bytes("a") == bytes)
    #expect(try memory.leftovers().isEmpty)
  }
}
