import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPascalVOC

@Suite struct PascalVOCWriterTests {
  static let label = LabelID(index: 0)

  private func sample(_ location: String, split: String? = nil, width: Int? = 10) -> Sample {
    var sample = Sample(key: location, media: Media(.image, location: location, width: width, height: width))
    sample.split = split
    sample.annotations = [Annotation(label: Self.label, box: Box(1, 2, 3, 4, form: .corners))]
    return sample
  }

  private let header = DatasetHeader(labels: LabelTable([Label(name: "cat")]))

  @Test(arguments: ["devkit/input", "roboflow/input"])
  func aFolderIsWrittenAsItWas(_ name: String) throws {
    let data = try read("\(fixtures)/\(name)")
    let output = try TemporaryFolder()
    let problems = try write(data.header, data.samples, to: "\(output.path)/o")
    #expect(problems.isEmpty, "\(problems.items)")
    var before = try contents("\(fixtures)/\(name)")
    var after = try contents("\(output.path)/o")
    // The sum of two sets, sets of one class and empty sets are not written again; labelmap.txt goes to the top.
    for path in before.keys where path.contains("trainval") || path.hasSuffix("test.txt") { before[path] = nil }
    if let map = before.removeValue(forKey: "VOC2007/labelmap.txt") { #expect(after.removeValue(forKey: "labelmap.txt") == map) }
    #expect(before.keys.sorted() == after.keys.sorted())
    for (path, bytes) in before { #expect(after[path] == bytes, "\(path)") }
    after = [:]
  }

  @Test(.enabled(if: corpus != nil, "the folder of real files is not there"))
  func everyRealFolderIsReadAndWrittenTwiceTheSame() throws {
    let root = "\(corpus ?? "")"
    let folders = [
      "pascal-voc/icevision/fridge", "pascal-voc/icevision/voc", "pascal-voc/datumaro/voc_dataset/voc_dataset1",
      "pascal-voc/datumaro/voc_dataset/voc_dataset2", "pascal-voc/datumaro/voc_dataset/voc_dataset3",
      "pascal-voc/datumaro/roboflow_dataset/voc", "pascal-voc/rod-metrics-toy", "pascal-voc/raccoon",
      "kaggle-csv/datumaro/kaggle_dataset/relaxed_voc1", "kaggle-csv/datumaro/kaggle_dataset/relaxed_voc2",
    ]
    for folder in folders {
      let data = try read("\(root)/\(folder)", demand: Demand(labels: true))
      #expect(data.errors.isEmpty, "\(folder): \(data.errors)")
      #expect(!data.samples.isEmpty)
      let output = try TemporaryFolder()
      let problems = try write(data.header, data.samples, to: "\(output.path)/1")
      #expect(!problems.hasErrors, "\(problems.items)")
      let again = try read("\(output.path)/1", demand: Demand(labels: true))
      #expect(again.samples.map(\.key) == data.samples.map(\.key), "\(folder)")
      #expect(again.samples.map(\.split) == data.samples.map(\.split), "\(folder)")
      for (a, b) in zip(again.samples, data.samples) {
        // An image that only a set lists gets a file where its picture is not brought along: the ending of its name is kept there.
        #expect(a.preserved == b.preserved || String(decoding: b.preserved["pascal-voc"], as: UTF8.self).hasPrefix("\"unlabeled\""))
        #expect(again.names(a) == data.names(b))
        #expect(a.annotations.map(\.box) == b.annotations.map(\.box))
      }
      try write(again.header, again.samples, to: "\(output.path)/2", batchSize: 1)
      #expect(try contents("\(output.path)/1") == contents("\(output.path)/2"))
    }
  }

  @Test func samplesFromElsewhereGetTheUsualLayout() throws {
    let output = try TemporaryFolder()
    let samples = [
      sample("street/0001.jpg", split: "train"), sample("/abs/x.y.png", split: "validation"),
      sample("s3://b/k/u.jpg", split: "test"),
      sample("../../up.jpg", split: "night"), sample("none"),
    ]
    let problems = try write(header, samples, to: "\(output.path)/o", [])
    #expect(problems.isEmpty, "\(problems.items)")
    let files = try contents("\(output.path)/o")
    #expect(
      files.keys.sorted() == [
        "Annotations/none.xml", "Annotations/street/0001.xml", "Annotations/u.xml", "Annotations/up.xml", "Annotations/x.y.xml",
        "ImageSets/Main/night.txt", "ImageSets/Main/test.txt", "ImageSets/Main/train.txt", "ImageSets/Main/val.txt",
      ])
    #expect(files["ImageSets/Main/train.txt"] == Array("street/0001\n".utf8))
    let data = try read("\(output.path)/o")
    for original in samples {
      let found = try #require(data.sample(original.key))
      #expect(found.split == original.split)
      #expect(found.media == original.media)
      #expect(found.annotations == original.annotations)
    }
  }

  @Test func clashingNamesAreAClearError() throws {
    let output = try TemporaryFolder()
    let error = #expect(throws: DatasetError.self) {
      try write(header, [sample("a.jpg"), sample("a.png")], to: "\(output.path)/o")
    }
    #expect(error?.message.contains("a.png") == true && error?.message.contains("Annotations/a.xml") == true)
    #expect(error?.code == .invalidInput)
  }

