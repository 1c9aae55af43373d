import Testing
import WaybillDigests

@Suite struct SHA256Tests {
  /// Examples of FIPS 180-4 and NIST's vectors.
  static let known: [(text: String, hex: String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test(arguments: known) func knownDigests(_ row: (text: String, hex: String)) {
    #expect(SHA256Digest(of: Array(row.text.utf8)).hex == row.hex)
  }

  /// The first cases of RFC 4231, and its case of a key that is longer than a block.
  @Test(arguments: [
    ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ), ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ]) func keyedHashes(_ key: [UInt8], _ text: String, _ hex: String) {
    #expect(SHA256Digest.hmac(key: key, of: Array(text.utf8)).hex == hex)
  }

  @Test func piecesMakeTheWholeAndAHasherBeginsAnew() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let whole = SHA256Digest(of: bytes)
    var hasher = SHA256Hasher()
    for size in [1, 63, 64, 65, 4096, 9_999] {
      var at = 0
      while at < bytes.count {
        let end = min(at + size, bytes.count)
        bytes[at..<end].withUnsafeBytes { hasher.update($0) }
        at = end
      }
      #expect(hasher.finish() == whole, "pieces of \(size)")
    }
    #expect(hasher.finish().hex == Self.known[0].hex)
  }

  @Test func spellings() throws {
    let hex = Self.known[1].hex
    let digest = try #require(SHA256Digest(hex: hex))
    #expect(digest.hex == hex && digest.description == hex)
    #expect(digest == SHA256Digest(of: Array("abc".utf8)))
    #expect(digest.bytes.count == 32 && digest.bytes.withUnsafeBytes { SHA256Digest(bytes: $0) } == digest)
    for wrong in [
      "", "ab", String(hex.dropLast()), hex + "0", hex + "00", hex.uppercased(), "g" + hex.dropFirst(), "é" + hex.dropFirst(2),
    ] {
      #expect(SHA256Digest(hex: wrong) == nil, "\(wrong)")
    }
    #expect([UInt8](repeating: 0, count: 31).withUnsafeBytes { SHA256Digest(bytes: $0) } == nil)
  }

  @Test func orderIsThatOfTheDigits() {
    let digests = (0..<200).map { SHA256Digest(of: [UInt8($0)]) }
    #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    #expect(Set(digests).count == 200)
  }

  @Test(arguments: [0, 3, 7, 8, 31, 63]) func everyByteIsADigitOrNone(_ place: Int) throws {
    let digits = Array("0123456789abcdef".utf8)
    for byte in UInt8.min...UInt8.max {
      var text = Array(Self.known[1].hex.utf8)
      text[place] = byte
      let digest = text.withUnsafeBytes { SHA256Digest(hex: $0) }
      #expect((digest != nil) == digits.contains(byte), "\(byte)")
      if let digest { #expect(digest.hex == String(decoding: text, as: UTF8.self)) }
    }
  }
}
