import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillMOT

/// What a reader reports as wrong is left out of the output, and what a writer writes its own reader takes.
@Suite struct DamageTests {
  private static let good = "1,1,1,2,3,4,1,1,1\n"

  /// Reads a folder, writes it, and reads that.
  private func twice(_ folder: TemporaryFolder, _ input: String) throws -> (first: ReadDataset, second: ReadDataset) {
    let first = try read(folder.file(input))
    try write(first.header, first.samples, to: folder.file("out"))
    return (first, try read(folder.file("out")))
  }

  @Test(arguments: [
    ("imWidth=wide", "mot.seqinfo.number"), ("seqLength=-1", "mot.seqinfo.number"), ("imDir=../img1", "mot.seqinfo.folder"),
    ("imDir=", "mot.seqinfo.folder"), ("imExt=/../x", "mot.seqinfo.ending"), ("seqLength=1000001", "mot.seqinfo.number"),
  ])
  func aWrongLineOfSeqinfoDoesNotComeBack(_ line: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/S/gt/gt.txt", DamageTests.good)
    let rest = "imWidth=64\r\nimHeight=48\r\nname=Ä\r\n"
    _ = try folder.write("in/S/seqinfo.ini", "[Sequence]\r\n\(line)\r\n\(rest)")
    let (first, second) = try twice(folder, "in")
    #expect(first.rules == [rule] && second.rules == [])
    #expect(try text(folder.file("out/S/seqinfo.ini")) == "[Sequence]\r\n\(rest)")
    #expect(second.samples.map(\.media.width) == [64] && second.keys == first.keys)
  }

