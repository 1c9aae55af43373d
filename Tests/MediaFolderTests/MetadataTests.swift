import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// Rows of Hugging Face's metadata, read.
@Suite struct MetadataTests {
  /// Reads lines of JSON.
  private func rows(_ lines: String..., options: [(String, String)] = [], files: [String] = []) throws -> ReadDataset {
    let folder = try TemporaryFolder()
    return try read(
      try folder.tree(files, ["metadata.jsonl": lines.map { $0 + "\n" }.joined()]), options,
      demand: Demand(labels: true, splits: true))
  }

  @Test func aRowIsAFileWithAttributes() throws {
    let found = try rows(
      #"{"n":1,"file_name":"./d//a.png","x":0.5,"label":"cat","b":true,"l":[1,"a",{"k":null}],"z":null,"text":"hi"}"#)
    let sample = try #require(found.sample("d/a.png"))
    #expect(sample.media == Media(.image, location: "d/a.png") && found.classes("d/a.png") == ["cat"])
    #expect(found.texts("d/a.png") == ["hi"])
    let expected: Attributes = [
      "n": .integer(1), "x": .number(0.5), "b": .boolean(true), "l": .list([.integer(1), .string("a"), .object(["k": .null])]),
      "z": .null,
    ]
    #expect(sample.attributes == expected && found.diagnostics.isEmpty)
  }

  static let columns: [(String, [String], [String], [String])] = [
    (#"{"file_name":"a","label":"x"}"#, ["x"], [], []), (#"{"file_name":"a","label":3}"#, ["3"], [], []),
    (#"{"file_name":"a","labels":["x","2"]}"#, ["x", "2"], [], []), (#"{"file_name":"a","class":"x"}"#, ["x"], [], []),
    (#"{"file_name":"a","category":"x"}"#, ["x"], [], []), (#"{"file_name":"a","label":null}"#, [], [], []),
    (#"{"file_name":"a","label":""}"#, [], [], ["label"]), (#"{"file_name":"a","label":[]}"#, [], [], []),
    (#"{"file_name":"a","label":{"a":1}}"#, [], [], ["label"]), (#"{"file_name":"a","label":true}"#, [], [], ["label"]),
    (#"{"file_name":"a","label":1.5}"#, [], [], ["label"]), (#"{"file_name":"a","label":[["x"]]}"#, [], [], ["label"]),
    (#"{"file_name":"a","caption":"t"}"#, [], ["t"], []), (#"{"file_name":"a","transcription":"t"}"#, [], ["t"], []),
    (#"{"file_name":"a","sentence":"t"}"#, [], ["t"], []), (#"{"file_name":"a","text":["t","u"]}"#, [], ["t", "u"], []),
    (#"{"file_name":"a","captions":["t","u"]}"#, [], ["t", "u"], []), (#"{"file_name":"a","text":5}"#, [], [], ["text"]),
    (#"{"file_name":"a","text":""}"#, [], [""], []), (#"{"file_name":"a","text":"t","caption":"u"}"#, [], ["t"], ["caption"]),
    (#"{"file_name":"a","class":"x","label":"y"}"#, ["y"], [], ["class"]),
    (#"{"file_name":"a","objects":[1]}"#, [], [], ["objects"]),
    (#"{"file_name":"a","objects":null}"#, [], [], []), (#"{"file_name":"a","width":3}"#, [], [], ["width"]),
    (#"{"file_name":"a","width":"3","height":2}"#, [], [], ["width", "height"]), (#"{"file_name":"a","id":[1]}"#, [], [], ["id"]),
    (#"{"file_name":"a","id":1.5}"#, [], [], ["id"]), (#"{"file_name":"a","id":null,"width":null}"#, [], [], []),
    (#"{"file_name":"a","width":0,"height":-1}"#, [], [], ["width", "height"]),
  ]

  @Test(arguments: columns)
  func columnsAreClassesTextsOrAttributes(_ row: String, _ classes: [String], _ texts: [String], _ names: [String]) throws {
    let found = try rows(row)
    #expect(found.diagnostics.isEmpty && found.classes("a") == classes && found.texts("a") == texts)
    #expect(found.sample("a")?.attributes.items.map(\.name) == names)
  }

  /// Whatever a row says is said again, and in the same bytes where nothing was unusual.
  @Test(arguments: columns)
  func rowsComeBack(_ row: String, _: [String], _: [String], _: [String]) throws {
    let folder = try TemporaryFolder()
    let found = try rows(row)
    let report = try write(found.header, found.samples, to: folder.file("1"))
    #expect(report.rules == [] && report.losses == [])
    let again = try read(folder.file("1"), demand: Demand(labels: true))
    #expect(again.samples.map { $0.attributes } == found.samples.map { $0.attributes })
    #expect(again.classes("a") == found.classes("a") && again.texts("a") == found.texts("a"))
    try write(again.header, again.samples, to: folder.file("2"))
    #expect(try text(folder.file("1/metadata.jsonl")) == text(folder.file("2/metadata.jsonl")))
    if !row.contains("null"), !row.contains("[]"), found.sample("a")?.attributes.isEmpty ?? false {
      #expect(try text(folder.file("1/metadata.jsonl")) == row + "\n")
    }
  }

  @Test func idsAndSizesAreTheModels() throws {
    let found = try rows(
      #"{"file_name":"a.png","id":7,"width":64,"height":48}"#, #"{"file_name":"b.wav","id":"b7"}"#, #"{"file_name":"c.mp4"}"#)
    #expect(found.samples.map(\.id) == [.integer(7), .string("b7"), nil])
    #expect(found.samples[0].media.width == 64 && found.samples[0].media.height == 48)
    #expect(found.samples.map(\.media.kind) == [.image, .audio, .video])
  }

  @Test func boxesAreListsBesideLists() throws {
    let found = try rows(
      #"{"file_name":"a.png","label":"z","objects":{"area":[12,null],"bbox":[[1,2.5,3,4],[0,0,0,0]],"categories":["cat",null],"id":[4,"x"],"pose":["left",null],"note":null}}"#,
      #"{"file_name":"b.png","objects":{"bbox":[],"categories":[]}}"#, #"{"file_name":"c.png","objects":{}}"#)
    let sample = try #require(found.sample("a.png"))
    #expect(sample.annotations.count == 3 && found.classes("a.png") == ["z", "cat"])
    #expect(sample.annotations[1].box == Box(1, 2.5, 3, 4, form: .extent) && sample.annotations[1].area == 12)
    #expect(sample.annotations[1].attributes == ["pose": .string("left")] && sample.annotations[1].id == .integer(4))
    #expect(sample.annotations[2].label == nil && sample.annotations[2].area == nil && sample.annotations[2].id == .string("x"))
    #expect(found.sample("b.png")?.annotations == [] && found.sample("c.png")?.annotations == [])
    let other = try rows(#"{"file_name":"a.png","objects":{"bboxes":[[1,2,3,4]],"category":[5]}}"#)
    #expect(other.classes("a.png") == ["5"])
  }

  static let faults: [(String, String, Int)] = [
    (#"{"label":"x"}"#, "row.no-file", 0), (#"{"file_name":null}"#, "row.no-file", 0), (#"{"file_name":"../x"}"#, "row.path", 13),
    (#"{"file_name":"/x"}"#, "row.path", 13), (#"{"file_name":""}"#, "row.path", 13), (#"{"file_name":"a\u0000"}"#, "row.path", 13),
    (#"7"#, "row.object", 0), (#"{"file_name":"a","objects":{"bbox":[[1,2,3]]}}"#, "objects.box", 36),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4,5]]}}"#, "objects.box", 36),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,-3,4]]}}"#, "objects.negative", 36),
    (#"{"file_name":"a","objects":{"categories":[1]}}"#, "objects.box", 27),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4]],"x":[]}}"#, "objects.length", 51),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4]],"x":1}}"#, "objects.length", 51),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4]],"categories":[{}]}}"#, "objects.value", 60),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4]],"id":[1.5]}}"#, "objects.value", 52),
    (#"{"file_name":"a","objects":{"bbox":[[1,2,3,4]],"area":["x"]}}"#, "objects.value", 54),
    (#"{"file_name":"a","waybill":7}"#, "row.waybill", 27), (#"{"file_name":"a","waybill":{"kind":"text"}}"#, "row.waybill", 27),
    (#"{"file_name":"a","waybill":{"order":[0]}}"#, "row.waybill", 0),
    (#"{"file_name":"a","text":"t","waybill":{"order":[1]}}"#, "row.waybill", 38),
    (#"{"file_name":"a","text":"t","caption":["u","v"],"waybill":{"order":[-1]}}"#, "row.waybill", 58),
    (#"{"file_name":"a","x":1,"waybill":{"attributes":{"x":2}}}"#, "row.waybill", 0),
    (#"{"file_name":"a","waybill":{"split":5}}"#, "row.waybill", 27),
  ]

  @Test(arguments: faults) func faultsAreFoundAndPlaced(_ row: String, _ rule: String, _ offset: Int) throws {
    let found = try rows(row, #"{"file_name":"good"}"#)
    #expect(found.keys == ["good"] && found.rules == [rule])
    #expect(found.places(rule).first?.first == offset)
  }

  @Test func faultsOfJSONHaveTheirOwnRules() throws {
    for (row, rule) in [
      (#"{"file_name":"a","x":1,"x":2}"#, "json.duplicate-key"), (#"{"file_name":"a""#, "json.truncated"),
      (#"{"file_name":"a","objects":{"bbox":[],"bbox":[]}}"#, "json.duplicate-key"), (#"{"file_name":"a"} x"#, "json.trailing"),
      (#"{"file_name":"a","x":NaN}"#, "json.not-a-number"),
    ] {
      let found = try rows(row, #"{"file_name":"good"}"#)
      #expect(found.keys == ["good"] && found.rules.count == 1, "\(row): \(found.rules)")
      #expect(found.rules.first?.hasPrefix("json.") == true, "\(rule)")
    }
  }

  @Test func linesMayBeBlankMarkedAndEndAnyHow() throws {
    let found = try rows("\u{FEFF}{\"file_name\":\"a\"}\r", "", "  {\"file_name\":\"b\"}  ", "\t", "{\"file_name\":\"c\"}")
    #expect(found.keys == ["a", "b", "c"] && found.diagnostics.isEmpty)
  }

  @Test func manyMembersCostTheirLength() throws {
    let members = (0..<50_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    let found = try rows("{\"file_name\":\"a\",\(members)}")
    #expect(found.sample("a")?.attributes.items.count == 50_000)
  }

  @Test func mediaAndRowsAreCompared() throws {
    let found = try rows(#"{"file_name":"a.png"}"#, #"{"file_name":"b.png"}"#, files: ["a.png", "c.png", "x.xml", "README.md"])
    #expect(found.rules == ["file.other", "metadata.no-row", "metadata.no-media"])
    #expect(found.keys == ["a.png", "b.png"])
    // Other columns that name files count as well.
    let pair = try rows(#"{"image_file_name":"a.png","mask_file_name":"m.png"}"#, files: ["a.png", "m.png"])
    #expect(pair.rules == [] && pair.keys == ["a.png"] && pair.sample("a.png")?.attributes["mask_file_name"] == .string("m.png"))
    #expect(try rows(#"{"file_name":"b.png"}"#).rules == [])
  }

  @Test func eachFolderMayHaveItsOwnMetadata() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      ["train/1.png"],
      [
        "train/metadata.jsonl": "{\"file_name\":\"1.png\"}\n",
        "data/val/metadata.jsonl": "{\"file_name\":\"1.png\",\"label\":\"x\"}\n",
        "other/metadata.jsonl": "{\"file_name\":\"1.png\"}\n", "test/metadata.csv": "file_name\n1.png\n",
      ])
    let found = try read(path, demand: Demand(splits: true))
    #expect(found.keys == ["data/val/1.png", "other/1.png", "train/1.png"] && found.splits == ["validation", "train"])
    #expect(found.samples.map(\.split) == ["validation", nil, "train"])
    #expect(found.rules.contains("metadata.two-files"))
    #expect(found.mediaFolders.first == path)
  }

  @Test func tablesAreRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      [],
      [
        "metadata.csv":
          "\u{FEFF}label,file_name,text,id,width,height,note\r\ncat,a.png,\"a \"\"big\"\", cat\",7,64,48,x\r\n\r\n,b.png,,07,3,,\r\n"
      ])
    let found = try read(path, demand: Demand(labels: true))
    #expect(found.keys == ["a.png", "b.png"] && found.classes("a.png") == ["cat"] && found.texts("a.png") == ["a \"big\", cat"])
    #expect(found.samples.map(\.id) == [.integer(7), .string("07")] && found.samples[0].media.width == 64)
    #expect(found.samples[0].attributes == ["note": .string("x")] && found.samples[1].attributes == ["width": .integer(3)])
    #expect(found.diagnostics.isEmpty)
    let alone = try read("\(path)/metadata.csv")
    #expect(alone.keys == found.keys)
  }

  static let tables: [(String, [String])] = [
    ("a,b\n1,2\n", ["header.file-name"]), ("file_name,x,x\na,1,2\n", ["header.duplicate"]), ("file_name,x\na\n", ["row.columns"]),
    ("file_name,x\na,1,2\n", ["row.columns"]), ("file_name,x\n,1\n", ["row.no-file"]), ("file_name\n../a\n", ["row.path"]),
    ("file_name,x\n\"a,1\n", ["csv.unterminated-quote"]), ("file_name,x\n\"a\"b,1\n", ["csv.text-behind-quote"]), ("", []),
    ("file_name\n", []),
  ]

  @Test(arguments: tables) func faultsOfTablesAreFound(_ table: String, _ rules: [String]) throws {
    let folder = try TemporaryFolder()
    let found = try read(try folder.tree([], ["metadata.csv": table]))
    #expect(found.rules == rules && found.samples.isEmpty)
  }

  @Test func columnsAreOptions() throws {
    let found = try rows(
      #"{"file_name":"a","species":"cat","label":"x","note":"hello"}"#, options: [("label", "species"), ("text", "note")])
    #expect(found.classes("a") == ["cat"] && found.texts("a") == ["hello"])
    #expect(found.sample("a")?.attributes == ["label": .string("x")])
  }

  @Test func aFileOfAnyNameIsReadByItsFirstByte() throws {
    let folder = try TemporaryFolder()
    let path = try folder.tree(
      [], ["rows": " {\"file_name\":\"a.png\"}\n", "rows.jsonl": "{\"file_name\":\"b.png\"}\n", "list": "c.png 0\n"])
    #expect(try read("\(path)/rows").keys == ["a.png"] && read("\(path)/rows.jsonl").keys == ["b.png"])
    #expect(try read("\(path)/list").keys == ["c.png"])
  }

  @Test func whatTheRowCannotSayStandsInAMember() throws {
    let found = try rows(
      #"{"file_name":"train/a.bin","label":"x","text":"t","waybill":{"key":"k","location":"s3://b/k","kind":"audio","split":"inference","attributes":{"label":1},"order":[1,0]}}"#,
      #"{"file_name":"train/b.png","waybill":{"split":null,"key":null}}"#, #"{"file_name":"c.png","waybill":null}"#)
    #expect(found.diagnostics.isEmpty)
    let sample = try #require(found.sample("k"))
    #expect(sample.media == Media(.audio, location: "s3://b/k") && sample.split == "inference")
    #expect(sample.attributes == ["label": .integer(1)] && sample.annotations.map(\.text) == ["t", nil])
    #expect(found.samples.map(\.split) == ["inference", nil, nil] && found.splits == ["inference"])
  }
}
