import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillJSONLText

/// What is written, of what was read and of samples of other formats.
@Suite struct JSONLTextWriterTests {
  static let files: [String] = [
    "{\"text\": \"a\", \"label\": [[0, 1, \"x\"]]}\n{\"text\": \"b\", \"label\": []}\n",
    "{\"text\":\"a/b\\/c\",\"label\":\"x\"}",
    "{\"text\": \"\\u00e9\\ud83c\\udf0a\", \"label\": \"\\u00fc\"}\r\n{\"text\": \"b\", \"label\": \"x\"}\r\n",
    "\u{FEFF}{\"text\":\"a\"}\n\n\n{\"text\":\"b\"}\n", "{\"text\":\"a\"}  \n {\"text\":\"b\"}\n\n",
    "{ \"text\" : \"a\" ,\"label\":[ \"x\",\"y\" ]}\n",
    "{\"text\":\"a\",\"cats\":{\"y\":0.0,\"x\":1.0}}\n{\"text\":\"b\",\"cats\":{\"y\":0.5,\"x\":0.25}}\n{\"text\":\"c\",\"cats\":{}}\n",
    "{\"text\":\"a\",\"cats\":{\"x\":1e-3,\"y\":1.50}}\n", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":\"1\"}\n",
    "{\"text\":\"a\",\"label\":1.0}\n{\"text\":\"b\",\"label\":-0.50}\n",
    "{\"label\":\"x\",\"text\":\"a\"}\n{\"text\":\"a\",\"label\":\"x\",\"z\":{\"b\":1, \"a\":2}}\n",
    "{\"text\":\"a\",\"spans\":[{\"end\":1,\"start\":0,\"label\":\"x\",\"extra\":null}],\"id\":\"q\"}\n{\"id\":5,\"text\":\"b\",\"spans\":[]}\n",
    "{\"text\":\"a\\u007f\\b\\f\\\"\",\"meta\":{}}\n{\"text\":\"a\",\"meta\":{\"x\":1.0}}\n",
    "{\"text\":\"a\",\"label\":[\"x\",[0,1,\"y\"]],\"labels\":\"z\"}\n",
    "{\"text\":\"a\",\"labels\":[\"x\"],\"label\":[\"y\"],\"cats\":[\"z\"]}\n",
    "{\"data\":\"a\",\"text\":\"b\",\"label\":[]}\n{\"data\":\"c\"}\n",
    "{\"text\":\"a\",\"cats\":{\"x\":true,\"x y\":false},\"accept\":[\"b\"]}\n",
  ]

  @Test(arguments: files) func sameBytes(_ text: String) throws {
    #expect(try rewritten(text) == text)
  }

  @Test(arguments: [
    "[\n  {\"text\": \"a\"},\n  {\"text\": \"b\"}\n]\n", "[{\"text\":\"a\"},{\"text\":\"b\"} , {\"text\":\"c\"}]", "[]",
    " [ {\"text\":\"a\"} ] \n\n",
  ]) func sameBytesOfArrays(_ text: String) throws {
    #expect(try rewritten(text, name: "a.json") == text)
  }

  /// Arrays that end in the middle: what could be read becomes a whole array.
  @Test(arguments: [
    ("[\n", "[\n]\n"), ("[\n  {\"text\": \"a\"}", "[\n  {\"text\": \"a\"}\n]\n"),
    ("[{\"text\":\"a\"} ,\n {\"text\":\"b\"},", "[{\"text\":\"a\"} ,\n {\"text\":\"b\"}\n]\n"),
    ("[{\"text\":\"a\"},{\"text\"", "[{\"text\":\"a\"}\n]\n"), ("[{\"text\":\"a\"}]]", "[{\"text\":\"a\"}\n]\n"),
  ]) func whatIsLeftOfAnArrayIsWhole(_ text: String, _ expected: String) throws {
    #expect(try rewritten(text, name: "a.json") == expected)
  }

