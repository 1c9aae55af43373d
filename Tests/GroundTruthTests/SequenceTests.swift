import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillGroundTruth

@Suite struct SequenceTests {
  private func put(_ folder: TemporaryFolder, _ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: folder.file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private static let line =
    #"{"source-ref":"s3://b/seq/list.json","t-ref":"s3://b/out/SeqLabel.json","t-ref-metadata":{"class-map":{"0":"car"},"#
    + #""type":"groundtruth/video-object-tracking","job-name":"j"}}"#
  private static let frames =
    #"{"tracking-annotations":[{"annotations":[{"height":4,"width":3,"top":2,"left":1,"class-id":"0","#
    + #""label-category-attributes":{"occluded":"no"},"object-id":"u-1","object-name":"car:1"}],"frame-no":"0","frame":"f1.jpg","#
    + #""frame-attributes":{}},{"annotations":[],"frame-no":"1","frame":"f2.jpg","frame-attributes":{"sun":1}}]}"#
  private static let list =
    #"{"seq-no":1,"prefix":"s3://b/seq/video","number-of-frames":3,"frames":[{"frame-no":0,"frame":"f1.jpg"},"#
    + #"{"frame-no":1,"frame":"f2.jpg"},{"frame-no":2,"frame":"f3.jpg"}]}"#

  @Test func everyFrameIsASample() throws {
    let folder = try TemporaryFolder()
    try put(folder, "in/m.manifest", SequenceTests.line + "\n")
    try put(folder, "in/out/SeqLabel.json", SequenceTests.frames)
    try put(folder, "in/seq/list.json", SequenceTests.list)
    let data = try read(folder.file("in"))
    #expect(data.keys == ["s3://b/seq/video/f1.jpg", "s3://b/seq/video/f2.jpg"])
    #expect(data.samples.map(\.media.frame?.number) == [0, 1])
    #expect(data.rules == ["groundtruth.sequence.frames"])
    let annotation = data.samples[0].annotations[0]
    #expect(annotation.track == .string("u-1") && annotation.box == Box(1, 2, 3, 4, form: .extent))
    #expect(annotation.attributes == ["occluded": .string("no")] && data.labels(0) == ["car"])
    #expect(data.samples[1].attributes == ["sun": .integer(1)])
    try write(data.header, data.samples, to: folder.file("o"), [("name", "m")])
    #expect(try text(folder.file("o/m.manifest")) == SequenceTests.line + "\n")
    #expect(try text(folder.file("o/out/SeqLabel.json")) == SequenceTests.frames)
    #expect(try text(folder.file("o/seq/list.json")) == SequenceTests.list)
  }

  @Test func aSequenceWithoutItsFileIsAReference() throws {
    let data = try read(lines: SequenceTests.line)
    #expect(data.rules == ["groundtruth.sequence.missing"])
    #expect(data.samples[0].media.kind == .video)
    #expect(data.samples[0].annotations.map(\.reference) == ["s3://b/out/SeqLabel.json"])
    #expect(try manifest(data.header, data.samples) == SequenceTests.line + "\n")
  }

  @Test func aFileOfFramesMayStandAlone() throws {
    let folder = try TemporaryFolder()
    try put(folder, "SeqLabel.json", SequenceTests.frames)
    let data = try read(folder.file("SeqLabel.json"))
    #expect(data.keys == ["f1.jpg", "f2.jpg"] && data.names == ["car"])
    try write(data.header, data.samples, to: folder.file("o.json"))
    #expect(try text(folder.file("o.json")) == SequenceTests.frames)
  }

  @Test func otherFormatsMakeOneSequenceAFolder() throws {
    var samples: [Sample] = []
    for (key, number) in [("a/img/000001.jpg", 1), ("a/img/000002.jpg", 2), ("b/img/000007.jpg", 7)] {
      var sample = Sample(key: key, media: Media(.image, location: key))
      sample.media.frame = FrameOrigin(number: number)
      var box = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent))
      box.track = .integer(5)
      sample.annotations = [box]
      samples.append(sample)
    }
    let folder = try TemporaryFolder()
    try write(header("car"), samples, to: folder.file("o"))
    let data = try read(folder.file("o"))
    #expect(data.keys == samples.map(\.key) && data.samples.map(\.media.frame?.number) == [1, 2, 7])
    #expect(data.samples.allSatisfy { $0.annotations.first?.track == .integer(5) } && data.rules == [])
    #expect(try text(folder.file("o/output.manifest")).split(separator: "\n").count == 2)
    #expect(try text(folder.file("o/sequences/2.json")).contains(#""prefix":"b/img/","number-of-frames":1"#))
    try write(data.header, data.samples, to: folder.file("p"))
    for name in ["output.manifest", "sequences/1.json", "annotations/consolidated-annotation/output/1/SeqLabel.json"] {
      #expect(try text(folder.file("p/\(name)")) == text(folder.file("o/\(name)")))
    }
  }

  @Test func shapesOfFramesKeepTheirOrder() throws {
    var sample = Sample(key: "f.jpg", media: Media(.image, location: "f.jpg"))
    var polygon = Annotation(label: LabelID(index: 0))
    polygon.shape = .polygon(Polygon(coordinates: [1, 1, 9, 1, 9, 8]))
    polygon.box = Box(1, 1, 8, 7, form: .extent)
    var point = Annotation(label: LabelID(index: 0))
    point.shape = .point(Point(x: 3, y: 4.5))
    sample.annotations = [point, polygon, Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent))]
    let folder = try TemporaryFolder()
    try write(header("car"), [sample], to: folder.file("o"))
    let found = try read(folder.file("o")).samples[0].annotations
    #expect(found.map(\.shape) == sample.annotations.map(\.shape) && found.map(\.box) == sample.annotations.map(\.box))
  }

  @Test func oneFileHoldsOneSequence() throws {
    var samples: [Sample] = []
    for key in ["a/1.jpg", "b/1.jpg"] {
      var sample = Sample(key: key, media: Media(.image, location: key))
      sample.media.frame = FrameOrigin(number: 1)
      samples.append(sample)
    }
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) { try write(header(), samples, to: folder.file("o.json")) }
    #expect(throws: DatasetError.self) { try write(header(), samples, to: folder.file("o.manifest")) }
    let still = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))
    #expect(throws: DatasetError.self) { try write(header(), [still], to: folder.file("o.json")) }
  }

  @Test func whatFramesCannotHoldIsLost() throws {
    var sample = Sample(key: "a/1.jpg", media: Media(.image, location: "a/1.jpg"))
    sample.media.frame = FrameOrigin(number: 1)
    var lone = Annotation(label: LabelID(index: 0))
    lone.author = "human"
    lone.createdAt = Timestamp("2024-05-06T07:08:09")
    lone.confidence = 0.5
    var mask = Annotation(label: LabelID(index: 0))
    mask.shape = .mask(Mask(width: 2, height: 1, runs: .counts([1, 1])))
    sample.annotations = [lone, mask]
    let folder = try TemporaryFolder()
    let written = try write(header("x"), [sample], to: folder.file("o"))
    #expect(written.losses == [EncodingLoss(.mask, isApproximated: false)])
    #expect(try read(folder.file("o")).samples[0].annotations == [lone])
  }

  @Test(arguments: [("car:1", "car"), ("a:b:12", "a:b"), ("car", nil), (":1", nil), ("car:x", nil), ("car:", nil)])
  func namesOfObjectsTellTheirClass(_ name: String, _ expected: String?) {
    #expect(SequenceIndex.name(name) == expected)
  }

  @Test(arguments: [("img_000012.jpg", 12), ("a/b7c.png", 7), ("x.jpg", nil), ("99999999999999999999.jpg", nil)])
  func numbersOfFramesStandInTheirNames(_ name: String, _ expected: Int?) {
    #expect(MediaPlace.number(of: name) == expected)
  }
}
