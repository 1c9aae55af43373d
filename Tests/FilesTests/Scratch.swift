import Foundation
import Glibc
import WaybillLocks
import WaybillDiagnostics

@testable import WaybillFiles

/// A folder of its own for one test, removed with the object.
final class Scratch: Sendable {
  let path: String

  init() {
    path = "/tmp/waybill-files-\(getpid())-" + randomName()
    mkdir(path, 0o755)
  }

  deinit { SystemCalls.real.remove(AT_FDCWD, Array(path.utf8CString)) }

  /// The absolute path of something in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file, with the folders above it.
  func put(_ name: String, _ text: String = "x") { put(name, Array(text.utf8)) }

  /// Writes a file, with the folders above it.
  func put(_ name: String, _ bytes: [UInt8]) {
    let full = self(name)
    try? FileManager.default.createDirectory(atPath: FileName.folder(of: full), withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: full, contents: Data(bytes))
  }

  /// The text of a file, or nil.
  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a file, or nil.
  func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: self(name)).map { Array($0) } }

  /// All names in a folder, hidden ones included, sorted.
  func names(_ folder: String = "") -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: self(folder)).sorted()) ?? []
  }
}

/// The error a call throws, if it throws one.
func thrown(_ body: () throws -> Void) -> DatasetError? {
  do { try body() } catch { return error as? DatasetError }
  return nil
}

/// Makes the n-th system call fail, counted from 1, and knows whether it came to that.
final class FaultCounter: Sendable {
  let position: Int
  let number: Int32
  private let state = Lock((count: 0, hit: SystemCall?.none))

  init(_ position: Int, _ number: Int32 = EIO) {
    self.position = position
    self.number = number
  }

  var hit: SystemCall? { state.withLock { $0.hit } }

  /// The calls with the fault; `missing` always fail as if the system lacked them.
  func calls(missing: Set<SystemCall> = []) -> SystemCalls {
    var system = SystemCalls()
    system.fault = { call in
      if missing.contains(call) { return .failure(EINVAL) }
      return self.state.withLock { state in
        state.count += 1
        guard state.count == self.position else { return nil }
        state.hit = call
        return .failure(self.number)
      }
    }
    return system
  }
}

/// The bytes of a mapped file that nobody else holds.
func copied(_ file: MappedFile) -> [UInt8] { withExtendedLifetime(file) { Array(file.bytes) } }
