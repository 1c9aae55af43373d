import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillComparison

@Suite struct AnnotationComparisonTests {
  private static func make(_ body: (inout Annotation) -> Void) -> Annotation {
    var annotation = Writing.annotation("#1 car @0,0,9,9")
    body(&annotation)
    return annotation
  }

  /// One answer changed at a time.
  static let changes: [(features: [String], change: @Sendable (inout Annotation) -> Void)] = [
    ([], { _ in }), (["id"], { $0.id = .integer(2) }), (["id"], { $0.id = .string("1") }), (["id"], { $0.id = nil }),
    (["label"], { $0.label = LabelID(index: 1) }), (["label"], { $0.label = nil }), (["text"], { $0.text = "a" }),
    (["box"], { $0.box?.third = 10 }), (["box"], { $0.box = nil }),
    (["point"], { $0.shape = .point(Point(x: 1, y: 1)) }),
    (["polygon"], { $0.shape = .polygon(Polygon(coordinates: [0, 0, 1, 0, 1, 1])) }),
    (["keypoints"], { $0.keypoints = Keypoints(points: []) }), (["span"], { $0.span = TextSpan(start: 0, end: 2, unit: .scalars) }),
    (["frame"], { $0.time = .frame(1) }), (["instant"], { $0.time = .instant(1) }),
    (["interval"], { $0.time = .interval(start: 0, end: 1) }), (["track"], { $0.track = .integer(1) }),
    (["reference"], { $0.reference = "x" }), (["author"], { $0.author = "x" }),
    (["created-at"], { $0.createdAt = Timestamp(seconds: 1) }),
    (["confidence"], { $0.confidence = 0 }), (["hard"], { $0.hard = HardExample(isHard: false) }),
    (["difficult"], { $0.flags.difficult = false }), (["truncated"], { $0.flags.truncated = true }),
    (["occluded"], { $0.flags.occluded = true }), (["crowd"], { $0.flags.crowd = false }),
    (["unconfirmed"], { $0.flags.unconfirmed = true }), (["group"], { $0.group = .integer(1) }),
    (["area"], { $0.area = 1 }), ([], { $0.ordinal = 4 }), (["attributes"], { $0.attributes = ["a": .null] }),
    (["preserved"], { $0.preserved = Preserved("coco", members: Array("\"a\":1".utf8)) }),
    (["box", "author", "confidence"], { ($0.box, $0.author, $0.confidence) = (nil, "x", 1) }),
  ]

  @Test(arguments: changes.indices) func namesWhatChanged(_ index: Int) {
    let (features, change) = Self.changes[index]
    let (old, new) = (Self.make { _ in }, Self.make(change))
    #expect(Writing.differences(old, new) == features)
    #expect(Writing.differences(new, old) == features)
    #expect(Writing.differences(new, new).isEmpty)
    // What is ignored is not named, and the rest still is.
    for name in features {
      var options = ComparisonOptions()
      options.ignored = FeatureSet([Feature(name: name)].compactMap { $0 })
      #expect(Writing.differences(old, new, ComparisonRules(options)) == features.filter { $0 != name })
    }
  }

  @Test func orderCountsWhenEverythingDoes() {
    #expect(Writing.differences(Self.make { _ in }, Self.make { $0.ordinal = 4 }, .everything) == ["order"])
  }

