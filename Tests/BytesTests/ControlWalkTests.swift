import Glibc
import TestSupport
import Testing
import WaybillBytes

@Suite struct ControlWalkTests {
  /// All bytes a walk visits.
  private func visited(_ bytes: [UInt8], from start: Int, to limit: Int, readable: Int) -> [Int] {
    bytes.withUnsafeBufferPointer { memory in
      guard let base = memory.baseAddress else { return [] }
      var walk = ControlWalk(base, from: start, to: limit, readable: readable)
      var found: [Int] = []
      while true {
        let at = walk.next()
        if at == limit { break }
        found.append(at)
        if found.count > bytes.count { break }
      }
      // Asked again, the end stays the end.
      #expect(walk.next() == limit && walk.next() == limit)
      return found
    }
  }

  @Test func everyByteIsJudged() {
    for byte in UInt8.min...UInt8.max {
      for place in [0, 15, 16, 63, 64, 70] {
        var bytes = [UInt8](repeating: 0x61, count: 71)
        bytes[place] = byte
        let expected = byte <= 0x20 ? [place] : []
        #expect(visited(bytes, from: 0, to: 71, readable: 71) == expected, "byte \(byte) at \(place)")
      }
    }
  }

  @Test func agreesWithALookAtEachByte() {
    let seed = testSeed(640)
    var dice = SeededNumbers(seed)
    for round in 0..<2000 {
      let count = Int.random(in: 1...300, using: &dice)
      let share = Int.random(in: 1...20, using: &dice)
      let bytes = (0..<count).map { _ in
        UInt8.random(in: Int.random(in: 0...share, using: &dice) == 0 ? 0...0x20 : 0...255, using: &dice)
      }
      let limit = Int.random(in: 0...count, using: &dice)
      let start = Int.random(in: 0...limit, using: &dice)
      let readable = Int.random(in: limit...count, using: &dice)
      let expected = (start..<limit).filter { bytes[$0] <= 0x20 }
      #expect(visited(bytes, from: start, to: limit, readable: readable) == expected, "seed \(seed), round \(round)")
    }
  }

  @Test func nothingIsReadBehindTheMemory() {
    // Two pages of memory, the second of which nobody may read.
    let page = Int(getpagesize())
    let memory = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return #expect(Bool(false), "no memory") }
    defer { munmap(memory, 2 * page) }
    #expect(mprotect(memory + page, page, PROT_NONE) == 0)
    for size in [1, 7, 63, 64, 65, 128, 200] {
      let start = (memory + page - size).assumingMemoryBound(to: UInt8.self)
      for at in 0..<size { start[at] = at % 3 == 0 ? 0x20 : 0x61 }
      var walk = ControlWalk(start, from: 0, to: size, readable: size)
      var count = 0
      while walk.next() < size { count += 1 }
      #expect(count == (size + 2) / 3)
    }
  }
}
