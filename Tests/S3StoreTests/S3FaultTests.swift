import Foundation
import StoreTestSupport
import TestSupport
import Testing
import WaybillAllFormats
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillObjectStore
import WaybillVersioning

@testable import WaybillS3Store

/// Every request of a publication meets every fault: at the end the version is published and verified, or it failed cleanly, nothing of it is
/// visible, and the next try succeeds.
@Suite(
  .serialized,
  .enabled(if: !TestServers.all.isEmpty, "no servers (Scripts/s3-servers start FOLDER; WAYBILL_S3_SERVERS=FOLDER/servers.env)"))
struct S3FaultTests {
  /// The faults, as the proxy knows them; `true` where the client may not notice, for nothing is wrong with what it gets.
  static let faults = [
    #"{"kind":"status","status":503,"code":"SlowDown"}"#, #"{"kind":"status","status":500,"code":"InternalError"}"#,
    #"{"kind":"status","status":429,"code":"TooManyRequests","headers":{"Retry-After":"0"}}"#,
    #"{"kind":"status","status":409,"code":"OperationAborted"}"#, #"{"kind":"status","status":403,"code":"AccessDenied"}"#,
    #"{"kind":"status-after","status":500,"code":"InternalError"}"#,
    #"{"kind":"status-after","status":503,"code":"ServiceUnavailable"}"#,
    #"{"kind":"reset-before"}"#, #"{"kind":"reset-request","after":1000}"#, #"{"kind":"lost-reply"}"#,
    #"{"kind":"reset-response","after":20}"#, #"{"kind":"truncate","after":20}"#, #"{"kind":"flip","at":60}"#,
    #"{"kind":"flip-request","at":700}"#, #"{"kind":"etag","value":"\"0123456789abcdef0123456789abcdef\""}"#,
    #"{"kind":"drop-header","name":"ETag"}"#, #"{"kind":"stall","seconds":5}"#,
    #"{"kind":"redirect","status":307,"location":"http://127.0.0.1:9/elsewhere"}"#,
    #"{"kind":"status","status":400,"code":"ExpiredToken"}"#,
  ]

