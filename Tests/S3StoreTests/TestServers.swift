import Foundation
import TestSupport
import Testing
import WaybillLocks
import WaybillObjectStore

@testable import WaybillS3Store

/// Servers that speak the protocol of S3 on this machine, where `Scripts/s3-servers` has started them.
struct TestServers: Sendable, CustomTestStringConvertible {
  /// Which one: `rgw` is Ceph's gateway, `moto` a server made for tests.
  var name: String
  var url: String
  var accessKey: String
  var secretKey: String

  var testDescription: String { name }

  /// The servers that `WAYBILL_S3_SERVERS`, a file, names; none where it is not set.
  static let all: [TestServers] = {
    guard let values = ServerVariables.all else { return [] }
    return ["rgw", "moto"].compactMap { name in
      let prefix = "WAYBILL_S3_\(name.uppercased())"
      guard let url = values[prefix], let access = values["\(prefix)_ACCESS"], let secret = values["\(prefix)_SECRET"] else {
        return nil
      }
      return TestServers(name: name, url: url, accessKey: access, secretKey: secret)
    }
  }()

  /// The variables that lead to a server.
  func variables(endpoint: String? = nil) -> [String: String] {
    testKeys.merging(
      ["AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_ENDPOINT_URL": endpoint ?? url]) { $1 }
  }

  /// An empty store, through another endpoint if one is given: in a bucket that the tests of this run share, below a prefix of its own.
  func store(endpoint: String? = nil, prefix: String = "", partSize: Int = 8 << 20, seconds: Double = 30) throws -> S3Store {
    try store(
      bucket: try sharedBucket(), endpoint: endpoint, prefix: "\(S3Store.randomName().prefix(12))/\(prefix)", partSize: partSize,
      seconds: seconds)
  }

  private static let buckets = Lock<[String: String]>([:])

  /// A bucket that is made once.
  func sharedBucket() throws -> String {
    try Self.buckets.withLock { buckets in
      if let bucket = buckets[name] { return bucket }
      let bucket = try newBucket()
      buckets[name] = bucket
      return bucket
    }
  }

  /// A store in a bucket.
  func store(bucket: String, endpoint: String? = nil, prefix: String = "", partSize: Int = 8 << 20, seconds: Double = 30) throws
    -> S3Store
  {
    let environment = try AWSEnvironment(variables(endpoint: endpoint))
    let transport = CurlTransport(CurlTransport.Settings(silenceSeconds: seconds))
    let place = try S3Endpoint(bucket: bucket, options: S3Options(), environment: environment)
    var policy = RetryPolicy()
    (policy.firstPauseSeconds, policy.longestPauseSeconds) = (0.01, 0.1)
    return S3Store(
      S3Client(place, CredentialChain(environment, transport), transport, policy: policy), prefix: prefix, partSize: partSize)
  }

  /// Makes a bucket that nothing else uses.
  func newBucket() throws -> String {
    let bucket = "waybill-" + S3Store.randomName().prefix(20)
    let store = try store(bucket: bucket)
    let call = S3Client.Call(method: "PUT", body: UnsafeRawBufferPointer(start: nil, count: 0), what: "make a bucket")
    _ = try store.client.perform(call)
    return bucket
  }

  /// What a program prints.
  static func output(of program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