  @Test func aWrongLineDoesNotUndoAGoodOne() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/S/gt/gt.txt", DamageTests.good)
    _ = try folder.write("in/S/seqinfo.ini", "imWidth=64\nimHeight=48\nimWidth=x")
    let (first, second) = try twice(folder, "in")
    #expect(first.samples.map(\.media.width) == [64] && second.samples.map(\.media.width) == [64] && second.rules == [])
  }

  @Test func aLineThatIsNoTextDoesNotComeBack() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/S/gt/gt.txt", "1,1,1,2,3,4,1,2,1\n1,2,1,2,3,4,1,3,1\n")
    _ = try folder.write("in/S/seqinfo.ini", Array("name=".utf8) + [0xFF] + Array("\nimExt=.png\n".utf8))
    _ = try folder.write("in/S/gt/labels.txt", Array("owl\n".utf8) + [0xE9, 0x6C, 0x6B] + Array("\nfox\n".utf8))
    let (first, second) = try twice(folder, "in")
    #expect(Set(first.rules) == ["mot.seqinfo.encoding", "mot.labels.encoding", "mot.class.unknown"])
    #expect(first.names == ["owl", "fox", "2"] && second.names == first.names)
    #expect(second.rules == ["mot.class.unknown"] && second.keys == ["S/img1/000001.png"])
    #expect(try text(folder.file("out/S/seqinfo.ini")) == "imExt=.png\n")
    #expect(try text(folder.file("out/S/gt/labels.txt")) == "owl\n\nfox\n")
  }

  @Test func hugeTextsAreErrors() throws {
    let folder = try TemporaryFolder()
    let huge = String(repeating: "x", count: MOTSequenceLayout.largestText + 1)
    _ = try folder.write("in/S/gt/gt.txt", DamageTests.good)
    _ = try folder.write("in/S/seqinfo.ini", huge)
    _ = try folder.write("in/S/gt/labels.txt", huge)
    let (first, second) = try twice(folder, "in")
    #expect(first.rules.filter { $0 != "mot.class.unknown" } == ["mot.seqinfo.size", "mot.labels.size"])
    #expect(first.diagnostics.items.allSatisfy { $0.range != nil } && second.keys == first.keys)
  }

  @Test func hugeRowsAreErrors() throws {
    let spaces = String(repeating: " ", count: MOTRowScan.longestRow)
    let data = try read(rows: "1,1,1,2,3,4,1,1,1\n2,1,1,2,3,4,1,1,\(spaces)1\n3,1,1,2,3,4,1,1,1\n")
    #expect(data.rules == ["mot.row.long"] && data.diagnostics.items[0].range?.offset == 18)
    #expect(data.samples.map(\.media.frame?.number) == [1, 3])
    // A row of many spaces or zeros is read, and not kept as it stands.
    let zeros = String(repeating: "0", count: 60_000)
    let row = try again("1,1,1,2,3,4,1,1,\(zeros)1\n1,2,\(spaces.dropLast(100))1,2,3,4,1,1,1\n")
    #expect(row == "1,1,1,2,3,4,1,1,1\n1,2,1,2,3,4,1,1,1\n")
  }

  @Test(arguments: ["", "\u{FEFF}\n\n", "x\ny\n"]) func aFileWithoutRowsIsFoundAgain(_ rows: String) throws {
    let folder = try TemporaryFolder()
    let first = try read(try folder.write("A.txt", rows))
    #expect(first.samples.isEmpty)
    try write(first.header, [], to: folder.file("out"))
    #expect(try text(folder.file("out/A.txt")) == "")
    let second = try read(folder.file("out"))
    #expect(second.rules == [] && second.samples.isEmpty)
  }

  @Test func sequencesWithoutFramesComeBack() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/A/gt/gt.txt", DamageTests.good)
    _ = try folder.write("in/B/gt/gt.txt", "")
    _ = try folder.write("in/B/seqinfo.ini", "name=B\n")
    _ = try folder.write("in/C/seqinfo.ini", "name=C\n")
    let (_, second) = try twice(folder, "in")
    #expect(try tree(folder.file("out")) == tree(folder.file("in")) && second.rules == [])
    // One whose frames were left out by choice does not.
    _ = try folder.write("more/A/gt/gt.txt", DamageTests.good)
    _ = try folder.write("more/B/gt/gt.txt", DamageTests.good)
    let data = try read(folder.file("more"))
    try write(data.header, Array(data.samples.dropFirst()), to: folder.file("less"))
    #expect(try tree(folder.file("less")).keys.sorted() == ["B/gt/gt.txt"])
  }

  @Test func aTrackerThatFoundNothingIsASequence() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/A.txt", DamageTests.good)
    _ = try folder.write("in/B.txt", "")
    let (_, second) = try twice(folder, "in")
    #expect(try tree(folder.file("out")) == tree(folder.file("in")) && second.keys == ["A/img1/000001.jpg"])
  }

  @Test func aBrokenFirstRowHidesNoFile() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/A.txt", "1,1,1,2\n" + DamageTests.good)
    let (first, second) = try twice(folder, "in")
    #expect(first.rules == ["mot.row.columns"] && second.rules == [] && second.keys == ["A/img1/000001.jpg"])
  }

  @Test func oneOddRowDoesNotTellAboutOthers() throws {
    let data = try read(rows: "1,1,1,2,3,4,1,1,1,1,1,1,1\n1,2,1,2,3,4,1,5\n1,3,1,2,3,4,1,3,0.5\n1,4,1,2,3,4,1,3,0.5\n")
    #expect(data.rules == ["mot.row.columns"] && data.names == ["car", "motorbike"])
    #expect(data.samples[0].annotations.map(\.label) == [LabelID(index: 1), LabelID(index: 0), LabelID(index: 0)])
  }

  @Test(arguments: ["A.csv", "labels.csv", "noending"]) func rowsOfAnyNameAreFoundAgain(_ name: String) throws {
    let folder = try TemporaryFolder()
    let first = try read(try folder.write(name, DamageTests.good))
    try write(first.header, first.samples, to: folder.file("out"))
    let second = try read(folder.file("out"))
    #expect(second.keys == first.keys && second.rules == [])
  }

  @Test(arguments: [
    ("frames.txt", #"1,"S/a.jpg"#), ("frames.txt", "1,7"), ("frames.txt", #"1,"S/a.jpg",{"size":[1]}"#),
    ("frames.txt", #"-1,"S/a.jpg""#), ("gt/tracks.txt", "1,{}"), ("gt/tracks.txt", #"1,"a","b""#), ("gt/ids.txt", "1,null"),
    ("gt/attributes.jsonl", #"{"row":0,"attributes":7}"#), ("gt/attributes.jsonl", #"{"row":-1,"attributes":{}}"#),
    ("gt/attributes.jsonl", #"{"row":0,"attr"#),
  ])
  func aWrongLineOfAListIsAnError(_ name: String, _ line: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/S/gt/gt.txt", DamageTests.good)
    _ = try folder.write("in/S/\(name)", "\n\(line)\n")
    let (first, second) = try twice(folder, "in")
    #expect(first.rules == ["mot.list.value"] && first.diagnostics.items[0].range?.offset == 1)
    #expect(second.rules == [] && second.keys == ["S/img1/000001.jpg"])
    #expect(second.samples[0].annotations.map(\.track) == [.integer(1)])
  }

  @Test(arguments: ["frames.txt", "gt/tracks.txt", "gt/attributes.jsonl"]) func listsOfOtherToolsArePassedOver(_ name: String)
    throws
  {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/S/gt/gt.txt", DamageTests.good)
    _ = try folder.write("in/S/\(name)", "000001.jpg\n\n{\"a\":1}\n")
    let (first, second) = try twice(folder, "in")
    #expect(first.rules == ["mot.list.foreign", "mot.list.foreign"] && second.rules == [])
  }

  @Test func tracksThatNoRowHoldsAreListed() throws {
    let folder = try TemporaryFolder()
    let ids: [RecordID] = [
      .integer(.max), .integer(-1), .integer(9_007_199_254_740_993), .integer(-2), .string("7"), .integer(.min),
    ]
    let sample = picture("S/img1/000001.jpg", number: 1)
    var whole = sample
    whole.annotations = ids.map { box(nil, track: $0) }
    try write(header(), [whole], to: folder.file("out"))
    let data = try read(folder.file("out"))
    #expect(data.rules == [] && data.samples[0].annotations.map(\.track) == ids)
  }

  @Test func aNameOfClassZeroIsNotLost() throws {
    var data = try read(rows: "1,1,1,2,3,4,1,0,1\n1,1,1,2,3,4,1,2,1\n")
    #expect(data.names == ["0", "person on vehicle"])
    data.header.labels = LabelTable([Label(name: "ball", id: .integer(0)), Label(name: "person on vehicle", id: .integer(2))])
    let folder = try TemporaryFolder()
    try write(data.header, data.samples, to: folder.file("out"))
    let second = try read(folder.file("out"))
    #expect(second.names == ["ball", "person on vehicle"] && second.rules == [])
    #expect(second.header.labels.labels.map(\.id) == [.integer(0), .integer(2)])
  }
}

@Suite struct FrameListTests {
  @Test func framesOutOfOrderAreKnown() {
    var frames = MOTFrames(MOTSequenceLayout())
    for number in [5, 6, 2] {
      let isThere = frames.contains(number)
      #expect(!isThere)
      frames.add(number, "img1/00000\(number).jpg", size: -1, split: "")
    }
    let there = (1...7).filter { frames.contains($0) }
    #expect(there == [2, 5, 6] && frames.highest == 6 && frames.numbers == [5, 6, 2])
    #expect(!frames.areUsual(size: -1, split: "", length: nil))
    #expect(
      String(decoding: frames.list(size: -1, split: ""), as: UTF8.self)
        == "2,\"img1/000002.jpg\"\n5,\"img1/000005.jpg\"\n6,\"img1/000006.jpg\"\n")
  }

  @Test(arguments: [
    ("img1/000001.jpg", true), ("img1/1.jpg", false), ("img1/0000001.jpg", false), ("img1/000002.jpg", false),
    ("img1/000001.png", false), ("img2/000001.jpg", false), ("img1/00001x.jpg", false), ("img1/.jpg", false),
  ])
  func onlyTheUsualKeyIsUsual(_ key: String, _ isUsual: Bool) {
    var frames = MOTFrames(MOTSequenceLayout())
    frames.add(1, key, size: 7, split: "a")
    frames.noteRows()
    #expect(frames.areUsual(size: 7, split: "a", length: nil) == isUsual)
    #expect(!frames.areUsual(size: 8, split: "a", length: nil) && !frames.areUsual(size: 7, split: "b", length: nil))
    #expect(frames.key(of: 1) == key)
  }

  @Test func theLengthTellsWhichFramesThereAre() {
    var frames = MOTFrames(MOTSequenceLayout())
    for number in [1, 2, 9] {
      frames.add(number, frames.key(of: number), size: -1, split: "")
      if number != 2 { frames.noteRows() }
    }
    #expect(frames.areUsual(size: -1, split: "", length: 2))
    for length in [nil, 0, 1, 3] { #expect(!frames.areUsual(size: -1, split: "", length: length)) }
  }
}

@Suite struct EmptyFrameTests {
  @Test func framesWithoutRowsHaveAPlace() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/gt/gt.txt", "2,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("in/seqinfo.ini", "[Sequence]\nseqLength=3\n")
    #expect(try read(folder.file("in")).samples.map(\.source?.length) == [1, 17, 1])
    _ = try folder.write("in/frames.txt", "2,\"b.jpg\"\n7,\"a.jpg\"\n")
    #expect(try read(folder.file("in")).samples.map(\.source?.offset) == [0, 10])
  }

  @Test func aSizeOfZeroIsNone() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n2,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("in/seqinfo.ini", "imWidth=0\nimHeight=48\n")
    let data = try read(folder.file("in"))
    #expect(data.samples.map(\.media.width) == [nil, nil] && data.rules == [])
    _ = try folder.write("in/seqinfo.ini", "imWidth=64\nimHeight=48\n")
    _ = try folder.write("in/frames.txt", "1,\"img1/000001.jpg\",{\"size\":[0,0]}\n2,\"img1/000002.jpg\"\n")
    #expect(try read(folder.file("in")).samples.map(\.media.width) == [nil, 64])
    var sample = picture("S/1.jpg", number: 1)
    (sample.media.width, sample.media.height) = (0, 0)
    try write(header(), [sample], to: folder.file("out"))
    #expect(try text(folder.file("out/S/seqinfo.ini")).contains("imWidth") == false)
  }
}
