import WaybillDigests

/// Signs requests as Signature Version 4 says (AWS4-HMAC-SHA256), with the two rules of S3: the path is taken as it is sent, and the hash of
/// the body is a header.
struct S3Signature {
  /// Whose signature it is.
  let credentials: S3Credentials
  /// The region that is signed for.
  let region: String

  /// The name of the service, as it is signed.
  private static let service = "s3"

  /// The headers to send, with the signature at their end.
  ///
  /// - Parameters:
  ///   - path: The path, escaped, as it is sent.
  ///   - query: The names and values of the query, not escaped; the query must be sent as ``S3Escaping/query(_:)`` writes it.
  ///   - headers: All headers to sign, `Host` among them.
  ///   - payload: The SHA-256 of the body in hexadecimal digits.
  ///   - time: When it is signed.
  func headers(
    method: String, path: String, query: [(name: String, value: String)], headers: [(name: String, value: String)], payload: String,
    time: S3Time
  ) -> [(name: String, value: String)] {
    var all = headers + [("x-amz-date", time.stamp), ("x-amz-content-sha256", payload)]
    if let token = credentials.token { all.append(("x-amz-security-token", token.revealed)) }

    var values: [(name: String, value: String)] = all.map { ($0.name.lowercased(), Self.trimmed($0.value)) }
    values.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let names = values.map(\.name).joined(separator: ";")
    var canonical = "\(method)\n\(path)\n\(S3Escaping.query(query))\n"
    for (name, value) in values { canonical += "\(name):\(value)\n" }
    canonical += "\n\(names)\n\(payload)"

    let scope = "\(time.date)/\(region)/\(Self.service)/aws4_request"
    let text = "AWS4-HMAC-SHA256\n\(time.stamp)\n\(scope)\n\(SHA256Digest(of: Array(canonical.utf8)).hex)"
    let signature = SHA256Digest.hmac(key: key(time), of: Array(text.utf8)).hex
    all.append(
      (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
      ))
    return all
  }

  /// The key of a day, a region and a service.
  private func key(_ time: S3Time) -> [UInt8] {
    var key = Array("AWS4".utf8) + Array(credentials.secretKey.revealed.utf8)
    for word in [time.date, region, Self.service, "aws4_request"] { key = SHA256Digest.hmac(key: key, of: Array(word.utf8)).bytes }
    return key
  }

  /// A value without white space at its ends, and with one space for several.
  private static func trimmed(_ value: String) -> String {
    value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
  }
}
