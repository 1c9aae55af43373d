import Glibc

/// A ``Lock`` whose value others can wait for to become as they need it.
public final class WaitingLock<Value: ~Copyable>: @unchecked Sendable {
  private let lock: Lock<Value>
  // Needs an address that stays where it is.
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  /// A lock around a value.
  public init(_ value: consuming sending Value) {
    lock = Lock(value)
    changed = .allocate(capacity: 1)
    changed.initialize(to: pthread_cond_t())
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    changed.deinitialize(count: 1)
    changed.deallocate()
  }

  /// Runs a body that alone may touch the value, and wakes those who wait for a change.
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    defer { pthread_cond_broadcast(changed) }
    return try lock.withLock(body)
  }

  /// Runs a body again after each change, until it has a result.
  public func waitFor<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result?
  ) throws(Failure) -> sending Result {
    defer { pthread_cond_broadcast(changed) }
    return try lock.withLock(untilSignal: changed, body)
  }
}
