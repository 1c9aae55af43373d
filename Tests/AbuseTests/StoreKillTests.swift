import Foundation
import Glibc
import TestSupport
import Testing
import WaybillDiskStore
import WaybillObjectStore
import WaybillVersioning

/// A call of a command that changes a store fails, or the process is killed at it, one call after the other: the store is whole, and the version
/// is there or it is not.
@Suite struct StoreKillTests {
  /// What is done to a store that holds V001.
  enum Work: String, CaseIterable, Sendable {
    case publish, wholePublish, delete, collect
  }

  private struct Scene {
    let folder: MemoryFolder
    let work: Work
    var store: String { folder.file("store") }

    init(_ work: Work) throws {
      folder = try MemoryFolder()
      self.work = work
      try folder.makeFolder("start")
      try folder.write("data/a.jpg", Array("first picture".utf8))
      try folder.write("data/b.jpg", Array("second picture".utf8))
      try labels("a.jpg")
      try run(["publish", folder.file("data/labels.waybill.jsonl"), folder.file("start"), "--name", "d", "--quiet"])
      try labels("a.jpg", "b.jpg")
      if work == .delete || work == .collect {
        try run(["publish", folder.file("data/labels.waybill.jsonl"), folder.file("start"), "--name", "d", "--quiet"])
      }
      if work == .collect { try run(["delete-version", folder.file("start"), "d@V002", "--quiet"]) }
    }

    private func labels(_ keys: String...) throws {
      let lines = keys.map { #"{"key":"\#($0)","image":{"path":"\#($0)"},"annotations":[{"label":"x","box":[1,2,3,4]}]}"# }
      let text = ([#"{"waybill":1,"labels":[{"name":"x"}]}"#] + lines).joined(separator: "\n") + "\n"
      try folder.write("data/labels.waybill.jsonl", Array(text.utf8))
    }

    var arguments: [String] {
      switch work {
      case .publish: ["publish", folder.file("data/labels.waybill.jsonl"), store, "--name", "d", "--version", "V002", "--quiet"]
      case .wholePublish:
        [
          "publish", folder.file("data/labels.waybill.jsonl"), store, "--name", "d", "--version", "V002", "--self-contained",
          "--quiet",
        ]
      case .delete: ["delete-version", store, "d@V002", "--quiet"]
      case .collect: ["gc", store, "--grace", "0s", "--quiet"]
      }
    }

    @discardableResult
    func run(_ arguments: [String], _ faults: [String: String] = [:]) throws -> ChildProcess.Outcome {
      var environment = faults
      environment["WAYBILL_CACHE"] = folder.file("cache")
      environment["TMPDIR"] = folder.file("tmp")
      try? FileManager.default.createDirectory(atPath: folder.file("tmp"), withIntermediateDirectories: true)
      return try ChildProcess.run(ChildProcess.tool, arguments, environment: environment, seconds: 60)
    }

    func reset() throws {
      folder.remove("store")
      folder.remove("cache")
      try FileManager.default.copyItem(atPath: folder.file("start"), toPath: store)
    }

    /// How many calls the work makes.
    func calls() throws -> Int {
      try reset()
      let count = folder.file("count")
      let whole = try run(arguments, FaultShim.environment(call: 0, count: count))
      try #require(whole.status == 0 && !whole.isSignal, "\(whole.ending): \(whole.errors)")
      let text = try String(contentsOfFile: count, encoding: .utf8)
      return try #require(Int(text.trimmingCharacters(in: .newlines)))
    }

    /// What is wrong with the store; nil when it is whole.
    func problem() throws -> String? {
      let store = try DiskStore(path: store, create: false)
      let report = try Verification(store, isDeep: true).run()
      if let first = report.problems.first { return "\(first)" }
      let names = try VersionCatalog(store).names(of: try VersionReference("d").dataset).map(\.text)
      let expected = work == .collect ? [["V001"]] : [["V001"], ["V001", "V002"]]
      return expected.contains(names) ? nil : "the versions are \(names)"
    }
  }

  @Test(.enabled(if: FaultShim.path != nil, "there is no C compiler here"), arguments: Work.allCases)
  func killedAtAnyCallTheStoreIsWhole(_ work: Work) throws {
    let scene = try Scene(work)
    var killed = 0
    for call in 1...(try scene.calls() + 4) {
      try scene.reset()
      let outcome = try scene.run(scene.arguments, FaultShim.environment(call: call))
      if outcome.isSignal { killed += 1 }
      #expect(
        outcome.isSignal ? outcome.status == SIGKILL : outcome.status == 0, "call \(call): \(outcome.ending) \(outcome.errors)")
      #expect(try scene.problem() == nil, "call \(call)")
      try finish(scene, call)
    }
    #expect(killed > 10)
  }

  @Test(.enabled(if: FaultShim.path != nil, "there is no C compiler here"), arguments: Work.allCases)
  func aFailingCallLeavesTheStoreWhole(_ work: Work) throws {
    let scene = try Scene(work)
    var failed = 0
    for call in 1...(try scene.calls() + 4) {
      try scene.reset()
      let number = [EIO, ENOSPC, EACCES, EMFILE][call % 4]
      let outcome = try scene.run(scene.arguments, FaultShim.environment(call: call, error: number))
      let place = "call \(call) fails with error \(number): \(outcome.ending): \(outcome.errors)"
      #expect(!outcome.isSignal && !outcome.isTimeout, "\(place)")
      #expect([0, 1, 3].contains(outcome.status), "\(place)")
      if outcome.status != 0 {
        failed += 1
        #expect(!outcome.errors.isEmpty)
      }
      #expect(try scene.problem() == nil, "\(place)")
      try finish(scene, call)
    }
    #expect(failed > 5)
  }

  /// The work done again succeeds, and what was left behind is found and taken away.
  private func finish(_ scene: Scene, _ call: Int) throws {
    let again = try scene.run(scene.arguments)
    // A version that is there, or is gone already, is refused and not done twice.
    #expect([0, 1, 4].contains(again.status), "after call \(call): \(again.ending) \(again.errors)")
    let collected = try scene.run(["gc", scene.store, "--grace", "0s", "--quiet"])
    #expect(collected.status == 0, "after call \(call): \(collected.errors)")
    #expect(try scene.problem() == nil, "after call \(call) and gc")
    let store = try DiskStore(path: scene.store, create: false)
    #expect(try store.leftovers().isEmpty, "after call \(call)")
  }
}
