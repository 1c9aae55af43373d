import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillYOLO

/// Rows: what their columns mean, and what is wrong with them.
@Suite struct YOLORowTests {
  enum Place: Equatable, Sendable {
    case box, polygon(Int), pose(Int), fault(String)
  }

  static let columns: [(task: String, count: Int, place: Place, hasConfidence: Bool)] = [
    ("auto", 5, .box, false), ("auto", 6, .box, true), ("auto", 7, .polygon(3), false),
    ("auto", 9, .fault("yolo.row.ambiguous"), false),
    ("auto", 11, .polygon(5), false), ("auto", 109, .polygon(54), false), ("auto", 8, .fault("yolo.row.columns"), false),
    ("auto", 4, .fault("yolo.row.columns"), false), ("auto", 1, .fault("yolo.row.columns"), false),
    ("detect", 5, .box, false), ("detect", 6, .box, true), ("detect", 9, .polygon(4), false), ("detect", 7, .polygon(3), false),
    ("detect", 10, .fault("yolo.row.columns"), false), ("detect", 3, .fault("yolo.row.columns"), false),
    ("segment", 5, .box, false), ("segment", 6, .box, true), ("segment", 7, .polygon(3), false), ("segment", 9, .polygon(4), false),
    ("segment", 10, .polygon(4), true), ("segment", 2, .fault("yolo.row.columns"), false),
    ("obb", 5, .box, false), ("obb", 9, .polygon(4), false), ("obb", 10, .polygon(4), true),
    ("obb", 6, .fault("yolo.row.columns"), false),
    ("obb", 7, .fault("yolo.row.columns"), false), ("obb", 11, .fault("yolo.row.columns"), false),
    ("pose", 5, .box, false), ("pose", 11, .pose(2), false), ("pose", 12, .pose(2), true),
    ("pose", 9, .fault("yolo.row.columns"), false),
    ("pose", 13, .fault("yolo.row.columns"), false),
  ]

  @Test(arguments: columns)
  func columnsSayThePlace(_ given: (task: String, count: Int, place: Place, hasConfidence: Bool)) throws {
    let folder = try TemporaryFolder()
    let row = "1" + String(repeating: " 0.25", count: given.count - 1)
    var options = [("task", given.task)]
    if given.task == "pose" { options.append(("keypoints", "2x3")) }
    let data = try read(try folder.dataset(row), options)
    let sample = try #require(data.samples.first)
    if case .fault(let rule) = given.place {
      #expect(data.rules == [rule] && sample.annotations.isEmpty)
      let range = try #require(data.diagnostics.items.first?.range)
      #expect(range.offset == 0 && range.length == row.utf8.count)
      #expect(data.diagnostics.items.allSatisfy { $0.message.contains("yolo:task") || given.task != "auto" })
      return
    }
    #expect(data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    let annotation = try #require(sample.annotations.first)
    #expect(annotation.label == LabelID(index: 1))
    #expect(annotation.confidence == (given.hasConfidence ? 0.25 : nil))
    switch given.place {
    case .box:
      #expect(annotation.box == Box(0.25, 0.25, 0.25, 0.25, form: .centered, unit: .unit))
      #expect(annotation.shape == nil && annotation.keypoints == nil)
    case .polygon(let points):
      #expect(annotation.shape == .polygon(Polygon(coordinates: Array(repeating: 0.25, count: points * 2), unit: .unit)))
      #expect(annotation.box == nil)
    case .pose(let points):
      #expect(annotation.box != nil && annotation.keypoints?.points.count == points && annotation.keypoints?.unit == .unit)
      #expect(annotation.keypoints?.points.first?.visibility == 0.25)
    case .fault: break
    }
  }

  @Test func aPoseNeedsTheShapeOfItsKeypoints() throws {
    let folder = try TemporaryFolder()
    let rows = "0 .5 .5 .5 .5 .1 .1 .2 .2 .3 .3\n"
    let unknown = try read(try folder.dataset(rows), [("task", "pose")])
    #expect(unknown.rules == ["yolo.row.columns"] && unknown.diagnostics.items[0].message.contains("keypoints=17x3"))
    let given = try read(try folder.dataset(rows), [("keypoints", "3x2")])
    #expect(given.diagnostics.isEmpty && given.samples[0].annotations[0].keypoints?.points.map(\.visibility) == [nil, nil, nil])
    for wrong in ["17", "x", "3x4", "0x2", "-1x3", "3x2x1", "20000x3"] {
      #expect(throws: (any Error).self, "\(wrong)") { try read(try folder.dataset(rows), [("keypoints", wrong)]) }
    }
  }

  static let numbers: [(String, Double?)] = [
    ("0.5", 0.5), (".5", 0.5), ("5.", 5), ("+0.5", 0.5), ("-.5", -0.5), ("1e-05", 1e-05), ("1E2", 100), ("007", 7), ("0", 0),
    ("-0.0", 0),
    ("0.1234567890123456789", 0.12345678901234568), ("4.9e-324", Double.leastNonzeroMagnitude),
    ("x", nil), ("nan", nil), ("NaN", nil), ("inf", nil), ("-inf", nil), ("1e999", nil), ("0x10", nil), ("1,5", nil),
    ("1_000", nil), (".", nil),
    ("-", nil), ("e5", nil), ("1e", nil), ("--1", nil), ("1.2.3", nil), ("٣", nil), ("1\u{0}", nil),
  ]

