import Foundation
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

  /// The variables that make a call fail with an error number, or kill the process where there is none.
  static func environment(call: Int, error: Int32?, count: String? = nil) -> [String: String] {
    var variables = ["LD_PRELOAD": path ?? "", "WAYBILL_FAULT_AT": "\(call)"]
    if let error { variables["WAYBILL_FAULT_ERRNO"] = "\(error)" }
    if let count { variables["WAYBILL_FAULT_COUNT"] = count }
    return variables
  }
}
