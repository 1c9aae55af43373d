import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct OutputFileTests {
  let scratch = Scratch()

  @Test func appendsOfAllSizesComeOutInOrder() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: false)
    let file = try output.openFile("f")
    let spool = try output.openSpool()
    var expected: [UInt8] = []
    var spooled: [UInt8] = []
    let sizes = [0, 1, 5, 1000, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) - 1, (1 << 20) + 1, 3_000_000]
    for _ in 0..<60 {
      let size = sizes[next(sizes.count)]
      let bytes = [UInt8](repeating: UInt8(next(256)), count: size)
      switch next(3) {
      case 0:
        try file.append(bytes)
        expected += bytes
      case 1:
        try spool.append(bytes)
        spooled += bytes
      default:
        let start = next(spooled.count + 1)
        let end = min(spooled.count, start + size)
        try file.append(contentsOf: spool, start..<end)
        expected += spooled[start..<end]
      }
      #expect(file.offset == expected.count, "seed \(seed)")
      #expect(spool.count == spooled.count, "seed \(seed)")
    }
    try file.append(contentsOf: spool)
    expected += spooled
    try file.close()
    try file.close()
    try output.commit()
    let isEqual = FileManager.default.contents(atPath: scratch("out")).map { $0 == Data(expected) }
    #expect(isEqual == true, "seed \(seed)")
  }

  /// What is given back reads as zeros, or as before where holes cannot be made; all around it stays.
  @Test func aRangeOfASpoolIsGivenBack() throws {
    let spool = try Spool()
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 % 251 + 1) }
    try spool.append(bytes)
    _ = try spool.map()
    for range in [5000..<60_000, 0..<0, 99_000..<100_000, 99_000..<900_000, 3..<7] { spool.release(range) }
    var back = [UInt8](repeating: 0, count: bytes.count)
    #expect(try back.withUnsafeMutableBytes { try spool.read(at: 0, into: $0) } == bytes.count)
    for at in bytes.indices {
      let isInside = (5000..<60_000).contains(at)
      #expect(back[at] == bytes[at] || (isInside && back[at] == 0), "byte \(at)")
    }
    #expect(spool.count == bytes.count)
  }

  @Test func aSpoolIsReadBack() throws {
    let spool = try Spool()
    try spool.append(Array("hello ".utf8))
    try spool.append(Array("world".utf8))
    var memory = [UInt8](repeating: 0, count: 8)
    let first = try memory.withUnsafeMutableBytes { try spool.read(at: 4, into: $0) }
    #expect(first == 7)
    #expect(memory == Array("o world".utf8) + [0])
    let beyond = try memory.withUnsafeMutableBytes { try spool.read(at: 400, into: $0) }
    #expect(beyond == 0)
    #expect(copied(try spool.map()) == Array("hello world".utf8))
    try spool.append(Array("!".utf8))
    #expect(copied(try spool.map()) == Array("hello world!".utf8))
    let empty = try Spool()
    #expect(copied(try empty.map()) == [])
  }

  @Test(arguments: [Set<SystemCall>(), [.openTemporary]]) func aSpoolHasNoName(missing: Set<SystemCall>) throws {
    let system = FaultCounter(0).calls(missing: missing)
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false, system: system)
    let spool = try output.openSpool()
    try spool.append([1])
    let staging = scratch.names().first ?? ""
    #expect(scratch.names(staging) == ["content", "lock"])
  }

  @Test func theCommitClosesWhatIsOpen() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    var files: [OutputFile] = []
    for number in 0..<200 {
      let file = try output.openFile("\(number)")
      try file.append([UInt8(number)])
      if number % 2 == 0 { try file.close() } else { files.append(file) }
    }
    try output.commit()
    for number in 0..<200 { #expect(FileManager.default.contents(atPath: scratch("out/\(number)")) == Data([UInt8(number)])) }
  }

  @Test func appendsFromSeveralThreadsAreWhole() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: false)
    let file = try output.openFile("f")
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for _ in 0..<2000 { try? file.append([UInt8](repeating: UInt8(worker), count: 1000)) }
    }
    try output.commit()
    let data = FileManager.default.contents(atPath: scratch("out")) ?? Data()
    #expect(data.count == 8_000_000)
    let isWhole = stride(from: 0, to: data.count, by: 1000).allSatisfy { data[$0] == data[$0 + 999] }
    #expect(isWhole)
  }
}
