import WaybillLocks
import WaybillObjectStore

/// The stores that a command has opened, so that their traffic can be told at its end.
final class OpenedStores: Sendable {
  private let stores = Lock<[any ObjectStore]>([])

  /// Remembers a store.
  func note(_ store: any ObjectStore) { stores.withLock { $0.append(store) } }

  /// A line for each store that is behind a wire: `s3://bucket/prefix: 12 requests, 3.4 MB received, 120 B sent`.
  var trafficText: String {
    stores.withLock { $0 }.map { store in
      guard let traffic = store.traffic else { return "" }
      let again = traffic.retries == 0 ? "" : " (\(traffic.retries) made again)"
      return "\(store.location): \(traffic.requests) request\(traffic.requests == 1 ? "" : "s")\(again), "
        + "\(byteCount(traffic.receivedBytes)) received, \(byteCount(traffic.sentBytes)) sent\n"
    }.joined()
  }
}
