import Glibc
import WaybillDiagnostics

extension StagedOutput {
  /// After how many bytes of small files the memory behind them is given back.
  private static let releaseStep = 16 << 20

  /// Writes the archive into the staging folder, its entries in bytewise order of their paths; gives its name there.
  ///
  /// Stops at an interruption: copying media may take long.
  func writeArchive() throws(DatasetError) -> String {
    guard let content = archive?.take() else { return "" }
    let name = StagingFolder.archiveName
    let descriptor = system.open(staging.content, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    guard descriptor >= 0 else { throw systemError("cannot be made", path: target) }
    let file = OutputFile(descriptor, path: target, system)
    do throws(DatasetError) {
      let writer = ZipWriter(file, path: target)
      try write(content, to: writer)
      try writer.finish()
    } catch {
      file.discard()
      throw error
    }
    try file.close()
    return name
  }

  private func write(_ content: StagedArchive.Content, to writer: ZipWriter) throws(DatasetError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    let gathered = try content.spool?.map()
    var sinceRelease = 0
    for position in content.order() {
      try InterruptFlag.check()
      let entry = content.entries[position]
      let name = content.names.path(entry.name)
      switch entry.source {
      case .gathered(let offset, let size, let checksum):
        guard let bytes = gathered?.bytes, offset + size <= bytes.count else {
          throw DatasetError(.io, "lost a temporary file while it was written", path: target)
        }
        try writer.add(name, bytes.part(offset, size), crc32: checksum)
        sinceRelease += size
        guard sinceRelease >= Self.releaseStep else { continue }
        gathered?.release(0..<bytes.count)
        sinceRelease = 0
      case .file(let file):
        try write(file, name, to: writer, through: buffer)
        // Its room on the disk is free again.
        file.discard()
      case .media(let media): try media.write(name, to: writer, through: buffer, system)
      }
    }
    withExtendedLifetime(gathered) {}
  }

  private func write(
    _ file: OutputFile, _ name: String, to writer: ZipWriter, through buffer: UnsafeMutableRawBufferPointer
  ) throws(DatasetError) {
    try file.withKept { (descriptor, size, checksum) throws(DatasetError) in
      try writer.beginEntry(name, .stored(size: size, crc32: checksum.value))
      var offset = 0
      while offset < size {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(size - offset))
        let count = system.readAll(descriptor, part, at: offset)
        guard count == part.count else {
          throw systemError("its temporary part cannot be read back", path: target, count < 0 ? errno : EIO)
        }
        try writer.append(UnsafeRawBufferPointer(part))
        offset += count
      }
      try writer.endEntry()
    }
  }
}

extension StagedArchive.Content {
  /// The positions of the entries in bytewise order of their paths.
  func order() -> [Int] {
    names.withPaths { bytes, place in
      entries.indices.sorted { first, second in
        let (a, b) = (place(entries[first].name), place(entries[second].name))
        guard let base = bytes.baseAddress else { return false }
        let order = memcmp(base + a.lowerBound, base + b.lowerBound, min(a.count, b.count))
        return order != 0 ? order < 0 : a.count < b.count
      }
    }
  }
}