  @Test func oneFileHoldsOneSample() throws {
    let output = try TemporaryFolder()
    let file = "\(output.path)/one.xml"
    let problems = try write(header, [sample("a.jpg", split: "train")], to: file, isFile: true)
    #expect(problems.items.map(\.rule) == ["voc.write.no-set"])
    #expect(try read(file).samples.map(\.key) == ["a.jpg"])
    for samples in [[], [sample("a.jpg"), sample("b.jpg")]] {
      let error = #expect(throws: DatasetError.self) { try write(header, samples, to: "\(output.path)/more.xml", isFile: true) }
      #expect(error?.code == .usage)
    }
  }

  @Test func theSizeIsProbedOrLeftOut() throws {
    let output = try TemporaryFolder()
    // A GIF header is enough to tell the size.
    try output.add("media/a.gif", Array("GIF89a".utf8) + [7, 0, 5, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 32))
    let problems = try write(
      header, [sample("a.gif", width: nil), sample("b.gif", width: nil)], to: "\(output.path)/o",
      mediaFolders: ["\(output.path)/media"], mediaMode: .copy)
    #expect(problems.items.map(\.rule) == ["voc.write.size-unknown", "media.missing"])
    let data = try read("\(output.path)/o")
    #expect(data.sample("a.gif")?.media.width == 7 && data.sample("a.gif")?.media.height == 5)
    #expect(data.sample("b.gif")?.media.width == nil)
    #expect(try contents("\(output.path)/o").keys.contains("JPEGImages/a.gif"))
  }

  @Test func splitsThatAreNoFileNamesAreErrors() throws {
    let output = try TemporaryFolder()
    let problems = try write(
      header,
      [sample("a.jpg", split: "a/b"), sample("b.jpg", split: ".x"), sample("c.jpg", split: ""), sample("d.jpg", split: "valid")],
      to: "\(output.path)/o")
    #expect(problems.items.map(\.rule) == ["voc.write.split", "voc.write.split", "voc.write.split", "voc.write.split-name"])
    #expect(
      problems.items.allSatisfy { item in
        PascalVOCFormat.descriptor.rules.contains { $0.id == item.rule && $0.severity == item.severity }
      })
  }

  @Test func unlabeledImagesOfSetsStayOutOfAnnotations() throws {
    let folder = try TemporaryFolder()
    try folder.add("VOC2007/ImageSets/Main/test.txt", "000004\n000006\n")
    try folder.add("VOC2007/Annotations/000006.xml", xml("000006.jpg", "a"))
    try folder.add("VOC2007/JPEGImages/000004.jpg", "x")
    let data = try read(folder.path)
    #expect(data.samples.map(\.key) == ["000006.jpg", "000004.jpg"])
    try write(data.header, data.samples, to: "\(folder.path)-o", mediaFolders: data.mediaFolders, mediaMode: .copy)
    defer { try? FileManager.default.removeItem(atPath: "\(folder.path)-o") }
    #expect(
      try contents("\(folder.path)-o").keys.sorted() == [
        "VOC2007/Annotations/000006.xml", "VOC2007/ImageSets/Main/test.txt", "VOC2007/JPEGImages/000004.jpg",
      ])
    let again = try read("\(folder.path)-o")
    #expect(Set(again.samples.map(\.key)) == ["000004.jpg", "000006.jpg"])
    #expect(again.samples.allSatisfy { $0.split == "test" })
  }

  @Test func labelMapsKeepColoursPartsAndActions() throws {
    let output = try TemporaryFolder()
    var changed = Label(name: "a:b", id: nil)
    changed.style.color = "#FF8000"
    try write(DatasetHeader(labels: LabelTable([Label(name: "cat"), changed])), [sample("a.jpg")], to: "\(output.path)/o")
    #expect(
      try String(contentsOfFile: "\(output.path)/o/labelmap.txt", encoding: .utf8)
        == "# label:color_rgb:parts:actions\ncat:::\na:b:255,128,0::\n")
    let data = try read("\(output.path)/o")
    #expect(data.header.labels.labels.map(\.name) == ["cat", "a:b"])
    #expect(data.header.labels.labels.map(\.style.color) == [nil, "#ff8000"])
  }

  @Test func hostilePathsInThePreservedSectionStayInside() throws {
    let output = try TemporaryFolder()
    for (index, path) in ["../../evil.xml", "/etc/evil.xml", "evil.txt", "", "Annotations/\u{0}.xml"].enumerated() {
      var hostile = sample("fine\(index).jpg")
      let text = path.replacingOccurrences(of: "\u{0}", with: "\\u0000")
      hostile.preserved = Preserved("pascal-voc", members: Array("\"file\":\"\(text)\"".utf8))
      try write(header, [hostile], to: "\(output.path)/\(index)")
      #expect(try contents("\(output.path)/\(index)").keys.sorted() == ["Annotations/fine\(index).xml"])
    }
  }

  @Test func theAbilitiesFollowTheShapesOption() throws {
    let declared = PascalVOCFormat.descriptor.writeOptions
    let plain = try FormatOptions([], declared: declared, format: "pascal-voc")
    let extended = try FormatOptions([("shapes", "modelarts")], declared: declared, format: "pascal-voc")
    #expect(PascalVOCFormat.writes(plain) == PascalVOCFormat.descriptor.writes)
    #expect(PascalVOCFormat.writes(extended).contains(.polygon) && !PascalVOCFormat.writes(plain).contains(.polygon))
    #expect(PascalVOCFormat.writes(extended).isSubset(of: PascalVOCFormat.descriptor.reads))
  }
}
