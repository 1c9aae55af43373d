import WaybillBytes

extension TextEncoding {
  /// Appends UTF-8 in this encoding, its mark before it.
  ///
  /// - Throws: The first byte that is not UTF-8, or the first character that the encoding lacks, by its offset in the text; what was
  ///   appended up to there is taken back.
  public func encode(_ text: UnsafeRawBufferPointer, into out: inout ByteBuffer) throws(TextFault) {
    if let offset = UTF8Check.firstInvalid(in: text) { throw TextFault(.invalidUTF8, at: offset) }
    let start = out.count
    out.append(mark)
    switch form {
    case .utf8: out.append(text)
    case .utf16(let isBig):
      // A byte of UTF-8 is at most one unit.
      TextEncoding.write(text, &out, room: text.count * 2) { scalar, place in
        func put(_ unit: UInt32, _ at: Int) {
          let unit = UInt16(truncatingIfNeeded: unit)
          place.storeBytes(of: isBig ? unit.bigEndian : unit.littleEndian, toByteOffset: at, as: UInt16.self)
        }
        if scalar < 0x10000 {
          put(scalar, 0)
          return 2
        }
        put(0xD800 | (scalar &- 0x10000) >> 10, 0)
        put(0xDC00 | (scalar &- 0x10000) & 0x3FF, 2)
        return 4
      }
    case .utf32(let isBig):
      TextEncoding.write(text, &out, room: text.count * 4) { scalar, place in
        place.storeBytes(of: isBig ? scalar.bigEndian : scalar.littleEndian, as: UInt32.self)
        return 4
      }
    case .other(let name):
      do throws(TextFault) {
        try TextConversion.fromUTF8(text, to: name, into: &out)
      } catch {
        out.truncate(to: start)
        throw error
      }
    }
  }

  @inline(__always) private static func write(
    _ text: UnsafeRawBufferPointer, _ out: inout ByteBuffer, room: Int, _ put: (UInt32, UnsafeMutableRawPointer) -> Int
  ) {
    out.write(atMost: room) { place in
      let base = UnsafeMutableRawPointer(place)
      var length = 0
      var at = 0
      while at < text.count {
        let (scalar, count) = WideUnits.scalar(text, at)
        length &+= put(scalar, base + length)
        at &+= count
      }
      return length
    }
  }
}
