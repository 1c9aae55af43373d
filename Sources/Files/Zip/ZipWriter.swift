import WaybillBytes
import WaybillDiagnostics

/// Writes a zip archive (PKWARE's APPNOTE 6.3) from front to back, so that it can feed a file, a pipe or an upload.
///
/// Size and checksum of an entry are known before its header is written: there are no data descriptors, and nothing is patched afterwards.
/// The same entries in the same order give the same bytes: every time is 1980-01-01 00:00, every mode 0100644, the host Unix; names are
/// flagged as UTF-8 only where they are not ASCII; the only extra field is that of ZIP64, and only where a number needs it.
///
/// Used by one thread at a time. Appends are collected in a buffer of 1 MiB. The sink is not closed. After any error but a refused name
/// the archive is of no use, and every further call throws that error again.
public final class ZipWriter {
  static let bufferCapacity = 1 << 20

  /// An entry that has been begun.
  struct OpenEntry {
    var name: String
    var content: ZipContent
    var headerOffset: Int
    var received = 0
    var checksum = CRC32()
  }

  /// The path messages shall show.
  public let path: String
  /// Number of entries that are complete.
  public private(set) var count = 0

  private let sink: any ByteSink
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ZipWriter.bufferCapacity, alignment: 16)
  private var used = 0
  private var flushed = 0
  private var failure: DatasetError?
  private var isFinished = false
  private var open: OpenEntry?
  private var record = ByteBuffer()
  private var directory: ZipDirectoryBuffer
  private var names = ZipNameSet()
  private var lastFolder = ""

  /// A writer of an archive without entries so far.
  ///
  /// - Parameter path: What messages call the archive.
  public convenience init(_ sink: any ByteSink, path: String) {
    self.init(sink, path: path, directoryMemory: ZipDirectoryBuffer.memoryLimit)
  }

  init(_ sink: any ByteSink, path: String, directoryMemory: Int) {
    self.sink = sink
    self.path = path
    directory = ZipDirectoryBuffer(memoryLimit: directoryMemory)
  }

  deinit { buffer.deallocate() }

  /// Number of bytes of the archive so far, which is where the next header will be.
  public var offset: Int { flushed + used }

  // MARK: Entries

  /// Begins an entry whose bytes follow by ``append(_:)``.
  ///
  /// A name that is not accepted, that there is already, or that is both a file and a folder is an ``DatasetError/Code/invalidInput`` error
  /// that leaves the archive as it was.
  /// - Returns: Where in the archive its bytes will begin.
  @discardableResult
  public func beginEntry(_ name: String, _ content: ZipContent) throws(DatasetError) -> Int {
    try check()
    precondition(open == nil, "entry \(open?.name ?? "") has not ended")
    precondition(content.size >= 0 && content.storedSize >= 0, "a size is negative: \(content)")
    try admit(name)
    let header = OpenEntry(name: name, content: content, headerOffset: offset)
    record.removeAll()
    record.appendLocalHeader(header)
    try emit(record.bytes)
    open = header
    return offset
  }

  /// Appends bytes to the entry that was begun.
  ///
  /// More than were announced are an ``DatasetError/Code/corrupt`` error.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try check()
    guard let announced = open?.content.storedSize, let received = open?.received else {
      preconditionFailure("bytes came before an entry was begun")
    }
    guard bytes.count <= announced - received else {
      throw fail(contentError("got more than the \(announced) bytes that were announced; did it change meanwhile?"))
    }
    open?.received += bytes.count
    if open?.content.isDeflated == false { open?.checksum.update(bytes) }
    try emit(bytes)
  }

  /// Ends the entry that was begun.
  ///
  /// Fewer bytes than were announced, and stored bytes of another checksum, are an ``DatasetError/Code/corrupt`` error.
  public func endEntry() throws(DatasetError) {
    try check()
    guard let entry = open else { preconditionFailure("no entry was begun") }
    guard entry.received == entry.content.storedSize else {
      throw fail(
        contentError("got \(entry.received) of the \(entry.content.storedSize) bytes that were announced; did it change meanwhile?")
      )
    }
    guard entry.content.isDeflated || entry.checksum.value == entry.content.crc32 else {
      throw fail(contentError("got other bytes than were announced: their checksum differs; did it change meanwhile?"))
    }
    open = nil
    record.removeAll()
    record.appendDirectoryRecord(entry)
    do throws(DatasetError) { try directory.append(record.bytes) } catch { throw fail(error) }
    count += 1
  }

  /// Adds a whole stored entry.
  ///
  /// - Parameter crc32: The checksum the bytes should have; nil takes that which they have.
  /// - Returns: Where in the archive its bytes begin.
  @discardableResult
  public func add(_ name: String, _ bytes: UnsafeRawBufferPointer, crc32: UInt32? = nil) throws(DatasetError) -> Int {
    let start = try beginEntry(name, .stored(size: bytes.count, crc32: crc32 ?? CRC32(of: bytes).value))
    try append(bytes)
    try endEntry()
    return start
  }

  /// Adds a whole stored entry.
  @discardableResult
  public func add(_ name: String, _ bytes: [UInt8], crc32: UInt32? = nil) throws(DatasetError) -> Int {
    let result: Result<Int, DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) { return .success(try add(name, raw, crc32: crc32)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  // MARK: The end

  /// Writes the directory and everything that is still in the buffer.
  ///
  /// - Returns: The size of the archive in bytes.
  @discardableResult
  public func finish() throws(DatasetError) -> Int {
    try check()
    precondition(open == nil, "entry \(open?.name ?? "") has not ended")
    let start = offset
    do throws(DatasetError) {
      try directory.pieces { (piece) throws(DatasetError) in try emit(piece) }
    } catch { throw fail(error) }
    record.removeAll()
    record.appendEnd(count: count, directory: start..<offset)
    try emit(record.bytes)
    try flush()
    isFinished = true
    return offset
  }

  // MARK: Inside

  private func check() throws(DatasetError) {
    if let failure { throw failure }
    precondition(!isFinished, "the archive is finished")
  }

  private func fail(_ error: DatasetError) -> DatasetError {
    failure = error
    return error
  }

  private func contentError(_ phrase: String) -> DatasetError {
    let name = Array((open?.name ?? "").utf8)
    return name.withUnsafeBytes { ZipRule.data.error(entry: $0, phrase, path: path) }
  }

  /// Checks a name against the rules and all names before.
  private func admit(_ name: String) throws(DatasetError) {
    let error: DatasetError? = name.withBytes { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      if let rule = ZipName.problem(bytes) { return rule.error(entry: bytes, rule.namePhrase, path: path) }
      do throws(DatasetError) { try admit(bytes) } catch { return error }
      return nil
    }
    if let error { throw error }
  }

  private func admit(_ name: UnsafeRawBufferPointer) throws(DatasetError) {
    if names.mayContain(name, as: .file), try directory.contains({ $0.isSame(as: name) }) {
      throw ZipRule.duplicate.error(entry: name, "is there already", path: path)
    }
    if names.mayContain(name, as: .folder), try isFolder(name) {
      throw ZipRule.fileAndFolder.error(entry: name, "is a folder already", path: path)
    }
    let folder = name.lastIndex(of: 0x2F) ?? 0
    let isNew = !lastFolder.withBytes { UnsafeRawBufferPointer($0).isSame(as: name.part(0, folder)) }
    if isNew {
      for slash in name.indices where name[slash] == 0x2F {
        let above = name.part(0, slash)
        if names.mayContain(above, as: .file), try directory.contains({ $0.isSame(as: above) }) {
          throw ZipRule.fileAndFolder.error(entry: name, "lies in a folder that is a file already", path: path)
        }
      }
      for slash in name.indices where name[slash] == 0x2F { names.insert(name.part(0, slash), as: .folder) }
      lastFolder = String(decoding: name.part(0, folder), as: UTF8.self)
    }
    names.insert(name, as: .file)
  }

  private func isFolder(_ name: UnsafeRawBufferPointer) throws(DatasetError) -> Bool {
    try directory.contains { $0.count > name.count && $0[name.count] == 0x2F && $0.part(0, name.count).isSame(as: name) }
  }

  private func emit(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    var rest = bytes
    while rest.count > 0 {
      if used == 0 && rest.count >= Self.bufferCapacity {
        do throws(DatasetError) { try sink.append(rest) } catch { throw fail(error) }
        flushed += rest.count
        return
      }
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.bufferCapacity - used))
      UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyMemory(from: part)
      used += part.count
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      if used == Self.bufferCapacity { try flush() }
    }
  }

  private func flush() throws(DatasetError) {
    guard used > 0 else { return }
    do throws(DatasetError) { try sink.append(UnsafeRawBufferPointer(rebasing: buffer[..<used])) } catch { throw fail(error) }
    flushed += used
    used = 0
  }
}
