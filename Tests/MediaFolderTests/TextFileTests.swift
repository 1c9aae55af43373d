import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// Labels in text files beside media.
@Suite struct TextFileTests {
  @Test func linesAreLabels() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      ["c.png", "val/d.jpg"],
      ["a.png": "", "a.txt": "\u{FEFF}cat\r\n\r\n \tbig cat \r\n", "b.wav": "", "b.txt": "bark", "val/d.txt": "x\n"])
    let found = try read(path, demand: Demand(labels: true))
    #expect(found.keys == ["a.png", "b.wav", "c.png", "val/d.jpg"])
    #expect(found.classes("a.png") == ["cat", "big cat"] && found.classes("b.wav") == ["bark"] && found.classes("c.png") == [])
    #expect(found.sample("val/d.jpg")?.split == "validation" && found.sample("b.wav")?.media.kind == .audio)
    #expect(found.labels == ["cat", "big cat", "bark", "x"] && found.diagnostics.isEmpty)
  }

  @Test func doubledLabelsAreReportedAndKept() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.tree(["a.png"], ["a.txt": "x\ny\nx\n"]))
    #expect(found.classes("a.png") == ["x", "y", "x"] && found.places("text.duplicate") == [[4, 1]])
  }

  @Test func textsWithoutMediaAreReportedAndRead() throws {
    let folder = try TemporaryFolder()
    let found = try read(
      try folder.tree(["a.png"], ["a.txt": "x\n", "lost/b.txt": "y\n", "README.txt": "z", "classes.txt": "x\ny"]))
    #expect(found.rules == ["text.no-media"] && found.keys == ["a.png", "lost/b"] && found.classes("lost/b") == ["y"])
    #expect(found.places("text.no-media") == [[0, 0]])
  }

  @Test func aTextOfTwoMediaIsReported() throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.tree(["a.png", "a.jpg"], ["a.txt": "x\n"]))
    #expect(found.rules == ["text.shared"] && found.classes("a.jpg") == ["x"] && found.classes("a.png") == ["x"])
  }

  @Test func whatIsNoUTF8IsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["a.png", "b.png"], ["b.txt": "ok\n"])
    try Data([0x63, 0x0A, 0xE9, 0x74]).write(to: URL(fileURLWithPath: "\(path)/a.txt"))
    let found = try read(path)
    #expect(found.keys == ["b.png"] && found.places("file.encoding") == [[2, 1]])
  }

  @Test func aTextThatCannotBeReadIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["a.png"], ["a.txt": "x\n"])
    let reader = MediaFolderReader(
      input: try .init(path: path),
      options: try .init([], declared: MediaFolderFormat.descriptor.readOptions, format: "media-folder"))
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(.init(), context)
    try FileManager.default.removeItem(atPath: "\(path)/a.txt")
    #expect(try reader.decode(0, in: index, context) == nil)
    #expect(context.diagnostics.items.map(\.rule) == ["media-folder.file.unreadable"])
    #expect(try reader.decode(7, in: index, context) == nil)
  }

  @Test func aFolderReadIsWrittenAsItWas() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      ["val/c.png"], ["a.png": "A", "a.txt": "cat\nbig cat\n", "train/b.wav": "B", "train/b.txt": "bark\n"])
    let found = try read(path)
    let report = try write(found.header, found.samples, to: folder.file("out"), media: path)
    #expect(report.rules == [] && report.losses == [])
    #expect(try folder.files(folder.file("out")) == (try folder.files(path)))
    #expect(try text(folder.file("out/a.txt")) == "cat\nbig cat\n" && text(folder.file("out/train/b.wav")) == "B")
  }

  @Test func labelsAloneAreWrittenWhereAsked() throws {
    let folder = try TemporaryFolder()
    try write(
      header("a", "b"), [picture("x.png", 1, 0, split: "train"), picture("y.png")], to: folder.file("out"),
      [("layout", "text-files")])
    #expect(try folder.files(folder.file("out")) == ["train/x.txt"])
    #expect(try text(folder.file("out/train/x.txt")) == "b\na\n")
    #expect(try read(folder.file("out")).classes("train/x") == ["b", "a"])
  }

  @Test(arguments: ["", "a\nb", " a", "a\t", "a\r", "\u{FEFF}a"]) func labelsThatAreNoLinesAreRefused(_ name: String) throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["x.png"])
    let report = try write(header(name), [picture("x.png", 0)], to: folder.file("out"), [("layout", "text-files")], media: media)
    #expect(report.rules == ["label"])
  }

  @Test func collisionsAreFound() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["x.png", "x.jpg", "readme.png"])
    func rules(_ samples: Sample...) throws -> [String] {
      try write(header("a"), samples, to: folder.file("out"), [("layout", "text-files")], media: media).rules
    }
    #expect(try rules(picture("x.png", 0), picture("x.jpg", 0)) == ["collision"])
    #expect(try rules(picture("readme.png", 0)) == ["path"])
    #expect(try rules(picture("x.png", 0, split: "inference")) == ["split"])
    #expect(try rules(picture("train/x.png", 0)) == ["split"])
    #expect(try rules(picture(".x.png", 0)) == ["path"])
  }

  @Test func otherAnswersAreLost() throws {
    let folder = try TemporaryFolder()
    var sample = picture("x.png", 0)
    sample.annotations.append(caption("c"))
    sample.annotations.append(Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent)))
    let report = try write(header("a"), [sample], to: folder.file("out"), [("layout", "text-files")])
    #expect(Set(report.losses) == [.caption, .box, .label])
    #expect(try text(folder.file("out/x.txt")) == "a\n")
  }
}
