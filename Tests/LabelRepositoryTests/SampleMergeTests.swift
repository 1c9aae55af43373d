import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillLabelRepository

/// Merges of one sample, case by case.
@Suite struct SampleMergeTests {
  /// Merges three lines; a nil line is a sample that is not there.
  private func merge(_ base: String?, _ ours: String?, _ theirs: String?) throws -> (line: String?, about: [String]) {
    let folder = try TemporaryFolder()
    let paths = try [base, ours, theirs].enumerated().map { try folder.write("\($0.offset)", $0.element.map { "\($0)\n" } ?? "") }
    let outcome = try ShardMerge(base: paths[0], ours: paths[1], theirs: paths[2], ReadContext(sources: SourceMap()))
      .run(into: folder.file("merged"))
    let text = String(decoding: try bytes(of: folder.file("merged")), as: UTF8.self)
    return (text.isEmpty ? nil : String(text.dropLast()), outcome.conflicts.flatMap(\.about))
  }

  private static let car = #"{"label":"car","box_xywh":[0,0,100,50]}"#

  /// A name, the annotations before, on our side and on theirs, and those of the merge.
  static let clean: [(String, [String], [String], [String], [String])] = [
    ("one side adds", [], [car], [], [car]),
    ("both add the same", [], [car], [car], [car]),
    (
      "both add other things", [], [#"{"label":"car","box_xywh":[0,0,9,9]}"#], [#"{"label":"bus","box_xywh":[0,0,9,9]}"#],
      [#"{"label":"bus","box_xywh":[0,0,9,9]}"#, #"{"label":"car","box_xywh":[0,0,9,9]}"#]
    ),
    ("one side removes", [car], [], [car], []),
    ("both remove", [car], [], [], []),
    (
      "a move and a relabel of one without an id", [car], [#"{"label":"car","box_xywh":[3,0,100,50]}"#],
      [#"{"label":"truck","box_xywh":[0,0,100,50]}"#], [#"{"label":"truck","box_xywh":[3,0,100,50]}"#]
    ),
    (
      "a move out of sight and a confidence of one with an id", [#"{"id":7,"label":"car","box_xywh":[0,0,10,10]}"#],
      [#"{"id":7,"label":"car","box_xywh":[900,0,10,10]}"#], [#"{"id":7,"label":"car","box_xywh":[0,0,10,10],"confidence":0.5}"#],
      [#"{"id":7,"label":"car","box_xywh":[900,0,10,10],"confidence":0.5}"#]
    ),
    (
      "two attributes", [#"{"label":"car","attributes":{"a":"1"}}"#], [#"{"label":"car","attributes":{"a":"2"}}"#],
      [#"{"label":"car","attributes":{"a":"1","b":"3"}}"#], [#"{"label":"car","attributes":{"a":"2","b":"3"}}"#]
    ),
    (
      "one adds what the other adds with more", [], [#"{"label":"car","box_xywh":[0,0,1,1]}"#],
      [#"{"label":"car","box_xywh":[0,0,1,1],"confidence":0.5}"#], [#"{"label":"car","box_xywh":[0,0,1,1],"confidence":0.5}"#]
    ),
    (
      "who comes later is named", [car],
      [#"{"label":"car","box_xywh":[0,0,100,50],"difficult":true,"by":"human/a","at":"2026-01-02T00:00:00Z"}"#],
      [#"{"label":"car","box_xywh":[0,0,100,50],"confidence":0.5,"by":"human/b","at":"2026-01-01T00:00:00Z"}"#],
      [
        #"{"label":"car","box_xywh":[0,0,100,50],"confidence":0.5,"difficult":true,"by":"human/a","at":"2026-01-02T00:00:00Z"}"#
      ]
    ),
    (
      "flags one by one", [#"{"label":"car"}"#], [#"{"label":"car","truncated":true}"#], [#"{"label":"car","occluded":false}"#],
      [#"{"label":"car","truncated":true,"occluded":false}"#]
    ),
    (
      "a confirmation and a move", [#"{"id":1,"label":"car","box_xywh":[0,0,9,9],"unconfirmed":true}"#],
      [#"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#], [#"{"id":1,"label":"car","box_xywh":[1,0,9,9],"unconfirmed":true}"#],
      [#"{"id":1,"label":"car","box_xywh":[1,0,9,9]}"#]
    ),
    (
      "an order that one side changed", [#"{"id":1,"label":"a"}"#, #"{"id":2,"label":"b"}"#],
      [#"{"id":1,"label":"a"}"#, #"{"id":2,"label":"b"}"#, #"{"id":3,"label":"c"}"#],
      [#"{"id":2,"label":"b"}"#, #"{"id":1,"label":"a"}"#],
      [#"{"id":2,"label":"b"}"#, #"{"id":3,"label":"c"}"#, #"{"id":1,"label":"a"}"#]
    ),
    (
      "a part stays with its object", [#"{"id":1,"label":"man"}"#, #"{"id":2,"label":"head","part_of":1}"#],
      [#"{"id":9,"label":"dog"}"#, #"{"id":1,"label":"man"}"#, #"{"id":2,"label":"head","part_of":1}"#],
      [#"{"id":1,"label":"man"}"#, #"{"id":8,"label":"cat"}"#, #"{"id":2,"label":"head","part_of":2}"#],
      [
        #"{"id":9,"label":"dog"}"#, #"{"id":1,"label":"man"}"#, #"{"id":8,"label":"cat"}"#, #"{"id":2,"label":"head","part_of":2}"#,
      ]
    ),
  ]

  @Test(arguments: clean) func goTogether(
    _ name: String, _ base: [String], _ ours: [String], _ theirs: [String], _ expected: [String]
  ) throws {
    let result = try merge(line("a", annotations: base), line("a", annotations: ours), line("a", annotations: theirs))
    #expect(result.line == line("a", annotations: expected), "\(name)")
    #expect(result.about.isEmpty, "\(name)")
  }

  /// A name, the annotations before, on our side and on theirs, and words of the reason.
  static let torn: [(String, [String], [String], [String], String)] = [
    (
      "two labels", [#"{"id":7,"label":"car"}"#], [#"{"id":7,"label":"bus"}"#], [#"{"id":7,"label":"van"}"#],
      "annotation 7: label: car -> bus here, van there"
    ),
    (
      "two moves", [#"{"id":7,"label":"car","box_xywh":[0,0,9,9]}"#], [#"{"id":7,"label":"car","box_xywh":[1,0,9,9]}"#],
      [#"{"id":7,"label":"car","box_xywh":[2,0,9,9]}"#], "place: box 0,0,9,9 -> box 1,0,9,9 here, box 2,0,9,9 there"
    ),
    (
      "a change and a removal", [#"{"id":7,"label":"car"}"#], [#"{"id":7,"label":"bus"}"#], [],
      "annotation 7: changed here, removed there"
    ),
    (
      "a removal and a change", [#"{"id":7,"label":"car"}"#], [], [#"{"id":7,"label":"bus"}"#],
      "annotation 7: removed here, changed there"
    ),
    (
      "one attribute", [#"{"id":7,"attributes":{"a":"1"}}"#], [#"{"id":7,"attributes":{"a":"2"}}"#],
      [#"{"id":7,"attributes":{"a":"3"}}"#], #"attribute "a": "1" -> "2" here, "3" there"#
    ),
    ("one id, two things", [], [#"{"id":7,"label":"car"}"#], [#"{"id":7,"label":"bus"}"#], "label: nothing -> car here, bus there"),
    (
      "texts that only look the same", [#"{"id":7,"text":"x"}"#], ["{\"id\":7,\"text\":\"\u{E9}\"}"],
      ["{\"id\":7,\"text\":\"e\u{301}\"}"], "text"
    ),
    (
      "a relation to what is removed", [#"{"id":1,"label":"a"}"#, #"{"id":2,"label":"b"}"#],
      [#"{"id":1,"label":"a"}"#, #"{"id":2,"label":"b"}"#, #"{"id":3,"label":"r","link":{"from":1,"to":2}}"#],
      [#"{"id":1,"label":"a"}"#],
      "annotation 2: removed there, and here annotation 3 needs it"
    ),
    (
      "a part of what is removed", [#"{"id":1,"label":"man"}"#], [],
      [#"{"id":1,"label":"man"}"#, #"{"id":2,"label":"head","part_of":1}"#],
      "annotation 1: removed here, and there annotation 2 needs it"
    ),
  ]

  @Test(arguments: torn) func doNotGoTogether(
    _ name: String, _ base: [String], _ ours: [String], _ theirs: [String], _ reason: String
  ) throws {
    let lines = (line("a", annotations: base), line("a", annotations: ours), line("a", annotations: theirs))
    let result = try merge(lines.0, lines.1, lines.2)
    #expect(result.about.contains { $0.contains(reason) }, "\(name): \(result.about)")
    let text = try #require(result.line)
    try Array(text.utf8).withUnsafeBytes { bytes in
      let conflict = try #require(ConflictLine(bytes), "\(name)")
      func shown(_ side: UnsafeRawBufferPointer?) -> String? { side.map { String(decoding: $0, as: UTF8.self) } }
      // With nothing else to merge, each side is what it was.
      #expect(shown(conflict.base) == lines.0 && shown(conflict.ours) == lines.1 && shown(conflict.theirs) == lines.2, "\(name)")
      #expect(conflict.about == result.about)
    }
  }

  @Test func bothSidesHoldWhatGoesTogether() throws {
    let result = try merge(
      line("a", annotations: [#"{"id":1,"label":"car"}"#, #"{"id":2,"label":"car"}"#]),
      line("a", annotations: [#"{"id":1,"label":"bus"}"#, #"{"id":2,"label":"car","confidence":0.5}"#], #","split":"train""#),
      line("a", annotations: [#"{"id":1,"label":"van"}"#, #"{"id":2,"label":"truck"}"#, #"{"id":3,"label":"new"}"#]))
    let text = try #require(result.line)
    let rest = #"{"id":2,"label":"truck","confidence":0.5},{"id":3,"label":"new"}]}"#
    #expect(text.contains(#""ours":{"key":"a","image":{"path":"a"},"split":"train","annotations":[{"id":1,"label":"bus"},"# + rest))
    #expect(
      text.contains(#""theirs":{"key":"a","image":{"path":"a"},"split":"train","annotations":[{"id":1,"label":"van"},"# + rest))
  }

  /// Answers of a sample: base, ours, theirs, and the merge, or nil for a conflict.
  static let fields: [(String, String, String, String?)] = [
    (#","split":"train""#, #","split":"test""#, #","split":"train""#, #","split":"test""#),
    (#","split":"train""#, "", #","split":"train","attributes":{"w":1}"#, #","attributes":{"w":1}"#),
    (#","split":"a""#, #","split":"b""#, #","split":"c""#, nil),
    ("", #","hard":{"is":true}"#, #","split":"a""#, #","split":"a","hard":{"is":true}"#),
    (#","attributes":{"a":1,"b":2}"#, #","attributes":{"a":1}"#, #","attributes":{"a":5,"b":2}"#, #","attributes":{"a":5}"#),
    (#","id":1"#, #","id":2"#, #","id":"1""#, nil),
  ]

  @Test(arguments: fields) func fieldsOfASample(_ base: String, _ ours: String, _ theirs: String, _ expected: String?) throws {
    let result = try merge(line("a", base), line("a", ours), line("a", theirs))
    if let expected { #expect(result.line == line("a", expected)) }
    #expect(result.about.isEmpty == (expected != nil))
  }

  @Test func samplesThatComeAndGo() throws {
    let (old, new) = (line("a"), line("a", #","split":"train""#))
    #expect(try merge(old, nil, old).line == nil)
    #expect(try merge(old, old, nil).line == nil)
    #expect(try merge(nil, new, nil).line == new)
    #expect(try merge(nil, new, new).line == new)
    #expect(try merge(old, nil, new).about == ["removed here, changed there"])
    #expect(try merge(old, new, nil).about == ["changed here, removed there"])
    #expect(try merge(old, nil, new).line?.contains(#""ours":null"#) == true)
    // What both add goes together as far as it can.
    #expect(
      try merge(nil, line("a", #","split":"x""#), line("a", #","hard":{"is":true}"#)).line
        == line("a", #","split":"x","hard":{"is":true}"#))
  }

  @Test func aConflictInTheBaseIsLookedThrough() throws {
    let torn = try #require(try merge(line("a", #","split":"a""#), line("a", #","split":"b""#), line("a", #","split":"c""#)).line)
    // As git does it where two branches were merged both ways: the base holds a conflict that both sides have ended.
    #expect(
      try merge(torn, line("a", #","split":"b""#), line("a", #","split":"a","hard":{"is":true}"#)).line
        == line("a", #","split":"b","hard":{"is":true}"#))
    // A side that holds an older conflict is kept whole.
    let nested = try merge(line("a", #","split":"a""#), torn, line("a", #","split":"d""#))
    #expect(nested.about == ["one of the sides holds an older conflict"])
    #expect(nested.line?.contains(#""ours":\#(torn)"#) == true)
  }

  @Test func manyAdditionsTakeNoTime() throws {
    let many = (0..<20_000).map { #"{"id":\#($0),"label":"car","box_xywh":[\#($0 * 20),0,10,10]}"# }
    let result = try merge(
      line("a"), line("a", annotations: Array(many[..<10_000])), line("a", annotations: Array(many[10_000...])))
    #expect(result.about.isEmpty)
    #expect(result.line?.split(separator: "}").count ?? 0 > 20_000)
  }

  @Test func whatIsNeededInTurnIsKept() throws {
    // A relation between relations of ours leads to one that theirs removed with all it leads to.
    let base = [#"{"id":1,"label":"a"}"#, #"{"id":2,"label":"b"}"#, #"{"id":3,"label":"r","link":{"from":1,"to":2}}"#]
    let ours = base + [#"{"id":4,"label":"s","link":{"from":3,"to":3}}"#]
    let result = try merge(line("a", annotations: base), line("a", annotations: ours), line("a"))
    #expect(
      Set(result.about) == [
        "annotation 1: removed there, and here annotation 3 needs it",
        "annotation 2: removed there, and here annotation 3 needs it",
        "annotation 3: removed there, and here annotation 4 needs it",
      ])
    let text = try #require(result.line)
    // Our side holds all of it, and theirs nothing.
    #expect(text.contains(#""ours":\#(line("a", annotations: ours))"#) && text.contains(#""theirs":\#(line("a"))"#))
  }

  @Test func manyRemovalsTakeNoTime() throws {
    let many = (0..<20_000).map { #"{"id":\#($0),"label":"car","box_xywh":[\#($0 * 20),0,10,10]}"# }
    let one = #"{"id":"r","label":"r","link":{"from":7,"to":9}}"#
    let result = try merge(
      line("a", annotations: many), line("a", annotations: Array(many[..<10])), line("a", annotations: many + [one]))
    #expect(result.about.isEmpty)
    #expect(result.line == line("a", annotations: Array(many[..<10]) + [one]))
  }
}
