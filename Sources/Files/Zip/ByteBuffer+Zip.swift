import WaybillBytes

extension ByteBuffer {
  /// The version an extractor must know (4.4.3): 1.0, 2.0 for deflated data, 4.5 for ZIP64.
  private func versionNeeded(_ content: ZipContent, isZIP64: Bool) -> UInt16 {
    if isZIP64 { return 45 }
    return content.isDeflated ? 20 : 10
  }

  /// Flags, method, time, day and checksum, which both headers of an entry have in a row.
  private mutating func appendCommon(_ entry: ZipWriter.OpenEntry) {
    append16(entry.name.withBytes { ZipName.isASCII(UnsafeRawBufferPointer($0)) } ? 0 : ZipFormat.flagUTF8)
    append16(entry.content.isDeflated ? 8 : 0)
    append16(0)
    append16(ZipFormat.firstDay)
    append32(entry.content.crc32)
  }

  /// The header before an entry's bytes (4.3.7).
  mutating func appendLocalHeader(_ entry: ZipWriter.OpenEntry) {
    let content = entry.content
    let isZIP64 = max(content.size, content.storedSize) >= ZipFormat.limit32
    append32(ZipFormat.localSignature)
    append16(versionNeeded(content, isZIP64: isZIP64))
    appendCommon(entry)
    // Here ZIP64 holds both sizes or none (4.5.3).
    append32(orAllBits: isZIP64 ? ZipFormat.limit32 : content.storedSize)
    append32(orAllBits: isZIP64 ? ZipFormat.limit32 : content.size)
    append16(UInt16(entry.name.utf8.count))
    append16(isZIP64 ? 20 : 0)
    append(entry.name)
    if isZIP64 { appendZIP64([content.size, content.storedSize]) }
  }

  /// The record of an entry in the directory (4.3.12).
  mutating func appendDirectoryRecord(_ entry: ZipWriter.OpenEntry) {
    let content = entry.content
    let large = [content.size, content.storedSize, entry.headerOffset].filter { $0 >= ZipFormat.limit32 }
    append32(ZipFormat.directorySignature)
    append16(ZipFormat.madeBy)
    append16(versionNeeded(content, isZIP64: !large.isEmpty))
    appendCommon(entry)
    append32(orAllBits: content.storedSize)
    append32(orAllBits: content.size)
    append16(UInt16(entry.name.utf8.count))
    append16(large.isEmpty ? 0 : UInt16(4 + 8 * large.count))
    // No comment, the first disk, no internal attributes.
    append16(0)
    append16(0)
    append16(0)
    append32(ZipFormat.fileAttributes)
    append32(orAllBits: entry.headerOffset)
    append(entry.name)
    if !large.isEmpty { appendZIP64(large) }
  }

  private mutating func appendZIP64(_ values: [Int]) {
    append16(ZipFormat.zip64Field)
    append16(UInt16(8 * values.count))
    for value in values { append64(UInt64(value)) }
  }

  /// The records after the directory (4.3.14 to 4.3.16).
  mutating func appendEnd(count: Int, directory: Range<Int>) {
    if count >= ZipFormat.limit16 || directory.count >= ZipFormat.limit32 || directory.lowerBound >= ZipFormat.limit32 {
      append32(ZipFormat.end64Signature)
      append64(UInt64(ZipFormat.end64Size - 12))
      append16(ZipFormat.madeBy)
      append16(45)
      append32(0)
      append32(0)
      append64(UInt64(count))
      append64(UInt64(count))
      append64(UInt64(directory.count))
      append64(UInt64(directory.lowerBound))
      append32(ZipFormat.locatorSignature)
      append32(0)
      append64(UInt64(directory.upperBound))
      append32(1)
    }
    append32(ZipFormat.endSignature)
    append16(0)
    append16(0)
    append16(UInt16(min(count, ZipFormat.limit16)))
    append16(UInt16(min(count, ZipFormat.limit16)))
    append32(orAllBits: directory.count)
    append32(orAllBits: directory.lowerBound)
    append16(0)
  }
}
