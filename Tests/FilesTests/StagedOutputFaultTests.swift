import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

/// The n-th system call fails, for n = 1, 2, 3 ...
///
/// until it passes.
@Suite struct StagedOutputFaultTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var kind: StagedOutput.Kind
    /// What is at the target before.
    var old: StagedOutput.Kind?
    var missing: Set<SystemCall> = []
    var number = EIO
    var testDescription: String {
      "\(old.map { "\($0)" } ?? "nothing") to \(kind), without \(missing.map { "\($0)" }.sorted()), error \(number)"
    }
  }

  static let rows: [Row] = {
    let all: Set<SystemCall> = [.exchange, .renameNoReplace, .copyRange, .openTemporary, .lock]
    var rows: [Row] = []
    for kind in [StagedOutput.Kind.file, .folder, .archive] {
      for old in [StagedOutput.Kind?.none, .file, .folder] {
        rows += [Row(kind: kind, old: old), Row(kind: kind, old: old, number: ENOSPC), Row(kind: kind, old: old, missing: all)]
      }
      rows.append(Row(kind: kind, missing: all.union([.link])))
      rows.append(Row(kind: kind, old: .file, missing: all.union([.link])))
    }
    return rows
  }()

  @Test(arguments: rows) func nothingHalfWrittenIsLeft(row: Row) throws {
    var position = 0
    var failures = 0
    while true {
      position += 1
      let scratch = Scratch()
      scratch.put("media.jpg", "pixels")
      let target = row.old == nil ? "made/here/out" : "out"
      switch row.old {
      case .file, .archive: scratch.put("out", "old")
      case .folder: scratch.put("out/deep/f", "old")
      case nil: break
      }
      let fault = FaultCounter(position, row.number)
      let error = thrown { try write(scratch, target, row, fault.calls(missing: row.missing)) }
      let place = "call \(position), \(fault.hit.map { "\($0)" } ?? "none"): \(error.map { "\($0)" } ?? "passed")"
      if let error {
        failures += 1
        // EIO as an answer to the search for a staging folder's rests is no reason to fail, but any failure is reported as such.
        #expect(error.code == .io, "\(place)")
        checkOld(scratch, row, place)
      } else {
        checkNew(scratch, target, row, place)
      }
      guard fault.hit != nil else { break }
      #expect(position < 400)
    }
    #expect(failures > 10)
    #expect(position > failures)
  }

  private func write(_ scratch: Scratch, _ target: String, _ row: Row, _ system: SystemCalls) throws {
    let output = try StagedOutput(target: scratch(target), kind: row.kind, overwrite: row.old != nil, system: system)
    let spool = try output.openSpool()
    try spool.append([UInt8](repeating: 0x61, count: 100_000))
    try spool.append([UInt8](repeating: 0x62, count: 10))
    if row.kind != .file {
      try output.writeFile("d/e/small", Array("small".utf8))
      try output.place(media: scratch("media.jpg"), at: "m/media.jpg", mode: .copy)
    }
    let file = try output.openFile("main")
    try file.append(Array("head ".utf8))
    try file.append(contentsOf: spool, 0..<100_000)
    try file.append(contentsOf: spool, 100_000..<100_010)
    try output.commit()
  }

  /// After a failure everything is as it was.
  private func checkOld(_ scratch: Scratch, _ row: Row, _ place: String) {
    switch row.old {
    case nil: #expect(scratch.names() == ["media.jpg"], "\(place)")
    case .file, .archive: #expect(scratch.text("out") == "old", "\(place)")
    case .folder: #expect(scratch.text("out/deep/f") == "old", "\(place)")
    }
    if row.old != nil { #expect(scratch.names() == ["media.jpg", "out"], "\(place)") }
  }

  /// The files of a row's output, as the archive holds them.
  private static let archive: [UInt8]? = try? zipped([
    ("d/e/small", Array("small".utf8)), ("m/media.jpg", Array("pixels".utf8)),
    ("main", Array(("head " + String(repeating: "a", count: 100_000) + String(repeating: "b", count: 10)).utf8)),
  ])

  /// After a success everything is there, and nothing else.
  private func checkNew(_ scratch: Scratch, _ target: String, _ row: Row, _ place: String) {
    guard row.kind != .archive else {
      #expect(scratch.bytes(target) == Self.archive, "\(place)")
      #expect(scratch.names(FileName.folder(of: target)).filter { $0 != "media.jpg" } == ["out"], "\(place)")
      return
    }
    let text = scratch.text(row.kind == .file ? target : target + "/main") ?? ""
    #expect(text.utf8.count == 100_015, "\(place)")
    #expect(text.hasPrefix("head a") && text.hasSuffix("abbbbbbbbbb"), "\(place)")
    #expect(scratch.names(FileName.folder(of: target)).filter { $0 != "media.jpg" } == ["out"], "\(place)")
    guard row.kind == .folder else { return }
    #expect(scratch.names(target) == ["d", "m", "main"], "\(place)")
    #expect(scratch.text(target + "/d/e/small") == "small", "\(place)")
    #expect(scratch.text(target + "/m/media.jpg") == "pixels", "\(place)")
  }

  @Test func interruptedCallsAreRepeated() throws {
    for position in 1...160 {
      let scratch = Scratch()
      scratch.put("media.jpg", "pixels")
      let fault = FaultCounter((position + 1) / 2, EINTR)
      let row = Row(kind: position % 2 == 0 ? .folder : .archive)
      let error = thrown { try write(scratch, "made/here/out", row, fault.calls()) }
      // Closing and listing are not repeated; they do not wait.
      if let hit = fault.hit, hit == .close || hit == .list { continue }
      #expect(error == nil, "call \(position), \(String(describing: fault.hit))")
      checkNew(scratch, "made/here/out", row, "call \(position)")
    }
  }

  @Test(arguments: [1, 7, 4096]) func shortCallsAreContinued(limit: Int) throws {
    for (missing, kind) in [([], StagedOutput.Kind.folder), ([SystemCall.copyRange], .folder), ([], .archive)] {
      let scratch = Scratch()
      scratch.put("media.jpg", "pixels")
      var system = SystemCalls()
      system.fault = { call in
        if missing.contains(call) { return .failure(EXDEV) }
        return [.read, .write, .copyRange].contains(call) ? .short(limit) : nil
      }
      let row = Row(kind: kind)
      try write(scratch, "out", row, system)
      checkNew(scratch, "out", row, "limit \(limit)")
    }
  }

  @Test func aFailedFileStaysFailed() throws {
    let scratch = Scratch()
    var system = SystemCalls()
    system.fault = { $0 == .write ? .failure(ENOSPC) : nil }
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: false, system: system)
    let file = try output.openFile("f")
    try file.append([1, 2, 3])
    #expect(file.offset == 3)
    #expect(thrown { try file.close() }?.errno == ENOSPC)
    #expect(thrown { try file.append([4]) }?.errno == ENOSPC)
    #expect(thrown { try output.commit() }?.errno == ENOSPC)
    #expect(scratch.names() == [])
  }
}
