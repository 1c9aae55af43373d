import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

@Suite struct SampleRulesTests {
  private static let labels: [Label] = {
    var car = Label(name: "car")
    car.attributes = [
      AttributeDefinition(name: "colour", type: "select", values: ["red", "blue", "\u{E9}"]),
      AttributeDefinition(name: "note", type: "text"),
    ]
    var owns = Label(name: "owns")
    owns.relation = .init(source: "man", target: "dog")
    return [car, Label(name: "man"), Label(name: "dog"), owns]
  }()

  /// The rules a line breaks, in order.
  private func rules(_ type: LabelingType, _ line: String) throws -> [String] { try problems(type, line).map(\.rule) }

  private func problems(_ type: LabelingType, _ line: String) throws -> [(rule: String, message: String)] {
    let context = ReadContext(sources: SourceMap())
    let records = NativeRecords(labels: LabelTable(Self.labels), context: context)
    let read = Array(line.utf8).withUnsafeBytes { records.sample($0, 0..<$0.count, of: context.sources.add("a")) }
    let sample = try #require(read, "\(context.diagnostics.items)")
    var found: [(rule: String, message: String)] = []
    SampleRules(type: type, labels: Self.labels).check(sample) { found.append(($0.rule, $0.message)) }
    return found
  }

  private static func media(_ kind: String) -> String { kind == "text" ? #""text":{"text":"a"}"# : #""\#(kind)":{"path":"a.mp4"}"# }

  /// The kinds of media each type takes.
  static let kinds: [(LabelingType, Set<String>)] = [
    (.imageClassification, ["image"]), (.objectDetection, ["image"]), (.imageSegmentation, ["image"]),
    (.textClassification, ["text"]), (.namedEntities, ["text"]), (.textTriplets, ["text"]), (.soundClassification, ["audio"]),
    (.speech, ["audio"]), (.speechParagraphs, ["audio"]), (.video, ["video", "image"]), (.table, ["table"]),
    (.free, ["image", "text", "audio", "video", "table", "file"]),
  ]

  @Test(arguments: kinds) func mediaFitTheType(_ type: LabelingType, _ allowed: Set<String>) throws {
    for kind in ["image", "text", "audio", "video", "table", "file"] {
      let found = try rules(type, #"{"key":"a",\#(Self.media(kind))}"#)
      #expect(found == (allowed.contains(kind) ? [] : ["repository.sample.media"]), "\(kind)")
    }
    if type != .free { #expect(type.media?.contains(type.newMedia) == true) }
  }

  @Test func everyTypeIsInTheTables() {
    #expect(Set(Self.kinds.map(\.0)) == Set(LabelingType.allCases))
    #expect(Set(Self.places.map(\.0)) == Set(LabelingType.allCases))
    for type in LabelingType.allCases { #expect(LabelingType(rawValue: type.name) == type) }
  }

  /// Every kind of place as JSON.
  private static let everyPlace: [String: String] = [
    "box": #""box_xywh":[1,2,3,4]"#, "rotated": #""rotated_box":[5,5,2,2,30]"#, "polygon": #""polygon":[[0,0,5,0,5,5]]"#,
    "parts": #""polygon":[[0,0,5,0,5,5],[6,6,7,6,7,7]]"#, "holes": #""polygon":[[0,0,5,0,5,5],[1,1,2,1,2,2]],"holes":[1]"#,
    "line": #""polyline":[0,0,5,5]"#, "dashed": #""polyline":[0,0,5,5],"dashed":true"#, "circle": #""circle":[5,5,2]"#,
    "ellipse": #""ellipse":[5,5,2,3,0]"#, "point": #""point":[1,2]"#, "keypoints": #""keypoints":[[1,2,2]]"#,
    "mask": #""mask":{"width":2,"height":2,"runs":[4]}"#, "span": #""span":{"start":0,"end":1,"unit":"scalars"}"#,
    "frame": #""frame":3"#, "instant": #""instant":1.5"#, "interval": #""interval":[1,2]"#, "track": #""track":1"#,
  ]

  /// The places each type takes, and those that say enough.
  static let places: [(LabelingType, allowed: Set<String>, enough: Bool)] = {
    let drawn: Set<String> = ["box", "rotated", "polygon", "parts", "holes", "line", "dashed", "circle", "point"]
    return [
      (.imageClassification, [], false),
      (.objectDetection, ["box", "rotated", "polygon", "line", "dashed", "circle", "point"], true),
      (.imageSegmentation, ["box", "polygon", "parts", "holes"], true), (.textClassification, [], false),
      (.namedEntities, ["span"], true), (.textTriplets, ["span"], true), (.soundClassification, [], false), (.speech, [], false),
      (.speechParagraphs, ["interval"], true),
      (.video, ["box", "rotated", "polygon", "line", "dashed", "circle", "point", "frame", "instant", "interval", "track"], true),
      (.table, [], false),
      (.free, drawn.union(["ellipse", "keypoints", "mask", "span", "frame", "instant", "interval", "track"]), false),
    ]
  }()

  @Test(arguments: places) func placesFitTheType(_ type: LabelingType, _ allowed: Set<String>, _ needsPlace: Bool) throws {
    let kind = type.newMedia.rawValue
    for (name, place) in Self.everyPlace {
      let text = type == .speech ? #","text":"hello""# : ""
      let found = try rules(type, #"{"key":"a",\#(Self.media(kind)),"annotations":[{"label":"man",\#(place)\#(text)}]}"#)
      #expect(found.contains("repository.annotation.place") == !allowed.contains(name), "\(name): \(found)")
      // A track says what goes together, and a box beside a polygon where that lies: neither is enough.
      let isEnough = !(name == "track" && needsPlace || name == "box" && type == .imageSegmentation)
      #expect(found.contains("repository.annotation.no-place") == !isEnough, "\(name): \(found)")
    }
    let bare = try rules(type, #"{"key":"a",\#(Self.media(kind)),"annotations":[{"label":"man","text":"x"}]}"#)
    #expect(bare == (needsPlace ? ["repository.annotation.no-place"] : []))
  }

  @Test(arguments: LabelingType.allCases) func labelsAreNeeded(_ type: LabelingType) throws {
    let found = try rules(
      type, #"{"key":"a",\#(Self.media(type.newMedia.rawValue)),"annotations":[{"text":"x"},{"label":"new","text":"x"}]}"#)
    let isFree = [.speech, .table, .free].contains(type)
    #expect(found.contains("repository.annotation.no-label") == !isFree)
    // A label must be in the set even where none is needed.
    #expect(found.filter { $0 == "repository.annotation.label" }.count == 1)
  }

  @Test func speechSaysATextInEveryAnnotation() throws {
    #expect(try rules(.speech, #"{"key":"a","audio":{},"annotations":[{"text":""}]}"#) == [])
    #expect(try rules(.speech, #"{"key":"a","audio":{},"annotations":[{"label":"man"}]}"#) == ["repository.annotation.no-text"])
    #expect(try rules(.speechParagraphs, #"{"key":"a","audio":{},"annotations":[{"label":"man","interval":[0,1]}]}"#) == [])
  }

  /// A picture, a polygon, and whether it lies inside.
  @Test(arguments: [
    (#""width":10,"height":5"#, "[[0,0,10,0,10,5]]", true), (#""width":10,"height":5"#, "[[0,0,10.5,0,10,5]]", false),
    (#""width":10,"height":5"#, "[[0,0,10,0,10,5.1]]", false), (#""width":10,"height":5"#, "[[-0.1,0,1,0,1,5]]", false),
    (#""width":5,"height":10"#, "[[0,10,5,0,1,1]]", true), (#""width":10,"height":5"#, "[[0,0,1,1,2,0],[3,3,4,4,11,3]]", false),
    // A picture of unknown size has no edge.
    (#""width":10"#, "[[0,0,100,0,100,500]]", true), ("", "[[0,0,100,0,100,500]]", true),
  ]) func polygonsLieInsideThePicture(_ size: String, _ polygon: String, _ isInside: Bool) throws {
    let line = #"{"key":"a","image":{\#(size)},"annotations":[{"id":7,"label":"man","polygon":\#(polygon)}]}"#
    #expect(try rules(.imageSegmentation, line) == (isInside ? [] : ["repository.annotation.outside"]))
    #expect(try rules(.objectDetection, line).contains("repository.annotation.outside") == false)
    if !isInside { #expect(try problems(.imageSegmentation, line).first?.message.hasPrefix("Annotation 7 ") == true) }
  }

  @Test(arguments: [("[[0,0,1,0,1,1]]", true), ("[[0,0,1.01,0,1,1]]", false), ("[[0,-0.01,1,0,1,1]]", false)])
  func polygonsInPartsOfThePictureLieInside(_ polygon: String, _ isInside: Bool) throws {
    let line = #"{"key":"a","image":{},"annotations":[{"label":"man","unit":"unit","polygon":\#(polygon)}]}"#
    #expect(try rules(.imageSegmentation, line) == (isInside ? [] : ["repository.annotation.outside"]))
  }

  @Test(arguments: [
    (#""video":{"path":"a.mp4"}"#, true), (#""video":{"path":"dir/a.MP4"}"#, true), (#""video":{"path":"a.avi"}"#, false),
    (#""video":{"path":".mp4"}"#, false), (#""video":{"path":"mp4"}"#, false), (#""video":{}"#, true),
    (#""image":{"path":"a.jpg","frame":{"video":"a.mp4"}}"#, true), (#""image":{"path":"a.jpg","frame":{"video":"a.mkv"}}"#, false),
    (#""image":{"path":"a.jpg"}"#, true),
  ]) func videosAreMP4(_ media: String, _ isAllowed: Bool) throws {
    #expect(try rules(.video, #"{"key":"a",\#(media)}"#) == (isAllowed ? [] : ["repository.sample.video"]))
    #expect(try rules(.free, #"{"key":"a",\#(media)}"#) == [])
  }

  private static let man = #"{"id":1,"label":"man","span":{"start":0,"end":1,"unit":"scalars"}}"#
  private static let dog = #"{"id":2,"label":"dog","span":{"start":0,"end":1,"unit":"scalars"}}"#

  /// Annotations beside a man and a dog, and the rules they break.
  static let relations: [(String, [String])] = [
    (#"{"label":"owns","link":{"from":1,"to":2}}"#, []),
    (#"{"label":"owns","link":{"from":2,"to":1}}"#, ["repository.annotation.relation", "repository.annotation.relation"]),
    (#"{"label":"owns","link":{"from":1,"to":1}}"#, ["repository.annotation.relation"]),
    (#"{"label":"owns","link":{"from":1,"to":9}}"#, ["repository.annotation.link"]),
    (#"{"label":"owns","link":{"from":"1","to":2}}"#, ["repository.annotation.link"]),
    (#"{"label":"man","link":{"from":1,"to":2}}"#, ["repository.annotation.relation"]),
    (#"{"label":"owns","span":{"start":0,"end":1,"unit":"scalars"}}"#, ["repository.annotation.relation"]),
    (#"{"link":{"from":1,"to":2}}"#, ["repository.annotation.no-label"]),
  ]

  @Test(arguments: relations) func relationsJoinWhatTheirLabelSays(_ annotation: String, _ expected: [String]) throws {
    let line = #"{"key":"a","text":{"text":"ab"},"annotations":[\#(Self.man),\#(Self.dog),\#(annotation)]}"#
    #expect(try rules(.textTriplets, line) == expected)
    // Elsewhere relations are free, and lead to something all the same.
    #expect(try rules(.free, line) == expected.filter { $0 == "repository.annotation.link" })
  }

  @Test func manyRelationsTakeNoTime() throws {
    let things = (0..<20_000).map { #"{"id":\#($0),"label":"man","span":{"start":0,"end":1,"unit":"scalars"}}"# }
    let links = (0..<20_000).map { #"{"label":"owns","link":{"from":\#(19_999 - $0),"to":\#(19_999 - $0)}}"# }
    let found = try rules(
      .textTriplets, #"{"key":"a","text":{"text":"ab"},"annotations":[\#((things + links).joined(separator: ","))]}"#)
    #expect(found.count == 20_000 && Set(found) == ["repository.annotation.relation"])
  }

  @Test(arguments: [
    (#"{"colour":"red"}"#, 0), (#"{"colour":"green"}"#, 1), (#"{"colour":1}"#, 1), (#"{"colour":null}"#, 1),
    (#"{"note":"anything"}"#, 0),
    (#"{"other":"anything"}"#, 0), ("{}", 0), ("{\"colour\":\"\u{E9}\"}", 0), ("{\"colour\":\"e\u{301}\"}", 1),
  ]) func choicesAreAmongTheValues(_ attributes: String, _ problems: Int) throws {
    let line = #"{"key":"a","image":{},"annotations":[{"label":"car","box_xywh":[0,0,1,1],"attributes":\#(attributes)}]}"#
    #expect(try rules(.objectDetection, line) == Array(repeating: "repository.annotation.attribute", count: problems))
  }

  @Test func problemsNameTheAnnotation() throws {
    let found = try problems(
      .objectDetection, #"{"key":"a","image":{},"annotations":[{"label":"man"},{"id":"x\u001b","label":"man"}]}"#)
    #expect(found.first?.message.hasPrefix("Annotation number 1 ") == true)
    #expect(found.last?.message.hasPrefix("Annotation \"x") == true)
    #expect(found.allSatisfy { !$0.message.contains("\u{1B}") })
  }

  /// A range and its unit in the text `aé😀`, and whether it lies in it: 3 scalars, 4 units of UTF-16, 7 bytes.
  static let spans: [(Int, Int, String, Bool)] = [
    (0, 3, "scalars", true), (0, 4, "scalars", false), (0, 4, "utf16", true), (0, 5, "utf16", false), (0, 7, "utf8", true),
    (0, 8, "utf8", false), (2, 2, "scalars", true), (2, 1, "scalars", false), (-1, 1, "scalars", false),
  ]

  @Test(arguments: spans) func aSpanLiesInItsText(_ start: Int, _ end: Int, _ unit: String, _ isRight: Bool) throws {
    let line =
      #"{"key":"a","text":{"text":"aé😀"},"annotations":[{"label":"man","span":{"start":\#(start),"end":\#(end),"unit":"\#(unit)"}}]}"#
    #expect(try rules(.namedEntities, line) == (isRight ? [] : ["repository.annotation.span"]))
    // Of a text that lies in a file only what is wrong in any text is found.
    let file = line.replacing(#""text":{"text":"aé😀"}"#, with: #""text":{"path":"a.txt"}"#)
    #expect(try rules(.namedEntities, file).isEmpty == (start >= 0 && end >= start))
  }
}
