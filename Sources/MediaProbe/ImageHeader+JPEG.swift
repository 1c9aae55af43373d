// JPEG: ITU-T T.81, annex B.
extension ImageHeader {
  /// A gibibyte of full segments; real files have a few dozen.
  private static var segmentLimit: Int { 16_384 }
  /// How many bytes outside segments are passed over in the whole file, fill bytes included.
  private static var strayLimit: Int { 65_536 }

  /// Walks a JPEG's segments to its first frame header.
  init(jpeg file: inout HeaderBytes) throws(ProbeStop) {
    var offset = 2
    var stray = 0
    for _ in 0..<Self.segmentLimit {
      let marker = try Self.jpegMarker(in: &file, at: &offset, stray: &stray)
      switch marker {
      case 0x01, 0xD0...0xD8:
        // TEM, RST and SOI stand alone.
        continue
      case 0xD9: throw .broken("the JPEG ends before its frame header")
      case 0xDA: throw .broken("the JPEG's scan starts before its frame header")
      case 0x02...0xBF: throw .broken("a JPEG marker is a reserved one")
      case 0xC4, 0xC8, 0xCC:
        // DHT, JPG and DAC lie in the range of the frame headers but are none.
        break
      case 0xC0...0xCF, 0xDE:
        // DHP has the fields of a frame header, and states the full size where frames come in growing ones.
        try self.init(jpegFrame: &file, at: offset)
        return
      default: break
      }
      let length = Int(try file.number(at: offset, size: 2, .big))
      guard length >= 2 else { throw .broken("a JPEG segment is shorter than its length field") }
      offset += length
    }
    throw .broken("the JPEG has more than 16384 segments before its frame header")
  }

  /// Reads a frame header that begins, with its length, at an offset.
  private init(jpegFrame file: inout HeaderBytes, at offset: Int) throws(ProbeStop) {
    let length = Int(try file.number(at: offset, size: 2, .big))
    let height = try file.number(at: offset + 3, size: 2, .big)
    let width = try file.number(at: offset + 5, size: 2, .big)
    let components = Int(try file.byte(at: offset + 7))
    guard components > 0 else { throw .broken("the JPEG frame header has no components") }
    guard length >= 8 + 3 * components else { throw .broken("the JPEG frame header is too short for its components") }
    // Legal, but then the height follows the first scan, behind entropy-coded pixels.
    guard height > 0 else { throw .broken("the JPEG frame header leaves the height open") }
    try self.init(stated: .jpeg, width: width, height: height, channels: components)
  }

  /// Finds the next marker and moves the offset behind it.
  ///
  /// Bytes that belong to no segment are passed over, as decoders do: cameras pad their segments.
  private static func jpegMarker(
    in file: inout HeaderBytes, at offset: inout Int, stray: inout Int
  ) throws(ProbeStop) -> UInt8 {
    var afterFF = false
    while true {
      let byte = try file.byte(at: offset)
      offset += 1
      if afterFF, byte != 0, byte != 0xFF { return byte }
      if afterFF || byte != 0xFF {
        stray += 1
        guard stray <= strayLimit else { throw .broken("the JPEG has more than 65536 stray bytes before its frame header") }
      }
      afterFF = byte == 0xFF
    }
  }
}
