import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillMOT

@Suite struct ReadingTests {
  @Test func rowsBecomeFrames() throws {
    let data = try read(rows: "2,7,1,2,3.5,4,0,8,0.25\n1,7,1,2,3,4,1,1,1\n2,-1,5,6,7,8,-1,-1,-1\n")
    #expect(data.keys == ["img1/000001.jpg", "img1/000002.jpg"])
    #expect(data.samples.map(\.media.frame?.number) == [1, 2] && data.rules == [])
    #expect(data.names == ["pedestrian", "distractor"] && data.header.labels.labels.map(\.id) == [.integer(1), .integer(8)])
    let second = data.samples[1].annotations
    #expect(second.map(\.box) == [Box(1, 2, 3.5, 4, form: .extent), Box(5, 6, 7, 8, form: .extent)])
    #expect(second.map(\.track) == [.integer(7), nil] && second.map(\.confidence) == [0, nil])
    #expect(second[0].attributes == ["visibility": .number(0.25)] && second[1].attributes.isEmpty)
    #expect(second.map(\.label) == [LabelID(index: 1), nil])
    #expect(second.map(\.ordinal) == [0, 2] && data.samples[0].annotations.map(\.ordinal) == [1])
  }

  @Test func rowsInTheOrderOfFramesNeedNoPlaces() throws {
    let data = try read(rows: "1,1,1,2,3,4,1,1,1\n1,2,1,2,3,4,1,1,1\n5,1,1,2,3,4,1,1,1\n")
    #expect(data.samples.flatMap { $0.annotations.map(\.ordinal) } == [nil, nil, nil])
  }

  @Test func longRowsAreAboutTheWorld() throws {
    let data = try read(rows: "1,1,1,2,3,4,1,4.5,-2,0\n1,2,1,2,3,4,0.5,-1,-1,-1\n")
    #expect(data.samples[0].annotations[0].attributes == ["world": .list([.number(4.5), .integer(-2), .integer(0)])])
    #expect(data.samples[0].annotations[1].attributes.isEmpty && data.names == [])
    #expect(try read(rows: "1,1,1,2,3,4,1,4.5,-2,0\n", options: [("label", "person")]).names == ["person"])
    let classes = try read(rows: "1,1,1,2,3,4,1,3,0.5,0\n", options: [("columns", "class")])
    #expect(classes.names == ["car"])
    #expect(classes.samples[0].annotations[0].attributes == ["visibility": .number(0.5), "column10": .integer(0)])
  }

  @Test func framesWithoutRowsAreListed() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("S/gt/gt.txt", "2,1,1,2,3,4,1,1,1\n9,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("S/seqinfo.ini", "[Sequence]\nseqlength = 3\nIMWIDTH=64\nimHeight= 48\nimDir=pictures\nimExt=png\n")
    let data = try read(folder.file("S"))
    #expect(data.samples.map(\.media.frame?.number) == [1, 2, 3, 9])
    #expect(data.keys[0] == "pictures/000001.png")
    #expect(data.samples.allSatisfy { $0.media.width == 64 && $0.media.height == 48 })
  }

  @Test func aSequenceAloneHasItsPicturesBesideIt() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("S/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("S/seqinfo.ini", "[Sequence]\nname=ZOO-01\n")
    for path in ["S", "S/gt/gt.txt"] {
      let data = try read(folder.file(path))
      #expect(data.keys == ["img1/000001.jpg"] && data.mediaFolders == [folder.file("S")])
    }
  }

  @Test(arguments: [
    ("1", Double?.none), ("0", 0), ("0.5", 0.5), ("1.0", 1), ("1.00", 1), ("-1", nil), ("2", 2), ("-1.0", nil),
  ])
  func theMarkOfGroundTruthIsNoConfidence(_ text: String, _ expected: Double?) throws {
    let rows = "1,1,1,2,3,4,\(text),1,1\n"
    #expect(try read(rows: rows).samples[0].annotations.map(\.confidence) == [expected])
    #expect(try again(rows) == rows)
  }

  @Test func framesMayBeginAtZero() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("S/gt/gt.txt", "0,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("S/seqinfo.ini", "[Sequence]\nseqLength=3\n")
    #expect(try read(folder.file("S")).samples.map(\.media.frame?.number) == [0, 1, 2])
  }

  @Test func foldersOfSplitsAreNoPartOfKeys() throws {
    let folder = try TemporaryFolder()
    for name in ["train/A", "val/B", "C"] { _ = try folder.write("\(name)/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n") }
    let data = try read(folder.path)
    #expect(data.keys == ["C/img1/000001.jpg", "A/img1/000001.jpg", "B/img1/000001.jpg"])
    #expect(data.samples.map(\.split) == [nil, "train", "validation"])
    #expect(data.mediaFolders.contains(folder.file("train")))
  }

