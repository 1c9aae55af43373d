import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillModelArts

private let xml = """
  <?xml version="1.0" encoding="UTF-8" standalone="no"?>
  <annotation>
      <folder>NA</folder>
      <filename>0001.jpg</filename>
      <source>
          <database>Unknown</database>
      </source>
      <size>
          <width>640</width>
          <height>480</height>
          <depth>3</depth>
      </size>
      <segmented>0</segmented>
      <object>
          <name>car</name>
          <pose>Unspecified</pose>
          <truncated>0</truncated>
          <difficult>0</difficult>
          <occluded>0</occluded>
          <bndbox>
              <xmin>10</xmin>
              <ymin>20</ymin>
              <xmax>110</xmax>
              <ymax>90</ymax>
          </bndbox>
      </object>
  </annotation>

  """

private func entry(_ place: String, _ source: String = "a.jpg") -> String {
  #"{"annotation":[{"name":"day","type":"modelarts/image_classification"},{"annotation-format":"PASCAL VOC","type":"modelarts/object_detection","annotation-loc":"\#(place)","creation-time":"2024-05-06 07:08:09","hard":"true","annotated-by":"human"}],"source":"\#(source)"}"#
}

@Suite struct SidecarTests {
  /// How the manifest calls the file, and where it lies.
  @Test(arguments: [
    ("./voc/0001.xml", "voc/0001.xml"), ("voc/0001.xml", "voc/0001.xml"),
    ("s3://b/out/annotation/V001/annotation/0001.xml", "annotation/0001.xml"),
    ("obs://b/0001.xml", "0001.xml"), ("s3://b/x/y/0001.xml", "annotation/0001.xml"), ("s3://b/x/y/0001.xml", "x/y/0001.xml"),
  ]) func found(place: String, file: String) throws {
    let scratch = Scratch()
    scratch.put("in/\(file)", xml)
    let reading = try read(scratch.put("in/V001.manifest", entry(place)))
    #expect(reading.rules == [])
    let sample = try #require(reading.samples.first)
    #expect(sample.annotations.map { reading.name($0) } == ["day", "car"])
    #expect(sample.annotations.last?.box == Box(10, 20, 110, 90, form: .corners))
    #expect(sample.annotations.last?.author == "human")
    #expect(sample.annotations.last?.createdAt?.text(separator: 32) == "2024-05-06 07:08:09")
    #expect(sample.media.width == 640)
    #expect(sample.media.channels == 3)
    // Written again, it is found again, and all bytes are the same.
    try write(reading.samples, reading.header, to: scratch("out"))
    #expect(scratch.text("out/V001.manifest") == entry(place))
    let again = try read(scratch("out"))
    #expect(again.samples == reading.samples)
    #expect(again.rules == [])
    let written = try #require(FileManager.default.subpaths(atPath: scratch("out"))?.first { $0.hasSuffix(".xml") })
    #expect(scratch.text("out/" + written) == xml)
  }

  @Test func mappedAndAbsolute() throws {
    let scratch = Scratch()
    scratch.put("bucket/k/1.xml", xml)
    var map = URLMap()
    map.add("s3://b", folder: scratch("bucket"))
    let manifest = scratch.put(
      "in/V001.manifest",
      entry("s3a://b/k/1.xml") + "\n" + entry(scratch("bucket/k/1.xml")) + "\n" + entry("file://" + scratch("bucket/k/1.xml")))
    let reading = try read(manifest, urlMap: map)
    #expect(reading.rules == [])
    #expect(reading.samples.map(\.annotations.count) == [2, 2, 2])
  }

  @Test func searchCanBeOff() throws {
    let scratch = Scratch()
    scratch.put("in/annotation/1.xml", xml)
    let reading = try read(scratch.put("in/V001.manifest", entry("s3://b/annotation/1.xml")), [("search", "no")])
    #expect(reading.rules == ["modelarts.sidecar.missing"])
  }

