import Glibc
import Synchronization
import WaybillDiagnostics

/// The wish to stop, as a signal left it: long work asks between two steps.
public enum InterruptFlag {
  private static let isRaised = Atomic<Bool>(false)

  /// Installs the handlers of a command-line tool; libraries leave signals alone.
  ///
  /// The first `SIGINT`, `SIGTERM` or `SIGHUP` raises the flag, a second of the same kind ends the process as if there were
  /// no handler. Signals the process was started to ignore stay ignored. `SIGBUS`, which means that a mapped input was cut
  /// short, prints a sentence and exits 1.
  public static func install() {
    // A global must not be created inside a handler.
    _ = isRaised.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      install(number, flags: UInt32(SA_RESETHAND)) { _ in InterruptFlag.raise() }
    }
    install(SIGBUS, flags: 0) { _ in
      let text: StaticString = "waybill: error: input changed while it was read\n"
      _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
      _exit(1)
    }
  }

  private static func install(_ number: Int32, flags: UInt32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    if number != SIGBUS, sigaction(number, nil, &action) == 0, isIgnored(action) { return }
    action = sigaction()
    // No SA_RESTART: a read that waits for a pipe shall return and look at the flag.
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = Int32(bitPattern: flags)
    sigemptyset(&action.sa_mask)
    sigaction(number, &action, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    guard let handler = action.__sigaction_handler.sa_handler else { return false }
    // SIG_IGN is the address 1.
    return unsafeBitCast(handler, to: UInt.self) == 1
  }

  /// Raises the flag, as a signal does; safe in a signal handler.
  public static func raise() { isRaised.store(true, ordering: .relaxed) }

  /// Takes the wish to stop back; for tests and for tools that go on after an interrupted job.
  public static func lower() { isRaised.store(false, ordering: .relaxed) }

  /// Whether someone wants the process to stop.
  public static var wantsStop: Bool { isRaised.load(ordering: .relaxed) }

  /// Throws ``DatasetError/Code/interrupted`` when someone wants the process to stop; costs one load.
  public static func check() throws(DatasetError) {
    if isRaised.load(ordering: .relaxed) { throw DatasetError(.interrupted, "interrupted") }
  }
}
