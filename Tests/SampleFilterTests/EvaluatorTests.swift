import Testing
import WaybillDatasetModel

@testable import WaybillSampleFilter

/// Label tables that grow, pictures of unknown size, and many threads.
@Suite struct EvaluatorTests {
  private func sample(_ labels: [LabelID]) -> Sample {
    var sample = Sample(key: "x", media: Media(.image, location: "x.jpg"))
    sample.annotations = labels.map { Annotation(label: $0) }
    return sample
  }

  @Test func tablesMayGrow() throws {
    let table = LabelTable([Label(name: "car")])
    let evaluator = FilterEvaluator(try SampleFilter("label = bus or label ~ ^tr"), labels: table)
    #expect(!evaluator.accepts(sample([LabelID(index: 0)])))
    // A label that the table does not have, or not yet, is none.
    #expect(!evaluator.accepts(sample([LabelID(index: 1)])))
    let bus = table.intern("bus")
    #expect(evaluator.accepts(sample([bus])))
    for number in 0..<200 { _ = table.intern("label \(number)") }
    let tram = table.intern("tram")
    #expect(evaluator.accepts(sample([tram])) && !evaluator.accepts(sample([LabelID(index: 100), LabelID(index: 0)])))
    #expect(!evaluator.accepts(sample([LabelID(index: .max)])))
    let missing = FilterEvaluator(try SampleFilter("label is missing"), labels: table)
    #expect(missing.accepts(sample([LabelID(index: .max)])) && !missing.accepts(sample([tram])))
  }

  @Test func labelsAreCountedOnce() throws {
    let filter = try SampleFilter("labels = 3")
    let table = LabelTable((0..<100).map { Label(name: "\($0)") })
    #expect(filter.accepts(sample([3, 3, 70, 99, 70].map { LabelID(index: $0) }), labels: table))
    #expect(!filter.accepts(sample([3, 3, 70].map { LabelID(index: $0) }), labels: table))
  }

  @Test(arguments: [
    ("label = car", []), ("label = cra", ["cra"]), ("any(label in (cra, bus, cra)) or not label != x", ["cra", "x"]),
    ("label ~ cra and label like cra and label > cra", []), ("label = \"e\u{301}\"", ["e\u{301}"]),
  ])
  func unknownLabels(_ text: String, _ names: [String]) throws {
    #expect(try SampleFilter(text).unknownLabels(in: LabelTable(["car", "bus", "é"].map { Label(name: $0) })) == names)
  }

  /// Shares of a picture are measured in pixels once its size is known.
  @Test(arguments: [
    ("area = 5000", true), ("width = 100", true), ("height = 50", true), ("aspect = 2", true), ("media.width = 200", true),
    ("label is missing", false), ("kind = box", false),
  ])
  func sizesOfPictures(_ text: String, _ needsSize: Bool) throws {
    let filter = try SampleFilter(text)
    var shares = sample([])
    shares.annotations = [Annotation(box: Box(0.5, 0.5, 0.5, 0.25, form: .centered, unit: .unit))]
    #expect(filter.needsSize(of: shares) == needsSize && filter.needsMediaSize == needsSize)
    #expect(filter.accepts(shares, labels: LabelTable()) != needsSize)
    #expect(filter.accepts(shares, labels: LabelTable(), size: PixelSize(width: 200, height: 200)))
    // What the file says goes before what was found out.
    shares.media.width = 200
    shares.media.height = 200
    #expect(!filter.needsSize(of: shares) && filter.accepts(shares, labels: LabelTable(), size: PixelSize(width: 1, height: 1)))
    var pixels = sample([])
    pixels.annotations = [Annotation(box: Box(0, 0, 10, 10, form: .extent))]
    #expect(filter.needsSize(of: pixels) == (text.hasPrefix("media")))
    #expect(!filter.needsSize(of: Sample(key: "t", media: Media(.text))))
  }

  /// Shapes with their areas, widths and heights.
  static let shapes: [(Shape, Double?, Double?, Double?)] = [
    (.circle(Circle(centerX: 9, centerY: 9, radius: 2)), 12.5664, 4, 4),
    (.ellipse(Ellipse(centerX: 9, centerY: 9, radiusX: 2, radiusY: 1)), 6.2832, 4, 2),
    (.rotatedBox(RotatedBox(centerX: 9, centerY: 9, width: 4, height: 2, angleDegrees: 90)), 8, 2, 4),
    (.polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3])), 6, 4, 3),
    (.polygon(Polygon(coordinates: [0, 0, 0.5, 0, 0.5, 0.5], unit: .unit)), 2500, 50, 100),
    (.polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3, 10, 0, 14, 0, 14, 3], ringEnds: [6])), 12, 14, 3),
    (.mask(Mask(width: 3, height: 3, runs: .counts([4, 1, 4]))), 1, 1, 1),
    (.polyline(Polyline(coordinates: [0, 0, 4, 3])), nil, 4, 3),
    (.point(Point(x: 1, y: 1)), nil, 0, 0), (.polygon(Polygon(coordinates: [])), 0, nil, nil),
    (.mask(Mask(width: 3, height: 3, runs: .compressed("\u{7F}"))), nil, nil, nil),
  ]

  @Test(arguments: shapes)
  func measures(_ shape: Shape, _ area: Double?, _ width: Double?, _ height: Double?) {
    let annotation = Annotation(shape: shape)
    withUnsafePointer(to: annotation) { pointer in
      let size = PixelSize(width: 100, height: 200)
      #expect(pointer.area(in: size) == area)
      guard let width, let height else {
        #expect(pointer.sides(in: size) == nil)
        return
      }
      guard let sides = pointer.sides(in: size) else {
        Issue.record("no sides")
        return
      }
      #expect(abs(sides.width - width) < 1e-9 && abs(sides.height - height) < 1e-9)
    }
  }

  /// What the file states goes before what is computed; a box stands in where a line has no area.
  @Test func areasAsStated() {
    var annotation = Annotation(box: Box(0, 0, 10, 10, form: .extent), shape: .polyline(Polyline(coordinates: [0, 0, 5, 5])))
    withUnsafePointer(to: annotation) { #expect($0.area(in: nil) == 100) }
    annotation.area = 7
    withUnsafePointer(to: annotation) { #expect($0.area(in: nil) == 7) }
    annotation.area = nil
    annotation.box?.unit = .unit
    withUnsafePointer(to: annotation) { #expect($0.area(in: nil) == nil && $0.sides(in: nil) == nil && $0.isShareOfPicture) }
  }

  @Test func manyThreadsAsk() async throws {
    let filter = try SampleFilter("label ~ ^c and path like \"*.jpg\" or any(attr.colour = red)")
    let expected = FilterFixture.samples.map { filter.accepts($0, labels: FilterFixture.table) }
    let answers = await withTaskGroup(of: [Bool].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var last: [Bool] = []
          for _ in 0..<50 { last = FilterFixture.samples.map { filter.accepts($0, labels: FilterFixture.table) } }
          return last
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.count == 8 && answers.allSatisfy { $0 == expected })
  }
}
