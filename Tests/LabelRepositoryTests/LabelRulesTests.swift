import Testing
import WaybillDatasetModel

@testable import WaybillLabelRepository

@Suite struct LabelRulesTests {
  private func rules(_ labels: [Label], _ type: LabelingType = .objectDetection) -> [String] {
    LabelRules(type: type).problems(of: labels).map { String($0.rule.dropFirst("repository.label.".count)) }
  }

  private static func label(_ name: String, _ change: (inout Label) -> Void) -> Label {
    var label = Label(name: name)
    change(&label)
    return label
  }

  private static func attribute(_ name: String, _ type: String, _ values: [String] = [], _ value: String? = nil) -> Label {
    label("car") { $0.attributes = [AttributeDefinition(name: name, type: type, values: values, defaultValue: value)] }
  }

  @Test(arguments: [
    ("", false), ("a", true), (" ", true), (String(repeating: "a", count: 1024), true),
    (String(repeating: "a", count: 1025), false),
    // Characters count, not bytes.
    (String(repeating: "\u{8ECA}", count: 1024), true), (String(repeating: "\u{8ECA}", count: 1025), false),
    (String(repeating: "e\u{301}", count: 512), true), (String(repeating: "e\u{301}", count: 513), false),
  ]) func namesHaveALength(_ name: String, _ isAllowed: Bool) {
    #expect(rules([Label(name: name)]) == (isAllowed ? [] : ["name"]))
  }

  @Test(arguments: [
    ("speaker-1_a.B9", true), ("", false), (String(repeating: "x", count: 256), true), (String(repeating: "x", count: 257), false),
    ("two words", false), ("h\u{E4}llo", false), ("a/b", false), ("a\n", false),
  ]) func classesOfParagraphsArePlain(_ name: String, _ isAllowed: Bool) {
    #expect(rules([Label(name: name)], .speechParagraphs) == (isAllowed ? [] : ["name"]))
    #expect(LabelRules(type: .speechParagraphs).nameProblem(name)?.contains("class") == (isAllowed ? nil : true))
  }

  @Test func aSetHasTenThousandLabelsAtMost() {
    let labels = (0...10_000).map { Label(name: "label \($0)") }
    #expect(rules(Array(labels.dropLast())) == [])
    #expect(rules(labels) == ["count"])
  }

  @Test func namesAreToldApartByTheirBytes() {
    #expect(rules([Label(name: "car"), Label(name: "Car"), Label(name: "car ")]) == [])
    #expect(rules([Label(name: "\u{E9}"), Label(name: "e\u{301}")]) == [])
    let problems = LabelRules(type: .free).problems(of: [Label(name: "car"), Label(name: "bus"), Label(name: "car")])
    #expect(problems.map(\.rule) == ["repository.label.duplicate"])
    #expect(problems.first?.message == "There are two labels \"car\"")
  }

  @Test(arguments: [
    ("#12AB0f", true), ("#000000", true), ("#12345", false), ("#1234567", false), ("123456", false), ("#12345g", false),
    ("red", false),
    ("", false), ("#\u{FF11}2345", false), ("# 12345", false), ("#+12345", false),
  ]) func coloursAreWrittenWithSixDigits(_ color: String, _ isAllowed: Bool) {
    #expect(LabelRules.isColor(color) == isAllowed)
    #expect(rules([Self.label("car") { $0.style.color = color }]) == (isAllowed ? [] : ["color"]))
  }

  @Test(arguments: [
    (["a", "b"], 0), (["a", "a"], 1), (["a", "A"], 1), (["ctrl+a", "Ctrl+A", "b"], 1), (["a", "A", "a"], 2),
    (["\u{E4}", "\u{C4}"], 1),
  ]) func shortcutsAreUniqueInAnyCase(_ shortcuts: [String], _ problems: Int) {
    let labels = shortcuts.enumerated().map { number, shortcut in Self.label("label \(number)") { $0.style.shortcut = shortcut } }
    #expect(rules(labels) == Array(repeating: "shortcut", count: problems))
  }

