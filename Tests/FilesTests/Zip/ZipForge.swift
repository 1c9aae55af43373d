import WaybillBytes

@testable import WaybillFiles

/// One entry of an archive that is put together byte by byte, honest until something in it is changed.
struct ForgedEntry: Sendable {
  var name: [UInt8]
  /// The bytes as they lie in the archive.
  var data: [UInt8]
  var method: UInt16 = 0
  var flags: UInt16 = 0
  var crc32: UInt32
  var size: Int
  var madeBy: UInt16 = 3 << 8 | 30
  var attributes: UInt32 = 0o100644 << 16
  var extra: [UInt8] = []
  var comment: [UInt8] = []
  var disk: UInt16 = 0
  /// What the directory says where it differs.
  var directoryOffset: Int?
  var directoryStoredSize: Int?
  /// What the local header says where it differs.
  var localSignature = ZipFormat.localSignature
  var localName: [UInt8]?
  var localMethod: UInt16?
  var localFlags: UInt16?
  var localCRC32: UInt32?
  var localSize: Int?
  var localStoredSize: Int?
  var localExtra: [UInt8] = []
  /// Bytes after the data.
  var after: [UInt8] = []
  var isListed = true

  init(_ name: String, _ content: [UInt8] = Array("content".utf8)) { self.init(Array(name.utf8), content) }

  init(_ name: [UInt8], _ content: [UInt8]) {
    self.name = name
    data = content
    crc32 = CRC32(of: content).value
    size = content.count
    if name.last == 0x2F { attributes = 0o040755 << 16 }
  }

  /// The entry with its bytes deflated.
  func deflated() -> ForgedEntry {
    var deflater = Deflater()
    var entry = self
    let length = UInt16(data.count & 0xFFFF)
    let plain = withUnsafeBytes(of: (length.littleEndian, (~length).littleEndian)) { [1] + Array($0) } + data
    entry.data = data.withUnsafeBytes { deflater.deflate($0).map { Array($0) } } ?? plain
    entry.method = 8
    return entry
  }

  func with(_ change: (inout ForgedEntry) -> Void) -> ForgedEntry {
    var entry = self
    change(&entry)
    return entry
  }

  /// A data descriptor as it should be.
  func descriptor(hasSignature: Bool = true, isLarge: Bool = false) -> [UInt8] {
    var out = ByteBuffer()
    if hasSignature { out.append32(ZipFormat.descriptorSignature) }
    out.append32(crc32)
    for value in [data.count, size] {
      if isLarge { out.append64(UInt64(value)) } else { out.append32(UInt32(value)) }
    }
    return out.array()
  }
}

/// An archive that is put together byte by byte, honest until something in it is changed.
struct ForgedArchive: Sendable {
  var before: [UInt8] = []
  var entries: [ForgedEntry]
  /// Bytes between the last entry and the directory, between the directory and its end, and after everything.
  var gap: [UInt8] = []
  var afterDirectory: [UInt8] = []
  var after: [UInt8] = []
  var comment: [UInt8] = []
  /// What the end says where it differs.
  var count: Int?
  var countHere: Int?
  var directorySize: Int?
  var directoryOffset: Int?
  var disk: UInt16 = 0
  /// ZIP64 records, changed by a closure; the end then says nothing itself.
  var zip64: (@Sendable (inout (record: [UInt8], locator: [UInt8])) -> Void)?
  /// The end as it is without ZIP64, beside ZIP64 records.
  var saysBoth = false

  init(_ entries: [ForgedEntry]) { self.entries = entries }

  func with(_ change: (inout ForgedArchive) -> Void) -> ForgedArchive {
    var archive = self
    change(&archive)
    return archive
  }

