import Foundation
import WaybillLocks
import Testing
import WaybillDiagnostics

@Suite struct SourceMapTests {
  @Test func filesKeepTheirOrder() {
    let map = SourceMap()
    #expect(map.count == 0)
    let ids = ["a.json", "b/c.xml", "a.json", ""].map { map.add($0) }
    #expect(ids.map(\.index) == [0, 1, 2, 3])
    #expect(ids.map { map.path(of: $0) } == ["a.json", "b/c.xml", "a.json", ""])
    #expect(map.count == 4)
  }

  @Test(arguments: [0, 1, UInt32.max])
  func aFileThatWasNeverAddedHasNoPath(index: UInt32) {
    #expect(SourceMap().path(of: FileID(index: index)) == "?")
  }

  @Test func manyThreadsAddAndAsk() {
    let map = SourceMap()
    let wrong = Lock(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<2000 {
        let path = "\(worker)/\(number)"
        let id = map.add(path)
        if map.path(of: id) != path { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
    #expect(map.count == 16_000)
    #expect(Set((0..<16_000).map { map.path(of: FileID(index: UInt32($0))) }).count == 16_000)
  }
}
