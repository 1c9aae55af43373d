import WaybillDiagnostics

extension ZipEntry {
  /// Where its bytes lie in the archive; reads its header (4.3.7) and checks it against the directory.
  public func dataRange() throws(DatasetError) -> Range<Int> {
    var window = ByteWindow(archive.source, capacity: 4096)
    return try checkHeader(&window).data
  }

  /// Checks the header: where its bytes lie, and whether a data descriptor follows them.
  func checkHeader(_ window: inout ByteWindow) throws(DatasetError) -> (data: Range<Int>, hasDescriptor: Bool) {
    let record = record
    // With what may be its extra fields, so that one read does.
    guard let head = try window.bytes(record.headerOffset, ZipFormat.localSize, readAheadTo: record.limit),
      head.load32(0) == ZipFormat.localSignature
    else { throw error(.header, "has no header where the directory says") }
    let nameLength = Int(head.load16(26))
    let extraLength = Int(head.load16(28))
    let dataStart = record.headerOffset + ZipFormat.localSize + nameLength + extraLength
    guard dataStart <= record.limit, record.storedSize <= record.limit - dataStart else {
      throw error(.overlap, "reaches into what follows it")
    }
    guard
      let header = try window.bytes(
        record.headerOffset, ZipFormat.localSize + nameLength + extraLength, readAheadTo: record.limit)
    else { throw error(.header, "has no header where the directory says") }
    try check(
      header, record, header.part(ZipFormat.localSize, nameLength), header.part(ZipFormat.localSize + nameLength, extraLength))
    return (dataStart..<(dataStart + record.storedSize), (header.load16(6) | record.flags) & ZipFormat.flagDescriptor != 0)
  }

  private func check(
    _ header: UnsafeRawBufferPointer, _ record: ZipRecord, _ name: UnsafeRawBufferPointer, _ extra: UnsafeRawBufferPointer
  ) throws(DatasetError) {
    let flags = header.load16(6)
    guard archive.table.isRawName(name, record) else { throw error(.header, "has another name in its own header") }
    guard header.load16(8) == (record.isDeflated ? 8 : 0) else { throw error(.header, "has another method in its own header") }
    var different = ZipFormat.flagEncrypted | ZipFormat.flagStronglyEncrypted | ZipFormat.flagMasked | ZipFormat.flagPatched
    // Of ASCII all readers make the same.
    if !ZipName.isASCII(name) { different |= ZipFormat.flagUTF8 }
    guard (flags ^ record.flags) & different == 0 else { throw error(.header, "has other flags in its own header") }
    var sizes = [Int(header.load32(22)), Int(header.load32(18))]
    do throws(ZipExtra.Problem) {
      if !extra.isEmpty || sizes.contains(ZipFormat.limit32) {
        let fields = try ZipExtra(extra, name: name)
        try fields.resolve(&sizes, isDirectory: false)
      }
    } catch { throw self.error(error.rule, error.phrase) }
    // Who writes to a pipe does not know them yet; what follows the data then says them.
    let mayBeZero = flags & ZipFormat.flagDescriptor != 0
    guard header.load32(14) == record.crc32 || (mayBeZero && header.load32(14) == 0) else {
      throw error(.header, "has another checksum in its own header")
    }
    guard sizes[0] == record.size || (mayBeZero && sizes[0] == 0), sizes[1] == record.storedSize || (mayBeZero && sizes[1] == 0)
    else {
      throw error(.header, "has another size in its own header")
    }
  }
}