  @Test func sequencesOfOneNameAreToldApart() throws {
    let folder = try TemporaryFolder()
    for name in ["train/A", "test/A"] { _ = try folder.write("\(name)/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n") }
    #expect(try read(folder.path).keys == ["test/A/img1/000001.jpg", "train/A/img1/000001.jpg"])
  }

  @Test func groundTruthComesBeforeDetections() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("A/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("A/det/det.txt", "1,-1,9,2,3,4,0.5,-1,-1,-1\n")
    let data = try read(folder.path)
    #expect(data.boxes == [[Box(1, 2, 3, 4, form: .extent)]] && data.rules == ["mot.file.unread"])
    let found = try read(folder.path, [("rows", "det")])
    #expect(found.boxes == [[Box(9, 2, 3, 4, form: .extent)]] && found.rules == ["mot.file.unread"])
  }

  @Test func listsNameTheClasses() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("gt/labels.txt", "cat\r\n\r\n dog \r\n")
    _ = try folder.write("gt/gt.txt", "1,1,1,2,3,4,1,3,1\n1,1,1,2,3,4,1,2,1\n")
    let data = try read(folder.path)
    #expect(data.names == ["cat", "dog", "2"] && data.rules == ["mot.class.unknown"])
  }

  @Test(arguments: [
    ("1,1,1,2,3\n", "mot.row.columns"), ("1,1,1,2,3,4,5,6,7,8,9\n", "mot.row.columns"), ("1,1,1,2,x,4,1,1,1\n", "mot.row.number"),
    ("1,1,1,2,,4,1,1,1\n", "mot.row.number"), ("1,1,1,2,inf,4,1,1,1\n", "mot.row.number"),
    ("1,1,1,2,3 4,4,1,1,1\n", "mot.row.number"),
    ("1.5,1,1,2,3,4,1,1,1\n", "mot.row.number"), ("-3,1,1,2,3,4,1,1,1\n", "mot.row.frame"),
    ("99999999999,1,1,2,3,4,1,1,1\n", "mot.row.frame"), ("1,1,1,2,3,4,1,0.5,1\n", "mot.row.class"),
    ("1,1,1,2,3,4,1,99999999,1\n", "mot.row.class"),
  ])
  func brokenRowsAreLeftOut(_ row: String, _ rule: String) throws {
    let data = try read(rows: "3,1,1,2,3,4,1,1,1\n" + row)
    #expect(data.rules == [rule] && data.diagnostics.items[0].range != nil)
    #expect(data.samples.flatMap(\.annotations).count == 1)
  }

  @Test func framesFarApartNeedNoTable() throws {
    let data = try read(rows: "2000000000,1,1,2,3,4,1,1,1\n0,1,1,2,3,4,1,1,1\n2000000000,2,1,2,3,4,1,1,1\n")
    #expect(data.samples.map(\.media.frame?.number) == [0, 2_000_000_000])
    #expect(data.samples[1].annotations.map(\.track) == [.integer(1), .integer(2)])
  }

  @Test func hugeLengthsAreRefused() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("S/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("S/seqinfo.ini", "[Sequence]\nseqLength=99999999999\nimDir=../../etc\n")
    #expect(try read(folder.file("S")).rules == ["mot.seqinfo.number", "mot.seqinfo.folder"])
  }
}

@Suite struct RowTests {
  private func row(_ text: String) -> MOTRow {
    Array(text.utf8).withUnsafeBytes { MOTRow($0, 0..<$0.count, MOTStyle()) }
  }

  @Test(arguments: [
    "1,2,3,4,5,6,7,8,9", "0,-1,-3,4.5,0.001,6.25,0,1,0.5", "10,20,100,1234567.125,5,6,1,1,0.86014", "1,2,0,0,0,0,1.0,-1,-1",
  ])
  func plainRowsAreKnown(_ text: String) {
    let row = row(text)
    #expect(row.badColumn == 0 && row.isPlain)
  }

  @Test(arguments: [
    "1,2,3,4,5,6,7,8,9.0", "01,2,3,4,5,6,7,8,9", "1,2,3,4,5,6,7,8, 9", "1,2,+3,4,5,6,7,8,9", "1,2,-0,4,5,6,7,8,9",
    "1,2,3e0,4,5,6,7,8,9", "1,2,3.,4,5,6,7,8,9", "1,2,00.5,4,5,6,7,8,9", "1,2,3,4,5,6,7,8,0.00001",
    "1,2,1234567890.1234567,4,5,6,7,8,9", "1,2,3,4,5,6,7,8,9,10", "1,2,3,4,5,6,7,8", "1.0,2,3,4,5,6,7,8,9", "1,2,3,4,5,6,-1,8,9",
  ])
  func otherSpellingsAreKept(_ text: String) throws {
    let row = row(text)
    #expect(row.badColumn == 0 && !row.isPlain)
    let rows = "1,2,3,4,5,6,7,8,9\n\(text)\n1,2,3,4,5,6,7,8,9\n"
    #expect(try again(rows) == rows)
  }

