import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax
import WaybillTextClassification

/// What is written, of what was read and of samples of other formats.
@Suite struct RowWriterTests {
  static let files: [String] = [
    "text,label\na,x\n\n\nb,y", "\n\ntext,label\n\na,x\n", "text,label\r\na,x\nb,\"y\"\r\n",
    "\"text\",label\n\"a\",x\n\"b\",y\n\"c\",z\n",
    "text,label\n\"a\",\"x\"\nb,\"y\"\n\"\",\"z\"\n", "label,text\nx,\"a\nb\"\n\n\"\",\"\"\n", "text\n\"\"\na\n",
    "text,label\n,\n,\n",
    "text,label\na,\"[ \"\"x\"\" ]\"\n", "text,label\na,x\r\r\nb,y\n", "text,label\na\rb,x\n", "text,label\n a , x \n",
    "id,text\n,a\n07,b\n7,c\n",
    "text;label\n\"a;b\";x\n", "text\tlabel\n\"a\tb\"\tx\n'c'\ty\n", "  __label__x a\n__label__x\tb\n__label__x __label__x c \n",
    "__label__x a\r\n\r\nb\r\n", "text,label,text\na,x,b\n", "text,label\n\"a\"\n",
  ]

  @Test(arguments: files) func sameBytes(_ text: String) throws {
    #expect(try rewritten(text) == text)
  }

  /// Texts, and their labels in a file beside: a last line that is empty is one only with its end.
  @Test(arguments: [
    ("a\nb\n", "x\ny\n", "x\ny\n"), ("a\nb", "x\ny", "x\ny"), ("a\nb", "x\n\n", "x\n\n"), ("a\n\n", "x\ny", "x\ny\n"),
    ("a\r\n\r\nb", "x\r\ny\r\n\r\n", "x\r\ny\r\n\r\n"),
  ]) func pairsStayPairs(_ texts: String, _ labels: String, _ expected: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/a.txt", texts)
    _ = try folder.write("in/a_result.txt", labels)
    let data = try read(folder.file("in"))
    #expect(data.diagnostics.isEmpty)
    #expect(try write(data.header, data.samples, to: folder.file("out"), isFolder: true).isEmpty)
    #expect(String(decoding: try bytes(of: folder.file("out/a_result.txt")), as: UTF8.self) == expected)
    let again = try read(folder.file("out"))
    #expect(again.diagnostics.isEmpty && again.texts == data.texts && again.marks(1) == data.marks(1))
  }

  @Test func whatWasChangedIsWrittenLikeTheRest() throws {
    let text = "label,n,text\r\n\"x\",1,a\r\nx,\"2\",\"b\"\r\n"
    let changed = try rewritten(text) { samples, labels in
      samples[0].media.text = "say \"a\", b"
      samples[1].annotations = [Annotation(label: labels.intern("y")), Annotation(label: labels.intern("z"))]
    }
    #expect(changed == "label,n,text\r\nx,1,\"say \"\"a\"\", b\"\r\n\"[\"\"y\"\",\"\"z\"\"]\",2,b\r\n")
    #expect(try rewritten("text,label\na,x\n\n\nb,y\nc,z\n") { samples, _ in samples.removeFirst() } == "text,label\nb,y\nc,z\n")
    #expect(try rewritten("text,label\na,x\n") { samples, _ in samples.removeAll() } == "text,label\n")
  }

  @Test(arguments: ["csv", "fasttext", "modelarts-combined"]) func rowsThatNobodyReadsAreNotWritten(_ layout: String) throws {
    let long = sample(String(repeating: "x", count: CSVScanner.rowLimit + 1), key: "1", [mark(0)])
    #expect(try written([long], [("layout", layout)]) == "text-classification.write.long-row")
    let short = sample(String(repeating: "x", count: CSVScanner.rowLimit - 64), key: "1", [mark(0)])
    let text = try written([short], [("layout", layout)])
    #expect(text.utf8.count > CSVScanner.rowLimit - 64)
    let reading = layout == "modelarts-combined" ? [("layout", layout)] : []
    #expect(try read(text: text, reading).texts == [short.media.text])
  }

  @Test func oneColumnIsNotReadAsSeveral() throws {
    // The quote that is never closed makes the table one of a single column, of which one row is left.
    let folder = try TemporaryFolder()
    let data = try read(try folder.write("a.csv", "a\tb\tc\td\n\"e\nf, g\n"))
    #expect(data.rules == ["csv.unterminated-quote"] && data.texts == ["a\tb\tc\td"])
    #expect(throws: DatasetError.self) { try write(data.header, data.samples, to: folder.file("b.csv")) }
    #expect(try write(data.header, data.samples, to: folder.file("c.csv"), [("layout", "csv")]).isEmpty)
    #expect(try read(folder.file("c.csv")).texts == data.texts)
    #expect(try rewritten("a\tb\nc\n") == "a\tb\nc\n")
    // The rows of each split stand alone.
    _ = try folder.write("in/train.csv", "a\n")
    _ = try folder.write("in/test.csv", "b\tc\n\n")
    var parts = try read(folder.file("in"))
    #expect(try write(parts.header, parts.samples, to: folder.file("d"), isFolder: true).isEmpty)
    #expect(try read(folder.file("d")).texts == parts.texts)
    for index in parts.samples.indices where parts.samples[index].split == "train" { parts.samples[index].media.text = "a\tb\tc" }
    #expect(throws: DatasetError.self) { try write(parts.header, parts.samples, to: folder.file("e"), isFolder: true) }
    // What options said is said again.
    let path = try folder.write("f.csv", "x,y,z\n")
    let given = try read(path, [("text", "2"), ("label", "3")])
    #expect(try write(given.header, given.samples, to: folder.file("g.csv")).isEmpty)
  }

