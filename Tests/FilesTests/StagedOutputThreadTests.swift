import Foundation
import Glibc
import Synchronization
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct StagedOutputThreadTests {
  let scratch = Scratch()

  @Test func writesFromManyThreads() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<250 {
        try? output.writeFile("d\(number % 7)/e\(number % 3)/\(worker)-\(number)", Array("\(worker * number)".utf8))
      }
    }
    try output.commit()
    let tree = try FileTree(root: scratch("out"))
    #expect(tree.files.count == 2000)
    #expect(scratch.text("out/d4/e2/7-200") == "1400")
  }

  @Test func oneOfManyThreadsGetsAName() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    let count = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<50 where thrown({ try output.writeFile("same/\(number)", [UInt8(worker)]) }) == nil {
        count.add(1, ordering: .relaxed)
      }
    }
    #expect(count.load(ordering: .relaxed) == 50)
    try output.commit()
    #expect(scratch.names("out/same").count == 50)
  }

  @Test func abortWaitsForWriters() throws {
    for _ in 0..<20 {
      let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
      DispatchQueue.concurrentPerform(iterations: 4) { worker in
        for number in 0..<50 {
          if worker == 0 && number == 20 { output.abort() }
          try? output.writeFile("d\(worker)/\(number)", [1])
        }
      }
      #expect(scratch.names() == [])
    }
  }
}
