import WaybillDiagnostics

extension ZipArchive {
  /// Checks every entry's own header against the directory, and that nothing lies between entries that a reader from front to back would
  /// take for something.
  ///
  /// Bytes before the first entry are let be, unless they are an entry.
  public func checkHeaders() throws(DatasetError) {
    var window = ByteWindow(source, capacity: 1 << 20)
    var first = directory.lowerBound
    for (number, position) in table.positionsByOffset().enumerated() {
      if number & 0xFFF == 0xFFF { try InterruptFlag.check() }
      let entry = ZipEntry(archive: self, position: position)
      if number == 0 { first = entry.headerOffset }
      let (data, hasDescriptor) = try entry.checkHeader(&window)
      try entry.checkGap(data.upperBound..<entry.record.limit, hasDescriptor: hasDescriptor, &window)
    }
    if first >= 4, let start = try window.bytes(0, 4, readAheadTo: 4), start.load32(0) == ZipFormat.localSignature {
      throw ZipRule.gap.error("begins with an entry that its directory does not list", path: path)
    }
  }
}

extension ZipEntry {
  /// Checks what lies between its bytes and what follows: nothing, or the data descriptor that was promised (4.3.9).
  fileprivate func checkGap(_ gap: Range<Int>, hasDescriptor: Bool, _ window: inout ByteWindow) throws(DatasetError) {
    guard hasDescriptor else {
      if gap.isEmpty { return }
      throw error(.gap, "is followed by \(gap.count) bytes that belong to nothing")
    }
    // With or without a signature, sizes of four or eight bytes.
    guard [12, 16, 20, 24].contains(gap.count), let bytes = try window.bytes(gap.lowerBound, gap.count, readAheadTo: gap.upperBound)
    else {
      throw error(.descriptor, "has no data descriptor, or more than that, after its bytes")
    }
    let isLarge = gap.count >= 20
    let start = gap.count % 8 == 0 ? 4 : 0
    let storedSize = isLarge ? bytes.load64(start + 4) : UInt64(bytes.load32(start + 4))
    let size = isLarge ? bytes.load64(start + 12) : UInt64(bytes.load32(start + 8))
    guard start == 0 || bytes.load32(0) == ZipFormat.descriptorSignature, bytes.load32(start) == record.crc32,
      storedSize == UInt64(record.storedSize), size == UInt64(record.size)
    else { throw error(.descriptor, "has a data descriptor that says something else than the directory") }
  }
}
