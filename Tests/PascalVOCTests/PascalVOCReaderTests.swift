import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPascalVOC

@Suite struct PascalVOCReaderTests {
  @Test func readsADevelopmentKit() throws {
    let data = try read("\(fixtures)/devkit/input")
    #expect(data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    #expect(data.samples.map(\.key) == ["000001.jpg", "000002.jpg", "000003.jpg"])
    #expect(data.samples.map(\.split) == ["train", "validation", nil])
    #expect(data.header.labels.labels.map(\.name) == ["background", "dog", "person", "car"])
    #expect(data.header.labels.labels.map(\.style.color) == ["#000000", "#400080", "#c08080", "#808080"])
    #expect(data.names(data.samples[0]) == ["dog", "person"])
    #expect(data.samples[0].media.width == 64 && data.samples[0].media.height == 48 && data.samples[0].media.channels == 3)
    #expect(data.mediaFolders.first == "\(fixtures)/devkit/input/VOC2007/JPEGImages")
    let file = try #require(data.samples[1].source).file
    #expect(data.sources.path(of: file).hasSuffix("VOC2007/Annotations/000002.xml"))
  }

  @Test func readsSplitsFromFolders() throws {
    let data = try read("\(fixtures)/roboflow/input")
    #expect(data.diagnostics.isEmpty)
    #expect(data.samples.map(\.split) == ["train", "validation"])
    #expect(data.samples.allSatisfy { $0.annotations[0].box != nil && $0.annotations[0].shape != nil })
  }