  var bytes: [UInt8] {
    var out = ByteBuffer()
    out.append(before)
    var offsets: [Int] = []
    for entry in entries {
      offsets.append(out.count)
      out.append32(entry.localSignature)
      out.append16(20)
      let name = entry.localName ?? entry.name
      appendCommon(
        &out, flags: entry.localFlags ?? entry.flags, method: entry.localMethod ?? entry.method,
        crc32: entry.localCRC32 ?? entry.crc32,
        sizes: [entry.localStoredSize ?? entry.data.count, entry.localSize ?? entry.size], name: name, extra: entry.localExtra)
      out.append(name)
      out.append(entry.localExtra)
      out.append(entry.data)
      out.append(entry.after)
    }
    out.append(gap)
    let start = out.count
    let listed = zip(entries, offsets).filter { $0.0.isListed }
    for (entry, offset) in listed { appendRecord(&out, entry, offset) }
    let end = out.count
    out.append(afterDirectory)
    appendEnd(&out, listed.count, start, end)
    out.append(after)
    return out.array()
  }

  private func appendCommon(
    _ out: inout ByteBuffer, flags: UInt16, method: UInt16, crc32: UInt32, sizes: [Int], name: [UInt8], extra: [UInt8]
  ) {
    out.append16(flags)
    out.append16(method)
    out.append16(0)
    out.append16(ZipFormat.firstDay)
    out.append32(crc32)
    for size in sizes { out.append32(orAllBits: size) }
    out.append16(UInt16(name.count))
    out.append16(UInt16(extra.count))
  }

  private func appendRecord(_ out: inout ByteBuffer, _ entry: ForgedEntry, _ offset: Int) {
    out.append32(ZipFormat.directorySignature)
    out.append16(entry.madeBy)
    out.append16(20)
    appendCommon(
      &out, flags: entry.flags, method: entry.method, crc32: entry.crc32,
      sizes: [entry.directoryStoredSize ?? entry.data.count, entry.size], name: entry.name, extra: entry.extra)
    out.append16(UInt16(entry.comment.count))
    out.append16(entry.disk)
    out.append16(0)
    out.append32(entry.attributes)
    out.append32(orAllBits: entry.directoryOffset ?? offset)
    out.append(entry.name)
    out.append(entry.extra)
    out.append(entry.comment)
  }

  private func appendEnd(_ out: inout ByteBuffer, _ listed: Int, _ start: Int, _ end: Int) {
    let count = count ?? listed
    if let zip64 {
      let place = out.count
      var record = ByteBuffer()
      record.append32(ZipFormat.end64Signature)
      record.append64(44)
      record.append16(45)
      record.append16(45)
      record.append32(0)
      record.append32(0)
      record.append64(UInt64(count))
      record.append64(UInt64(count))
      record.append64(UInt64(directorySize ?? (end - start)))
      record.append64(UInt64(directoryOffset ?? start))
      var locator = ByteBuffer()
      locator.append32(ZipFormat.locatorSignature)
      locator.append32(0)
      locator.append64(UInt64(place))
      locator.append32(1)
      var records = (record: record.array(), locator: locator.array())
      zip64(&records)
      out.append(records.record)
      out.append(records.locator)
    }
    let isHidden = zip64 != nil && !saysBoth
    out.append32(ZipFormat.endSignature)
    out.append16(disk)
    out.append16(disk)
    out.append16(isHidden ? 0xFFFF : UInt16(countHere ?? count))
    out.append16(isHidden ? 0xFFFF : UInt16(count))
    out.append32(isHidden ? 0xFFFF_FFFF : UInt32(directorySize ?? (end - start)))
    out.append32(isHidden ? 0xFFFF_FFFF : UInt32(directoryOffset ?? start))
    out.append16(UInt16(comment.count))
    out.append(comment)
  }
}

/// An extra field of a header.
func extraField(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
  var out = ByteBuffer()
  out.append16(kind)
  out.append16(UInt16(content.count))
  out.append(content)
  return out.array()
}

/// A ZIP64 field.
func zip64Field(_ values: [UInt64]) -> [UInt8] {
  extraField(1, values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } })
}
