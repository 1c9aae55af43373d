import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPNG

@testable import WaybillCOCO

@Suite struct COCOPanopticTests {
  /// A panoptic file with one image of 2 x 2 pixels, and its PNG file.
  private func folder(
    _ segments: String, images: String? = #"{"id":1,"file_name":"a.jpg","width":2,"height":2}"#, ids: [UInt32] = [5, 5, 0, 6],
    png: String = "p/a.png"
  ) throws -> ScratchFolder {
    let folder = try ScratchFolder()
    let list = images.map { #""images":[\#($0)],"categories":[{"id":3,"name":"cat","isthing":1}],"# } ?? ""
    _ = try folder.write(#"{\#(list)"annotations":[{"image_id":1,"file_name":"a.png","segments_info":[\#(segments)]}]}"#, "p.json")
    _ = try folder.write(Data(IDPicture(width: 2, height: 2, ids: ids).picture.encoded()), png)
    return folder
  }

  static let two = #"{"id":5,"category_id":3,"area":2,"bbox":[0,0,2,1],"iscrowd":0},{"id":6,"category_id":3,"isthing":1}"#

  @Test func segmentsBecomeMasks() throws {
    let folder = try folder(Self.two)
    let dataset = try COCOTest.read(folder.path + "/p.json")
    #expect(dataset.diagnostics.isEmpty, "\(dataset.diagnostics.items)")
    let sample = try #require(dataset.samples.first)
    #expect(sample.key == "a.jpg")
    #expect(sample.preserved.isEmpty)
    var first = Annotation(id: .integer(5), label: LabelID(index: 0), box: Box(0, 0, 2, 1, form: .extent))
    first.area = 2
    first.flags.crowd = false
    first.shape = .mask(Mask(width: 2, height: 2, runs: .counts([0, 1, 1, 1, 1])))
    var second = Annotation(id: .integer(6), label: LabelID(index: 0))
    second.shape = .mask(Mask(width: 2, height: 2, runs: .counts([3, 1])))
    second.preserved = Preserved("coco", members: Array(#""isthing":1"#.utf8))
    #expect(sample.annotations == [first, second])
    #expect(dataset.header.labels.labels.first?.preserved["coco"] == Array(#""isthing":1"#.utf8))
  }

  @Test func withoutImagesAndCategories() throws {
    let folder = try folder(Self.two, images: nil)
    let dataset = try COCOTest.read(folder.path + "/p.json")
    #expect(dataset.diagnostics.isEmpty, "\(dataset.diagnostics.items)")
    #expect(dataset.samples.map(\.key) == ["1"])
    #expect(dataset.samples.first?.media.width == 2)
    #expect(dataset.header.labels.labels == [Label(name: "3", id: .integer(3))])
    // The name of the PNG file is not the usual one, which would be the image's id.
    #expect(dataset.samples.first?.preserved["coco"] == Array(#""waybill:panoptic":{"members":{"file_name":"a.png"}}"#.utf8))
    _ = try folder.write(
      #"{"images":[{"id":1,"file_name":"x/a.png"}],"categories":[{"id":3,"name":"dog"}],"info":1}"#, "truth.json")
    let joined = try COCOTest.read(folder.path + "/p.json", [("images", "truth.json")])
    #expect(joined.diagnostics.isEmpty, "\(joined.diagnostics.items)")
    #expect(joined.samples.map(\.key) == ["x/a.png"])
    #expect(joined.header.labels.labels.map(\.name) == ["dog"])
    #expect(joined.annotations.count == 2)
  }

  /// A file is known by its first segments, though they fill all that is looked at.
  @Test func detection() throws {
    let segments = Array(repeating: Self.two, count: 100).joined(separator: ",")
    let text = #"{"annotations":[{"segments_info":[\#(segments)],"image_id":1}]}"#
    let folder = try ScratchFolder()
    let found = COCOFormat.detect(try DetectionProbe(DatasetInput(path: folder.write(text))))
    #expect(found?.confidence == .certain)
    #expect(found?.reasons.first?.contains("segments_info") == true)
  }

  @Test(arguments: ["p", "p_pixelmaps"]) func usualFolders(_ name: String) throws {
    let folder = try folder(Self.two, png: name + "/a.png")
    #expect(try COCOTest.read(folder.path + "/p.json").diagnostics.isEmpty)
  }

  @Test func folderAskedFor() throws {
    let folder = try folder(Self.two, png: "elsewhere/a.png")
    let path = folder.path + "/p.json"
    #expect(try COCOTest.read(path).rules == ["coco.panoptic.no-folder"])
    #expect(try COCOTest.read(path, [("masks", "elsewhere")]).diagnostics.isEmpty)
    #expect(try COCOTest.read(path, [("masks", folder.path + "/elsewhere")]).diagnostics.isEmpty)
    #expect(try COCOTest.read(path, [("masks", "p")]).rules == ["coco.panoptic.no-folder"])
    #expect(try COCOTest.read(path, [("masks", "p.json")]).rules == ["coco.panoptic.no-folder"])
  }

  /// Segments, the rule they break, and how many annotations stay.
  static let broken: [(segments: String, rule: String, kept: Int)] = [
    (#"{"id":5,"category_id":3}"#, "coco.panoptic.unknown-segment", 1),
    (two + #",{"id":7}"#, "coco.segment.no-pixels", 2),
    (two + #",{"id":6}"#, "coco.segment.duplicate-id", 2),
    (two + #",{"id":0}"#, "coco.segment.id", 2),
    (two + #",{"id":-5}"#, "coco.segment.id", 2),
    (two + #",{"id":16777216}"#, "coco.segment.id", 2),
    (two + #",{"id":1e300}"#, "coco.segment.id", 2),
    (two + #",{"id":"5"}"#, "coco.segment.id", 2),
    (two + #",{}"#, "coco.segment.id", 2),
    (two + #",7"#, "json.syntax", 2),
    (two + #",{"id":7,"id":8}"#, "json.duplicate-key", 2),
    (#"{"id":5},{"id":6,"category_id":4}"#, "coco.annotation.unknown-category", 1),
    (#"{"id":5},{"id":6,"bbox":[1,2,3]}"#, "coco.annotation.box-count", 1),
    (#"{"id":5,"area":3},{"id":6}"#, "coco.segment.area", 2),
    (#"{"id":5},{"id":6,"category_id":"3"}"#, "coco.annotation.category-id-kind", 2),
  ]

  @Test(arguments: broken) func isLocated(_ broken: (segments: String, rule: String, kept: Int)) throws {
    let folder = try folder(broken.segments)
    let dataset = try COCOTest.read(folder.path + "/p.json")
    #expect(dataset.rules == [broken.rule], "\(dataset.diagnostics.items)")
    #expect(dataset.diagnostics.items.allSatisfy { $0.range != nil })
    #expect(dataset.annotations.count == broken.kept)
    #expect(COCOFormat.descriptor.rules.contains { $0.id == broken.rule })
  }

  /// Pictures that do not fit are reported, and the image stays without segments.
  @Test func picturesThatDoNotFit() throws {
    func rules(_ bytes: [UInt8]?) throws -> [String] {
      let folder = try folder(Self.two)
      if let bytes {
        _ = try folder.write(Data(bytes), "p/a.png")
      } else {
        try FileManager.default.removeItem(atPath: folder.path + "/p/a.png")
      }
      let dataset = try COCOTest.read(folder.path + "/p.json")
      #expect(dataset.samples.count == 1)
      #expect(dataset.annotations.isEmpty)
      #expect(dataset.diagnostics.items.allSatisfy { $0.range != nil && $0.severity == .error })
      return dataset.rules
    }
    let fits = try IDPicture(width: 2, height: 2, ids: [5, 5, 0, 6]).picture.encoded()
    #expect(try rules(nil) == ["coco.panoptic.no-file"])
    #expect(try rules([]) == ["coco.panoptic.png"])
    #expect(try rules(Array(fits.dropLast(9))) == ["coco.panoptic.png"])
    #expect(try rules(IDPicture(width: 3, height: 2, ids: [5, 5, 0, 6, 0, 0]).picture.encoded()) == ["coco.panoptic.size"])
    #expect(try rules(PNGPicture(width: 2, height: 2, form: .stored8, pixels: [1, 1, 1, 1]).encoded()) == ["coco.panoptic.png"])
    #expect(try rules(PNGPicture(width: 2, height: 2, samples: [1, 1, 1, 1]).encoded()) == ["coco.panoptic.png"])
  }

  /// Reading a file cut at each byte ends with an error or a diagnostic, never with a trap.
  @Test func cutFiles() throws {
    let folder = try folder(Self.two)
    let whole = try #require(FileManager.default.contents(atPath: folder.path + "/p.json"))
    for end in 0..<whole.count {
      _ = try folder.write(whole.prefix(end), "p.json")
      let dataset = try COCOTest.read(folder.path + "/p.json")
      #expect(dataset.error != nil, "cut at \(end)")
    }
    _ = try folder.write(whole, "p.json")
    let png = try #require(FileManager.default.contents(atPath: folder.path + "/p/a.png"))
    for end in 0..<png.count {
      _ = try folder.write(png.prefix(end), "p/a.png")
      #expect(try COCOTest.read(folder.path + "/p.json").diagnostics.hasErrors, "cut at \(end)")
    }
  }
}

/// Pillow, by which panoptic files are read elsewhere, as judge of the pixels.
@Suite(.enabled(if: PanopticPillow.isPresent, "needs python3 with Pillow and numpy (WAYBILL_PYTHON names another interpreter)"))
struct PanopticPillowTests {
  static let inputs =
    [
      COCOTest.fixtures + "/panoptic/input/annotations/panoptic_train.json",
      COCOTest.fixtures + "/panoptic-bare/input/segments.json",
    ]
    + ["coco-panoptic/panopticapi/sample_data/panoptic_examples.json", "coco/datumaro/coco/annotations/panoptic_val.json"]
    .map { COCOTest.corpus + "/" + $0 }.filter { FileManager.default.fileExists(atPath: $0) }

  /// Reads each PNG file of two folders as panopticapi does, and prints how many ids and pixels were compared.
  static let script = """
    import json, sys
    import numpy as np
    from PIL import Image
    def ids(folder, record):
        color = np.array(Image.open(folder + "/" + record["file_name"]), dtype=np.uint32)
        return color[:, :, 0] + 256 * color[:, :, 1] + 256 * 256 * color[:, :, 2]
    before, after = (json.load(open(name + ".json"))["annotations"] for name in sys.argv[1:3])
    assert before == after
    for record in before:
        a, b = ids(sys.argv[1], record), ids(sys.argv[2], record)
        assert (a == b).all()
        assert set(np.unique(b)) - {0} == {segment["id"] for segment in record["segments_info"]}
    print(len(before))
    """

  @Test(arguments: inputs) func samePixels(_ path: String) throws {
    let dataset = try COCOTest.read(path)
    let scratch = try ScratchFolder()
    let written = try COCOTest.write(dataset, to: scratch, "out")
    let folders = [String(path.dropLast(5)), written.path + "/annotations/panoptic_all"]
    let printed = try PanopticPillow.run(Self.script, folders)
    #expect((Int(printed.trimmingCharacters(in: .newlines)) ?? 0) > 0)
  }
}

enum PanopticPillow {
  static let isPresent = (try? run("import PIL.Image, numpy", [])) != nil

  struct Failed: Error { var status: Int32 }

  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3", "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: data, as: UTF8.self)
  }
}