  @Test(arguments: numbers) func numbersInAllSpellings(_ spelled: String, _ value: Double?) throws {
    let folder = try TemporaryFolder()
    let data = try read(try folder.dataset("0 0.5 \(spelled) 0.5 0.5\n"))
    #expect(data.samples[0].annotations.first?.box?.second == value)
    #expect(data.rules.contains("yolo.row.number") == (value == nil))
    if value == nil { #expect(data.diagnostics.items.first?.range?.offset == 6) }
  }

  static let classes: [(String, Int?, String?)] = [
    ("0", 0, nil), ("1", 1, nil), ("1.0", 1, "yolo.row.class-spelling"), ("00", 0, nil), ("+1", 1, nil), ("1e0", 1, nil),
    ("2", nil, "yolo.row.class-range"), ("999999999", nil, "yolo.row.class-range"), ("1.5", nil, "yolo.row.class"),
    ("-1", nil, "yolo.row.class"), ("-0", nil, "yolo.row.class"), ("car", nil, "yolo.row.class"), ("1e30", nil, "yolo.row.class"),
    ("18446744073709551616", nil, "yolo.row.class"), ("nan", nil, "yolo.row.class"), ("\u{1b}[2J", nil, "yolo.row.class"),
  ]

  @Test(arguments: classes) func classNumbers(_ spelled: String, _ number: Int?, _ rule: String?) throws {
    let folder = try TemporaryFolder()
    let data = try read(try folder.dataset("\(spelled) 0.5 0.5 0.5 0.5\n"))
    #expect(data.samples[0].annotations.first?.label.map { Int($0.index) } == number)
    #expect(data.rules == (rule.map { [$0] } ?? []))
    #expect(data.diagnostics.items.allSatisfy { !$0.message.contains("\u{1b}") })
  }

  @Test func oddLinesAreReadAndNamed() throws {
    let folder = try TemporaryFolder()
    let rows =
      "\u{FEFF}0 0.5 0.5 0.5 0.5  \r\n\r\n   \n\t1\t0.5\t0.5 0.5\u{c}0.25\r\n0 0.5 0.5 0.5 0.5\n0 1.5 0.5 0.5 0.5\n1 0.5 -0.25 0.5 0.5"
    let data = try read(try folder.dataset(rows))
    #expect(data.rules == ["yolo.file.bom", "yolo.row.duplicate", "yolo.row.outside", "yolo.row.outside"])
    #expect(data.diagnostics.items.allSatisfy { $0.severity == .warning })
    #expect(data.samples[0].annotations.map(\.box?.fourth) == [0.5, 0.25, 0.5, 0.5, 0.5])
    #expect(data.samples[0].annotations.map(\.box?.first) == [0.5, 0.5, 0.5, 1.5, 0.5])
  }

  @Test func aWrongRowLeavesTheOthers() throws {
    let folder = try TemporaryFolder()
    let data = try read(try folder.dataset("0 0.5 0.5 0.5 0.5\n0 0.5\n1 0.5 0.5 -0.5 0.5\n1 0.5 0.5 0.5 0.5\n"))
    #expect(data.rules == ["yolo.row.columns", "yolo.row.negative"])
    #expect(data.diagnostics.items.map(\.range?.offset) == [18, 24])
    #expect(data.samples[0].annotations.count == 2)
  }

  @Test func manyRowsAndDuplicatesAreCounted() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<200).map { "0 0.5 0.5 0.5 \(Double($0 % 100) / 128)" }.joined(separator: "\n")
    let data = try read(try folder.dataset(rows))
    #expect(data.samples[0].annotations.count == 200)
    #expect(data.diagnostics.counts.map(\.count) == [100] && data.rules.first == "yolo.row.duplicate")
  }

  @Test func visibilitiesAreNoCoordinates() throws {
    let folder = try TemporaryFolder()
    let yaml = "train: images\nkpt_shape: [2, 3]\nnames: [a]\n"
    #expect(try read(try folder.dataset("0 .5 .5 .5 .5 .1 .1 2 .2 .2 1\n", yaml: yaml)).rules == [])
    #expect(try read(try folder.dataset("0 .5 .5 .5 .5 .1 1.1 2 .2 .2 1\n", yaml: yaml)).rules == ["yolo.row.outside"])
  }

  /// Cut anywhere and changed anywhere: annotations or located problems, never a trap.
  @Test func brokenFilesNeverTrap() throws {
    var seeds = SeededNumbers(seed: testSeed(43))
    let whole = Array("0 0.5 0.5 0.25 0.25\r\n1 0.1 0.2 0.3 0.4 0.5 0.6\n1.0 1e-3 .5 5. +0.5 0.875\n".utf8)
    let marks = Array("0123456789.-+eE \t\r\n\u{0}x".utf8)
    var index = YOLOIndex()
    index.classCount = 2
    let file = ReadContext(sources: SourceMap()).sources.add("x.txt")
    for round in 0..<3000 {
      var bytes = round <= whole.count ? Array(whole.prefix(round)) : whole
      if round > whole.count { for _ in 0..<3 { bytes[seeds.below(bytes.count)] = seeds.pick(marks) } }
      index.task = [nil, .detect, .segment, .obb, .pose][round % 5]
      index.keypoints = round % 2 == 0 ? YOLOKeypointShape(count: 1, numbers: 2) : nil
      let context = ReadContext(sources: SourceMap(), limitPerRule: 100)
      var rows = YOLORows()
      var annotations: [Annotation] = []
      bytes.withUnsafeBytes { rows.read($0, file, index, into: &annotations, context) }
      let lines = bytes.split(separator: 10).filter { line in line.contains { !YOLOLines.isBlank($0) } }
      let errors = context.diagnostics.count(atLeast: .error)
      #expect(annotations.count + errors == lines.count, "\(String(decoding: bytes, as: UTF8.self))")
      for item in context.diagnostics.items {
        let range = try #require(item.range)
        #expect(range.offset >= 0 && range.offset + range.length <= bytes.count + 1)
      }
    }
  }
}