  @Test(arguments: ["", "<annotation>", "<x/>", "<annotation><object></object></annotation>", "\u{0}"]) func broken(text: String)
    throws
  {
    let scratch = Scratch()
    let path = scratch.put("in/voc/1.xml", text)
    let reading = try read(scratch.put("in/V001.manifest", entry("./voc/1.xml")))
    #expect(reading.samples.first?.annotations.first.flatMap { reading.name($0) } == "day")
    #expect(reading.samples.first?.annotations.count == 1)
    let diagnostic = try #require(reading.diagnostics.first { $0.severity == .error })
    #expect(diagnostic.range.map { reading.sources.path(of: $0.file) } == path)
  }

  @Test func aFolderInsteadOfAFile() throws {
    let scratch = Scratch()
    scratch.put("in/voc/1.xml/x", "")
    let reading = try read(scratch.put("in/V001.manifest", entry("./voc/1.xml")))
    #expect(reading.rules == ["modelarts.sidecar.unreadable"])
  }

  @Test func oneFileForManyLines() throws {
    let scratch = Scratch()
    scratch.put("in/1.xml", xml)
    let text = (0..<5).map { entry("./1.xml", "\($0).jpg") }.joined(separator: "\n")
    let reading = try read(scratch.put("in/V001.manifest", text))
    try write(reading.samples, reading.header, to: scratch("same"))
    #expect(scratch.text("same/V001.manifest") == text)
    // One of them is changed: it gets a file of its own.
    var samples = reading.samples
    samples[2].annotations[1].box = Box(1, 1, 2, 2, form: .corners)
    try write(samples, reading.header, to: scratch("changed"), batch: 2)
    let again = try read(scratch("changed"))
    #expect(again.samples.map { $0.annotations.last?.box } == samples.map { $0.annotations.last?.box })
  }

  @Test func boxesAddedAndRemoved() throws {
    let scratch = Scratch()
    scratch.put("in/1.xml", xml)
    let reading = try read(scratch.put("in/V001.manifest", entry("./1.xml")))
    var samples = reading.samples
    samples[0].annotations.append(Annotation(label: samples[0].annotations[1].label, box: Box(1, 1, 2, 2, form: .corners)))
    try write(samples, reading.header, to: scratch("more"))
    #expect(try read(scratch("more")).samples.first?.annotations.count == 3)
    samples[0].annotations.removeLast(2)
    try write(samples, reading.header, to: scratch("none"))
    #expect(try read(scratch("none")).samples.first?.annotations.count == 1)
    #expect(scratch.text("none/V001.manifest") == entry("./1.xml"))
  }

  @Test func twoFilesOfOneLine() throws {
    let scratch = Scratch()
    scratch.put("in/1.xml", xml)
    scratch.put("in/2.xml", xml.replacingOccurrences(of: "640", with: "641").replacingOccurrences(of: "car", with: "bus"))
    let line =
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/object_detection","annotation-loc":"1.xml"},{"name":"x","type":"modelarts/image_classification"},{"type":"modelarts/image_segmentation","annotation-loc":"2.xml"}]}"#
    let reading = try read(scratch.put("in/V001.manifest", line))
    #expect(reading.samples.first?.annotations.map { reading.name($0) } == ["car", "x", "bus"])
    try write(reading.samples, reading.header, to: scratch("out"))
    #expect(scratch.text("out/V001.manifest") == line)
    #expect(scratch.text("out/1.xml") == xml)
    #expect(scratch.text("out/2.xml") == scratch.text("in/2.xml"))
  }

  @Test func realFilesKeepTheirBytes() throws {
    guard let corpus = PackageFolder.corpus else { return print("the real files are not here: skipped") }
    let folder = "\(corpus)/modelarts-manifest/modelarts-dataset-sdk"
    let scratch = Scratch()
    let reading = try read(folder + "/detect-multi-local-voc.manifest")
    try write(reading.samples, reading.header, to: scratch("out"))
    let again = try read(scratch("out"))
    #expect(again.samples == reading.samples)
  }
}
