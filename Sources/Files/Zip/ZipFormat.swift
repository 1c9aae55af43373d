import Glibc
import WaybillBytes

/// The numbers of a zip archive's records (PKWARE's APPNOTE 6.3, sections 4.3 and 4.5).
enum ZipFormat {
  static let localSignature: UInt32 = 0x0403_4B50
  static let descriptorSignature: UInt32 = 0x0807_4B50
  static let directorySignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locatorSignature: UInt32 = 0x0706_4B50

  /// Bytes of each record before its name, extra fields and comment.
  static let localSize = 30
  static let directorySize = 46
  static let endSize = 22
  static let end64Size = 56
  static let locatorSize = 20

  /// Names, extra fields and comments are at most this long.
  static let textLimit = 0xFFFF
  /// A number of two bytes that is at least this stands in a ZIP64 record.
  static let limit16 = 0xFFFF
  /// A number of four bytes that is at least this stands in a ZIP64 record or extra field.
  static let limit32 = 0xFFFF_FFFF
  /// The identifier of the ZIP64 extra field.
  static let zip64Field: UInt16 = 0x0001
  /// The identifier of Info-ZIP's second spelling of a name.
  static let unicodePathField: UInt16 = 0x7075

  static let flagEncrypted: UInt16 = 1 << 0
  static let flagDescriptor: UInt16 = 1 << 3
  static let flagPatched: UInt16 = 1 << 5
  static let flagStronglyEncrypted: UInt16 = 1 << 6
  static let flagUTF8: UInt16 = 1 << 11
  static let flagMasked: UInt16 = 1 << 13

  static let hostFAT: UInt8 = 0
  static let hostUnix: UInt8 = 3
  static let hostDarwin: UInt8 = 19

  /// 1980-01-01, the first day that zip knows; its time is 0.
  static let firstDay: UInt16 = 0x0021
  /// Version 6.3 of the specification on Unix.
  static let madeBy: UInt16 = UInt16(hostUnix) << 8 | 63
  /// A regular file with the rights 0644.
  static let fileAttributes: UInt32 = 0o100644 << 16
}

extension ByteBuffer {
  /// Appends a number of two bytes, the lowest first.
  mutating func append16(_ value: UInt16) { withUnsafeBytes(of: value.littleEndian) { append($0) } }
  /// Appends a number of four bytes, the lowest first.
  mutating func append32(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { append($0) } }
  /// Appends a number of eight bytes, the lowest first.
  mutating func append64(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { append($0) } }
  /// Appends a number of four bytes, or all bits where ZIP64 holds it.
  mutating func append32(orAllBits value: Int) { append32(UInt32(min(value, ZipFormat.limit32))) }
}

extension UnsafeRawBufferPointer {
  /// The number of two bytes at an offset, which must lie inside.
  @inline(__always) func load16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  /// The number of four bytes at an offset, which must lie inside.
  @inline(__always) func load32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  /// The number of eight bytes at an offset, which must lie inside.
  @inline(__always) func load64(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
  /// A part, which must lie inside.
  @inline(__always) func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[start..<(start + count)])
  }
  /// Whether the bytes are the same.
  @inline(__always) func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let a = baseAddress, let b = other.baseAddress else { return true }
    return memcmp(a, b, count) == 0
  }
}