  /// Texts are told apart by their bytes.
  @Test func lettersWrittenInTwoWaysDiffer() {
    let (one, two) = ("\u{E9}", "e\u{301}")
    #expect(one == two)
    #expect(Writing.differences(Self.make { $0.text = one }, Self.make { $0.text = two }) == ["text"])
    #expect(Writing.differences(Self.make { $0.id = .string(one) }, Self.make { $0.id = .string(two) }) == ["id"])
    #expect(Writing.differences(Self.make { $0.author = one }, Self.make { $0.author = two }) == ["author"])
    #expect(
      Writing.differences(Self.make { $0.attributes = ["a": .string(one)] }, Self.make { $0.attributes = ["a": .string(two)] })
        == ["attributes"])
    var (old, new) = (Writing.sample("car"), Writing.sample("car"))
    (old.annotations[0].id, new.annotations[0].id) = (.string(one), .string(two))
    let change = SampleComparison(old: Writing.labels, new: Writing.labels).change(from: old, to: new)
    #expect(change?.annotations.first?.features == [.id])
    (old, new) = (Writing.sample("car"), Writing.sample("car"))
    (old.split, new.split) = (one, two)
    #expect(SampleComparison(old: Writing.labels, new: Writing.labels).change(from: old, to: new)?.features == [.split])
  }

  @Test func attributesAreTheSameInAnyOrder() {
    let one: Attributes = ["a": .integer(1), "b": .object(["c": .null, "d": .list([.number(1), .boolean(true)])])]
    let two: Attributes = ["b": .object(["d": .list([.number(1), .boolean(true)]), "c": .null]), "a": .integer(1)]
    #expect(ExactComparison.same(one, two))
    let three: Attributes = ["b": .object(["d": .list([.boolean(true), .number(1)]), "c": .null]), "a": .number(1), "e": .null]
    let found = ExactComparison.differences(one, three)
    #expect(found.map(\.name) == ["a", "b", "e"])
    #expect(found[0].old == .integer(1) && found[0].new == .number(1) && found[2].old == nil && found[2].new == .null)
  }

  // MARK: Places over forms and units

  static let boxes: [(a: Box, b: Box, isSame: Bool, tolerance: Double?)] = [
    (Box(1, 2, 3, 4, form: .corners), Box(1, 2, 3, 4, form: .corners), true, nil),
    (Box(1, 2, 3, 4, form: .corners), Box(1, 2, 3, 4.000001, form: .corners), false, nil),
    (Box(1, 2, 3, 4, form: .corners), Box(1, 2, 2, 2, form: .extent), true, nil),
    (Box(1, 2, 3, 4, form: .corners), Box(1, 2, 2, 2.009, form: .extent), true, nil),
    (Box(1, 2, 3, 4, form: .corners), Box(1, 2, 2, 2.02, form: .extent), false, nil),
    (Box(100, 50, 300, 150, form: .corners), Box(0.1, 0.1, 0.3, 0.3, form: .corners, unit: .unit), true, nil),
    (Box(100, 50, 300, 150, form: .corners), Box(0.2, 0.2, 0.2, 0.2, form: .centered, unit: .unit), true, nil),
    (Box(100, 50, 300, 150, form: .corners), Box(0.2, 0.2, 0.2, 0.201, form: .centered, unit: .unit), false, nil),
    (Box(1, 2, 3, 4, form: .corners), Box(1.5, 2, 3, 4, form: .corners), true, 0.5),
    (Box(1, 2, 3, 4, form: .corners), Box(1.6, 2, 3, 4, form: .corners), false, 0.5),
    (Box(3, 4, 1, 2, form: .corners), Box(1, 2, 3, 4, form: .corners), true, 0),
    (Box(1e15, 0, 1e15 + 2, 1, form: .corners), Box(1e15, 0, 2, 1, form: .extent), true, nil),
  ]

  @Test(arguments: boxes) func boxesAreTheSameInAnyForm(_ row: (a: Box, b: Box, isSame: Bool, tolerance: Double?)) {
    let ruler = Ruler(size: (1000, 500), tolerance: row.tolerance)
    #expect(ruler.same(row.a, row.b) == row.isSame)
    #expect(ruler.same(row.b, row.a) == row.isSame)
    if row.a.unit != row.b.unit { #expect(!Ruler(size: nil, tolerance: row.tolerance).same(row.a, row.b)) }
  }

  private static func polygon(_ numbers: [Double], _ ends: [Int] = [], _ holes: [Int] = [], _ unit: CoordinateUnit = .pixels)
    -> Shape
  {
    .polygon(Polygon(coordinates: numbers, ringEnds: ends, holes: holes, unit: unit))
  }

  static let shapes: [(a: Shape, b: Shape, isSame: Bool)] = [
    (polygon([0, 0, 100, 0, 100, 50]), polygon([0, 0, 100, 0, 100, 50]), true),
    (polygon([0, 0, 100, 0, 100, 50]), polygon([0, 0, 0.1, 0, 0.1, 0.1], [], [], .unit), true),
    (polygon([0, 0, 100, 0, 100, 50]), polygon([0, 0, 100, 0]), false),
    (polygon([0, 0, 1, 0, 1, 1, 2, 2, 3, 2, 3, 3], [6]), polygon([0, 0, 1, 0, 1, 1, 2, 2, 3, 2, 3, 3], [6], [1]), false),
    (polygon([0, 0, 1, 0, 1, 1]), .point(Point(x: 0, y: 0)), false),
    (.point(Point(x: 100, y: 50)), .point(Point(x: 0.1, y: 0.1, unit: .unit)), true),
    (.polyline(Polyline(coordinates: [0, 0, 1, 1])), .polyline(Polyline(coordinates: [0, 0, 1, 1], isDashed: true)), false),
    (.circle(Circle(centerX: 1, centerY: 2, radius: 3)), .circle(Circle(centerX: 1, centerY: 2, radius: 4)), false),
    (.circle(Circle(centerX: 1, centerY: 2, radius: 3)), .circle(Circle(centerX: 1, centerY: 2, radius: 3)), true),
    (
      .ellipse(Ellipse(centerX: 1, centerY: 2, radiusX: 3, radiusY: 4)),
      .ellipse(Ellipse(centerX: 1, centerY: 2, radiusX: 3, radiusY: 4, angleDegrees: 1)), false
    ),
    (
      .rotatedBox(RotatedBox(centerX: 1, centerY: 2, width: 3, height: 4, angleDegrees: 5)),
      .rotatedBox(RotatedBox(centerX: 1, centerY: 2, width: 3, height: 4, angleDegrees: 5)), true
    ),
    (
      .mask(Mask(width: 2, height: 2, runs: .counts([1, 0, 1, 2]))), .mask(Mask(width: 2, height: 2, runs: .counts([2, 2]))), true
    ),
    (.mask(Mask(width: 2, height: 2, runs: .counts([1, 3]))), .mask(Mask(width: 2, height: 2, runs: .compressed("13"))), true),
    (.mask(Mask(width: 2, height: 2, runs: .counts([1, 3]))), .mask(Mask(width: 4, height: 1, runs: .counts([1, 3]))), false),
    (.mask(Mask(width: 2, height: 2, runs: .compressed("\u{1}"))), .mask(Mask(width: 2, height: 2, runs: .counts([4]))), false),
  ]

  @Test(arguments: shapes.indices) func shapesAreTheSameInAnySpelling(_ index: Int) {
    let row = Self.shapes[index]
    let ruler = Ruler(size: (1000, 500), tolerance: nil)
    #expect(ruler.same(row.a, row.b) == row.isSame)
    #expect(ruler.same(row.b, row.a) == row.isSame)
    #expect(ruler.same(row.a, row.a) && ruler.same(row.b, row.b))
  }

  static let spans: [(Int, Int, TextSpan.Unit, Int, Int, TextSpan.Unit, Bool)] = [
    (0, 2, .scalars, 0, 2, .utf8, true), (3, 4, .scalars, 3, 5, .utf8, true),
    (3, 4, .scalars, 3, 4, .utf16, true), (5, 6, .scalars, 5, 7, .utf16, true), (5, 6, .scalars, 5, 6, .utf16, false),
    (5, 6, .scalars, 6, 10, .utf8, true), (6, 9, .scalars, 7, 10, .utf16, true), (0, 99, .scalars, 0, 99, .utf8, false),
    (4, 2, .scalars, 4, 2, .utf8, false),
  ]

  @Test(arguments: spans) func rangesAreTheSameWhateverTheyCount(
    _ a: Int, _ b: Int, _ unit: TextSpan.Unit, _ c: Int, _ d: Int, _ other: TextSpan.Unit, _ isSame: Bool
  ) {
    let (first, second) = (TextSpan(start: a, end: b, unit: unit), TextSpan(start: c, end: d, unit: other))
    let ruler = SpanRuler(text: "ab é 🚗 cd")
    #expect(ruler.same(first, second) == isSame)
    #expect(ruler.same(second, first) == isSame)
    // Without the text only what counts the same can be compared.
    #expect(!SpanRuler(text: nil).same(first, second) && SpanRuler(text: nil).same(first, first))
  }

  /// Over formats a box may be said by the shape alone, and a visibility be left out.
  @Test func boxesFollowFromShapesOverFormats() {
    let descriptors = ["one", "two"].map { name in
      FormatDescriptor(id: FormatID(name), name: name, summary: name, fileExtensions: [], reads: .all, writes: .all)
    }
    let rules = ComparisonRules(old: descriptors[0], new: descriptors[1])
    let shape = Self.polygon([0, 0, 9, 0, 9, 9, 0, 9])
    let (both, alone) = (Self.make { $0.shape = shape }, Self.make { ($0.box, $0.shape) = (nil, shape) })
    #expect(Writing.differences(both, alone, rules).isEmpty)
    #expect(Writing.differences(both, alone) == ["box"])
    let far = Self.make { ($0.box, $0.shape) = (Box(0, 0, 12, 9, form: .corners), shape) }
    #expect(Writing.differences(far, alone, rules) == ["box"])
    let seen = Self.make { $0.keypoints = Keypoints(points: [.init(x: 1, y: 1, visibility: 2)]) }
    let unsaid = Self.make { $0.keypoints = Keypoints(points: [.init(x: 1, y: 1, visibility: nil)]) }
    #expect(Writing.differences(seen, unsaid, rules).isEmpty)
    #expect(Writing.differences(seen, unsaid) == ["keypoints"])
  }
}
