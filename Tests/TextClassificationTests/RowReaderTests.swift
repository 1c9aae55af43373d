import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax
import WaybillTextClassification

/// What rows say.
@Suite struct RowReaderTests {
  static let files: [(String, [(String, String)], [[String]])] = [
    ("text,label\na,x\nb,\n", [], [["a", "x"], ["b"]]), ("Label , TEXT\nx,a\n", [], [["a", "x"]]),
    ("text\ta\tlabel\nt\t1\tx\n", [], [["t", "x"]]),
    ("content;target\nt,1;x\n", [], [["t,1", "x"]]), ("text|class\nt|x", [], [["t", "x"]]), ("text\nt\n", [], [["t"]]),
    ("text,label\n\"a \"\"b\"\"\n c\",\"x,y\"\n", [], [["a \"b\"\n c", "x,y"]]),
    ("text,label\nt,\"[\"\"x\"\",\"\"y\"\"]\"\n", [], [["t", "x", "y"]]),
    ("text,label\nt,[x]\nu,[]\nv,\"[\"\"\"\"]\"\n", [], [["t", "[x]"], ["u"], ["v", ""]]),
    ("text,label\na,x|y\n", [("separator", "pipe")], [["a", "x", "y"]]),
    ("text,label\na,x::y::\n", [("separator", "::")], [["a", "x", "y"]]),
    ("a long text,x\nb,y\n", [("header", "no")], [["a long text", "x"], ["b", "y"]]),
    ("x\ta long text\ny\tb\n", [("layout", "tsv")], [["a long text", "x"], ["b", "y"]]),
    ("one\ntwo\n\nthree", [], [["one"], ["two"], ["three"]]),
    ("text,label\n", [], []), ("3,title,words\n", [("header", "no"), ("text", "3"), ("label", "1")], [["words", "3"]]),
    ("a,b,c\nt,x,y\n", [("header", "yes"), ("text", "a"), ("label", "c+b")], [["t", "y", "x"]]),
    ("text,label\nt,x\n", [("label", "none")], [["t"]]),
    ("q,label,text\nt,x,u\n", [("text", "Q")], [["t", "x"]]), ("text, label\na, x\n b,  y\n", [], [["a", "x"], [" b", "y"]]),
    ("text\tlabel\n\" said he\tx\nshe \"said\"\ty\n", [], [["\" said he", "x"], ["she \"said\"", "y"]]),
    ("text\tlabel\n\"Hello.\"\tx\n", [], [["\"Hello.\"", "x"]]), ("text\tlabel\n\"a\tb\"\tx\n", [], [["a\tb", "x"]]),
    ("\"text\"\t\"label\"\n\"Hello.\"\t\"x\"\n", [], [["Hello.", "x"]]),
    ("text,label\n\" open,x\nb,y\n", [], [["\" open", "x"], ["b", "y"]]),
    ("text,label\n\"a\",x\n", [("quoting", "no")], [["\"a\"", "x"]]),
    ("a\tx,y\nb\nc\tx\n", [("layout", "modelarts-combined")], [["a", "x", "y"], ["b"], ["c", "x"]]),
    ("a#x y\n", [("layout", "modelarts-combined"), ("delimiter", "comma")], [["a#x y"]]),
    ("__label__x __label__y a b\n__label__x\na b\n__label__x  a\n", [], [["a b", "x", "y"], ["", "x"], ["a b"], [" a", "x"]]),
    ("#x #y a\n", [("prefix", "#"), ("layout", "fasttext")], [["a", "x", "y"]]),
    ("__label__ a\n__label__x\n", [], [["__label__ a"], ["", "x"]]),
    ("no\n__label__x a\n", [], [["no"], ["a", "x"]]), ("\u{FEFF}text,label\r\na,x\r\n", [], [["a", "x"]]),
  ]

  @Test(arguments: files) func readsTextsAndLabels(_ text: String, _ options: [(String, String)], _ expected: [[String]]) throws {
    let data = try read(text: text, options)
    #expect(data.diagnostics.count(atLeast: .error) == 0 && data.samples.count == expected.count, "\(data.rules)")
    for (index, row) in expected.enumerated() where index < data.samples.count {
      #expect([data.texts[index]] + data.marks(index) == row.map { $0 })
    }
    #expect(try rewritten(text, reading: options) == text)
  }

