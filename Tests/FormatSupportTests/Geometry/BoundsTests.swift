import Testing
import WaybillDatasetModel
import WaybillFormatSupport

private func isClose(_ a: [Double], _ b: [Double]) -> Bool { a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 } }

@Suite struct BoundsTests {
  @Test(
    arguments: [
      ([], nil), ([1, 2], [1, 2, 1, 2]), ([0, 0, 4, 1, 2, 3], [0, 0, 4, 3]), ([-1, -2, -3, -4], [-3, -4, -1, -2]), ([5], nil),
    ] as [([Double], [Double]?)])
  func points(coordinates: [Double], expected: [Double]?) {
    let box = Bounds.box(around: coordinates, unit: .unit)
    #expect(box?.numbers == expected)
    if let box { #expect(box.form == .corners && box.unit == .unit) }
  }

  @Test(
    arguments: [
      (.polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3, 8, 8, 9, 8, 9, 9], ringEnds: [6])), [0, 0, 9, 9]),
      (.polygon(Polygon(coordinates: [])), nil),
      (.polyline(Polyline(coordinates: [3, 1, 1, 2])), [1, 1, 3, 2]), (.point(Point(x: 3, y: 4)), [3, 4, 3, 4]),
      (.circle(Circle(centerX: 5, centerY: 6, radius: 2)), [3, 4, 7, 8]),
      (.ellipse(Ellipse(centerX: 0, centerY: 0, radiusX: 3, radiusY: 1)), [-3, -1, 3, 1]),
      (.ellipse(Ellipse(centerX: 0, centerY: 0, radiusX: 3, radiusY: 1, angleDegrees: 90)), [-1, -3, 1, 3]),
      (.ellipse(Ellipse(centerX: 1, centerY: 1, radiusX: 2, radiusY: 2, angleDegrees: 33)), [-1, -1, 3, 3]),
      (.rotatedBox(RotatedBox(centerX: 10, centerY: 10, width: 4, height: 2, angleDegrees: 0)), [8, 9, 12, 11]),
      (.rotatedBox(RotatedBox(centerX: 10, centerY: 10, width: 4, height: 2, angleDegrees: 90)), [9, 8, 11, 12]),
      (.mask(Mask(width: 3, height: 3, runs: .counts([4, 1, 4]))), [1, 1, 1, 1]),
      (.mask(Mask(width: 3, height: 3, runs: .counts([9]))), nil),
      (.mask(Mask(width: 3, height: 3, runs: .compressed("not one"))), nil),
    ] as [(Shape, [Double]?)])
  func shapes(shape: Shape, expected: [Double]?) {
    let box = Bounds.box(around: shape)
    #expect((box == nil) == (expected == nil))
    if let box, let expected { #expect(isClose(box.numbers, expected), "\(box)") }
  }

  @Test func keypointsThatAreNotLabeledDoNotCount() {
    let points: [Keypoints.Keypoint] = [
      .init(x: 0, y: 0, visibility: 0), .init(x: 5, y: 6, visibility: 1), .init(x: 7, y: 5, visibility: 2),
      .init(x: 6, y: 9, visibility: nil),
    ]
    #expect(Bounds.box(around: Keypoints(points: points))?.numbers == [5, 5, 7, 9])
    #expect(Bounds.box(around: Keypoints(points: [points[0]])) == nil && Bounds.box(around: Keypoints(points: [])) == nil)
  }

  @Test func cornersTurnClockwiseOnTheScreen() {
    let flat = RotatedBox(centerX: 10, centerY: 20, width: 4, height: 2, angleDegrees: 0)
    #expect(isClose(Outlines.corners(of: flat), [8, 19, 12, 19, 12, 21, 8, 21]))
    // A quarter clockwise, y pointing down: the top left corner goes to the top right.
    let turned = RotatedBox(centerX: 10, centerY: 20, width: 4, height: 2, angleDegrees: 90)
    #expect(isClose(Outlines.corners(of: turned), [11, 18, 11, 22, 9, 22, 9, 18]))
  }

  @Test func polygonsStandInForWhatEnclosesSomething() throws {
    let square = Polygon(coordinates: [0, 0, 1, 0, 1, 1], unit: .unit)
    #expect(Outlines.polygon(for: .polygon(square)) == square)
    for shape in [
      Shape.point(Point(x: 1, y: 1)), .polyline(Polyline(coordinates: [0, 0, 1, 1])),
      .mask(Mask(width: 1, height: 1, runs: .counts([1]))),
    ] {
      #expect(Outlines.polygon(for: shape) == nil)
    }
    let circle = try #require(Outlines.polygon(for: .circle(Circle(centerX: 3, centerY: 4, radius: 2, unit: .unit))))
    #expect(circle.unit == .unit && circle.coordinates.count == 2 * Outlines.circleCorners)
    for index in stride(from: 0, to: circle.coordinates.count, by: 2) {
      let (dx, dy) = (circle.coordinates[index] - 3, circle.coordinates[index + 1] - 4)
      #expect(abs(dx * dx + dy * dy - 4) < 1e-9)
    }
    let box = try #require(Bounds.box(around: .polygon(circle)))
    #expect(isClose(box.numbers, [1, 2, 5, 6]))
    let turned = try #require(
      Outlines.polygon(for: .ellipse(Ellipse(centerX: 0, centerY: 0, radiusX: 3, radiusY: 1, angleDegrees: 90))))
    let around = try #require(Bounds.box(around: .polygon(turned)))
    #expect(isClose(around.numbers, [-1, -3, 1, 3]))
    #expect(Outlines.polygon(for: Box(1, 2, 3, 4, form: .extent)).coordinates == [1, 2, 4, 2, 4, 6, 1, 6])
    #expect(
      Outlines.polygon(for: Box(0.5, 0.5, 1, 1, form: .centered, unit: .unit))
        == Polygon(coordinates: [0, 0, 1, 0, 1, 1, 0, 1], unit: .unit))
  }
}
