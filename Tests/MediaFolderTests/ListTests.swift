import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// Lists of paths and class numbers.
@Suite struct ListTests {
  static let lines: [(String, String, [Int])] = [
    ("a.jpg 3", "a.jpg", [3]), ("a.jpg", "a.jpg", []), ("a b.jpg 0", "a b.jpg", [0]), ("a.jpg\t12", "a.jpg", [12]),
    ("  a.jpg  1  2 ", "a.jpg", [1, 2]), ("\"a 3\" 4", "a 3", [4]), ("\"a 3\"", "a 3", []), ("\"a\".jpg 1", "\"a\".jpg", [1]),
    ("5", "5", []), ("5 6", "5", [6]), ("a 3", "a", [3]), ("a.jpg 1x", "a.jpg 1x", []), ("a.jpg -1", "a.jpg -1", []),
    ("a.jpg 1234567890", "a.jpg 1234567890", []), ("a.jpg 123456789", "a.jpg", [123_456_789]), ("\"\" 1", "\"\"", [1]),
    ("\"a b", "\"a b", []), ("\"a\" x 1", "\"a\" x", [1]), ("a.jpg 1\r", "a.jpg", [1]), ("é.png 7", "é.png", [7]),
  ]

  @Test(arguments: lines) func linesAreAPathAndNumbers(_ text: String, _ path: String, _ classes: [Int]) throws {
    let bytes = Array(text.utf8)
    try bytes.withUnsafeBytes { raw in
      let line = try #require(ListLine(raw, 0..<raw.count))
      #expect(String(decoding: raw[line.path], as: UTF8.self) == path)
      #expect(line.classes.map(\.number) == classes)
      for (number, range) in line.classes { #expect(Int(String(decoding: raw[range], as: UTF8.self)) == number) }
    }
  }

  @Test(arguments: ["", " ", "\t\r", "  "]) func blankLinesAreNone(_ text: String) {
    Array(text.utf8).withUnsafeBytes { #expect(ListLine($0, 0..<$0.count) == nil) }
  }

  @Test(arguments: [
    "a.jpg", "a b.jpg", "a 3", "3", "a", "\"a\".jpg", "d/é 1.png", "x\ty.png", " a", "a ", "a  7", "\"", "\"a", "a\"",
  ]) func pathsComeBackWithAndWithoutNumbers(_ path: String) throws {
    try #require(ListLine.canHold(path))
    for classes in [[], [5], [0, 12]] {
      var out = ByteBuffer()
      ListLine.append(path, to: &out)
      for number in classes { out.append(" \(number)") }
      let line = try #require(ListLine(out.bytes, 0..<out.count))
      #expect(String(decoding: UnsafeRawBufferPointer(rebasing: out.bytes[line.path]), as: UTF8.self) == path, "\(out.string())")
      #expect(line.classes.map(\.number) == classes)
    }
  }

  @Test(arguments: ["", "a\nb", "a\r", "\"a\"", "\"a b\" c\" 1", "\u{FEFF}a", String(repeating: "x", count: 5000)])
  func pathsThatAreNoLinesAreRefused(_ path: String) { #expect(!ListLine.canHold(path)) }

  @Test func listsAreReadInTheOrderOfTheirSplits() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      [],
      [
        "test.txt": "t.jpg\n", "val.txt": "\u{FEFF}v.jpg 1\r\n", "train.txt": "b.jpg 0\n\na.jpg 1 0", "extra.txt": "e.jpg 0\n",
        "dataset.txt": "n.jpg 1\n", "synsets.txt": "n01\nn02\n\n", "sub/labels.txt": "wrong\n",
      ])
    let found = try read(path, demand: Demand(labels: true, splits: true))
    #expect(found.keys == ["b.jpg", "a.jpg", "v.jpg", "t.jpg", "e.jpg", "n.jpg"])
    #expect(found.splits == ["train", "validation", "test", "extra"])
    #expect(found.samples.map(\.split) == ["train", "train", "validation", "test", "extra", nil])
    #expect(found.classes("a.jpg") == ["n02", "n01"] && found.classes("t.jpg") == [] && found.labels == ["n01", "n02"])
    #expect(found.diagnostics.isEmpty)
  }

  @Test func mediaMayLieInFoldersCalledLikeTheList() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      ["images/a.png", "train/b.png", "c.png", "d.png"], ["train.txt": "a.png 0\nb.png 0\nc.png 0\n", "classes.txt": "x\n"])
    let found = try read(path)
    #expect(found.rules == ["list.unlisted"] && found.diagnostics.items[0].message.contains("d.png"))
    let resolver = MediaResolver(folders: found.mediaFolders)
    for (key, place) in [("a.png", "images/a.png"), ("b.png", "train/b.png"), ("c.png", "c.png")] {
      #expect(resolver.path(of: key) == "\(path)/\(place)")
    }
  }

  @Test func classesWithoutNamesAreNumbers() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree([], ["train.txt": "a.jpg 2\nb.jpg 0\n", "odd.txt": "cat\ndog\n"])
    let found = try read(path)
    #expect(found.labels == ["0", "1", "2"] && found.rules == ["file.other", "names.missing"])
    let named = try read(path, [("names", "odd.txt")])
    #expect(named.labels == ["cat", "dog"] && named.places("list.class-range") == [[6, 1]] && named.classes("a.jpg") == [])
    #expect(throws: DatasetError.self) { try read(path, [("names", "gone.txt")]) }
    // A number that no dataset has does not make a table of as many names.
    let huge = try read(try folder.tree([], ["train.txt": "a.jpg 999999999\n"]))
    #expect(huge.labels.count == 65536 && huge.rules.contains("list.class-range"))
  }

  @Test func namesAreLines() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.tree([], ["train.txt": "a.jpg 2\n", "classes.txt": "tench, Tinca tinca\n\nx\nx\n\n\n"]))
    #expect(found.labels == ["tench, Tinca tinca", "x", "x"] && found.rules == ["names.blank", "names.duplicate"])
  }

  @Test func pathsThatLeaveTheFolderAreErrors() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "x", count: 5000)
    let found = try read(
      try folder.tree([], ["train.txt": "a.jpg 0\n../b.jpg 0\n/c.jpg 0\nx/../../d.jpg 0\n\(long).jpg 0\n", "classes.txt": "x"]))
    #expect(found.keys == ["a.jpg"] && found.rules == Array(repeating: "list.path", count: 4))
  }

  @Test func aListAloneIsRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree([], ["val.txt": "a.jpg 1\n", "classes.txt": "x\ny\n"])
    let found = try read("\(path)/val.txt")
    #expect(found.classes("a.jpg") == ["y"] && found.sample("a.jpg")?.split == "validation")
    #expect(throws: DatasetError.self) { try read("\(path)/val.txt", [("layout", "metadata")]) }
  }

  @Test func encodingIsChecked() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree([], ["classes.txt": "x"])
    try Data([0x61, 0xFF, 0x2E, 0x6A, 0x70, 0x67]).write(to: URL(fileURLWithPath: "\(path)/train.txt"))
    #expect(try read(path).places("file.encoding") == [[1, 1]])
  }

  // MARK: Writing

  @Test func listsAreWrittenForEachSplit() throws {
    let folder = try TemporaryFolder()
    let samples = [
      picture("a.jpg", 1, split: "train"), picture("b 2", 0, 1, split: "validation"), picture("c.jpg"),
      picture("d.jpg", 0, split: "train"), picture("e.jpg", split: "extra"),
    ]
    let report = try write(header("x y", "z"), samples, to: folder.file("out"), [("layout", "list")])
    #expect(report.rules == [])
    #expect(try folder.files(folder.file("out")) == ["classes.txt", "dataset.txt", "extra.txt", "train.txt", "val.txt"])
    #expect(try text(folder.file("out/train.txt")) == "a.jpg 1\nd.jpg 0\n")
    #expect(try text(folder.file("out/val.txt")) == "\"b 2\" 0 1\n" && text(folder.file("out/classes.txt")) == "x y\nz\n")
    let back = try read(folder.file("out"))
    #expect(Set(back.keys) == Set(samples.map(\.key)) && back.diagnostics.isEmpty)
    for sample in samples { #expect(back.sample(sample.key)?.split == sample.split) }
    #expect(back.classes("b 2") == ["x y", "z"])
  }

  @Test func whatListsCannotHoldIsRefused() throws {
    let folder = try TemporaryFolder()
    func rules(_ sample: Sample) throws -> [String] {
      try write(header("a"), [sample], to: folder.file("out"), [("layout", "list")]).rules
    }
    for split in ["classes", "eval", "readme", "a/b", "dataset", ""] {
      #expect(try rules(picture("x.jpg", 0, split: split)) == ["split"], "\(split)")
    }
    #expect(try rules(picture("a\nb.jpg", 0)) == ["path"])
    #expect(try rules(picture("x", 0, split: "extra")) == ["kind"])
    var sound = picture("x", 0)
    sound.media.kind = .audio
    #expect(try rules(sound) == ["kind"])
    #expect(throws: DatasetError.self) {
      try write(header("a\nb"), [picture("x.jpg", 0)], to: folder.file("out"), [("layout", "list")])
    }
  }

  @Test func mediaComeAlong() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree([], ["d/x.jpg": "X"])
    try write(header("a"), [picture("d/x.jpg", 0, split: "train")], to: folder.file("out"), [("layout", "list")], media: media)
    #expect(try folder.files(folder.file("out")) == ["classes.txt", "d/x.jpg", "train.txt"])
    #expect(try read(folder.file("out")).rules == [])
  }
}
