// TIFF: TIFF 6.0, section 2; BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html
extension ImageHeader {
  /// Reads the first image file directory of a TIFF or BigTIFF.
  init(tiff file: inout HeaderBytes) throws(ProbeStop) {
    let directory = try TIFFDirectory(first: &file)
    var width: UInt64?
    var height: UInt64?
    var samples: TIFFDirectory.Value?
    for position in 0..<directory.count {
      let entry = directory.start + position * directory.entrySize
      // Where a tag comes twice, its first entry counts, as for libtiff.
      switch try file.number(at: entry, size: 2, directory.order) {
      case 256 where width == nil: width = try directory.size(at: entry, in: &file)
      case 257 where height == nil: height = try directory.size(at: entry, in: &file)
      case 277 where samples == nil: samples = try directory.value(at: entry, in: &file)
      default: continue
      }
      if width != nil, height != nil, samples != nil { break }
    }
    guard let width, let height else { throw .broken("the first TIFF directory lacks the width or the height") }
    let channels: Int?
    switch samples {
    case nil: channels = 1  // the tag's default
    case .number(let count) where (1...65_535).contains(count): channels = Int(count)
    default: channels = nil
    }
    try self.init(stated: .tiff, width: width, height: height, channels: channels)
  }
}

/// Where a TIFF's first directory lies, and how to read its entries.
struct TIFFDirectory {
  /// The value of one entry.
  enum Value: Equatable {
    case number(UInt64)
    /// Not a single whole number.
    case unreadable
  }

  /// Far above any real directory; BigTIFF could state 2⁶⁴ entries.
  static let entryLimit: UInt64 = 65_535

  let order: ByteOrder
  let isBig: Bool
  let start: Int
  let count: Int
  var entrySize: Int { isBig ? 20 : 12 }

  /// Finds the first directory by the file's header.
  init(first file: inout HeaderBytes) throws(ProbeStop) {
    order = try file.byte(at: 0) == 0x49 ? .little : .big
    isBig = try file.number(at: 2, size: 2, order) == 43
    if isBig {
      guard try file.number(at: 4, size: 2, order) == 8, try file.number(at: 6, size: 2, order) == 0 else {
        throw .broken("the BigTIFF header does not state offsets of 8 bytes")
      }
    }
    let stated = isBig ? try file.number(at: 8, size: 8, order) : try file.number(at: 4, size: 4, order)
    let countSize = isBig ? 8 : 2
    // Directory and entries are checked whole, here and below, so that no later sum can overflow.
    guard let offset = Int(exactly: stated), offset <= file.fileSize - countSize else {
      throw .broken("the first TIFF directory lies beyond the end of the file")
    }
    guard offset >= (isBig ? 16 : 8) else { throw .broken("the first TIFF directory lies inside the file's header") }
    let entries = try file.number(at: offset, size: countSize, order)
    guard entries > 0 else { throw .broken("the first TIFF directory is empty") }
    guard entries <= Self.entryLimit else { throw .broken("the first TIFF directory has more than 65535 entries") }
    start = offset + countSize
    count = Int(entries)
    guard count * (isBig ? 20 : 12) <= file.fileSize - start else {
      throw .broken("the first TIFF directory goes on beyond the end of the file")
    }
  }

  /// The value of an entry that must be a single whole number.
  func size(at entry: Int, in file: inout HeaderBytes) throws(ProbeStop) -> UInt64 {
    guard case .number(let value) = try value(at: entry, in: &file) else {
      throw .broken("the TIFF width or height is not a single BYTE, SHORT, LONG or LONG8")
    }
    return value
  }

  /// The value of an entry, which for a single number lies in the entry itself.
  func value(at entry: Int, in file: inout HeaderBytes) throws(ProbeStop) -> Value {
    let valueCount = try file.number(at: entry + 4, size: isBig ? 8 : 4, order)
    let size: Int
    switch try file.number(at: entry + 2, size: 2, order) {
    case 1: size = 1
    case 3: size = 2
    case 4: size = 4
    // Eight bytes do not fit into an entry of a classic TIFF.
    case 16 where isBig: size = 8
    default: return .unreadable
    }
    guard valueCount == 1 else { return .unreadable }
    return .number(try file.number(at: entry + (isBig ? 12 : 8), size: size, order))
  }
}
