import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

/// Real git with the real drivers: what the merge driver gives inside of merges, rebases and cherry-picks, and what setting up leaves behind.
@Suite struct GitTests {
  /// Runs git in a folder, with the tool that was built beside the tests.
  private struct Git {
    let folder: String
    let bin: String

    init(_ folder: String) throws {
      self.folder = folder
      let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
      let names = ["\(programs)/waybill", "\(programs)/WaybillTool"]
      let tool = try #require(names.first { FileManager.default.isExecutableFile(atPath: $0) })
      bin = "\(folder).bin"
      try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: "\(bin)/waybill", withDestinationPath: tool)
    }

    @discardableResult func callAsFunction(_ words: String..., mayFail: Bool = false) throws -> (code: Int32, output: String) {
      try run(words, mayFail: mayFail)
    }

    @discardableResult func run(_ words: [String], mayFail: Bool = true) throws -> (code: Int32, output: String) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["git", "-C", folder] + words
      var environment = ProcessInfo.processInfo.environment
      environment["PATH"] = "\(bin):\(environment["PATH"] ?? "/usr/bin")"
      environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
      for role in ["AUTHOR", "COMMITTER"] {
        environment["GIT_\(role)_NAME"] = "tester"
        environment["GIT_\(role)_EMAIL"] = "tester@example.com"
      }
      process.environment = environment
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      if !mayFail { #expect(process.terminationStatus == 0, "git \(words.joined(separator: " ")): \(text)") }
      return (process.terminationStatus, text)
    }
  }

  /// A repository in git whose branches are a history's: `base`, `ours` and `theirs`.
  private struct Scene {
    let fixture: RepositoryFixture
    let git: Git

    init(_ history: LabelHistory) throws {
      fixture = try RepositoryFixture(.free, labels: LabelHistory.labels)
      git = try Git(fixture.root)
      try git("init", "-q", "-b", "base")
      let program = "\(git.bin)/waybill"
      try git("config", "merge.waybill.driver", "\(program) git merge-driver %O %A %B %P")
      try fixture.write(".gitattributes", "labels/*.waybill.jsonl merge=waybill\n")
      try commit(history.text(history.base), "base")
      for (name, branch) in [("ours", history.ours), ("theirs", history.theirs)] {
        try git("checkout", "-q", "-b", name, "base")
        try commit(history.text(branch), name)
      }
    }

    private func commit(_ text: String, _ message: String) throws {
      try fixture.write("labels/all.waybill.jsonl", text)
      try git("add", "-A")
      try git("commit", "-q", "--allow-empty", "-m", message)
    }

    /// What the file of samples holds now, judged by the oracle; whether it has conflicts.
    func check(_ history: LabelHistory, _ hint: Comment) throws -> Bool {
      var keys: [String: String] = [:]
      var conflicts: Set<String> = []
      for line in try fixture.text("labels/all.waybill.jsonl").split(separator: "\n") {
        Array(line.utf8).withUnsafeBytes { bytes in
          guard case .sample(let key) = ManifestLine(bytes, 0..<bytes.count) else {
            Issue.record("no sample: \(line) \(hint)")
            return
          }
          keys[key.makeString()] = String(line)
          if ConflictLine.isConflict(bytes) { conflicts.insert(key.makeString()) }
        }
      }
      for key in ["a", "b", "c", "d"] {
        switch history.expectation(key) {
        case .gone: #expect(keys[key] == nil, hint)
        case .conflict: #expect(conflicts.contains(key), hint)
        case .merged(let state):
          #expect(keys[key] != nil && !conflicts.contains(key), hint)
          for annotation in history.sortedAnnotations(state) { #expect(keys[key]?.contains(annotation) == true, hint) }
        }
      }
      return !conflicts.isEmpty
    }
  }

  @Test(arguments: 3000..<3012) func mergesRebasesAndCherryPicks(_ seed: Int) throws {
    let history = LabelHistory(seed: UInt64(seed))
    let scene = try Scene(history)
    for work in [["merge", "-q", "--no-edit", "theirs"], ["cherry-pick", "--allow-empty", "--keep-redundant-commits", "theirs"]] {
      try scene.git("checkout", "-q", "--detach", "ours")
      let result = try scene.git.run(work)
      let isTorn = try scene.check(history, "seed \(seed), \(work[0])")
      #expect((result.code != 0) == isTorn, "seed \(seed), \(work[0]): \(result.output)")
      if result.code != 0 { try scene.git(work[0], "--abort") }
    }
    // A rebase puts our changes onto theirs: the sides are swapped, the result is the same.
    try scene.git("checkout", "-q", "--detach", "ours")
    let result = try scene.git("rebase", "-q", "theirs", mayFail: true)
    let isTorn = try scene.check(history, "seed \(seed), rebase")
    #expect((result.code != 0) == isTorn, "seed \(seed), rebase: \(result.output)")
  }

  @Test func branchesMergedBothWays() throws {
    // Criss-cross: git merges the two bases first, which may leave a conflict in the base it hands over.
    let scene = try Scene(LabelHistory(seed: 1))
    let git = scene.git
    func write(_ split: String, _ message: String) throws {
      try scene.fixture.write("labels/all.waybill.jsonl", line("x", #","split":"\#(split)""#) + "\n")
      try git("commit", "-q", "-am", message)
    }
    try git("checkout", "-q", "-b", "one", "base")
    try write("base", "start")
    try git("checkout", "-q", "-b", "two")
    try write("b", "two")
    try git("checkout", "-q", "one")
    try write("a", "one")
    try git("branch", "one-before")
    for (branch, other, split) in [("one", "two", "a"), ("two", "one-before", "b")] {
      try git("checkout", "-q", branch)
      #expect(try git("merge", "-q", "--no-edit", other, mayFail: true).code != 0)
      try write(split, "resolved")
    }
    let result = try git("merge", "-q", "--no-edit", "one", mayFail: true)
    let text = try scene.fixture.text("labels/all.waybill.jsonl")
    // Whatever git takes for the base, nothing is lost: one of the two is there as the whole, or both in a conflict.
    #expect(result.code == 0 ? text.contains(#""split":"#) : text.contains(#""conflict""#), "\(text)")
    #expect(!text.contains("<<<<<<<"))
  }

  @Test func whatCannotBeReadIsMergedAsGitDoesIt() throws {
    let scene = try Scene(LabelHistory(seed: 2))
    let git = scene.git
    try git("checkout", "-q", "-b", "broken", "base")
    try scene.fixture.write("labels/all.waybill.jsonl", "no sample\n")
    try git("commit", "-q", "-am", "broken")
    try git("checkout", "-q", "-b", "other", "base")
    try scene.fixture.write("labels/all.waybill.jsonl", line("z") + "\n")
    try git("commit", "-q", "-am", "other")
    let result = try git("merge", "-q", "--no-edit", "broken", mayFail: true)
    #expect(result.code != 0 && result.output.contains("merged line by line"))
    let text = try scene.fixture.text("labels/all.waybill.jsonl")
    #expect(text.contains("no sample") && text.contains(line("z")) && text.contains("<<<<<<<"))
  }

  @Test func settingUpAndBack() throws {
    let fixture = try RepositoryFixture()
    let git = try Git(fixture.root)
    #expect(try GitSetup(try fixture.repository) == nil)
    try git("init", "-q")
    try fixture.write(".gitattributes", "*.jpg binary\n")
    try fixture.write(".git/hooks/pre-commit", "#!/bin/bash\necho mine\nexit 0\n")
    let setup = try #require(try GitSetup(try fixture.repository))
    let done = try setup.install()
    #expect(done.count == 3 && done[0].hasPrefix(".gitattributes"))
    #expect(try setup.install().isEmpty)
    #expect(try fixture.text(".gitattributes").hasPrefix("*.jpg binary\n# waybill: begin\n"))
    let hook = try fixture.text(".git/hooks/pre-commit")
    #expect(hook.hasPrefix("#!/bin/bash\n# waybill: begin\n") && hook.hasSuffix("# waybill: end\necho mine\nexit 0\n"))
    #expect(FileManager.default.isExecutableFile(atPath: "\(fixture.root)/.git/hooks/pre-merge-commit"))
    #expect(try git("config", "--get", "merge.waybill.driver").output.hasSuffix(" git merge-driver %O %A %B %P\n"))
    #expect(try setup.remove().count == 3)
    #expect(try setup.remove().isEmpty)
    #expect(try fixture.text(".gitattributes") == "*.jpg binary\n")
    #expect(try fixture.text(".git/hooks/pre-commit") == "#!/bin/bash\necho mine\nexit 0\n")
    #expect(!FileManager.default.fileExists(atPath: "\(fixture.root)/.git/hooks/pre-merge-commit"))
    #expect(try git("config", "--get", "merge.waybill.driver", mayFail: true).code == 1)
  }

  @Test func changesSinceTheLastCommit() throws {
    let fixture = try RepositoryFixture(.objectDetection, [line("a"), line("b"), line("c")])
    let repository = try fixture.repository
    #expect(try GitChanges.sinceHead(repository) == nil)
    let git = try Git(fixture.root)
    try git("init", "-q")
    #expect(try GitChanges.sinceHead(repository) == nil)
    try git("add", "-A")
    try git("commit", "-q", "-m", "first")
    #expect(try GitChanges.sinceHead(repository)?.hasDifferences == false)
    try fixture.write("labels/all.waybill.jsonl", [line("a", #","split":"x""#), line("c"), line("d")].map { $0 + "\n" }.joined())
    var changes = try #require(try GitChanges.sinceHead(repository))
    #expect((changes.added, changes.removed, changes.changed) == (1, 1, 1) && !changes.settingsDiffer)
    // Spread over other files, samples are neither added nor removed.
    try git("checkout", "-q", "labels")
    let edit = try LabelEdit(repository)
    _ = try edit.repair(shardCount: 4)
    try edit.commit()
    changes = try #require(try GitChanges.sinceHead(try fixture.repository))
    #expect((changes.added, changes.removed, changes.changed) == (0, 0, 0) && changes.hasDifferences && changes.settingsDiffer)
  }

  @Test func labelsOfACommit() throws {
    let fixture = try RepositoryFixture(.objectDetection, [line("a")])
    let repository = try fixture.repository
    let git = try Git(fixture.root)
    try git("init", "-q", "-b", "main")
    try git("add", "-A")
    try git("commit", "-q", "-m", "first")
    let files = try #require(try RevisionFiles("main", of: repository))
    #expect(FileManager.default.fileExists(atPath: files.path))
    #expect(try RevisionFiles("no-such-branch", of: repository) == nil)
    #expect(try RevisionFiles("--output=/tmp/x", of: repository) == nil)
    try git("rm", "-q", "-r", "--cached", "labels", "dataset.json")
    try git("commit", "-q", "-m", "without")
    #expect(throws: DatasetError.self) { try RevisionFiles("HEAD", of: repository) }
  }
}
