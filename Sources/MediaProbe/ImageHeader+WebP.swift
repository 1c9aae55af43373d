// WebP: RFC 9649; the VP8 frame header is RFC 6386, section 9.1.
extension ImageHeader {
  /// Reads the first chunk of a WebP: lossy, lossless or extended.
  init(webp file: inout HeaderBytes) throws(ProbeStop) {
    let chunk = try file.number(at: 12, size: 4, .big)
    let size = try file.number(at: 16, size: 4, .little)
    let payload = 20
    switch chunk {
    case 0x5650_3820:  // "VP8 "
      guard size >= 10 else { throw .broken("the WebP chunk VP8 is too short") }
      guard try file.byte(at: payload) & 1 == 0 else { throw .broken("the WebP does not begin with a key frame") }
      guard try file.number(at: payload + 3, size: 3, .big) == 0x9D012A else {
        throw .broken("the start code of the WebP chunk VP8 is wrong")
      }
      // The upper two bits ask for scaling at display, which changes no pixel.
      let width = try file.number(at: payload + 6, size: 2, .little) & 0x3FFF
      let height = try file.number(at: payload + 8, size: 2, .little) & 0x3FFF
      try self.init(stated: .webp, width: width, height: height, channels: 3)

    case 0x5650_384C:  // "VP8L"
      guard size >= 5 else { throw .broken("the WebP chunk VP8L is too short") }
      guard try file.byte(at: payload) == 0x2F else { throw .broken("the signature of the WebP chunk VP8L is wrong") }
      let bits = try file.number(at: payload + 1, size: 4, .little)
      guard bits >> 29 == 0 else { throw .broken("the version of the WebP chunk VP8L is not 0") }
      let hasAlpha = bits >> 28 & 1 == 1
      try self.init(
        stated: .webp, width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1, channels: hasAlpha ? 4 : 3)

    case 0x5650_3858:  // "VP8X"
      guard size >= 10 else { throw .broken("the WebP chunk VP8X is too short") }
      let hasAlpha = try file.byte(at: payload) & 0x10 != 0
      let width = try file.number(at: payload + 4, size: 3, .little) + 1
      let height = try file.number(at: payload + 7, size: 3, .little) + 1
      guard width * height <= 0xFFFF_FFFF else { throw .broken("the WebP canvas has more than 4294967295 pixels") }
      try self.init(stated: .webp, width: width, height: height, channels: hasAlpha ? 4 : 3)

    default: throw .broken("the first WebP chunk is none of VP8, VP8L, VP8X")
    }
  }
}
