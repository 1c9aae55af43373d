import Testing
import WaybillBytes
import WaybillDatasetModel
import TestSupport

@Suite struct MediaTimeTests {
  private func decimal(_ text: String, allowsComma: Bool = false) -> MediaTime? {
    var text = text
    return text.withUTF8 { MediaTime(decimal: $0, allowsComma: allowsComma) }
  }

  private func clock(_ text: String) -> MediaTime? {
    var text = text
    return text.withUTF8 { MediaTime(clock: $0) }
  }

  /// A decimal number, its units, its digits, and its text when it is written again.
  static let decimals: [(String, Int64, Int, String)] = [
    ("0", 0, 0, "0"), ("12.50", 1250, 2, "12.50"), ("-3", -3, 0, "-3"), (".5", 5, 1, "0.5"), ("5.", 5, 0, "5"),
    ("+1.25", 125, 2, "1.25"),
    ("007.1", 71, 1, "7.1"), ("1.5e-05", 15, 6, "0.000015"), ("1.5E3", 1500, 0, "1500"), ("12e0", 12, 0, "12"),
    ("-0.000", 0, 3, "0.000"),
    ("0.011500417149416153", 11_500_417_149_416_153, 18, "0.011500417149416153"),
    ("999999999999999999", 999_999_999_999_999_999, 0, "999999999999999999"),
    ("0.00000000000000000001", 1, 20, "0.00000000000000000001"), ("-0.05", -5, 2, "-0.05"),
    ("1.740000000000009", 1_740_000_000_000_009, 15, "1.740000000000009"),
    ("-0.000000000000000000123", -123, 21, "-0.000000000000000000123"),
  ]

  @Test(arguments: decimals) func decimalsAreKeptDigitForDigit(text: String, units: Int64, digits: Int, written: String) throws {
    let time = try #require(decimal(text))
    #expect(time.units == units && Int(time.fractionDigits) == digits && time.form == .seconds)
    #expect(time.text == written)
    #expect(try #require(decimal(time.text)).isWritten(like: time))
    #expect(time.seconds == Double(text.hasSuffix(".") ? text + "0" : text.hasPrefix(".") ? "0" + text : text))
  }

