import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillAudacity

@Suite struct AudacityWriterTests {
  /// Files in every dress that come back byte by byte.
  static let files: [String] = [
    "", "\n", "\r\n", "0\t1\ta\n", "0\t1\ta", "0.000000\t1.500000\ta\n1.500000\t1.500000\t\n", "0\t1\ta\r\n2\t3\tb\r\n",
    "0\t1\ta\r\n2\t3\tb", "0\t1\ta\r\n2\t3\tb\n", "\n0\t1\ta\n\n \t\n2\t3\tb\n\n", "0,5\t1,25\ta\n\\\t1,500000\t2,000000\n",
    "0\t1\ta\n\\\t100.000000\t200.500000\n", "0\t1\ta\n\\\t100\t2e2\n", "0\t1\ta\n\\\t-1.000000\t0.1234567\n", "0\t1\n",
    " 0\t1 \ta\n", "0\t1\ta\tb\n", "00.5\t1.\ta\n", "1\t1.0\tmoment\n", "-0.5\t1e1\ta\n", "\u{FEFF}0\t1\té\n",
    "0\t1,5\ta\n0.5\t1.5\tb\n",
    "0\t1\t spaces \n",
  ]

  @Test(arguments: files) func aFileComesBackByteByByte(_ content: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("set/x.txt", content))
    if content != "00.5\t1.\ta\n" { #expect(found.diagnostics.count(atLeast: .error) == 0, "\(found.diagnostics.items)") }
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(Array(try text(folder.file("out/x.txt")).utf8) == Array(content.utf8))
  }

  @Test func otherEncodingsComeBack() throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = [0xFE, 0xFF]
    for unit in "0\t1\t汽车\n".utf16 { bytes += [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
    let found = try read(try folder.write("x.txt", bytes))
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try folder.bytes("out/x.txt") == bytes)
  }

  @Test func aRowThatSaysSomethingElseByNowIsWrittenAnew() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.txt", " 0\t1\ta\n\\\t1\t2\n"))
    var samples = found.samples
    samples[0].annotations[0].attributes["high_frequency"] = .integer(3)
    try write(found.header, samples, to: folder.file("out"))
    #expect(try text(folder.file("out/x.txt")) == "0\t1\ta\n\\\t1.000000\t3.000000\n")
  }

  @Test func filesAreNamedByTheirRecordings() throws {
    let folder = try TemporaryFolder()
    var video = recording("clips/a.mp4", [turn(0, 0, 1)])
    video.media.kind = .video
    try write(header("x"), [recording("rec.wav", [turn(0, 0.5, 1.25)]), video], to: folder.file("out"))
    #expect(try text(folder.file("out/rec.wav.txt")) == "0.5\t1.25\tx\n")
    let found = try read(folder.file("out"))
    #expect(found.keys == ["clips/a.mp4", "rec.wav"] && found.samples[0].media.kind == .video)
  }

  @Test func oneFileHoldsOneRecording() throws {
    let folder = try TemporaryFolder()
    try write(header("x"), [recording("rec", [turn(nil, 0.5, 1.25)])], to: folder.file("one.txt"))
    #expect(try text(folder.file("one.txt")) == "0.5\t1.25\t\n")
    #expect(throws: DatasetError.self) {
      try write(header("x"), [recording("a"), recording("b")], to: folder.file("two.txt"))
    }
  }

  @Test func whatHasNoPlaceIsCountedAsLost() throws {
    let folder = try TemporaryFolder()
    var coloured = turn(0, 1, 2)
    coloured.attributes = ["colour": .string("red")]
    var half = turn(0, 1, 2)
    half.attributes = ["low_frequency": .integer(1)]
    var more = turn(0, 1, 2)
    more.attributes = ["low_frequency": .integer(1), "high_frequency": .integer(2), "colour": .null]
    let report = try write(header("x"), [recording("r", [coloured, half, more, turn(0, 3, 3)])], to: folder.file("out"))
    let lost = EncodingLoss(.attributes, isApproximated: false)
    #expect(report.losses == [lost, lost, lost, EncodingLoss(.interval, isApproximated: true)])
  }

  @Test func textsAreWrittenOnDemand() throws {
    let folder = try TemporaryFolder()
    let report = try write(
      header("x"), [recording("r", [turn(0, 0, 1, text: "two\nlines"), turn(0, 1, 2, text: "one")])], to: folder.file("out"),
      [("content", "text")])
    #expect(report.losses == [EncodingLoss(.text, isApproximated: true)])
    #expect(try text(folder.file("out/r.txt")) == "0\t1\ttwo lines\n1\t2\tone\n")
    let options = try FormatOptions(
      [(name: "content", value: "text")], declared: AudacityFormat.descriptor.writeOptions, format: "audacity")
    #expect(AudacityFormat.writes(options).contains(.text) && !AudacityFormat.writes(options).contains(.label))
  }

  static let unwritable: [(String, @Sendable (inout Annotation) -> Void)] = [
    ("audacity.write.no-time", { $0.time = nil }), ("audacity.write.no-time", { $0.time = .frame(1) }),
    ("audacity.write.time", { $0.time = .interval(start: 2, end: 1) }),
    ("audacity.write.label", { $0.label = LabelID(index: 1) }), ("audacity.write.label", { $0.label = LabelID(index: 2) }),
  ]

  @Test func whatTheReaderWouldRefuseIsAnError() throws {
    for (rule, change) in AudacityWriterTests.unwritable {
      let folder = try TemporaryFolder()
      var annotation = turn(0, 0, 1)
      change(&annotation)
      #expect(try write(header("x", "", "two\nlines"), [recording("r", [annotation])], to: folder.file("out")).rules == [rule])
    }
  }
}
