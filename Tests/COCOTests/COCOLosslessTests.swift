import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCOCO

/// A record that must come back as it was.
struct KeptCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  /// Pieces of text that must be in the output as they are.
  var pieces: [String] = []
  /// Whether JSONSerialization can read it: it refuses numbers beyond a double.
  var isComparable = true
  var testDescription: String { name }

  static func annotation(_ name: String, _ members: String, _ pieces: String...) -> KeptCase {
    KeptCase(name: name, text: COCOTest.document(#"{"id":1,"image_id":1,"category_id":3\#(members)}"#), pieces: pieces)
  }

  static func image(_ name: String, _ members: String, _ pieces: String...) -> KeptCase {
    KeptCase(name: name, text: COCOTest.document("", images: #"{"id":1\#(members)}"#), pieces: pieces)
  }
}

@Suite struct COCOLosslessTests {
  static let cases: [KeptCase] = {
    var cases: [KeptCase] = []
    // Every known field with every kind of value that it should not have.
    let kinds = ["null", "true", "\"text\"", "{\"a\":[1]}", "[]", "[[]]", "[null]", "-0.0", "12345678901234567890"]
    let refused: [String: Set<String>] = [
      "bbox": ["true", "\"text\"", "{\"a\":[1]}", "[]", "[[]]", "[null]", "-0.0", "12345678901234567890"],
      "segmentation": ["{\"a\":[1]}"],
    ]
    for field in ["bbox", "segmentation", "area", "iscrowd", "num_keypoints", "caption", "score", "attributes"] {
      for kind in kinds where refused[field]?.contains(kind) != true {
        cases.append(.annotation("\(field): \(kind)", ",\"\(field)\":\(kind)"))
      }
    }
    for kind in ["null", "true", "\"text\"", "{\"a\":[1]}", "[]", "7"] {
      cases.append(.annotation("keypoints: \(kind)", ",\"keypoints\":\(kind)"))
      for field in ["file_name", "width", "height"] where !(field != "file_name" && kind == "0") {
        cases.append(.image("image \(field): \(kind)", ",\"\(field)\":\(kind)"))
      }
      for field in ["supercategory", "keypoints", "skeleton"] {
        cases.append(
          KeptCase(
            name: "category \(field): \(kind)",
            text: COCOTest.document("", categories: #"{"id":3,"name":"cat","\#(field)":\#(kind)}"#)))
      }
      for member in ["info", "licenses", "type", "extra"] {
        cases.append(
          KeptCase(name: "\(member): \(kind)", text: #"{"\#(member)":\#(kind),"images":[],"annotations":[],"categories":[]}"#))
      }
    }
    cases += [
      .annotation(
        "exact numbers", #","x":12345678901234567890,"y":1.50,"z":[1E5,-0,0.1e-7]"#, "12345678901234567890", "1.50", "1E5"),
      .annotation("deep field", ",\"deep\":" + String(repeating: "[{\"a\":", count: 60) + "1" + String(repeating: "}]", count: 60)),
      .annotation("escapes in a key", #","a\"\\\u0062é":{"\n":"\ud83d\ude97"}"#),
      .annotation("caption with controls", #","caption":"\u0000\u001f\"\\\/\u2028é汽🚗""#),
      .annotation("empty text", #","caption":"","attributes":{}"#),
      .annotation("attributes", #","attributes":{"a":[1,2.5,{"b":null}],"c":"","é":true}"#),
      .annotation("zero box", #","bbox":[0,0,0,0],"area":0,"iscrowd":0"#),
      .annotation("tiny and large", #","bbox":[-1e-300,1e300,4.9e-324,1.7976931348623157e308],"area":1e21"#),
      .annotation("crowd 2", #","iscrowd":2"#),
      .annotation("crowd as truth", #","iscrowd":false"#),
      .annotation("many rings", #","segmentation":[[1,2,3,4,5,6],[1.5,2.25,3,4,5,6,7,8]],"area":3.25"#),
      .annotation("mask text", #","segmentation":{"size":[2,3],"counts":"123"},"iscrowd":1"#),
      .annotation("mask with more", #","segmentation":{"counts":[1,2,3],"size":[2,3],"by":"me"}"#),
      .annotation("keypoints", #","keypoints":[1,2,2,0,0,0,1.5,2.5,1],"num_keypoints":7"#),
      .image("unicode name", #","file_name":"a b/\"é\\汽\n\t🚗.jpg","width":1,"height":1"#),
      .image("empty name", #","file_name":"""#),
      .image("path out", #","file_name":"../../etc/x.jpg""#),
      .image("only an id", ""),
      .image("more fields", #","license":4,"flickr_url":null,"coco_url":"http://a/b?c=d&e","date_captured":"2013-11-14 17:02:52""#),
      .image("huge width", #","width":9223372036854775807,"height":1"#),
      KeptCase(name: "no arrays but images", text: #"{"images":[{"id":1}]}"#),
      KeptCase(name: "only categories", text: #"{"categories":[{"id":0,"name":""}]}"#),
      KeptCase(name: "only annotations, empty", text: #"{"annotations":[]}"#),
      KeptCase(name: "annotations first", text: #"{"annotations":[{"image_id":1,"id":1}],"images":[{"id":1}]}"#),
      KeptCase(
        name: "ids of all kinds",
        text:
          #"{"images":[{"id":9223372036854775807},{"id":-9223372036854775808},{"id":0},{"id":""},{"id":"0"}],"annotations":["#
          + #"{"id":9223372036854775807,"image_id":"0","category_id":0},{"id":-1,"image_id":-9223372036854775808,"category_id":"0"},"#
          + #"{"id":"-1","image_id":"","category_id":-5},{"image_id":9223372036854775807}],"#
          + #""categories":[{"id":0,"name":"a"},{"id":"0","name":"b"},{"id":-5,"name":"a"}]}"#),
    ]
    for number in ["1e400", "-1e400", "1e-400", "123456789012345678901234567890.5E+10"] {
      var kept = KeptCase.annotation("number \(number)", ",\"other\":[\(number)]", "\"other\":[\(number)]")
      kept.isComparable = false
      cases.append(kept)
    }
    return cases
  }()

  /// COCO -> COCO says the same value by value, and a second time the same bytes.
  @Test(arguments: cases) func comesBack(_ kept: KeptCase) throws {
    let dataset = try COCOTest.read(text: kept.text)
    #expect(dataset.error == nil)
    #expect(!dataset.diagnostics.hasErrors, "\(dataset.diagnostics.items.map(\.message))")
    let text = try COCOTest.text(dataset)
    if kept.isComparable {
      let (before, after) = (try #require(try COCOTest.json(kept.text)), try #require(try COCOTest.json(text)))
      #expect(before == after, "\(kept.text)\n\(text)")
    }
    for piece in kept.pieces { #expect(text.contains(piece), "\(piece) is not in \(text)") }
    let again = try COCOTest.read(text: text)
    #expect(again.error == nil)
    #expect(try COCOTest.text(again) == text)
  }

  /// Ids that are neither whole numbers nor texts are errors with a place, and the rest stays.
  @Test(arguments: ["1.5", "true", "null", "[1]", "{}", "1e400", "9223372036854775808"])
  func idsOfOtherKinds(_ id: String) throws {
    let text = #"{"images":[{"id":\#(id)},{"id":2}],"annotations":[{"image_id":2,"id":7}],"categories":[]}"#
    let dataset = try COCOTest.read(text: text)
    #expect(
      dataset.diagnostics.items.contains {
        ["coco.image.id", "json.number"].contains($0.rule) && [11, 17].contains($0.range?.offset)
      },
      "\(dataset.diagnostics.items)")
    #expect(dataset.annotations.count == 1)
    let categories = try COCOTest.read(text: COCOTest.document("", categories: #"{"id":\#(id),"name":"a"},{"id":4,"name":"b"}"#))
    #expect(categories.rules == ["coco.category.id"])
    #expect(categories.header.labels.labels.map(\.name) == ["b"])
    let references = try COCOTest.read(text: COCOTest.document(#"{"id":1,"image_id":\#(id)},{"id":2,"image_id":1}"#))
    #expect(references.diagnostics.hasErrors)
    #expect(references.annotations.map(\.id) == [.integer(2)])
  }

  /// An annotation id of another kind is kept as it is.
  @Test(arguments: ["1.5", "true", "null", "[1]", "9223372036854775808"]) func annotationIDsOfOtherKinds(_ id: String) throws {
    let text = COCOTest.document(#"{"id":\#(id),"image_id":1,"category_id":3,"bbox":[1,2,3,4]}"#)
    let dataset = try COCOTest.read(text: text)
    #expect(dataset.annotations.count == 1)
    let written = try COCOTest.text(dataset)
    #expect(written.contains("\"id\":\(id)"), "\(written)")
    #expect(try COCOTest.json(text) == COCOTest.json(written))
  }
}
