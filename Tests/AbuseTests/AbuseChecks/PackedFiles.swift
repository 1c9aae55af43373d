import WaybillDiagnostics
import WaybillFiles

/// Zip archives in memory.
public enum PackedFiles {
  private final class Sink: ByteSink {
    var bytes: [UInt8] = []
    func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { self.bytes += bytes }
  }

  /// An archive of some files, every other one deflated.
  public static func archive(of files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
    let sink = Sink()
    let writer = ZipWriter(sink, path: "memory")
    var deflater = Deflater()
    for (position, file) in files.enumerated() {
      try file.bytes.withUnsafeBytes { bytes in
        guard position % 2 == 0, let deflated = deflater.deflate(bytes) else {
          try writer.add(file.name, bytes)
          return
        }
        let checksum = CRC32(of: bytes).value
        try writer.beginEntry(file.name, .deflated(size: bytes.count, crc32: checksum, deflatedSize: deflated.count))
        try writer.append(deflated)
        try writer.endEntry()
      }
    }
    try writer.finish()
    return sink.bytes
  }
}
