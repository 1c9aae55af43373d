import WaybillBytes
import WaybillDiagnostics

/// The central directory of an archive that is being written: in memory while it is small, then in a temporary file.
struct ZipDirectoryBuffer: ~Copyable {
  /// Bytes that are held in memory.
  static let memoryLimit = 4 << 20

  private var recent = ByteBuffer(capacity: 1 << 12)
  private var spool: Spool?
  private var spooled = 0
  private let limit: Int

  init(memoryLimit: Int = ZipDirectoryBuffer.memoryLimit) { limit = memoryLimit }

  /// Number of bytes.
  var size: Int { spooled + recent.count }

  /// Appends one whole record.
  mutating func append(_ record: UnsafeRawBufferPointer) throws(DatasetError) {
    if recent.count + record.count > limit {
      if spool == nil { spool = try Spool() }
      try spool?.append(recent.bytes)
      spooled += recent.count
      recent.removeAll()
    }
    recent.append(record)
  }

  /// Calls with all bytes, piece by piece.
  func pieces(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    if let spool {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
      defer { buffer.deallocate() }
      var offset = 0
      while offset < spooled {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(spooled - offset))
        let count = try spool.read(at: offset, into: part)
        guard count == part.count else { throw DatasetError(.io, "lost a temporary file while it was written") }
        try body(UnsafeRawBufferPointer(part))
        offset += count
      }
    }
    try body(recent.bytes)
  }

  /// Whether any entry has a name for which the closure says yes; reads everything.
  func contains(_ isWanted: (UnsafeRawBufferPointer) -> Bool) throws(DatasetError) -> Bool {
    // Records lie across the ends of pieces, so what is left of one piece goes before the next.
    var rest = ByteBuffer()
    var isFound = false
    try pieces { (piece) throws(DatasetError) in
      rest.append(piece)
      let bytes = rest.bytes
      var at = 0
      while bytes.count - at >= ZipFormat.directorySize {
        let name = Int(bytes.load16(at + 28))
        let length = ZipFormat.directorySize + name + Int(bytes.load16(at + 30))
        guard bytes.count - at >= length else { break }
        if isWanted(bytes.part(at + ZipFormat.directorySize, name)) { isFound = true }
        at += length
      }
      var left = ByteBuffer()
      left.append(bytes.part(at, bytes.count - at))
      rest = left
    }
    return isFound
  }
}
