import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct StagingFolderTests {
  let scratch = Scratch()

  /// Makes what a killed process leaves.
  private func leave(_ name: String, previous: String? = nil, lock: Bool = true) {
    scratch.put(name + "/content/half", "half")
    if lock { scratch.put(name + "/lock", "") }
    if let previous { scratch.put(name + "/previous", previous) }
  }

  @Test func sweepsWhatDeadProcessesLeft() throws {
    leave(".out.waybill-1-0123456789abcdef")
    leave(".out.waybill-99999999-0123456789abcdef")
    mkdir(scratch(".out.waybill-7-0123456789abcdef"), 0o700)
    // Not ours: another target, another pattern, no lock file, a plain file.
    leave(".out2.waybill-1-0123456789abcdef")
    leave(".out.waybill-1-0123456789abcdeg")
    leave(".out.waybill-2-0123456789abcdef", lock: false)
    scratch.put(".out.waybill-3-0123456789abcdef")
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    let own = output.staging.holderName
    #expect(
      Set(scratch.names()) == [
        ".out2.waybill-1-0123456789abcdef", ".out.waybill-1-0123456789abcdeg", ".out.waybill-2-0123456789abcdef",
        ".out.waybill-3-0123456789abcdef", own,
      ])
  }

  @Test func leavesLivingStagingAlone() throws {
    let first = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    try first.writeFile("f", [1])
    let second = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    #expect(scratch.names().count == 2)
    try second.commit()
    #expect(thrown { try first.commit() }?.code == .outputExists)
    #expect(scratch.names() == ["out"])
  }

  @Test func putsAnOldOutputBack() throws {
    leave(".out.waybill-1-0123456789abcdef", previous: "old")
    // The sweep comes after the look at the target, so the commit finds the old output.
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: false)
    #expect(scratch.text("out") == "old")
    try output.writeFile("f", [])
    #expect(thrown { try output.commit() }?.code == .outputExists)
    #expect(scratch.names() == ["out"])
    // With the target in its place, the old one was replaced for good.
    leave(".out.waybill-1-0123456789abcdef", previous: "older")
    let next = try StagedOutput(target: scratch("out"), kind: .file, overwrite: true)
    next.abort()
    #expect(scratch.names() == ["out"])
    #expect(scratch.text("out") == "old")
  }

  @Test func longNamesFit() throws {
    let name = String(repeating: "ä", count: 127)
    let output = try StagedOutput(target: scratch(name), kind: .folder, overwrite: false)
    #expect(output.staging.holderName.utf8.count <= 255)
    try output.writeFile("f", [])
    try output.commit()
    #expect(scratch.names() == [name])
  }

  @Test(arguments: [
    (".a.waybill-1-0123456789abcdef", true), (".a.waybill-1-0123456789ABCDEF", false), (".a.waybill--0123456789abcdef", false),
    (".a.waybill-1-0123456789abcde", false), (".a.waybill-1x-0123456789abcdef", false), ("a.waybill-1-0123456789abcdef", false),
    (".a.waybill-1-0123456789abcdef.waybill-2-0123456789abcdef", false), (".b.waybill-1-0123456789abcdef", false),
  ])
  func knowsItsNames(candidate: String, expected: Bool) {
    #expect(StagingFolder.isStaging(candidate, of: "a") == expected)
  }

  @Test func manyProcessesAndThreadsMayRace() throws {
    // Every output sweeps while others are being made; none may lose its staging folder.
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for number in 0..<40 {
        let error = thrown {
          let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: true)
          try output.writeFile("\(worker)/\(number)", [1])
          try output.commit()
        }
        if let error { Issue.record("\(error)") }
      }
    }
    #expect(scratch.names() == ["out"])
    #expect(try FileTree(root: scratch("out")).files.count == 1)
  }

  @Test func theCurrentFolderMayChange() async {
    await #expect(processExitsWith: .success) {
      let scratch = Scratch()
      mkdir(scratch("here"), 0o755)
      chdir(scratch("here"))
      let output = try StagedOutput(target: "a/b/out", kind: .folder, overwrite: false)
      let gone = try StagedOutput(target: "c/d/out", kind: .folder, overwrite: false)
      chdir("/")
      try output.commit()
      gone.abort()
      let isRight = scratch.names("here") == ["a"] && scratch.names("here/a/b") == ["out"]
      SystemCalls.real.remove(AT_FDCWD, Array(scratch.path.utf8CString))
      exit(isRight ? 0 : 1)
    }
  }

  @Test func whatCannotBeRemovedIsNamed() throws {
    scratch.put("out", "old")
    var system = SystemCalls()
    system.fault = { $0 == .unlink ? .failure(EACCES) : nil }
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: true, system: system)
    try output.writeFile("f", Array("new".utf8))
    try output.commit()
    #expect(scratch.text("out") == "new")
    #expect(output.leftover == scratch(output.staging.holderName))
  }
}
