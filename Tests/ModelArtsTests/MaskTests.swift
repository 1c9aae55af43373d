import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillModelArts

@Suite struct MaskTests {
  private func object(_ name: String, color: String?, _ place: String = "") -> String {
    "<object><name>\(name)</name>\(color.map { "<mask_color>\($0)</mask_color>" } ?? "")\(place)</object>"
  }

  private func xml(_ objects: String, source: String? = "./segmentationClassRaw/a.png", width: Int = 4, height: Int = 2) -> String {
    "<annotation><filename>a.jpg</filename><size><width>\(width)</width><height>\(height)</height><depth>3</depth></size>"
      + "<segmented>1</segmented>\(source.map { "<mask_source>\($0)</mask_source>" } ?? "")\(objects)</annotation>"
  }

  private let box = "<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>2</xmax><ymax>1</ymax></bndbox>"

  /// A folder with a manifest of one picture, its file and its mask, whose pixels are 1 to 3 or nothing.
  private func folder(_ xml: String, mask: [UInt32]? = [1, 1, 0, 2, 1, 3, 0, 2], form: LabelPicture.Form = .rgb) throws -> Scratch {
    let scratch = Scratch()
    scratch.put(
      "V001.manifest",
      #"{"source":"a.jpg","annotation":[{"type":"modelarts/image_segmentation","annotation-loc":"./annotation/a.xml"}]}"# + "\n")
    scratch.put("annotation/a.xml", xml)
    if let mask {
      let palette: [UInt32] = form == .palette ? (0..<4).map { ColorMap.color(of: $0) } : []
      let picture = LabelPicture(width: 4, height: 2, form: form, palette: palette, numbers: mask)
      scratch.put("segmentationClassRaw/a.png", try picture.encoded())
    }
    return scratch
  }

  private func runs(_ annotation: Annotation) -> [UInt32]? {
    guard case .mask(let mask)? = annotation.shape else { return nil }
    return try? RunLength.runs(of: mask)
  }

  @Test(arguments: [LabelPicture.Form.rgb, .palette])
  func objectsGetThePixelsOfTheirColour(form: LabelPicture.Form) throws {
    let scratch = try folder(
      xml(object("fox", color: "128,0,0", box) + object("hen", color: " 0, 128, 0 ") + object("cow", color: nil, box)), form: form)
    let reading = try read(scratch("V001.manifest"))
    #expect(reading.rules.isEmpty, "\(reading.diagnostics.map(\.message))")
    let annotations = reading.samples[0].annotations
    #expect(annotations.map(runs) == [[0, 3, 5], [6, 2], nil])
    #expect(annotations.map { $0.box != nil } == [true, false, true])
    // Back to the same bytes.
    let before = try (scratch.text("annotation/a.xml"), scratch.picture("segmentationClassRaw/a.png"))
    try write(reading.samples, reading.header, to: scratch("out"))
    let again = try read(scratch("out"))
    #expect(again.samples.map(\.annotations) == reading.samples.map(\.annotations))
    let painted = try scratch.picture("out/segmentationClassRaw/a.png")
    #expect(painted.numbers == before.1.numbers.map { $0 == 3 ? 0 : $0 })
    #expect(scratch.text("out/annotation/a.xml")?.contains("<mask_source>./segmentationClassRaw/a.png</mask_source>") == true)
    #expect(scratch.text("out/annotation/a.xml")?.contains("<mask_color> 0, 128, 0 </mask_color>") == true)
  }

  @Test func polygonsNeedNoPicture() throws {
    let polygon = "<polygon><x1>0</x1><y1>0</y1><x2>2</x2><y2>0</y2><x3>2</x3><y3>2</y3></polygon>"
    let source = "obs://bucket/annotation/V001/segmentationClassRaw/a.png"
    let scratch = try folder(xml(object("fox", color: "193,243,53", polygon), source: source), mask: nil)
    let reading = try read(scratch("V001.manifest"))
    #expect(reading.rules.isEmpty)
    guard case .polygon? = reading.samples[0].annotations[0].shape else {
      Issue.record("no polygon")
      return
    }
    try write(reading.samples, reading.header, to: scratch("out"))
    let text = try #require(scratch.text("out/annotation/a.xml"))
    #expect(text.contains("<mask_color>193,243,53</mask_color>") && text.contains("<mask_source>\(source)</mask_source>"))
  }

  @Test func missingPicturesAreSaid() throws {
    let boxed = try folder(xml(object("fox", color: "1,2,3", box)), mask: nil)
    let reading = try read(boxed("V001.manifest"))
    #expect(reading.rules == ["modelarts.sidecar.missing"])
    #expect(reading.samples[0].annotations.count == 1 && reading.samples[0].annotations[0].shape == nil)

    let bare = try folder(xml(object("fox", color: "1,2,3") + object("hen", color: nil, box)), mask: nil)
    let second = try read(bare("V001.manifest"))
    #expect(second.rules == ["modelarts.sidecar.missing", "modelarts.mask.missing"])
    #expect(second.samples[0].annotations.compactMap { second.name($0) } == ["hen"])

    let unnamed = try folder(xml(object("fox", color: "1,2,3"), source: nil), mask: nil)
    #expect(try read(unnamed("V001.manifest")).rules == ["modelarts.mask.missing"])
    // Without a colour there is no place at all.
    let placeless = try folder(xml(object("fox", color: "1,2,300")))
    #expect(try read(placeless("V001.manifest")).rules == ["voc.object.no-shape"])
  }

  @Test func picturesThatDoNotFitAreErrors() throws {
    let wide = try folder(xml(object("fox", color: "128,0,0"), width: 5))
    #expect(try read(wide("V001.manifest")).rules == ["modelarts.mask.size"])
    let broken = try folder(xml(object("fox", color: "128,0,0", box)), mask: nil)
    broken.put("segmentationClassRaw/a.png", "no picture")
    let reading = try read(broken("V001.manifest"))
    #expect(reading.rules == ["modelarts.mask.png"])
    #expect(reading.sources.path(of: try #require(reading.diagnostics[0].range).file).hasSuffix("segmentationClassRaw/a.png"))
  }

  @Test func coloursWithoutPixelsAndSharedOnesAreSaid() throws {
    let scratch = try folder(
      xml(
        object("fox", color: "128,0,0") + object("hen", color: "128,0,0") + object("cow", color: "9,9,9")
          + object("ant", color: "0,0,0")))
    let reading = try read(scratch("V001.manifest"))
    #expect(reading.rules == ["modelarts.mask.color", "modelarts.mask.color", "modelarts.mask.color"])
    #expect(reading.samples[0].annotations.map(runs) == [[0, 3, 5], [8], [8], [8]])
  }

  @Test func masksOfOtherFormatsArePainted() throws {
    let scratch = Scratch()
    let header = DatasetHeader(labels: LabelTable([Label(name: "fox")]), labelsAreComplete: true)
    let samples = ["s3://bucket/in/x/1.jpg", "s3://bucket/in/y/1.jpg", "../odd/2.jpg"].map { location in
      var sample = Sample(key: location, media: Media(.image, location: location, width: 3, height: 1))
      for start in 0..<UInt32(2) {
        let mask = Mask(width: 3, height: 1, runs: .counts(RunLength.canonical([start, 1, 2 - start])))
        sample.annotations.append(Annotation(label: LabelID(index: 0), shape: .mask(mask)))
      }
      return sample
    }
    #expect(try write(samples, header, to: scratch("out")).isEmpty)
    #expect(
      scratch.files.filter { $0.hasSuffix(".png") } == [
        "out/segmentationClassRaw/3.png", "out/segmentationClassRaw/in/x/1.png", "out/segmentationClassRaw/in/y/1.png",
      ])
    let reading = try read(scratch("out"))
    #expect(reading.rules.isEmpty, "\(reading.diagnostics.map(\.message))")
    #expect(reading.samples.map { $0.annotations.map(runs) } == Array(repeating: [[0, 1, 2], [1, 1, 1]], count: 3))
    #expect(scratch.text("out/V001.manifest")?.contains("modelarts/image_segmentation") == true)
    #expect(try scratch.picture("out/segmentationClassRaw/in/x/1.png").numbers == [1, 2, 0])
  }

