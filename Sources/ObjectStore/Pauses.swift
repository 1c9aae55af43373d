import Glibc
import WaybillDiagnostics
import WaybillFiles

/// Seconds on the clock that never runs backwards.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Waits; throws soon after someone wants the process to stop.
package func pauseUnlessInterrupted(_ seconds: Double) throws(DatasetError) {
  let end = monotonicSeconds() + seconds
  while true {
    try InterruptFlag.check()
    let left = end - monotonicSeconds()
    guard left > 0 else { return }
    // A signal may reach another thread, so no sleep is long.
    usleep(useconds_t(min(left, 0.1) * 1e6) + 1)
  }
}
