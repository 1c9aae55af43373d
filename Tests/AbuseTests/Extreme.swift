import Foundation

/// The tool as a process with bounded memory: what is private to it and writable may not pass the limit, however large its mapped input is.
enum Extreme {
  /// Runs the tool.
  static func run(
    _ arguments: [String], dataMegabytes: Int = 1024, files: Int? = nil, environment: [String: String] = [:], seconds: Double = 240
  ) throws -> ChildProcess.Outcome {
    var script = ""
    // A sanitizer needs its own terabytes, and several descriptors.
    if ProcessInfo.processInfo.environment["WAYBILL_SANITIZER"] == nil {
      script += "ulimit -d \(dataMegabytes * 1024); "
      if let files { script += "ulimit -n \(files); " }
    }
    script += "ulimit -c 0; exec \"$@\""
    return try ChildProcess.run(
      "/bin/bash", ["-c", script, "bash", ChildProcess.tool] + arguments, environment: environment, seconds: seconds)
  }

  /// Runs a shell script of root in a mount namespace of its own; nil where the system forbids that.
  static func runAlone(_ script: String, _ arguments: [String]) throws -> ChildProcess.Outcome? {
    guard canMount else { return nil }
    return try ChildProcess.run("/usr/bin/unshare", ["-m", "/bin/bash", "-c", script, "bash"] + arguments, seconds: 240)
  }

  /// Whether a file system can be mounted here where nobody else sees it.
  static let canMount: Bool = {
    guard getuid() == 0 else { return false }
    let script = "d=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && umount $d && rmdir $d"
    let outcome = try? ChildProcess.run("/usr/bin/unshare", ["-m", "/bin/bash", "-c", script])
    return outcome?.status == 0 && outcome?.isSignal == false
  }()
}