  @Test func whatCannotBePaintedIsSaid() throws {
    let scratch = Scratch()
    let header = DatasetHeader(labels: LabelTable([Label(name: "fox")]), labelsAreComplete: true)
    func sample(_ key: String, _ masks: [(width: Int, runs: [UInt32])], width: Int = 3) -> Sample {
      var sample = Sample(key: key, media: Media(.image, location: key, width: width, height: 1))
      for mask in masks {
        sample.annotations.append(
          Annotation(label: LabelID(index: 0), shape: .mask(Mask(width: mask.width, height: 1, runs: .counts(mask.runs)))))
      }
      return sample
    }
    let broken = [
      sample("a.jpg", [(3, [0, 3]), (2, [0, 2])]), sample("b.jpg", [(3, [0, 2])]), sample("c.jpg", [(3, [0, 3])], width: 4),
      sample("d.jpg", [(3, [0, 3])]), sample("d.png", [(3, [0, 3])]),
    ]
    #expect(try write(broken, header, to: scratch("out")).map(\.rule) == Array(repeating: "modelarts.write.mask", count: 4))
    let covered = sample("e.jpg", [(3, [0, 2, 1]), (3, [1, 2])])
    #expect(try write([covered], header, to: scratch("two")).map(\.rule) == ["modelarts.write.mask-overlap"])
  }
}

extension Scratch {
  fileprivate func picture(_ name: String) throws -> LabelPicture {
    try #require(contents(name)).withUnsafeBytes { try LabelPicture($0) }
  }
}
