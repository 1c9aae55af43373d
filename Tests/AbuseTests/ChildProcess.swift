import Foundation
import Glibc
import TestSupport

/// A program of the package run as a process of its own, so that whatever ends it does not end the tests.
struct ChildProcess {
  /// How it ended and what it printed.
  struct Outcome {
    var status: Int32
    var isSignal: Bool
    var output: String
    var errors: String
    /// Whether it ran out of its time and was killed for it.
    var isTimeout: Bool

    /// How it ended, in words.
    var ending: String {
      if isTimeout { return "killed because it did not end" }
      return isSignal ? "ended by signal \(status)" : "exit code \(status)"
    }
  }

  /// The folder the programs are built into, which is that of the test program.
  static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

  /// `WAYBILL_FAST_PROGRAMS` names a folder of programs that are faster than those of the tests: they run hundreds of thousands of times.
  static let fastPrograms = ProcessInfo.processInfo.environment["WAYBILL_FAST_PROGRAMS"]

  /// The path of a built program, under the first of its names that is there.
  static func program(_ names: String...) -> String {
    let paths = [fastPrograms, programs].compactMap { $0 }.flatMap { folder in names.map { "\(folder)/\($0)" } }
    return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? paths[0]
  }

  /// The tool.
  static var tool: String { program("waybill", "WaybillTool") }

  /// Runs a program to its end, or kills it when its time is up.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], seconds: Double = 300
  ) throws -> Outcome {
    let scratch = try TemporaryFolder()
    let (output, errors) = (scratch.file("output"), scratch.file("errors"))
    var pid = pid_t()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT, 0o600)
    var variables = ProcessInfo.processInfo.environment
    // A crash shall end the process at once instead of telling its story for seconds.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables.merge(environment) { $1 }
    let status = withStrings([program] + arguments) { argv in
      withStrings(variables.map { "\($0.key)=\($0.value)" }) { envp in posix_spawn(&pid, program, &actions, nil, argv, envp) }
    }
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
    let ended = wait(for: pid, seconds: seconds)
    return Outcome(
      status: ended.status & 0x7F == 0 ? ended.status >> 8 & 0xFF : ended.status & 0x7F, isSignal: ended.status & 0x7F != 0,
      output: String(decoding: try bytes(of: output), as: UTF8.self),
      errors: String(decoding: try bytes(of: errors), as: UTF8.self),
      isTimeout: ended.isTimeout)
  }

  private static func wait(for pid: pid_t, seconds: Double) -> (status: Int32, isTimeout: Bool) {
    var status: Int32 = 0
    let end = ContinuousClock.now + .seconds(seconds)
    var pause: UInt32 = 500
    while ContinuousClock.now < end {
      if waitpid(pid, &status, WNOHANG) == pid { return (status, false) }
      usleep(pause)
      // Most of them end within tens of milliseconds, and there are thousands.
      pause = min(pause * 2, 2_000)
    }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
    return (status, true)
  }

  private static func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    return body(pointers + [nil])
  }
}
