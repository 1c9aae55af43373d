import WaybillBytes

/// Prints JSON through a pointer into room that a ``ByteBuffer`` has reserved, for loops that reserve once for many values.
///
/// Nothing is checked against the end of the room: whoever reserves it counts the bytes, those of texts with ``room(forBytes:)``.
public struct JSONPrinter {
  /// Where the next byte goes.
  public var place: UnsafeMutablePointer<UInt8>

  /// Prints from a place on.
  @inlinable public init(_ place: UnsafeMutablePointer<UInt8>) { self.place = place }

  /// The room that texts of so many bytes in all take at most without their quotes: every byte may need an escape.
  ///
  /// Some bytes more are touched behind the last, for whole words are stored.
  @inlinable public static func room(forBytes count: Int) -> Int { count &* 6 &+ 16 }

  /// Prints one byte.
  @inlinable @inline(__always) public mutating func print(_ byte: UInt8) {
    place[0] = byte
    place += 1
  }

  /// Prints bytes as they are.
  @inlinable @inline(__always) public mutating func print(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    place.update(from: start, count: bytes.count)
    place += bytes.count
  }

  /// Prints the first bytes of a word, the lowest first; eight are touched.
  @inlinable @inline(__always) public mutating func print(_ word: UInt64, count: Int) {
    UnsafeMutableRawPointer(place).storeBytes(of: word.littleEndian, as: UInt64.self)
    place += count
  }

  /// Prints an integer in decimal, which takes up to 20 bytes.
  @inlinable @inline(__always) public mutating func print(decimal value: UInt64) {
    if value < 10 { return print(UInt8(truncatingIfNeeded: value &+ 48)) }
    place += writeDecimal(value, to: place)
  }

  /// Prints a range of UTF-8 in memory as the inside of a JSON string.
  ///
  /// Short texts, as nearly all words are, cost one look at eight bytes of memory, as long as that many lie there.
  @inlinable @inline(__always) public mutating func print(text: Range<Int>, of memory: UnsafeBufferPointer<UInt8>) {
    guard let base = memory.baseAddress else { return }
    var at = text.lowerBound
    let count = text.upperBound &- at
    if count <= 8, memory.count &- at >= 8 {
      let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
      if JSONScanner.specialBytes(word).trailingZeroBitCount &>> 3 >= count {
        UnsafeMutableRawPointer(place).storeBytes(of: word, as: UInt64.self)
        place += count
        return
      }
    }
    while at < text.upperBound {
      let wanted = min(8, text.upperBound &- at)
      var word: UInt64 = 0
      var clean = 0
      if memory.count &- at >= 8 {
        word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
        clean = JSONScanner.specialBytes(word).trailingZeroBitCount &>> 3
      }
      guard clean >= wanted else {
        place = JSONPrinter.printSlowly(at..<text.upperBound, base, place)
        return
      }
      UnsafeMutableRawPointer(place).storeBytes(of: word, as: UInt64.self)
      place += wanted
      at &+= wanted
    }
  }

  /// Prints texts with escapes, and those at the end of the memory, byte by byte; returns the place behind them.
  @inline(never) @usableFromInline static func printSlowly(
    _ text: Range<Int>, _ base: UnsafePointer<UInt8>, _ place: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var printer = JSONPrinter(place)
    for at in text {
      let byte = base[at]
      if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        printer.print(byte)
      } else {
        printer.print(escapeOf: byte)
      }
    }
    return printer.place
  }

  /// Prints the escape of a byte that a JSON string cannot hold, which takes up to 6 bytes.
  mutating func print(escapeOf byte: UInt8) {
    print(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: print(UInt8(ascii: "b"))
    case 0x09: print(UInt8(ascii: "t"))
    case 0x0A: print(UInt8(ascii: "n"))
    case 0x0C: print(UInt8(ascii: "f"))
    case 0x0D: print(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): print(byte)
    default:
      for digit in [0x75, 48, 48, 48 &+ byte >> 4] { print(digit) }
      let low = byte & 15
      print(low < 10 ? 48 &+ low : 87 &+ low)
    }
  }
}
