import Testing
import WaybillDatasetModel

@testable import WaybillComparison

@Suite struct HeaderComparisonTests {
  private static func header(_ labels: [Label], complete: Bool = true, _ body: (inout DatasetHeader) -> Void = { _ in })
    -> DatasetHeader
  {
    var header = DatasetHeader(labels: LabelTable(labels), labelsAreComplete: complete)
    body(&header)
    return header
  }

  private static func labels(_ text: String) -> [Label] {
    text.split(separator: " ").map { word in
      let parts = word.split(separator: ":")
      return Label(name: String(parts[0]), id: parts.count > 1 ? Int64(parts[1]).map { .integer($0) } : nil)
    }
  }

  private static func words(_ changes: [DatasetChange]) -> String {
    changes.map { change in
      switch change {
      case .field(let field): "\(field.feature.name)\(field.name.map { ".\($0)" } ?? "")"
      case .labelAdded(let name): "+\(name)"
      case .labelRemoved(let name): "-\(name)"
      case .labelRenamed(let old, let new): "\(old)>\(new)"
      case .labelChanged(let name, let fields): "\(name)(\(fields.map(\.feature.name).joined(separator: ",")))"
      case .labelsReordered: "order"
      }
    }.joined(separator: " ")
  }

  static let lists: [(old: String, new: String, words: String)] = [
    ("", "", ""), ("car bus", "car bus", ""), ("car bus", "car bus tram", "+tram"), ("car bus", "bus", "-car"),
    ("car bus", "bus car", "order"),
    ("car bus tram", "bus tram car", "order"), ("car bus", "tram bus car", "+tram order"),
    // Without ids, the one at the same place of a list as long has another name.
    ("car bus", "auto bus", "car>auto"), ("car bus", "auto", "-car -bus +auto"), ("car bus", "bus auto", "-car +auto"),
    ("car bus", "auto coach", "car>auto bus>coach"),
    // With ids, the one that has the id.
    ("car:1 bus:2", "bus:2 auto:1", "car>auto order"), ("car:1 bus:2", "auto:3 bus:2", "-car +auto"),
    ("car:1 bus:2", "car:1 bus:5", "bus(label-id)"), ("car:1", "auto", "-car +auto"),
    // Names that stand twice are told apart by their order.
    ("car car", "car", "-car"), ("car", "car car", "+car"), ("car:1 car:2", "car:1 car:3", "car(label-id)"),
    ("car car", "car auto", "-car +auto"),
  ]

  @Test(arguments: lists) func listsOfLabels(_ row: (old: String, new: String, words: String)) {
    let found = HeaderComparison(Self.header(Self.labels(row.old)), Self.header(Self.labels(row.new)), ComparisonRules())
    #expect(Self.words(found.changes) == row.words)
    // What was gathered from samples is no list.
    for (old, new) in [(true, false), (false, true), (false, false)] {
      let open = HeaderComparison(
        Self.header(Self.labels(row.old), complete: old), Self.header(Self.labels(row.new), complete: new), ComparisonRules())
      #expect(open.changes.isEmpty && open.renamed.isEmpty)
    }
  }

  static let facts: [(feature: String, change: @Sendable (inout Label) -> Void)] = [
    ("label-id", { $0.id = .string("1") }), ("label-parent", { $0.parent = "thing" }),
    ("label-color", { $0.style.color = "#FF0000" }),
    ("label-style", { $0.style.shortcut = "k" }), ("label-style", { $0.style.defaultShape = "box" }),
    ("label-attributes", { $0.attributes = [AttributeDefinition(name: "a", type: "select", values: ["x"], defaultValue: "x")] }),
    ("label-relation", { $0.relation = .init(source: "a", target: "b") }), ("label-keypoints", { $0.keypointNames = ["nose"] }),
    ("label-keypoints", { $0.skeleton = [[1, 2]] }),
    ("label-preserved", { $0.preserved = Preserved("coco", members: Array("\"a\":1".utf8)) }),
  ]

  @Test(arguments: facts.indices) func factsOfLabels(_ index: Int) {
    let (feature, change) = Self.facts[index]
    var label = Label(name: "car")
    change(&label)
    for (old, new) in [(Label(name: "car"), label), (label, Label(name: "car"))] {
      let found = HeaderComparison(Self.header([old]), Self.header([new]), ComparisonRules())
      #expect(Self.words(found.changes) == "car(\(feature))")
      var options = ComparisonOptions()
      options.ignored = FeatureSet([Feature(name: feature)].compactMap { $0 })
      #expect(HeaderComparison(Self.header([old]), Self.header([new]), ComparisonRules(options)).changes.isEmpty)
    }
    #expect(HeaderComparison(Self.header([label]), Self.header([label]), .everything).changes.isEmpty)
  }

  @Test func fieldsOfTheDataset() {
    let old = Self.header([]) { ($0.name, $0.fields) = ("a", ["year": .integer(2019), "url": .string("x")]) }
    let new = Self.header([]) {
      ($0.name, $0.fields) = ("b", ["url": .string("y"), "year": .integer(2019)])
      $0.preserved = Preserved("coco", members: Array("\"info\":{}".utf8))
    }
    let found = HeaderComparison(old, new, ComparisonRules()).changes
    #expect(Self.words(found) == "dataset-name dataset-fields.url dataset-preserved.coco")
    #expect(found[0] == .field(FieldChange(.datasetName, old: .string("a"), new: .string("b"))))
    #expect(found[2] == .field(FieldChange(.datasetPreserved, name: "coco", old: nil, new: .string("{\"info\":{}}"))))
  }

  /// A label that was renamed is the same label, and its annotations are not relabeled.
  @Test func renamedLabelsRelabelNobody() {
    let (old, new) = (Self.header(Self.labels("car bus")), Self.header(Self.labels("auto bus")))
    let renamed = HeaderComparison(old, new, ComparisonRules()).renamed
    let comparison = SampleComparison(
      rules: ComparisonRules(), labels: LabelMatcher(old: old.labels, new: new.labels, renamed: renamed))
    let (one, other) = (Writing.sample("car @0,0,9,9|bus", old.labels), Writing.sample("auto @0,0,9,9|bus", new.labels))
    #expect(comparison.change(from: one, to: other) == nil)
    let change = comparison.change(from: one, to: Writing.sample("auto @1,0,10,9|auto", new.labels))
    #expect(change?.annotations.map(\.oldLabel) == ["car", "bus"] && change?.annotations.map(\.newLabel) == ["auto", "auto"])
    #expect(change?.annotations.map(\.isRelabeled) == [false, true])
  }
}
