import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillSegments

@Suite struct SegmentsReaderTests {
  private func rows(_ text: String, demand: Demand = Demand()) throws -> ReadDataset {
    let folder = try TemporaryFolder()
    return try read(try folder.write("x.csv", text), demand: demand)
  }

  @Test func aRowIsAnAnnotation() throws {
    let found = try rows("media,start,end,label,text,confidence\na.wav,0.50,1.25,speech,\"Hi, you\",0.75\n")
    let sample = try #require(found.samples.first)
    #expect(sample.key == "a.wav" && sample.media == Media(.audio, location: "a.wav"))
    let annotation = try #require(sample.annotations.first)
    #expect(annotation.time == .interval(start: 0.5, end: 1.25))
    #expect(found.name(annotation) == "speech" && annotation.text == "Hi, you" && annotation.confidence == 0.75)
    #expect(annotation.preserved.isEmpty && found.rules == [])
  }

  @Test func columnsStandInAnyOrder() throws {
    let found = try rows("label;end;media;start\nx;2;a.wav;1\n")
    #expect(found.samples.first?.annotations.first?.time == .interval(start: 1, end: 2))
  }

  @Test func aRowWithMediaAloneIsASampleWithoutAnnotations() throws {
    let found = try rows("media,start,label,split\na.wav,,,test\nb.wav,1,x,\n")
    #expect(found.samples.map(\.annotations.count) == [0, 1])
    #expect(found.samples.map(\.split) == ["test", nil])
  }

  @Test func endingsTellTheKind() throws {
    let found = try rows("media,kind\na.JPG,\nb.mp4,\nc.wav,\nd,\ne.dat,video\nf.tar.webm,\nlong.directory/name,\n")
    #expect(found.samples.map(\.media.kind) == [.image, .video, .audio, .audio, .video, .video, .audio])
  }

  @Test func aFrameIsOfTheAnnotationOrOfThePicture() throws {
    let found = try rows("media,frame,label\nv.mp4,7,x\np.jpg,7,x\nq.jpg,8,\n")
    #expect(found.samples[0].annotations.map(\.time) == [.frame(7)])
    #expect(found.samples[1].annotations.map(\.time) == [nil])
    #expect(found.samples.map { $0.media.frame?.number } == [nil, 7, 8])
    #expect(found.samples.map(\.annotations.count) == [1, 1, 0])
  }