  @Test func readsOneFile() throws {
    let data = try read("\(fixtures)/voc2012-person/input.xml", demand: Demand(labels: true))
    #expect(data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    #expect(data.samples.count == 1)
    #expect(data.header.labels.labels.map(\.name) == ["person", "head"])
    #expect(data.header.labelsAreComplete)
    #expect(data.samples[0].annotations[1].partOf == 1)
    #expect(
      data.samples[0].annotations[0].attributes
        == ["actions": .object(["phoning": .boolean(true), "running": .boolean(false)]), "pose": .string("Frontal")])
  }

  @Test func labelsComeInTheOrderOfFirstUseWhenDemanded() throws {
    let folder = try TemporaryFolder()
    try folder.add("b.xml", xml("b.jpg", "zebra", "ant"))
    try folder.add("a.xml", xml("a.jpg", "mouse"))
    try folder.add("c.xml", "<annotation><object><name>torn")
    let data = try read(folder.path, demand: Demand(labels: true))
    #expect(data.header.labels.labels.map(\.name) == ["mouse", "zebra", "ant"])
    #expect(data.rules == ["xml.syntax"])
  }

  @Test func classNamesGiveTheOrderOfLabels() throws {
    let folder = try TemporaryFolder()
    try folder.add("class_names.txt", "__ignore__\r\n_background_\ncat\n")
    try folder.add("a.xml", xml("a.jpg", "dog", "cat"))
    let data = try read(folder.path)
    #expect(data.header.labels.labels.map(\.name) == ["__ignore__", "_background_", "cat", "dog"])
  }

  @Test func setsListImagesWithoutAnnotations() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/1.xml", xml("1.jpg", "a"))
    try folder.add("Annotations/sub/2.xml", xml("2.jpg", "a"))
    try folder.add("JPEGImages/3.png", "x")
    try folder.add("ImageSets/Main/train.txt", "1\r\nsub/2\r\n\r\n3\r\n4")
    try folder.add("ImageSets/Main/test.txt", "1\n")
    try folder.add("ImageSets/Main/trainval.txt", "1\nsub/2\n3\n")
    try folder.add("ImageSets/Main/a_train.txt", "1 1\nsub/2  -1\n")
    try folder.add("ImageSets/Main/b_train.txt", "")
    try folder.add("ImageSets/Main/my_split.txt", "1\n")
    let data = try read(folder.path)
    #expect(data.samples.map(\.key) == ["1.jpg", "2.jpg", "3.png", "4"])
    #expect(data.samples.map(\.split) == ["train", "train", "train", "train"])
    #expect(
      data.rules == [
        "voc.set.no-annotation", "voc.set.no-annotation", "voc.set.two-splits", "voc.set.two-splits",
      ])
    let place = try #require(data.diagnostics.items[0].range)
    #expect(place.offset == 12 && place.length == 1)
  }

  /// Names that look the same and have other bytes are different files.
  @Test func namesAreComparedByTheirBytes() throws {
    let folder = try TemporaryFolder()
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    try folder.add("Annotations/\(one).xml", xml("\(one).jpg", "\(one)"))
    try folder.add("Annotations/\(two).xml", xml("\(two).jpg", "\(two)"))
    try folder.add("ImageSets/Main/train.txt", "\(one)\n")
    try folder.add("ImageSets/Main/val.txt", "\(two)\n")
    let data = try read(folder.path)
    #expect(data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    let splits = data.samples.map { [$0.split ?? "", $0.key.unicodeScalars.contains("\u{301}") ? "two" : "one"] }
    #expect(splits == [["validation", "two"], ["train", "one"]])
  }

  @Test func aMissingFilenameIsTakenFromTheFile() throws {
    let folder = try TemporaryFolder()
    try folder.add("Annotations/one.xml", xml(nil, "a"))
    try folder.add("Annotations/two.xml", xml("two", "a"))
    try folder.add("Annotations/three.xml", xml("", "a"))
    try folder.add("JPEGImages/one.PNG", "x")
    try folder.add("JPEGImages/two.txt", "x")
    try folder.add("JPEGImages/two.jpeg", "x")
    let data = try read(folder.path)
    #expect(data.samples.map(\.key) == ["one.PNG", "three", "two.jpeg"])
    #expect(data.rules == ["voc.filename", "voc.filename", "voc.filename"])
    let output = try TemporaryFolder()
    try write(data.header, data.samples, to: "\(output.path)/o")
    #expect(try read("\(output.path)/o").rules == ["voc.filename", "voc.filename", "voc.filename"])
    #expect(try !String(contentsOfFile: "\(output.path)/o/Annotations/one.xml", encoding: .utf8).contains("filename"))
  }

  @Test func brokenFilesAreReportedWithTheirPlaceAndTheRestIsRead() throws {
    let folder = try TemporaryFolder()
    try folder.add("1.xml", "<annotation>\n  <filename>1.jpg</file>\n</annotation>")
    try folder.add("2.xml", "")
    try folder.add("3.xml", "<config/>")
    try folder.add("4.xml", [0xEF, 0xBB, 0xBF] + Array(xml("4.jpg", "a").utf8))
    try folder.add("5.xml", Array("<annotation><filename>".utf8) + [0xFF] + Array("</filename></annotation>".utf8))
    try folder.add("6.xml", "<!DOCTYPE annotation [<!ENTITY a \"b\">]><annotation>&a;</annotation>")
    let data = try read(folder.path)
    #expect(data.samples.map(\.key) == ["4.jpg"])
    #expect(data.rules == ["xml.syntax", "xml.empty", "voc.root", "voc.file.bom", "xml.encoding", "xml.entity"])
    let rules = PascalVOCFormat.descriptor.rules
    for item in data.diagnostics.items {
      #expect(rules.contains { $0.id == item.rule && $0.severity == item.severity }, "\(item.rule)")
      #expect(item.range != nil)
    }
  }

  @Test(arguments: [
    ("invalid-box", "voc.box.number", 7), ("invalid-truncated", "xml.syntax", 4),
    ("invalid-two-boxes", "voc.object.two-shapes", 11),
  ])
  func brokenFixtures(_ name: String, _ rule: String, _ line: Int) throws {
    let path = "\(fixtures)/\(name)/input.xml"
    let data = try read(path)
    #expect(data.errors.map(\.rule) == [rule])
    let offset = try #require(data.errors.first?.range?.offset)
    let before = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(offset)
    #expect(before.filter { $0 == 0x0A }.count + 1 == line)
  }

  @Test func rulesAreDeclaredOnce() {
    let ids = PascalVOCFormat.descriptor.rules.map(\.id)
    #expect(Set(ids).count == ids.count)
  }

  @Test func unreadableInputsAreErrors() throws {
    #expect(throws: DatasetError.self) { try read("/nonexistent/voc") }
    let folder = try TemporaryFolder()
    #expect(try read(folder.path).samples.isEmpty)
  }

  @Test func filesThatVanishAreReported() throws {
    let folder = try TemporaryFolder()
    try folder.add("1.xml", xml("1.jpg", "a"))
    let path = try folder.add("2.xml", xml("2.jpg", "a"))
    let options = try FormatOptions([], declared: PascalVOCFormat.descriptor.readOptions, format: "pascal-voc")
    func check<R: FormatReader>(_ reader: R) throws {
      let context = ReadContext(sources: SourceMap())
      let index = try reader.survey(Demand(), context)
      try FileManager.default.removeItem(atPath: path)
      #expect(try reader.decode(1, in: index, context) == nil)
      #expect(context.diagnostics.items.map(\.rule) == ["voc.file.unreadable"])
      #expect(try reader.decode(0, in: index, context)?.key == "1.jpg")
      #expect(try reader.decode(7, in: index, context) == nil)
    }
    try check(try PascalVOCFormat.makeReader(DatasetInput(path: folder.path), options))
  }

  @Test func detection() throws {
    func confidence(_ path: String) throws -> Detection.Confidence? {
      PascalVOCFormat.detect(try DetectionProbe(DatasetInput(path: path)))?.confidence
    }
    for name in ["devkit/input", "roboflow/input", "modelarts-shapes/input.xml", "voc2012-person/input.xml"] {
      #expect(try confidence("\(fixtures)/\(name)") == .certain)
    }
    let folder = try TemporaryFolder()
    let cases: [(String, Detection.Confidence?)] = [
      ("<?xml version=\"1.0\"?><!-- <a> --><annotation><filename>a</filename></annotation>", .likely),
      ("<annotations><image/></annotations>", nil), ("{\"images\":[]}", nil), ("", nil), ("<", nil), ("<annotation/>", nil),
      ("<annotation><filename>a</filename><folder>b</folder><source><sourceImage>x</sourceImage></source></annotation>", nil),
      ("<!DOCTYPE annotation><annotation><object><bndbox>", .certain),
    ]
    for (index, item) in cases.enumerated() {
      #expect(try confidence(folder.add("\(index).txt", item.0)) == item.1, "\(item.0)")
    }
  }
}