  @Test(arguments: ["bndbox", "polygon", "circle", "line", "dashed", "point", "polyline"]) func shapesAreKnown(_ shape: String) {
    #expect(rules([Self.label("car") { $0.style.defaultShape = shape }]) == [])
    #expect(rules([Self.label("car") { $0.style.defaultShape = shape + "s" }]) == ["shape"])
  }

  /// A label with an attribute, and the number of problems.
  static let attributes: [(Label, Int)] = [
    (attribute("note", "text"), 0), (attribute("note", "text", [], "none"), 0), (attribute("note", "text", ["a"]), 1),
    (attribute("", "text"), 1), (attribute("colour", "select", ["red", "blue"]), 0),
    (attribute("colour", "select", ["red", "blue"], "blue"), 0), (attribute("colour", "select", ["red"], "green"), 1),
    (attribute("colour", "select"), 1), (attribute("colour", "select", ["red", "red"]), 1),
    // Values that only look the same are two.
    (attribute("colour", "select", ["\u{E9}", "e\u{301}"]), 0), (attribute("colour", "select", ["\u{E9}"], "e\u{301}"), 1),
    (attribute("count", "number"), 1), (attribute("colour", ""), 1),
  ]

  @Test(arguments: attributes) func attributesAreTextsOrChoices(_ label: Label, _ problems: Int) {
    #expect(rules([label]) == Array(repeating: "attribute", count: problems))
  }

  @Test func attributesOfALabelHaveDifferentNames() {
    let twice = [AttributeDefinition(name: "a", type: "text"), AttributeDefinition(name: "a", type: "text")]
    #expect(rules([Self.label("car") { $0.attributes = twice }]) == ["attribute"])
    let alike = [AttributeDefinition(name: "\u{E9}", type: "text"), AttributeDefinition(name: "e\u{301}", type: "text")]
    #expect(rules([Self.label("car") { $0.attributes = alike }]) == [])
  }

  @Test(arguments: LabelingType.allCases) func attributesAndRelationsBelongToSomeTypes(_ type: LabelingType) {
    let attributes = [Self.attribute("note", "text")]
    #expect(rules(attributes, type) == ([.objectDetection, .video, .free].contains(type) ? [] : ["attribute"]))
    let relations = [Label(name: "man"), Self.label("owns") { $0.relation = .init(source: "man", target: "man") }]
    #expect(rules(relations, type) == ([.textTriplets, .free].contains(type) ? [] : ["relation"]))
    #expect(rules([Label(name: "car"), Label(name: "bus")], type) == [])
  }

  @Test func relationsJoinLabelsOfTheSetThatAreNone() {
    func set(_ source: String, _ target: String) -> [Label] {
      [
        Label(name: "man"), Label(name: "dog"), Self.label("owns") { $0.relation = .init(source: source, target: target) },
        Self.label("likes") { $0.relation = .init(source: "dog", target: "man") },
      ]
    }
    #expect(rules(set("man", "dog"), .textTriplets) == [])
    #expect(rules(set("man", "cat"), .textTriplets) == ["relation"])
    #expect(rules(set("cat", "cow"), .textTriplets) == ["relation", "relation"])
    #expect(rules(set("likes", "dog"), .textTriplets) == ["relation"])
    #expect(rules(set("owns", "dog"), .textTriplets) == ["relation"])
    let messages = LabelRules(type: .textTriplets).problems(of: set("likes", "cat")).map(\.message)
    #expect(messages.contains { $0.contains("is a relation itself") } && messages.contains { $0.contains("is not in the set") })
  }

  @Test func whatIsShownIsSafeForTerminals() {
    let problems = LabelRules(type: .objectDetection).problems(of: [
      Self.label("a\u{1B}[31m") {
        $0.style.color = "\u{1B}[0m"
        $0.style.defaultShape = "\u{7}"
      }
    ])
    #expect(problems.count == 2)
    #expect(problems.allSatisfy { !$0.message.unicodeScalars.contains { $0.value < 0x20 } })
  }
}