  /// Rows read in words of memory, as they are where there is more behind them, say the same as rows read byte by byte.
  @Test(arguments: [
    "1,2,3,4,5,6,7,8,9", "1,2,3,4,5,6", "1,2,3,4,5,6,1.0", "1,2,3,4,5,6,1.00", "1,2,3,4,5,6,-1,-1,-1,-1", "1,2,3,4,5,6,7,8,9,10,11",
    "1234567,-1,-1234567.1234567,0.5,-0.25,1234567,0.86014,13,0.67420", "12345678,2,3,4,5,6,7,8,9", "1,2,12345678.5,4,5,6,7,8,9",
    "1,2,0.12345678,4,5,6,7,8,9", "1,2,0.00001,4,5,6,7,8,9", "1,2,0.0001,-0.0,5,6,7,8,9", "1,2,-0,4,5,6,7,8,9",
    "01,2,3,4,5,6,7,8,9",
    "1,2,00.5,4,5,6,7,8,9", "1,2,3.,4,5,6,7,8,9", "1,2,.5,4,5,6,7,8,9", "1.0,2.0,3,4,5,6,7,8,9", "1,2.5,3,4,5,6,7,8,9",
    "1,2,3,4,5,6,7,8,", "1,2,3,4,5", "1,2,,4,5,6", "", "-", "1", "1,2,3e1,4,5,6,7,8,9", "1, 2,3,4,5,6,7,8,9", "1,2,3,4,5,6,7,8,9 ",
    "1,2,3,4,5,6,7,8;9", "1,2,--3,4,5,6,7,8,9", "1,2,3,4,5,6,0.50,8,9.00,-2.5",
  ])
  func rowsInWordsSayTheSame(_ text: String) {
    let bytes = Array(text.utf8)
    for rest in ["\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "\r\n" + String(repeating: "7", count: 40)] {
      for (tail, columns) in [(MOTStyle.Tail.classes, 9), (.world, 10), (.classes, 6)] {
        for digits in [[-1, -1, -1, -1, -1, -1, -1, -1], [1, 2, 3, 4, 2, 1, 2, 5]] {
          let style = MOTStyle([
            "tail": .string(tail.rawValue), "columns": .integer(Int64(columns)),
            "decimals": .list(digits.map { .integer(Int64($0)) }),
          ])
          let alone = bytes.withUnsafeBytes { MOTRow($0, 0..<bytes.count, style) }
          let before = (bytes + Array(rest.utf8)).withUnsafeBytes { MOTRow($0, 0..<bytes.count, style) }
          #expect(alone == before)
        }
      }
    }
  }

  @Test func randomRowsInWordsSayTheSame() {
    var numbers = SeededNumbers(seed: testSeed(21))
    for _ in 0..<2000 {
      let columns = 5 + numbers.below(7)
      let text = (0..<columns).map { column in
        var number = numbers.below(6) == 0 ? "-" : ""
        number += "\(numbers.below(numbers.coin() ? 10 : 20_000_000))"
        if column > 1, numbers.coin() {
          number += "." + String("\(100_000_000 + numbers.below(100_000_000))".dropFirst().prefix(numbers.below(9)))
        }
        return number
      }
      let bytes = Array(text.joined(separator: ",").utf8)
      let alone = bytes.withUnsafeBytes { MOTRow($0, 0..<bytes.count, MOTStyle()) }
      let before = (bytes + [UInt8](repeating: 10, count: 32)).withUnsafeBytes { MOTRow($0, 0..<bytes.count, MOTStyle()) }
      #expect(alone == before, "\(text)")
    }
  }

  @Test func valuesAreThoseOfTheText() {
    let row = row("3,4,1.5,-2.25,1e2,0.1,1234567890.1234567,+7,.5")
    #expect(row.badColumn == 9)
    let other = self.row("3,4,1.5,-2.25,1e2,0.1,1234567890.1234567,+7,0.5")
    #expect((other.x, other.y, other.width, other.height) == (1.5, -2.25, 100, 0.1))
    #expect((other.confidence, other.first, other.second) == (1234567890.1234567, 7, 0.5))
  }

  @Test func randomNumbersPrintAsTheyStood() throws {
    var numbers = SeededNumbers(seed: testSeed(20))
    var rows = ""
    for frame in 1...200 {
      rows += "\(frame),\(numbers.below(9))"
      for _ in 0..<5 {
        let whole = numbers.below(numbers.coin() ? 10 : 100_000)
        let decimals = numbers.below(7)
        let digits = (0..<decimals).map { _ in "\(numbers.below(10))" }.joined()
        rows += "," + (numbers.below(5) == 0 ? "-" : "") + "\(whole)" + (decimals > 0 ? "." + digits : "")
      }
      rows += ",1,1\n"
    }
    #expect(try again(rows) == rows)
  }
}
