import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillPascalVOC

@Suite struct MaskWritingTests {
  /// A sample of masks given as lines of `#`.
  private func sample(_ key: String, _ masks: [(label: Int, lines: [String])], box: Bool = true) -> Sample {
    var sample = Sample(
      key: key, media: Media(.image, location: key, width: masks[0].lines[0].utf8.count, height: masks[0].lines.count))
    for mask in masks {
      let rows = mask.lines.flatMap { line -> [UInt16] in line.utf8.map { $0 == 0x23 ? 1 : 0 } }
      let (width, height) = (mask.lines[0].utf8.count, mask.lines.count)
      let runs = RegionMap(width: width, height: height, rows: rows)?.runs(of: 1)[0] ?? []
      let shape = Mask(width: width, height: height, runs: .counts(runs.isEmpty ? [UInt32(rows.count)] : runs))
      var annotation = Annotation(label: LabelID(index: UInt32(mask.label)), shape: .mask(shape))
      if box { annotation.box = RunLength.bounds(of: runs, height: height)?.converted(to: .corners) }
      sample.annotations.append(annotation)
    }
    return sample
  }

  private func header(_ names: String..., colors: [String?] = []) -> DatasetHeader {
    var labels = names.map { Label(name: $0) }
    for (index, color) in colors.enumerated() { labels[index].style.color = color }
    return DatasetHeader(labels: LabelTable(labels), labelsAreComplete: true)
  }

  /// Writes, reads back, and compares all but the preserved fields.
  private func roundTrip(_ header: DatasetHeader, _ samples: [Sample], in folder: TemporaryFolder) throws -> ReadDataset {
    let diagnostics = try write(header, samples, to: "\(folder.path)/out", [])
    #expect(diagnostics.items.map(\.message).isEmpty)
    let data = try read("\(folder.path)/out")
    #expect(data.rules.isEmpty, "\(data.diagnostics.items.map(\.message))")
    for (found, expected) in zip(data.samples, samples) {
      #expect(found.key == expected.key)
      #expect(found.annotations.map(\.box) == expected.annotations.map(\.box), "\(found.key)")
      #expect(found.annotations.map(lines) == expected.annotations.map(lines), "\(found.key)")
      let names = expected.annotations.compactMap { $0.label.flatMap { header.labels[$0]?.name } }
      #expect(data.names(found) == names, "\(found.key)")
    }
    #expect(data.samples.count == samples.count)
    return data
  }

  @Test func theTwentyClassesHaveTheirNumbers() throws {
    let folder = try TemporaryFolder()
    let samples = [sample("a.jpg", [(1, ["##..", "...."]), (0, ["....", "..##"]), (1, ["...#", "...."])])]
    _ = try roundTrip(header("person", "cat"), samples, in: folder)
    let classes = try folder.picture("out/SegmentationClass/a.png")
    #expect(classes == picture(["88.8", "..ff"]))
    #expect(try folder.picture("out/SegmentationObject/a.png") == picture(["11.3", "..22"]))
    #expect(classes.palette[15] == 0xC08080 && classes.palette[255] == 0xE0E0C0)
    #expect(!folder.exists("out/labelmap.txt"))
    #expect(try folder.text("out/Annotations/a.xml").contains("<segmented>1</segmented>"))
  }

