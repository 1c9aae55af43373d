import Foundation
import TestSupport
import Testing
import WaybillDigests

@testable import WaybillS3Store

/// Signatures beside those of another signer, and those that the specification prints.
@Suite struct SignatureTests {
  /// The example of the documentation of Signature Version 4 for S3: `GET` of a range of an object.
  @Test func theExampleOfTheSpecification() {
    let keys = S3Credentials(
      accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    let headers = S3Signature(credentials: keys, region: "us-east-1").headers(
      method: "GET", path: "/test.txt", query: [], headers: [("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9")],
      payload: SHA256Digest(of: []).hex, time: S3Time(seconds: 1_369_353_600))
    #expect(
      headers.last?.value
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  }

  struct Vector: Decodable {
    var method, host, bucket, key, addressing, path, access, secret, region, timestamp, payload_sha256, authorization: String
    var query: [[String]]
    var headers: [String: String]
    var token: String?
  }

  /// 500 random requests as botocore signs them; the script is there where the servers are.
  @Test(.enabled(if: ServerVariables.python != nil, "botocore is not installed (Scripts/s3-servers install)"))
  func signsAsBotocoreDoes() throws {
    let seed = testSeed(20_261_129)
    let python = try #require(ServerVariables.python)
    let lines = try TestServers.output(of: python, ["\(PackageFolder.root)/Tests/Servers/sign_requests.py", "500", "\(seed)"])
    var count = 0
    for line in lines.split(separator: "\n") {
      let vector = try JSONDecoder().decode(Vector.self, from: Data(line.utf8))
      let digits = vector.timestamp.filter(\.isNumber)
      let time =
        "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.dropFirst(6).prefix(2))T\(digits.dropFirst(8).prefix(2)):\(digits.dropFirst(10).prefix(2)):\(digits.dropFirst(12).prefix(2))Z"
      let signature = S3Signature(
        credentials: S3Credentials(
          accessKey: vector.access, secretKey: Secret(vector.secret), token: vector.token.map { Secret($0) }), region: vector.region
      )
      let headers = signature.headers(
        method: vector.method, path: vector.path, query: vector.query.map { ($0[0], $0[1]) },
        headers: [("Host", vector.host)] + vector.headers.map { ($0.key, $0.value) }, payload: vector.payload_sha256,
        time: try #require(S3Time(iso: time)))
      #expect(headers.last?.value == vector.authorization, "seed \(seed): \(line)")
      // The path is the one we would send.
      var endpoint = try S3Endpoint(bucket: vector.bucket, options: S3Options(), environment: try AWSEnvironment(testKeys))
      endpoint.usesPathStyle = vector.addressing == "path"
      if !vector.key.isEmpty { #expect(endpoint.path(vector.key) == vector.path, "seed \(seed): \(line)") }
      count += 1
    }
    #expect(count == 500)
  }

  @Test(arguments: [
    ("a b", "a%20b"), ("a+b", "a%2Bb"), ("é", "%C3%A9"), ("~-_.", "~-_."), ("*'()", "%2A%27%28%29"), ("%", "%25"), ("a/b", "a/b"),
  ]) func escapes(_ text: String, _ escaped: String) {
    #expect(S3Escaping.path(text) == escaped)
    #expect(S3Escaping.unescaped(escaped.utf8) == text)
  }

  @Test func queriesAreSorted() {
    #expect(S3Escaping.query([("uploads", ""), ("b", "2"), ("a", "é /"), ("b", "1")]) == "a=%C3%A9%20%2F&b=1&b=2&uploads=")
  }
}
