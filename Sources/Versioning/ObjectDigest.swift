import WaybillDiagnostics
import WaybillDigests
import WaybillFiles

/// Hashes objects, wherever their bytes are.
enum ObjectDigest {
  private static let pieceSize = 1 << 20
  /// Where each read is a request, it is a large one.
  private static let fetchSize = 8 << 20

  /// The digest of all bytes of a source; costs one pass and a buffer of eight mebibytes where they are not mapped.
  static func digest(of source: any ByteSource, progress: ((Int) -> Void)? = nil) throws(DatasetError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    try forEachPiece(of: source, 0..<source.size) { piece throws(DatasetError) in
      hasher.update(piece)
      progress?(piece.count)
    }
    return hasher.finish()
  }

  /// Calls with the bytes of a range, piece by piece.
  static func forEachPiece(
    of source: any ByteSource, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let pieceSize = source.mapped == nil ? min(fetchSize, max(1, range.count)) : pieceSize
    let buffer = source.mapped == nil ? UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 4096) : nil
    defer { buffer?.deallocate() }
    var at = range.lowerBound
    while at < range.upperBound {
      try InterruptFlag.check()
      let end = min(at + pieceSize, range.upperBound)
      if let mapped = source.mapped {
        guard end <= mapped.count else { throw DatasetError(.corrupt, "ends before the bytes that are wanted", path: source.path) }
        try body(UnsafeRawBufferPointer(rebasing: mapped[at..<end]))
        (source as? MappedFile)?.release(at..<end)
      } else if let buffer {
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(end - at)])
        try source.read(at: at, into: piece)
        try body(UnsafeRawBufferPointer(piece))
      }
      at = end
    }
  }
}
