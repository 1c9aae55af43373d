import TestSupport
import Waybill
import WaybillFiles

/// Bytes in memory that an archive is written to.
final class ArchiveBytes: ByteSink {
  private(set) var bytes: [UInt8] = []
  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { self.bytes += bytes }
}

/// A zip archive of all files of a folder, or of one file under its name, below a folder within the archive.
func archive(of path: String, below folder: String = "", isDeflated: Bool = false) throws -> [UInt8] {
  let sink = ArchiveBytes()
  let writer = ZipWriter(sink, path: "test.zip")
  var deflater = Deflater()
  for (name, bytes) in try tree(path).sorted(by: { $0.key < $1.key }) {
    let name = joinedPath(folder, name.isEmpty ? FileName.basename(of: path) : name)
    try bytes.withUnsafeBytes { bytes in
      guard isDeflated, let deflated = deflater.deflate(bytes) else {
        try writer.add(name, bytes)
        return
      }
      let content = ZipContent.deflated(size: bytes.count, crc32: CRC32(of: bytes).value, deflatedSize: deflated.count)
      try writer.beginEntry(name, content)
      try writer.append(deflated)
      try writer.endEntry()
    }
  }
  try writer.finish()
  return sink.bytes
}

/// All files of an archive, by path.
func unpacked(_ path: String) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for entry in try ZipArchive(try MappedFile(path: path)) where entry.kind == .file {
    let contents = try entry.contents()
    files[entry.name] = withExtendedLifetime(contents) { Array(contents.bytes) }
  }
  return files
}
