import Glibc
import WaybillDiagnostics
import WaybillFiles

/// Runs `git` in a folder.
///
/// Arguments go to the program as they are, through no shell. What it prints on standard output is returned, and what on standard error is part of
/// the error when it fails.
struct GitProgram {
  /// The folder it runs in.
  let folder: String

  /// What a run gave.
  struct Result {
    var output: [UInt8]
    var errors: String
    var status: Int32

    /// The output as text, without the line feed at its end.
    var text: String {
      var bytes = output[...]
      while bytes.last == 0x0A { bytes.removeLast() }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Runs git; nil when there is no such program.
  ///
  /// - Parameter output: A file that takes standard output instead of the result.
  func run(_ arguments: [String], output: String? = nil) throws(DatasetError) -> Result? {
    let scratch = try ScratchFolder()
    let (printed, errors) = (scratch.file("output"), scratch.file("errors"))
    let (code, status) = try spawn(arguments, output: output ?? printed, errors: errors)
    if code == ENOENT { return nil }
    guard code == 0 else { throw DatasetError(.io, "Cannot run git", errno: code) }
    try InterruptFlag.check()
    return Result(
      output: output == nil ? try bytes(of: printed) : [],
      errors: String(decoding: try bytes(of: errors), as: UTF8.self), status: status)
  }

  /// Runs git and gives what it printed.
  ///
  /// - Throws: An error with git's own words when it fails.
  func text(_ arguments: [String]) throws(DatasetError) -> String {
    guard let result = try run(arguments) else { throw DatasetError(.io, "There is no program git") }
    guard result.status == 0 else {
      let words = result.errors.split(separator: "\n").first.map(String.init) ?? "it gave no reason"
      throw DatasetError(.io, "git \(arguments.first ?? "") failed: \(terminalSafe(words))")
    }
    return result.text
  }

  private func bytes(of path: String) throws(DatasetError) -> [UInt8] {
    let mapped = try MappedFile(path: path)
    return Array(mapped.bytes)
  }

  private func spawn(
    _ arguments: [String], output: String, errors: String
  ) throws(DatasetError) -> (code: Int32, status: Int32) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // Messages are looked into, so they must not be translated.
    let words = ["git", "-C", folder] + arguments
    var argumentList = words.map { strdup($0) } + [nil]
    var variables = GitProgram.environment.map { strdup($0) } + [nil]
    defer { for pointer in argumentList + variables { free(pointer) } }
    var process = pid_t()
    let code = posix_spawnp(&process, "git", &actions, nil, &argumentList, &variables)
    guard code == 0 else { return (code, 0) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw DatasetError(.io, "Cannot wait for git", errno: errno) }
    }
    // What a signal ended has failed.
    return (0, status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F))
  }

  private static var environment: [String] {
    var list: [String] = []
    var at = environ
    while let entry = at.pointee {
      let text = String(cString: entry)
      if !text.hasPrefix("LC_ALL=") { list.append(text) }
      at += 1
    }
    return list + ["LC_ALL=C.UTF-8"]
  }
}
