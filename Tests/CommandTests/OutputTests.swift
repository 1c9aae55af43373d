import Foundation
import Testing
import WaybillDiagnostics

@testable import WaybillCommands

@Suite("Output")
struct OutputTests {
  /// A clock that tests move.
  private final class Clock {
    var seconds = 100.0
  }

  @Test("progress is drawn at most ten times a second, with rate and time left, and taken away")
  func progress() throws {
    let channel = OutputChannel(isTerminal: true)
    let clock = Clock()
    let line = try #require(ProgressLine("Reading", on: channel, isQuiet: false, now: { clock.seconds }))
    line.show(10, of: 10_000)
    line.clear()
    #expect(channel.text == "", "nothing is shown for short operations")
    clock.seconds += 0.5
    line.show(1000, of: 10_000)
    clock.seconds += 0.05
    line.show(1100, of: 10_000)
    clock.seconds += 0.45
    line.show(2000, of: 10_000)
    clock.seconds += 4
    line.show(10_000, of: 10_000)
    line.clear()
    line.clear()
    let lines = channel.text.components(separatedBy: "\r\u{1B}[K")
    #expect(
      lines == [
        "", "Reading 1,000 of 10,000 samples (10 %), 2,000/s, 5 s left",
        "Reading 2,000 of 10,000 samples (20 %), 2,000/s, 4 s left",
        "Reading 10,000 of 10,000 samples (100 %), 2,000/s", "",
      ])
  }

  @Test("nobody watches, nothing is drawn", arguments: [(false, false), (false, true), (true, true)])
  func noProgress(isTerminal: Bool, isQuiet: Bool) {
    #expect(ProgressLine("Reading", on: OutputChannel(isTerminal: isTerminal), isQuiet: isQuiet) == nil)
  }

  @Test("long times", arguments: [(1.0, "10 s"), (10, "1 min 30 s"), (1000, "2 h 30 min"), (1e9, "99 h 59 min")])
  func durations(seconds: Double, left: String) throws {
    let channel = OutputChannel(isTerminal: true)
    let clock = Clock()
    let line = try #require(ProgressLine("Reading", on: channel, isQuiet: false, now: { clock.seconds }))
    clock.seconds += seconds
    line.show(100, of: seconds == 1 ? 1100 : 1000)
    #expect(channel.text.hasSuffix(", \(left) left"), "\(channel.text)")
  }

  @Test(
    "numbers in groups",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func groups(number: Int, text: String) { #expect(grouped(number) == text) }

  @Test("colours only where they are wanted", arguments: [false, true])
  func colors(usesColor: Bool) {
    let errors = OutputChannel(usesColor: usesColor)
    _ = WaybillCommand.run(["nothing"], registry: Tool.registry, standardOutput: OutputChannel(), standardError: errors)
    #expect(errors.text.hasPrefix(usesColor ? "\u{1B}[1;31merror\u{1B}[0m: " : "error: "))
  }

  @Test("a channel to a descriptor hands on every byte, and keeps the first failure")
  func descriptors() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let channel = OutputChannel(descriptor: ends[1])
    #expect(!channel.isTerminal && !channel.usesColor)
    channel.write("one ")
    channel.write(Array("two".utf8))
    channel.flush()
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(ends[0], &bytes, 16) == 7)
    #expect(String(decoding: bytes.prefix(7), as: UTF8.self) == "one two")
    #expect(channel.failure == nil)
    close(ends[0])
    close(ends[1])
    let full = OutputChannel(descriptor: open("/dev/full", O_WRONLY))
    full.write(String(repeating: "x", count: 1 << 17))
    #expect(full.failure == ENOSPC)
    full.write("more")
    full.flush()
    #expect(full.failure == ENOSPC)
  }

  @Test("problems without a place are led by the path, and those not kept are counted")
  func diagnostics() {
    var list = DiagnosticList(limitPerRule: 2)
    for number in 1...5 { list.report(.warning, "a.b", "number \(number)\u{7}", at: nil) }
    list.report(.note, "a.c", "a note", at: nil)
    list.report(.error, "a.d", "an error", at: nil)
    let text = DiagnosticText(path: "x\u{1B}", sources: SourceMap())
    let all = OutputChannel()
    text.print(list, on: all)
    #expect(
      all.text == """
        x\\u{1b}: warning: number 1\\u{7} [a.b]
        x\\u{1b}: warning: number 2\\u{7} [a.b]
        x\\u{1b}: note: a note [a.c]
        x\\u{1b}: error: an error [a.d]
        ... and 3 more of [a.b]

        """)
    let errors = OutputChannel()
    text.print(list, on: errors, atLeast: .error)
    #expect(errors.text == "x\\u{1b}: error: an error [a.d]\n")
    #expect(list.summary == "1 error, 5 warnings, 1 note")
  }

  @Test(
    "codes",
    arguments: [
      (DatasetError.Code.io, 1), (.usage, 2), (.ambiguous, 2), (.invalidInput, 3), (.wouldLoseLabels, 4), (.outputExists, 4),
      (.interrupted, 130),
    ] as [(DatasetError.Code, Int32)])
  func codes(code: DatasetError.Code, exit: Int32) { #expect(ExitCode(code).rawValue == exit) }
}
