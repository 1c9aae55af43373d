import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillYOLO

/// What is written: rows, lists, and the files that describe them.
@Suite struct YOLOWriterTests {
  @Test func writesADatasetOfUltralytics() throws {
    let folder = try TemporaryFolder()
    var unlabeled = sample("u.jpg", split: "test")
    unlabeled.preserved = Preserved("yolo", members: Array(#""unlabeled":true"#.utf8))
    let problems = try write(
      header("person", "dog: small", "yes", "ünï", ""),
      [
        sample("a.jpg", [box(0, 0.5, 0.5, 0.25, 0.125), box(3, 0.1, 0.2, 0.05, 1e-7)], split: "train"),
        sample("d/b c.png", [], split: "validation"), unlabeled, sample("n.jpg", [box(1, 1, 0, 0, 0)]),
        sample("i.jpg", [], split: "inference"),
      ], to: folder.file("o"))
    #expect(problems.isEmpty)
    let files = try tree(folder.file("o")).mapValues { String(decoding: $0, as: UTF8.self) }
    #expect(
      files == [
        "labels/a.txt": "0 0.5 0.5 0.25 0.125\n3 0.1 0.2 0.05 1e-07\n", "labels/d/b c.txt": "", "labels/n.txt": "1 1 0 0 0\n",
        "labels/i.txt": "", "train.txt": "./images/a.jpg\n", "val.txt": "./images/d/b c.png\n", "test.txt": "./images/u.jpg\n",
        "unsplit.txt": "./images/n.jpg\n", "inference.txt": "./images/i.jpg\n",
        "data.yaml":
          "task: detect\ntrain: train.txt\nval: val.txt\ntest: test.txt\ninference: inference.txt\nunsplit: unsplit.txt\nnc: 5\n"
          + "names:\n  0: person\n  1: \"dog: small\"\n  2: \"yes\"\n  3: \"ünï\"\n  4: \"\"\n",
      ])
    let back = try read(folder.file("o"))
    #expect(back.diagnostics.isEmpty && back.names == ["person", "dog: small", "yes", "ünï", ""])
    #expect(back.sample("u.jpg")?.preserved == unlabeled.preserved && back.sample("n.jpg")?.split == nil)
  }

  @Test func writesADatasetOfDarknet() throws {
    let folder = try TemporaryFolder()
    let samples = [
      sample("a.jpg", [box(1, 0.5, 0.5, 0.25, 0.125)], split: "train"), sample("d/b.png", [], split: "validation"), sample("c.jpg"),
    ]
    try write(header("cat", "dog"), samples, to: folder.file("o"), [("layout", "darknet")])
    let files = try tree(folder.file("o")).mapValues { String(decoding: $0, as: UTF8.self) }
    #expect(
      files == [
        "obj_train_data/a.txt": "1 0.5 0.5 0.25 0.125\n", "obj_valid_data/d/b.txt": "", "obj_unsplit_data/c.txt": "",
        "train.txt": "data/obj_train_data/a.jpg\n", "valid.txt": "data/obj_valid_data/d/b.png\n",
        "unsplit.txt": "data/obj_unsplit_data/c.jpg\n", "obj.names": "cat\ndog\n",
        "obj.data":
          "classes = 2\ntrain = data/train.txt\nvalid = data/valid.txt\nunsplit = data/unsplit.txt\nnames = data/obj.names\n"
          + "backup = backup/\n",
      ])
    let back = try read(folder.file("o"))
    #expect(back.keys == ["a.jpg", "d/b.png", "c.jpg"] && back.samples.map(\.split) == ["train", "validation", nil])
    #expect(back.diagnostics.isEmpty && back.samples[0].annotations == samples[0].annotations)
    for name in ["", " a", "a\nb", "a\r"] {
      #expect(throws: (any Error).self) { try write(header(name), [], to: folder.file("n"), [("layout", "darknet")]) }
    }
  }

  static let pixels: [(Box, String)] = [
    (Box(10, 20, 30, 50, form: .corners), "0.2 0.35 0.2 0.3"), (Box(10, 20, 20, 30, form: .extent), "0.2 0.35 0.2 0.3"),
    (Box(20, 35, 20, 30, form: .centered), "0.2 0.35 0.2 0.3"),
    (Box(0.25, 0.5, 0.75, 1, form: .corners, unit: .unit), "0.5 0.75 0.5 0.5"),
    (Box(-10, 0, 110, 100, form: .corners), "0.5 0.5 1.2 1"), (Box(7.31, 0, 7.31, 1, form: .corners), "0.0731 0.005 0 0.01"),
  ]

