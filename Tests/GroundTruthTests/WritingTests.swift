import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillGroundTruth

@Suite struct WritingTests {
  private func picture(_ annotations: Annotation...) -> Sample {
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))
    sample.annotations = annotations
    return sample
  }

  private func box(_ label: UInt32, _ x: Double = 1) -> Annotation {
    Annotation(label: LabelID(index: label), box: Box(x, 2, 3, 4, form: .extent))
  }

  @Test func newAttributesAreNamedByTheirTask() throws {
    let line = try manifest(header("fox"), [picture(box(0), Annotation(label: LabelID(index: 0)))])
    #expect(
      line == #"{"source-ref":"a.jpg","boxes":{"annotations":[{"class_id":0,"top":2,"left":1,"height":4,"width":3}]},"#
        + #""boxes-metadata":{"objects":[{}],"class-map":{"0":"fox"},"type":"groundtruth/object-detection"},"#
        + #""class":0,"class-metadata":{"class-name":"fox","type":"groundtruth/image-classification"}}"# + "\n")
  }

  @Test func theOptionNamesTheFirstAttribute() throws {
    let samples = [picture(box(0)), picture(Annotation(label: LabelID(index: 0)))]
    let lines = try manifest(header("fox"), samples, [("attribute", "mine")]).split(separator: "\n")
    #expect(lines.allSatisfy { $0.contains("\"mine\":") && $0.contains("\"mine-metadata\":") })
  }

  @Test(arguments: ["a-metadata", "x-metadata-y", "$x"]) func badNamesAreRefused(_ name: String) throws {
    #expect(throws: DatasetError.self) { try manifest(header("fox"), [], [("attribute", name)]) }
  }

  @Test func severalClassesOfAPictureAreOneList() throws {
    let both = picture(Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 1)))
    let line = try manifest(header("fox", "day"), [both])
    #expect(line.contains(#""classes":[0,1]"#) && line.contains(#""class-map":{"0":"fox","1":"day"}"#))
  }

  @Test func idsOfLabelsAreKept() throws {
    var header = header("fox", "wolf")
    header.labels = LabelTable([Label(name: "fox", id: .integer(7)), Label(name: "wolf")])
    let line = try manifest(header, [picture(box(0), box(1))])
    #expect(line.contains(#""class-map":{"7":"fox","0":"wolf"}"#))
  }

  @Test func orderOverAttributesIsKept() throws {
    let sample = picture(Annotation(label: LabelID(index: 0)), box(1))
    let folder = try TemporaryFolder()
    let path = folder.file("o.manifest")
    try write(header("fox", "car"), [sample], to: path)
    let data = try read(path)
    #expect(data.labels(0) == ["fox", "car"])
    #expect(try text(path).contains("\"annotation-order\":[1,0]"))
  }

  @Test func authorsAndTimesOfEachAnnotationAreKept() throws {
    var (first, second) = (box(0), box(0, 9))
    (first.author, second.author) = ("human/alice", "machine")
    first.createdAt = Timestamp("2024-05-06T07:08:09")
    second.createdAt = Timestamp("2024-05-07T07:08:09")
    let folder = try TemporaryFolder()
    try write(header("fox"), [picture(first, second)], to: folder.file("o.manifest"))
    let found = try read(folder.file("o.manifest")).samples[0].annotations
    #expect(found.map(\.author) == ["human/alice", "machine"])
    #expect(found.map(\.createdAt) == [first.createdAt, second.createdAt])
    let line = try text(folder.file("o.manifest"))
    #expect(line.contains(#""human-annotated":"yes","creation-date":"2024-05-06T07:08:09""#))
  }

  @Test func placesWithoutAClassAreRefused() throws {
    let folder = try TemporaryFolder()
    let written = try write(
      header("fox"), [picture(Annotation(box: Box(1, 2, 3, 4, form: .extent)))], to: folder.file("o.manifest"))
    #expect(written.rules == ["groundtruth.write.label"])
  }

  @Test func rangesInOtherUnitsAreCountedAgain() throws {
    var sample = Sample(key: "1", media: Media(.text, text: "🦊 Ada"))
    var entity = Annotation(label: LabelID(index: 0))
    entity.span = TextSpan(start: 3, end: 6, unit: .utf16)
    sample.annotations = [entity]
    #expect(try manifest(header("person"), [sample]).contains(#""startOffset":2,"endOffset":5"#))
    sample.annotations[0].span = TextSpan(start: 1, end: 6, unit: .utf16)
    let folder = try TemporaryFolder()
    #expect(try write(header("person"), [sample], to: folder.file("o.manifest")).rules == ["groundtruth.write.span"])
  }

  @Test func keysOfTextsAreTheirIds() throws {
    let sample = Sample(key: "doc-7", media: Media(.text, text: "x"))
    #expect(try manifest(header(), [sample]) == #"{"source":"x","id":"doc-7"}"# + "\n")
  }

  @Test func aChangedSampleIsWrittenAnew() throws {
    let line =
      #"{"source-ref": "a.jpg", "k": "0", "k-metadata": {"class-name": "fox", "confidence": 0.50, "type": "groundtruth/image-classification", "job-name": "j"}}"#
    var data = try read(lines: line)
    #expect(try manifest(data.header, data.samples) == line + "\n")
    data.samples[0].annotations[0].confidence = 0.75
    #expect(try manifest(data.header, data.samples) == line.replacingOccurrences(of: "0.50", with: "0.75") + "\n")
  }

  @Test func aRemovedAnnotationIsNotWritten() throws {
    let line =
      #"{"source-ref":"a.jpg","k":[0,1],"k-metadata":{"class-map":{"0":"a","1":"b"},"confidence-map":{"0":0.10,"1":0.2},"type":"groundtruth/image-classification-multilabel"}}"#
    var data = try read(lines: line)
    data.samples[0].annotations.removeFirst()
    let written = try manifest(data.header, data.samples)
    #expect(written.contains(#""k":[1]"#) && written.contains(#""class-map":{"1":"b"}"#) && written.contains(#"{"1":0.2}"#))
  }

  @Test(arguments: ["\n", "\r\n"], ["", "END"]) func endsOfLinesAreKept(_ end: String, _ last: String) throws {
    let folder = try TemporaryFolder()
    let content = #"{"source-ref":"a.jpg"}"# + end + #"{"source-ref":"b.jpg"}"# + (last.isEmpty ? "" : end)
    try Data(content.utf8).write(to: URL(fileURLWithPath: folder.file("a.manifest")))
    let data = try read(folder.file("a.manifest"))
    #expect(try manifest(data.header, data.samples) == content)
  }

  @Test func masksNeedAFolder() throws {
    var mask = Annotation(label: LabelID(index: 0))
    mask.shape = .mask(Mask(width: 4, height: 3, runs: .counts([2, 4, 6])))
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) { try write(header("fox"), [picture(mask)], to: folder.file("o.manifest")) }
    try write(header("fox"), [picture(mask)], to: folder.file("o"))
    let data = try read(folder.file("o"))
    #expect(data.samples[0].annotations.map(\.shape) == [mask.shape] && data.labels(0) == ["fox"])
    #expect(try text(folder.file("o/output.manifest")).contains(#""mask-ref":"masks/mask-ref/a.png""#))
  }

  @Test func masksOfOneClassStayApart() throws {
    var (first, second) = (Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 0)))
    first.shape = .mask(Mask(width: 4, height: 1, runs: .counts([0, 1, 3])))
    second.shape = .mask(Mask(width: 4, height: 1, runs: .counts([2, 2])))
    second.box = Box(2, 0, 2, 1, form: .extent)
    let folder = try TemporaryFolder()
    try write(header("fox"), [picture(first, second)], to: folder.file("o"))
    let found = try read(folder.file("o")).samples[0].annotations
    #expect(found.map(\.shape) == [first.shape, second.shape] && found.map(\.box) == [nil, second.box])
  }

  @Test func coveredMasksAreLost() throws {
    var (first, second) = (Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 0)))
    first.shape = .mask(Mask(width: 4, height: 1, runs: .counts([0, 3, 1])))
    second.shape = .mask(Mask(width: 4, height: 1, runs: .counts([2, 2])))
    let folder = try TemporaryFolder()
    let written = try write(header("fox"), [picture(first, second)], to: folder.file("o"))
    #expect(written.rules == ["groundtruth.write.mask-overlap"])
    #expect(written.losses == [EncodingLoss(.mask, isApproximated: false)])
  }
}
