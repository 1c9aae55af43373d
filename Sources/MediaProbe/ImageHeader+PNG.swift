// PNG: https://www.w3.org/TR/png-3/ section 11.2.1 (IHDR).
extension ImageHeader {
  /// Reads a PNG's IHDR chunk.
  init(png file: inout HeaderBytes) throws(ProbeStop) {
    guard try file.number(at: 12, size: 4, .big) == 0x4948_4452 else { throw .broken("the first PNG chunk is not IHDR") }
    guard try file.number(at: 8, size: 4, .big) == 13 else { throw .broken("the PNG chunk IHDR is not 13 bytes long") }
    // The checksum covers the chunk's name and its 13 bytes. A size with a flipped bit would otherwise scale labels wrongly.
    let checksum = Self.crc32(try file.bytes(at: 12, count: 17))
    guard try file.number(at: 29, size: 4, .big) == checksum else { throw .broken("the checksum of the PNG chunk IHDR is wrong") }

    let channels: Int
    switch try file.byte(at: 25) {
    case 0, 3: channels = 1
    case 2: channels = 3
    case 4: channels = 2
    case 6: channels = 4
    default: throw .broken("the PNG colour type is none of 0, 2, 3, 4, 6")
    }
    let width = try file.number(at: 16, size: 4, .big)
    let height = try file.number(at: 20, size: 4, .big)
    try self.init(stated: .png, width: width, height: height, channels: channels)
  }

  /// The CRC-32 of PNG and zip, bit by bit: 17 bytes are not worth a table.
  static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return UInt64(~crc)
  }
}
