import TestSupport
import Testing
import WaybillBytes

private func text(_ body: (inout ByteBuffer) -> Void) -> String {
  var buffer = ByteBuffer(capacity: 1)
  body(&buffer)
  return buffer.string()
}

@Suite struct NumberPrintingTests {
  @Test(arguments: [
    Int.min, .min + 1, -1_000_000_000_000, -1000, -999, -101, -100, -99, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 101, 999, 1000,
    9999,
    10000, 99999, 100_000, 999_999, 1_000_000, 1 << 31, 1 << 32, 1 << 53, .max - 1, .max,
  ])
  func integers(value: Int) {
    #expect(text { $0.append(decimal: value) } == "\(value)")
  }

  @Test func unsignedIntegersAtEveryPowerOfTen() {
    var power: UInt64 = 1
    for _ in 0..<20 {
      for value in [power - 1, power, power &+ 1, power &* 9] {
        #expect(text { $0.append(decimal: value) } == "\(value)")
      }
      power = power &* 10
    }
    for value in [UInt64.max, .max - 1, 9_999_999_999_999_999_999, 10_000_000_000_000_000_000] as [UInt64] {
      #expect(text { $0.append(decimal: value) } == "\(value)")
    }
  }

  @Test func seededIntegersOfEveryLength() {
    let seed = testSeed(11)
    var dice = SeededNumbers(seed)
    for _ in 0..<50_000 {
      let value = dice.next() >> UInt64(dice.below(64))
      #expect(text { $0.append(decimal: value) } == "\(value)", "seed \(seed)")
      let signed = Int(truncatingIfNeeded: value) &* (dice.coin() ? 1 : -1)
      #expect(text { $0.append(decimal: signed) } == "\(signed)", "seed \(seed)")
    }
  }

