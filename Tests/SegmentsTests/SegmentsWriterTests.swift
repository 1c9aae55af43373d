import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

@testable import WaybillSegments

@Suite struct SegmentsWriterTests {
  /// Tables in every dress that come back byte by byte.
  static let tables: [String] = [
    "media\n", "media", "media,start\n", "media\na.wav\n", "media\na.wav", "media,label\r\na.wav,x\r\n", "media,label\r\na.wav,x",
    "\u{FEFF}media;label\na.wav;x\n", "\"media\",\"label\"\n\"a.wav\",\"x\"\n\"b.wav\",\"\"\n", "media\tlabel\na.wav\tx, y\n",
    "media,start,end\na.wav,.5,1.50\na.wav,00:01.5,01:00:00\n", "media,confidence\na.wav,0.50\na.wav,1e-3\na.wav,0.5\n",
    "media,label\n\"a.wav\",x\nb.wav,\"x\"\n", "media,text\na.wav,\"two\nlines\"\na.wav,\"a \"\"quote\"\"\"\n",
    "media,occluded\na.wav,TRUE\na.wav,false\n", "media,kind\na.wav,audio\nb.wav,video\n", "key,media\na.wav,a.wav\nx,a.wav\ny,\n",
    "media,split,label\na.wav,val,x\na.wav,,y\na.wav,validation,y\n", "media,label,split\na.wav,x,train\na.wav,y,\n",
    "media,note,label\na.wav,,x\n", "label,media\nx,a.wav\ny,b.wav\nz,a.wav\n", "media,attr.note,attr.media\na.wav,1,x\n",
    "media,frame,image_width,image_height\na.jpg,3,640,480\nb.jpg,4,,\n", "media,unit,x,y,width,height\na.jpg,pixels,1,2,3,4\n",
    "media,note\na.wav,1.0\na.wav,\"\"\"a\"\"\"\na.wav,\"[1, 2]\"\n",
  ]

  @Test(arguments: tables) func aTableComesBackByteByByte(_ content: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.csv", content))
    #expect(found.diagnostics.count(atLeast: .error) == 0, "\(found.diagnostics.items)")
    let name = content.contains("\t") ? "y.tsv" : "y.csv"
    try write(found.header, found.samples, to: folder.file(name), batchSize: 1)
    #expect(Array(try text(folder.file(name)).utf8) == Array(content.utf8))
  }

