import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// Signs requests, sends them, and tries again where that makes sense.
///
/// Safe to use from several threads.
final class S3Client: Sendable {
  private let policy: RetryPolicy
  private let clock: RetryClock
  private let transport: any HTTPTransport
  private let chain: CredentialChain?
  private let place: Lock<S3Endpoint>
  let meter = S3Meter()

  /// A client of a bucket; without credentials its requests are not signed.
  init(
    _ endpoint: S3Endpoint, _ chain: CredentialChain?, _ transport: any HTTPTransport, policy: RetryPolicy = RetryPolicy(),
    clock: RetryClock = .system
  ) {
    place = Lock(endpoint)
    self.chain = chain
    self.transport = transport
    self.policy = policy
    self.clock = clock
  }

  /// Where the bucket is.
  var endpoint: S3Endpoint { place.withLock { $0 } }

  /// What to do with a key.
  struct Call {
    var method: String
    /// The key, not escaped; empty for the bucket.
    var key = ""
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: UnsafeRawBufferPointer?
    /// The bytes to send, where they are not in memory, and their SHA-256 in hexadecimal digits.
    var source: (bytes: any ByteSource, digest: String)?
    var destination: UnsafeMutableRawBufferPointer?
    /// Whether the wish to stop does not end it.
    var isCleanup = false
    /// What messages call it: cannot `write the object`.
    var what: String
  }

  /// The outcome of one try.
  enum Outcome {
    case done(HTTPResponse)
    case refused(S3Refusal)
    case failed(TransportFailure)
  }

  /// Makes a call until it is done or refused for good, or the policy says that it is enough.
  ///
  /// - Parameter judge: Looks at each try first; what it returns is the end. Whatever it is shown, an earlier try may have had its effect.
  /// - Throws: An error of the code `unavailable` when it never came to an end, `io` when the store refuses, `interrupted`.
  func perform<Result>(
    _ call: Call, _ judge: (Outcome) throws(DatasetError) -> Result?
  ) throws(DatasetError) -> Result {
    let start = clock.nowSeconds()
    var number = 1
    var hasMoved = false
    var hasRenewed = false
    while true {
      let keys = try chain?.credentials()
      let outcome = send(call, keys, isRetry: number > 1)
      if let result = try judge(outcome) { return result }
      var wait: Double?
      switch outcome {
      case .done(let response): throw unexpected(call, response)
      case .refused(let refusal):
        if !hasMoved, let moved = move(refusal) {
          place.withLock { $0 = moved }
          hasMoved = true
          continue
        }
        if refusal.isExpiry, !hasRenewed, let keys, chain?.forget(keys) == true {
          hasRenewed = true
          continue
        }
        // What is broken twice was broken before it was sent.
        guard refusal.isTemporary, !refusal.isMismatch || number < 2 else {
          throw refusal.error(doing: call.what, path: path(call.key))
        }
        wait = refusal.retryAfterSeconds
      case .failed(let failure):
        if let error = failure.sourceError { throw error }
        if failure.isInterruption { throw DatasetError(.interrupted, "interrupted") }
        guard failure.isTemporary else { throw error(of: failure, call) }
      }
      number += 1
      let seconds = max(policy.pauseSeconds(before: number, random: clock.random()), wait ?? 0)
      guard number <= policy.tries, clock.nowSeconds() - start + seconds <= policy.deadlineSeconds else {
        throw last(outcome, call, tries: number - 1)
      }
      if call.isCleanup {
        // Someone waits for the end: no pause that the wish to stop would cut short.
        do throws(DatasetError) { try clock.pause(min(seconds, 0.5)) } catch {}
      } else {
        try clock.pause(seconds)
      }
    }
  }

  /// Makes a call whose only good end is success.
  func perform(_ call: Call) throws(DatasetError) -> HTTPResponse {
    try perform(call) { (outcome) throws(DatasetError) in
      if case .done(let response) = outcome { return response }
      return nil
    }
  }

  /// Makes a call once.
  func send(_ call: Call, _ keys: S3Credentials?, isRetry: Bool) -> Outcome {
    let endpoint = endpoint
    let path = endpoint.path(call.key)
    let query = S3Escaping.query(call.query)
    var headers = call.headers
    let payload = call.source?.digest ?? call.body.map { SHA256Digest(of: $0).hex } ?? Self.emptyPayload
    if let keys {
      headers = S3Signature(credentials: keys, region: endpoint.region).headers(
        method: call.method, path: path, query: call.query, headers: [("Host", endpoint.authority)] + headers, payload: payload,
        time: .now)
    }
    let url = "\(endpoint.scheme)://\(endpoint.authority)\(path)" + (query.isEmpty ? "" : "?" + query)
    let request = HTTPRequest(
      method: call.method, url: url, headers: headers, body: call.body, source: call.source?.bytes, destination: call.destination,
      isCleanup: call.isCleanup)
    do throws(TransportFailure) {
      let response = try transport.send(request)
      meter.count(request, received: response.received, isRetry: isRetry)
      return response.isSuccess ? .done(response) : .refused(S3Refusal(response))
    } catch {
      meter.count(request, received: error.response.received, isRetry: isRetry)
      return .failed(error)
    }
  }

  private static let emptyPayload = SHA256Digest(of: []).hex

  /// `s3://bucket/key`, as messages show it.
  func path(_ key: String) -> String { "s3://\(endpoint.bucket)/\(key)" }

  /// The endpoint to ask instead; nil when the answer names none that is ours to ask.
  private func move(_ refusal: S3Refusal) -> S3Endpoint? {
    let endpoint = endpoint
    guard endpoint.isRegional, let region = refusal.region, region != endpoint.region,
      (300..<400).contains(refusal.status) || ["AuthorizationHeaderMalformed", "PermanentRedirect"].contains(refusal.code),
      !region.isEmpty, region.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D })
    else { return nil }
    return endpoint.moved(to: region)
  }

  // MARK: Errors

  private func last(_ outcome: Outcome, _ call: Call, tries: Int) -> DatasetError {
    var error =
      switch outcome {
      case .failed(let failure): error(of: failure, call)
      case .refused(let refusal): refusal.error(doing: call.what, path: path(call.key))
      case .done(let response): unexpected(call, response)
      }
    if tries > 1 { error.message += "; tried \(tries) times" }
    return error
  }

  private func error(of failure: TransportFailure, _ call: Call) -> DatasetError {
    DatasetError(
      failure.isTemporary ? .unavailable : .io, "cannot \(call.what) at \(endpoint.authority): \(failure.message)",
      path: path(call.key))
  }

  /// The error of an answer that says success and is not what was asked for.
  func unexpected(_ call: Call, _ response: HTTPResponse) -> DatasetError {
    DatasetError(
      .io, "cannot \(call.what): the store's answer (status \(response.status)) is not what S3 answers", path: path(call.key))
  }
}