  @Test(arguments: [
    (0, 0, "0"), (0, 1, "0"), (0, 3, "000"), (7, 3, "007"), (42, 2, "42"), (123, 2, "123"), (5, 12, "000000000005"), (9, -4, "9"),
    (-7, 5, "-7"), (1, 19, "0000000000000000001"), (Int.max, 19, "9223372036854775807"), (Int.min, 19, "-9223372036854775808"),
  ])
  func widths(value: Int, width: Int, expected: String) {
    #expect(text { $0.append(decimal: value, width: width) } == expected)
    #expect(
      text { buffer in
        buffer.append("id-")
        buffer.append(decimal: value, width: width)
      } == "id-" + expected)
  }

  @Test(
    arguments: [
      (0.0, "0"), (-0.0, "-0.0"), (1, "1"), (-1, "-1"), (0.5, "0.5"), (-0.5, "-0.5"), (0.001, "0.001"), (-0.001, "-0.001"),
      (0.0005, "0.0005"), (0.01, "0.01"), (0.1, "0.1"), (0.12, "0.12"), (0.102, "0.102"), (0.120, "0.12"), (473.07, "473.07"),
      (1.005, "1.005"), (999.999, "999.999"), (0.1 + 0.2, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"), (100, "100"),
      (1_000_000, "1000000"), (999_999_999_999, "999999999999"), (999_999_999_999.999, "999999999999.999"),
      (1_000_000_000_000, "1000000000000"), (1_000_000_000_000.5, "1000000000000.5"), (-1_000_000_000_001, "-1000000000001"),
      (9_007_199_254_740_991, "9007199254740991"), (18_014_398_509_481_982, "18014398509481982"),
      (18_014_398_509_481_984, "1.8014398509481984e+16"), (1e21, "1e+21"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
      (1e-5, "1e-05"),
      (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNormalMagnitude, "2.2250738585072014e-308"),
    ] as [(Double, String)])
  func doubles(value: Double, expected: String) {
    #expect(text { $0.append(value) } == expected)
  }

  @Test(arguments: [Double.nan, -.nan, .infinity, -.infinity, .signalingNaN])
  func whatIsNoNumberIsNull(value: Double) {
    #expect(text { $0.append(value) } == "null")
  }

  /// Every text must read back as the same bits and be no longer than the standard library's shortest.
  private func check(_ value: Double, _ note: @autoclosure () -> String) -> Bool {
    let printed = text { $0.append(value) }
    guard let back = Double(printed), back.bitPattern == value.bitPattern else {
      Issue.record("\(value.description) printed as \(printed); \(note())")
      return false
    }
    let description = value.description
    let shortest = description.hasSuffix(".0") && value != 0 ? String(description.dropLast(2)) : description
    if printed.utf8.count > max(shortest.utf8.count, 16) {
      Issue.record("\(shortest) printed as the longer \(printed); \(note())")
      return false
    }
    return true
  }

  @Test func seededDoublesReadBackAsTheSameBits() {
    let seed = testSeed(12)
    var dice = SeededNumbers(seed)
    var checked = 0
    for round in 0..<200_000 {
      let value: Double
      switch round % 8 {
      case 0: value = Double(bitPattern: dice.next())
      case 1: value = Double(bitPattern: dice.next() & 0x800F_FFFF_FFFF_FFFF)
      case 2: value = Double(dice.below(2_000_000_000) - 1_000_000_000) / 1000
      case 3: value = Double(9_007_199_254_740_992 + dice.below(4000) - 2000) * (dice.coin() ? 1 : -1)
      case 4: value = 1e12 + Double(dice.below(2_000_001) - 1_000_000) / 1000
      case 5: value = (Double(dice.below(10_000_000)) / 1000).nextUp
      case 6: value = Double.random(in: 0..<1, using: &dice)
      default: value = Double(dice.below(100_000_000)) / [10, 100, 1e4, 1e5, 1e6][dice.below(5)]
      }
      guard value.isFinite else { continue }
      checked += 1
      guard check(value, "seed \(seed)") else { return }
    }
    #expect(checked > 190_000)
  }

  @Test func stepsOfAThousandth() {
    for step in -20_000...20_000 { if !check(Double(step) / 1000, "step") { return } }
    for step in 0..<2000 { if !check(1e12 - Double(step) / 1000, "border") { return } }
  }

  /// Decimals of a few places print as the standard library prints them, but for a fraction of zero.
  @Test func decimalsOfEveryLength() {
    let seed = testSeed(14)
    var dice = SeededNumbers(seed)
    for round in 0..<200_000 {
      let limit = [1000, 1_000_000, 1_000_000_000, 999_999_999_999_999][round % 4]
      let value = Double(dice.below(limit)) / dice.pick([1e3, 1e4, 1e5, 1e6, 1e7]) * (dice.coin() ? 1 : -1)
      let description = value.description
      let expected = value != 0 && description.hasSuffix(".0") ? String(description.dropLast(2)) : description
      guard value != 0 || value.sign == .minus else { continue }
      let printed = text { $0.append(value) }
      #expect(printed == expected, "seed \(seed)")
      if printed != expected { return }
    }
  }

  @Test(
    arguments: [
      (0.0001, "0.0001"), (0.000_099, "9.9e-05"), (0.000_101, "0.000101"), (-0.000_1, "-0.0001"), (0.999_999, "0.999999"),
      (0.84863, "0.84863"), (0.6742, "0.6742"), (999_999_999.999_999, "999999999.999999"), (1e9 + 0.0001, "1000000000.0001"),
      (0.123_456_7, "0.1234567"), (0.000_100_05, "0.00010005"), (-12.0625, "-12.0625"), (0.1.nextUp, "0.10000000000000002"),
    ] as [(Double, String)])
  func decimals(value: Double, expected: String) {
    #expect(text { $0.append(value) } == expected)
  }

  @Test func integersAroundTwoToThe53() {
    for offset in -3000...3000 { if !check(9_007_199_254_740_992 + Double(offset), "2^53") { return } }
    for offset in -3000...3000 { if !check(9e15 + Double(offset), "9e15") { return } }
  }

  /// Lists print as their numbers do one by one, and tell whether all are finite.
  private func check(list: [Double], _ note: @autoclosure () -> String) {
    var isFinite = true
    let printed = text { buffer in isFinite = list.withUnsafeBufferPointer { buffer.append(numbers: $0) } }
    #expect(printed == list.map { value in text { $0.append(value) } }.joined(separator: ","), "\(note())")
    #expect(isFinite == list.allSatisfy(\.isFinite))
  }

  @Test(
    arguments: [
      [], [0], [-0.0], [1, -0.0], [-0.0, 1], [0, 0, 0], [9999.99, 9999.995, 10_000], [9999.994999999999, 9999.99], [-1, 1],
      [1, -1],
      [.nan], [1, .nan], [.nan, 1, 2], [.infinity, 1], [1, -.infinity, 2], [.signalingNaN, .greatestFiniteMagnitude],
      [0.001, 0.01, 0.005], [0.1 + 0.2, 0.3], [1e-5, 1e21, .leastNonzeroMagnitude], [999.99, 1000, 99.5, 9, 10, 0.1, 0.05],
    ] as [[Double]])
  func lists(list: [Double]) { check(list: list, "") }

  @Test func seededLists() {
    let seed = testSeed(15)
    var dice = SeededNumbers(seed)
    for _ in 0..<20_000 {
      let list = (0..<dice.below(12)).map { _ -> Double in
        switch dice.below(12) {
        case 0: Double(bitPattern: dice.next())
        case 1: -Double(dice.below(100_000)) / 100
        case 2: Double(dice.below(100_000_000)) / 1000
        case 3: (Double(dice.below(1_000_000)) / 100).nextUp
        case 4: Double(dice.below(20_000))
        default: Double(dice.below(1_000_001)) / 100
        }
      }
      check(list: list, "seed \(seed)")
    }
  }

  @Test func everyHundredthInLists() {
    for start in stride(from: 0, to: 1_000_100, by: 997) {
      check(list: (start..<(start + 997)).map { Double($0) / 100 }, "from \(start)")
    }
  }
}
