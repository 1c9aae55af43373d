import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

/// Signals belong to a whole process, so each test has one of its own.
@Suite struct InterruptFlagTests {
  @Test func isDownAtFirst() throws {
    #expect(!InterruptFlag.wantsStop)
    try InterruptFlag.check()
  }

  @Test func theFirstSignalRaisesTheFlag() async {
    await #expect(processExitsWith: .exitCode(7)) {
      InterruptFlag.install()
      kill(getpid(), SIGINT)
      kill(getpid(), SIGTERM)
      for _ in 0..<1000 where !InterruptFlag.wantsStop { usleep(1000) }
      let error = thrown { try InterruptFlag.check() }
      InterruptFlag.lower()
      exit(error?.code == .interrupted && !InterruptFlag.wantsStop ? 7 : 1)
    }
  }

  @Test func theSecondSignalKills() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      InterruptFlag.install()
      kill(getpid(), SIGTERM)
      for _ in 0..<1000 where !InterruptFlag.wantsStop { usleep(1000) }
      kill(getpid(), SIGTERM)
      sleep(5)
    }
  }

  @Test func ignoredSignalsStayIgnored() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGHUP, SIG_IGN)
      InterruptFlag.install()
      kill(getpid(), SIGHUP)
      kill(getpid(), SIGHUP)
      usleep(50_000)
      exit(InterruptFlag.wantsStop ? 1 : 7)
    }
  }

  @Test func aWaitForAPipeEnds() async {
    await #expect(processExitsWith: .exitCode(7)) {
      InterruptFlag.install()
      var ends: [Int32] = [0, 0]
      pipe(&ends)
      let reading = ends[0]
      let other = Thread {
        usleep(100_000)
        kill(getpid(), SIGINT)
      }
      other.start()
      let error = thrown { _ = try SpooledInput.map(descriptor: reading, path: "<stdin>") }
      exit(error?.code == .interrupted ? 7 : 1)
    }
  }

  @Test func aTruncatedInputIsSaid() async throws {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      InterruptFlag.install()
      let scratch = Scratch()
      scratch.put("f", String(repeating: "x", count: 100_000))
      let file = try MappedFile(path: scratch("f"))
      truncate(scratch("f"), 10)
      unlink(scratch("f"))
      rmdir(scratch.path)
      let sum = file.bytes.reduce(0) { $0 &+ Int($1) }
      exit(sum == 0 ? 8 : 9)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("input changed while it was read"))
  }

  @Test func longWorkStops() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let scratch = Scratch()
      InterruptFlag.raise()
      let error = thrown { _ = try FileTree(root: scratch.path) }
      rmdir(scratch.path)
      exit(error?.code == .interrupted ? 7 : 1)
    }
  }
}
