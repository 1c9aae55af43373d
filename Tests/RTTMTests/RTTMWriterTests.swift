import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillRTTM

@Suite struct RTTMWriterTests {
  /// Files in every dress that come back byte by byte.
  static let files: [String] = [
    "",
    ";; nothing\n",
    ";; nothing",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA> <NA>\n",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA>\nSPEAKER a 1 2 1.50 <NA> <NA> x <NA>\n",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA>\nSPEAKER a 1 2 1.50 <NA> <NA> x <NA> 0.25\n",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA> <NA>\r\nSPEAKER a 1 2 1.50 <NA> <NA> x <NA> <NA>\r\n",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA> <NA>\r\nSPEAKER a 1 2 1.50 <NA> <NA> x <NA> <NA>",
    "SPEAKER a 1 0.00 1.50 <NA> <NA> x <NA> <NA>\nSPEAKER a 1 2 1.50 <NA> <NA> x <NA> <NA>\r\n",
    "\u{FEFF}SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n",
    "SPEAKER\ta\t1\t0\t1\t<NA>\t<NA>\tx\t<NA>\t<NA>\nSPEAKER a\t1\t0\t1\t<NA>\t<NA>\tx\t<NA>\t<NA>\n",
    "SPEAKER   a  1     0.5     1.25 <NA> <NA> x     <NA> <NA>  \n",
    "SPEAKER a 1 00.5 1.25 <NA> <NA> x 0.50 <NA>\nSPEAKER a 1 .5 +1 <NA> <NA> x 1e-3 <NA>\n",
    "SPEAKER a 1 0.25 0.5 <NA> <NA> x <NA> <NA>\n",
    "SPEAKER a 1 -0.25 0.5 <NA> <NA> x <NA> <NA>\nSPEAKER a 1 1e1 0.5 <NA> <NA> x <NA> <NA>\n",
    "SPEAKER a 1 -0.0 0.5 <NA> <NA> x <NA> <NA>\n",
    "speaker a 1 0 1 <NA> <NA> x <NA> <NA>\nSPEAKER a <NA> 0 1 <NA> <NA> x none <NA>\n",
    ";; first\n\nSPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n;; middle\n;; more\nSPEAKER b 1 0 1 <NA> <NA> y <NA> <NA>\n\n;; last\n",
    "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n;; of b\nSPEAKER b 1 0 1 <NA> <NA> y <NA> <NA>\nSPEAKER a 1 2 1 <NA> <NA> x <NA> <NA>\n;; end",
    "SPKR-INFO a 1 <NA> <NA> <NA> child x <NA> <NA>\nSPKR-INFO b 1 <NA> <NA> <NA> child y <NA> <NA>\nSPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n",
    "NOSCORE a 1 0 1 <NA> <NA> <NA> <NA> <NA>\nLEXEME a 1 0 1 word lex x 0.5 <NA>\nSU a 1 0 1 <NA> statement x <NA> <NA>\n",
    "SPEAKER a 1 0 <NA> <NA> <NA> x <NA> <NA>\nSPEAKER a 1 0 1 <NA> <NA> <NA> <NA> <NA>\n",
  ]

  @Test(arguments: files) func aFileComesBackByteByByte(_ content: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.rttm", content))
    #expect(found.diagnostics.count(atLeast: .error) == 0)
    try write(found.header, found.samples, to: folder.file("y.rttm"), batchSize: 1)
    #expect(Array(try text(folder.file("y.rttm")).utf8) == Array(content.utf8))
  }

