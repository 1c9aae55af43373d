import Dispatch
import StoreTestSupport
import Testing
import TestSupport
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@Suite struct CachingStoreTests {
  private static let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }

  private func store(
    capacity: Int = 4000, onRead: @escaping @Sendable (Range<Int>) throws(DatasetError) -> Void = { _ in }
  ) throws -> (memory: MemoryStore, far: FarStore, cache: CachingStore) {
    let memory = MemoryStore()
    _ = try memory.create(key("a"), Self.bytes)
    _ = try memory.create(key("current"), [1])
    let far = FarStore(memory, onRead: onRead)
    return (memory, far, CachingStore(far, capacity: capacity, blockSize: 1000) { $0.text == "current" })
  }

  @Test func blocksAreFetchedOnce() throws {
    let (_, far, cache) = try store()
    let source = try #require(try cache.open(key("a")))
    for _ in 0..<3 { #expect(try source.bytes(1500..<1700) == Array(Self.bytes[1500..<1700])) }
    #expect(far.reads == [1000..<2000])
    #expect(try source.bytes(1900..<2100) == Array(Self.bytes[1900..<2100]))
    #expect(far.reads == [1000..<2000, 2000..<3000])
    // Another opening finds the same blocks.
    let again = try #require(try cache.open(key("a")))
    #expect(try again.bytes(1000..<3000) == Array(Self.bytes[1000..<3000]))
    #expect(far.reads.count == 2)
    #expect(try source.bytes(9999..<10_000) == [Self.bytes[9999]])
    #expect(far.reads.last == 9000..<10_000)
    #expect(cache.cachedBytes == 3000)
  }

  /// Who reads on gets more with each request; several may do so at several places, and who looks here and there fetches no more than a block.
  @Test func whoReadsOnTakesFewRequests() throws {
    let memory = MemoryStore()
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }
    _ = try memory.create(key("a"), bytes)
    let far = FarStore(memory)
    let cache = CachingStore(far, capacity: 400_000, blockSize: 1000) { _ in false }
    let source = try #require(try cache.open(key("a")))
    for start in stride(from: 0, to: 100_000, by: 250) {
      for way in [0, 100_000] {
        let range = (way + start)..<(way + start + 250)
        #expect(try source.bytes(range) == Array(bytes[range]))
      }
    }
    #expect(far.reads.count < 40, "\(far.reads.count) requests")
    #expect(far.reads.reduce(0) { $0 + $1.count } == 200_000)
    #expect(cache.cachedBytes == 200_000)
    let other = try #require(
      try CachingStore(far, capacity: 160_000, blockSize: 1000, isReplaceable: { _ in false }).open(key("a")))
    let before = far.reads.count
    for start in stride(from: 0, to: 200_000, by: 7000) { _ = try other.bytes(start..<(start + 10)) }
    #expect(far.reads.dropFirst(before).allSatisfy { $0.count == 1000 })
  }

  @Test func theLongestUnusedBlockGoes() throws {
    let (_, far, cache) = try store()
    let source = try #require(try cache.open(key("a")))
    for block in [0, 1, 2, 3, 0, 4] { _ = try source.bytes((block * 1000)..<(block * 1000 + 1)) }
    #expect(cache.cachedBytes == 4000)
    #expect(far.reads.map { $0.lowerBound / 1000 } == [0, 1, 2, 3, 4])
    for block in [0, 2, 3, 4] { _ = try source.bytes((block * 1000)..<(block * 1000 + 1)) }
    #expect(far.reads.count == 5)
    _ = try source.bytes(1000..<1001)
    #expect(far.reads.count == 6)
    #expect(cache.cachedBytes == 4000)
  }

  @Test func longReadsPassBy() throws {
    let (_, far, cache) = try store()
    let source = try #require(try cache.open(key("a")))
    #expect(try source.bytes(500..<4500) == Array(Self.bytes[500..<4500]))
    #expect(far.reads == [500..<4500])
    #expect(cache.cachedBytes == 0)
    #expect(try source.bytes(500..<4499) == Array(Self.bytes[500..<4499]))
    #expect(far.reads.count == 6)
    #expect(cache.cachedBytes == 4000)
  }

  @Test func whatCanBeReplacedIsNeverKept() throws {
    let (memory, far, cache) = try store()
    for value: UInt8 in [1, 2, 3] {
      #expect(try cache.bytes("current") == [value])
      try memory.replace(key("current"), with: [value + 1], expecting: try memory.info(key("current"))?.revision)
    }
    #expect(far.reads.count == 3)
    #expect(cache.cachedBytes == 0)
  }

  @Test func anotherWritingOfAKeyIsNotMixedWithTheOld() throws {
    let (memory, _, cache) = try store()
    let old = try #require(try cache.open(key("a")))
    _ = try old.bytes(0..<10)
    // Someone else deletes the object and makes another one of the same name and size.
    try memory.delete(key("a"))
    #expect(try cache.open(key("a")) == nil)
    _ = try memory.create(key("a"), [UInt8](repeating: 7, count: 10_000))
    let new = try #require(try cache.open(key("a")))
    #expect(try new.bytes(0..<2000) == [UInt8](repeating: 7, count: 2000))
    // What was opened before is still the old one, its blocks apart from the new ones.
    #expect(try old.bytes(0..<2000) == Array(Self.bytes[0..<2000]))
    #expect(try new.bytes(1000..<1010) == [UInt8](repeating: 7, count: 10))
    try cache.delete(key("a"))
    #expect(try cache.open(key("a")) == nil)
    #expect(try cache.create(key("a"), [1]))
    #expect(try cache.bytes("a") == [1])
  }

  @Test func blocksGoWithTheirObjects() throws {
    let (_, _, cache) = try store(capacity: 1 << 20)
    do {
      let source = try #require(try cache.open(key("a")))
      _ = try source.bytes(0..<10)
      #expect(cache.cachedBytes == 1000)
    }
    #expect(cache.cachedBytes == 1000)
    try cache.delete(key("a"))
    #expect(cache.cachedBytes == 0)
    // So do those of objects beyond the number that is remembered.
    for number in 0..<300 {
      #expect(try cache.create(key("many/\(number)"), [1, 2, 3]))
      #expect(try cache.bytes("many/\(number)") == [1, 2, 3])
    }
    #expect(cache.cachedBytes == 256 * 3)
  }

  @Test func threadsThatWantTheSameFetchItOnce() throws {
    let inside = Lock((now: 0, most: 0))
    let (_, far, cache) = try store(onRead: { (_) throws(DatasetError) in
      inside.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
      try pause()
      inside.withLock { $0.now -= 1 }
    })
    let wrong = Lock(0)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for block in 0..<4 {
        let bytes = try? cache.open(key("a"))?.bytes((block * 1000)..<(block * 1000 + 100))
        if bytes != Array(Self.bytes[(block * 1000)..<(block * 1000 + 100)]) { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
    // Several may open the object at first; each block of one opening is fetched once.
    #expect(far.reads.count <= 4 * 8)
    let source = try #require(try cache.open(key("a")))
    _ = try source.bytes(5000..<5001)
    let before = far.reads.count
    DispatchQueue.concurrentPerform(iterations: 8) { _ in _ = try? source.bytes(6000..<6001) }
    #expect(far.reads.count == before + 1)
    #expect(inside.withLock { $0.most } >= 1)
  }

  @Test func aFailedFetchIsTriedByTheNext() throws {
    let failures = Lock(2)
    let (_, far, cache) = try store(onRead: { (_) throws(DatasetError) in
      let fails = failures.withLock { left in
        left -= 1
        return left >= 0
      }
      if fails { throw DatasetError(.unavailable, "not now") }
    })
    let source = try #require(try cache.open(key("a")))
    for _ in 0..<2 { #expect(thrown { _ = try source.bytes(0..<1) }?.code == .unavailable) }
    #expect(try source.bytes(0..<1) == [Self.bytes[0]])
    #expect(try source.bytes(1..<2) == [Self.bytes[1]])
    #expect(far.reads.count == 3)
  }

  @Test func objectsInMemoryPassBy() throws {
    let memory = MemoryStore()
    _ = try memory.create(key("a"), Self.bytes)
    let cache = CachingStore(memory) { _ in false }
    let source = try #require(try cache.open(key("a")))
    #expect(source.mapped != nil)
    #expect(try source.bytes(0..<10_000) == Self.bytes)
    #expect(cache.cachedBytes == 0)
  }

  @Test(arguments: [(1, 1000), (0, 0), (-5, -5), (10, 3)]) func oddSizesWork(capacity: Int, blockSize: Int) throws {
    let memory = MemoryStore()
    _ = try memory.create(key("a"), Self.bytes)
    let cache = CachingStore(FarStore(memory), capacity: capacity, blockSize: blockSize) { _ in false }
    let seed = testSeed(99)
    var numbers = SeededNumbers(seed)
    let source = try #require(try cache.open(key("a")))
    for _ in 0..<200 {
      let start = numbers.below(10_000)
      let end = min(10_000, start + numbers.below(20))
      #expect(try source.bytes(start..<end) == Array(Self.bytes[start..<end]), "seed \(seed)")
      #expect(cache.cachedBytes <= max(1, capacity))
    }
  }

  private func pause() throws(DatasetError) { try RetryClock.system.pause(0.001) }
}
