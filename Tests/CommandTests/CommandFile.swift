import Foundation

/// A Markdown file of command tests: prose, files to make (` ```file name=a.tiny `), and commands with what they print.
///
/// In a block ` ```command ` each line `$ ...` begins a command for the shell; the lines after it are its standard output, those of
/// `2> ` its standard error, and `=> n` its exit code where that is not 0. Blocks are run in order, in one fresh folder.
struct CommandFile {
  /// A part of the file.
  enum Part {
    /// Lines that are neither.
    case prose([String])
    /// A file to make.
    case file(name: String, fence: String, lines: [String])
    /// Commands to run.
    case commands([Case])
  }

  /// A command with what it prints.
  struct Case: Equatable {
    var line: String
    var output: [String] = []
    var errors: [String] = []
    var code: Int32 = 0

    /// The command as the file shows it.
    var lines: [String] { ["$ " + line] + output + errors.map { "2> " + $0 } + (code == 0 ? [] : ["=> \(code)"]) }
  }

  let url: URL
  private(set) var parts: [Part]

  init(_ url: URL) throws {
    self.url = url
    parts = []
    var lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    if lines.last == "" { lines.removeLast() }
    var rest = lines[...]
    var prose: [String] = []
    while let line = rest.popFirst() {
      guard line.hasPrefix("```file name=") || line == "```command" else {
        prose.append(line)
        continue
      }
      parts.append(.prose(prose))
      prose = []
      var body: [String] = []
      while let next = rest.popFirst(), next != "```" { body.append(next) }
      if line == "```command" {
        parts.append(.commands(CommandFile.cases(body)))
      } else {
        parts.append(.file(name: String(line.dropFirst("```file name=".count)), fence: line, lines: body))
      }
    }
    parts.append(.prose(prose))
  }

  private static func cases(_ lines: [String]) -> [Case] {
    var cases: [Case] = []
    for line in lines {
      if line.hasPrefix("$ ") {
        cases.append(Case(line: String(line.dropFirst(2))))
      } else if let last = cases.indices.last {
        if line.hasPrefix("2> ") || line == "2>" {
          cases[last].errors.append(String(line.dropFirst(3)))
        } else if line.hasPrefix("=> "), let code = Int32(line.dropFirst(3)) {
          cases[last].code = code
        } else {
          cases[last].output.append(line)
        }
      }
    }
    return cases
  }

  /// The file with other results.
  var text: String {
    var lines: [String] = []
    for part in parts {
      switch part {
      case .prose(let prose): lines += prose
      case .file(_, let fence, let body): lines += [fence] + body + ["```"]
      case .commands(let cases): lines += ["```command"] + cases.flatMap(\.lines) + ["```"]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Runs everything in a fresh folder, with a program under the name `waybill`; returns the commands as expected and as they went.
  mutating func run(with tool: URL) throws -> [(expected: Case, actual: Case)] {
    let manager = FileManager.default
    let root = manager.temporaryDirectory.appendingPathComponent("waybill-commands-\(UUID().uuidString)")
    let folder = root.appendingPathComponent("work")
    let bin = root.appendingPathComponent("bin")
    defer { try? manager.removeItem(at: root) }
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    try manager.createDirectory(at: bin, withIntermediateDirectories: true)
    try manager.createSymbolicLink(at: bin.appendingPathComponent("waybill"), withDestinationURL: tool)
    var results: [(expected: Case, actual: Case)] = []
    for index in parts.indices {
      switch parts[index] {
      case .prose: break
      case .file(let name, _, let lines):
        let file = folder.appendingPathComponent(name)
        try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
      case .commands(let cases):
        var actual: [Case] = []
        for expected in cases {
          let went = try CommandFile.run(expected.line, in: folder, root: root, bin: bin)
          results.append((expected, went))
          actual.append(went)
        }
        parts[index] = .commands(actual)
      }
    }
    return results
  }

  private static func run(_ line: String, in folder: URL, root: URL, bin: URL) throws -> Case {
    let outputs = ["output", "errors"].map { root.appendingPathComponent($0) }
    for output in outputs { try Data().write(to: output) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = folder
    process.environment = ["PATH": bin.path + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: outputs[0])
    process.standardError = try FileHandle(forWritingTo: outputs[1])
    try process.run()
    process.waitUntilExit()
    func lines(_ url: URL) throws -> [String] {
      var lines = String(decoding: try Data(contentsOf: url), as: UTF8.self).components(separatedBy: "\n")
      if lines.last == "" { lines.removeLast() }
      return lines
    }
    return Case(line: line, output: try lines(outputs[0]), errors: try lines(outputs[1]), code: process.terminationStatus)
  }
}
