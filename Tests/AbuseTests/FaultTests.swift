import Foundation
import Glibc
import TestSupport
import Testing
import WaybillAllFormats
import WaybillFormatSupport

/// A call of the whole tool fails, or the process is killed at it, one call after the other: nothing half-written is visible.
@Suite struct FaultTests {
  /// One conversion, to itself, to the native manifest, or from it.
  struct Row: Sendable, CustomTestStringConvertible {
    var from: String
    var to: String
    var replaces: Bool
    /// Whether input and output are zip archives.
    var isArchive = false
    var output: String { isArchive ? "result.zip" : "result" }
    var testDescription: String {
      "\(from) to \(to)\(isArchive ? ", archive to archive" : "")\(replaces ? ", over an old output" : "")"
    }
  }

  static let rows: [Row] = {
    var rows: [Row] = []
    for format in FormatRegistry.all.names {
      rows.append(Row(from: format, to: format, replaces: false))
      rows.append(Row(from: format, to: "waybill", replaces: true))
      rows.append(Row(from: format, to: format, replaces: format == "coco" || format == "yolo", isArchive: true))
    }
    return rows
  }()

  /// A folder with an input, and what a conversion of it gives.
  private struct Scene {
    let folder: MemoryFolder
    let arguments: [String]
    let expected: [String: [UInt8]]
    let old: [String: [UInt8]]
    let calls: Int
    let isFile: Bool
    let name: String
    var output: String { folder.file("out/\(name)") }

    /// Puts what was there before in the output's place.
    func reset() throws {
      folder.remove("out")
      try folder.makeFolder("out")
      for (path, bytes) in old { try folder.write(path.isEmpty ? "out/\(name)" : "out/\(name)/\(path)", bytes) }
    }

    /// What is beside the output.
    func others() throws -> [String] {
      try folder.names("out").filter { $0 != name }
    }
  }

  private func scene(_ row: Row) throws -> Scene {
    let fixtures = PackageFolder.subfolders(of: PackageFolder.fixtures(row.from)).filter { !$0.hasPrefix("invalid-") }
    // A folder, where the format has one: it makes the most calls.
    var input: (name: String, path: String)?
    for name in fixtures {
      let folder = "\(PackageFolder.fixtures(row.from))/\(name)"
      guard let entry = try FileManager.default.contentsOfDirectory(atPath: folder).filter({ $0.hasPrefix("input") }).min() else {
        continue
      }
      if input == nil || entry == "input" { input = (name, "\(folder)/\(entry)") }
    }
    let found = try #require(input, "\(row.from) has no valid fixture")
    let folder = try MemoryFolder()
    let output = folder.file("out/\(row.output)")
    var path = found.path
    if row.isArchive {
      path = folder.file("in.zip")
      let packed = try ChildProcess.run(
        ChildProcess.tool, ["convert", found.path, path, "--from", row.from, "--to", row.from, "--allow-loss", "--quiet"])
      try #require(packed.status == 0, "\(packed.errors)")
    }
    var arguments = ["convert", path, output, "--from", row.from, "--to", row.to, "--allow-loss", "--quiet"]
    try folder.makeFolder("out")
    let count = folder.file("count")
    let whole = try ChildProcess.run(
      ChildProcess.tool, arguments, environment: FaultShim.environment(call: 0, count: count))
    try #require(whole.status == 0 && !whole.isSignal, "\(whole.ending): \(whole.errors)")
    let calls = try #require(Int(String(decoding: try bytes(of: count), as: UTF8.self).trimmingCharacters(in: .newlines)))
    let expected = try tree(output)
    let old: [String: [UInt8]] = !row.replaces ? [:] : expected[""] != nil ? ["": [0x6F]] : ["old/f": [0x6F], "g": []]
    if row.replaces { arguments.append("--overwrite") }
    // Replacing makes more calls than writing anew.
    return Scene(
      folder: folder, arguments: arguments, expected: expected, old: old, calls: calls + (row.replaces ? 40 : 8),
      isFile: expected[""] != nil, name: row.output)
  }

