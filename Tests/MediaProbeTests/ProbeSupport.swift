import Foundation
import WaybillMediaProbe

/// Asks about a whole file, or about its first bytes when the file is said to be larger.
///
/// The bytes are copied to an allocation of just their size, where reading past the end shows under a sanitizer.
func probe(_ bytes: some Collection<UInt8>, fileSize: Int? = nil) -> ProbeResult {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return MediaProbe.header(of: UnsafeRawBufferPointer(copy), fileSize: fileSize ?? bytes.count)
}

/// A folder that is removed when its owner is done with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/waybill-media-probe-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  /// The seed of this run: `WAYBILL_TEST_SEED`, or a fixed one.
  static let seed = ProcessInfo.processInfo.environment["WAYBILL_TEST_SEED"].flatMap { UInt64($0) } ?? 20_240_229

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