  @Test func boxesHaveThreeForms() throws {
    let found = try rows(
      "media,x,y,cx,cy,width,height,xmin,ymin,xmax,ymax,unit\na.jpg,1,2,,,3,4,,,,,\na.jpg,,,1,2,3,4,,,,,share\na.jpg,,,,,,,1,2,3,4,pixels\n"
    )
    #expect(
      found.samples.first?.annotations.map(\.box) == [
        Box(1, 2, 3, 4, form: .extent), Box(1, 2, 3, 4, form: .centered, unit: .unit), Box(1, 2, 3, 4, form: .corners),
      ])
  }

  static let cells: [(String, AttributeValue)] = [
    ("red", .string("red")), ("12", .integer(12)), ("-1.5", .number(-1.5)), ("true", .boolean(true)), ("false", .boolean(false)),
    ("null", .null), ("\"\"\"12\"\"\"", .string("12")), ("\"\"\"\"\"\"", .string("")), ("True", .string("True")),
    ("+5", .string("+5")), ("007", .string("007")), ("1e3", .integer(1000)), ("1e300", .number(1e300)), ("[]", .list([])),
    ("\"[1,\"\"a\"\"]\"", .list([.integer(1), .string("a")])), ("\"{\"\"a\"\":null}\"", .object(["a": .null])),
    ("nan", .string("nan")),
  ]

  @Test(arguments: cells) func attributesKeepTheirKind(_ cell: String, _ value: AttributeValue) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.csv", "media,colour,media.room\na.wav,\(cell),\(cell)\n")
    let found = try read(path)
    #expect(found.samples.first?.annotations.first?.attributes == ["colour": value])
    #expect(found.samples.first?.attributes == ["room": value])
    try write(found.header, found.samples, to: folder.file("y.csv"))
    #expect(try text(folder.file("y.csv")) == text(path))
    // And without the columns that were read.
    try write(DatasetHeader(labels: found.header.labels), found.samples.map(withoutRow), to: folder.file("z.csv"))
    let again = try read(folder.file("z.csv"))
    #expect(again.samples.first?.annotations.first?.attributes == ["colour": value])
  }

  private func withoutRow(_ sample: Sample) -> Sample {
    var sample = sample
    sample.preserved = Preserved()
    for index in sample.annotations.indices { sample.annotations[index].preserved = Preserved() }
    return sample
  }

  @Test func idsKeepTheirKind() throws {
    let found = try rows("media,id,track\na.wav,7,t1\na.wav,\"\"\"7\"\"\",\"\"\"\"\"\"\na.wav,07,-3\n")
    let annotations = try #require(found.samples.first).annotations
    #expect(annotations.map(\.id) == [.integer(7), .string("7"), .string("07")])
    #expect(annotations.map(\.track) == [.string("t1"), .string(""), .integer(-3)])
  }

  @Test func speakersAndChannelsAreTexts() throws {
    let found = try rows("media,speaker,channel,attr.channel,attr.label\na.wav,anna,2,,x\nb.wav,,,2,\n")
    #expect(
      found.samples[0].annotations[0].attributes == ["speaker": .string("anna"), "channel": .string("2"), "label": .string("x")])
    #expect(found.samples[1].annotations[0].attributes == ["channel": .integer(2)])
  }

  @Test func scatteredRowsKeepTheirOrder() throws {
    let found = try rows("media,label\na,x\nb,x\na,y\n")
    #expect(found.keys == ["a", "b"])
    #expect(found.samples[0].annotations.map(\.ordinal) == [0, 2])
  }

  @Test func whatIsSaidOfTheMediaMayStandInOneRow() throws {
    let found = try rows("media,label,split,duration,media.room\na,x,val,12.50,hall\na,y,,,\na,z,validation,,\n")
    let sample = try #require(found.samples.first)
    #expect(
      sample.split == "validation" && sample.media.duration?.text == "12.50" && sample.attributes == ["room": .string("hall")])
    #expect(found.rules == ["segments.row.disagrees"])
  }

  @Test func namesAreKnownEarlyWhenDemanded() throws {
    let found = try rows("media,label,split\na,x,train\nb,\"y, z\",test\n", demand: Demand(labels: true, splits: true))
    #expect(found.header.labels.labels.map(\.name) == ["x", "y, z"] && found.header.labelsAreComplete)
  }

  static let broken: [(String, String)] = [
    ("a.wav,x", "segments.row.fields"), ("a.wav,x,,,,,,,,,,", "segments.row.fields"), (",x,,,,,,,,,", "segments.row.media"),
    ("a.wav,x,one,,,,,,,,", "segments.cell.value"), ("a.wav,x,,1,,,,,,,", "segments.row.time"),
    ("a.wav,x,2,1,,,,,,,", "segments.row.backwards"), ("a.wav,x,1,2,3,,,,,,", "segments.row.time"),
    ("a.wav,x,,,x,,,,,,", "segments.cell.value"), ("a.wav,x,,,,high,,,,,", "segments.cell.value"),
    ("a.wav,x,,,,,1,2,3,,", "segments.row.box"), ("a.wav,x,,,,,,,,maybe,", "segments.cell.value"),
    ("a.wav,x,,,,,,,,,2024-13-01T00:00:00", "segments.cell.value"), ("a.wav,\"x\" y,,,,,,,,,", "csv.text-behind-quote"),
  ]

  @Test(arguments: broken) func brokenRowsAreLeftOut(_ row: String, _ rule: String) throws {
    let found = try rows(
      "media,label,start,end,frame,confidence,x,y,width,occluded,created\n\(row)\nok.wav,x,0,1,,0.5,,,,TRUE,\n")
    #expect(found.rules == [rule])
    #expect(found.sample("ok.wav")?.annotations.count == 1)
    #expect(found.diagnostics.items.allSatisfy { $0.range != nil && $0.severity == .error })
  }

  @Test func aBrokenAttributeIsAnError() throws {
    #expect(try rows("media,note\na.wav,\"[1,\"\n").rules == ["segments.cell.value"])
    #expect(try rows("media,id\na.wav,\"\"\"7\"\n").rules == ["segments.cell.value"])
  }

  static let headers: [(String, String?)] = [
    ("media,start\na,1\n", nil), ("path,start\na,1\n", "segments.header.media"),
    ("media,start,start\na,1,2\n", "segments.header.duplicate"),
    ("media,colour,attr.colour\na,1,2\n", "segments.header.duplicate"), ("", "segments.header.media"), ("media\na\n", nil),
  ]

  @Test(arguments: headers) func theFirstRowNamesTheColumns(_ text: String, _ rule: String?) throws {
    #expect(try rows(text).rules == (rule.map { [$0] } ?? []))
  }

  @Test func blankAndEmptyRowsAreWarnedOf() throws {
    #expect(try rows("media,label\n\na,x\na,\n").rules == ["segments.row.blank", "segments.row.empty"])
  }

  @Test func whatIsNotUTF8IsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.csv", Array("media,label\na,".utf8) + [0xFF, 0x0A])
    #expect(try read(path).rules.contains("segments.file.encoding"))
  }

  @Test func aFolderOfTablesIsOneDataset() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/a.csv", "media,label\na,x\n")
    _ = try folder.write("set/b.tsv", "media\tstart\nb\t1\n")
    _ = try folder.write("set/other.csv", "name,value\nb,1\n")
    let found = try read(folder.file("set"))
    #expect(found.keys == ["a", "b"] && found.rules == [])
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try text(folder.file("out/segments.csv")) == "media,label,start\na,x,\nb,,1\n")
    _ = try folder.write("set/c.csv", "media,label\na,x\n")
    #expect(try read(folder.file("set")).rules == ["segments.row.two-tables"])
  }
}

@Suite struct SegmentsDetectionTests {
  static let contents: [(String, Detection.Confidence?)] = [
    ("media,start,end,label\n", .certain), ("\u{FEFF}\"media\"\t\"label\"\n", .certain), ("media;frame\na;1\n", .certain),
    ("media\n", .likely), ("media,colour\n", .possible), ("file_name,label\n", nil), ("a media,start\n", nil), ("", nil),
    ("1,2,3,4,5,6\n", nil), ("ImageID,Source,LabelName\n", nil),
  ]

  @Test(arguments: contents) func looksAtTheNames(_ content: String, _ expected: Detection.Confidence?) throws {
    let folder = try TemporaryFolder()
    let found = SegmentsFormat.detect(try DetectionProbe(DatasetInput(path: try folder.write("x.txt", content))))
    #expect(found?.confidence == expected && found?.reasons.isEmpty != true)
  }

  @Test func looksIntoFolders() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/a/x.csv", "media,start\n")
    #expect(SegmentsFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("set"))))?.confidence == .certain)
    _ = try folder.write("other/x.txt", "media,start\n")
    #expect(SegmentsFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("other")))) == nil)
  }
}
