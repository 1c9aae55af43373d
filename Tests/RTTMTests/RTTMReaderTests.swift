import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillRTTM

@Suite struct RTTMReaderTests {
  @Test func aTurnIsALabelInAnInterval() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER rec 1 12.500 3.25 <NA> <NA> Ada 0.75 <NA>\n")
    let found = try read(path)
    let sample = try #require(found.samples.first)
    #expect(sample.key == "rec" && sample.media == Media(.audio, location: "rec"))
    let annotation = try #require(sample.annotations.first)
    #expect(found.name(annotation) == "Ada")
    #expect(annotation.confidence == 0.75 && annotation.text == nil && annotation.attributes.isEmpty)
    guard case .interval(let start, let end) = annotation.time else {
      Issue.record("it has no interval")
      return
    }
    #expect(start.text == "12.500" && end.text == "15.750")
    #expect(found.rules == [])
  }

  @Test func sumsAreExact() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER r 1 0.1 0.2 <NA> <NA> a <NA> <NA>\n")
    let annotation = try #require(try read(path).samples.first?.annotations.first)
    guard case .interval(_, let end) = annotation.time else { throw DatasetError(.invalidInput, "no interval") }
    #expect(end.text == "0.3")
  }

  @Test func wordsAreTexts() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "LEXEME r 2 1.5 0.25 well fp Ada <NA> 0.5\n")
    let found = try read(path)
    let annotation = try #require(found.samples.first?.annotations.first)
    #expect(annotation.text == "well" && found.name(annotation) == "Ada")
    #expect(annotation.attributes == ["channel": .string("2"), "subtype": .string("fp"), "lookahead": .string("0.5")])
  }

  @Test func otherRecordsWithWordsNameTheirType() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "FILLER r 1 1.5 0.25 um discourse Ada <NA> <NA>\n")
    let annotation = try #require(try read(path).samples.first?.annotations.first)
    #expect(annotation.attributes == ["type": .string("FILLER"), "subtype": .string("discourse")])
  }

  @Test func aSpeakerWithAWordNamesItsType() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER r 1 1.5 0.25 hello <NA> Ada <NA> <NA>\n")
    let annotation = try #require(try read(path).samples.first?.annotations.first)
    #expect(annotation.text == "hello" && annotation.attributes == ["type": .string("SPEAKER")])
  }

  @Test func withoutADurationItIsAMoment() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER r 1 1.5 <NA> <NA> <NA> Ada <NA> <NA>\n")
    #expect(try read(path).samples.first?.annotations.first?.time == .instant(1.5))
  }

  @Test func recordingsKeepTheirRowsAndTheOrderOfTheFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "x.rttm",
      """
      SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>
      SPEAKER b 1 0 1 <NA> <NA> y <NA> <NA>
      SPEAKER a 1 2 1 <NA> <NA> z <NA> <NA>

      """)
    let found = try read(path)
    #expect(found.keys == ["a", "b"])
    #expect(found.samples[0].annotations.map(\.ordinal) == [0, 2])
    #expect(found.samples[1].annotations.map(\.ordinal) == [1])
  }

  /// Rows that have much in common with the one before say what they say alone.
  @Test(arguments: [
    "SPEAKER a 1 2.25 1.50 <NA> <NA> y <NA> <NA>", "SPEAKER a 1 2.25 1.5 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 12 3 <NA> <NA> x <NA> <NA>", "SPEAKER a 1 02.25 1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 2.25 1.50  <NA> <NA> x <NA> <NA>", "SPEAKER a 1 2.25  1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 2.25 1.50 <NA> <NA> <NA> <NA> <NA>", "SPEAKER a 1 2.25 1.50 <NA> <NA> x y <NA> <NA>",
    "SPEAKER a 1 2.25 1.50 <NA> <NA> x 0.5 <NA>", "SPEAKER a 1 2.25 1.50 <NA> <NA> x <NA>",
    "SPEAKER a 2 2.25 1.50 <NA> <NA> x <NA> <NA>",
    "LEXEME a 1 2.25 1.50 word <NA> x <NA> <NA>", "SPEAKER a 1 2.25\t1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 2.25 1.50 <NA> <NA> a-longer-name <NA> <NA>", "SPEAKER a 1 -2.25 1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 2.25 1.50 <NA> <NA>  <NA> <NA>", "SPEAKER a 1 2.25 <NA> <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 123456789012345.25 1.50 <NA> <NA> x <NA> <NA>", "SPEAKER a 1 1234567890123456.25 1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 2. 1. <NA> <NA> x <NA> <NA>", "SPEAKER a 1 2.25 1.50 <NA> <NA> x\u{1} <NA> <NA>", "SPEAKER a 1 2.25 1.50",
  ])
  func rowsLikeTheOneBeforeSayTheSame(_ row: String) throws {
    let usual = "1 0.25 1.00 <NA> <NA> x <NA> <NA>"
    let folder = try TemporaryFolder()
    func said(_ name: String, _ before: String) throws -> (Annotation?, String?, [String], Int?) {
      let found = try read(try folder.write(name, "SPEAKER \(before) \(usual)\n\(row)\nSPEAKER \(before) \(usual)\n"))
      let own = found.sample("a")?.annotations ?? []
      var annotation = before == "a" ? (own.count == 3 ? own[1] : nil) : own.first
      annotation?.ordinal = nil
      let label = annotation.flatMap(found.name)
      annotation?.label = nil
      return (annotation, label, found.rules, found.sample(before)?.annotations.count)
    }
    let (like, alone) = (try said("like.rttm", "a"), try said("alone.rttm", "b"))
    #expect(like.0 == alone.0 && like.1 == alone.1 && like.2 == alone.2)
    #expect(like.3 == (like.0 == nil ? 2 : 3) && alone.3 == 2)
  }

  @Test func fieldsAreFoundInAllRows() {
    var numbers = SeededNumbers(seed: testSeed(31))
    for _ in 0..<2000 {
      let fields = (0..<(1 + numbers.below(12))).map { _ in String(repeating: "f", count: 1 + numbers.below(9)) }
      let separator = numbers.pick([" ", "\t"])
      let isPlain = numbers.coin()
      var line = isPlain ? "" : numbers.pick(["", "", " "])
      var isSpaced = line.isEmpty
      for (number, field) in fields.enumerated() {
        if number > 0 {
          let gap = isPlain ? separator : numbers.pick([" ", " ", "\t", "  ", " \r"])
          if gap.utf8.count > 1 { isSpaced = false }
          line += gap
        }
        line += field
      }
      let found = Array(line.utf8).withUnsafeBufferPointer { bytes in
        let row = RTTMRow(bytes)
        let all = [
          row.type, row.recording, row.channel, row.start, row.duration, row.ortho, row.subtype, row.name, row.confidence,
          row.lookahead,
        ]
        return (row.count, row.isPlain, all.prefix(row.count).map { String(decoding: $0, as: UTF8.self) })
      }
      #expect(found.0 == fields.count && found.2 == Array(fields.prefix(10)), "\(line.debugDescription)")
      if isPlain { #expect(found.1) }
      if !isSpaced { #expect(!found.1) }
    }
  }

  @Test func rowsThatLieTogetherNeedNoOrder() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "x.rttm", "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\nSPEAKER b 1 0 1 <NA> <NA> y <NA> <NA>\n")
    #expect(try read(path).samples.allSatisfy { $0.annotations.allSatisfy { $0.ordinal == nil && $0.preserved.isEmpty } })
  }

  @Test func labelsAreKnownEarlyWhenDemanded() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "x.rttm", "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\nSPKR-INFO a 1 <NA> <NA> <NA> child z <NA> <NA>\n")
    let found = try read(path, demand: Demand(labels: true))
    #expect(found.header.labels.labels.map(\.name) == ["x"] && found.header.labelsAreComplete)
  }

  static let broken: [(String, String)] = [
    ("SPEAKER a 1 0 1 <NA> <NA> x", "rttm.row.fields"), ("SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA> more", "rttm.row.fields"),
    ("SPEAKER a 1 0,5 1 <NA> <NA> x <NA> <NA>", "rttm.row.time"), ("SPEAKER a 1 <NA> 1 <NA> <NA> x <NA> <NA>", "rttm.row.time"),
    ("SPEAKER a 1 0 inf <NA> <NA> x <NA> <NA>", "rttm.row.time"), ("SPEAKER a 1 0 -0.5 <NA> <NA> x <NA> <NA>", "rttm.row.duration"),
    ("LEXEME a 1 0 x word lex x <NA> <NA>", "rttm.row.time"), ("NOTHING a 1 0 1 <NA> <NA> x <NA> <NA>", "rttm.row.type"),
    ("SPEAKER", "rttm.row.recording"), ("SPEAKER <NA> 1 0 1 <NA> <NA> x <NA> <NA>", "rttm.row.recording"),
    ("SPEAKER a 1 123456789012345678901 1 <NA> <NA> x <NA> <NA>", "rttm.row.time"),
    ("SPEAKER a 1 999999999999999999 999999999999999999 <NA> <NA> x <NA> <NA>", "rttm.row.time"),
  ]

  @Test(arguments: broken) func brokenRowsAreLeftOut(_ row: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.rttm", "\(row)\nSPEAKER ok 1 0 1 <NA> <NA> x <NA> <NA>\n"))
    #expect(found.rules == [rule])
    #expect(found.sample("ok")?.annotations.count == 1)
    #expect(found.samples.reduce(0) { $0 + $1.annotations.count } == 1)
    #expect(found.diagnostics.items.allSatisfy { $0.range != nil && $0.severity == .error })
  }

  static let odd: [(String, String)] = [
    ("speaker a 1 0 1 <NA> <NA> x <NA> <NA>", "rttm.row.type-case"),
    ("SPEAKER a 1 -1 1 <NA> <NA> x <NA> <NA>", "rttm.row.negative"),
    ("SPEAKER a 1 0 1 <NA> <NA> x high <NA>", "rttm.row.confidence"),
    ("SPEAKER a 1 0 1 <NA> <NA> x 1.5 <NA>", "rttm.row.confidence"),
  ]

  @Test(arguments: odd) func oddRowsAreReadWithAWarning(_ row: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.rttm", row + "\n"))
    #expect(found.rules == [rule] && found.diagnostics.count(atLeast: .error) == 0)
    #expect(found.samples.first?.annotations.count == 1)
  }

  @Test func linesThatAreNotTextAreLeftOut() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.rttm")
    var bytes = Array("SPEAKER a 1 0 1 <NA> <NA> x".utf8) + [0xC3]
    bytes += Array(" <NA> <NA>\nSPEAKER a 1 1 1 <NA> <NA> é <NA> <NA>\n".utf8)
    _ = try folder.write("x.rttm", bytes)
    let found = try read(path)
    #expect(found.rules == ["rttm.file.encoding"] && found.samples.first?.annotations.count == 1)
  }

  @Test func everyRuleIsReportedAsDeclared() {
    let ids = RTTMFormat.rules.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.hasPrefix("rttm.") })
  }
}

