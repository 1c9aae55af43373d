import Foundation
import TestSupport
import Testing
import WaybillAllFormats
import WaybillCommands
import WaybillFormatSupport

/// Inputs that damage and fuzzing found, each with what the tool must do with it.
@Suite struct FoundCasesTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var from: String
    /// Files by their paths below the input, or the one file under an empty path.
    var files: [String: [UInt8]]
    var arguments: [String]
    var code: Int32
    /// What standard error holds.
    var says: String
    var testDescription: String { name }

    init(_ name: String, _ from: String, _ text: String, _ arguments: [String], _ code: Int32, _ says: String = "") {
      self.init(name, from, files: ["": Array(text.utf8)], arguments, code, says)
    }

    init(_ name: String, _ from: String, files: [String: [UInt8]], _ arguments: [String], _ code: Int32, _ says: String = "") {
      self.name = name
      self.from = from
      self.files = files
      self.arguments = arguments
      self.code = code
      self.says = says
    }
  }

  static let rows: [Row] = [
    Row("a COCO image of which nothing is known", "coco", #"{"images":[{"id":1}],"annotations":[]}"#, ["--to", "pascal-voc"], 0),
    Row("a COCO file of other members", "coco", #"{"imagimes":[{"id":1}],"categories":[]}"#, ["--to", "coco"], 0),
    Row(
      "a name longer than the file system takes", "coco",
      #"{"images":[{"id":1,"file_name":"\#(String(repeating: "b", count: 5000)).jpg","width":5,"height":5}]}"#,
      ["--to", "pascal-voc"], 3, "longer than the file system takes"),
    Row(
      "a split longer than the file system takes", "modelarts",
      #"{"source":"a.jpg","usage":"\#(String(repeating: "t", count: 300))","annotation":[]}"#, ["--to", "coco"], 3, "longer than"),
    Row(
      "a label file longer than the file system takes", "coco",
      #"{"images":[{"id":1,"file_name":"\#(String(repeating: "b", count: 300))","width":5,"height":5}],"#
        + #""annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,1,1]}],"categories":[{"id":1,"name":"a"}]}"#,
      ["--to", "modelarts"], 3, "longer than"),
    Row(
      "a width no annotation file may have", "coco", #"{"images":[{"id":1,"file_name":"a.jpg","width":2147483647,"height":6}]}"#,
      ["--to", "pascal-voc"], 3, "[voc.write.size]"),
    Row(
      "a width that is no number, left out", "pascal-voc",
      "<annotation><filename>a.jpg</filename><size><width>Infinity</width><height>5</height><depth>true</depth></size></annotation>",
      ["--to", "pascal-voc", "--skip-invalid"], 0),
    Row("an empty annotation", "pascal-voc", "<annotation><size/></annotation>", ["--to", "pascal-voc"], 0),
    Row(
      "a negative box", "waybill", #"{"key":"a.jpg","image":{"width":9,"height":9},"annotations":[{"label":"a","box":[5,5,1,1]}]}"#,
      ["--to", "pascal-voc"], 3, "[voc.write.negative]"),
    Row(
      "a negative box for COCO", "waybill",
      #"{"key":"a.jpg","image":{"width":9,"height":9},"annotations":[{"label":"a","box":[5,5,1,1]}]}"#, ["--to", "coco"], 3,
      "[coco.write.negative]"),
    Row(
      "a negative radius", "waybill", #"{"key":"a.jpg","image":{"width":9},"annotations":[{"label":"a","circle":[5,5,-1]}]}"#,
      ["--to", "modelarts"], 3, "[voc.write.negative]"),
    Row(
      "a negative turned box", "waybill",
      #"{"key":"a.jpg","image":{"width":9},"annotations":[{"label":"a","rotated_box":[5,5,-1,2,30]}]}"#, ["--to", "modelarts"], 3,
      "[voc.write.negative]"),
    Row(
      "a negative image", "waybill", #"{"key":"a.jpg","image":{"path":"a.jpg","width":-9,"height":9}}"#, ["--to", "coco"], 3,
      "[coco.write.size]"),
    Row(
      "a relation to nothing", "waybill",
      #"{"key":"1","text":{"text":"abc"},"annotations":[{"id":"R1","label":"of","link":{"from":"T1","to":"T2"}}]}"#,
      ["--to", "modelarts"], 3, "[modelarts.write.link]"),
    Row(
      "a range outside the text", "waybill",
      #"{"key":"1","text":{"text":"abc"},"annotations":[{"id":"T1","label":"a","span":{"start":9007199254740993,"end":3,"unit":"scalars"}}]}"#,
      ["--to", "modelarts"], 3, "[modelarts.write.span-range]"),
    Row(
      "a paragraph that ends before it starts", "waybill",
      #"{"key":"1","audio":{"path":"a.wav"},"annotations":[{"label":"a","interval":[5,3],"text":"x"}]}"#, ["--to", "modelarts"], 3,
      "[modelarts.write.time]"),
    Row(
      "an image set that is not UTF-8", "pascal-voc",
      files: [
        "Annotations/1.xml": Array("<annotation><filename>1.jpg</filename></annotation>".utf8),
        "ImageSets/Main/train.txt": [0x31, 0x0A, 0xFF, 0x32],
      ], ["--to", "waybill"], 3, "train.txt:2:1: error: A line of an image set is not UTF-8 text [voc.set.utf8]"),
    Row(
      "class names that are not UTF-8", "pascal-voc",
      files: [
        "Annotations/1.xml": Array("<annotation><filename>1.jpg</filename></annotation>".utf8),
        "class_names.txt": [0x61, 0x0A, 0xFF, 0x0A],
      ], ["--to", "waybill"], 3, "class_names.txt:2:1: error"),
  ]

  /// What came when results, panoptic files and YOLO were there.
  static let laterRows: [Row] = [
    Row(
      "results with ids of another kind", "coco",
      #"[{"image_id":42,"category_id":18,"bbox":[1,2,3,4]},{"image_id":"42","category_id":"18","bbox":[1,2,3,4],"score":0.5}]"#,
      ["--to", "coco"], 0),
    Row(
      "a result with nothing but an id of another kind", "coco",
      #"[{"image_id":42,"caption":"a"},{"image_id":"42","caption":"b"}]"#,
      ["--to", "coco"], 0),
    Row(
      "a key that stands twice in a data file", "yolo",
      files: [
        "obj.data": Array("classes = 1\nbackup = a\nnames = obj.names\nbackup = b\n".utf8), "obj.names": Array("a\n".utf8),
        "labels/a.txt": Array("0 .5 .5 .5 .5\n".utf8),
      ], ["--to", "yolo"], 3, "obj.data:4:1: error: The key \"backup\" stands twice in one data file [yolo.data.duplicate-key]"),
    Row(
      "a class without a name", "yolo",
      files: [
        "data.yaml": Array("names:\n  0: ''\ntrain: images\n".utf8), "labels/a.txt": Array("0 .5 .5 .5 .5\n".utf8),
        "images/a.jpg": [],
      ],
      ["--to", "pascal-voc", "--media-root", "."], 3, "[voc.write"),
    Row(
      "a dataset of two tasks", "coco",
      #"{"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9}],"categories":[{"id":1,"name":"a"}],"annotations":["#
        + #"{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]},"#
        + #"{"id":2,"image_id":1,"category_id":1,"bbox":[1,1,2,2],"keypoints":[1,1,2],"num_keypoints":1}]}"#,
      ["--to", "yolo"], 2, "--to yolo:task="),
    Row(
      "a size that stands twice, left out", "pascal-voc",
      "<annotation><filename>a.jpg</filename><size><width>16</width><height>12</height><depth>3</depth>e<width>16</width>"
        + "<height>12</height></size></annotation>", ["--to", "pascal-voc", "--skip-invalid"], 0),
    Row(
      "a mask whose compressed runs cover more than its size", "waybill",
      #"{"key":"a.png","image":{"path":"a.png"},"annotations":[{"label":"a","mask":{"width":3,"height":2,"rle":"246"}}]}"#,
      ["--to", "coco"], 3, "[coco.write.mask]"),
    Row(
      "an image that two splits name by their folders", "yolo",
      files: [
        "data.yaml": Array("train: images\nval: images\nnames: [a]\n".utf8), "images/x.png": [],
        "labels/x.txt": Array("0 .5 .5 .5 .5\n".utf8),
      ], ["--to", "yolo:task=detect"], 0,
      "data.yaml:2:6: warning: The image \"x.png\" is listed already, in the split \"train\" [yolo.image.two-splits]"),
    Row(
      "two files of one dataset in a folder", "coco",
      files: [
        "segments.json": Array(#"{"images":[],"annotations":[],"categories":[]}"#.utf8),
        "train/_annotations.coco.json": Array(#"{"images":[],"annotations":[],"categories":[]}"#.utf8),
        "t+rain/_annotations.coco.json": Array(#"{"images":[],"annotations":[],"categories":[]}"#.utf8),
      ], ["--to", "coco"], 2, "are both of the dataset without splits; name one of them"),
    Row(
      "a member of COCO twice, behind five thousand others", "coco", crowded("k4999"), ["--to", "coco"], 3, "[json.duplicate-key]"),
    Row(
      "a key of an image twice, behind five thousand others", "coco",
      #"{"images":[{"id":1,"file_name":"a.jpg",\#(manyKeys),"k4500":1}]}"#, ["--to", "coco"], 3, "[json.duplicate-key]"),
    Row(
      "a key of a line twice, behind five thousand others", "modelarts",
      #"{"source":"a.jpg","annotation":[],\#(manyKeys),"k4500":1}"#, ["--to", "modelarts"], 3, "[json.duplicate-key]"),
  ]

  private static let manyKeys = (0..<5000).map { "\"k\($0)\":1" }.joined(separator: ",")

  private static func crowded(_ last: String) -> String {
    #"{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[],\#(manyKeys),"\#(last)":2}"#
  }

  @Test(arguments: rows + laterRows) func isTakenOrRefused(_ row: Row) throws {
    let folder = try TemporaryFolder()
    for (path, bytes) in row.files { _ = try folder.write(path.isEmpty ? "input" : "input/\(path)", bytes) }
    let output = folder.file("out/result")
    try FileManager.default.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    let arguments = ["convert", folder.file("input"), output, "--from", row.from, "--allow-loss"] + row.arguments
    let result = run(arguments)
    #expect(result.code == row.code, "\(result.errors)")
    #expect(row.says.isEmpty || result.errors.contains(row.says), "\(result.errors)")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("out"))
    #expect(left == (row.code == 0 ? ["result"] : []))
    guard row.code == 0, let at = row.arguments.firstIndex(of: "--to") else { return }
    let again = run(["validate", output, "--from", row.arguments[at + 1]])
    #expect(again.code == 0, "\(again.output)\(again.errors)")
  }

  private func run(_ arguments: [String]) -> (code: Int32, output: String, errors: String) {
    let (output, errors) = (OutputChannel(), OutputChannel())
    let code = WaybillCommand.run(arguments, registry: .all, standardOutput: output, standardError: errors)
    return (code, output.text, errors.text)
  }
}
