import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillYOLO

/// Folders, data files and lists.
@Suite struct YOLOReaderTests {
  @Test(arguments: ["names: [a, 'b c']", "names:\n- a\n- b c", "names:\n  0: a\n  1: b c", "names: {0: a, 1: \"b c\"}"])
  func namesAreListsOrMappings(_ names: String) throws {
    let folder = try TemporaryFolder()
    let data = try read(try folder.dataset("", yaml: "train: images\n\(names)\n"))
    #expect(data.names == ["a", "b c"] && data.header.labelsAreComplete)
    #expect(data.header.labels.labels.allSatisfy { $0.id == nil } && data.diagnostics.isEmpty)
  }

  @Test func gapsInTheNumbersAreKeptAsIDs() throws {
    let folder = try TemporaryFolder()
    let data = try read(
      try folder.dataset("7 .5 .5 .5 .5\n0 .5 .5 .5 .5\n2 .5 .5 .5 .25\n", yaml: "train: images\nnames: {7: x, 2: y}\n"))
    #expect(data.header.labels.labels.map(\.id) == [.integer(7), .integer(2)])
    #expect(data.samples[0].annotations.map(\.label) == [LabelID(index: 0), LabelID(index: 1)])
    #expect(data.rules == ["yolo.row.class-range"])
  }

  static let problems: [(String, String)] = [
    ("names: [a]\nnc: 2\n", "yolo.yaml.nc"), ("names: [a]\nnc: x\n", "yolo.yaml.nc"), ("names: [a, a]\n", "yolo.names.duplicate"),
    ("nc: 3\n", "yolo.names.missing"), ("names: a\n", "yolo.yaml.names"), ("names: [[a]]\n", "yolo.yaml.names"),
    ("names: {-1: a}\n", "yolo.yaml.names"), ("names: [a]\ntask: classify\n", "yolo.yaml.task"),
    ("names: [a]\ntask: [x]\n", "yolo.yaml.task"),
    ("names: [a]\nkpt_shape: 17\n", "yolo.yaml.kpt-shape"), ("names: [a]\nkpt_shape: [17, 4]\n", "yolo.yaml.kpt-shape"),
    ("names: [a]\nkpt_shape: [99999999999, 3]\n", "yolo.yaml.kpt-shape"), ("names: [a]\nval: [[x]]\n", "yolo.yaml.split"),
    ("names: [a]\nval: nowhere\n", "yolo.split.missing"), ("names: [a]\nval: nowhere.txt\n", "yolo.split.missing"),
    ("names: [a]\nval: ../../../../etc\n", "yolo.split.missing"), ("names: [a\n", "yaml.syntax"), ("- a\n", "yolo.yaml.root"),
    ("names: [a]\nval: *x\n", "yaml.unsupported"), ("names: [a]\nnames: [b]\n", "yaml.duplicate-key"),
  ]

  @Test(arguments: problems) func problemsOfTheYAMLHaveAPlace(_ yaml: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.dataset("", yaml: yaml.hasPrefix("-") ? yaml : "train: images\n" + yaml) + "/data.yaml"
    let data = try read(path)
    let found = try #require(data.diagnostics.items.first { $0.rule == rule }, "\(data.rules)")
    #expect(found.range != nil)
    #expect(YOLOFormat.descriptor.rules.contains { $0.id == rule && $0.severity == found.severity })
  }

  @Test func classesWithoutNamesAreNumbers() throws {
    let folder = try TemporaryFolder()
    let counted = try read(try folder.dataset("1 .5 .5 .5 .5", yaml: "train: images\nnc: 3\n"))
    #expect(counted.names == ["0", "1", "2"])
    _ = try folder.write("bare/labels/a.txt", "4 .5 .5 .5 .5\n2 .5 .5 .5 .5\n")
    let bare = try read(folder.file("bare"))
    #expect(bare.names == ["0", "1", "2", "3", "4"] && bare.samples[0].annotations[0].label == LabelID(index: 4))
  }

