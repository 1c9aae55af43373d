import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillPascalVOC

@Suite struct MaskReadingTests {
  @Test func objectsGetTheMasksAtTheirPlace() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/a.xml", maskXML("a.jpg", width: 5, height: 3, [("person", [0, 0, 2, 2]), ("car", [3, 0, 5, 2])]))
    try folder.add("SegmentationClass/a.png", picture(["ff.77", "fv.77", "....."]))
    try folder.add("SegmentationObject/a.png", picture(["11.22", "1v.22", "....."]))
    let data = try read(folder.path)
    #expect(data.rules.isEmpty)
    let sample = try #require(data.sample("a.jpg"))
    #expect(data.names(sample) == ["person", "car", "void"])
    #expect(
      sample.annotations.map(lines) == [["##...", "#....", "....."], ["...##", "...##", "....."], [".....", ".#...", "....."]])
    #expect(sample.annotations.map { $0.box != nil } == [true, true, false])
    #expect(sample.annotations[0].preserved.isEmpty)
  }

  @Test func classesAloneGiveAMaskForEachClass() throws {
    let folder = try TemporaryFolder()
    try folder.add("SegmentationClass/sub/a.png", picture(["1.2", "1.1"]))
    try folder.add("ImageSets/Segmentation/val.txt", "sub/a\n")
    let data = try read(folder.path, demand: Demand(labels: true))
    let sample = try #require(data.samples.first)
    #expect(data.rules.isEmpty && data.samples.count == 1)
    #expect(data.names(sample) == ["aeroplane", "bicycle"])
    #expect(sample.annotations.map(lines) == [["#..", "#.#"], ["..#", "..."]])
    #expect(sample.split == "validation" && sample.media.width == 3 && sample.media.height == 2)
    #expect(data.header.labels.labels.map(\.name) == ["aeroplane", "bicycle"])
  }

  @Test func anObjectOfAnotherLabelKeepsToItself() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/a.xml", maskXML("a.jpg", width: 3, height: 1, [("cat", [0, 0, 2, 1])]))
    try folder.add("SegmentationClass/a.png", picture(["22."]))
    try folder.add("SegmentationObject/a.png", picture(["11."]))
    let data = try read(folder.path)
    let sample = data.samples[0]
    #expect(data.names(sample) == ["cat", "bicycle"])
    #expect(lines(sample.annotations[0]).isEmpty && lines(sample.annotations[1]) == ["##."])
  }

  @Test func masksFarFromTheirBoxAreNotJoined() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/a.xml", maskXML("a.jpg", width: 4, height: 1, [("cat", [3, 0, 4, 1]), ("cat", [2, 0, 4, 1])]))
    try folder.add("SegmentationClass/a.png", picture(["8.88"]))
    try folder.add("SegmentationObject/a.png", picture(["1.22"]))
    let data = try read(folder.path)
    #expect(data.rules == ["voc.masks.order"])
    #expect(data.samples[0].annotations.map(lines) == [[], ["..##"], ["#..."]])
  }

  @Test func objectsLeftOutKeepTheirNumber() throws {
    let folder = try TemporaryFolder()
    let xml = maskXML("a.jpg", width: 3, height: 1, [("cat", [0, 0, 1, 1]), ("cat", [1, 0, 2, 1]), ("cat", [2, 0, 3, 1])])
    try folder.add("Annotations/a.xml", xml.replacing("<xmin>1</xmin>", with: "<xmin>x</xmin>"))
    try folder.add("SegmentationClass/a.png", picture(["888"]))
    try folder.add("SegmentationObject/a.png", picture(["123"]))
    let data = try read(folder.path)
    #expect(data.errors.map(\.rule) == ["voc.box.number"])
    #expect(data.samples[0].annotations.map(lines) == [["#.."], ["..#"], [".#."]])
  }

  @Test(
    arguments: [
      (LabelPicture.Form.palette, ["fox", "hen"]), (.rgb, ["fox", "hen"]), (.grey, ["hen", nil]),
    ] as [(LabelPicture.Form, [String?])])
  func labelmapTellsColours(form: LabelPicture.Form, names: [String?]) throws {
    let folder = try TemporaryFolder()
    // The palette and the colours tell the label, whatever its line; grey can only be the line.
    try folder.add("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nhen:0,128,0::\nfox:128,0,0::\n")
    try folder.add("SegmentationClass/a.png", picture([form == .grey ? "1.9" : "1.2"], form))
    let data = try read(folder.path)
    let sample = data.samples[0]
    #expect(sample.annotations.map { $0.label.flatMap { data.header.labels[$0]?.name } } == names)
    #expect(data.rules == (form == .grey ? ["voc.masks.unknown-class"] : []))
  }

  @Test func classNamesTellNumbers() throws {
    let folder = try TemporaryFolder()
    try folder.add("class_names.txt", "__ignore__\n_background_\nfox\nhen\n")
    try folder.add("SegmentationClass/a.png", picture(["12v"]))
    let data = try read(folder.path)
    #expect(data.names(data.samples[0]) == ["fox", "hen", "void"])
  }

  @Test func foreignLabelsShowThatTheClassesAreOthers() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/a.xml", maskXML("a.jpg", width: 4, height: 1, [("fox", [0, 0, 1, 1])]))
    try folder.add("SegmentationClass/a.png", picture(["11.2"]))
    try folder.add("SegmentationObject/a.png", picture(["11.2"]))
    let data = try read(folder.path, demand: Demand(labels: true))
    #expect(data.rules == ["voc.masks.unknown-class"])
    let annotations = data.samples[0].annotations
    #expect(annotations.map(lines) == [["##.."], ["...#"]])
    #expect(data.names(data.samples[0]) == ["fox"] && annotations[1].label == nil)
    #expect(data.header.labels.labels.map(\.name) == ["fox"])
  }

  @Test func sizesMustAgree() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/a.xml", maskXML("a.jpg", width: 4, height: 1, [("cat", [0, 0, 1, 1])]))
    try folder.add("SegmentationClass/a.png", picture(["888"]))
    try folder.add("Annotations/b.xml", maskXML("b.jpg", width: 3, height: 1, [("cat", [0, 0, 1, 1])]))
    try folder.add("SegmentationClass/b.png", picture(["888"]))
    try folder.add("SegmentationObject/b.png", picture(["1111"]))
    let data = try read(folder.path)
    #expect(data.errors.map(\.rule) == ["voc.masks.size", "voc.masks.size"])
    #expect(
      data.errors.map(\.message) == [
        "The mask has 3 x 1 pixels, and the image 4 x 1; the mask is left out",
        "The picture of objects has 4 x 1 pixels, that of classes 3 x 1",
      ])
    #expect(data.samples.count == 2 && data.samples.allSatisfy { $0.annotations.count == 1 })
  }

  @Test func brokenPicturesAreErrorsWithTheirPlace() throws {
    let folder = try TemporaryFolder()
    try folder.add("SegmentationClass/a.png", "no picture")
    try folder.add("Annotations/b.xml", maskXML("b.jpg", width: 3, height: 1, [("cat", [0, 0, 1, 1])]))
    let whole = try picture(["888"]).encoded()
    try folder.add("SegmentationObject/b.png", Array(whole.dropLast(20)))
    let data = try read(folder.path)
    #expect(data.errors.map(\.rule) == ["voc.masks.png", "voc.masks.png"])
    let places = data.errors.compactMap(\.range)
    #expect(
      places.map { data.sources.path(of: $0.file).split(separator: "/").suffix(2).joined(separator: "/") } == [
        "SegmentationObject/b.png", "SegmentationClass/a.png",
      ])
    #expect(places.map(\.offset) == [whole.count - 20, 0])
    // The boxes stay, the image that only the mask told of goes.
    #expect(data.samples.map(\.key) == ["b.jpg"] && data.samples[0].annotations.count == 1)
  }

  @Test func noiseIsRefused() throws {
    let folder = try TemporaryFolder()
    let numbers = (0..<UInt32(70_000)).map { $0 * 3 + 1 }
    try folder.add("SegmentationClass/a.png", LabelPicture(width: 700, height: 100, form: .rgb, numbers: numbers))
    let data = try read(folder.path, demand: Demand(labels: true))
    #expect(data.errors.map(\.rule) == ["voc.masks.too-many"])
    #expect(data.header.labels.count == 0)
  }

  @Test func setsForSegmentationAreKeptBesideTheMainOnes() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try folder.add("Annotations/\(name).xml", maskXML("\(name).jpg", width: 1, height: 1, [("cat", [0, 0, 1, 1])]))
    }
    try folder.add("SegmentationClass/a.png", picture(["8"]))
    try folder.add("ImageSets/Main/train.txt", "a\nb\n")
    try folder.add("ImageSets/Segmentation/val.txt", "a\n")
    let data = try read(folder.path)
    #expect(data.samples.map(\.split) == ["train", "train"])
    #expect(data.samples.map { PreservedReader($0.preserved, "pascal-voc").string("segmentation") } == ["validation", nil])
  }
}