  @Test func theNameDecidesBetweenCommaAndTab() throws {
    #expect(try rewritten("text,label\n\"a,b\",\"x\"\n", to: "b.tsv") == "text\tlabel\na,b\tx\n")
    #expect(try rewritten("text\tlabel\na,b\tx\n", name: "a.tsv", to: "b.csv") == "text,label\n\"a,b\",x\n")
    #expect(try rewritten("text;label\na,b;x\n", to: "b.csv") == "text;label\na,b;x\n")
  }

  static let all = [sample("Ada", key: "7", [mark(0)]), sample("a, b", key: "k", [mark(0), mark(1)]), sample("c", key: "1")]

  @Test func samplesOfOthersBecomeTables() throws {
    let text = try written(RowWriterTests.all)
    #expect(text == "id,text,label\n7,Ada,fox\nk,\"a, b\",\"[\"\"fox\"\",\"\"den\"\"]\"\n1,c,\n")
    let data = try read(text: text)
    #expect(data.samples.map(\.key) == ["7", "k", "1"] && data.marks(1) == ["fox", "den"])
    #expect(try rewritten(text) == text)
    #expect(
      try written(RowWriterTests.all, [("layout", "tsv")]) == "id\ttext\tlabel\n7\tAda\tfox\nk\ta, b\t[\"fox\",\"den\"]\n1\tc\t\n")
    #expect(try written(RowWriterTests.all, [("layout", "fasttext")]) == "__label__fox Ada\n__label__fox __label__den a, b\nc\n")
    #expect(try written(RowWriterTests.all, [("layout", "fasttext"), ("prefix", "#")]) == "#fox Ada\n#fox #den a, b\nc\n")
    #expect(try written(RowWriterTests.all, [("layout", "modelarts-combined")]) == "Ada\tfox\na, b\tfox,den\nc\t\n")
  }

  @Test func oddLabelsComeBack() throws {
    let names = ["[\"a\"]", "", " x ", "a,\"b\"\n", "[a", "é"]
    let samples = names.indices.map { sample("t", key: "\($0)", [mark(UInt32($0))]) }
    let data = try read(text: try written(samples, labels: names))
    #expect(names.indices.map { data.marks($0) } == names.map { [$0] })
  }

  static let refusals: [(Sample, [(String, String)], String)] = [
    (sample(nil), [], "no-text"), (Sample(key: "a", media: Media(.image, location: "a")), [], "no-text"),
    (sample("a", [Annotation()]), [], "no-label"),
    (sample("a\nb"), [("layout", "fasttext")], "line"), (sample("a\r"), [("layout", "fasttext")], "line"),
    (sample(""), [("layout", "fasttext")], "line"),
    (sample(" __label__x"), [("layout", "fasttext")], "line"), (sample("a", [mark(2)]), [("layout", "fasttext")], "label"),
    (sample("a\tb"), [("layout", "tsv")], "field"), (sample("a\nb"), [("layout", "tsv")], "field"),
    (sample("a\tb"), [("layout", "modelarts-combined")], "field"),
    (sample("a", [mark(2)]), [("layout", "modelarts-combined")], "label"),
  ]

  @Test(arguments: refusals) func whatItsReaderWouldRefuseIsRefused(_ one: Sample, _ options: [(String, String)], _ rule: String)
    throws
  {
    #expect(try written([one], labels: ["fox", "den", "a, b"], options) == "text-classification.write.\(rule)")
    #expect(TextClassificationFormat.descriptor.rules.contains { $0.id == "text-classification.write.\(rule)" })
  }

  @Test func placesThatCannotBeAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) { try write(DatasetHeader(), [sample("a")], to: folder.file("a.txt")) }
    #expect(throws: DatasetError.self) {
      try write(DatasetHeader(), [sample("a")], to: folder.file("b.txt"), [("layout", "modelarts")])
    }
    var split = sample("a")
    split.split = "../x"
    #expect(
      try write(DatasetHeader(), [split], to: folder.file("out"), isFolder: true).items.map(\.rule) == [
        "text-classification.write.split"
      ])
    // A table without a column of labels.
    let bare = try rewritten("id,text\n1,a\n") { samples, labels in samples[0].annotations = [Annotation(label: labels.intern("x"))]
    }
    #expect(bare == "text-classification.write.label")
    let spaced = try rewritten("text, label\na, x\n") { samples, labels in
      samples[0].annotations = [Annotation(label: labels.intern("x, y"))]
    }
    #expect(spaced == "text-classification.write.field")
  }

  @Test func textsAndLabelsGoIntoTwoFiles() throws {
    let folder = try TemporaryFolder()
    var samples = RowWriterTests.all
    samples[0].split = "train"
    samples[2].split = "train"
    let labels = LabelTable(["fox", "den"].map { Label(name: $0) })
    try write(DatasetHeader(labels: labels), samples, to: folder.file("out"), [("layout", "modelarts")], isFolder: true)
    let files = try tree(folder.file("out")).mapValues { String(decoding: $0, as: UTF8.self) }
    #expect(
      files == ["train.txt": "Ada\nc\n", "train_result.txt": "fox\n\n", "dataset.txt": "a, b\n", "dataset_result.txt": "fox,den\n"])
    let data = try read(folder.file("out"))
    #expect(data.texts == ["Ada", "c", "a, b"] && data.diagnostics.isEmpty)
  }
}
