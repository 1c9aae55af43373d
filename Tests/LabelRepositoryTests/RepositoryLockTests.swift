import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLocks

@testable import WaybillLabelRepository

@Suite struct RepositoryLockTests {
  private func refusal(_ repository: LabelRepository, wait seconds: Double = 0.2) -> DatasetError? {
    do throws(DatasetError) {
      _ = try RepositoryLock(repository, waitSeconds: seconds)
      return nil
    } catch {
      return error
    }
  }

  @Test func aSecondOneWaitsAndSaysWhoHasIt() throws {
    let fixture = try RepositoryFixture()
    let found = try fixture.repository
    let lock = try RepositoryLock(found)
    let start = ContinuousClock.now
    let said = try #require(refusal(found))
    let waited = ContinuousClock.now - start
    #expect(waited >= .milliseconds(150) && waited < .seconds(60))
    #expect(said.code == .conflict && said.path == found.root)
    #expect(said.message.contains("process \(ProcessInfo.processInfo.processIdentifier) of "))
    #expect(said.message.contains("@") && said.message.contains("since "))
    withExtendedLifetime(lock) {}
  }

  @Test func ageIsInSeconds() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    let other = try heldDescriptor(fixture)
    // As the file is when the owner took the lock long ago; names of users may hold spaces.
    let text = Array("4711 \(Int(time(nil)) - 75) Jane Doe@host\n".utf8)
    #expect(text.withUnsafeBytes { pwrite(other, $0.baseAddress, $0.count, 0) } == text.count)
    let said = try #require(refusal(repository))
    #expect(said.message.contains("process 4711 of Jane Doe@host, since "))
    let age = said.message.split(separator: " ").dropLast().last.flatMap { Int($0) }
    #expect((75...90).contains(age ?? 0), "\(said.message)")
    close(other)
  }

  @Test(arguments: ["", "\n", "nonsense", "1 2", "x 1 me@host", "1 x me@host", "\u{0}\u{0}"]) func anOwnerMayBeUnknown(
    _ text: String
  ) throws {
    let fixture = try RepositoryFixture()
    try fixture.write(".waybill/lock", text)
    let other = open(fixture.root + "/.waybill/lock", O_RDWR)
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    let said = refusal(try fixture.repository, wait: 0)
    #expect(said?.code == .conflict && said?.message.contains("its owner is not known") == true)
    close(other)
  }

  @Test func itEndsWithItsHolder() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    var lock: RepositoryLock? = try RepositoryLock(repository)
    #expect(refusal(repository, wait: 0) != nil)
    #expect(try fixture.text(".waybill/lock").hasPrefix("\(ProcessInfo.processInfo.processIdentifier) "))
    lock = nil
    #expect(refusal(repository, wait: 0) == nil)
    #expect(try fixture.text(".waybill/lock") == "")
    withExtendedLifetime(lock) {}
  }

  @Test func anEditHoldsItAndAFailedOneLetsGo() throws {
    let fixture = try RepositoryFixture([line("a")])
    let repository = try fixture.repository
    var edit: LabelEdit? = try LabelEdit(repository)
    #expect(refusal(repository, wait: 0)?.code == .conflict)
    #expect(failure { () throws(RepositoryFailure) in try edit?.change(.keys(["none"])) { _ in .kept } } != nil)
    edit = nil
    #expect(refusal(repository, wait: 0) == nil)
    try fixture.settings("broken")
    #expect(failure { () throws(RepositoryFailure) in _ = try LabelEdit(repository) }?.code == "invalid-input")
    #expect(refusal(repository, wait: 0) == nil)
  }

  @Test func whoeverWaitsGetsItInTheEnd() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    let other = try heldDescriptor(fixture)
    let thread = Thread {
      usleep(200_000)
      close(other)
    }
    thread.start()
    let start = ContinuousClock.now
    #expect(refusal(repository, wait: 30) == nil)
    #expect(ContinuousClock.now - start >= .milliseconds(100))
  }

  /// The lock as another process has it.
  private func heldDescriptor(_ fixture: RepositoryFixture) throws -> Int32 {
    try fixture.write(".waybill/lock", "")
    let other = open(fixture.root + "/.waybill/lock", O_RDWR)
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    return other
  }

  @Test func itsFolderIsKeptOutOfGit() throws {
    let fixture = try RepositoryFixture()
    let lock = try RepositoryLock(try fixture.repository)
    #expect(try fixture.text(".waybill/.gitignore") == "*\n")
    withExtendedLifetime(lock) {}
  }

  /// An edit, however long others take.
  private static func patientEdit(_ root: String) throws(RepositoryFailure) -> LabelEdit {
    while true {
      do throws(RepositoryFailure) { return try LabelEdit(try LabelRepository.open(root)) } catch {
        guard error.error.code == .conflict else { throw error }
      }
    }
  }

  @Test func noUpdateIsLost() async throws {
    let fixture = try RepositoryFixture(["a", "b", "c", "d"].map { line($0, #","attributes":{"n":0}"#) }, shards: 3)
    let root = fixture.root
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          for round in 0..<20 {
            let edit = try Self.patientEdit(root)
            let new = Sample(key: "w\(worker)-\(round)", media: Media(.image, location: "x"))
            try edit.change(.keys(["a", "b", "c", "d"]), adding: [new]) { sample in
              guard case .integer(let number)? = sample.attributes["n"] else { return .removed }
              sample.attributes["n"] = .integer(number + 1)
              return .changed
            }
            edit.settings.sources.append("\(worker)-\(round)")
            try edit.commit()
          }
        }
      }
      try await group.waitForAll()
    }
    let lines = try fixture.lines
    #expect(lines.count == 84)
    for key in ["a", "b", "c", "d"] { #expect(lines.contains(line(key, #","attributes":{"n":80}"#))) }
    #expect(Set(try fixture.repository.settings.sources).count == 80)
    #expect(try fixture.repository.status().isClean)
  }
}
