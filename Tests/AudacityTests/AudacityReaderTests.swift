import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillAudacity

@Suite struct AudacityReaderTests {
  @Test func aLabelIsAStretchOrAMoment() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("song.txt", "0.50\t1.25\tcall\n2.000000\t2.000000\tclick here\n3\t4\t\n"))
    let sample = try #require(found.samples.first)
    #expect(sample.key == "song" && sample.media == Media(.audio, location: "song"))
    #expect(sample.annotations.map(\.time) == [.interval(start: 0.5, end: 1.25), .instant(2), .interval(start: 3, end: 4)])
    #expect(sample.annotations.map { found.name($0) } == ["call", "click here", nil])
    guard case .interval(let start, _) = sample.annotations[0].time else { throw DatasetError(.invalidInput, "no interval") }
    #expect(start.text == "0.50")
    #expect(found.rules == [] && sample.annotations.allSatisfy { $0.preserved.isEmpty })
  }

  @Test func frequenciesAreAttributes() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.txt", "0\t1\ta\n\\\t100.000000\t2500.250000\n2\t3\tb\n"))
    let annotations = try #require(found.samples.first).annotations
    #expect(annotations[0].attributes == ["low_frequency": .integer(100), "high_frequency": .number(2500.25)])
    #expect(annotations[1].attributes.isEmpty && annotations[0].preserved.isEmpty)
  }

  @Test func commasAndOtherEncodingsAreRead() throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = [0xFF, 0xFE]
    for unit in "0,5\t1,5\tGrüße\r\n".utf16 { bytes += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    let found = try read(try folder.write("x.txt", bytes))
    let annotation = try #require(found.samples.first?.annotations.first)
    #expect(annotation.time == .interval(start: 0.5, end: 1.5) && found.name(annotation) == "Grüße")
  }

  @Test func textsAreReadOnDemand() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.txt", "0\t1\tgood morning\n")
    let annotation = try #require(try read(path, [("content", "text")]).samples.first?.annotations.first)
    #expect(annotation.text == "good morning" && annotation.label == nil)
  }

  @Test func aFolderHoldsARecordingAFile() throws {
    let folder = try TemporaryFolder()
    for name in ["b.txt", "sub/a.wav.txt", "sub/c.mp4.txt"] { _ = try folder.write("set/\(name)", "0\t1\tx\n") }
    _ = try folder.write("set/README.txt", "Labels of three recordings.\n")
    _ = try folder.write("set/empty.txt", "")
    let found = try read(folder.file("set"), demand: Demand(labels: true))
    #expect(found.keys == ["b", "empty", "sub/a.wav", "sub/c.mp4"])
    #expect(found.samples.map(\.media.kind) == [.audio, .audio, .audio, .video])
    #expect(found.rules == ["audacity.file.skipped"])
    #expect(found.header.labels.labels.map(\.name) == ["x"])
  }

  static let broken: [(String, String)] = [
    ("0 1 x", "audacity.row.fields"), ("0", "audacity.row.fields"), ("a\t1\tx", "audacity.row.time"),
    ("0\t\tx", "audacity.row.time"), ("0\tnan\tx", "audacity.row.time"), ("1\t0.5\tx", "audacity.row.backwards"),
    ("\\\t1\t2", "audacity.row.frequencies"), ("0\t1\tx\n\\\t1", "audacity.row.frequencies"),
    ("0\t1\tx\n\\\ta\tb", "audacity.row.frequencies"), ("0\t1\tx\n\\\t1\t2\n\\\t1\t2", "audacity.row.frequencies"),
  ]

  @Test(arguments: broken) func brokenLinesAreLeftOut(_ lines: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.txt", "\(lines)\n5\t6\tgood\n"))
    #expect(found.rules == [rule])
    #expect(found.samples.first?.annotations.last.flatMap { found.name($0) } == "good")
    #expect(found.diagnostics.items.allSatisfy { $0.range != nil })
  }

  @Test func aBeginBelowZeroIsWarnedOf() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.write("x.txt", "-0.5\t1\tx\n"))
    #expect(found.rules == ["audacity.row.negative"] && found.samples.first?.annotations.count == 1)
  }
}

@Suite struct AudacityDetectionTests {
  static let contents: [(String, Detection.Confidence?)] = [
    ("0.0\t1.0\ta\n", .likely), ("0,5\t1,5\n", .likely), ("0\t1\ta\n\\\t1\t2\n", .certain), ("\n0\t0\t\n", .likely),
    ("0 0.5 0.5 0.1 0.1\n", nil), ("1,2,3,4\n", nil), ("1\t0\tx\n", nil), ("1\t2\t3\t4\n", nil), ("", nil),
    ("word\tNN\tB-NP\n", nil), ("1\tThe\tDET\n", nil), ("img.jpg\t3\n", nil), ("\\\t1\t2\n", nil),
  ]

  @Test(arguments: contents) func looksAtTheLines(_ content: String, _ expected: Detection.Confidence?) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.txt", content)
    let found = AudacityFormat.detect(try DetectionProbe(DatasetInput(path: path)))
    #expect(found?.confidence == expected && found?.reasons.isEmpty != true)
    let other = try folder.write("x.tsv", content)
    let second = AudacityFormat.detect(try DetectionProbe(DatasetInput(path: other)))
    #expect(second?.confidence == (expected == .likely ? .possible : expected))
  }

  @Test func filesOfYOLOAreLeftAlone() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/classes.txt", "car\nbus\n")
    _ = try folder.write("set/a.txt", "0 0.5 0.5 0.1 0.1\n")
    #expect(AudacityFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("set")))) == nil)
  }
}
