import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

@testable import WaybillS3Store

/// Writes on conditions: who has won when answers are lost, and stores that take no condition.
@Suite struct WritingTests {
  /// A bucket of one key behind a transport, which can lose or fake answers.
  private final class OneKey: Sendable {
    let object = Lock<(writing: String, etag: Int)?>(nil)
    let count = Lock(0)

    func answer(_ request: ScriptedTransport.Sent) -> ScriptedTransport.Answer {
      if request.url.contains(".waybill-upload") {
        return request.method == "DELETE"
          ? .status(204)
          : count.withLock { count in
            count += 1
            return count == 1 ? .status(200) : .status(412)
          }
      }
      let writing = request.header("x-amz-meta-waybill-writing") ?? ""
      return object.withLock { object in
        switch request.method {
        case "HEAD":
          guard let object else { return .status(404) }
          return .status(
            200, headers: ["etag": "\"\(object.etag)\"", "content-length": "1", "x-amz-meta-waybill-writing": object.writing])
        case "PUT":
          if request.header("If-None-Match") == "*", object != nil { return .error(412, "PreconditionFailed") }
          if let match = request.header("If-Match") {
            guard let object else { return .error(404, "NoSuchKey") }
            guard match == "\"\(object.etag)\"" else { return .error(412, "PreconditionFailed") }
          }
          object = (writing, (object?.etag ?? 0) + 1)
          return .status(200, headers: ["etag": "\"\(object?.etag ?? 0)\""])
        default: return .status(405)
        }
      }
    }
  }

  @Test func aLostAnswerIsNoLostRace() throws {
    let bucket = OneKey()
    let isFirst = Lock(true)
    let transport = ScriptedTransport { request, _ in
      let answer = bucket.answer(request)
      let isLost =
        request.method == "PUT" && !request.url.contains(".waybill-upload")
        && isFirst.withLock { first in
          defer { first = false }
          return first
        }
      return isLost ? .failure() : answer
    }
    #expect(try scriptedStore(transport).create(key("a"), [1]))
    // And one that is lost is told from it.
    let again = ScriptedTransport { request, _ in bucket.answer(request) }
    #expect(try scriptedStore(again).create(key("a"), [1]) == false)
  }

  @Test(arguments: [true, false]) func aRaceThatIsLostBehindALostAnswer(isOurs: Bool) throws {
    // The answer to the first try is a failure; whether it was done shows later.
    let bucket = OneKey()
    let tries = Lock(0)
    let transport = ScriptedTransport { request, _ in
      guard request.method == "PUT", !request.url.contains(".waybill-upload") else { return bucket.answer(request) }
      let number = tries.withLock { tries in
        tries += 1
        return tries
      }
      guard number == 1 else { return bucket.answer(request) }
      if isOurs {
        _ = bucket.answer(request)
      } else {
        bucket.object.withLock { $0 = ("someone else's", 5) }
      }
      return .error(500, "InternalError")
    }
    #expect(try scriptedStore(transport).create(key("a"), [1]) == isOurs)
    #expect(bucket.object.withLock { $0?.etag } == (isOurs ? 1 : 5))
  }

  @Test func replacesTheRevisionItIsTold() throws {
    let bucket = OneKey()
    let store = try scriptedStore(ScriptedTransport { request, _ in bucket.answer(request) })
    try store.replace(key("a"), with: [1], expecting: nil)
    let first = try store.info(key("a"))?.revision
    try store.replace(key("a"), with: [2], expecting: first)
    for revision in [first, nil, ObjectRevision(""), ObjectRevision("*"), ObjectRevision("\"x\"\r\nx-evil: 1")] {
      #expect(thrown { try store.replace(key("a"), with: [3], expecting: revision) }?.code == .conflict)
    }
  }

  @Test func whenNoAnswerEverComesNobodyKnows() throws {
    let transport = ScriptedTransport { request, _ in
      request.url.contains(".waybill-upload") ? OneKey().answer(request) : .failure()
    }
    let store = try scriptedStore(transport, options: unsafe)
    #expect(thrown { _ = try store.create(key("a"), [1]) }?.code == .unavailable)
  }

  private var unsafe: S3Options {
    var options = S3Options()
    options.isUnsafe = true
    return options
  }

  @Test(arguments: [.status(200), .error(501, "NotImplemented"), .error(400, "NotImplemented")] as [ScriptedTransport.Answer])
  func storesWithoutConditionsAreRefused(_ answer: ScriptedTransport.Answer) throws {
    let transport = ScriptedTransport { request, _ in request.method == "PUT" ? answer : .status(204) }
    let store = try scriptedStore(transport)
    for body in [{ _ = try store.create(key("a"), [1]) }, { try store.replace(key("a"), with: [1], expecting: nil) }] {
      let error = thrown(body)
      #expect(error?.code == .usage)
      #expect(error?.message.contains("--unsafe-no-conditional") == true)
    }
    // Nothing but the trial was sent, and it was removed.
    #expect(transport.requests.allSatisfy { $0.url.contains(".waybill-upload/condition-") })
    #expect(transport.requests.last?.method == "DELETE")
    // Asked for, it goes on without.
    let bucket = OneKey()
    let risky = ScriptedTransport { request, _ in bucket.answer(request) }
    #expect(try scriptedStore(risky, options: unsafe).create(key("a"), [1]))
    #expect(try scriptedStore(risky, options: unsafe).create(key("a"), [1]) == false)
    #expect(risky.requests.allSatisfy { $0.header("If-None-Match") == nil })
  }

  @Test func theTrialIsMadeOnce() throws {
    let bucket = OneKey()
    let transport = ScriptedTransport { request, _ in bucket.answer(request) }
    let store = try scriptedStore(transport)
    #expect(try store.create(key("a"), [1]))
    let count = transport.requests.count
    #expect(try store.create(key("b"), [1]) == false)
    // The writing that is refused, and the look at whose it was.
    #expect(transport.requests.count == count + 2)
  }
}
