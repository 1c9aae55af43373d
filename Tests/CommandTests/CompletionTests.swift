import Foundation
import Testing

@testable import WaybillCommands

/// Completions as shells really give them.
///
/// The script is read by the shell, `waybill` is a function that prints its words, and keys are typed: a tab completes, and in bash
/// and zsh a key inserts everything that fits.
@Suite("Completions")
struct CompletionTests {
  /// What is typed, and the words that the command then gets; `*` stands for the key that inserts all that fits.
  static let lines: [(typed: String, words: [String])] = [
    ("conv\t", ["convert"]),
    (
      "*",
      [
        "--help", "--version", "annotate", "cat", "checkout", "completions", "confirm", "convert", "copy", "delete-version", "diff",
        "export",
        "fix", "formats", "gc", "git", "hard", "help", "import", "imports", "init", "inspect", "labels", "list", "publish",
        "remove",
        "reshard", "resolve", "sample", "set-current", "show", "stats", "status", "store", "sync", "unannotate", "validate",
        "verify",
        "versions",
      ]
    ),
    ("help for\t", ["help", "formats"]),
    ("completions *", ["completions", "bash", "fish", "zsh"]),
    ("labels ren\told", ["labels", "rename", "old"]),
    ("git merge-driver one\t", ["git", "merge-driver", "one file.json"]),
    ("formats mod\t", ["formats", "modelarts"]),
    ("convert a b --over\t", ["convert", "a", "b", "--overwrite"]),
    ("convert one\t", ["convert", "one file.json"]),
    ("convert one\tb", ["convert", "one file.json", "b"]),
    ("convert 'one\t", ["convert", "one file.json"]),
    ("convert a b --report one\t", ["convert", "a", "b", "--report", "one file.json"]),
    ("convert a b --media-root fol\t", ["convert", "a", "b", "--media-root", "folder/"]),
    ("convert a b --media *", ["convert", "a", "b", "--media", "copy", "hardlink", "none", "symlink"]),
    ("convert a b --media=ha\t", ["convert", "a", "b", "--media=hardlink"]),
    ("convert a b --to pas\t", ["convert", "a", "b", "--to", "pascal-voc"]),
    ("convert a b --to=pas\t", ["convert", "a", "b", "--to=pascal-voc"]),
    ("convert a b --to pascal-voc:shapes=m\t", ["convert", "a", "b", "--to", "pascal-voc:shapes=modelarts"]),
    ("convert a b --to=pascal-voc:shapes=m\t", ["convert", "a", "b", "--to=pascal-voc:shapes=modelarts"]),
    (
      "convert a b --to pascal-voc:origin=1,shapes=m\t",
      ["convert", "a", "b", "--to", "pascal-voc:origin=1,shapes=modelarts"]
    ),
    ("convert a b --to modelarts:nam\tx", ["convert", "a", "b", "--to", "modelarts:name=x"]),
    ("inspect --from pascal-voc:origin=1,o\tx", ["inspect", "--from", "pascal-voc:origin=1,origin=x"]),
    ("convert a b --approximate polygon=b\t", ["convert", "a", "b", "--approximate", "polygon=box"]),
    ("convert a b --approximate polygon=box,ma\t", ["convert", "a", "b", "--approximate", "polygon=box,mask=box"]),
    ("convert a b --shard \t2/8", ["convert", "a", "b", "--shard", "2/8"]),
  ]

  /// What bash and zsh do alike with all lines but these is expected of fish as well, which says what fits.
  static let fishLines = lines.filter { !$0.typed.contains("*") && !$0.typed.contains("'") && $0.typed.hasSuffix("\t") }

  @Test("bash", arguments: lines.indices)
  func bash(index: Int) throws {
    let (typed, words) = CompletionTests.lines[index]
    let line = typed.replacingOccurrences(of: "*", with: "\u{1B}*")
    let output = try complete(
      "bash", ["--norc", "--noprofile", "-i"], script: "bash",
      input: "waybill() { printf 'GOT'; printf '<%s>' \"$@\"; echo; }\nPS1=\nsource ./script\nwaybill \(line)\n")
    #expect(words == got(output), "\(typed): \(output)")
  }

  @Test("zsh", .enabled(if: Shell.isPresent("zsh"), "zsh is not installed"), arguments: lines.indices)
  func zsh(index: Int) throws {
    let (typed, words) = CompletionTests.lines[index]
    // In zsh the options of the tool are offered only after a dash, and the slash of a folder goes again at the end of a line.
    let expected = typed == "*" ? words.filter { !$0.hasPrefix("-") } : words.map { $0 == "folder/" ? "folder" : $0 }
    let setup = """
      autoload -U compinit; compinit -u -D; source ./script; PROMPT=; zle -C every complete-word _generic
      bindkey "^Xa" every; zstyle ":completion:every:*" completer _all_matches _complete
      zstyle ":completion:every:*" insert yes; waybill() { print -r -- "GOT<${(j:><:)@}>TOG" }; print REA""DY
      """
    let line = typed.replacingOccurrences(of: "*", with: "\u{18}a")
    let input = """
      zmodload zsh/zpty
      zpty z 'PS1= zsh -f -i'
      zpty -w z \(CompletionScript.quoted(setup.replacingOccurrences(of: "\n", with: "; ")))
      zpty -r -m z out $'*READY\\r*'
      zpty -w -n z \(CompletionScript.quoted("waybill \(line)\n"))
      zpty -r -m z out '*>TOG*'
      print -r -- $out
      """
    let output = try complete("zsh", ["-f"], script: "zsh", input: input)
    #expect(expected == got(output), "\(typed): \(output)")
  }