  @Test func onlyColumnsThatAreNeededAreWritten() throws {
    let folder = try TemporaryFolder()
    var loud = turn(0, 1, 2)
    loud.attributes = ["loud": .boolean(true), "speaker": .string("anna")]
    var marked = turn(nil, 3, 4)
    marked.confidence = 0.5
    try write(
      header("x"), [recording("a.wav", [turn(0, 0, 1.5), loud]), recording("b.wav"), recording("c, d.wav", [marked])],
      to: folder.file("y.csv"), batchSize: 1)
    #expect(
      try text(folder.file("y.csv")) == """
        media,start,end,label,speaker,confidence,loud
        a.wav,0,1.5,x,,,
        a.wav,1,2,x,anna,,true
        b.wav,,,,,,
        "c, d.wav",3,4,,,0.5,

        """)
  }

  /// Rows with columns of attributes, several in a batch, with one between them that cannot be written.
  @Test(arguments: [1, 2, 7]) func columnsOfAttributesAreNamedOnce(_ batchSize: Int) throws {
    func noted(_ start: MediaTime, _ attributes: Attributes, isWrong: Bool = false) -> Annotation {
      var annotation = turn(isWrong ? 1 : 0, start, start)
      annotation.attributes = attributes
      return annotation
    }
    let samples = [
      recording(
        "a.wav",
        [
          noted(0, ["p": .integer(1)]), noted(1, ["p": .integer(2)]), noted(2, ["q": .string("a, b"), "p": .integer(3)]),
          noted(3, ["q": .string("c"), "p": .integer(4)]),
        ]),
      recording(
        "b.wav", [noted(4, ["q": .string("d"), "p": .integer(5)]), noted(5, ["r": .integer(6)]), noted(5, [:], isWrong: true)]),
      recording("c.wav", [noted(6, ["r": .integer(7)]), noted(7, [:]), noted(8, ["r": .integer(8)])]),
      recording("d.wav", [noted(9, ["p": .integer(9)])]),
    ]
    let folder = try TemporaryFolder()
    let problems = try write(header("x", ""), samples, to: folder.file("y.csv"), batchSize: batchSize)
    #expect(problems.rules == ["segments.write.label"])
    #expect(
      try text(folder.file("y.csv")) == """
        media,start,end,label,p,q,r
        a.wav,0,0,x,1,,
        a.wav,1,1,x,2,,
        a.wav,2,2,x,3,"a, b",
        a.wav,3,3,x,4,c,
        c.wav,6,6,x,,,7
        c.wav,7,7,x,,,
        c.wav,8,8,x,,,8
        d.wav,9,9,x,9,,

        """)
  }

  /// Boxes of all forms side by side, in every dress of a table.
  @Test(arguments: [",", ";", "\t"]) func boxesStandInTheirColumns(_ delimiter: String) throws {
    func boxed(_ form: Box.Form, _ track: RecordID?) -> Annotation {
      var annotation = Annotation(label: LabelID(index: 0), box: Box(1, -2.5, 0.125, 1234.56789, form: form))
      annotation.track = track
      return annotation
    }
    func picture(_ key: String, _ annotations: [Annotation]) -> Sample {
      var sample = Sample(key: key, media: Media(.image, location: key, width: 64, height: 48))
      sample.annotations = annotations
      return sample
    }
    let samples = [
      picture("a.jpg", [boxed(.extent, .integer(7)), boxed(.extent, .string("x, y")), boxed(.corners, nil)]),
      picture("b.jpg", [boxed(.centered, nil)]), picture("c.jpg", []), picture("d.jpg", [boxed(.extent, .integer(-8))]),
    ]
    let folder = try TemporaryFolder()
    let name = delimiter == "\t" ? "y.tsv" : "y.csv"
    try write(header("car"), samples, to: folder.file(name), delimiter == ";" ? [("delimiter", "semicolon")] : [], batchSize: 3)
    let rows = """
      media|label|track|x|y|cx|cy|width|height|xmin|ymin|xmax|ymax|image_width|image_height
      a.jpg|car|7|1|-2.5|||0.125|1234.56789|||||64|48
      a.jpg|car|x, y|1|-2.5|||0.125|1234.56789|||||64|48
      a.jpg|car||||||||1|-2.5|0.125|1234.56789|64|48
      b.jpg|car||||1|-2.5|0.125|1234.56789|||||64|48
      c.jpg|||||||||||||64|48
      d.jpg|car|-8|1|-2.5|||0.125|1234.56789|||||64|48

      """
    let plain = rows.replacing("|", with: delimiter)
    #expect(try text(folder.file(name)) == (delimiter == "," ? plain.replacing("x, y", with: "\"x, y\"") : plain))
  }

  @Test func everyCellOfATableInQuotesIsInQuotes() throws {
    let folder = try TemporaryFolder()
    let found = try read(
      try folder.write("x.csv", "\"media\",\"x\",\"y\",\"width\",\"height\"\n\"a.jpg\",\"1\",\"2\",\"3\",\"4\"\n"))
    var samples = found.samples
    samples[0].annotations[0].box?.first = 5
    samples[0].annotations[0].confidence = 0.5
    samples[0].annotations[0].attributes = ["seen": .number(0.25)]
    try write(found.header, samples, to: folder.file("y.csv"))
    #expect(
      try text(folder.file("y.csv")) == """
        "media","x","y","width","height","confidence","seen"
        "a.jpg","5","2","3","4","0.5","0.25"

        """)
  }

  /// What looks like the layout of the row before is not always the same.
  @Test func layoutsAreToldApart() throws {
    func noted(_ start: MediaTime, _ attributes: Attributes) -> Annotation {
      var annotation = turn(0, start, start)
      annotation.attributes = attributes
      return annotation
    }
    var clip = Sample(key: "v.mp4", media: Media(.video, location: "v.mp4"))
    clip.annotations = [Annotation(label: LabelID(index: 0))]
    clip.annotations[0].time = .frame(3)
    var picture = Sample(key: "p.jpg", media: Media(.image, location: "p.jpg"))
    picture.media.frame = FrameOrigin(number: 4)
    picture.annotations = [Annotation(label: LabelID(index: 0))]
    var named = recording("n.wav", [noted(9, ["q": .integer(1)])])
    named.attributes = ["q": .string("media")]
    let samples = [
      recording(
        "a.wav",
        [
          noted(1, ["speaker": .integer(1), "q": .integer(2)]), noted(2, ["speaker": .string("anna"), "q": .integer(3)]),
          noted(3, ["q": .integer(4), "speaker": .string("bert")]),
        ]), clip, picture, clip, named,
    ]
    let folder = try TemporaryFolder()
    try write(header("x"), samples, to: folder.file("y.csv"), batchSize: 9)
    #expect(
      try text(folder.file("y.csv")) == """
        media,start,end,frame,label,speaker,attr.speaker,q,media.q
        a.wav,1,1,,x,,1,2,
        a.wav,2,2,,x,anna,,3,
        a.wav,3,3,,x,bert,,4,
        v.mp4,,,3,x,,,,
        p.jpg,,,4,x,,,,
        v.mp4,,,3,x,,,,
        n.wav,9,9,,x,,,1,media

        """)
  }

  @Test func theColumnsThatWereReadStay() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.csv", "label,note,media,start\nx,,a.wav,1\n"))
    var samples = found.samples
    samples[0].annotations[0].text = "new"
    samples[0].annotations[0].attributes = ["colour": .string("red")]
    try write(found.header, samples, to: folder.file("y.csv"))
    #expect(try text(folder.file("y.csv")) == "label,note,media,start,text,colour\nx,,a.wav,1,new,red\n")
  }

  @Test func aRowThatSaysSomethingElseByNowIsWrittenAnew() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.csv", "media,start,split\na.wav,1.50,val\n\"b.wav\",,\n"))
    var samples = found.samples
    samples[0].split = "test"
    samples[1].split = "test"
    try write(found.header, samples, to: folder.file("y.csv"))
    #expect(try text(folder.file("y.csv")) == "media,start,split\na.wav,1.50,test\nb.wav,,test\n")
  }

  @Test func rowsGetTheirPlacesBack() throws {
    let folder = try TemporaryFolder()
    func numbered(_ ordinals: [UInt32], _ label: UInt32) -> [Annotation] {
      ordinals.map { number in
        var annotation = turn(label, MediaTime(integerLiteral: Int64(number)), 100)
        annotation.ordinal = number
        if number == 3 { annotation.text = "third" }
        return annotation
      }
    }
    try write(
      header("x", "y"), [recording("a", numbered([0, 3], 0)), recording("b", numbered([1, 2], 1)), recording("c")],
      to: folder.file("y.csv"), batchSize: 1)
    #expect(
      try text(folder.file("y.csv"))
        == "media,start,end,label,text\na,0,100,x,\nb,1,100,y,\nb,2,100,y,\na,3,100,x,third\nc,,,,\n")
  }

  @Test func delimitersFollowNamesAndOptions() throws {
    let folder = try TemporaryFolder()
    let samples = [recording("a", [turn(0, 0, 1)])]
    try write(header("x;y"), samples, to: folder.file("a.tsv"))
    #expect(try text(folder.file("a.tsv")) == "media\tstart\tend\tlabel\na\t0\t1\tx;y\n")
    try write(header("x;y"), samples, to: folder.file("b.csv"), [("delimiter", "semicolon")])
    #expect(try text(folder.file("b.csv")) == "media;start;end;label\na;0;1;\"x;y\"\n")
    try write(header("x;y"), samples, to: folder.file("out"))
    #expect(try text(folder.file("out/segments.csv")) == "media,start,end,label\na,0,1,x;y\n")
  }

  @Test func everyAnswerComesBack() throws {
    let folder = try TemporaryFolder()
    var annotation = Annotation(
      id: .string("7"), label: LabelID(index: 0), box: Box(0.1, 0.2, 0.3, 0.4, form: .centered, unit: .unit))
    annotation.text = "hello"
    annotation.time = .frame(3)
    annotation.track = .integer(5)
    annotation.author = "human/anna"
    annotation.createdAt = Timestamp("2024-05-06T07:08:09.25+02:00")
    annotation.confidence = 0.1
    annotation.flags.difficult = true
    annotation.flags.crowd = false
    annotation.attributes = ["text": .string("other"), "media.x": .null, "": .integer(1), "speaker": .integer(3)]
    var sample = Sample(key: "other", media: Media(.video, location: "v.dat", width: 640, height: 480))
    sample.media.duration = MediaTime(units: 125, fractionDigits: 1)
    sample.split = "train"
    sample.attributes = ["weather": .list([.string("rain")])]
    sample.annotations = [annotation]
    let report = try write(header("x"), [sample], to: folder.file("y.csv"))
    #expect(report.rules == [] && report.losses == [])
    var again = try #require(try read(folder.file("y.csv")).samples.first)
    again.source = nil
    again.annotations[0].preserved = Preserved()
    #expect(again == sample)
  }

  @Test func whatNoCellHoldsIsCountedAsLost() throws {
    let folder = try TemporaryFolder()
    var framed = Annotation(label: LabelID(index: 0))
    framed.time = .frame(3)
    var picture = Sample(key: "p.jpg", media: Media(.image, location: "p.jpg"))
    picture.annotations = [framed]
    let report = try write(header("x"), [recording("a", [turn(0, 0, 1, text: "")]), picture], to: folder.file("y.csv"))
    #expect(report.losses == [EncodingLoss(.text, isApproximated: false), EncodingLoss(.frame, isApproximated: false)])
  }

  static let unwritable: [(String, @Sendable (inout Sample) -> Void)] = [
    ("segments.write.time", { $0.annotations[0].time = .interval(start: 2, end: 1) }),
    ("segments.write.number", { $0.annotations[0].confidence = .nan }),
    ("segments.write.number", { $0.annotations[0].box = Box(0, 0, .infinity, 1, form: .extent) }),
    ("segments.write.number", { $0.media.width = 0 }), ("segments.write.number", { $0.media.height = -1 }),
    ("segments.write.long-row", { $0.annotations[0].text = String(repeating: "x", count: CSVScanner.rowLimit) }),
    ("segments.write.label", { $0.annotations[0].label = LabelID(index: 1) }),
    ("segments.write.nothing", { $0.annotations[0] = Annotation() }),
    ("segments.write.name", { $0.media.location = "" }), ("segments.write.time", { $0.media.duration = -1.0 }),
  ]

  @Test func whatTheReaderWouldRefuseIsAnError() throws {
    for (rule, change) in SegmentsWriterTests.unwritable {
      let folder = try TemporaryFolder()
      var sample = recording("r", [turn(0, 0, 1)])
      change(&sample)
      #expect(try write(header("x", ""), [sample], to: folder.file("y.csv")).rules == [rule])
    }
  }

  @Test func columnNamesMeanOneThing() {
    for field in SegmentsField.allCases { #expect(SegmentsColumn(name: field.name) == .field(field)) }
    let names = ["colour", "label", "media.x", "attr.x", "", "attr.", "media.", "media.attr.x"]
    for name in names {
      let column = SegmentsColumn.attribute(name)
      #expect(SegmentsColumn(name: column.name) == column, "\(name)")
      let other = SegmentsColumn.mediaAttribute(name)
      #expect(SegmentsColumn(name: other.name) == other, "\(name)")
    }
  }
}
