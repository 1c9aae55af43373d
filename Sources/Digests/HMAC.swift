import CWaybillCrypto

extension SHA256Digest {
  /// The keyed hash of bytes: HMAC (RFC 2104) with SHA-256.
  public static func hmac(key: [UInt8], of message: [UInt8]) -> SHA256Digest {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { bytes in
      let out = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
      let made = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, out, nil)
      guard made != nil, let digest = SHA256Digest(bytes: UnsafeRawBufferPointer(bytes)) else {
        preconditionFailure("OpenSSL has no memory, or no SHA-256")
      }
      return digest
    }
  }
}
