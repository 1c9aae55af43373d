import Glibc

/// A thread of the system that runs a body and is waited for.
public struct WorkerThread: Sendable {
  private let thread: pthread_t

  /// Starts a thread; nil when the system has none to give.
  ///
  /// - Parameter stackBytes: Bytes of its stack; the system's own number when nil.
  public init?(stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body))
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits until the body has ended; to be called once.
  public func join() { pthread_join(thread, nil) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
