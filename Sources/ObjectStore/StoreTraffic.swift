/// What a store has sent and received.
public struct StoreTraffic: Sendable, Equatable {
  /// Number of requests, those that were tried again included.
  public var requests = 0
  /// Number of requests that were made again after a failure.
  public var retries = 0
  /// Bytes of the bodies that were sent.
  public var sentBytes = 0
  /// Bytes of the bodies that were received.
  public var receivedBytes = 0

  /// Nothing.
  public init() {}

  /// Adds what another store has sent and received.
  package mutating func add(_ other: StoreTraffic) {
    requests += other.requests
    retries += other.retries
    sentBytes += other.sentBytes
    receivedBytes += other.receivedBytes
  }
}
