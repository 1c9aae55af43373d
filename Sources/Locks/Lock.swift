import Glibc

/// A value that one thread at a time may touch.
///
/// Made of the system's mutex and not of the standard library's, so that the thread sanitizer sees who excludes whom. A lock is not
/// recursive: taking it again inside its body waits for ever.
public final class Lock<Value: ~Copyable>: @unchecked Sendable {
  // Both need addresses that stay where they are.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let value: UnsafeMutablePointer<Value>

  /// A lock around a value.
  public init(_ value: consuming sending Value) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deinitialize(count: 1)
    mutex.deallocate()
  }

  /// Runs a body that alone may touch the value; waits until other bodies are through.
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }

  /// Runs a body again and again, and lets others in between until they signal, until it has a result.
  func withLock<Result, Failure: Error>(
    untilSignal condition: UnsafeMutablePointer<pthread_cond_t>, _ body: (inout sending Value) throws(Failure) -> sending Result?
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = try body(&value.pointee) { return result }
      pthread_cond_wait(condition, mutex)
    }
  }
}
