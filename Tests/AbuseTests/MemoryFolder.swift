import Foundation

/// A folder that lives as long as a test, in memory where the system has a place for that: bringing many small outputs to a disk takes minutes.
final class MemoryFolder: Sendable {
  /// Its path.
  let path: String

  /// An empty folder.
  init() throws {
    let memory = "/dev/shm"
    let given = FileManager.default.temporaryDirectory.path
    // A folder in memory that whoever started the tests made for them is removed by them, even when the tests are killed.
    let isGiven = given.hasPrefix("\(memory)/") || !FileManager.default.isWritableFile(atPath: memory)
    let place = isGiven ? given : memory
    path = "\(place)/waybill-abuse-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in it.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a folder in it, with those above it.
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
  }

  /// Removes something in it, if it is there.
  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: file(name)) }

  /// Writes a file into it, with the folders above it, and returns its path.
  @discardableResult func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let target = file(name)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    return target
  }

  /// The names of what is in a folder of it.
  func names(_ name: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: file(name)).sorted() }
}
