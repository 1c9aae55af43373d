import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// Labels in the names of folders.
@Suite struct ClassFolderTests {
  static let places: [(String, String?, String?)] = [
    ("1.png", nil, nil), ("cat/1.png", nil, "cat"), ("animal/cat/1.png", nil, "cat"), ("train/1.png", "train", nil),
    ("train/cat/1.png", "train", "cat"), ("Train/cat/1.png", "train", "cat"), ("val/cat/1.png", "validation", "cat"),
    ("valid/c/1.png", "validation", "c"), ("validation/c/1.png", "validation", "c"), ("dev/c/1.png", "validation", "c"),
    ("test/c/1.png", "test", "c"), ("testing/c/1.png", "test", "c"), ("eval/c/1.png", "test", "c"), ("training/a", "train", nil),
    ("cat/train/1.png", nil, "train"), ("data/train/cat/1.png", "train", "cat"), ("data/cat/1.png", nil, "cat"),
    ("data/1.png", nil, "data"), ("data/train/1.png", "train", nil), ("trains/1.png", nil, "trains"),
    ("é/x.png", nil, "é"), ("a b/c d/e f.png", nil, "c d"), ("train/train/1.png", "train", "train"), ("train", nil, nil),
  ]

  @Test(arguments: places) func foldersTellSplitAndClass(_ path: String, _ split: String?, _ label: String?) {
    let place = MediaPlaces().place(of: path)
    #expect(place.split == split && place.label == label)
    #expect(path.utf8.dropFirst(place.splitLength).first != 0x2F)
  }

  @Test func theLevelOfTheClassIsAnOption() {
    #expect(MediaPlaces(level: .first).place(of: "train/a/b/c/1.png").label == "a")
    #expect(MediaPlaces(level: .path).place(of: "train/a/b/c/1.png").label == "a/b/c")
    #expect(MediaPlaces(level: .path).place(of: "1.png").label == nil)
    #expect(MediaPlaces(hasSplits: false).place(of: "train/1.png") == .init(split: nil, splitLength: 0, label: "train"))
  }