  @Test func splitsAreFoldersListsAndSeveralOfThem() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "d/data.yaml", "path: set\ntrain: [images/a, more.txt]\nval: images/b\ntest:\nsmall: tiny.txt\nnames: [x]\n")
    for name in ["a/1", "a/deep/2", "b/1", "c/9", "t"] { _ = try folder.write("d/set/images/\(name).jpg", "") }
    _ = try folder.write("d/set/labels/a/1.txt", "0 .5 .5 .5 .5\n")
    _ = try folder.write("d/set/more.txt", "./images/c/9.jpg\r\n\r\n  ./images/gone.png  \n")
    _ = try folder.write("d/set/tiny.txt", "./images/t.jpg")
    for input in ["d", "d/data.yaml", "d/"] {
      let data = try read(folder.file(input))
      #expect(data.keys == ["a/1.jpg", "a/deep/2.jpg", "c/9.jpg", "gone.png", "b/1.jpg", "t.jpg"])
      #expect(data.samples.map(\.split) == ["train", "train", "train", "train", "validation", "small"])
      #expect(data.splits == ["train", "validation", "small"])
      #expect(data.sample("a/1.jpg")?.annotations.count == 1 && data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    }
  }

  @Test func unlabeledIsNotLabeledWithNothing() throws {
    let folder = try TemporaryFolder()
    let path = try folder.dataset("")
    _ = try folder.write(URL(fileURLWithPath: path).lastPathComponent + "/images/y.jpg", "")
    let data = try read(path)
    #expect(data.sample("x.jpg")?.preserved.isEmpty == true)
    #expect(data.sample("y.jpg").map { String(decoding: $0.preserved["yolo"], as: UTF8.self) } == #""unlabeled":true"#)
  }

  @Test func labelFilesWithoutImagesAreRead() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/data.yaml", "train: train/images\nnames: [x]\n")
    _ = try folder.write("d/train/images/a.jpg", "")
    for name in ["train/labels/a", "train/labels/lost", "val/labels/other"] {
      _ = try folder.write("d/\(name).txt", "0 .5 .5 .5 .5\n")
    }
    for name in ["train/labels/README", "train/labels/classes", "notes/x"] { _ = try folder.write("d/\(name).txt", "some words\n") }
    _ = try folder.write("d/val/images/other.png", "")
    let data = try read(folder.file("d"))
    #expect(data.keys == ["train/images/a.jpg", "train/images/lost", "val/images/other.png"])
    #expect(data.samples.map(\.split) == ["train", "train", "validation"])
    #expect(data.rules == ["yolo.label.no-image", "yolo.label.unlisted"])
    #expect(data.samples.map(\.annotations.count) == [1, 1, 1])
  }

  @Test func labelsMayComeWithoutTheirImages() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/data.yaml", "train: images/a\nval: ../b/images\nnames: [x]\n")
    for name in ["labels/a/1", "b/labels/2"] { _ = try folder.write("d/\(name).txt", "0 .5 .5 .5 .5\n") }
    let data = try read(folder.file("d"))
    #expect(data.keys == ["a/1", "b/images/2"] && data.samples.map(\.split) == ["train", "validation"])
    #expect(data.rules == ["yolo.label.no-image", "yolo.label.no-image"])
  }

  @Test func anImageIsInOneSplit() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/data.yaml", "train: a.txt\nval: [b.txt, a.txt]\nnames: [x]\n")
    _ = try folder.write("d/a.txt", "./images/1.jpg\n./images/2.jpg\n")
    _ = try folder.write("d/b.txt", "./images/2.jpg\n./images/3.jpg\n")
    let data = try read(folder.file("d"))
    #expect(data.keys == ["1.jpg", "2.jpg", "3.jpg"] && data.samples.map(\.split) == ["train", "train", "validation"])
    #expect(data.rules == ["yolo.image.two-splits", "yolo.image.two-splits"])
    #expect(data.diagnostics.items.map(\.range?.offset) == [0, 26])
  }

  @Test func linesOfOtherMachinesAreFound() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/obj.data", "classes = 1\ntrain = C:/work/data/train.txt\nnames = /home/x/obj.names\nbackup=b/\n")
    _ = try folder.write("d/obj.names", "x\n\n")
    _ = try folder.write("d/train.txt", "C:/work/data/img/1.jpg\nC:/work/data/img/2.jpg\n/elsewhere/3.jpg\n")
    _ = try folder.write("d/img/1.txt", "0 .5 .5 .5 .5\n")
    let data = try read(folder.file("d"))
    #expect(data.keys == ["img/1.jpg", "img/2.jpg", "/elsewhere/3.jpg"] && data.names == ["x"])
    #expect(data.samples.map(\.annotations.count) == [1, 0, 0] && data.diagnostics.isEmpty, "\(data.rules)")
    #expect(String(decoding: data.header.preserved["yolo"], as: UTF8.self).contains(#""data":{"backup":"b/"}"#))
  }

  @Test func namesAndListsAreUTF8() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/obj.data", "names = obj.names\ntrain = train.txt\n")
    _ = try folder.write("d/obj.names", Array("x\n".utf8) + [0xB0, 0xA1, 0x0A])
    _ = try folder.write("d/train.txt", Array("a/".utf8) + [0xE9] + Array(".jpg\n".utf8))
    let data = try read(folder.file("d"))
    #expect(data.rules.sorted() == ["yolo.file.encoding", "yolo.file.encoding"])
    #expect(data.diagnostics.items.map(\.range?.offset) == [2, 2])
  }

  @Test func linesOfManyFoldersCostNoTime() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/obj.data", "names = obj.names\ntrain = train.txt\n")
    _ = try folder.write("d/obj.names", "x\n")
    let deep = String(repeating: "a/", count: 400_000)
    _ = try folder.write("d/train.txt", "\(deep)1.jpg\n\(String(repeating: "../", count: 400_000))2.jpg\n\(deep)b/1.jpg\n")
    _ = try folder.write("d/b/1.txt", "0 .5 .5 .5 .5\n")
    let data = try read(folder.file("d"))
    #expect(data.samples.map(\.annotations.count) == [0, 0, 1] && data.samples[2].key == "b/1.jpg")
  }

  @Test func nothingOutsideTheFolderIsRead() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("secret/labels/a.txt", "0 .5 .5 .5 .5\n")
    _ = try folder.write("secret/images/a.jpg", "")
    _ = try folder.write("d/data.yaml", "path: ../secret\ntrain: images\nval: l.txt\nnames: [x]\n")
    _ = try folder.write("d/l.txt", "../secret/images/a.jpg\n\(folder.file("secret/images/a.jpg"))\n./../secret/images/a.jpg\n")
    let data = try read(folder.file("d"))
    #expect(data.samples.allSatisfy { $0.annotations.isEmpty })
    let given = try read(folder.file("d"), [("root", folder.file("secret"))])
    #expect(given.keys == ["a.jpg"] && given.samples[0].annotations.count == 1)
  }

  @Test func aFolderMayHoldTheDatasetInAFolder() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("zip/set/data.yaml", "train: images\nnames: [x]\n")
    _ = try folder.write("zip/set/images/1.jpg", "")
    let registry = FormatRegistry([YOLOFormat.self])
    let choice = try registry.detect(try DatasetInput(path: folder.file("zip")))
    #expect(choice.detection?.confidence == .certain)
    #expect(try read(folder.file("zip")).keys == ["1.jpg"])
  }

  static let detections: [([String: String], Detection.Confidence?)] = [
    (["data.yaml": "names: [a]\ntrain: x\n"], .certain), (["any.yml": "nc: 1\nval: x\n"], .certain),
    (["obj.data": "names = x\ntrain = y\n"], .certain),
    (["config.yaml": "name: a\ntrain: x\n"], nil), (["args.yaml": "task: detect\ndata: x\n"], nil), (["x.data": "a = b\n"], nil),
    (["classes.txt": "a\n", "1.txt": "0 .5 .5 .5 .5\n"], .likely), (["labels/1.txt": "0 .5 .5 .5 .5\n"], .likely),
    (["1.txt": "0 .5 .5 .5 .5\n"], .possible), (["1.txt": "words and words\n"], nil), (["classes.txt": "a\n"], nil),
    (["labelTxt/1.txt": "398.0 716.0 398.0 694.0 464.0 698.0 465.0 718.0 plane 0\n"], nil), (["a.csv": "0 .5 .5 .5 .5\n"], nil),
  ]

  @Test(arguments: detections.indices) func isDetectedByItsContent(_ position: Int) throws {
    let (files, confidence) = Self.detections[position]
    let folder = try TemporaryFolder()
    for (name, content) in files { _ = try folder.write("d/\(name)", content) }
    let found = YOLOFormat.detect(try DetectionProbe(DatasetInput(path: folder.file("d"))))
    #expect(found?.confidence == confidence, "\(files)")
    #expect(found?.reasons.isEmpty != true)
  }
}
