import Foundation
import Testing
import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

@Suite struct COCOFolderTests {
  static func file(_ image: Int, _ category: String = #"{"id":3,"name":"cat"}"#, top: String = "") -> String {
    "{\(top)\"images\":[{\"id\":\(image),\"file_name\":\"\(image).jpg\"}],\n\"annotations\":["
      + "{\"id\":\(image),\"image_id\":\(image),\"category_id\":3,\"bbox\":[1,2,3,4]}],\n\"categories\":[\(category)]}"
  }

  @Test func tasksAreChosen() throws {
    let folder = try ScratchFolder()
    for name in ["instances_val2017", "captions_val2017", "person_keypoints_val2017"] {
      _ = try folder.write(Self.file(name.count), "annotations/\(name).json")
    }
    let error = try COCOTest.read(folder.path).error
    #expect(error?.code == .ambiguous)
    for word in ["instances", "captions", "keypoints", "task="] { #expect(error?.message.contains(word) == true) }
    for (task, image) in [("instances", 17), ("captions", 16), ("keypoints", 24)] {
      let dataset = try COCOTest.read(folder.path, task: task)
      #expect(dataset.samples.map(\.key) == ["\(image).jpg"])
      #expect(dataset.samples.map(\.split) == ["validation"])
    }
    #expect(try COCOTest.read(folder.path, task: "stuff").error?.code == .invalidInput)
  }

  @Test(arguments: [
    ("annotations/instances_train2017.json", "train"), ("instances_val.json", "validation"),
    ("valid/_annotations.coco.json", "validation"),
    ("test.json", "test"), ("annotations/instances_all.json", nil), ("annotations/instances_night.json", "night"),
    ("mine.json", nil), ("annotations/instances-test-dev.json", "test-dev"), ("Training.JSON", "train"),
  ]) func splitsComeFromNames(_ name: String, _ split: String?) throws {
    let folder = try ScratchFolder()
    _ = try folder.write(Self.file(1), name)
    #expect(try COCOTest.read(folder.path).samples.map(\.split) == [split])
  }

  @Test func twoFilesOfOneSplitAreRefused() throws {
    let folder = try ScratchFolder()
    _ = try folder.write(Self.file(1), "train.json")
    _ = try folder.write(Self.file(2), "train2017.json")
    let error = try COCOTest.read(folder.path).error
    #expect(error?.message.contains("train.json") == true && error?.message.contains("train2017.json") == true)
  }

  @Test func eachFileKeepsItsOwnMembers() throws {
    let folder = try ScratchFolder()
    let texts = [
      "train": Self.file(1, top: #""info":{"year":2017,"of":"train"},"licenses":[{"id":1}],"#),
      "val": Self.file(2, top: #""info":null,"extra":[1.50],"#), "night": Self.file(3),
    ]
    for (name, text) in texts { _ = try folder.write(text, "annotations/instances_\(name).json") }
    let dataset = try COCOTest.read(folder.path)
    #expect(dataset.diagnostics.items.isEmpty)
    #expect(Set(dataset.splits) == ["train", "validation", "night"])
    let output = try COCOTest.write(dataset, to: folder, "out").path
    for (name, text) in texts {
      let path = "\(output)/annotations/instances_\(name == "val" ? "validation" : name).json"
      let written = try String(contentsOfFile: path, encoding: .utf8)
      #expect(try COCOTest.json(written) == COCOTest.json(text), "\(name)")
    }
  }

  /// Conflicts name both places, each in its own file.
  @Test(arguments: [
    ("coco.category.conflict", #"{"id":3,"name":"dog"}"#),
    ("coco.category.difference", #"{"id":3,"name":"cat","supercategory":"a"}"#),
  ]) func categoriesOfSeveralFiles(_ rule: String, _ category: String) throws {
    let folder = try ScratchFolder()
    _ = try folder.write(Self.file(1), "train.json")
    _ = try folder.write(Self.file(2, category), "val.json")
    let reader = COCOReader(input: try DatasetInput(path: folder.path), options: COCOReadOptions())
    let context = ReadContext(sources: SourceMap())
    _ = try reader.survey(Demand(labels: true), context)
    let found = try #require(context.diagnostics.items.first)
    #expect(context.diagnostics.items.count == 1 && found.rule == rule)
    #expect(COCOFormat.descriptor.rules.contains { $0.id == rule && $0.severity == found.severity })
    var places = PlaceFinder(context.sources)
    let place = places.place(of: try #require(found.range))
    #expect(place.path.hasSuffix("val.json") && place.line == 3 && place.column == 15)
    let other = places.place(of: try #require(found.related.first).range)
    #expect(other.path.hasSuffix("train.json") && other.line == 3 && other.column == 15)
  }

  @Test func splitsAsFileNames() throws {
    let folder = try ScratchFolder()
    var dataset = ReadDataset()
    dataset.splits = ["../../x", "..", "a/b", "é 汽"]
    dataset.samples = dataset.splits.enumerated().map { index, split in
      var sample = Sample(key: "\(index).jpg", media: Media(.image, location: "\(index).jpg"))
      sample.split = split
      return sample
    }
    let output = try COCOTest.write(dataset, to: folder, "out", from: "other").path
    let names = try FileManager.default.contentsOfDirectory(atPath: output + "/annotations").sorted()
    #expect(names == ["instances_.._.._x.json", "instances_...json", "instances_a_b.json", "instances_é 汽.json"].sorted())
  }

  /// Two splits that would share one file must not be mixed.
  @Test(arguments: [["a/b", "a_b"], ["all", nil]]) func splitsOfOneFileAreRefused(_ splits: [String?]) throws {
    let folder = try ScratchFolder()
    var dataset = ReadDataset()
    dataset.splits = splits.compactMap { $0 }
    dataset.samples = splits.enumerated().map { index, split in
      var sample = Sample(key: "\(index).jpg", media: Media(.image, location: "\(index).jpg"))
      sample.split = split
      return sample
    }
    #expect(throws: DatasetError.self) { try COCOTest.write(dataset, to: folder, "out", from: "other") }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
  }
}
