import Foundation
import TestSupport
import Testing
import WaybillAllFormats
import WaybillFormatSupport

/// Damaged input never crashes, never hangs, never costs much, and never leaves half an output; every complaint has a place and a declared rule.
///
/// The cases run in a process of their own (`AbuseTool`), which checks itself and may die. `WAYBILL_SEED` sets the seed of the mutations,
/// `WAYBILL_ABUSE_CASES` their number for each fixture.
@Suite struct CorruptionTests {
  static let fixtures: [String] = FormatRegistry.all.names.flatMap { format in
    PackageFolder.subfolders(of: PackageFolder.fixtures(format)).map { "\(format)/\($0)" }
  }
  static let tool = ChildProcess.program("AbuseTool")
  static let cases = ProcessInfo.processInfo.environment["WAYBILL_ABUSE_CASES"].flatMap(Int.init) ?? 150

  @Test(arguments: fixtures) func cutAtEveryByte(_ fixture: String) throws {
    try run(fixture, "cuts")
  }

  @Test(arguments: fixtures) func mutations(_ fixture: String) throws {
    let seed = testSeed(2026)
    print("\(fixture): seed \(seed)")
    try run(fixture, "\(seed)")
  }

  /// For each format the smallest fixtures, in archives.
  static let packed: [String] = FormatRegistry.all.names.flatMap { format in
    let names = PackageFolder.subfolders(of: PackageFolder.fixtures(format)).filter { !$0.hasPrefix("invalid-") }
    func size(_ name: String) -> Int {
      ((try? tree("\(PackageFolder.fixtures(format))/\(name)")) ?? [:]).reduce(0) { $0 + $1.value.count }
    }
    return names.sorted { (size($0), $0) < (size($1), $1) }.prefix(2).map { "\(format)/\($0)" }
  }

  @Test(arguments: packed) func archivesCutAtEveryByte(_ fixture: String) throws {
    try run(fixture, "zip:cuts")
  }

  @Test(arguments: packed) func mutationsOfArchives(_ fixture: String) throws {
    let seed = testSeed(2027)
    print("\(fixture): seed \(seed)")
    try run(fixture, "zip:\(seed)")
  }

  /// Runs all cases, going on after each that ended the process.
  private func run(_ fixture: String, _ kind: String) throws {
    let scratch = try MemoryFolder()
    var first = 0
    for _ in 0..<5 {
      let arguments = [fixture, kind, "\(Self.cases)", "\(first)", scratch.path]
      let outcome = try ChildProcess.run(Self.tool, arguments, seconds: 900)
      let lines = outcome.output.split(separator: "\n")
      for line in lines where !line.hasPrefix("done ") { Issue.record("\(fixture), \(kind), \(line)") }
      if outcome.status == 0 && !outcome.isSignal {
        #expect(lines.last?.hasPrefix("done ") == true)
        return
      }
      let number = (try? bytes(of: scratch.file("case"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
      let died = Int(number.trimmingCharacters(in: .whitespacesAndNewlines)) ?? first
      Issue.record(
        """
        \(fixture), \(kind), case \(died): \(outcome.ending). Again, with the folder kept: mkdir /tmp/case && \
        AbuseTool \(fixture) \(kind) \(Self.cases) \(died) /tmp/case
        \(outcome.errors.suffix(2000))
        """)
      first = died + 1
      for name in ["out", "data"] { scratch.remove(name) }
    }
  }
}
