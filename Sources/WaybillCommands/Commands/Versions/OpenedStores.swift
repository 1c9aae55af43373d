import WaybillLocks
import WaybillObjectStore
import WaybillS3Store

/// The stores that a command has opened, so that their traffic can be told at its end.
final class OpenedStores: Sendable {
  private let opened = Lock<[@Sendable () -> (name: String, traffic: StoreTraffic)?]>([])

  /// Remembers a store.
  func note(_ store: any ObjectStore) {
    opened.withLock { $0.append({ store.traffic.map { (store.location, $0) } }) }
  }

  /// Remembers where media come from.
  func note(_ media: S3Media) {
    opened.withLock { $0.append({ media.traffic.requests == 0 ? nil : ("media", media.traffic) }) }
  }

  /// A line for all that is behind a wire: `s3://bucket/prefix: 12 requests, 3.4 MB received, 120 B sent`.
  var trafficText: String {
    opened.withLock { $0 }.compactMap { $0() }.map { name, traffic in
      let again = traffic.retries == 0 ? "" : " (\(traffic.retries) made again)"
      return "\(name): \(traffic.requests) request\(traffic.requests == 1 ? "" : "s")\(again), "
        + "\(byteCount(traffic.receivedBytes)) received, \(byteCount(traffic.sentBytes)) sent\n"
    }.joined()
  }
}