  @Test(arguments: pixels) func pixelsBecomeShares(_ box: Box, _ row: String) throws {
    let folder = try TemporaryFolder()
    let annotation = Annotation(label: LabelID(index: 0), box: box)
    try write(header("a"), [sample("a.jpg", [annotation], size: (100, 100))], to: folder.file("o"))
    #expect(try text(folder.file("o/labels/a.txt")) == "0 \(row)\n")
  }

  @Test func sizesComeFromTheImageWhereNoneIsGiven() throws {
    let folder = try TemporaryFolder()
    let header = header("a")
    let annotation = Annotation(label: LabelID(index: 0), box: Box(16, 12, 48, 36, form: .corners))
    _ = try folder.write("media/a.png", try bytes(of: PackageFolder.fixtures("yolo") + "/detect/input/images/train/a.png"))
    try write(header, [sample("a.png", [annotation], size: nil)], to: folder.file("o"), mediaFolders: [folder.file("media")])
    #expect(try text(folder.file("o/labels/a.txt")) == "0 0.5 0.5 0.5 0.5\n")
    let unknown = try write(header, [sample("b.png", [annotation], size: nil)], to: folder.file("p"))
    #expect(unknown.items.map(\.rule) == ["yolo.write.no-size"] && unknown.hasErrors)
  }

  static let shapes: [(String, Annotation, String?)] = {
    var pose = box(0, 0.5, 0.5, 0.5, 0.5)
    pose.keypoints = Keypoints(points: [.init(x: 0.25, y: 0.5, visibility: 2)], unit: .unit)
    var mixed = pose
    mixed.keypoints?.points.append(.init(x: 0.5, y: 0.5, visibility: nil))
    var hidden = pose
    hidden.box = nil
    hidden.keypoints?.points[0].visibility = 0
    var empty = pose
    empty.keypoints = Keypoints(points: [], unit: .unit)
    let holes = Polygon(coordinates: [0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1], ringEnds: [6], unit: .unit)
    return [
      ("auto", pose, nil), ("auto", mixed, "yolo.write.keypoints"), ("auto", hidden, "yolo.write.keypoints"),
      ("auto", empty, "yolo.write.keypoints"),
      ("auto", polygon(0, [0, 0, 1, 0, 1, 1]), nil), ("auto", polygon(0, [0, 0, 1, 0]), "yolo.write.points"),
      ("auto", polygon(0, []), "yolo.write.points"), ("obb", polygon(0, [0, 0, 1, 0, 1, 1]), "yolo.write.points"),
      ("obb", polygon(0, [0, 0, 1, 0, 1, 1, 0, 1]), nil), ("pose", box(0, 0.5, 0.5, 0.5, 0.5), "yolo.write.keypoints"),
      ("auto", Annotation(label: LabelID(index: 0), shape: .polygon(holes)), "yolo.write.no-shape"),
      ("auto", Annotation(label: LabelID(index: 0), shape: .point(Point(x: 0, y: 0, unit: .unit))), "yolo.write.no-shape"),
      ("auto", Annotation(label: LabelID(index: 0)), "yolo.write.no-shape"),
      ("auto", Annotation(box: Box(0, 0, 1, 1, form: .centered, unit: .unit)), "yolo.write.no-label"),
      ("auto", box(0, .nan, 0.5, 0.5, 0.5), "yolo.write.number"), ("auto", box(0, 0.5, .infinity, 0.5, 0.5), "yolo.write.number"),
      ("auto", polygon(0, [0, 0, 1, .nan, 1, 1]), "yolo.write.number"),
    ]
  }()

  @Test(arguments: shapes.indices) func whatIsNoRowIsAnErrorAndLeavesTheOthers(_ position: Int) throws {
    let (task, annotation, rule) = Self.shapes[position]
    let folder = try TemporaryFolder()
    let found = try write(header("a"), [sample("a.jpg", [annotation])], to: folder.file("o"), [("task", task)])
    #expect(found.items.map(\.rule) == (rule.map { [$0] } ?? []))
    #expect(try text(folder.file("o/labels/a.txt")).split(separator: "\n").count == (rule == nil ? 1 : 0))
  }