  @Test func otherLabelsGetALabelmap() throws {
    let folder = try TemporaryFolder()
    let samples = [sample("a.jpg", [(0, ["#..."]), (1, [".#.."]), (2, ["..#."])])]
    _ = try roundTrip(header("fox", "person", "hen", colors: [nil, nil, "#0a0b0c"]), samples, in: folder)
    #expect(
      try folder.text("out/labelmap.txt")
        == """
        # label:color_rgb:parts:actions
        background:0,0,0::
        fox:64,128,128::
        person:192,128,128::
        hen:10,11,12::

        """.replacing("64,128,128", with: colorText(21)))
    let classes = try folder.picture("out/SegmentationClass/a.png")
    #expect(classes.numbers.prefix(2) == [21, 15])
    #expect(classes.palette[Int(classes.numbers[2])] == 0x0A0B0C)
  }

  private func colorText(_ number: UInt32) -> String {
    let color = ColorMap.color(of: number)
    return "\(color >> 16),\(color >> 8 & 255),\(color & 255)"
  }

  @Test func masksWithoutABoxComeBackWithoutOne() throws {
    let folder = try TemporaryFolder()
    let samples = [sample("a.jpg", [(0, ["#.", "#."]), (0, [".#", "##"].map { $0.replacing("##", with: ".#") })], box: false)]
    _ = try roundTrip(header("cat"), samples, in: folder)
    #expect(try folder.text("out/Annotations/a.xml").contains("<object box=\"mask\">"))
  }

  @Test func emptyMasksAndMasksFarFromTheirBoxComeBack() throws {
    let folder = try TemporaryFolder()
    var odd = sample("a.jpg", [(0, ["...."]), (0, ["#..."]), (0, [".#.."])])
    odd.annotations[1].box = Box(2, 0, 4, 1, form: .corners)
    odd.annotations[2].partOf = 1
    odd.annotations[2].box = Box(1, 0, 2, 1, form: .corners)
    odd.annotations[0].box = Box(0, 0, 4, 1, form: .corners)
    _ = try roundTrip(header("cat"), [odd], in: folder)
    let text = try folder.text("out/Annotations/a.xml")
    #expect(
      text.contains("<object instance=\"0\">") && text.contains("<object instance=\"2\">") && text.contains("<part instance=\"3\">")
    )
  }

  @Test func manyObjectsAreWrittenInColour() throws {
    let folder = try TemporaryFolder()
    var crowded = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg", width: 300, height: 1))
    for index in 0..<300 {
      let runs = [UInt32(index), 1, UInt32(299 - index)]
      var annotation = Annotation(
        label: LabelID(index: 0), shape: .mask(Mask(width: 300, height: 1, runs: .counts(RunLength.canonical(runs)))))
      annotation.box = Box(Double(index), 0, Double(index + 1), 1, form: .corners)
      crowded.annotations.append(annotation)
    }
    _ = try roundTrip(header("cat"), [crowded], in: folder)
    let objects = try folder.picture("out/SegmentationObject/a.png")
    #expect(objects.form == .rgb)
    #expect(Set(objects.numbers).count == 300 && !objects.numbers.contains(255))
    #expect(try folder.picture("out/SegmentationClass/a.png").form == .palette)
  }

  @Test func labelsUnknownAtFirstAreNumberedInOrder() throws {
    let folder = try TemporaryFolder()
    // Labels join the table while samples are read, as from a manifest without a header.
    let header = DatasetHeader()
    let samples = (0..<7).map { index in sample("\(index).jpg", [(index % 3, ["#."])]) }
    for name in ["zebra", "person", "ant"] { _ = header.labels.intern(name) }
    var open = header
    open.labels = LabelTable()
    let output = "\(folder.path)/out"
    _ = try writeCounting(open, samples, to: output, labels: header.labels)
    let data = try read(output)
    #expect(
      data.samples.map { data.names($0) }
        == samples.map { sample in [["zebra", "person", "ant"][Int(sample.annotations[0].label?.index ?? 9)]] })
    let lines = try folder.text("out/labelmap.txt").split(separator: "\n").map { $0.split(separator: ":")[0] }
    #expect(lines.prefix(2) == ["# label", "background"] && lines.suffix(2) == ["zebra", "ant"] && lines.count == 24)
    #expect(try folder.picture("out/SegmentationClass/0.png").numbers == [21, 0])
    #expect(try folder.picture("out/SegmentationClass/1.png").numbers == [15, 0])
    #expect(try folder.picture("out/SegmentationClass/2.png").numbers == [22, 0])
  }

  @Test(arguments: [("refuse", false), ("cover", true)])
  func coveredPixelsAreCounted(option: String, isApproximated: Bool) throws {
    let folder = try TemporaryFolder()
    let samples = [sample("a.jpg", [(0, ["###."]), (0, ["..##"]), (0, ["...#"])])]
    let (diagnostics, losses) = try writeCounting(
      header("cat"), samples, to: "\(folder.path)/out", [("overlap", option)])
    #expect(Set(diagnostics.items.map(\.rule)) == ["voc.write.mask-overlap"])
    #expect(diagnostics.items.first?.message.contains("2 masks of \"a.jpg\" are covered in part by later ones: 2 pixels") == true)
    #expect(losses == [EncodingLoss(.mask, isApproximated: isApproximated), EncodingLoss(.mask, isApproximated: isApproximated)])
    #expect(try folder.picture("out/SegmentationObject/a.png") == picture(["1123"]))
  }

  @Test func masksThatAreNoPictureAreErrors() throws {
    let folder = try TemporaryFolder()
    var two = sample("two.jpg", [(0, ["#."])])
    two.annotations.append(Annotation(label: LabelID(index: 0), shape: .mask(Mask(width: 3, height: 1, runs: .counts([0, 3])))))
    two.media.width = nil
    var other = sample("other.jpg", [(0, ["#."])])
    other.media.width = 7
    var short = sample("short.jpg", [(0, ["#."])])
    short.annotations[0].shape = .mask(Mask(width: 2, height: 1, runs: .counts([0, 1])))
    var huge = sample("huge.jpg", [(0, ["#."])])
    (huge.media.width, huge.media.height) = (nil, nil)
    huge.annotations[0].shape = .mask(Mask(width: .max, height: .max, runs: .compressed("!")))
    let diagnostics = try write(header("cat"), [two, other, short, huge], to: "\(folder.path)/out", [])
    #expect(diagnostics.items.map(\.rule) == Array(repeating: "voc.write.mask", count: 4))
    #expect(!folder.exists("out/Annotations") && !folder.exists("out/SegmentationClass"))
  }
}
