import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillJSONLText

/// Tokens, their columns and their tags as lists of one length.
@Suite struct TokenListTests {
  static let records: [(String, [String])] = [
    (#"{"tokens":["EU","rejects"],"ner_tags":["B-ORG","O"]}"#, ["ORG@0-2"]),
    (#"{"ner_tags":["B-PER","I-PER","O"],"tokens":["Ada","Lovelace","slept"]}"#, ["PER@0-12"]),
    (#"{"id":"7","words":["Ada"],"tags":["B-PER"]}"#, ["PER@0-3"]), (#"{"tokens":["a","b"],"labels":["O","B-x"]}"#, ["x@2-3"]),
    (#"{"tokens":["a","b"],"ner":["S-x","O"],"label":"news"}"#, ["news", "x@0-1"]),
    (#"{"tokens":["🌊","é","a"],"ner_tags":["O","B-x","I-x"]}"#, ["x@2-5"]),
    (#"{"tokens":["\ud83c\udf0a","\"","a"],"ner_tags":["O","B-\u00fc","I-\u00fc"]}"#, ["ü@2-5"]),
    (#"{"text":"Don't  go","tokens":["Do","n't","go"],"ner_tags":["O","B-x","I-x"]}"#, ["x@2-9"]),
    (#"{"tokens":["a","b"],"ner_tags":["B","I"]}"#, ["@0-3"]), (#"{"tokens":["a"],"ner_tags":["O"]}"#, []),
    (#"{"tokens":["a","b"],"pos_tags":["N","V"]}"#, []), (#"{"tokens":[],"ner_tags":[]}"#, []),
    // Two statements of one thing: the tags are a column.
    (#"{"text":"a b","tokens":["a","b"],"ner_tags":["B-x","O"],"spans":[{"start":0,"end":1,"label":"x"}]}"#, ["x@0-1"]),
    // An entity in another needs a place of its own.
    (
      #"{"text":"a b","tokens":["a","b"],"ner_tags":["B-x","I-x"],"annotations":[{"start":0,"end":1,"label":"y"}]}"#,
      ["y@0-1", "x@0-3"]
    ), (#"{"tokens":["a","b"],"ner_tags":["B-x","B-y"],"_order":[1,0]}"#, ["y@2-3", "x@0-1"]),
  ]

  @Test(arguments: records) func readsEntities(_ record: String, _ expected: [String]) throws {
    let data = try read(text: record + "\n")
    #expect(data.diagnostics.isEmpty, "\(data.rules)")
    try #require(data.samples.count == 1)
    #expect(data.marks() == expected)
    #expect(try rewritten(record + "\n") == record + "\n")
  }

  @Test func listsAreTokensWithColumns() throws {
    let data = try read(
      text:
        #"{"tokens":["Ada","slept"],"pos_tags":["N","V"],"n":[1,-2.50],"m":[1],"topics":["x"],"mixed":["x",1],"ner_tags":["O","O"]}"#
    )
    let tokens = try #require(data.samples[0].tokens)
    #expect(
      tokens == Tokens(columns: ["pos_tags", "n"], rows: [["Ada", "N", "1"], ["slept", "V", "-2.50"]], placement: .joined))
    #expect(data.samples[0].media.text == "Ada slept" && data.kept() == #""m":[1],"topics":["x"],"mixed":["x",1]"#)
    let placed = try read(text: #"{"text":" Don't","tokens":["Do","n't"],"x":["1","2"]}"#)
    #expect(
      placed.samples[0].tokens
        == Tokens(
          columns: ["x"], rows: [["Do", "1"], ["n't", "2"]],
          placement: .extents([.init(start: 1, end: 3), .init(start: 3, end: 6)], .scalars)))
    #expect(placed.samples[0].media.text == " Don't")
  }

  static let problems: [(String, String, Int)] = [
    (#"{"tokens":["a","b"],"ner_tags":["O","NN"]}"#, "jsonl-text.tags.syntax", 36),
    (#"{"tokens":["a","b"],"ner_tags":["O",null]}"#, "jsonl-text.tags.syntax", 36),
    (#"{"tokens":["a","b"],"ner_tags":["O"]}"#, "jsonl-text.tags.count", 31),
    (#"{"tokens":["a"],"ner_tags":["O","O"]}"#, "jsonl-text.tags.count", 27),
    (#"{"tokens":["a","b"],"ner_tags":["I-x","O"]}"#, "jsonl-text.tags.sequence", 32),
    (#"{"tokens":["a","b"],"ner_tags":[1,0]}"#, "jsonl-text.tags.numbers", 31),
    (#"{"tokens":["a","b"],"ner_tags":["O",0]}"#, "jsonl-text.tags.syntax", 36),
    (#"{"text":"c","tokens":["a","b"]}"#, "jsonl-text.member.kept", 21),
    (#"{"text":"a","tokens":["a",1]}"#, "jsonl-text.member.kept", 21),
    (#"{"tokens":["a",1],"ner_tags":["O","O"]}"#, "jsonl-text.member.kept", 10),
    (#"{"tokens":["a"],"x":["1"],"x":["2"]}"#, "json.duplicate-key", 26),
  ]

  @Test(arguments: problems) func problemsHavePlaces(_ record: String, _ rule: String, _ offset: Int) throws {
    // The first record shows what the lists are.
    let first = #"{"tokens":["a","b"],"ner_tags":["B-x","O"]}"# + "\n"
    let data = try read(text: first + record + "\n")
    let item = try #require(data.diagnostics.items.first)
    #expect(item.rule == rule && item.range?.offset == first.utf8.count + offset, "\(item)")
  }

  @Test func numbersHaveNames() throws {
    let text = #"{"tokens": ["Ada", "slept"], "ner_tags": [1, 0]}"# + "\n" + #"{"tokens": ["a"], "ner_tags": [0]}"# + "\n"
    let unnamed = try read(text: text)
    #expect(unnamed.samples[0].tokens == Tokens(columns: ["ner_tags"], rows: [["Ada", "1"], ["slept", "0"]], placement: .joined))
    #expect(unnamed.marks().isEmpty && unnamed.kept().isEmpty && unnamed.rules.allSatisfy { $0 == "jsonl-text.tags.numbers" })
    #expect(try rewritten(text) == text)
    // What nobody can read stays, and what is said beside it has a place of its own.
    let added = try rewritten(text) { samples, labels in
      samples[0].annotations.append(Annotation(label: labels.intern("x"), span: TextSpan(start: 0, end: 3, unit: .scalars)))
    }
    #expect(added.contains(#""ner_tags": [1, 0], "spans": [{"start": 0, "end": 3, "label": "x"}]"#), "\(added)")
    for key in ["labels", "tags", "ner"] {
      let other = text.replacingOccurrences(of: "ner_tags", with: key)
      #expect(try read(text: other).samples[0].tokens?.columns == [key] && rewritten(other) == other)
    }
    let named = [("names", "O+B-PER+I-PER")]
    #expect(try read(text: text, named).marks() == ["PER@0-3"])
    #expect(try rewritten(text, reading: named) == text)
    #expect(
      try rewritten(text, reading: named) { samples, _ in samples[0].annotations.removeAll() }
        == text.replacingOccurrences(of: "[1, 0]", with: "[0, 0]"))
    #expect(try read(text: text.replacingOccurrences(of: "[1,", with: "[3,"), named).rules == ["jsonl-text.tags.syntax"])
  }

  @Test func keysOfTagsCanBeNamed() throws {
    let text = #"{"tokens":["a","b"],"chunks":["B-NP","O"],"ner_tags":["O","B-x"]}"# + "\n"
    #expect(try read(text: text).marks() == ["x@2-3"])
    #expect(try read(text: text, [("tags", "chunks")]).marks() == ["NP@0-1"])
    #expect(try read(text: text, [("tags", "none")]).samples[0].tokens?.columns == ["chunks", "ner_tags"])
    for tags in ["", "chunks", "none"] { #expect(try rewritten(text, reading: [("tags", tags)]) == text) }
  }

  @Test func listsThatAreNoTagsAreColumns() throws {
    // Classes without letters: what begins where is not said.
    let text = #"{"tokens":["a","b"],"ner_tags":["person","O"]}"# + "\n" + #"{"tokens":["c"],"ner_tags":["place"]}"# + "\n"
    let data = try read(text: text)
    #expect(data.rules == ["jsonl-text.tags.unread"] && data.marks().isEmpty)
    #expect(data.samples[0].tokens == Tokens(columns: ["ner_tags"], rows: [["a", "person"], ["b", "O"]], placement: .joined))
    #expect(try read(text: text, [("tags", "none")]).rules.isEmpty)
    #expect(try rewritten(text) == text)
    let labels = text.replacingOccurrences(of: "ner_tags", with: "labels")
    #expect(try read(text: labels).rules == ["jsonl-text.tags.unread"] && read(text: labels).marks().isEmpty)
    #expect(try read(text: labels).samples[0].tokens?.columns == ["labels"] && rewritten(labels) == labels)
    let tagged = labels.replacingOccurrences(of: "person", with: "B-x").replacingOccurrences(of: "place", with: "B-y")
    #expect(try read(text: tagged).marks() == ["x@0-1"] && read(text: tagged, [("tags", "none")]).marks().isEmpty)
    #expect(try rewritten(tagged, reading: [("tags", "none")]) == tagged)
    // Classes of the whole text stay what they are.
    let classes = #"{"tokens":["a","b","c"],"labels":["news","sport"]}"# + "\n" + #"{"tokens":["a"],"labels":["news"]}"# + "\n"
    #expect(try read(text: classes).marks() == ["news", "sport"] && read(text: classes).marks(1) == ["news"])
    #expect(try read(text: classes).rules.isEmpty && rewritten(classes) == classes)
    // One fault among tags is a fault.
    for key in ["ner_tags", "tags", "labels"] {
      let lines = (0..<3).map { "{\"tokens\":[\"a\",\"b\"],\"\(key)\":[\"B-x\",\"\($0 == 1 ? "NN" : "O")\"]}\n" }
      let data = try read(text: lines.joined())
      #expect(data.rules == ["jsonl-text.tags.syntax"] && data.samples.count == 2 && data.marks() == ["x@0-1"], "\(key)")
    }
    // Parts of speech are columns, and nobody expects labels of them.
    let parts = #"{"tokens":["a","b"],"tags":["NN","VB"]}"# + "\n"
    #expect(try read(text: parts).rules.isEmpty && read(text: parts).kept().isEmpty && rewritten(parts) == parts)
  }

  @Test(arguments: ["iob1", "iob2", "iobes", "bilou", "bmes"]) func schemesAreKept(_ scheme: String) throws {
    let tags = [
      "iob1": "I-x I-x B-x O I-y", "iob2": "B-x I-x B-x O B-y", "iobes": "B-x E-x S-x O S-y", "bilou": "B-x L-x U-x O U-y",
      "bmes": "B-x M-x E-x O S-y",
    ]
    let list = try #require(tags[scheme]).split(separator: " ").map { "\"\($0)\"" }.joined(separator: ",")
    let text = #"{"tokens":["a","b","c","d","e"],"ner_tags":["# + list + "]}\n"
    let data = try read(text: text)
    #expect(data.marks() == (scheme == "bmes" ? ["x@0-5", "y@8-9"] : ["x@0-3", "x@4-5", "y@8-9"]) && data.diagnostics.isEmpty)
    #expect(data.layout.contains(scheme == "iob2" ? "huggingface" : #""scheme":"\#(scheme)""#))
    // Written anew, they follow the scheme as well.
    let changed = try rewritten(text) { samples, labels in samples[0].annotations[0].label = labels.intern("z") }
    #expect(changed == TokenListTests.renamed(text, scheme))
  }

  /// A text of the test above with another label for its first entity.
  private static func renamed(_ text: String, _ scheme: String) -> String {
    let first = [
      "iob1": #"I-x","I-x""#, "iob2": #"B-x","I-x""#, "iobes": #"B-x","E-x""#, "bilou": #"B-x","L-x""#,
      "bmes": #"B-x","M-x","E-x""#,
    ]
    guard let before = first[scheme], let found = text.range(of: before) else { return text }
    let changed = text.replacingCharacters(in: found, with: before.replacingOccurrences(of: "x", with: "z"))
    // In the oldest scheme a letter says that an entity of the same label went before, which is no longer so.
    return scheme == "iob1" ? changed.replacingOccurrences(of: "\"B-x\"", with: "\"I-x\"") : changed
  }

  // MARK: What is written

  static func joined(_ words: [String], _ annotations: [Annotation] = [], columns: [String] = []) -> Sample {
    var one = sample(words.joined(separator: " "), annotations)
    one.tokens = Tokens(columns: columns, rows: words.map { [$0] + columns.map { $0.uppercased() } }, placement: .joined)
    return one
  }

  @Test func wordsBetweenSpacesAreLists() throws {
    let all = TokenListTests.joined(["Ada", "met", "\"B\""], [span(0, 3), span(4, 11, 1)], columns: ["pos", "x y"])
    let text = try written([all])
    #expect(
      text
        == #"{"id":1,"text":"Ada met \"B\"","tokens":["Ada","met","\"B\""],"pos":["POS","POS","POS"],"x y":["X Y","X Y","X Y"],"spans":[{"start":0,"end":3,"label":"fox"},{"start":4,"end":11,"label":"den"}]}"#
        + "\n")
    let data = try read(text: text)
    #expect(data.samples[0].tokens == all.tokens && data.marks() == ["fox@0-3", "den@4-11"] && data.diagnostics.isEmpty)
    #expect(try rewritten(text) == text)
    #expect(try written([all], [("dialect", "prodigy")]).contains(#""tokens":[{"text":"Ada","start":0"#))
    #expect(
      try written([all], [("dialect", "plain")]).contains(#""tokens": ["Ada", "met", "\"B\""], "pos": ["POS", "POS", "POS"]"#))
  }

  @Test func datasetsOfHuggingFace() throws {
    let plain = TokenListTests.joined(["Ada", "met", "Bob"], [span(0, 3), span(4, 11, 1)], columns: ["pos"])
    let nested = TokenListTests.joined(["Ada", "met"], [span(4, 7, 1), span(0, 7), span(0, 3, 1), span(1, 2), mark(0)])
    var loose = sample("Don't,  Ada", key: "k", [span(8, 11)])
    loose.attributes = ["n": .integer(1)]
    let text = try written([plain, nested, loose, sample("c", [mark(1)])], [("dialect", "huggingface")])
    #expect(
      text
        == """
        {"id":1,"tokens":["Ada","met","Bob"],"pos":["POS","POS","POS"],"ner_tags":["B-fox","B-den","I-den"]}
        {"id":1,"tokens":["Ada","met"],"ner_tags":["B-den","B-den"],"label":"fox","text":"Ada met","annotations":[{"start":0,"end":7,"label":"fox"},{"start":1,"end":2,"label":"fox"}],"_order":[2,1,3,4,0]}
        {"id":"k","tokens":["Don","'","t",",","Ada"],"ner_tags":["O","O","O","O","B-fox"],"text":"Don't,  Ada","meta":{"n":1}}
        {"id":1,"label":"den","text":"c"}

        """.replacingOccurrences(of: "\"_order\":[2,1,3,4,0]", with: order(in: text)))
    let data = try read(text: text)
    #expect(data.diagnostics.isEmpty, "\(data.rules)")
    #expect(data.samples[0].tokens == plain.tokens && data.samples[1].tokens == nested.tokens)
    #expect(data.marks(0) == ["fox@0-3", "den@4-11"])
    #expect(data.marks(1) == ["den@4-7", "fox@0-7", "den@0-3", "fox@1-2", "fox"])
    #expect(data.marks(2) == ["fox@8-11"] && data.samples[2].media.text == "Don't,  Ada" && data.marks(3) == ["den"])
    #expect(try rewritten(text) == text)
  }

  /// The list of the order in a text, whatever it is: that it is right shows when it is read.
  private func order(in text: String) -> String {
    guard let start = text.range(of: "\"_order\":["), let end = text[start.upperBound...].firstIndex(of: "]") else { return "" }
    return String(text[start.lowerBound...end])
  }

  @Test func whatListsCannotSayIsSaidByObjects() throws {
    var odd = sample("a b")
    odd.tokens = Tokens(columns: ["pos"], rows: [["a", "N"], ["b"]], placement: .joined)
    #expect(try written([odd]).contains(#""tokens":[{"text":"a""#))
    for (column, placement) in [
      ("ner_tags", Tokens.Placement.joined), ("entities", .joined), ("words", .joined), ("pos", .unknown),
    ] {
      var clash = sample("a b")
      clash.tokens = Tokens(columns: [column], rows: [["a", "N"], ["b", "V"]], placement: placement)
      for dialect in ["keep", "huggingface", "plain"] {
        let text = try written([clash], [("dialect", dialect)])
        #expect(text.contains("{\"text\":"), "\(dialect) \(column): \(text)")
        #expect(try read(text: text).samples[0].tokens == clash.tokens, "\(dialect) \(column)")
      }
    }
    // A text that is not its tokens, whatever they say.
    var wrong = sample("a c")
    wrong.tokens = Tokens(columns: [], rows: [["a"], ["b"]], placement: .joined)
    #expect(try written([wrong]).contains(#"{"text":"b","start":2"#))
  }

  /// Whatever the words and the spans are, reading what was written gives them back.
  @Test func anySentenceComesBack() throws {
    let seed = testSeed(571)
    var dice = SampleGenerator(seed: seed)
    for dialect in ["keep", "huggingface", "plain", "prodigy"] {
      for round in 0..<60 {
        let columns = Array(["pos", "chunk", "c\"3"].prefix(dice.integer(0...3)))
        let words = (0..<dice.integer(1...9)).map { _ in
          let word = dice.text().filter { !$0.isWhitespace && !$0.isNewline }
          return word.isEmpty ? "w" : word
        }
        var one = sample(words.joined(separator: " "))
        one.tokens = Tokens(columns: columns, rows: words.map { [$0] + columns.map { _ in dice.text() } }, placement: .joined)
        let (places, _) = try #require(one.tokens?.extents())
        for _ in 0..<dice.integer(0...4) {
          let first = dice.integer(0...words.count - 1)
          let last = dice.integer(first...words.count - 1)
          one.annotations.append(span(Int(places[first].start), Int(places[last].end), UInt32(dice.integer(0...1))))
        }
        let text = try written([one], [("dialect", dialect)])
        let data = try read(text: text)
        let expected = one.annotations.map { annotation in
          "\(annotation.label?.index == 0 ? "fox" : "den")@\(annotation.span?.start ?? -1)-\(annotation.span?.end ?? -1)"
        }
        #expect(
          data.marks() == expected && data.samples[0].tokens == one.tokens, "\(dialect), round \(round), seed \(seed): \(text)")
        #expect(data.samples[0].media.text == one.media.text, "\(dialect), round \(round), seed \(seed)")
        #expect(try rewritten(text) == text, "\(dialect), round \(round), seed \(seed)")
      }
    }
  }
}
