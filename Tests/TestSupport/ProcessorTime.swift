import Glibc

/// The seconds a processor spends on this thread's work: how long something takes on a machine that does nothing else, as near as a test can know it.
///
/// For what must end in time and not in hours; the bounds are far above what is needed, so that only another order of growth breaks them.
/// Time on the wall counts whatever runs beside the test, and says nothing.
public func processorSeconds<E: Error>(_ work: () throws(E) -> Void) throws(E) -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let start = now()
  try work()
  return now() - start
}