  @Test("fish", .enabled(if: Shell.isPresent("fish"), "fish is not installed"), arguments: fishLines.indices)
  func fish(index: Int) throws {
    let (typed, words) = CompletionTests.fishLines[index]
    let output = try complete(
      "fish", ["--no-config"], script: "fish",
      input: "source ./script\ncomplete -C \(CompletionScript.quoted("waybill \(typed.dropLast())"))\n")
    let offered = output.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
    #expect(offered == [words.last ?? ""], "\(typed): \(output)")
  }

  @Test("every option of every command is offered", arguments: WaybillCommand.commands.map { $0.declaration.name })
  func options(command: String) throws {
    let declaration = try #require(WaybillCommand.commands.first { $0.declaration.name == command }?.declaration)
    let output = try complete(
      "bash", ["--norc", "--noprofile", "-i"], script: "bash",
      input:
        "waybill() { printf 'GOT'; printf '<%s>' \"$@\"; echo; }\nPS1=\nsource ./script\nwaybill \(declaration.name) --\u{1B}*\n")
    #expect(Set(got(output).dropFirst()) == Set(declaration.allOptions.map(\.spelling)), "\(output)")
    for shell in CompletionScript.Shell.allCases {
      let text = CompletionScript(commands: WaybillCommand.commands.map { $0.declaration }, registry: Tool.registry).text(
        for: shell)
      for option in declaration.allOptions {
        #expect(text.contains(shell == .fish ? "-l \(option.name) " : option.spelling), "\(shell) \(option.name)")
      }
    }
  }

  @Test("no script depends on anything but the declarations", arguments: CompletionScript.Shell.allCases)
  func script(shell: CompletionScript.Shell) {
    let (code, output, errors) = Tool.run(["completions", shell.rawValue])
    #expect(code == 0 && errors.isEmpty)
    #expect(output.contains("tiny") && output.contains("profile=boxes") && !output.contains("coco"))
    #expect(output.hasSuffix("\n") && !output.contains("\n\n\n"))
  }

  @Test("an unknown shell is wrong usage")
  func unknown() {
    let (code, output, errors) = Tool.run(["completions", "tcsh"])
    #expect(code == 2 && output.isEmpty)
    #expect(errors == "error: SHELL is one of bash, zsh, fish, not \"tcsh\"\nSee waybill completions --help\n")
  }

  /// The words between `GOT<` and the end of its line.
  private func got(_ output: String) -> [String] {
    guard let line = output.components(separatedBy: "\n").last(where: { $0.contains("GOT<") && !$0.contains("print") }),
      let start = line.range(of: "GOT<")
    else { return [] }
    let text = line[start.upperBound...].components(separatedBy: "TOG")[0]
    return text.dropLast().components(separatedBy: "><")
  }

  /// Runs a shell in a folder with a few files and the script, and gives it lines as if typed.
  private func complete(_ shell: String, _ arguments: [String], script: String, input: String) throws -> String {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appendingPathComponent("waybill-completions-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: folder) }
    try manager.createDirectory(at: folder.appendingPathComponent("folder"), withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: folder.appendingPathComponent("one file.json"))
    try CompletionTests.scripts[script]?.write(to: folder.appendingPathComponent("script"), atomically: true, encoding: .utf8)
    try Data(input.utf8).write(to: folder.appendingPathComponent(".input"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [shell] + arguments
    process.currentDirectoryURL = folder
    process.environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder.path, "INPUTRC": "/dev/null", "TERM": "dumb",
    ]
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: folder.appendingPathComponent(".input"))
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r", with: "")
  }

  /// The scripts of the tool with every format.
  private static let scripts: [String: String] = {
    var scripts: [String: String] = [:]
    for shell in CompletionScript.Shell.allCases {
      let process = Process()
      process.executableURL = TestPlaces.tool
      process.arguments = ["completions", shell.rawValue]
      let output = Pipe()
      process.standardOutput = output
      try? process.run()
      scripts[shell.rawValue] = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    return scripts
  }()
}

/// Shells that may be missing.
enum Shell {
  static func isPresent(_ name: String) -> Bool {
    ["/bin/", "/usr/bin/", "/usr/local/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
  }
}