  @Test(arguments: ["[", "a", "\u{FEFF}", " ,\n", "\n,,"]) func whatStandsBetweenRecordsIsChecked(_ separator: String) throws {
    // A manifest that was changed by hand may say anything.
    let folder = try TemporaryFolder()
    var data = try read(try folder.write("a.json", "[{\"text\":\"a\"},{\"text\":\"b\"} , {\"text\":\"c\"}]"))
    var json = ByteBuffer()
    json.appendJSON(separator)
    data.samples[2].preserved = Preserved("jsonl-text", members: Array("\"$lead\":".utf8) + json.array())
    let path = folder.file("b.json")
    try write(data.header, data.samples, to: path)
    let again = try read(path)
    #expect(again.diagnostics.isEmpty && again.samples.map(\.media.text) == ["a", "b", "c"])
  }

  @Test func filesOfOtherKindsAreNoTexts() throws {
    var picture = sample(nil)
    picture.media.location = "a.jpg"
    #expect(try written([picture]) == "jsonl-text.write.no-text")
    picture.media.location = "a.TXT"
    #expect(!(try written([picture])).contains("write"))
  }

  @Test func arraysBecomeLinesAndLinesArrays() throws {
    let array = "[\n  {\"text\": \"a\"},\n\n  {\n    \"text\": \"b\"\n  }\n]\n"
    #expect(try rewritten(array, name: "a.json", to: "b.jsonl") == "{\"text\": \"a\"}\n{\"text\": \"b\"}\n")
    #expect(try rewritten("{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n", to: "b.json") == "[\n{\"text\":\"a\"},\n{\"text\":\"b\"}\n]\n")
  }

