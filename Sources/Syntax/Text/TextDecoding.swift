import Glibc
import WaybillBytes

/// Brings the bytes of a file to UTF-8, and leads offsets in that text back to the file.
///
/// UTF-8 is not copied: ``text`` is then the file itself behind its mark. Everything else is converted into memory that is used again
/// for the next file, so one of these belongs to one thread.
public final class TextDecoding {
  /// The encoding of the text that was decoded last.
  public private(set) var encoding = TextEncoding.utf8
  private var source = UnsafeRawBufferPointer(start: nil, count: 0)
  private var converted = ByteBuffer(capacity: 32)
  /// A pair of places that belong together: questions about later ones start from here.
  private var known = (text: 0, source: 0)

  /// Nothing decoded yet.
  public init() {}

  private var isConverted: Bool { encoding.form != .utf8 }

  /// The text in UTF-8, without a mark; valid as long as the source and until the next decoding.
  public var text: UnsafeRawBufferPointer {
    isConverted ? converted.bytes : UnsafeRawBufferPointer(rebasing: source[encoding.mark.count...])
  }

  /// Decodes a file.
  ///
  /// - Parameters:
  ///   - source: The bytes, which must outlive the use of ``text``.
  ///   - given: The encoding where no mark tells another; nil for UTF-8.
  /// - Throws: The first fault. Nothing may be asked until the next decoding then.
  public func decode(_ source: UnsafeRawBufferPointer, as given: TextEncoding? = nil) throws(TextFault) {
    let found = TextEncoding(markOf: source)
    // Without a mark, a file is what the user says, but it has no mark.
    encoding = found ?? given?.unmarked ?? .utf8
    self.source = source
    converted.removeAll()
    let start = encoding.mark.count
    known = (0, start)
    switch encoding.form {
    case .utf8:
      let text = UnsafeRawBufferPointer(rebasing: source[start...])
      if let offset = UTF8Check.firstInvalid(in: text) { throw TextFault(.invalidUTF8, at: start + offset) }
    case .utf16(let isBig): try decodeUTF16(from: start, isBig)
    case .utf32(let isBig): try decodeUTF32(from: start, isBig)
    case .other(let name): try TextConversion.toUTF8(source, from: name, into: &converted)
    }
  }

  private func decodeUTF16(from start: Int, _ isBig: Bool) throws(TextFault) {
    var at = start
    let whole = start + (source.count - start) / 2 * 2
    var fault: TextFault?
    // A unit is at most three bytes of UTF-8.
    converted.write(atMost: (whole - start) / 2 * 3) { out in
      var length = 0
      while at < whole {
        var scalar = WideUnits.unit16(source, at, isBig)
        at &+= 2
        if scalar < 0x80 {
          out[length] = UInt8(truncatingIfNeeded: scalar)
          length &+= 1
          continue
        }
        if scalar & 0xF800 == 0xD800 {
          let low = at < whole ? WideUnits.unit16(source, at, isBig) : 0
          guard scalar < 0xDC00, low & 0xFC00 == 0xDC00 else {
            fault = TextFault(.loneSurrogate, at: at &- 2)
            return length
          }
          scalar = 0x10000 &+ ((scalar & 0x3FF) << 10 | low & 0x3FF)
          at &+= 2
        }
        length &+= WideUnits.write(scalar, out + length)
      }
      return length
    }
    if let fault { throw fault }
    if whole < source.count { throw TextFault(.cutUnit, at: whole) }
  }

  private func decodeUTF32(from start: Int, _ isBig: Bool) throws(TextFault) {
    var at = start
    let whole = start + (source.count - start) / 4 * 4
    var fault: TextFault?
    converted.write(atMost: whole - start) { out in
      var length = 0
      while at < whole {
        let scalar = WideUnits.unit32(source, at, isBig)
        guard scalar < 0x110000, scalar & 0xFFFF_F800 != 0xD800 else {
          fault = TextFault(.noCharacter, at: at)
          return length
        }
        at &+= 4
        length &+= WideUnits.write(scalar, out + length)
      }
      return length
    }
    if let fault { throw fault }
    if whole < source.count { throw TextFault(.cutUnit, at: whole) }
  }

  /// The offset in the file of the character at an offset in ``text``.
  ///
  /// Counted only here, and fastest for offsets that rise from question to question.
  public func sourceOffset(of offset: Int) -> Int {
    let text = text
    let offset = min(max(0, offset), text.count)
    if offset < known.text { known = (0, encoding.mark.count) }
    switch encoding.form {
    case .utf8: return encoding.mark.count + offset
    case .utf16, .utf32:
      let isWide = encoding.unitSize == 4
      var units = 0
      for byte in text[known.text..<offset] where byte & 0xC0 != 0x80 { units &+= !isWide && byte >= 0xF0 ? 2 : 1 }
      known = (offset, known.source + units * encoding.unitSize)
      return known.source
    case .other(let name):
      // The nth line feed of the text is the nth of the file; within a line the converter tells.
      while let end = TextDecoding.lineFeed(text, known.text, offset), let place = TextDecoding.lineFeed(source, known.source) {
        known = (end + 1, place + 1)
      }
      let rest = UnsafeRawBufferPointer(rebasing: source[known.source...])
      return known.source + TextConversion.length(of: offset - known.text, in: rest, from: name)
    }
  }

  /// The range in the file of a range in ``text``.
  public func sourceRange(of range: Range<Int>) -> Range<Int> {
    let start = sourceOffset(of: range.lowerBound)
    return start..<max(start, sourceOffset(of: range.upperBound))
  }

  private static func lineFeed(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int = .max) -> Int? {
    let end = min(end, bytes.count)
    guard start < end, let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, end - start) else { return nil }
    return UnsafeRawPointer(found) - base
  }
}

extension TextEncoding {
  /// The same without a mark.
  var unmarked: TextEncoding {
    switch form {
    case .utf8: .utf8
    case .utf16(let isBig): .utf16(bigEndian: isBig, hasMark: false)
    case .utf32(let isBig): .utf32(bigEndian: isBig, hasMark: false)
    case .other: self
    }
  }
}
