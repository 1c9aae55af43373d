import WaybillDiagnostics

/// What the end of an archive says: how many entries there are and where their directory lies (4.3.14 to 4.3.16).
struct ZipEnd {
  var count: Int
  var directory: Range<Int>

  /// Bytes at the end of an archive in which its last records lie, whatever its comment.
  private static let reach = ZipFormat.end64Size + ZipFormat.locatorSize + ZipFormat.endSize + ZipFormat.textLimit
  /// Bytes that are read first: with luck the whole directory is among them.
  static let firstRead = 256 << 10

  /// Finds the end records, of which there must be exactly one set.
  init(_ window: inout ByteWindow, size: Int, path: String) throws(DatasetError) {
    let start = max(0, size - Self.firstRead)
    guard size >= ZipFormat.endSize, let tail = try window.bytes(start, size - start, readAheadTo: size) else {
      throw ZipRule.endMissing.error("is no zip archive: it has no end record", path: path)
    }
    let end = try Self.findEnd(tail, path)
    let endOffset = start + end
    let disk = tail.load16(end + 4)
    let directoryDisk = tail.load16(end + 6)
    let countHere = tail.load16(end + 8)
    let countAll = tail.load16(end + 10)
    let directorySize = Int(tail.load32(end + 12))
    let directoryOffset = Int(tail.load32(end + 16))
    guard let values = try Self.zip64(tail, end, start, path) else {
      guard disk == 0, directoryDisk == 0, countHere == countAll else {
        throw ZipRule.endSplit.error("is one part of a split archive", path: path)
      }
      count = Int(countAll)
      directory = try Self.place(directoryOffset, directorySize, before: endOffset, path)
      return
    }
    // A reader that takes no notice of ZIP64 must see the same, or see that it cannot.
    guard disk == 0 || disk == 0xFFFF, directoryDisk == 0 || directoryDisk == 0xFFFF,
      countHere == 0xFFFF || Int(countHere) == values.count, countAll == 0xFFFF || Int(countAll) == values.count,
      directorySize == ZipFormat.limit32 || directorySize == values.size,
      directoryOffset == ZipFormat.limit32 || directoryOffset == values.offset
    else { throw ZipRule.endZIP64.error("has two end records that disagree", path: path) }
    count = values.count
    directory = try Self.place(values.offset, values.size, before: endOffset - ZipFormat.locatorSize - ZipFormat.end64Size, path)
  }

  /// The last end record, if no other could be meant.
  private static func findEnd(_ tail: UnsafeRawBufferPointer, _ path: String) throws(DatasetError) -> Int {
    var found: Int?
    var isLastWhole = false
    var isFirst = true
    var at = tail.count - ZipFormat.endSize
    let lowest = max(0, at - ZipFormat.textLimit)
    while at >= lowest {
      if tail[at] == 0x50, tail.load32(at) == ZipFormat.endSignature {
        let isWhole = at + ZipFormat.endSize + Int(tail.load16(at + 20)) == tail.count
        if isFirst { isLastWhole = isWhole }
        isFirst = false
        if isWhole {
          // Either the comment of the one holds the other, or the one lies in what seems an entry of the other.
          guard found == nil else { throw ZipRule.endDoubled.error("has two end records that both fit", path: path) }
          found = at
        }
      }
      at -= 1
    }
    guard let found else {
      if isFirst { throw ZipRule.endMissing.error("is no zip archive, or its end is missing", path: path) }
      throw ZipRule.endTrailing.error(
        "has an end record that does not reach to its end: bytes are missing or follow it", path: path)
    }
    guard isLastWhole else { throw ZipRule.endDoubled.error("has an end record in its comment", path: path) }
    return found
  }

  /// The numbers of the ZIP64 end record; nil where there is none.
  private static func zip64(
    _ tail: UnsafeRawBufferPointer, _ end: Int, _ start: Int, _ path: String
  ) throws(DatasetError) -> (count: Int, size: Int, offset: Int)? {
    let locator = end - ZipFormat.locatorSize
    guard locator >= 0, tail.load32(locator) == ZipFormat.locatorSignature else { return nil }
    let record = locator - ZipFormat.end64Size
    guard record >= 0, tail.load32(record) == ZipFormat.end64Signature, tail.load64(record + 4) == UInt64(ZipFormat.end64Size - 12),
      tail.load64(locator + 8) == UInt64(start + record)
    else { throw ZipRule.endZIP64.error("has a ZIP64 end record that is not where it should be", path: path) }
    guard tail.load32(locator + 4) == 0, tail.load32(locator + 16) <= 1, tail.load32(record + 16) == 0,
      tail.load32(record + 20) == 0,
      tail.load64(record + 24) == tail.load64(record + 32)
    else { throw ZipRule.endSplit.error("is one part of a split archive", path: path) }
    guard let count = Int(exactly: tail.load64(record + 32)), let size = Int(exactly: tail.load64(record + 40)),
      let offset = Int(exactly: tail.load64(record + 48))
    else { throw ZipRule.endZIP64.error("has impossible numbers in its ZIP64 end record", path: path) }
    return (count, size, offset)
  }

  /// The range of the directory, which must reach exactly to the end records.
  private static func place(_ offset: Int, _ size: Int, before end: Int, _ path: String) throws(DatasetError) -> Range<Int> {
    guard offset <= end, size == end - offset else {
      throw ZipRule.directoryPlace.error(
        "has a directory that does not lie right before its end: something was put before the archive, cut out or added", path: path
      )
    }
    return offset..<end
  }
}