  @Test(arguments: [
    "", "-", ".", "+", "1,5", "1.5.2", "1e", "1e+", "1e99", "e5", " 1", "1 ", "nan", "inf", "0x10", "1_000", "1234567890123456789",
    "1.00000000000000000001", "1e-60", "12e17", "--1", "１",
  ]) func whatIsNoDecimalIsNone(_ text: String) { #expect(decimal(text) == nil) }

  @Test func aCommaIsForThoseWhoAllowIt() throws {
    #expect(try #require(decimal("1,50", allowsComma: true)).text == "1.50")
    #expect(decimal("1,50") == nil)
  }

  /// A clock time, what it is in seconds, and its text when it is written again.
  static let clocks: [(String, String, String)] = [
    ("00:01:02.500", "62.500", "00:01:02.500"), ("01:02,5", "62.5", "01:02.5"), ("100:00:00", "360000", "100:00:00"),
    ("7", "7", "7"), ("7.25", "7.25", "7.25"), ("-00:00:01.0", "-1.0", "-00:00:01.0"), ("0:05", "5", "00:05"),
    ("123:04", "7384", "123:04"), ("00:00:00.000000000001", "0.000000000001", "00:00:00.000000000001"),
    ("4294967295:00:00", "15461882262000", "4294967295:00:00"),
  ]

  @Test func zerosBehindAllDigitsSayNothing() {
    #expect(clock("27777777777777:46:40.000") == decimal("100000000000000000"))
    #expect(clock("27777777777777:46:40.001") == nil)
    #expect(decimal("100000000000000000.000") == decimal("100000000000000000") && decimal("100000000000000000.010") == nil)
    #expect(decimal("100000000000000000.00e1") == nil && decimal("100000000000000000.0x") == nil)
    #expect(clock("27777777777777:46:40.0x") == nil && clock("00:00:01.") == nil)
  }

  @Test(arguments: clocks) func clockTimesKeepTheirForm(text: String, seconds: String, written: String) throws {
    let time = try #require(clock(text))
    #expect(time == decimal(seconds) && time.text == written)
    var out = ByteBuffer()
    time.appendDecimal(to: &out)
    #expect(out.string() == seconds)
  }

  @Test(arguments: [
    "", ":", "1:", ":1", "1:2", "1:60", "00:60:00", "00:00:60", "1:2:3:4", "01:02.", "01:02.5x", "01:02 ", "00:00:00:00",
    "1234567890123456:00", "1.5:00",
  ]) func whatIsNoClockTimeIsNone(_ text: String) { #expect(clock(text) == nil) }

  @Test func clocksAreWrittenAsAsked() throws {
    func text(_ time: MediaTime?, _ form: MediaTime.Form, _ mark: Character, _ decimals: Int) throws -> String {
      var out = ByteBuffer()
      try #require(time).appendClock(form, mark: try #require(mark.asciiValue), decimals: decimals, to: &out)
      return out.string()
    }
    #expect(try text(decimal("3725.5"), .hours, ",", 3) == "01:02:05,500")
    #expect(try text(decimal("3725.1234"), .minutes, ".", 3) == "62:05.1234")
    #expect(try text(decimal("5"), .hours, ".", 0) == "00:00:05")
    #expect(try text(decimal("-0.5"), .hours, ".", 3) == "-00:00:00.500")
  }

  @Test func equalIsWhatIsWorthTheSame() throws {
    let short = try #require(decimal("12.5"))
    let long = try #require(decimal("12.500"))
    let onAClock = try #require(clock("00:00:12.50"))
    #expect(short == long && long == onAClock && Set([short, long, onAClock]).count == 1)
    #expect(!short.isWritten(like: long) && !long.isWritten(like: long.written(as: .hours)))
    #expect(try #require(decimal("-1.5")) < short && short < #require(decimal("12.500000000000001")))
    #expect(try #require(decimal("0.00000000000000000001")) < #require(decimal("0.1")))
    #expect(try #require(decimal("-0.00000000000000000001")) < .zero && .zero < #require(decimal("999999999999999999")))
    #expect(try #require(decimal("0.000000000000000000")) == .zero)
  }

  @Test func theOrderIsThatOfTheNumbers() throws {
    var generator = SampleGenerator(seed: testSeed(41))
    for _ in 0..<5000 {
      let times = try (0..<2).map { _ in
        try #require(MediaTime(units: Int64(generator.integer(-100_000...100_000)), fractionDigits: generator.integer(0...6)))
      }
      // Numbers this small are told apart by doubles, and equal ones have equal doubles.
      let (a, b) = (times[0].seconds, times[1].seconds)
      #expect((times[0] < times[1]) == (a < b) && (times[0] == times[1]) == (a == b))
      let distance = try #require(times[0].distance(to: times[1]))
      #expect(times[0].advanced(by: distance) == times[1])
    }
  }

  @Test func sumsThatDoNotFitAreNone() throws {
    let long = try #require(decimal("999999999999999999"))
    #expect(long.advanced(by: 1) == nil && long.distance(to: -1) == nil && long.advanced(by: 0.5) == nil)
    #expect(try #require(decimal("0.1")).advanced(by: 0.2)?.text == "0.3")
  }

  @Test func doublesGiveTheirShortestDigits() throws {
    for (value, text) in [
      (0.1, "0.1"), (12.5, "12.5"), (3, "3"), (1e-7, "0.0000001"), (1.0 / 3, "0.3333333333333333"), (-2.25, "-2.25"),
    ] {
      #expect(try #require(MediaTime(seconds: value)).text == text)
    }
    #expect(MediaTime(seconds: .nan) == nil && MediaTime(seconds: .infinity) == nil && MediaTime(seconds: 1e300) == nil)
    #expect(MediaTime(seconds: 1e-300) == nil)
    let literal: MediaTime = 1.75
    #expect(literal.text == "1.75" && (2 as MediaTime).text == "2")
  }

  @Test func digitsForAClockOfFixedDecimals() throws {
    let time = try #require(decimal("12.5"))
    #expect(time.units(fractionDigits: 3) == 12_500 && time.units(fractionDigits: 0) == nil && time.units(fractionDigits: 1) == 125)
    #expect(try #require(decimal("12.500")).units(fractionDigits: 1) == 125)
    #expect(time.units(fractionDigits: 30) == nil)
    #expect(MediaTime(units: 1_000_000_000_000_000_000) == nil && MediaTime(units: 1, fractionDigits: 39) == nil)
  }
}
