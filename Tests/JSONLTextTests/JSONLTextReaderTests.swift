import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillJSONLText

/// What records say.
@Suite struct JSONLTextReaderTests {
  static let records: [(String, [String])] = [
    (#"{"text":"Ada","label":"x"}"#, ["x"]), (#"{"text":"Ada","label":3}"#, ["3"]), (#"{"text":"Ada","label":true}"#, ["true"]),
    (#"{"text":"Ada","label":null}"#, []), (#"{"text":"Ada"}"#, []), (#"{"text":"Ada","labels":["x","y","x"]}"#, ["x", "y", "x"]),
    (#"{"text":"Ada","label":[1,2]}"#, ["1", "2"]), (#"{"text":"Ada","label":[]}"#, []), (#"{"data":"Ada","label":["x"]}"#, ["x"]),
    (#"{"text":"Ada","label":[[0,3,"x"],[0,3,"x"],[1,2,"y"]]}"#, ["x@0-3", "x@0-3", "y@1-2"]),
    (#"{"text":"Ada","entities":[[0,3,"x",{"a":1}]]}"#, ["x@0-3"]), (#"{"text":"Ada","entities":[[0,1,null]]}"#, ["@0-1"]),
    (#"{"text":"Ada","spans":[{"start":0,"end":3,"label":"x","token_start":0}]}"#, ["x@0-3"]),
    (#"{"text":"Ada","spans":[{"start":0,"end":3}]}"#, ["@0-3"]),
    (#"{"text":"Ada","ents":[{"start":0,"end":3,"label":"x"}]}"#, ["x@0-3"]),
    (#"{"text":"Ada","spans":[{"text":"Ad","start":0,"end":2,"label":"x","score":0.5}]}"#, ["x@0-2=0.5"]),
    (
      #"{"text":"Ada","entities":[{"id":0,"start_offset":0,"end_offset":1,"label":"x"},{"id":"b","start_offset":1,"end_offset":3,"label":"y"}],"relations":[{"id":9,"from_id":0,"to_id":"b","type":"r"}]}"#,
      ["x@0-1#0", "y@1-3#\"b\"", "r:0>\"b\"#9"]
    ),
    (#"{"text":"Ada","annotations":[{"label":4,"user":1},{"label":5,"start_offset":0,"end_offset":1,"user":1}]}"#, ["4", "5@0-1"]),
    (#"{"text":"Ada","annotations":[{"text":"said"}]}"#, ["'said'"]),
    (#"{"text":"Ada","cats":{"a":0.25,"b":true,"c":0,"d":false}}"#, ["a=0.25", "b"]),
    (#"{"text":"Ada","label":{"a":1}}"#, ["a=1.0"]),
    (#"{"text":"Ada","entities":[[0,1,"x"]],"cats":["p","q"]}"#, ["x@0-1", "p", "q"]),
    (#"{"text":"Ada","options":[{"id":"A"}],"accept":["A",2]}"#, ["A", "2"]), (#"{"text":"Ada","label":"é\u00e9"}"#, ["éé"]),
    (#"{"text":"🌊a","label":[[1,2,"x"]]}"#, ["x@1-2"]), (#"{"label":[[0,2,"x"]],"text":"\ud83c\udf0aa"}"#, ["x@0-2"]),
    (#"{"text":"Ada","label":["a","b"],"_order":[1,0]}"#, ["b", "a"]),
    (#"{"text":"Ada","label":["a","b"],"_order":[1,1]}"#, ["a", "b"]),
  ]

  @Test(arguments: records) func readsAnnotations(_ record: String, _ expected: [String]) throws {
    let data = try read(text: record + "\n")
    #expect(data.diagnostics.isEmpty, "\(data.rules)")
    #expect(data.marks() == expected)
    #expect(try rewritten(record + "\n") == record + "\n")
  }

  @Test func whatMeansNothingIsKept() throws {
    let data = try read(
      text:
        #"{"text": "Ada", "_input_hash": -12345678901234567890123, "b": {"c": [1.50, "\u00e9"]}, "label": null, "filename": "a.txt"}"#
    )
    #expect(data.kept() == #""_input_hash":-12345678901234567890123,"b":{"c":[1.50,"\u00e9"]},"label":null,"filename":"a.txt""#)
    #expect(data.samples[0].media == Media(.text, text: "Ada"))
  }

  @Test func metaAndAnswerAreAttributes() throws {
    let data = try read(
      text: #"{"text":"a","meta":{"n":1,"x":[true,null,{"y":2.5}]},"answer":"reject"}"# + "\n"
        + #"{"text":"b","meta":{"answer":1},"answer":3}"#)
    #expect(
      data.samples[0].attributes == [
        "n": .integer(1), "x": .list([.boolean(true), .null, .object(["y": .number(2.5)])]), "answer": .string("reject"),
      ])
    #expect(data.samples[1].attributes.isEmpty && data.kept(1) == #""meta":{"answer":1},"answer":3"#)
  }

  @Test func keysAreIDsOrNumbers() throws {
    let text =
      #"{"text":"a"}"# + "\n" + #"{"id":7,"text":"b"}"# + "\n" + #"{"id":"7","text":"c"}"# + "\n"
      + #"{"id":1.5,"_key":"k","text":"d"}"#
    let data = try read(text: text)
    #expect(data.samples.map(\.key) == ["1", "7", "7", "k"])
    #expect(data.samples.map(\.id) == [nil, .integer(7), .string("7"), nil])
    #expect(try read(text: text, [("key", "number")]).samples.map(\.key) == ["1", "2", "3", "4"])
    #expect(try rewritten(text, reading: [("key", "number")]) == text)
  }

  @Test func textsOfTextFilesLieElsewhere() throws {
    let data = try read(text: #"{"filename":"a/b.txt","label":["x"]}"# + "\n" + #"{"filename":"README"}"#)
    #expect(
      data.samples.map(\.media) == [Media(.text, location: "a/b.txt"), Media(.text, location: "README")] && data.diagnostics.isEmpty
    )
  }

  @Test func keysOfOthersCanBeNamed() throws {
    let text = #"{"column_data": "Ada", "column_label": [[0, 2, "x"]], "text": "no"}"# + "\n"
    let data = try read(text: text, [("text", "column_data"), ("label", "column_label")])
    #expect(data.marks() == ["x@0-2"] && data.samples[0].media.text == "Ada" && data.kept() == #""text":"no""#)
    #expect(try rewritten(text, reading: [("text", "column_data"), ("label", "column_label")]) == text)
    #expect(try read(text: text).kept() == #""column_data":"Ada","column_label":[[0,2,"x"]]"#)
  }

  @Test func offsetsCountWhatIsAskedFor() throws {
    let text = #"{"text":"é🌊a","label":[[1,3,"x"]]}"#
    #expect(try read(text: text).samples[0].annotations[0].span == TextSpan(start: 1, end: 3, unit: .scalars))
    let utf16 = try read(text: #"{"text":"é🌊a","label":[[1,4,"x"]]}"#, [("offsets", "utf16")])
    #expect(utf16.samples[0].annotations[0].span == TextSpan(start: 1, end: 4, unit: .utf16) && utf16.diagnostics.isEmpty)
    let utf8 = try read(text: #"{"text":"é🌊a","label":[[2,7,"x"]]}"#, [("offsets", "utf8")])
    #expect(utf8.samples[0].annotations[0].span == TextSpan(start: 2, end: 7, unit: .utf8) && utf8.diagnostics.isEmpty)
    #expect(try read(text: #"{"text":"é🌊a","label":[[1,4,"x"]]}"#).rules == ["jsonl-text.span.outside"])
  }

  @Test func listsOfSentencesAreTexts() throws {
    let text = #"{"text":"Hello!","label":["Bonjour !","Salut !"]}"# + "\n" + #"{"text":"Bye","label":["Au revoir"]}"#
    #expect(try read(text: text).marks() == ["'Bonjour !'", "'Salut !'"])
    #expect(try read(text: text).marks(1) == ["'Au revoir'"])
    #expect(try read(text: text, [("labels", "classes")]).marks() == ["Bonjour !", "Salut !"])
    #expect(try read(text: #"{"text":"a","label":["x"]}"#, [("labels", "texts")]).marks() == ["'x'"])
    #expect(try read(text: #"{"text":"a","label":["x"]}"#).marks() == ["x"])
    #expect(try rewritten(text) == text)
  }

  @Test func tokensHavePlacesAndColumns() throws {
    let text =
      #"{"text":"Don't  go","tokens":[{"text":"Do","start":0,"end":2,"id":0,"ws":false,"pos":"V"},{"text":"n't","start":2,"end":5,"id":1,"ws":true,"pos":"R"},{"text":"go","start":7,"end":9,"id":2,"ws":false}]}"#
    let tokens = try #require(try read(text: text).samples[0].tokens)
    #expect(tokens.columns == ["pos"] && tokens.row(0) == ["Do", "V"] && tokens.row(2) == ["go"])
    #expect(tokens.extents()?.extents.map(\.start) == [0, 2, 7])
    #expect(try rewritten(text) == text)
    let joined = try read(
      text: #"{"text":"é b","_joined":true,"tokens":[{"text":"é","start":0,"end":1,"id":0},{"text":"b","start":2,"end":3,"id":1}]}"#
    )
    #expect(joined.samples[0].tokens?.placement == .joined)
    // What is not so is said all the same, and kept.
    let untrue =
      #"{"text":"a  b","tokens":[{"text":"a","start":0,"end":1,"id":0},{"text":"b","start":3,"end":4,"id":1}],"_joined":true}"#
    #expect(try read(text: untrue).kept().hasPrefix("\"_joined\":true") && rewritten(untrue) == untrue)
    let bare = try read(text: #"{"text":"a b","tokens":[{"text":"a"},{"text":"b","start":2,"end":3}]}"#)
    #expect(bare.samples[0].tokens?.extents()?.extents.first == .unknown)
  }

  @Test(arguments: [
    #"[{"text":"a","id":1}]"#, #"[{"text":"a","start":0}]"#, #"[{"start":0,"end":1}]"#, #"["a"]"#, #"[{"text":"a","x":1}]"#,
    #"{"a":1}"#,
    #"[{"text":"a"},{"text":"b","pos":"N"}]"#, #"[{"text":"a","start":2,"end":1}]"#, #"[{"text":"a","start":-1,"end":1}]"#,
  ]) func otherTokensAreKept(_ tokens: String) throws {
    let text = "{\"text\":\"a b\",\"tokens\":\(tokens)}"
    let data = try read(text: text)
    #expect(
      data.samples[0].tokens == nil && data.rules == ["jsonl-text.member.kept"] && data.kept().hasPrefix("\"tokens\":\(tokens)"))
    #expect(try rewritten(text) == text)
  }

  @Test(arguments: [
    #""spans":{"sc":[[0,1,"x"]]}"#, #""label":{"a":"b"}"#, #""entities":"x""#, #""relations":[{"head":0,"child":1,"label":"x"}]"#,
    #""label":[null]"#, #""cats":{"a":0,"b":null}"#,
  ]) func otherFormsAreKept(_ member: String) throws {
    let text = "{\"text\":\"Ada\",\(member)}"
    let data = try read(text: text)
    #expect(data.samples[0].annotations.isEmpty && data.rules == ["jsonl-text.member.kept"] && data.kept().hasPrefix(member))
    #expect(try rewritten(text) == text)
  }

  @Test func filesOfAFolderAreSplits() throws {
    let folder = try TemporaryFolder()
    for name in ["test", "val", "dataset", "extra", "train"] {
      _ = try folder.write("set/\(name).jsonl", "{\"text\":\"\(name)\"}\n")
    }
    _ = try folder.write("set/notes.txt", "no")
    let data = try read(folder.file("set"))
    #expect(data.samples.map(\.split) == ["train", "validation", "test", "extra", nil])
    #expect(data.samples.map(\.key) == ["1", "2", "3", "4", "5"])
    try write(data.header, data.samples, to: folder.file("again"), isFolder: true)
    #expect(try tree(folder.file("again")) == tree(folder.file("set")).filter { $0.key.hasSuffix(".jsonl") })
  }

  @Test func labelsAreKnownEarlyWhenAskedFor() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.jsonl", #"{"text":"a","label":"x"}"# + "\n" + #"{"text":"b","cats":{"z":0,"y":1}}"#)
    let header = try read(path, demand: Demand(labels: true, splits: true)).header
    #expect(header.labelsAreComplete && header.labels.labels.map(\.name) == ["x", "z", "y"])
  }
}
