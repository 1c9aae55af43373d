import Foundation
import Glibc
import TestSupport

/// The library that makes the n-th call of a program fail, compiled once; see `Faults/faults.c`.
enum FaultShim {
  /// Its path, or nil where there is no C compiler, or where a sanitizer wants to be loaded first.
  static let path: String? = {
    guard ProcessInfo.processInfo.environment["WAYBILL_SANITIZER"] == nil else { return nil }
    let source = "\(PackageFolder.root)/Tests/AbuseTests/Faults/faults.c"
    let target = "\(ChildProcess.programs)/waybill-faults-\(getpid()).so"
    let arguments = ["clang", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", target, source]
    // SwiftPM runs tests with the toolchain's clang in reach; elsewhere any compiler will do.
    let extra = ProcessInfo.processInfo.environment["PATH"].map { "\($0):/opt/swift/usr/bin" } ?? "/opt/swift/usr/bin:/usr/bin:/bin"
    for compiler in ["clang", "gcc", "cc"] {
      var words = arguments
      words[0] = compiler
      let outcome = try? ChildProcess.run("/usr/bin/env", words, environment: ["PATH": extra])
      if outcome?.status == 0, outcome?.isSignal == false { return target }
    }
    return nil
  }()

  /// The variables that make a call fail with an error number, or send the process a signal at it.
  static func environment(
    call: Int, error: Int32 = 0, signal: Int32 = SIGKILL, count: String? = nil
  ) -> [String: String] {
    var variables = ["LD_PRELOAD": path ?? "", "WAYBILL_FAULT_AT": "\(call)"]
    variables["WAYBILL_FAULT_ERRNO"] = "\(error)"
    variables["WAYBILL_FAULT_SIGNAL"] = "\(signal)"
    if let count { variables["WAYBILL_FAULT_COUNT"] = count }
    return variables
  }
}
