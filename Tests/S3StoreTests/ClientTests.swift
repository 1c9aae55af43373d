import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

@testable import WaybillS3Store

/// What is tried again, how long, and what is said at the end.
@Suite struct ClientTests {
  private static let found = ScriptedTransport.Answer.status(
    200, headers: ["content-length": "3", "etag": "\"abc\"", "last-modified": "Sat, 31 Jan 2026 23:59:59 GMT"])

  @Test func looks() throws {
    let transport = ScriptedTransport([Self.found])
    let info = try scriptedStore(transport).info(key("a/b"))
    #expect(
      info == ObjectInfo(key: key("a/b"), size: 3, modifiedSeconds: 1_769_903_999, revision: ObjectRevision("\"abc\"")))
    #expect(transport.requests.map(\.url) == ["https://bucket.s3.us-east-1.amazonaws.com/pre/fix/a/b"])
    #expect(transport.requests[0].header("Authorization")?.hasPrefix("AWS4-HMAC-SHA256 Credential=CANARYACCESS/") == true)
    #expect(try scriptedStore(ScriptedTransport([.status(404)])).info(key("a")) == nil)
  }

  @Test(
    arguments: [
      .error(500, "InternalError"), .error(503, "SlowDown"), .error(503, "ServiceUnavailable"), .error(429, "TooManyRequests"),
      .error(409, "OperationAborted"), .error(400, "RequestTimeout"), .error(502, ""), .failure(),

    ] as [ScriptedTransport.Answer]) func triesAgain(_ answer: ScriptedTransport.Answer) throws
  {
    let clock = PatientClock()
    let transport = ScriptedTransport([answer, answer, Self.found])
    #expect(try scriptedStore(transport, clock: clock.clock).info(key("a"))?.size == 3)
    // A random share, here a half, of pauses that double.
    #expect(clock.pauses == [0.1, 0.2])
    let store = try scriptedStore(ScriptedTransport([answer]), clock: clock.clock)
    let error = thrown { _ = try store.info(key("a")) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.hasSuffix("tried 6 times") == true)
    #expect(store.traffic?.requests == 6 && store.traffic?.retries == 5)
  }

  @Test(
    arguments: [
      .error(403, "AccessDenied"), .error(403, "SignatureDoesNotMatch"), .error(404, "NoSuchBucket"), .error(400, "InvalidRequest"),
      .error(403, "RequestTimeTooSkewed"), .failure(isTemporary: false), .error(301, "PermanentRedirect"),
      .error(405, "MethodNotAllowed"),
    ] as [ScriptedTransport.Answer]) func failsAtOnce(_ answer: ScriptedTransport.Answer) throws
  {
    let transport = ScriptedTransport([answer])
    let error = try thrown(scriptedStore(transport), { _ = try $0.list("", after: nil, limit: 1) })
    #expect(error?.code == .io)
    #expect(transport.requests.count == 1)
    #expect(error?.description.contains("canary") == false)
  }

  @Test func waitsAsLongAsIsAskedFor() throws {
    let clock = PatientClock()
    let transport = ScriptedTransport([.error(503, "SlowDown", headers: ["retry-after": "7"]), Self.found])
    _ = try scriptedStore(transport, clock: clock.clock).info(key("a"))
    #expect(clock.pauses == [7])
    // Not beyond the deadline.
    let late = ScriptedTransport([.error(503, "SlowDown", headers: ["retry-after": "3600"])])
    #expect(try thrown(scriptedStore(late), { _ = try $0.info(key("a")) })?.code == .unavailable)
    #expect(late.requests.count == 1)
  }

  @Test func namesTheSizeOfASkew() throws {
    let date = "Sat, 31 Jan 2026 23:59:59 GMT"
    let transport = ScriptedTransport([.error(403, "RequestTimeTooSkewed", headers: ["date": date])])
    let error = try thrown(scriptedStore(transport), { _ = try $0.list("", after: nil, limit: 1) })
    #expect(error?.message.contains("minutes ahead of the store's") == true)
  }

  @Test func renewsCredentialsOnce() throws {
    let lent = #"{"AccessKeyId":"LENT","SecretAccessKey":"canary","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#
    var variables = testKeys
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] { variables[name] = nil }
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x"
    let transport = ScriptedTransport { request, number in
      request.url.hasPrefix("http://169.254.170.2")
        ? .status(200, body: lent) : number < 3 ? .error(400, "ExpiredToken") : Self.found
    }
    #expect(try scriptedStore(transport, variables: variables).info(key("a")) != nil)
    #expect(transport.requests.count == 4)
    let expired = ScriptedTransport([.error(400, "ExpiredToken")])
    let error = try thrown(scriptedStore(expired), { _ = try $0.info(key("a")) })
    #expect(error?.message.contains("the credentials have expired") == true)
    #expect(expired.requests.count == 1)
  }

  @Test func followsARegionAndNothingElse() throws {
    let moved = ScriptedTransport.Answer.error(301, "PermanentRedirect", headers: ["x-amz-bucket-region": "eu-west-3"])
    let transport = ScriptedTransport([moved, Self.found])
    let store = try scriptedStore(transport)
    #expect(try store.info(key("a")) != nil)
    #expect(transport.requests[1].url == "https://bucket.s3.eu-west-3.amazonaws.com/pre/fix/a")
    #expect(transport.requests[1].header("Authorization")?.contains("/eu-west-3/s3/") == true)
    // Not for a hostile region, nor from an endpoint that someone has named, nor to a place of the server's choice.
    var options = S3Options()
    options.endpoint = "https://minio.example.org"
    let elsewhere = ScriptedTransport.Answer.error(
      307, "TemporaryRedirect", headers: ["location": "https://evil.example.org/?x=canary"])
    let cases: [(ScriptedTransport.Answer, S3Options)] = [
      (.error(301, "PermanentRedirect", headers: ["x-amz-bucket-region": "evil.example.org/"]), S3Options()), (moved, options),
      (elsewhere, S3Options()), (elsewhere, options),
    ]
    for (answer, options) in cases {
      let transport = ScriptedTransport([answer])
      let error = try thrown(scriptedStore(transport, options: options), { _ = try $0.info(key("a")) })
      #expect(error?.code == .io)
      #expect(error?.description.contains("canary") == false)
      #expect(transport.requests.count == 1)
    }
  }

  @Test func signsNothingForEveryone() throws {
    var options = S3Options()
    options.isAnonymous = true
    let transport = ScriptedTransport([Self.found])
    #expect(try scriptedStore(transport, options: options).info(key("a")) != nil)
    #expect(transport.requests[0].header("Authorization") == nil)
    #expect(transport.requests[0].header("x-amz-date") == nil)
  }

  @Test func takesNothingForAnAnswerThatIsNone() throws {
    let pages = [
      "", "<html/>", "<ListBucketResult><IsTruncated>maybe</IsTruncated></ListBucketResult>", "<ListBucketResult/>",
      "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "<ListBucketResult><IsTruncated>false</IsTruncated>",
    ]
    for body in pages {
      let store = try scriptedStore(ScriptedTransport([.status(200, body: body)]))
      #expect(thrown { _ = try store.list("", after: nil, limit: 10) }?.code == .io, "\(body)")
    }
    #expect(try thrown(scriptedStore(ScriptedTransport([.status(200)])), { _ = try $0.info(key("a")) })?.code == .io)
  }
}