  static let tasks: [([Annotation], String?)] = {
    var pose = box(0, 0.5, 0.5, 0.5, 0.5)
    pose.keypoints = Keypoints(points: [.init(x: 0.25, y: 0.5, visibility: nil)], unit: .unit)
    var larger = pose
    larger.keypoints?.points.append(.init(x: 0.5, y: 0.5, visibility: nil))
    let plain = box(0, 0.5, 0.5, 0.5, 0.5)
    let quad = polygon(0, [0, 0, 1, 0, 1, 1, 0, 1])
    return [
      ([], "detect"), ([plain], "detect"), ([quad], "segment"), ([plain, quad], "segment"), ([pose], "pose"), ([pose, plain], nil),
      ([pose, quad], nil), ([pose, larger], nil),
    ]
  }()

  @Test(arguments: tasks.indices) func theTaskIsWhatTheRowsAre(_ position: Int) throws {
    let (annotations, task) = Self.tasks[position]
    let folder = try TemporaryFolder()
    // One in each batch, so that the writer joins what batches say.
    let samples = annotations.enumerated().map { sample("\($0).jpg", [$1]) }
    guard let task else {
      #expect(throws: DatasetError.self) { try write(header("a"), samples, to: folder.file("o"), batchSize: 1) }
      #expect(!FileManager.default.fileExists(atPath: folder.file("o")))
      return
    }
    try write(header("a"), samples, to: folder.file("o"), batchSize: 1)
    let yaml = try text(folder.file("o/data.yaml"))
    #expect(yaml.hasPrefix("task: \(task)\n") && yaml.contains("kpt_shape: [1, 2]") == (task == "pose"))
    let back = try read(folder.file("o"))
    #expect(back.diagnostics.isEmpty && back.samples.map(\.annotations) == samples.map(\.annotations))
  }