  @Test func aRowThatSaysSomethingElseByNowIsWrittenAnew() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.rttm", "SPEAKER  a 1 0.5 1 <NA> <NA> x <NA> <NA>\n")
    let found = try read(path)
    var samples = found.samples
    samples[0].annotations[0].time = .interval(start: 0.5, end: 2.25)
    try write(found.header, samples, to: folder.file("y.rttm"))
    #expect(try text(folder.file("y.rttm")) == "SPEAKER a 1 0.5 1.75 <NA> <NA> x <NA> <NA>\n")
    samples[0].annotations[0].time = .interval(start: 0.50, end: 1.5)
    try write(found.header, samples, to: folder.file("z.rttm"))
    #expect(try text(folder.file("z.rttm")) == "SPEAKER  a 1 0.5 1 <NA> <NA> x <NA> <NA>\n")
  }

  @Test func durationsAreDifferences() throws {
    let folder = try TemporaryFolder()
    var annotation = turn(0, 1.25, 3.5)
    annotation.time = .interval(
      start: try #require(MediaTime(units: 61_500, fractionDigits: 3, form: .hours)),
      end: try #require(MediaTime(units: 62_000, fractionDigits: 3, form: .hours)))
    try write(header("x"), [recording("r", [turn(0, 1.25, 3.5), annotation])], to: folder.file("y.rttm"))
    #expect(
      try text(folder.file("y.rttm"))
        == "SPEAKER r 1 1.25 2.25 <NA> <NA> x <NA> <NA>\nSPEAKER r 1 61.500 0.500 <NA> <NA> x <NA> <NA>\n")
  }

  @Test func wordsAreWrittenAsLexemes() throws {
    let folder = try TemporaryFolder()
    var typed = turn(0, 0, 1, text: "um")
    typed.attributes = ["type": .string("FILLER"), "channel": .string("B"), "lookahead": .string("0.5")]
    let report = try write(header("x"), [recording("r", [turn(0, 0, 1, text: "hello"), typed])], to: folder.file("y.rttm"))
    #expect(report.losses == [] && report.rules == [])
    #expect(
      try text(folder.file("y.rttm"))
        == "LEXEME r 1 0 1 hello <NA> x <NA> <NA>\nFILLER r B 0 1 um <NA> x <NA> 0.5\n")
  }

  @Test func whatHasNoFieldIsCountedAsLost() throws {
    let folder = try TemporaryFolder()
    var coloured = turn(0, 1, 2)
    coloured.attributes = ["colour": .string("red")]
    var counted = turn(0, 2, 3)
    counted.attributes = ["channel": .integer(2)]
    let report = try write(
      header("x"), [recording("r", [turn(0, 0, 1, text: "two words"), coloured, counted])], to: folder.file("y.rttm"))
    #expect(
      report.losses == [
        EncodingLoss(.text, isApproximated: false), EncodingLoss(.attributes, isApproximated: false),
        EncodingLoss(.attributes, isApproximated: true),
      ])
    #expect(try text(folder.file("y.rttm")).hasPrefix("SPEAKER r 1 0 1 <NA>"))
  }

  @Test func whiteSpaceIsRefusedOrReplaced() throws {
    let folder = try TemporaryFolder()
    let refused = try write(header("a b"), [recording("r", [turn(0, 0, 1)]), recording("r s")], to: folder.file("x.rttm"))
    #expect(refused.rules == ["rttm.write.label", "rttm.write.name"])
    let replaced = try write(
      header("a b"), [recording("r s", [turn(0, 0, 1)])], to: folder.file("y.rttm"), [("spaces", "underscore")])
    #expect(replaced.losses == [EncodingLoss(.label, isApproximated: true)])
    #expect(try text(folder.file("y.rttm")) == "SPEAKER r_s 1 0 1 <NA> <NA> a_b <NA> <NA>\n")
  }

  static let unwritable: [(String, @Sendable (inout Annotation) -> Void)] = [
    ("rttm.write.no-time", { $0.time = nil }), ("rttm.write.no-time", { $0.time = .frame(3) }),
    ("rttm.write.time", { $0.time = .interval(start: 2, end: 1) }), ("rttm.write.number", { $0.confidence = .infinity }),
    ("rttm.write.label", { $0.label = LabelID(index: 1) }), ("rttm.write.label", { $0.label = LabelID(index: 2) }),
  ]

  @Test func whatTheReaderWouldRefuseIsAnError() throws {
    for (rule, change) in RTTMWriterTests.unwritable {
      let folder = try TemporaryFolder()
      var annotation = turn(0, 0, 1)
      change(&annotation)
      #expect(try write(header("x", "", "<NA>"), [recording("r", [annotation])], to: folder.file("y.rttm")).rules == [rule])
    }
  }

  @Test func recordingsWithoutAnnotationsAreNamed() throws {
    let folder = try TemporaryFolder()
    try write(header("x"), [recording("quiet"), recording("r", [turn(0, 0, 1)])], to: folder.file("y.rttm"))
    let found = try read(folder.file("y.rttm"))
    #expect(found.keys == ["quiet", "r"] && found.samples[0].annotations.isEmpty)
    // Written again, the record that names it is not doubled.
    try write(found.header, found.samples, to: folder.file("z.rttm"))
    #expect(try text(folder.file("y.rttm")) == text(folder.file("z.rttm")))
  }

  @Test func ordinalsPutRowsInTheirPlaces() throws {
    let folder = try TemporaryFolder()
    func numbered(_ ordinals: [UInt32]) -> [Annotation] {
      ordinals.map { number in
        var annotation = turn(0, MediaTime(integerLiteral: Int64(number)), MediaTime(integerLiteral: Int64(number) + 1))
        annotation.ordinal = number
        return annotation
      }
    }
    try write(
      header("x"), [recording("a", numbered([0, 3, 4])), recording("b", numbered([1, 2, 5])), recording("c", [turn(0, 9, 10)])],
      to: folder.file("y.rttm"))
    let starts = try text(folder.file("y.rttm")).split(separator: "\n").map { $0.split(separator: " ")[3] }
    #expect(starts == ["0", "1", "2", "3", "4", "5", "9"])
  }

  @Test func anotherLocationIsWarnedOf() throws {
    let folder = try TemporaryFolder()
    var sample = recording("r", [turn(0, 0, 1)])
    sample.media.location = "audio/r.wav"
    #expect(try write(header("x"), [sample], to: folder.file("y.rttm")).rules == ["rttm.write.location"])
  }
}

@Suite struct RTTMDetectionTests {
  static let contents: [(String, Bool)] = [
    ("SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n", true), (";; c\n\nSPEAKER a 1 0 1 <NA> <NA> x <NA>\n", true),
    ("\u{FEFF}SPKR-INFO a 1 <NA> <NA> <NA> child x <NA>\n", true), ("SPEAKER a 1 0 1 <NA> <NA> x\n", false),
    ("SPEAKER a 1 zero 1 <NA> <NA> x <NA> <NA>\n", false), ("0 0.5 0.5 0.1 0.1\n", false), ("a 1 0 1\n", false), ("", false),
    ("1,1,10,20,30,40,1,-1,-1,-1\n", false),
  ]

  @Test(arguments: contents) func looksAtTheFirstRecord(_ content: String, _ isFound: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.txt", content)
    let found = RTTMFormat.detect(try DetectionProbe(DatasetInput(path: path)))
    #expect((found?.confidence == .certain) == isFound)
    #expect(found?.reasons.isEmpty != true)
  }

  @Test func looksIntoFolders() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/sub/x.rttm", "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n")
    #expect(RTTMFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("set"))))?.confidence == .certain)
    _ = try folder.write("none/x.txt", "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n")
    #expect(RTTMFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("none")))) == nil)
    _ = try folder.write("quiet/x.rttm", ";; nothing\n")
    #expect(RTTMFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("quiet"))))?.confidence == .possible)
  }
}
