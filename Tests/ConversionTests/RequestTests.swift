import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillConversion

@Suite struct ShardTests {
  @Test func partsHoldEachSampleOnce() throws {
    for count in [1, 2, 3, 7, 8, 64] {
      for total in [0, 1, 2, 6, 7, 8, 9, 63, 64, 65, 1000] {
        var next = 0
        var sizes: [Int] = []
        for number in 1...count {
          let range = try ConversionRequest.Shard("\(number)/\(count)").range(of: total)
          #expect(range.lowerBound == next)
          next = range.upperBound
          sizes.append(range.count)
        }
        #expect(next == total && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      }
    }
    #expect(try ConversionRequest.Shard("\(Int.max)/\(Int.max)").range(of: 5) == 5..<5)
    #expect(try ConversionRequest.Shard("1/1").range(of: .max) == 0..<Int.max)
  }

  @Test(arguments: [
    "", "1", "0/1", "2/1", "-1/2", "1/0", "1/-1", "a/b", "1/2/3", "1/", "/2", " 1/2", "1.0/2", "1/99999999999999999999", "\u{1B}",
  ])
  func refuses(text: String) {
    let error = #expect(throws: DatasetError.self) { try ConversionRequest.Shard(text) }
    #expect(error?.code == .usage && error?.message.contains("\u{1B}") == false)
  }
}

@Suite struct LabelSelectionTests {
  private func header(_ names: String...) -> DatasetHeader {
    DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
  }

  private func sample(_ labels: [Int?]) -> Sample {
    var sample = Sample(key: "k", media: Media(.image))
    sample.annotations = labels.enumerated().map { index, label in
      Annotation(id: .integer(Int64(index)), label: label.map { LabelID(index: UInt32($0)) })
    }
    return sample
  }

  @Test func nothingAskedIsNoSelection() throws {
    #expect(try LabelSelection(header("a"), listed: nil, kept: nil) == nil)
  }

  @Test(
    arguments: [
      (["a", "b", "c"], nil, ["a", "b", "c"], [0, 1, 2]), (["c", "a", "b"], nil, ["c", "a", "b"], [1, 2, 0]),
      (nil, ["b"], ["b"], [nil, 0, nil]),
      (nil, ["c", "a"], ["a", "c"], [0, nil, 1]), (["c", "b", "a"], ["a", "c"], ["c", "a"], [1, nil, 0]),
      // A listed name that the dataset does not use keeps its place in the list.
      (["a", "x", "b", "c"], nil, ["a", "x", "b", "c"], [0, 2, 3]),
      (["x", "c", "x", "b", "a", "y", "a"], nil, ["x", "c", "b", "a", "y"], [3, 2, 1]),
      (["c"], ["c"], ["c"], [nil, nil, 0]), (nil, [], [], [nil, nil, nil]), (["x", "c"], ["a", "c"], ["c"], [nil, nil, 0]),
    ] as [([String]?, [String]?, [String], [Int?])])
  func tables(listed: [String]?, kept: [String]?, names: [String], positions: [Int?]) throws {
    let selection = try #require(try LabelSelection(header("a", "b", "c"), listed: listed, kept: kept))
    #expect(selection.table.labels.map(\.name) == names)
    var sample = sample([0, 1, 2, nil])
    let removed = selection.apply(to: &sample)
    #expect(removed == positions.filter { $0 == nil }.count)
    #expect(sample.annotations.dropLast().map { $0.label.map { Int($0.index) } } == positions.filter { $0 != nil })
    #expect(sample.annotations.last?.label == nil && sample.annotations.last?.id == .integer(3))
  }

  @Test func labelsOfOneNameAreAllKept() throws {
    let selection = try #require(try LabelSelection(header("a", "b", "a"), listed: ["b", "a"], kept: nil))
    #expect(selection.table.labels.map(\.name) == ["b", "a", "a"])
    var sample = sample([0, 1, 2])
    #expect(selection.apply(to: &sample) == 0 && sample.annotations.map(\.label?.index) == [1, 0, 2])
  }

  @Test(
    arguments: [
      (nil, ["carr"], "did you mean car?"), (nil, ["\u{1B}"], "\\u{1b}"), (["car"], nil, "lacks \"bus\""),
      ([], nil, "lacks \"car\""),
    ] as [([String]?, [String]?, String)])
  func refuses(listed: [String]?, kept: [String]?, words: String) {
    let error = #expect(throws: DatasetError.self) { try LabelSelection(header("car", "bus"), listed: listed, kept: kept) }
    #expect(error?.code == .usage && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func relationsAndPartsFollow() throws {
    let selection = try #require(try LabelSelection(header("a", "b"), listed: nil, kept: ["a"]))
    var sample = sample([0, 1, 0, 0, 0, nil])
    sample.annotations[3].link = Link(source: .integer(0), target: .integer(1))
    sample.annotations[5].link = Link(source: .integer(0), target: .integer(3))
    sample.annotations[2].partOf = 2
    sample.annotations[4].partOf = 3
    #expect(selection.apply(to: &sample) == 3)
    #expect(
      sample.annotations.map(\.id) == [.integer(0), .integer(2), .integer(4)] && sample.annotations.map(\.partOf) == [nil, 1, nil])
    var far = self.sample([1, 0])
    far.annotations[1].partOf = .min
    #expect(selection.apply(to: &far) == 1 && far.annotations.map(\.partOf) == [nil])
  }

  @Test func namesComeFromAFile() throws {
    let folder = try TemporaryFolder()
    #expect(
      try LabelSelection.names(inFile: folder.write("a.txt", "car\r\n# comment\n\nbus stop\nlast")) == ["car", "bus stop", "last"])
    #expect(try LabelSelection.names(inFile: folder.write("empty.txt", "")) == [])
    #expect(try LabelSelection.names(inFile: folder.write("mark.txt", "\u{FEFF}car\nbus\n")) == ["car", "bus"])
    let bad = try folder.write("bad.txt", [0x61, 0xFF])
    #expect(throws: DatasetError.self) { try LabelSelection.names(inFile: bad) }
    #expect(throws: DatasetError.self) { try LabelSelection.names(inFile: folder.file("none")) }
  }
}

@Suite struct DuplicateKeysTests {
  @Test func findsTheFirstOfTwo() {
    var keys = DuplicateKeys()
    for index in 0..<20_000 { #expect(keys.insert(DuplicateKeys.hash("images/\(index).jpg"), position: index) == nil) }
    for index in stride(from: 0, to: 20_000, by: 77) {
      #expect(keys.insert(DuplicateKeys.hash("images/\(index).jpg"), position: 50_000) == index)
    }
    // Hashes that begin at the same slot, and a hash of zero.
    var crowded = DuplicateKeys()
    for index in 0..<3000 { #expect(crowded.insert(UInt64(index) << 40, position: index) == nil) }
    #expect(crowded.insert(0, position: 9) == 0 && crowded.insert(7 << 40, position: 9) == 7)
  }
}