  @Test func theTaskThatWasReadIsWrittenAgain() throws {
    let folder = try TemporaryFolder()
    var given = header("a")
    given.preserved = Preserved("yolo", members: Array(#""task":"obb","yaml":{"download":"x: y","flip_idx":[0,1],"nc":9}"#.utf8))
    try write(given, [sample("a.jpg", [polygon(0, [0, 0, 1, 0, 1, 1, 0, 1])])], to: folder.file("o"))
    let yaml = try text(folder.file("o/data.yaml"))
    #expect(yaml == "task: obb\nunsplit: unsplit.txt\nnc: 1\nnames:\n  0: a\ndownload: \"x: y\"\nflip_idx: [0,1]\n")
    try write(given, [sample("a.jpg", [polygon(0, [0, 0, 1, 0, 1, 1])])], to: folder.file("p"))
    #expect(try text(folder.file("p/data.yaml")).hasPrefix("task: segment\n"))
  }

  @Test func whatNobodyUnderstandsGoesIntoBothLayouts() throws {
    let folder = try TemporaryFolder()
    var given = header("a")
    given.preserved = Preserved(
      "yolo", members: Array(#""yaml":{"download":"x: y","list":[1,{"b":"c"}],"train":"no"},"data":{"backup":"b/"}"#.utf8))
    try write(given, [], to: folder.file("o"))
    #expect(
      try text(folder.file("o/data.yaml")).hasSuffix(
        "names:\n  0: a\ndownload: \"x: y\"\nlist: [1,{\"b\":\"c\"}]\nbackup: \"b/\"\n"))
    try write(given, [], to: folder.file("p"), [("layout", "darknet")])
    #expect(
      try text(folder.file("p/obj.data"))
        == "classes = 1\nnames = data/obj.names\ndownload = x: y\nlist = [1,{\"b\":\"c\"}]\nbackup = b/\n")
    let back = try read(folder.file("o"))
    #expect(
      String(decoding: back.header.preserved["yolo"], as: UTF8.self).hasSuffix(
        #""yaml":{"download":"x: y","list":[1,{"b":"c"}],"backup":"b/"}"#))
  }

  @Test func digitsRoundAndSayIt() throws {
    let folder = try TemporaryFolder()
    let samples = [sample("a.jpg", [box(0, 1.0 / 3, 0.5, 0.125, 2.0 / 3)]), sample("b.jpg", [box(0, 0.5, 0.5, 0.125, 0.25)])]
    let found = try write(header("a"), samples, to: folder.file("o"), [("digits", "6")])
    #expect(found.items.map(\.rule) == ["yolo.write.rounded"] && !found.hasErrors)
    #expect(try text(folder.file("o/labels/a.txt")) == "0 0.333333 0.5 0.125 0.666667\n")
    for wrong in ["0", "18", "x", "-1"] {
      #expect(throws: (any Error).self) { try write(header("a"), samples, to: folder.file("w"), [("digits", wrong)]) }
    }
  }

  @Test func boxesAmongOutlinesAreWarnedOf() throws {
    let folder = try TemporaryFolder()
    let mixed = sample("a.jpg", [box(0, 0.5, 0.5, 0.5, 0.5), polygon(0, [0, 0, 1, 0, 1, 1])])
    let found = try write(header("a"), [mixed, sample("b.jpg", [box(0, 0.5, 0.5, 0.5, 0.5)])], to: folder.file("o"))
    #expect(found.items.map(\.rule) == ["yolo.write.mixed"] && !found.hasErrors)
    #expect(try read(folder.file("o")).samples[0].annotations == mixed.annotations)
  }

  @Test func confidencesAreWrittenOnRequest() throws {
    let folder = try TemporaryFolder()
    var sure = box(0, 0.5, 0.5, 0.5, 0.5)
    sure.confidence = 0.875
    try write(header("a"), [sample("a.jpg", [sure])], to: folder.file("o"))
    #expect(try text(folder.file("o/labels/a.txt")) == "0 0.5 0.5 0.5 0.5\n")
    try write(header("a"), [sample("a.jpg", [sure])], to: folder.file("p"), [("confidence", "yes")])
    #expect(try text(folder.file("p/labels/a.txt")) == "0 0.5 0.5 0.5 0.5 0.875\n")
    #expect(try read(folder.file("p")).samples[0].annotations == [sure])
  }

  @Test(arguments: [
    ("../a.jpg", "yolo.write.name"), ("a/../b.jpg", "yolo.write.name"), ("a\nb.jpg", "yolo.write.name"),
    (" a.jpg", "yolo.write.name"),
    ("a.jpg ", "yolo.write.name"), ("a/", "yolo.write.name"), ("a/.", "yolo.write.name"), ("", "yolo.write.name"),
    ("a\u{0}.jpg", "yolo.write.name"),
  ]) func namesThatAreNoLinesAreErrors(_ key: String, _ rule: String) throws {
    let folder = try TemporaryFolder()
    let found = try write(header("a"), [sample(key)], to: folder.file("o"))
    #expect(found.items.map(\.rule) == [rule] && found.hasErrors)
    #expect(try tree(folder.path).keys.sorted() == ["o/data.yaml"])
  }

  @Test func splitsHaveNames() throws {
    let folder = try TemporaryFolder()
    let found = try write(header("a"), [sample("a.jpg", split: "a b"), sample("b.jpg", split: "val")], to: folder.file("o"))
    #expect(found.items.map(\.rule) == ["yolo.write.split", "yolo.write.split-name"])
    try write(header("a"), [sample("a.jpg"), sample("b.jpg", split: "test")], to: folder.file("p"), [("split", "train")])
    #expect(try text(folder.file("p/train.txt")) == "./images/a.jpg\n")
    #expect(try text(folder.file("p/test.txt")) == "./images/b.jpg\n")
    #expect(throws: (any Error).self) { try write(header("a"), [], to: folder.file("q"), [("split", "../x")]) }
    #expect(throws: (any Error).self) {
      try write(header("a"), [], to: folder.file("q"), [("layout", "darknet"), ("task", "pose")])
    }
  }

  @Test func twoImagesOfOneStemCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    do {
      try write(header("a"), [sample("a.jpg"), sample("a.png")], to: folder.file("o"))
      Issue.record("both were written")
    } catch let error as DatasetError {
      #expect(error.code == .invalidInput && error.message.contains("differ only in their endings"))
    }
  }

  @Test func abilitiesFollowTheTask() throws {
    func writes(_ options: (String, String)...) throws -> FeatureSet {
      YOLOFormat.writes(
        try FormatOptions(options.map { (name: $0.0, value: $0.1) }, declared: YOLOFormat.descriptor.writeOptions, format: "yolo"))
    }
    #expect(try writes() == YOLOFormat.descriptor.writes)
    let places: FeatureSet = [.box, .polygon, .keypoints]
    #expect(try writes(("task", "detect")).intersection(places) == [.box])
    #expect(try writes(("task", "segment")).intersection(places) == [.polygon])
    #expect(try writes(("task", "obb")).intersection(places) == [.polygon])
    #expect(try writes(("task", "pose")).intersection(places) == [.box, .keypoints])
    #expect(try writes(("layout", "darknet")).intersection(places) == [.box])
    #expect(try writes(("confidence", "yes")).contains(.confidence))
    #expect(try !writes().contains(.confidence))
  }
}
