import Testing
import WaybillDatasetModel

@Suite struct DrawersTests {
  @Test func attributesKeepTheirOrderAndNames() {
    var attributes: Attributes = ["b": .integer(1), "a": .string("x")]
    attributes["c"] = .null
    attributes["b"] = .boolean(true)
    #expect(attributes.items.map(\.name) == ["b", "a", "c"])
    #expect(attributes["b"] == .boolean(true) && attributes["c"] == .null && attributes["d"] == nil)
    attributes["a"] = nil
    attributes["none"] = nil
    #expect(attributes.items.map(\.name) == ["b", "c"])
    #expect(attributes != ["c": .null, "b": .boolean(true)])
    #expect(["x": .integer(1), "x": .integer(2)] as Attributes == ["x": .integer(2)])
    #expect(Attributes().isEmpty && !attributes.isEmpty)
  }

  @Test func namesAreToldApartByTheirBytes() {
    var attributes: Attributes = ["\u{E9}": .integer(1)]
    attributes["e\u{301}"] = .integer(2)
    #expect(attributes.items.count == 2)
    #expect(attributes["\u{E9}"] == .integer(1) && attributes["e\u{301}"] == .integer(2))
  }

  @Test func valuesOfDifferentKindsDiffer() {
    #expect(
      AttributeValue.integer(1) != .number(1) && .string("1") != AttributeValue.integer(1) && .null != AttributeValue.boolean(false)
    )
    #expect(AttributeValue.list([.integer(1), .object(["a": .null])]) == .list([.integer(1), .object(["a": .null])]))
  }

  @Test func preservedSectionsAreOrderedByFormat() {
    var preserved = Preserved()
    for name in ["voc", "coco", "modelarts", "a"] { preserved[FormatID(name)] = Array(name.utf8) }
    #expect(preserved.sections.map(\.format.name) == ["a", "coco", "modelarts", "voc"])
    preserved["coco"] = Array("new".utf8)
    #expect(preserved.sections.count == 4 && preserved["coco"] == Array("new".utf8))
    preserved["coco"] = []
    #expect(preserved["coco"] == [] && preserved.sections.map(\.format.name) == ["a", "modelarts", "voc"])
    for name in ["a", "modelarts", "voc", "absent"] { preserved[FormatID(name)] = [] }
    #expect(preserved.isEmpty && preserved == Preserved())
    #expect(Preserved("coco", members: []).isEmpty)
  }

  @Test func orderOfAddingDoesNotMatter() {
    var one = Preserved("b", members: [1])
    one["a"] = [2]
    var other = Preserved("a", members: [2])
    other["b"] = [1]
    #expect(one == other && one.hashValue == other.hashValue)
  }

  @Test func membersAreJoinedByCommas() {
    var preserved = Preserved()
    preserved.append("license", json: Array("3".utf8), format: "coco")
    preserved.append("url", json: Array("\"x\"".utf8), format: "coco")
    #expect(preserved["coco"] == Array("\"license\":3,\"url\":\"x\"".utf8))
  }

  @Test func idsKeepTheirKind() {
    #expect(RecordID.integer(2299) != .string("2299"))
    #expect("\(RecordID.integer(7)) \(RecordID.string("7"))" == "7 \"7\"")
    #expect(FormatID("a") < FormatID("b") && "\(FormatID("coco"))" == "coco" && FormatID("x") == "x")
  }
}
