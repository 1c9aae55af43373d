import Testing

@testable import WaybillCommands

/// A command with one option of every kind.
private let sample = CommandDeclaration(
  name: "pack", summary: "Pack things.",
  positionals: [
    PositionalDeclaration(name: "INPUT", help: "The thing to pack"),
    PositionalDeclaration(name: "PLACE", help: "Where to", isOptional: true),
  ],
  options: [
    OptionDeclaration("to", value: "ID", "The kind of box", isRequired: true),
    OptionDeclaration("jobs", short: "j", value: "N", "Hands"),
    OptionDeclaration("map", value: "A=B", "Where things lie", isRepeatable: true),
    OptionDeclaration("mode", value: "MODE", "How", choices: ["copy", "move"]),
    OptionDeclaration("quiet", short: "q", "Say nothing"),
    OptionDeclaration("strict", short: "s", "Refuse more"),
  ])

private func option(_ name: String) -> OptionDeclaration {
  sample.allOptions.first { $0.name == name } ?? CommandDeclaration.help
}

@Suite("Arguments")
struct ArgumentTests {
  @Test(
    "faults and their words",
    arguments: [
      ("a", "--to ID is missing: the kind of box"),
      ("--to x", "INPUT is missing: the thing to pack"),
      ("a b c --to x", "There is nothing for \"c\" to be; INPUT and PLACE are given"),
      ("a --to", "--to needs a value: --to ID"),
      ("a --to=", "--to needs a value: --to ID"),
      ("a --to --quiet", "--to needs a value: --to ID"),
      ("a --to x --to y", "--to is given twice"),
      ("a --to x --jbos 3", "pack has no option --jbos; did you mean --jobs?"),
      ("a --to x --job 3", "pack has no option --job; did you mean --jobs?"),
      ("a --to x --strit", "pack has no option --strit; did you mean --strict?"),
      ("a --to x --STRICT", "pack has no option --STRICT; did you mean --strict?"),
      ("a --to x --hepl", "pack has no option --hepl; did you mean --help?"),
      ("a --to x --hel", "pack has no option --hel; did you mean --help?"),
      ("a --to x -x", "pack has no option -x"),
      ("a --to x -strict", "pack has no option -strict; did you mean --strict?"),
      ("a -to x", "pack has no option -to; did you mean --to?"),
      ("a --to x --quiet=yes", "--quiet takes no value, and \"yes\" was given"),
      ("a --to x -q=yes", "--quiet takes no value, and \"yes\" was given"),
      ("a --to x --mode fly", "--mode is one of copy, move, not \"fly\""),
      ("a --to x -j", "--jobs needs a value: --jobs N"),
      ("a --to x --jobs -1", "--jobs needs a value: --jobs N"),
      ("a --to x --\u{1B}[31m", "pack has no option --\\u{1b}[31m"),
    ])
  func faults(line: String, message: String) {
    let words = line.split(separator: " ").map(String.init)
    #expect {
      _ = try ParsedArguments(words, sample)
    } throws: { error in
      (error as? ArgumentFault)?.message == message
    }
  }

  @Test(
    "values",
    arguments: [
      (["a", "--to", "x"], ["a"], "x", nil, []), (["--to=x", "a"], ["a"], "x", nil, []),
      (["--to=x=y", "a", "b"], ["a", "b"], "x=y", nil, []), (["--to", "x", "--", "--quiet", "-"], ["--quiet", "-"], "x", nil, []),
      (["-", "--to", "-"], ["-"], "-", nil, []), (["a", "--to", "x", "-j4"], ["a"], "x", "4", []),
      (["a", "--to", "x", "-j=4"], ["a"], "x", "4", []), (["a", "--to", "x", "-j", "4"], ["a"], "x", "4", []),
      (["a", "--to", "x", "-qj4"], ["a"], "x", "4", []), (["a", "--to", "x", "--jobs=-4"], ["a"], "x", "-4", []),
      (["--map", "p=q", "a", "--to", "x", "--map=r=s"], ["a"], "x", nil, ["p=q", "r=s"]),
    ] as [([String], [String], String, String?, [String])])
  func values(words: [String], positionals: [String], to: String, jobs: String?, map: [String]) throws {
    let parsed = try ParsedArguments(words, sample)
    #expect(parsed[0] == positionals.first)
    #expect(parsed[1] == (positionals.count > 1 ? positionals[1] : nil))
    #expect(parsed[2] == nil)
    #expect(parsed.value(of: option("to")) == to)
    #expect(parsed.value(of: option("jobs")) == jobs)
    #expect(parsed.values(of: option("map")) == map)
    #expect(!parsed.wantsHelp)
  }

  @Test("switches", arguments: [["-q"], ["--quiet"], ["-sq"], ["-q", "-q"], ["--quiet", "-q", "-s"]])
  func switches(words: [String]) throws {
    let parsed = try ParsedArguments(["a", "--to", "x"] + words, sample)
    #expect(parsed.has(option("quiet")))
    #expect(parsed.has(option("strict")) == words.contains { $0.contains("s") })
  }

  @Test("help wins over every fault", arguments: [["--help"], ["-h"], ["--nothing", "--help"], ["a", "b", "c", "-h"]])
  func help(words: [String]) throws { #expect(try ParsedArguments(words, sample).wantsHelp) }

  @Test("help after -- is a name")
  func noHelp() throws {
    let parsed = try ParsedArguments(["--to", "x", "--", "--help"], sample)
    #expect(!parsed.wantsHelp)
    #expect(parsed[0] == "--help")
  }

  @Test(
    "numbers",
    arguments: [("1", 1), ("256", 256), ("0", nil), ("257", nil), ("x", nil), ("4.0", nil), ("99999999999999999999", nil)])
  func numbers(text: String, number: Int?) throws {
    let parsed = try ParsedArguments(["a", "--to", "x", "--jobs", text], sample)
    if let number {
      #expect(try parsed.number(of: option("jobs"), in: 1...256) == number)
    } else {
      #expect(throws: ArgumentFault.invalidValue(option("jobs"), text, expected: "a whole number from 1 to 256")) {
        _ = try parsed.number(of: option("jobs"), in: 1...256)
      }
    }
  }

  @Test(
    "lists",
    arguments: [
      (["a"], ["a"]), (["a,b"], ["a", "b"]), (["a,b", "c"], ["a", "b", "c"]), ([#"tench\, Tinca,b"#], ["tench, Tinca", "b"]),
      ([#"a\b"#], [#"a\b"#]), ([#"a\\,b"#], [#"a\"#, "b"]), ([#"a\"#], [#"a\"#]), (["a,"], nil), ([",", "a"], nil),
    ] as [([String], [String]?)])
  func lists(texts: [String], items: [String]?) throws {
    let parsed = try ParsedArguments(["a", "--to", "x"] + texts.map { "--map=\($0)" }, sample)
    if let items {
      #expect(try parsed.list(of: option("map")) == items)
    } else {
      #expect(throws: ArgumentFault.self) { _ = try parsed.list(of: option("map")) }
    }
  }

  /// The words of the last command of a line, as a shell splits them: what stands in quotes is one word.
  private func words(of line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isRedirected = false
    for character in line + " " {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
        continue
      }
      switch character {
      case "'", "\"":
        quote = character
        word = word ?? ""
      case "|": (words, word, isRedirected) = ([], nil, false)
      case ">": isRedirected = true
      case " ":
        if let word, !isRedirected { words.append(word) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    return words
  }

  @Test("examples are split as shells split them")
  func exampleWords() {
    #expect(words(of: "a b 'c > \"d' e=\"f g\"h > i") == ["a", "b", "c > \"d", "e=f gh"])
    #expect(words(of: "x | y '' z") == ["y", "", "z"])
  }

  @Test("every declaration is sound", arguments: WaybillCommand.commands.map { $0.declaration })
  func declarations(declaration: CommandDeclaration) throws {
    let names = declaration.allOptions.map(\.name)
    let letters = declaration.allOptions.compactMap(\.short)
    #expect(Set(names).count == names.count)
    #expect(Set(letters).count == letters.count)
    #expect(declaration.summary.hasSuffix("."))
    #expect(!declaration.examples.isEmpty)
    for option in declaration.options { #expect(!option.help.hasSuffix("."), "\(option.name)") }
    for example in declaration.examples {
      let words = words(of: example.line)
      #expect(Array(words.prefix(2)) == ["waybill", declaration.name])
      #expect(throws: Never.self) { _ = try ParsedArguments(Array(words.dropFirst(2)), declaration) }
    }
  }
}
