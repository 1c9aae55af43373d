import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillCOCO

extension PanopticWriterTests {
  /// Names of images and what their PNG files are called: nothing is written outside the folder, and all is read again.
  static let names: [(location: String?, name: String)] = [
    ("a.jpg", "a.png"), ("x/a.b.jpg", "x/a.b.png"), ("../../a.jpg", "a.png"), ("/data/a.jpg", "data/a.png"), ("a", "a.png"),
    ("s3://bucket/x/a.jpg", "a.png"), ("x/../a.jpg", "x/../a.png"), ("./a.jpg", "./a.png"), (nil, "7.png"),
  ]

  @Test(arguments: names) func pictureNames(_ test: (location: String?, name: String)) throws {
    var dataset = foreign([[0, 1, 2]])
    dataset.samples[0].id = .integer(7)
    dataset.samples[0].media.location = test.location
    try write(dataset) { path, diagnostics in
      let text = try String(contentsOfFile: path + ".json", encoding: .utf8)
      #expect(text.contains(#""file_name":"\#(test.name)","segments_info""#), "\(text)")
      let again = try COCOTest.read(path + ".json")
      #expect(again.diagnostics.isEmpty, "\(again.diagnostics.items)")
      #expect(again.annotations.map(\.shape) == dataset.annotations.map(\.shape))
    }
  }

  /// Whatever stands in the member that keeps a record's own fields, what is written is JSON that is read again.
  @Test(arguments: [
    "5", "null", #""text""#, "[1,2]", "{}", #"{"order":-1}"#, #"{"order":1e300}"#, #"{"order":"a"}"#, #"{"members":7}"#,
    #"{"members":"\"a\":1"}"#, #"{"members":{"file_name":7}}"#, #"{"members":{"file_name":"../../x.png"}}"#,
    #"{"members":{"image_id":"1","segments_info":[],"k":{"a":[]}}}"#, #"{"members":[1,2],"order":4294967295}"#,
  ]) func keptMembers(_ value: String) throws {
    var dataset = foreign([[0, 1, 2]])
    dataset.samples[0].preserved = Preserved("coco", members: Array((#""license":1,"waybill:panoptic":"# + value).utf8))
    try write(dataset) { path, diagnostics in
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      let text = try String(contentsOfFile: path + ".json", encoding: .utf8)
      #expect(try COCOTest.json(text) != nil)
      let again = try COCOTest.read(path + ".json")
      #expect(again.annotations.map(\.shape) == dataset.annotations.map(\.shape))
      #expect(!again.diagnostics.hasErrors, "\(again.diagnostics.items)")
    }
  }

  /// Random damage to a panoptic file and its pictures: no trap, a place for each problem, and what is whole comes back.
  @Test func damage() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let root = COCOTest.fixtures + "/panoptic/input/annotations/"
    let files = ["panoptic_train.json", "panoptic_train/a.png", "panoptic_train/other/name.png", "panoptic_train/empty.png"]
    let whole = try files.map { try Data(contentsOf: URL(fileURLWithPath: root + $0)) }
    let scratch = try ScratchFolder()
    for _ in 0..<400 {
      for (name, data) in zip(files, whole) { _ = try scratch.write(data, name) }
      let target = Int.random(in: 0...3, using: &random) > 0 ? 0 : Int.random(in: 1...3, using: &random)
      var data = whole[target]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<data.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: data[at] = target == 0 ? Array("0123456789,\"{}[]".utf8).randomElement(using: &random) ?? 0 : data[at] &+ 1
        case 1: data.remove(at: at)
        default: data.insert(UInt8.random(in: 48...57, using: &random), at: at)
        }
      }
      let path = try scratch.write(data, files[target])
      let json = scratch.path + "/" + files[0]
      let dataset = try COCOTest.read(json)
      for item in dataset.diagnostics.items {
        #expect(item.range != nil, "\(item) seed \(seed) \(path)")
        #expect(COCOFormat.descriptor.rules.contains { $0.id == item.rule }, "\(item.rule)")
      }
      // A key that is damaged may leave plain instances, which other tests damage.
      guard dataset.error == nil, !dataset.diagnostics.hasErrors, COCOLayout(dataset.header.preserved).kind == .panoptic else {
        continue
      }
      let written = try COCOTest.write(dataset, to: scratch, "out")
      guard !written.diagnostics.hasErrors else { continue }
      let again = try COCOTest.read(written.path + "/annotations/panoptic_all.json")
      #expect(again.samples == dataset.samples, "seed \(seed): \(String(decoding: data, as: UTF8.self))")
    }
  }
}