  @Test func otherColumnsAreKeptOrAttributes() throws {
    let text = "id,text,n,label,n\n7,a,1,x,2\nq,b,\"3,4\",y,\n"
    let data = try read(text: text)
    #expect(data.samples.map(\.key) == ["7", "q"] && data.samples.map(\.id) == [.integer(7), .string("q")])
    #expect(data.kept(0) == #""columns":["1","2"]"# && data.kept(1) == #""columns":["3,4",""]"#)
    let named = try read(text: text, [("extra", "attributes")])
    #expect(
      named.samples[1].attributes == ["n": .string("3,4"), "column5": .string("")] && named.samples[1].preserved.isEmpty == false)
    #expect(try read(text: text, [("key", "number")]).samples.map(\.key) == ["1", "2"])
    #expect(try rewritten(text) == text)
  }

  static let faults: [(String, String, Int)] = [
    ("text,label\na,x,y\nb,x\n", "text-classification.row.columns", 15),
    ("label,text\nx\ny,b\n", "text-classification.row.columns", 11),
    ("text,label\n\"a\"b,x\n\"c\",x\n\"d", "csv.text-behind-quote", 14), ("text,label\na,x\n\"b\n", "csv.unterminated-quote", 15),
  ]

  @Test(arguments: faults) func faultsHaveAPlace(_ text: String, _ rule: String, _ offset: Int) throws {
    let data = try read(text: text)
    let found = try #require(data.diagnostics.items.first { $0.severity == .error && $0.rule == rule }, "\(data.rules)")
    #expect(found.range?.offset == offset)
    #expect(TextClassificationFormat.descriptor.rules.contains { $0.id == rule && $0.severity == .error })
  }

  @Test func shortRowsAreWarnedOf() throws {
    let text = "text,a,label\nt\nu,1\n"
    let data = try read(text: text)
    #expect(data.rules == ["text-classification.row.short", "text-classification.row.short"] && data.texts == ["t", "u"])
    #expect(try rewritten(text) == text)
  }

  @Test func columnsThatNobodyKnowsAreAskedFor() throws {
    #expect(throws: DatasetError.self) { try read(text: "a,b,c\n1,2,3\n") }
    #expect(throws: DatasetError.self) { try read(text: "text,label\na,x\n", [("text", "nowhere")]) }
    #expect(throws: DatasetError.self) { try read(text: "text,label\na,x\n", [("label", "text")]) }
    #expect(throws: DatasetError.self) { try read(text: "text,label\na,x\n", [("encoding", "klingon")]) }
    #expect(throws: DatasetError.self) { try read(text: "a\n", [("layout", "modelarts")], name: "a.txt") }
  }

  static let encodings = ["utf-8-bom", "utf-16le-bom", "utf-16be-bom", "utf-32le-bom", "gbk", "windows-1252", "utf-16le"]

  @Test(arguments: encodings) func encodingsComeBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let encoding = try #require(TextEncoding(named: name))
    let text = name == "gbk" ? "text,label\r\n很好,好\r\n\"不, 好\",坏\r\n" : "text,label\r\nGrüße,gut\r\n\"naïf, é\",x\r\n"
    var out = ByteBuffer()
    let plain = Array(text.utf8)
    try plain.withUnsafeBytes { try encoding.encode($0, into: &out) }
    let path = try folder.write("a.csv", out.array())
    let options = encoding.hasMark ? [] : [("encoding", name)]
    let data = try read(path, options)
    #expect(data.samples.count == 2 && data.diagnostics.isEmpty && data.marks(0) == [name == "gbk" ? "好" : "gut"])
    try write(data.header, data.samples, to: folder.file("b.csv"))
    #expect(try bytes(of: folder.file("b.csv")) == bytes(of: path))
    // The places of rows are those in the file.
    let unit = encoding.unitSize
    if name != "gbk" { #expect(data.samples[0].source?.offset == encoding.mark.count + 12 * unit) }
    var strange = data.samples
    strange[0].media.text = "\u{1F600} ☃"
    let problems = try write(data.header, strange, to: folder.file("c.csv"))
    #expect(problems.items.map(\.rule) == (["gbk", "windows-1252"].contains(name) ? ["text-classification.write.encoding"] : []))
  }

  @Test func whatIsNotTextIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.csv", Array("text,label\nGr".utf8) + [0xFC] + Array(",x\n".utf8))
    let data = try read(path)
    #expect(data.rules == ["text-classification.file.encoding"] && data.diagnostics.items[0].range?.offset == 13)
    #expect(try read(path, [("encoding", "latin1")]).texts == ["Grü"])
  }

  @Test func labelsMayHaveAFileOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("set/train.txt", "one\r\n\r\nthree")
    _ = try folder.write("set/train_result.txt", "x,y\r\nz\r\n")
    let short = try read(path)
    #expect(short.rules == ["text-classification.pair.lines"] && short.texts == ["one", ""] && short.marks(0) == ["x", "y"])
    _ = try folder.write("set/train_result.txt", "x,y\r\nz\r\n,\n")
    _ = try folder.write("set/test.txt", "")
    _ = try folder.write("set/test_result.txt", "")
    let data = try read(folder.file("set"))
    #expect(
      data.diagnostics.isEmpty && data.texts == ["one", "", "three"] && data.samples.map(\.split) == ["train", "train", "train"])
    try write(data.header, data.samples, to: folder.file("out"), isFolder: true)
    let files = try tree(folder.file("out"))
    #expect(String(decoding: files["train.txt"] ?? [], as: UTF8.self) == "one\r\n\r\nthree")
    #expect(String(decoding: files["train_result.txt"] ?? [], as: UTF8.self) == "x,y\r\nz\r\n,")
  }

  @Test func filesOfAFolderAreSplits() throws {
    let folder = try TemporaryFolder()
    for name in ["test", "val", "dataset", "train"] { _ = try folder.write("set/\(name).csv", "text,label\n\(name),x\n") }
    _ = try folder.write("set/README.txt", "no")
    let data = try read(folder.file("set"))
    #expect(data.samples.map(\.split) == ["train", "validation", "test", nil] && data.samples.map(\.key) == ["1", "2", "3", "4"])
    try write(data.header, data.samples, to: folder.file("again"), isFolder: true)
    #expect(try tree(folder.file("again")) == tree(folder.file("set")).filter { $0.key.hasSuffix(".csv") })
    _ = try folder.write("set/zzz.csv", "a,b,text\n1,2,3\n")
    #expect(try read(folder.file("set")).rules == ["text-classification.file.columns"])
  }

  @Test func labelsAreKnownEarlyWhenAskedFor() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.csv", "text,label\na,x\nb,y\n")
    let header = try read(path, demand: Demand(labels: true, splits: true)).header
    #expect(header.labelsAreComplete && header.labels.labels.map(\.name) == ["x", "y"])
  }

  static let detections: [(String, Detection.Confidence?)] = [
    ("text,label\na,x\n", .certain), ("sentence\tlabel\na\tx\n", .certain), ("id,text\n1,a\n", .possible),
    ("__label__x a\n", .certain),
    ("a\n b\n__label__x a\n", .certain), ("a,x\nb,y\n", nil), ("one column\n", nil), ("text\na\n", nil),
    ("filename, label_0\na.jpg, 1\n", nil),
    ("filename,text,label\na.jpg,b,c\n", nil), ("day,class\n1,UP\n", nil), ("Rating,Review Text,Class Name\n1,a,b\n", nil),
    ("client_id\tpath\tsentence\nx\ta.mp3\tb\n", nil), ("word\tO\nother\tB-x\n", nil), ("", nil), ("{\"text\":\"a\"}\n", nil),
  ]

  @Test(arguments: detections) func isDetectedByContent(_ text: String, _ confidence: Detection.Confidence?) throws {
    let folder = try TemporaryFolder()
    let probe = try DetectionProbe(DatasetInput(path: try folder.write("a.csv", text)))
    #expect(TextClassificationFormat.detect(probe)?.confidence == confidence)
  }

  @Test func longAndWideFilesAreDetected() throws {
    let folder = try TemporaryFolder()
    for name in ["utf-16le-bom", "utf-8", "utf-32be-bom"] {
      var out = ByteBuffer()
      let plain = Array(("text,label\n" + String(repeating: "日本🌊,x\n", count: 900)).utf8)
      try plain.withUnsafeBytes { try TextEncoding(named: name)?.encode($0, into: &out) }
      let probe = try DetectionProbe(DatasetInput(path: try folder.write("\(name).csv", out.array())))
      #expect(TextClassificationFormat.detect(probe)?.confidence == .certain)
    }
    _ = try folder.write("pairs/a.txt", "x\n")
    _ = try folder.write("pairs/a_result.txt", "x\n")
    #expect(TextClassificationFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("pairs"))))?.confidence == .likely)
    #expect(
      TextClassificationFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("pairs/a.txt"))))?.confidence == .likely)
    _ = try folder.write("mixed/a.csv", "text,label\nx,y\n")
    _ = try folder.write("mixed/b.csv", "1,2\n")
    #expect(TextClassificationFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("mixed")))) == nil)
  }
}