  @Test func kindsAreToldByEndings() {
    #expect(MediaPlaces.kind(of: "a.JPG") == .image && MediaPlaces.kind(of: "a/b.c.webp") == .image)
    #expect(MediaPlaces.kind(of: "a.Wav") == .audio && MediaPlaces.kind(of: "a.mkv") == .video)
    for path in ["a.txt", "jpg", ".jpg", "a.", "a", "a.jpg.txt", "a.json"] { #expect(MediaPlaces.kind(of: path) == nil, "\(path)") }
  }

  @Test func picturesSoundAndFilmsAreRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["dog/1.png", "ant/2.wav", "Cat/3.mp4", "root.jpg", ".hidden/x.png", "dog/.y.png"])
    let found = try read(path, demand: Demand(labels: true, splits: true))
    #expect(found.keys == ["Cat/3.mp4", "ant/2.wav", "dog/1.png", "root.jpg"])
    #expect(found.samples.map(\.media.kind) == [.video, .audio, .image, .image])
    #expect(found.labels == ["Cat", "ant", "dog"] && found.header.labelsAreComplete)
    #expect(found.classes("dog/1.png") == ["dog"] && found.classes("root.jpg") == [])
    #expect(found.samples.allSatisfy { $0.split == nil && $0.media.location == $0.key && $0.source != nil })
    #expect(found.splits == [] && found.mediaFolders == [path] && found.diagnostics.isEmpty)
  }

  @Test func emptyFoldersAreClasses() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["train/dog/1.png"])
    for name in ["train/ant", "train/zebra/deep", "test", ".hidden"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
    let found = try read(path)
    #expect(found.labels == ["ant", "deep", "dog"] && found.keys == ["train/dog/1.png"])
    #expect(try read(try folder.tree(["x/1.png"]), [("level", "path")]).labels == ["x"])
  }

  @Test func aFileOfNamesHasTheOrder() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["b/1.png", "a/2.png", "new/3.png"], ["classes.txt": "b\nunused\na\n", "labels.txt": "x\n"])
    let found = try read(path)
    #expect(found.labels == ["b", "unused", "a", "new"])
    #expect(found.classes("new/3.png") == ["new"] && found.rules == ["file.other"])
  }

  @Test func otherFilesAreReportedAndThoseForPeopleAreNot() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["a/1.png", "README.md", "LICENSE", "a/Thumbs.db", "a/1.xml", "notes.txt"])
    #expect(try read(path, [("layout", "class-folders")]).rules == ["file.other", "file.other"])
  }

  @Test func splitsBesideClassesAreReported() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["train/1.png", "train/2.png", "boat/1.png", "car/1.png"])
    let found = try read(path)
    #expect(found.rules == ["folder.split-or-class"] && found.sample("train/1.png")?.split == "train")
    #expect(found.diagnostics.items[0].message.contains("splits=no"))
    let other = try read(path, [("splits", "no")])
    #expect(other.rules == [] && other.classes("train/1.png") == ["train"] && other.labels == ["boat", "car", "train"])
    // With classes in it, it is a split as any other.
    #expect(try read(try folder.tree(["train/boat/1.png", "car/2.png"])).rules == [])
  }

  @Test func anEmptyFolderIsNoDataset() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree([])
    #expect(throws: DatasetError.self) { try read(path) }
    #expect(throws: DatasetError.self) { try read(path, [("layout", "list")]) }
    #expect(throws: DatasetError.self) { try read(path, [("layout", "metadata")]) }
    #expect(throws: DatasetError.self) { try read(path, [("layout", "text-files")]) }
  }

  @Test func linksOutAndInCirclesDoNoHarm() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(["a/1.png"])
    try FileManager.default.createSymbolicLink(atPath: "\(path)/a/up", withDestinationPath: "..")
    try FileManager.default.createSymbolicLink(atPath: "\(path)/a/gone.png", withDestinationPath: "nowhere")
    let found = try read(path)
    #expect(found.keys == ["a/1.png"])
    #expect(found.rules == ["dataset.entry-skipped", "dataset.entry-skipped"])
  }

  // MARK: Writing

  @Test func aFolderReadIsWrittenAsItWas() throws {
    let folder = try TemporaryFolder()
    let names = ["val/cat/1.png", "data/train/dog/x/2.png", "3.png", "test/4.jpg", "a/b/5.wav"]
    let path = try folder.tree([], Dictionary(uniqueKeysWithValues: names.map { ($0, "bytes of \($0)") }))
    let found = try read(path)
    let report = try write(found.header, found.samples, to: folder.file("out"), media: path)
    #expect(report.rules == [] && report.losses == [])
    #expect(try folder.files(folder.file("out")) == names.sorted())
    for name in names { #expect(try text(folder.file("out/\(name)")) == "bytes of \(name)") }
    let again = try read(folder.file("out"))
    #expect(again.keys == found.keys && again.labels == found.labels)
    #expect(again.samples.map(\.annotations) == found.samples.map(\.annotations))
  }

  @Test func samplesOfOtherFormatsGoToFoldersOfTheirClass() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["in/1.png", "2.png", "b/3.png", "train/cat/4.png", "old/cat/5.png", "s/6.png"])
    let samples = [
      picture("in/1.png", 0, split: "train"), picture("2.png", 1), picture("b/3.png", split: "validation"),
      picture("train/cat/4.png", 0, split: "train"), picture("old/cat/5.png", 0), picture("s/6.png", 0, split: "test"),
    ]
    let report = try write(header("cat", "dog"), samples, to: folder.file("out"), [("layout", "class-folders")], media: media)
    #expect(report.rules == [])
    #expect(
      try folder.files(folder.file("out")) == [
        "dog/2.png", "old/cat/5.png", "test/cat/6.png", "train/cat/1.png", "train/cat/4.png", "validation/3.png",
      ])
    let back = try read(folder.file("out"))
    #expect(back.classes("train/cat/1.png") == ["cat"] && back.sample("validation/3.png")?.split == "validation")
  }

  @Test func namesOfClassesAreWrittenWhereFoldersDoNotTellThem() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["1.png", "2.png"])
    let samples = [picture("1.png", 0), picture("2.png", 1)]
    func written(_ header: DatasetHeader, _ name: String) throws -> [String] {
      try write(header, samples, to: folder.file(name), [("layout", "class-folders")], media: media)
      #expect(try read(folder.file(name)).labels == header.labels.labels.map(\.name))
      return try folder.files(folder.file(name))
    }
    #expect(try written(header("a", "b"), "1") == ["a/1.png", "b/2.png"])
    #expect(try written(header("b", "a"), "2") == ["a/2.png", "b/1.png", "classes.txt"])
    #expect(try written(header("a", "b", "c"), "3") == ["a/1.png", "b/2.png", "classes.txt"])
  }

  @Test func twoMediaOfOnePathAreACollision() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["x/1.png", "y/1.png"])
    let samples = [picture("x/1.png", 0), picture("y/1.png", 0)]
    let report = try write(header("cat"), samples, to: folder.file("a"), [("layout", "class-folders")], media: media)
    #expect(report.rules == ["collision"] && report.diagnostics.items[0].message.contains("cat/1.png"))
    let named = try write(
      header("cat"), samples, to: folder.file("b"), [("layout", "class-folders"), ("names", "path")], media: media)
    #expect(named.rules == [])
    #expect(try folder.files(folder.file("b")) == ["cat/x_1.png", "cat/y_1.png"])
  }

  static let badLabels = [
    "", ".", "..", "a/b", ".hidden", "__MACOSX", "nul\0l", String(repeating: "x", count: 256), "train", "Test",
  ]

  @Test(arguments: badLabels) func labelsThatAreNoFoldersAreRefused(_ name: String) throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["1.png"])
    let report = try write(
      header(name), [picture("1.png", 0)], to: folder.file("out"), [("layout", "class-folders")], media: media)
    #expect(report.rules == ["label"])
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func aClassCalledLikeASplitFitsIntoOne() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["1.png"])
    let report = try write(
      header("train"), [picture("1.png", 0)], to: folder.file("out"), [("layout", "class-folders"), ("split", "test")], media: media
    )
    #expect(report.rules == [])
    #expect(try read(folder.file("out")).classes("test/train/1.png") == ["train"])
  }

  @Test func whatClassFoldersCannotHoldIsLostOrRefused() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree(["1.png", "2.png", "x", ".h.png"])
    var boxed = picture("2.png", 0)
    boxed.annotations.append(Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent)))
    boxed.annotations.append(caption("c"))
    boxed.annotations[0].id = .integer(3)
    let report = try write(
      header("a", "b"), [picture("1.png", 0, 1), boxed], to: folder.file("a"), [("layout", "class-folders")], media: media)
    #expect(Set(report.losses) == [.classification, .id, .label, .box, .caption])
    #expect(try read(folder.file("a")).classes("a/1.png") == ["a"])
    func rules(_ sample: Sample) throws -> [String] {
      try write(header("a"), [sample], to: folder.file("b"), [("layout", "class-folders")], media: media).rules
    }
    #expect(try rules(picture("3.png", 0)) == ["no-media"])
    #expect(try rules(picture("x", 0)) == ["kind"])
    #expect(try rules(picture(".h.png", 0)) == ["path"])
    #expect(try rules(picture("../1.png", 0)) == ["path"])
    #expect(try rules(picture("1.png", 0, split: "inference")) == ["split"])
    var sound = picture("1.png", 0)
    sound.media.kind = .audio
    #expect(try rules(sound) == ["kind"])
  }

  @Test func withoutMediaFoldersAreMetadata() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) {
      try write(header("a"), [picture("1.png", 0)], to: folder.file("a"), [("layout", "class-folders")])
    }
    let found = try read(try folder.tree(["cat/1.png", "val/dog/2.png"]))
    try write(found.header, found.samples, to: folder.file("b"))
    #expect(try folder.files(folder.file("b")) == ["metadata.jsonl", "val/metadata.jsonl"])
    #expect(try text(folder.file("b/val/metadata.jsonl")) == "{\"file_name\":\"dog/2.png\",\"label\":\"dog\"}\n")
  }
}
