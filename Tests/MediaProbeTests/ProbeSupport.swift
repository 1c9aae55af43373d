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