  @Test(.enabled(if: FaultShim.path != nil, "there is no C compiler here"), arguments: rows)
  func failingCallsLeaveNothingHalfWritten(_ row: Row) throws {
    let scene = try scene(row)
    var failed = 0
    for call in 1...scene.calls {
      try scene.reset()
      let number = [EIO, ENOSPC, EACCES, EMFILE][call % 4]
      let outcome = try ChildProcess.run(
        ChildProcess.tool, scene.arguments, environment: FaultShim.environment(call: call, error: number), seconds: 60)
      let place = "\(row), call \(call) fails with error \(number): \(outcome.ending): \(outcome.errors)"
      #expect(!outcome.isSignal && !outcome.isTimeout, "\(place)")
      let found = try tree(scene.output)
      if outcome.status == 0 {
        let isWhole = found == scene.expected
        #expect(isWhole, "something is missing: \(place)")
      } else {
        failed += 1
        #expect([1, 3].contains(outcome.status), "\(place)")
        let isOldOrNew = found == scene.old || found == scene.expected
        #expect(isOldOrNew, "half an output is visible: \(place)")
      }
      #expect(try scene.others() == [], "staging was left: \(place)")
    }
    #expect(failed > 10)
  }

  @Test(.enabled(if: FaultShim.path != nil, "there is no C compiler here"), arguments: rows)
  func killedAtAnyCallLeavesNothingHalfWritten(_ row: Row) throws {
    let scene = try scene(row)
    var killed = 0
    for call in 1...scene.calls {
      try scene.reset()
      let outcome = try ChildProcess.run(
        ChildProcess.tool, scene.arguments, environment: FaultShim.environment(call: call), seconds: 60)
      let found = try tree(scene.output)
      guard outcome.isSignal else {
        let isWhole = found == scene.expected
        #expect(outcome.status == 0 && isWhole, "call \(call): \(outcome.ending)")
        continue
      }
      killed += 1
      #expect(outcome.status == SIGKILL)
      let isOldOrNew = found == scene.old || found == scene.expected || found.isEmpty
      #expect(isOldOrNew, "half an output is visible after call \(call)")
      // The next run takes away what the dead one left, and puts back an old output that it had moved away.
      let next = try ChildProcess.run(ChildProcess.tool, scene.arguments + (scene.old.isEmpty ? ["--overwrite"] : []))
      #expect(next.status == 0, "after call \(call): \(next.errors)")
      let isWhole = try tree(scene.output) == scene.expected
      #expect(isWhole, "after call \(call)")
      #expect(try scene.others() == [], "after call \(call)")
    }
    #expect(killed > 10)
  }

  @Test(.enabled(if: FaultShim.path != nil, "there is no C compiler here"), arguments: rows, [SIGINT, SIGTERM])
  func interruptedAtAnyCallLeavesNothing(_ row: Row, _ signal: Int32) throws {
    let scene = try scene(row)
    var stopped = 0
    for call in 1...scene.calls {
      try scene.reset()
      let outcome = try ChildProcess.run(
        ChildProcess.tool, scene.arguments, environment: FaultShim.environment(call: call, signal: signal), seconds: 60)
      let place = "\(row), signal \(signal) at call \(call): \(outcome.ending): \(outcome.errors)"
      let found = try tree(scene.output)
      if outcome.status == 0 && !outcome.isSignal {
        // It came when there was nothing left to stop.
        let isWhole = found == scene.expected
        #expect(isWhole, "\(place)")
      } else {
        stopped += 1
        // Before the handlers are there, the signal ends the process itself.
        #expect(outcome.isSignal ? outcome.status == signal : outcome.status == 130, "\(place)")
        let isOld = found == scene.old
        #expect(isOld, "\(place)")
      }
      #expect(try scene.others() == [], "staging was left: \(place)")
    }
    #expect(stopped > 5)
  }
}
