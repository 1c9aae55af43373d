import Glibc

/// What one case may cost; whoever passes the hard limits is ended by the system.
enum CaseLimits {
  /// Seconds of processor time for one case: the fixtures are a few kilobytes, and this is a debug build.
  static let processorSeconds = 2.0
  /// How much the largest resident size may grow in one case.
  static let growthBytes = 96 << 20
  private static let hardProcessorSeconds = 20
  private static let hardSeconds = 120

  /// Bounds the address space of the process, where no sanitizer needs it for itself.
  static func boundMemory(_ bytes: UInt) {
    guard getenv("WAYBILL_SANITIZER") == nil else { return }
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    // A trap must not fill the disk.
    limit = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
  }

  /// Starts the clocks of a case anew: a case that goes on for ever ends the process with `SIGPROF` or `SIGALRM`.
  static func startClocks() {
    var processor = itimerval()
    processor.it_value.tv_sec = hardProcessorSeconds
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &processor, nil)
    var wall = itimerval()
    wall.it_value.tv_sec = hardSeconds
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &wall, nil)
  }

  /// Processor time used so far, and the largest resident size so far.
  static func used() -> (seconds: Double, bytes: Int) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let micro = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return (Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micro) / 1e6, usage.ru_maxrss * 1024)
  }
}
