import CWaybillCrypto

/// A SHA-256 digest (FIPS 180-4): 32 bytes, compared as numbers are.
public struct SHA256Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
  // Big-endian words, so that their order is that of the bytes.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// A digest from its 32 bytes; nil for any other number of bytes.
  public init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    func word(_ index: Int) -> UInt64 { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)) }
    words = (word(0), word(1), word(2), word(3))
  }

  /// A digest from 64 lower-case hexadecimal digits; nil for anything else, so that each digest has one spelling.
  public init?(hex: String) {
    var hex = hex
    guard let digest = hex.withUTF8({ SHA256Digest(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = digest
  }

  /// A digest from the bytes of 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex digits: UnsafeRawBufferPointer) {
    guard digits.count == 64 else { return nil }
    var words: [4 of UInt64] = [0, 0, 0, 0]
    for index in 0..<4 {
      guard let high = SHA256Digest.half(digits, at: index &* 16), let low = SHA256Digest.half(digits, at: index &* 16 &+ 8) else {
        return nil
      }
      words[index] = high << 32 | low
    }
    self.words = (words[0], words[1], words[2], words[3])
  }

  /// The value of eight lower-case hexadecimal digits, all at once; nil when one of them is none.
  private static func half(_ digits: UnsafeRawBufferPointer, at offset: Int) -> UInt64? {
    let text = UInt64(bigEndian: digits.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    let ones: UInt64 = 0x0101_0101_0101_0101
    // Of `0` to `9` the low half is the value, of `a` to `f` it is nine less.
    var value = (text & (ones &* 0x0F)) &+ (text >> 6 & (ones &* 3)) &* 9
    // What is spelled in another way than these values are is none.
    let isLetter = (value &+ ones &* 6) >> 4 & ones
    guard value & (ones &* 0xF0) == 0, value &+ ones &* 0x30 &+ isLetter &* 0x27 == text else { return nil }
    value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
    value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
    return (value | value >> 16) & 0xFFFF_FFFF
  }

  /// The digest of bytes; costs about half a nanosecond a byte.
  public init(of bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// The digest of bytes.
  public init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { SHA256Digest(of: $0) } }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for word in [words.0, words.1, words.2, words.3] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 64) { text in
      for (index, byte) in bytes.enumerated() {
        text[index * 2] = digits[Int(byte >> 4)]
        text[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return 64
    }
  }

  /// The hexadecimal digits.
  public var description: String { hex }

  /// Whether two digests are the same.
  public static func == (a: SHA256Digest, b: SHA256Digest) -> Bool { a.words == b.words }
  /// Orders by bytes.
  public static func < (a: SHA256Digest, b: SHA256Digest) -> Bool { a.words < b.words }
  /// Hashes the first word, which is as random as all of them.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Hashes bytes that come in pieces with SHA-256.
///
/// Made of OpenSSL's EVP, which uses the processor's own instructions. An object can be used again after ``finish()``.
public struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  /// A hasher that has seen nothing.
  public init() {
    // Only without memory does this fail, where Swift itself would stop too.
    guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
      preconditionFailure("OpenSSL has no memory, or no SHA-256")
    }
    context = made
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Hashes bytes after those before.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    let result = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(result == 1, "OpenSSL failed to hash \(bytes.count) bytes")
  }

  /// The digest of all bytes since the last one; begins anew.
  public mutating func finish() -> SHA256Digest {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { bytes in
      let result = EVP_DigestFinal_ex(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, nil)
      let began = EVP_DigestInit_ex(context, nil, nil)
      guard result == 1, began == 1, let digest = SHA256Digest(bytes: UnsafeRawBufferPointer(bytes)) else {
        preconditionFailure("OpenSSL failed to finish a digest")
      }
      return digest
    }
  }
}