@Suite struct RTTMFolderTests {
  private func dataset(_ folder: TemporaryFolder) throws -> String {
    _ = try folder.write("set/a.rttm", "SPEAKER one 1 0 1 <NA> <NA> x <NA> <NA>\n")
    _ = try folder.write("set/sub/b.rttm", "SPEAKER two 1 0 1 <NA> <NA> x <NA> <NA>\n")
    _ = try folder.write("set/a.wav", "")
    return folder.file("set")
  }

  @Test func aFolderIsOneDataset() throws {
    let folder = try TemporaryFolder()
    let found = try read(try dataset(folder))
    #expect(found.keys == ["one", "two"] && found.rules == [])
  }

  @Test func filesAreWrittenUnderTheirNames() throws {
    let folder = try TemporaryFolder()
    let found = try read(try dataset(folder))
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try text(folder.file("out/sub/b.rttm")) == "SPEAKER two 1 0 1 <NA> <NA> x <NA> <NA>\n")
    #expect(try text(folder.file("out/a.rttm")) == "SPEAKER one 1 0 1 <NA> <NA> x <NA> <NA>\n")
  }

  @Test func recordingsOfSeveralFilesAreToldApart() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/ref.rttm", "SPEAKER r 1 0 1 <NA> <NA> x <NA> <NA>\n")
    _ = try folder.write("set/sys.rttm", "SPEAKER r 1 0 2 <NA> <NA> y <NA> <NA>\nSPEAKER s 1 0 2 <NA> <NA> y <NA> <NA>\n")
    let found = try read(folder.file("set"))
    #expect(found.keys == ["ref/r", "sys/r", "s"])
    try write(found.header, found.samples, to: folder.file("out"))
    for name in ["ref.rttm", "sys.rttm"] { #expect(try text(folder.file("out/\(name)")) == text(folder.file("set/\(name)"))) }
    try write(found.header, found.samples, to: folder.file("one.rttm"))
    #expect(try read(folder.file("one.rttm")).keys == ["ref/r", "sys/r", "s"])
  }

  @Test func regionsAreKeptWithTheirRecordings() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder)
    let regions = "; scored\r\none NA 0.000 4.5\nthree 1 0 9\none 1 5 6"
    _ = try folder.write("set/uems/a.uem", regions)
    let found = try read(set)
    #expect(found.keys == ["one", "two", "three"] && found.rules == [])
    #expect(found.sample("three")?.annotations.isEmpty == true)
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try text(folder.file("out/uems/a.uem")) == regions)
    // One file has no room for them, and says so.
    let report = try write(found.header, found.samples, to: folder.file("one.rttm"))
    #expect(Set(report.rules) == ["rttm.write.uem"])
    #expect(try text(folder.file("one.rttm")).contains("SPKR-INFO three 1 <NA> <NA> <NA> unknown <NA> <NA> <NA>\n"))
  }

  @Test func regionsBesideAFileAreFound() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n")
    _ = try folder.write("x.uem", "a 1 0 1\n")
    _ = try folder.write("y.uem", "b 1 0 1\n")
    let found = try read(path)
    #expect(found.keys == ["a"])
    #expect(String(decoding: found.samples[0].preserved["rttm"], as: UTF8.self).contains("a 1 0 1"))
  }

  @Test func filesWithoutRecordsAreWrittenAgain() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder)
    _ = try folder.write("set/empty.rttm", "")
    _ = try folder.write("set/remarks.rttm", ";; one\n\n;; two")
    let found = try read(set)
    #expect(found.rules == ["rttm.file.empty", "rttm.file.empty"])
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try text(folder.file("out/empty.rttm")) == "")
    #expect(try text(folder.file("out/remarks.rttm")) == ";; one\n\n;; two")
  }

  @Test func aFolderWithoutFilesIsAnError() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/a.txt", "x")
    #expect(throws: DatasetError.self) { try read(folder.file("set")) }
  }

  @Test func manyFilesAreWrittenInOrder() throws {
    let folder = try TemporaryFolder()
    for number in 0..<60 {
      _ = try folder.write("set/\(number).rttm", "SPEAKER r\(number) 1 0 1 <NA> <NA> x <NA> <NA>\n")
    }
    let found = try read(folder.file("set"))
    // Another order than that of the files changes nothing in them.
    try write(found.header, found.samples.reversed(), to: folder.file("out"))
    for number in 0..<60 {
      #expect(try text(folder.file("out/\(number).rttm")) == text(folder.file("set/\(number).rttm")))
    }
  }
}
