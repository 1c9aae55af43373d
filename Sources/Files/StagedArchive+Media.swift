import Glibc
import WaybillDiagnostics

extension StagedArchive {
  /// A media file that goes into an archive: where it is, and what tells whether it is still the same.
  struct Media {
    let path: String
    let files: InputFiles
    /// Nil for a file in a mount, which does not change.
    private let onDisk: Identity?

    private struct Identity: Equatable {
      var device: dev_t
      var number: ino_t
      var size: Int
      var seconds: Int
      var nanoseconds: Int

      init(_ status: stat) {
        device = status.st_dev
        number = status.st_ino
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
      }
    }

    /// A source that must be a regular file.
    init(_ source: String, in files: InputFiles, _ examine: (String, inout stat) -> Int32) throws(DatasetError) {
      path = source
      self.files = files
      guard let place = files.diskPath(of: source) else {
        guard files.isFile(source) else { throw DatasetError(.io, "is not a regular file", path: source) }
        onDisk = nil
        return
      }
      onDisk = Identity(try regularStatus(source) { examine(place, &$0) })
    }

    /// Writes the entry; a file that is another by now is a ``DatasetError/Code/conflict`` error.
    func write(
      _ name: String, to writer: ZipWriter, through buffer: UnsafeMutableRawBufferPointer, _ system: SystemCalls
    ) throws(DatasetError) {
      guard let onDisk, let place = files.diskPath(of: path) else {
        let file = try files.map(path)
        try writer.add(name, file.bytes)
        // Otherwise all media of an archive would be in memory in the end.
        return file.release(0..<file.bytes.count)
      }
      let descriptor = try openInput(place)
      defer { close(descriptor) }
      try check(onDisk, descriptor, system)
      var checksum = CRC32()
      try forEachPiece(descriptor, onDisk.size, buffer, system) { checksum.update($0) }
      try writer.beginEntry(name, .stored(size: onDisk.size, crc32: checksum.value))
      if onDisk.size <= buffer.count {
        try writer.append(UnsafeRawBufferPointer(rebasing: buffer[..<onDisk.size]))
      } else {
        try forEachPiece(descriptor, onDisk.size, buffer, system) { (piece) throws(DatasetError) in try writer.append(piece) }
      }
      try check(onDisk, descriptor, system)
      try writer.endEntry()
    }

    private func check(_ known: Identity, _ descriptor: Int32, _ system: SystemCalls) throws(DatasetError) {
      var status = stat()
      guard system.status(descriptor, &status) == 0 else { throw systemError("cannot be examined", path: path) }
      guard Identity(status) == known else { throw changed }
    }

    private var changed: DatasetError {
      DatasetError(.conflict, "changed between being found and being copied into the archive", path: path)
    }

    private func forEachPiece(
      _ descriptor: Int32, _ size: Int, _ buffer: UnsafeMutableRawBufferPointer, _ system: SystemCalls,
      _ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void
    ) throws(DatasetError) {
      var offset = 0
      while offset < size {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(size - offset))
        let count = system.readAll(descriptor, part, at: offset)
        guard count >= 0 else { throw systemError("cannot be read", path: path) }
        guard count == part.count else { throw changed }
        try body(UnsafeRawBufferPointer(part))
        offset += count
      }
    }
  }
}
