import TestSupport
import Testing
import WaybillDatasetModel

@Suite struct BoxTests {
  @Test(arguments: [
    (473.07, 38.65, 511.72), (0.1, 0.2, 0.3), (1, 2, 3), (0.7, 0.1, 0.8), (1.1, 2.2, 3.3), (-0.1, 0.3, 0.2),
    (199.84, 77.71, 277.55),
    (0.000001, 0.000002, 0.000003), (1e6, 0.1, 1_000_000.1), (0, 0, 0), (1e18, 1, 1e18), (.infinity, 1, .infinity),
    (1e300, 1e300, 2e300), (4e15, 0.5, 4_000_000_000_000_000.5),
  ])
  func sumsAreThoseOfTheDecimalTexts(a: Double, b: Double, sum: Double) {
    #expect(decimalSum(a, b) == sum)
    #expect(decimalSum(b, a) == sum)
  }

  @Test func whatIsNoNumberStaysNone() {
    #expect(decimalSum(.nan, 1).isNaN && decimalSum(.infinity, -.infinity).isNaN)
    #expect(decimalSum(0.1 + 0.2, 1 / 3) == (0.1 + 0.2) + 1 / 3)
  }

  /// A corner plus a width, and back: the width is what it was, to the bit.
  @Test func decimalsOfFourPlacesComeBack() {
    let seed = testSeed(32)
    var dice = SeededNumbers(seed)
    for _ in 0..<300_000 {
      let scale = dice.pick([1, 10, 100, 1000, 10_000]) as Double
      let x = Double(dice.below(40_000_000) - 20_000_000) / scale
      let width = Double(dice.below(20_000_000)) / dice.pick([1, 10, 100, 1000, 10_000])
      let right = decimalSum(x, width)
      guard decimalSum(right, -x) == width, decimalSum(right, -width) == x else {
        Issue.record("\(x) + \(width) = \(right), back \(decimalSum(right, -x)), seed \(seed)")
        return
      }
    }
  }

  @Test func formsComeBack() {
    let seed = testSeed(33)
    var dice = SeededNumbers(seed)
    for _ in 0..<50_000 {
      func number() -> Double { Double(dice.below(1_000_000)) / [1, 10, 100][dice.below(3)] }
      let extent = Box(number(), number(), number(), number(), form: .extent)
      #expect(extent.converted(to: .corners).converted(to: .extent) == extent, "seed \(seed)")
      #expect(extent.converted(to: .centered).converted(to: .extent) == extent, "seed \(seed)")
      let corners = extent.converted(to: .corners)
      #expect(corners.converted(to: .centered).converted(to: .corners) == corners, "seed \(seed)")
      #expect(extent.converted(to: .extent) == extent)
    }
  }

  @Test(arguments: [
    (Box(10, 20, 30, 40, form: .extent), Box.Form.corners, [10.0, 20, 40, 60]),
    (Box(10, 20, 30, 40, form: .extent), .centered, [25, 40, 30, 40]),
    (Box(10, 20, 40, 60, form: .corners), .extent, [10, 20, 30, 40]),
    (Box(10, 20, 40, 60, form: .corners), .centered, [25, 40, 30, 40]),
    (Box(25, 40, 30, 40, form: .centered), .corners, [10, 20, 40, 60]),
    (Box(25, 40, 30, 40, form: .centered), .extent, [10, 20, 30, 40]),
    (Box(473.07, 395.93, 38.65, 28.67, form: .extent), .corners, [473.07, 395.93, 511.72, 424.6]),
    (Box(0.5, 0.5, 0.25, 0.5, form: .centered, unit: .unit), .corners, [0.375, 0.25, 0.625, 0.75]),
    (Box(30, 30, 10, 10, form: .corners), .extent, [30, 30, -20, -20]),
  ])
  func forms(box: Box, form: Box.Form, expected: [Double]) {
    let converted = box.converted(to: form)
    #expect(converted.numbers == expected && converted.form == form && converted.unit == box.unit)
  }

  @Test func units() {
    let pixels = Box(64, 48, 320, 240, form: .extent)
    let unit = pixels.converted(to: .unit, width: 640, height: 480)
    #expect(unit == Box(0.1, 0.1, 0.5, 0.5, form: .extent, unit: .unit))
    #expect(unit.converted(to: .pixels, width: 640, height: 480) == pixels)
    #expect(pixels.converted(to: .pixels, width: 1, height: 1) == pixels)
    #expect(unit.converted(to: .unit, width: 0, height: 0) == unit)
  }

  @Test func unitConversionsStayWithinARounding() {
    let seed = testSeed(34)
    var dice = SeededNumbers(seed)
    for _ in 0..<50_000 {
      let (width, height) = (Double(1 + dice.below(8000)), Double(1 + dice.below(8000)))
      let box = Box(
        Double(dice.below(8000)), Double(dice.below(8000)) / 10, Double(dice.below(8000)), Double(dice.below(80)), form: .corners)
      let back = box.converted(to: .unit, width: width, height: height).converted(to: .pixels, width: width, height: height)
      for (a, b) in zip(back.numbers, box.numbers) { #expect(abs(a - b) <= b.ulp, "seed \(seed)") }
    }
  }
}

@Suite struct PolygonTests {
  @Test func ringsAreRangesOfTheNumbers() {
    let one = Polygon(coordinates: [0, 0, 1, 0, 1, 1])
    #expect(one.ringCount == 1 && one.ring(0) == 0..<6)
    let three = Polygon(coordinates: [Double](repeating: 0, count: 20), ringEnds: [6, 12], holes: [1])
    #expect(three.ringCount == 3)
    #expect([0, 1, 2].map { three.ring($0) } == [0..<6, 6..<12, 12..<20])
    #expect(Polygon(coordinates: []).ring(0) == 0..<0)
  }
}
