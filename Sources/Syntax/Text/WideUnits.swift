/// The units of UTF-16 and UTF-32, and what they are in UTF-8.
enum WideUnits {
  /// Two bytes at an offset that has them.
  @inline(__always) static func unit16(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ isBig: Bool) -> UInt32 {
    let unit = bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self)
    return UInt32(isBig ? UInt16(bigEndian: unit) : UInt16(littleEndian: unit))
  }

  /// Four bytes at an offset that has them.
  @inline(__always) static func unit32(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ isBig: Bool) -> UInt32 {
    let unit = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
    return isBig ? UInt32(bigEndian: unit) : UInt32(littleEndian: unit)
  }

  /// Writes a character as UTF-8, where there is room for four bytes or as many as it has; returns how many.
  @inline(__always) static func write(_ scalar: UInt32, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    if scalar < 0x80 {
      out[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      out[0] = 0xC0 | UInt8(truncatingIfNeeded: scalar >> 6)
      out[1] = 0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F
      return 2
    }
    if scalar < 0x10000 {
      out[0] = 0xE0 | UInt8(truncatingIfNeeded: scalar >> 12)
      out[1] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3F
      out[2] = 0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F
      return 3
    }
    out[0] = 0xF0 | UInt8(truncatingIfNeeded: scalar >> 18)
    out[1] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 12) & 0x3F
    out[2] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3F
    out[3] = 0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F
    return 4
  }

  /// The character that a lead byte of valid UTF-8 begins, and its length.
  @inline(__always) static func scalar(_ text: UnsafeRawBufferPointer, _ at: Int) -> (scalar: UInt32, length: Int) {
    let first = UInt32(text[at])
    func tail(_ number: Int) -> UInt32 { at &+ number < text.count ? UInt32(text[at &+ number]) & 0x3F : 0 }
    if first < 0x80 { return (first, 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | tail(1), 2) }
    if first < 0xF0 { return ((first & 0xF) << 12 | tail(1) << 6 | tail(2), 3) }
    return ((first & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
  }
}

/// Counts lines and columns in a file of UTF-16 or UTF-32, as if it were UTF-8.
public struct WidePlaces {
  private let bytes: UnsafeRawBufferPointer
  private let form: TextEncoding.Form
  private let unitSize: Int
  private let start: Int

  /// Counts in a file with a mark of UTF-16 or UTF-32; nil for any other.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard let encoding = TextEncoding(markOf: bytes), encoding.unitSize > 1 else { return nil }
    self.bytes = bytes
    form = encoding.form
    unitSize = encoding.unitSize
    start = encoding.mark.count
  }

  /// Line and column of an offset in the file: from 1, the column in bytes of UTF-8, the mark not counted.
  ///
  /// - Parameter line: A line at or before it and where that begins, from an earlier answer; the answer puts the offset's own there.
  public func place(of offset: Int, after line: inout (number: Int, start: Int)) -> (line: Int, column: Int) {
    var at = max(start, line.start)
    var column = 1
    while at &+ unitSize <= bytes.count, at &+ unitSize <= offset {
      let unit = unit(at)
      at &+= unitSize
      if unit == 0x0A {
        line = (line.number + 1, at)
        column = 1
      } else if unit < 0x80 {
        column &+= 1
      } else {
        // Each half of a pair stands for two of its four bytes.
        column &+= unit < 0x800 || unit & 0xFFFF_F800 == 0xD800 ? 2 : unit < 0x10000 ? 3 : 4
      }
    }
    return (line.number, column)
  }

  private func unit(_ at: Int) -> UInt32 {
    switch form {
    case .utf16(let isBig): WideUnits.unit16(bytes, at, isBig)
    case .utf32(let isBig): WideUnits.unit32(bytes, at, isBig)
    case .utf8, .other: 0
    }
  }
}
