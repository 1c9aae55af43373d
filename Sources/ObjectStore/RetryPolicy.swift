import WaybillDiagnostics

/// How often and how long a ``RetryingStore`` tries again.
public struct RetryPolicy: Sendable {
  /// Most tries of one call, the first included.
  public var tries = 6
  /// Longest pause before the second try, in seconds; it doubles with each try.
  public var firstPauseSeconds = 0.2
  /// Longest pause of all, in seconds.
  public var longestPauseSeconds = 10.0
  /// How long after a call's beginning its last try may begin, in seconds.
  public var deadlineSeconds = 120.0
  /// Number of bytes of an upload that are kept, so that they can be sent again; a longer upload is tried once.
  public var replayLimit = 8 << 20

  /// Six tries within two minutes.
  public init() {}

  /// The pause before a try, counted from 2: a random share of a time that doubles with each try, so that many who failed together do not
  /// come back together.
  package func pauseSeconds(before number: Int, random: Double) -> Double {
    var longest = firstPauseSeconds
    for _ in 2..<max(2, number) where longest < longestPauseSeconds { longest *= 2 }
    return min(longest, longestPauseSeconds) * random
  }
}

/// The time and the chance that a ``RetryingStore`` goes by; tests bring their own.
public struct RetryClock: Sendable {
  /// Seconds since some moment; never runs backwards.
  public var nowSeconds: @Sendable () -> Double
  /// Waits some seconds; throws when the wait is to end early.
  public var pause: @Sendable (_ seconds: Double) throws(DatasetError) -> Void
  /// A number from 0 up to, and without, 1.
  public var random: @Sendable () -> Double

  /// A clock of one's own.
  public init(
    nowSeconds: @escaping @Sendable () -> Double, pause: @escaping @Sendable (_ seconds: Double) throws(DatasetError) -> Void,
    random: @escaping @Sendable () -> Double
  ) {
    self.nowSeconds = nowSeconds
    self.pause = pause
    self.random = random
  }

  /// The system's clock, whose pauses end with ``InterruptFlag``.
  public static let system = RetryClock(
    nowSeconds: monotonicSeconds, pause: { (seconds) throws(DatasetError) in try pauseUnlessInterrupted(seconds) },
    random: { Double.random(in: 0..<1) })
}
