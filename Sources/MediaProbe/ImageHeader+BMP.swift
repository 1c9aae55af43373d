// BMP: BITMAPCOREHEADER, BITMAPINFOHEADER and its larger kin (Windows GDI), OS22XBITMAPHEADER (OS/2).
extension ImageHeader {
  /// Reads a BMP's core or info header.
  init(bmp file: inout HeaderBytes) throws(ProbeStop) {
    // "BM" begins many a text, so without a known header behind the 14 bytes of the file header it is no bitmap.
    guard file.fileSize >= 18 else { throw .unknown }
    let headerSize = try file.number(at: 14, size: 4, .little)
    switch headerSize {
    case 12:
      let width = try file.number(at: 18, size: 2, .little)
      let height = try file.number(at: 20, size: 2, .little)
      let bits = try file.number(at: 24, size: 2, .little)
      try self.init(stated: .bmp, width: width, height: height, channels: bits == 24 ? 3 : 1)
    case 16, 40, 52, 56, 64, 108, 124:
      let width = Int32(truncatingIfNeeded: try file.number(at: 18, size: 4, .little))
      let height = Int32(truncatingIfNeeded: try file.number(at: 22, size: 4, .little))
      guard width >= 0 else { throw .broken("the BMP width is negative") }
      let channels = try Self.bmpChannels(in: &file, headerSize: headerSize)
      // A negative height says that rows run from the top. The magnitude of the least Int32 is refused as too large.
      try self.init(stated: .bmp, width: UInt64(width), height: UInt64(height.magnitude), channels: channels)
    default: throw .unknown
    }
  }

  private static func bmpChannels(in file: inout HeaderBytes, headerSize: UInt64) throws(ProbeStop) -> Int? {
    let bits = try file.number(at: 28, size: 2, .little)
    switch bits {
    case 1, 2, 4, 8: return 1
    case 24: return 3
    case 16, 32:
      // The spare bits of a plain pixel are unused; only a mask makes them alpha.
      guard headerSize >= 40 else { return 3 }
      switch try file.number(at: 30, size: 4, .little) {
      case 0: return 3
      case 3 where headerSize < 56 || headerSize == 64: return 3
      case 3: return try file.number(at: 66, size: 4, .little) == 0 ? 3 : 4
      case 6: return 4
      default: return nil
      }
    // Zero for an embedded JPEG or PNG, whose own header would say.
    default: return nil
    }
  }
}
