import WaybillDiagnostics

extension ZipEntry {
  /// Its bytes, all of them, after their size and checksum were found right.
  ///
  /// Stored bytes of an archive in memory are not copied, and keep the archive's source alive. Others are read or inflated into memory, or
  /// into a temporary file where they are more than ``ZipLimits/memory``. Costs one read of the source where it fetches.
  public func contents() throws(DatasetError) -> MappedFile {
    let contents = try uncheckedContents()
    try check(CRC32(of: contents.bytes))
    return contents
  }

  /// Its bytes, without a look at their checksum where they are stored in an archive in memory: that costs no time at all.
  ///
  /// For archives whose bytes were found right before.
  public func uncheckedContents() throws(DatasetError) -> MappedFile {
    let data = try fetch()
    guard record.isDeflated else { return data }
    return try MappedFile(filling: record.size, memoryLimit: archive.limits.memory, path: path) { (target) throws(DatasetError) in
      var inflater = Inflater()
      do throws(Inflater.Problem) { try inflater.inflate(data.bytes, into: target) } catch {
        throw self.error(.data, error.phrase)
      }
    }
  }

  /// Calls with its bytes piece by piece; at the end their checksum is checked, so nothing may be made of them before.
  public func stream(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    var checksum = CRC32()
    try pieces { (piece) throws(DatasetError) in
      checksum.update(piece)
      try body(piece)
    }
    try check(checksum)
  }

  /// Reads everything and checks header, size and checksum.
  public func verify() throws(DatasetError) { try stream { _ in } }

  /// Its bytes as a source of their own: ranges of stored bytes are read where they lie, without their checksum; deflated ones are
  /// inflated first, and checked.
  public func byteSource() throws(DatasetError) -> any ByteSource {
    if record.isDeflated { return try contents() }
    return SourceSlice(archive.source, try dataRange(), path: path)
  }

  private func check(_ checksum: CRC32) throws(DatasetError) {
    guard checksum.value == record.crc32 else { throw error(.crc, "has bytes of another checksum than the archive says") }
  }

  private static let pieceSize = 1 << 20

  private func pieces(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    let whole: MappedFile
    if record.isDeflated || archive.source.mapped != nil || record.storedSize <= 4 * Self.pieceSize {
      whole = try uncheckedContents()
    } else {
      return try fetchedPieces(body)
    }
    whole.willReadSequentially()
    for start in stride(from: 0, to: whole.bytes.count, by: Self.pieceSize) {
      try InterruptFlag.check()
      let end = min(whole.bytes.count, start + Self.pieceSize)
      try body(whole.bytes.part(start, end - start))
      // Small entries stay; of large ones memory would fill up.
      if whole.bytes.count > 64 * Self.pieceSize { whole.release(start..<end) }
    }
  }

  /// Larger stored entries of a source that fetches come in larger pieces.
  private func fetchedPieces(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    let range = try dataRange()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(range.count, 8 * Self.pieceSize), alignment: 16)
    defer { buffer.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      try InterruptFlag.check()
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(range.upperBound - offset))
      try archive.source.read(at: offset, into: part)
      try body(UnsafeRawBufferPointer(part))
      offset += part.count
    }
  }

  /// Its bytes as they lie in the archive.
  private func fetch() throws(DatasetError) -> MappedFile {
    let source = archive.source
    if let mapped = source.mapped {
      let range = try dataRange()
      return MappedFile(mapped.part(range.lowerBound, range.count), in: .part(of: source), path: path)
    }
    let record = record
    if record.storedSize <= Self.pieceSize {
      // Header and bytes in one read, with room for extra fields.
      var window = ByteWindow(source, capacity: ZipFormat.localSize + record.rawNameLength + record.storedSize + 512)
      let range = try checkHeader(&window).data
      return try MappedFile(filling: range.count, memoryLimit: archive.limits.memory, path: path) { (target) throws(DatasetError) in
        guard let bytes = try window.bytes(range.lowerBound, range.count, readAheadTo: range.upperBound) else { return }
        target.copyMemory(from: bytes)
      }
    }
    let range = try dataRange()
    return try MappedFile(filling: range.count, memoryLimit: archive.limits.memory, path: path) { (target) throws(DatasetError) in
      try source.read(at: range.lowerBound, into: target)
    }
  }
}