  @Test func whatWasChangedIsWrittenLikeTheRest() throws {
    let text =
      "{\"text\": \"Ada\", \"label\": [ [0, 3, \"x\"] ], \"n\": 1}\n{\"text\": \"Bob\", \"label\": [[0, 3, \"y\"]], \"n\": [2, 3]}\n"
    let changed = try rewritten(text) { samples, labels in
      samples[0].annotations.append(span(1, 2, 1))
      samples[1].annotations[0].label = labels.intern("é\"")
      samples[1].media.text = "Bob/2"
    }
    #expect(
      changed
        == "{\"text\": \"Ada\", \"label\": [[0, 3, \"x\"], [1, 2, \"y\"]], \"n\": 1}\n{\"text\": \"Bob/2\", \"label\": [[0, 3, \"é\\\"\"]], \"n\": [2, 3]}\n"
    )
  }

  @Test func spellingsGoWhenTheyAreNoLongerTrue() throws {
    let text = "{ \"text\": \"Ada\", \"cats\": {\"x\": 0.0, \"y\": 1} }\n"
    #expect(
      try rewritten(text) { samples, _ in samples[0].media.text = "Eve" }
        == "{ \"text\": \"Eve\", \"cats\": {\"x\": 0.0, \"y\": 1} }\n")
    #expect(
      try rewritten(text) { samples, labels in samples[0].annotations.append(Annotation(label: labels.intern("x"))) }
        == "{\"text\": \"Ada\", \"cats\": {\"x\": true, \"y\": 1.0}, \"_order\": [1, 0]}\n")
  }

  @Test func laterSamplesMayComeFirst() throws {
    let text = "{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n"
    #expect(try rewritten(text) { samples, _ in samples.removeFirst() } == "{\"text\":\"b\"}\n{\"text\":\"c\"}\n")
    #expect(try rewritten(text) { samples, _ in samples.removeAll() } == "")
  }

  // MARK: Samples of other formats

  static var rich: Sample {
    var relation = mark(1, id: .string("R1"))
    relation.link = Link(source: .string("T1"), target: .integer(2))
    var caption = Annotation()
    caption.text = "said"
    var all = sample(
      "Ada met Bob", key: "k",
      [span(0, 3, id: .string("T1")), span(8, 11, id: .integer(2)), relation, mark(0), mark(1, 0.5), caption])
    all.attributes = ["weather": .string("rain"), "answer": .string("accept")]
    all.id = .integer(42)
    return all
  }

  static let dialects: [(String, String)] = [
    (
      "keep",
      #"{"id":42,"text":"Ada met Bob","meta":{"weather":"rain"},"spans":[{"id":"T1","start":0,"end":3,"label":"fox"},{"id":2,"start":8,"end":11,"label":"fox"}],"label":"fox","_key":"k","cats":{"den":0.5},"relations":[{"id":"R1","from_id":"T1","to_id":2,"type":"den"}],"annotations":[{"text":"said"}],"answer":"accept","_order":[0,1,3,4,2,5]}"#
    ),
    (
      "doccano",
      #"{"id": 42, "text": "Ada met Bob", "label": ["fox"], "_key": "k", "meta": {"weather": "rain"}, "entities": [{"id": "T1", "label": "fox", "start_offset": 0, "end_offset": 3}, {"id": 2, "label": "fox", "start_offset": 8, "end_offset": 11}], "cats": {"den": 0.5}, "relations": [{"id": "R1", "from_id": "T1", "to_id": 2, "type": "den"}], "annotations": [{"text": "said"}], "answer": "accept", "_order": [3, 0, 1, 4, 2, 5]}"#
    ),
  ]

  @Test(arguments: dialects) func dialectsOfARichSample(_ dialect: String, _ expected: String) throws {
    let text = try written([JSONLTextWriterTests.rich], [("dialect", dialect)])
    #expect(text == expected + "\n")
    let data = try read(text: text)
    #expect(
      data.marks() == ["fox@0-3#\"T1\"", "fox@8-11#2", "den:\"T1\">2#\"R1\"", "fox", "den=0.5", "'said'"]
        && data.diagnostics.isEmpty)
    #expect(data.samples[0].key == "k" && data.samples[0].id == .integer(42))
    #expect(try rewritten(text) == text)
  }

  @Test func simpleSamplesInEachDialect() throws {
    let samples = [
      sample("Ada", key: "7", [span(0, 3)]), sample("Bob", key: "b", [mark(0), mark(1)]), sample("", key: "3", [mark(0)]),
      sample("c", key: "4"),
    ]
    #expect(
      try written(samples, [("dialect", "doccano")]) == """
        {"id": 7, "text": "Ada", "label": [[0, 3, "fox"]]}
        {"id": "b", "text": "Bob", "label": ["fox", "den"]}
        {"id": 3, "text": "", "label": ["fox"]}
        {"id": 4, "text": "c"}

        """)
    #expect(
      try written(samples, [("dialect", "spacy")]) == """
        {"id": 7, "text": "Ada", "entities": [[0, 3, "fox"]]}
        {"id": "b", "text": "Bob", "cats": {"fox": true, "den": true}}
        {"id": 3, "text": "", "cats": {"fox": true}}
        {"id": 4, "text": "c"}

        """)
    #expect(
      try written(samples, [("dialect", "plain")]) == """
        {"id": 7, "text": "Ada", "spans": [{"start": 0, "end": 3, "label": "fox"}]}
        {"id": "b", "text": "Bob", "label": ["fox", "den"]}
        {"id": 3, "text": "", "label": "fox"}
        {"id": 4, "text": "c"}

        """)
    #expect(
      try written(samples) == """
        {"id":7,"text":"Ada","spans":[{"start":0,"end":3,"label":"fox"}]}
        {"id":"b","text":"Bob","accept":["fox","den"]}
        {"id":3,"text":"","label":"fox"}
        {"id":4,"text":"c"}

        """)
  }

  @Test func tokensAreWrittenWithTheirColumns() throws {
    var joined = sample("Ada met", [span(4, 7, 0), span(1, 2, 1)])
    joined.tokens = Tokens(columns: ["pos", "id"], rows: [["Ada", "N", "1"], ["met", "V"]], placement: .joined)
    let text = try written([joined])
    #expect(
      text
        == #"{"id":1,"text":"Ada met","tokens":[{"text":"Ada","start":0,"end":3,"ws":true,"pos":"N","id":"1"},{"text":"met","start":4,"end":7,"ws":false,"pos":"V"}],"spans":[{"start":4,"end":7,"token_start":1,"token_end":1,"label":"fox"},{"start":1,"end":2,"label":"den"}],"_joined":true}"#
        + "\n")
    #expect(try read(text: text).samples[0].tokens == joined.tokens)
    #expect(try rewritten(text) == text)
    for rows in [[["a"], ["b", "N"]], [["a", "N", "x", "y"]], [[]]] {
      var odd = sample("a b")
      odd.tokens = Tokens(columns: ["pos", "lemma"], rows: rows)
      #expect(try written([odd]) == "jsonl-text.write.tokens")
    }
    var clash = sample("a")
    clash.tokens = Tokens(columns: ["text"], rows: [["a", "b"]])
    #expect(try written([clash]) == "jsonl-text.write.tokens")
  }

  /// Tokens are printed in words where texts have usual escapes, and byte by byte where not: the spelling is that of the file.
  @Test func tokensMayHoldAnything() throws {
    let words = ["a", "\"", "back\\slash", "tab\there", "über", "日本語日本語", "</x>", "\u{1}", "exactly8", "longer than eight"]
    var all = sample(words.joined(separator: " "))
    all.tokens = Tokens(columns: ["a very long name of a column", "b"], rows: words.map { [$0, $0, "-"] }, placement: .joined)
    for dialect in ["keep", "prodigy", "doccano", "spacy", "huggingface", "plain"] {
      let text = try written([all], [("dialect", dialect)])
      #expect(try read(text: text).samples[0].tokens == all.tokens, "\(dialect): \(text)")
    }
    let text = try written([all], [("dialect", "prodigy")])
    #expect(text.contains(#"{"text":"\"","start":2,"end":3,"id":1,"ws":true,"a very long name of a column":"\"","b":"-"}"#))
    #expect(text.contains(#"{"text":"\u0001","start":41,"end":42,"id":7,"ws":true,"#))
    var partly = sample("ab c")
    partly.tokens = Tokens(
      columns: [], rows: [["ab"], ["?"], ["c"]],
      placement: .extents([.init(start: 0, end: 2), .unknown, .init(start: 3, end: 4)], .scalars))
    let placed = #""tokens":[{"text":"ab","start":0,"end":2,"id":0,"ws":true},{"text":"?","id":1},{"text":"c","start":3,"#
    #expect(try written([partly]).contains(placed))
  }

  @Test func spansCountCharacters() throws {
    #expect(try written([sample("é🌊a", [span(1, 3, unit: .utf16)])], [("dialect", "doccano")]).contains("[[1, 2, \"fox\"]]"))
    #expect(try written([sample("é🌊a", [span(2, 6, unit: .utf8)])], [("dialect", "doccano")]).contains("[[1, 2, \"fox\"]]"))
    for (start, end, unit) in [(0, 2, TextSpan.Unit.utf16), (0, 1, .utf8), (0, 9, .scalars), (-1, 1, .scalars), (2, 1, .scalars)] {
      #expect(
        try written([sample("é🌊a", [span(start, end, unit: unit)])])
          == (unit == .utf16 ? "jsonl-text.write.span-outside" : "jsonl-text.write.span-outside"))
    }
  }

  @Test func whatItsReaderWouldRefuseIsRefused() throws {
    #expect(try written([sample(nil)]) == "jsonl-text.write.no-text")
    #expect(try written([Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))]) == "jsonl-text.write.no-text")
    #expect(try written([sample("a", [Annotation()])]) == "jsonl-text.write.empty")
    #expect(try written([sample("a", [mark(0, .infinity)])]) == "jsonl-text.write.number")
    let folder = try TemporaryFolder()
    var split = sample("a")
    split.split = "a/b"
    #expect(
      try write(DatasetHeader(), [split], to: folder.file("out"), isFolder: true).items.map(\.rule) == ["jsonl-text.write.split"])
  }

  @Test func splitsAreFilesOfAFolder() throws {
    let folder = try TemporaryFolder()
    var samples: [Sample] = []
    for (key, split) in [("1", "train"), ("2", "test"), ("3", nil), ("4", "train"), ("5", "validation")] {
      var one = sample("t\(key)", key: key)
      one.split = split
      samples.append(one)
    }
    try write(DatasetHeader(), samples, to: folder.file("out"), isFolder: true)
    let files = try tree(folder.file("out"))
    #expect(files.keys.sorted() == ["dataset.jsonl", "test.jsonl", "train.jsonl", "validation.jsonl"])
    #expect(
      String(decoding: files["train.jsonl"] ?? [], as: UTF8.self) == "{\"id\":1,\"text\":\"t1\"}\n{\"id\":4,\"text\":\"t4\"}\n")
    let data = try read(folder.file("out"))
    #expect(data.samples.map(\.key) == ["1", "4", "5", "2", "3"])
  }

  @Test func scoresOfZeroAndRepeatedScoresComeBack() throws {
    let text = try written([sample("a", [mark(0, 0), mark(1, 0.5), mark(1, 0.25), mark(0)])])
    #expect(try read(text: text).marks() == ["fox=0.0", "den=0.5", "den=0.25", "fox"])
  }
}
