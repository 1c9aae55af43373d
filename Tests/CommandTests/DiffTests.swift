import TestSupport
import Testing
import WaybillComparison
import WaybillDatasetModel

@testable import WaybillCommands

/// What `waybill diff` says of single changes; whole runs are in `Tests/Commands/diff.md`.
@Suite("Diff")
struct DiffTests {
  private static func annotation(_ body: (inout Annotation) -> Void) -> Annotation {
    var annotation = Annotation()
    body(&annotation)
    return annotation
  }

  static let places: [(annotation: Annotation, text: String?)] = [
    (annotation { _ in }, nil), (annotation { $0.box = Box(12, 30, 88, 61, form: .corners) }, "box 12,30 76x31"),
    (annotation { $0.box = Box(0.5, 0.25, 0.125, 0.5, form: .extent, unit: .unit) }, "box 50%,25% 12.5%x50%"),
    (annotation { $0.box = Box(1.005, 1 / 3, 1e20, -2, form: .extent) }, "box 1,0.33 1e+20x-2"),
    (annotation { $0.shape = .polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3])) }, "polygon 0,0 4x3 (3 points)"),
    (annotation { $0.shape = .polygon(Polygon(coordinates: [])) }, "polygon of nothing (0 points)"),
    (annotation { $0.shape = .polyline(Polyline(coordinates: [0, 0, 4, 3])) }, "polyline 0,0 4x3 (2 points)"),
    (annotation { $0.shape = .circle(Circle(centerX: 5, centerY: 5, radius: 2)) }, "circle 3,3 4x4"),
    (annotation { $0.shape = .ellipse(Ellipse(centerX: 5, centerY: 5, radiusX: 2, radiusY: 1)) }, "ellipse 3,4 4x2"),
    (annotation { $0.shape = .point(Point(x: 1.5, y: 2)) }, "point 1.5,2"),
    (
      annotation { $0.shape = .rotatedBox(RotatedBox(centerX: 5, centerY: 5, width: 4, height: 2, angleDegrees: 0)) },
      "rotated box 3,4 4x2 at 0 degrees"
    ),
    (annotation { $0.shape = .mask(Mask(width: 3, height: 3, runs: .counts([4, 1, 4]))) }, "mask 1,1 1x1"),
    (
      annotation { $0.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: 2), .init(x: 3, y: 5, visibility: 1)]) },
      "keypoints 1,2 2x3 (2 points)"
    ),
    (annotation { $0.span = TextSpan(start: 3, end: 9, unit: .utf8) }, "span 3-9"), (annotation { $0.time = .frame(7) }, "frame 7"),
    (annotation { $0.time = .instant(1.234) }, "at 1.23 s"), (annotation { $0.time = .interval(start: 0, end: 2.5) }, "0-2.5 s"),
    (annotation { $0.link = Link(source: .integer(1), target: .string("b\u{1B}")) }, "from 1 to b\\u{1b}"),
    (annotation { $0.reference = "x.xml" }, "in x.xml"),
    (annotation { ($0.box, $0.time) = (Box(0, 0, 1, 1, form: .corners), .frame(2)) }, "box 0,0 1x1, frame 2"),
  ]

  @Test("places are short", arguments: places.indices)
  func place(index: Int) {
    #expect(PlaceText.of(Self.places[index].annotation) == Self.places[index].text)
  }

  @Test(
    "overlaps below 1 never look like it",
    arguments: [(0, "0.00"), (0.005, "0.01"), (0.894, "0.89"), (0.9999, "0.99"), (1, "1.00"), (-1, "0.00"), (2, "1.00")])
  func overlap(value: Double, text: String) {
    #expect(PlaceText.share(value) == text)
  }

  private func lines(_ old: (inout Sample) -> Void, _ new: (inout Sample) -> Void, colors: Bool = false) -> String {
    let labels = LabelTable(["car", "bus\u{7}"].map { Label(name: $0) })
    func sample(_ body: (inout Sample) -> Void) -> Sample {
      var sample = Sample(key: "a\n", media: Media(.image, location: "a", width: 100, height: 100))
      body(&sample)
      return sample
    }
    let comparison = SampleComparison(rules: .everything, old: labels, new: labels)
    let text = ChangeText(channel: OutputChannel(usesColor: colors))
    return comparison.change(from: sample(old), to: sample(new)).map(text.lines) ?? ""
  }

  @Test("names from files are escaped, and colours are for terminals")
  func marks() {
    let box = Box(0, 0, 10, 10, form: .corners)
    let annotation = Annotation(label: LabelID(index: 1), box: box)
    #expect(lines({ $0.annotations = [annotation] }, { _ in }) == "a\\n\n  - bus\\u{7}  box 0,0 10x10\n")
    #expect(
      lines({ _ in }, { $0.annotations = [annotation] }, colors: true)
        == "a\\n\n  \u{1B}[1;32m+ bus\\u{7}\u{1B}[0m  box 0,0 10x10\n")
    #expect(lines({ _ in }, { $0.split = "\u{1B}[2J" }) == "a\\n\n  split none -> \"\\u{1b}[2J\"\n")
  }

  @Test("what cannot be told in a line is named")
  func longValues() {
    let long = String(repeating: "x", count: 70)
    #expect(lines({ $0.split = long }, { _ in }).contains("\"\(String(repeating: "x", count: 60))...\" -> none"))
    #expect(
      lines({ $0.tokens = Tokens() }, { $0.preserved = Preserved("coco", members: Array("\"a\":1".utf8)) })
        == "a\\n\n  tokens changed\n  fields of coco changed\n")
    let parts = [Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 0)), Annotation(label: LabelID(index: 0))]
    func with(_ distance: Int) -> [Annotation] {
      var parts = parts
      for index in parts.indices { parts[index].id = .integer(Int64(index)) }
      parts[2].partOf = distance
      return parts
    }
    #expect(lines({ $0.annotations = with(1) }, { $0.annotations = with(2) }) == "a\\n\n  ~ car 2  part of another object\n")
    #expect(
      lines({ $0.annotations = parts }, { $0.annotations = parts.reversed() }) == "")
    #expect(
      lines({ $0.annotations = with(1) }, { $0.annotations = [with(1)[1], with(1)[0], with(2)[2]] })
        == "a\\n\n  annotations in another order\n")
  }

  @Test("shapes that stay where they are were reshaped")
  func reshaped() {
    let one = Annotation(shape: .polygon(Polygon(coordinates: [0, 0, 10, 0, 10, 10])))
    let other = Annotation(shape: .polygon(Polygon(coordinates: [0, 0, 10, 0, 5, 10])))
    #expect(
      lines({ $0.annotations = [one] }, { $0.annotations = [other] })
        == "a\\n\n  ~ unlabeled  reshaped (IoU 1.00): polygon 0,0 10x10 (3 points)\n")
  }
}
