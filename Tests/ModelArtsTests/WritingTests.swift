import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillModelArts

/// Samples as another format gives them, written and read back.
@Suite struct WritingTests {
  private func cycle(_ sample: Sample, _ names: [String], _ given: [(String, String)] = []) throws -> (
    Sample, Reading, Scratch, [Diagnostic]
  ) {
    let scratch = Scratch()
    let header = DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }))
    let said = try write([sample], header, to: scratch("out"), given)
    let reading = try read(scratch("out"))
    #expect(reading.diagnostics.filter { $0.severity == .error } == [])
    return (try #require(reading.samples.first), reading, scratch, said)
  }

  private static func image(_ annotation: Annotation? = nil) -> Sample {
    var sample = Sample(key: "a/0001.jpg", media: Media(.image, location: "a/0001.jpg"))
    if let annotation { sample.annotations = [annotation] }
    return sample
  }

  static let samples: [(what: String, sample: Sample)] = {
    var list: [(String, Sample)] = []
    for (kind, place) in [
      (Media.Kind.image, "x.jpg"), (.audio, "x.wav"), (.video, "x.mp4"), (.table, "x.csv"), (.file, "x.bin"), (.text, "x.txt"),
    ] {
      list.append((kind.rawValue, Sample(key: place, media: Media(kind, location: place))))
    }
    var sample = image()
    sample.media.width = 640
    sample.media.height = 480
    sample.media.channels = 3
    list.append(("size", sample))
    sample = image()
    sample.id = .integer(7)
    sample.split = "validation"
    sample.hard = HardExample(isHard: false, coefficient: 0.1, reasons: [1])
    list.append(("sample answers", sample))
    sample = image()
    sample.media.frame = FrameOrigin(video: "v.mp4", time: 0.125, duration: 9)
    list.append(("frame", sample))
    let label = LabelID(index: 0)
    list.append(("classification", image(Annotation(label: label))))
    var annotation = Annotation(id: .integer(3), label: label)
    annotation.confidence = 0.125
    annotation.author = "me"
    annotation.createdAt = Timestamp("2024-05-06 07:08:09", separator: 32)
    annotation.hard = HardExample(isHard: true)
    annotation.attributes = [
      "a": .integer(1), "b": .list([.null, .boolean(true), .string("\"")]), "c": .object(["d": .number(0.5)]),
    ]
    annotation.flags.difficult = true
    annotation.flags.truncated = false
    list.append(("a label with everything", image(annotation)))
    annotation = Annotation()
    annotation.text = "a dog"
    list.append(("caption", image(annotation)))
    annotation = Annotation(label: label)
    annotation.span = TextSpan(start: 0, end: 2, unit: .scalars)
    sample = Sample(key: "doc", media: Media(.text, text: "hello"))
    sample.id = .string("doc")
    sample.annotations = [annotation]
    list.append(("span", sample))
    annotation = Annotation(label: label)
    annotation.time = .interval(start: 0.1234567, end: 7265.5)
    annotation.text = "hi"
    sample = Sample(key: "x.wav", media: Media(.audio, location: "x.wav"))
    sample.annotations = [annotation]
    list.append(("interval", sample))
    annotation = Annotation(label: label)
    annotation.reference = "s3://b/none.xml"
    list.append(("reference", image(annotation)))
    return list
  }()

  @Test(arguments: samples.indices) func plain(index: Int) throws {
    let (what, sample) = Self.samples[index]
    let (again, reading, scratch, _) = try cycle(sample, ["cat"])
    var bare = again
    bare.preserved = Preserved()
    for index in bare.annotations.indices { bare.annotations[index].preserved = Preserved() }
    #expect(bare == sample, "\(what): \(scratch.text("out/V001.manifest") ?? "")")
    try write(reading.samples, reading.header, to: scratch("again"))
    #expect(scratch.text("again/V001.manifest") == scratch.text("out/V001.manifest"), "\(what)")
  }

  static let shapes: [(what: String, annotation: Annotation)] = {
    let label = LabelID(index: 0)
    var list: [(String, Annotation)] = [
      ("box", Annotation(label: label, box: Box(1, 2, 30.5, 40, form: .corners))),
      ("polygon", Annotation(label: label, shape: .polygon(Polygon(coordinates: [1, 2, 30, 4, 5, 6.25])))),
      ("polyline", Annotation(label: label, shape: .polyline(Polyline(coordinates: [1, 2, 3, 4, 5, 6])))),
      ("dashed", Annotation(label: label, shape: .polyline(Polyline(coordinates: [1, 2, 3, 4], isDashed: true)))),
      ("circle", Annotation(label: label, shape: .circle(Circle(centerX: 9, centerY: 8, radius: 7)))),
      ("point", Annotation(label: label, shape: .point(Point(x: 3, y: 4)))),
      (
        "box and polygon",
        {
          var both = Annotation(label: label, box: Box(1, 2, 30, 6.25, form: .corners))
          both.shape = .polygon(Polygon(coordinates: [1, 2, 30, 4, 5, 6.25]))
          return both
        }()
      ),
    ]
    var annotation = Annotation(id: .string("7"), label: label, box: Box(1, 2, 3, 4, form: .corners))
    annotation.text = "stop"
    annotation.author = "me"
    annotation.createdAt = Timestamp("2024-05-06 07:08:09", separator: 32)
    annotation.confidence = 0.5
    annotation.attributes = ["colour": .string("red")]
    annotation.flags.difficult = false
    annotation.flags.occluded = true
    annotation.flags.truncated = true
    list.append(("box with answers", annotation))
    annotation = Annotation(id: .integer(7), label: label, box: Box(1, 2, 3, 4, form: .corners))
    annotation.time = .interval(start: 1, end: 2)
    list.append(("box in time", annotation))
    annotation = Annotation(label: label, box: Box(1, 2, 3, 4, form: .corners))
    annotation.hard = HardExample(isHard: true, coefficient: 0.5, reasons: [1, 2])
    list.append(("hard box", annotation))
    let turned = RotatedBox(centerX: 50, centerY: 40, width: 30, height: 20, angleDegrees: 30)
    list.append(("turned box", Annotation(label: label, shape: .rotatedBox(turned))))
    return list
  }()

  @Test(arguments: shapes.indices) func shape(index: Int) throws {
    let (what, annotation) = Self.shapes[index]
    var sample = Self.image(annotation)
    sample.media.width = 640
    sample.media.height = 480
    let (again, reading, scratch, said) = try cycle(sample, ["cat"])
    #expect(said == [])
    var found = try #require(again.annotations.first)
    found.preserved = Preserved()
    #expect(found == annotation, "\(what): \(scratch.text("out/annotation/a/0001.xml") ?? "")")
    #expect(again.annotations.count == 1)
    #expect(again.media == sample.media)
    #expect(scratch("out/").isEmpty == false)
    try write(reading.samples, reading.header, to: scratch("again"))
    for name in ["V001.manifest", "annotation/a/0001.xml"] {
      #expect(scratch.text("again/\(name)") == scratch.text("out/\(name)"), "\(what) \(name)")
    }
  }

  @Test func authorsOfObjects() throws {
    var sample = Self.image()
    sample.media.width = 10
    sample.media.height = 10
    for author in ["a", "b", nil] {
      var annotation = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners))
      annotation.author = author
      sample.annotations.append(annotation)
    }
    let (again, _, _, _) = try cycle(sample, ["cat"])
    #expect(again.annotations.map(\.author) == ["a", "b", nil])
  }

  @Test func parts() throws {
    var sample = Self.image(Annotation(label: LabelID(index: 0), box: Box(1, 2, 30, 40, form: .corners)))
    sample.media.width = 100
    sample.media.height = 100
    var part = Annotation(label: LabelID(index: 1), box: Box(2, 3, 4, 5, form: .corners))
    part.partOf = 1
    sample.annotations.append(part)
    let (again, _, _, _) = try cycle(sample, ["cat", "head"])
    #expect(again.annotations.map(\.partOf) == [nil, 1])
    #expect(again.annotations.map(\.box) == sample.annotations.map(\.box))
  }

  @Test func sharesBecomePixels() throws {
    var sample = Self.image(Annotation(label: LabelID(index: 0), box: Box(0.5, 0.5, 0.5, 0.5, form: .centered, unit: .unit)))
    let (none, _, _, said) = try cycle(sample, ["cat"])
    #expect(said.map(\.rule) == ["voc.write.no-size"])
    #expect(none.annotations.isEmpty)
    sample.media.width = 100
    sample.media.height = 50
    let (again, _, _, _) = try cycle(sample, ["cat"])
    #expect(again.annotations.first?.box == Box(25, 12.5, 75, 37.5, form: .corners))
    let (rounded, _, _, _) = try cycle(
      Self.image(Annotation(label: LabelID(index: 0), box: Box(0.6, 1.4, 7.5, 9, form: .corners))), ["cat"],
      [("coordinates", "integer")])
    #expect(rounded.annotations.first?.box == Box(1, 1, 8, 9, form: .corners))
  }

  @Test func aPlaceNeedsAFolder() throws {
    let scratch = Scratch()
    let sample = Self.image(Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners)))
    do {
      try write([sample], DatasetHeader(labels: LabelTable([Label(name: "cat")])), to: scratch("out.manifest"), isFile: true)
      Issue.record("a box went into a manifest")
    } catch let error as DatasetError {
      #expect(error.code == .usage)
    }
    #expect(scratch.files == [])
  }

  @Test func namesOfFilesDiffer() throws {
    let scratch = Scratch()
    var samples: [Sample] = []
    for place in ["s3://b/x/1.jpg", "s3://b/y/1.jpg", "1.png", "../1.jpg", "d/1.jpg", "/abs/1.jpg"] {
      var sample = Sample(key: place, media: Media(.image, location: place))
      sample.annotations = [Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, Double(samples.count + 10), form: .corners))]
      samples.append(sample)
    }
    let header = DatasetHeader(labels: LabelTable([Label(name: "cat")]))
    for size in [1, 2, 100] {
      let name = "out\(size)"
      try write(samples, header, to: scratch(name), [("name", "V7")], batch: size)
      let reading = try read(scratch(name))
      #expect(reading.samples.map { $0.annotations.first?.box?.fourth } == samples.map { $0.annotations.first?.box?.fourth })
      #expect(scratch.text("\(name)/V7.manifest") == scratch.text("out1/V7.manifest"))
    }
  }

  @Test func kindsWithoutLabels() throws {
    let (_, _, _, said) = try cycle(Self.samples[11].sample, ["cat"])
    #expect(said.map(\.rule) == ["modelarts.write.kind"])
  }

  @Test func serviceOrder() throws {
    var sample = Self.image(Annotation(label: LabelID(index: 0)))
    sample.split = "train"
    sample.id = .string("1")
    let (_, _, scratch, _) = try cycle(sample, ["cat"], [("source-prefix", "s3://bucket/in/")])
    #expect(
      scratch.text("out/V001.manifest")
        == #"{"annotation":[{"name":"cat","type":"modelarts/image_classification"}],"usage":"train","source":"s3://bucket/in/a/0001.jpg","id":"1","sample-type":0}"#
    )
  }

  @Test func mediaIsPlaced() throws {
    let scratch = Scratch()
    scratch.put("media/a/0001.jpg", "x")
    try write([Self.image()], DatasetHeader(), to: scratch("out"), media: .copy, folders: [scratch("media")])
    #expect(scratch.text("out/data/a/0001.jpg") == "x")
    #expect(scratch.text("out/V001.manifest") == #"{"source":"./data/a/0001.jpg","sample-type":0}"#)
  }

  @Test func otherUnitsOfText() throws {
    var annotation = Annotation(label: LabelID(index: 0))
    annotation.span = TextSpan(start: 4, end: 5, unit: .utf8)
    var sample = Sample(key: "1", media: Media(.text, text: "😀x"))
    sample.annotations = [annotation]
    let (again, _, _, _) = try cycle(sample, ["cat"])
    #expect(again.annotations.first?.span == TextSpan(start: 1, end: 2, unit: .scalars))
  }
}