  @Test func everyRequestMeetsEveryFault() throws {
    guard let server = TestServers.all.first(where: { $0.name == "rgw" }) else { return }
    let proxy = try FaultProxy(before: server.url)
    let scene = try Publishing()
    try proxy.plan("[]")
    try scene.publish(to: try server.store(endpoint: proxy.url, partSize: 5 << 20))
    let count = try proxy.log().count
    #expect(count > 15, "\(count) requests")

    // All of them take minutes; each request meets some, each time others.
    let seed = testSeed(UInt64.random(in: 0..<1_000_000))
    var numbers = SeededNumbers(seed)
    let isWhole = ProcessInfo.processInfo.environment["WAYBILL_S3_FAULTS"] == "all"
    var (published, failed) = (0, 0)
    for number in 1...count {
      for fault in isWhole ? Self.faults : Array(Self.faults.shuffled(using: &numbers).prefix(2)) {
        let prefix = "f\(number)-\(numbers.below(1 << 40))/"
        let (broken, direct) = (
          try server.store(bucket: server.sharedBucket(), endpoint: proxy.url, prefix: prefix, partSize: 5 << 20, seconds: 1),
          try server.store(bucket: server.sharedBucket(), prefix: prefix, partSize: 5 << 20)
        )
        try proxy.plan(#"[{"match":{"number":\#(number)},"fault":\#(fault)}]"#)
        let what = "request \(number), \(fault), seed \(seed)"
        do {
          try scene.publish(to: broken)
          published += 1
        } catch let error as DatasetError {
          failed += 1
          #expect([.io, .unavailable, .corrupt, .usage].contains(error.code), "\(what): \(error)")
          #expect(!error.description.contains(server.secretKey), "\(what)")
          // Published whole, though the last word was not heard, or not at all.
          let names = try VersionCatalog(direct).names(of: scene.name)
          if names.isEmpty { try scene.publish(to: direct) }
        }
        let report = try Verification(direct, isDeep: true).run()
        #expect(report.problems.isEmpty && report.versions == 1, "\(what): \(report.problems)")
      }
    }
    print("\(published) published in spite of a fault, \(failed) failed cleanly")
    #expect(published > failed)
  }

  /// What is read through faults is what was written, or an error.
  @Test func everyReadingMeetsEveryFault() throws {
    guard let server = TestServers.all.first(where: { $0.name == "rgw" }) else { return }
    let proxy = try FaultProxy(before: server.url)
    let scene = try Publishing()
    let bucket = try server.sharedBucket()
    let prefix = "read-\(S3Store.randomName())/"
    try scene.publish(to: try server.store(bucket: bucket, prefix: prefix, partSize: 5 << 20))
    func read(_ store: S3Store) throws -> [UInt8] {
      let cached = CachingStore(store, blockSize: 256 << 10) { $0.name == "current.json" }
      let version = try PublishedVersion(try VersionCatalog(cached).entry(VersionReference("street@current")), in: cached)
      let media = try #require(try version.file("2.jpg"))
      return try #require(try version.sample("1.jpg")) + Array(media.bytes)
    }
    let expected = try read(try server.store(bucket: bucket, prefix: prefix))
    try proxy.plan("[]")
    #expect(try read(try server.store(bucket: bucket, endpoint: proxy.url, prefix: prefix)) == expected)
    let count = try proxy.log().count
    let more = [
      #"{"kind":"truncate","after":100000}"#, #"{"kind":"reset-response","after":100000}"#, #"{"kind":"flip","at":100000}"#,
    ]
    for number in 1...count {
      for fault in Self.faults + more {
        try proxy.plan(#"[{"match":{"number":\#(number)},"fault":\#(fault)}]"#)
        do {
          let bytes = try read(try server.store(bucket: bucket, endpoint: proxy.url, prefix: prefix, seconds: 1))
          #expect(bytes == expected, "request \(number), \(fault)")
        } catch let error as DatasetError {
          #expect([.io, .unavailable, .corrupt, .invalidInput].contains(error.code), "request \(number), \(fault): \(error)")
        }
      }
    }
  }

  /// Sixteen want the same version, many times; through a proxy that loses every fifth answer.
  @Test(arguments: TestServers.all, [false, true]) func oneOfManyPublishersWins(server: TestServers, isLossy: Bool) throws {
    let proxy = try FaultProxy(before: server.url)
    let rounds = ProcessInfo.processInfo.environment["WAYBILL_S3_RACES"].flatMap { Int($0) } ?? (isLossy ? 6 : 12)
    for round in 0..<rounds {
      let prefix = "race-\(S3Store.randomName())/"
      let bucket = try server.sharedBucket()
      try proxy.plan(
        isLossy
          ? "["
            + (1...8).map { #"{"match":{"method":"PUT","nth":\#($0 * 5)},"fault":{"kind":"lost-reply"}}"# }.joined(separator: ",")
            + "]"
          : "[]")
      let stores = try (0..<16).map { _ in try server.store(bucket: bucket, endpoint: proxy.url, prefix: prefix) }
      for store in stores { try store.checkConditions() }
      let outcomes = Outcomes()
      DispatchQueue.concurrentPerform(iterations: 16) { publisher in
        do {
          let won = try stores[publisher].create(key("street/V001/version.json"), Array("publisher \(publisher)".utf8))
          outcomes.add(won ? publisher : -1)
        } catch { outcomes.fail("\(error)") }
      }
      let text = try server.store(bucket: bucket, prefix: prefix).bytes("street/V001/version.json").map {
        String(decoding: $0, as: UTF8.self)
      }
      #expect(outcomes.errors.isEmpty, "round \(round): \(outcomes.errors)")
      #expect(outcomes.winners.count == 1, "round \(round): won by \(outcomes.winners)")
      #expect(text == "publisher \(outcomes.winners.first ?? -1)", "round \(round)")
    }
  }

  /// Certificates are verified, whatever is wrong with them.
  @Test func certificatesAreVerified() throws {
    guard let server = TestServers.all.first else { return }
    let folder = try TemporaryFolder()
    _ = try TestServers.output(
      of: "/usr/bin/env", ["python3", "\(PackageFolder.root)/Tests/Servers/make_certificates.py", folder.path])
    for (name, authorities, isFine) in [
      ("good", "ca.pem", true), ("other", "ca.pem", false), ("expired", "ca.pem", false), ("unknown", "ca.pem", false),
      ("good", nil, false),
    ] as [(String, String?, Bool)] {
      let proxy = try FaultProxy(before: server.url, tls: (folder.file("\(name).pem"), folder.file("\(name).key")))
      var variables = server.variables(endpoint: proxy.url)
      if let authorities { variables["AWS_CA_BUNDLE"] = folder.file(authorities) }
      let store = try S3Store("s3://\(try server.sharedBucket())/tls", environment: variables)
      if isFine {
        #expect(try store.list("", after: nil, limit: 1).isLast)
      } else {
        let error = thrown { _ = try store.list("", after: nil, limit: 1) }
        #expect(error?.code == .io, "\(name)")
        #expect(store.traffic?.retries == 0, "\(name)")
        #expect(try proxy.log().isEmpty, "\(name): nothing was sent")
      }
    }
  }

  /// Stores that take no condition are found before anything is uploaded.
  @Test func aStoreThatIgnoresConditionsIsRefused() throws {
    guard let server = TestServers.all.first(where: { $0.name == "rgw" }) else { return }
    let proxy = try FaultProxy(before: server.url)
    for fault in [
      #"{"kind":"refuse-request-header","name":"If-None-Match","status":501,"code":"NotImplemented"}"#,
      #"{"kind":"status-after","status":200}"#,
    ] {
      try proxy.plan(#"[{"match":{"method":"PUT"},"times":-1,"fault":\#(fault)}]"#)
      let store = try server.store(endpoint: proxy.url)
      let scene = try Publishing()
      let error = thrown { try scene.publish(to: store) }
      #expect(error?.code == .usage, "\(error?.description ?? "published")")
      #expect(
        try proxy.log().filter { $0.method == "PUT" || $0.method == "POST" }.allSatisfy { $0.path.contains(".waybill-upload") })
    }
  }

  /// Keys do not go to where a redirect leads.
  @Test func credentialsStayWithTheirHost() throws {
    guard let server = TestServers.all.first else { return }
    let (proxy, other) = (try FaultProxy(before: server.url), try FaultProxy(before: server.url))
    try other.plan("[]")
    try proxy.plan(#"[{"match":{},"times":-1,"fault":{"kind":"redirect","status":307,"location":"\#(other.url)/x"}}]"#)
    let store = try server.store(endpoint: proxy.url)
    let error = thrown { _ = try store.list("", after: nil, limit: 1) }
    #expect(error?.message.contains("redirects") == true)
    #expect(try other.log().isEmpty)
  }
}

/// What came out for those who raced.
private final class Outcomes: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var winners: [Int] = []
  private(set) var errors: [String] = []

  func add(_ winner: Int) { lock.withLock { if winner >= 0 { winners.append(winner) } } }
  func fail(_ error: String) { lock.withLock { errors.append(error) } }
}

/// A dataset of three files, two of which are larger than a part.
struct Publishing {
  let folder: TemporaryFolder
  let name: DatasetName

  init() throws {
    folder = try TemporaryFolder()
    guard let name = DatasetName("street") else { throw DatasetError(.usage, "no name") }
    self.name = name
    var numbers = SeededNumbers(3)
    var lines = #"{"waybill":1,"name":"street","labels":[{"name":"car"}]}"# + "\n"
    for (number, size) in [6_000_000, 300_000, 5_000_000].enumerated() {
      let word = UInt8(numbers.below(256))
      _ = try folder.write("\(number).jpg", (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ($0 >> 8)) ^ word })
      lines +=
        #"{"key":"\#(number).jpg","image":{"path":"\#(number).jpg","width":64,"height":48},"annotations":[{"label":"car","box":[1,2,3,4]}]}"#
        + "\n"
    }
    _ = try folder.write("labels.waybill.jsonl", lines)
  }

  func publish(to store: any ObjectStore) throws {
    var source = ConversionRequest(
      input: folder.file("labels.waybill.jsonl"), output: "", to: try FormatRegistry.all.parse("waybill"))
    source.jobs = 1
    var request = PublicationRequest(source: source, dataset: name)
    request.created = Timestamp(seconds: 1_700_000_000, zoneOffsetMinutes: 0)
    request.cacheFolder = nil
    do throws(Publication.Failure) { _ = try Publication(request, to: store, registry: .all).run() } catch { throw error.error }
  }
}
