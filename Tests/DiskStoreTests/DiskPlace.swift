import Foundation
import Glibc
import StoreTestSupport
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillDiskStore

/// A folder of its own for one test, removed with the object.
final class DiskPlace: Sendable {
  let path: String

  /// A folder in memory where there is one, so that many syncs cost nothing; or on the disk.
  init(onDisk: Bool = false) {
    let chosen = ProcessInfo.processInfo.environment["TMPDIR"]
    let disk = access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
    let base = onDisk ? disk : chosen ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : disk)
    path = "\(base)/waybill-store-\(getpid())-" + randomName()
    mkdir(path, 0o755)
  }

  deinit { SystemCalls.real.removeFirmly(AT_FDCWD, path) }

  /// The absolute path of something in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file as others do, with the folders above it.
  func put(_ name: String, _ text: String = "x") {
    try? FileManager.default.createDirectory(atPath: FileName.folder(of: self(name)), withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: self(name), contents: Data(text.utf8))
  }

  /// Everything below a folder, hidden files and empty folders included, the lock left out.
  ///
  /// Folders end in a slash.
  func everything(_ folder: String = "") -> [String] {
    let start = folder.isEmpty ? path : self(folder)
    return (FileManager.default.enumerator(atPath: start)?.compactMap { $0 as? String } ?? []).compactMap { name in
      var status = stat()
      lstat(start + "/" + name, &status)
      return name == DiskStore.lockName ? nil : name + (status.st_mode & S_IFMT == S_IFDIR ? "/" : "")
    }.sorted()
  }

  /// The text of a file, or nil.
  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The permissions of something.
  func mode(_ name: String) -> mode_t {
    var status = stat()
    return lstat(self(name), &status) == 0 ? status.st_mode & 0o7777 : 0
  }
}

/// The error a call throws, if it throws one.
func thrown(_ body: () throws -> Void) -> DatasetError? {
  do { try body() } catch { return error as? DatasetError }
  return nil
}

/// Makes the n-th system call fail, counted from 1, and knows whether it came to that; counts all of them.
final class DiskFaults: Sendable {
  private let position: Int
  private let number: Int32
  private let missing: [SystemCall: Int32]
  private let state = Lock((calls: [SystemCall](), hit: SystemCall?.none))

  /// - Parameter missing: Calls that always fail, as if the system lacked them.
  init(at position: Int = 0, _ number: Int32 = EIO, missing: [SystemCall: Int32] = [:]) {
    self.position = position
    self.number = number
    self.missing = missing
  }

  var hit: SystemCall? { state.withLock { $0.hit } }
  var calls: [SystemCall] { state.withLock { $0.calls } }

  /// The calls with the fault.
  var system: SystemCalls {
    var system = SystemCalls()
    system.fault = { call in
      self.state.withLock { state in
        state.calls.append(call)
        if state.calls.count == self.position {
          state.hit = call
          return .failure(self.number)
        }
        return self.missing[call].map { .failure($0) }
      }
    }
    return system
  }
}

/// A process of the race tool.
final class RaceProcess {
  let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(_ arguments: String...) throws {
    let folder =
      ProcessInfo.processInfo.environment["WAYBILL_BIN"].map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    process.executableURL = folder.appendingPathComponent("StoreRaceTool")
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  /// The next piece of its output.
  func someOutput() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

  /// Kills it as the system does, and waits for its end.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits for its end; its output and its status.
  func finish() -> (output: String, status: Int32) {
    try? input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }
}
