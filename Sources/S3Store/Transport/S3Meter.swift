import WaybillLocks
import WaybillObjectStore

/// Counts what goes over the wire.
final class S3Meter: Sendable {
  private let counts = Lock(StoreTraffic())

  /// What went over the wire so far.
  var traffic: StoreTraffic { counts.withLock { $0 } }

  /// Counts a request and its answer.
  func count(_ request: HTTPRequest, received: Int, isRetry: Bool) {
    counts.withLock { counts in
      counts.requests += 1
      counts.retries += isRetry ? 1 : 0
      counts.sentBytes += request.bodySize
      counts.receivedBytes += received
    }
  }
}
