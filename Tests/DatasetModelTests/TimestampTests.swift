import TestSupport
import Testing
import WaybillDatasetModel

@Suite struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00", 0), ("1970-01-01T00:00:00Z", 0), ("2018-06-26T12:34:56Z", 1_530_016_496),
      ("2000-02-29T23:59:59", 951_868_799),
      ("1969-12-31T23:59:59Z", -1), ("0000-01-01T00:00:00", -62_167_219_200), ("0000-02-29T00:00:00", -62_162_121_600),
      ("9999-12-31T23:59:59.999999999Z", 253_402_300_799), ("1900-02-28T00:00:00", -2_203_977_600),
      ("2024-02-29T12:00:00.5+08:00", 1_709_208_000),
      ("2024-12-31T00:00:00-23:59", 1_735_603_200), ("2024-01-01T00:00:00.000", 1_704_067_200),
      ("2024-01-01T00:00:00.120-00:30", 1_704_067_200),
    ] as [(String, Int64)])
  func reads(text: String, seconds: Int64) throws {
    let time = try #require(Timestamp(text))
    #expect(time.seconds == seconds)
    #expect(time.text() == text)
  }

  /// The reader of the plain form agrees with the one of all forms, whatever a byte is changed to.
  @Test func thePlainFormIsReadTheSame() {
    for text in ["2018-06-26 12:34:56", "2000-02-29 00:00:00", "1900-02-28 23:59:59", "9999-12-31 19:09:50", "0000-01-01 00:00:00"]
    {
      let plain = Array(text.utf8)
      for at in plain.indices {
        for byte in UInt8.min...UInt8.max {
          var changed = plain
          changed[at] = byte
          changed.withUnsafeBufferPointer { bytes in
            let expected = Timestamp(bytes, separator: UInt8(ascii: " "))
            #expect(bytes.baseAddress.flatMap { Timestamp(plain: $0, separator: UInt8(ascii: " ")) } == expected, "\(changed)")
          }
        }
      }
    }
  }

  @Test func partsAreKeptAsWritten() throws {
    let time = try #require(Timestamp("2018-06-26 12:34:56.0780-05:30", separator: UInt8(ascii: " ")))
    #expect(time.nanoseconds == 78_000_000 && time.fractionDigits == 4 && time.zoneOffsetMinutes == -330)
    #expect(time.text(separator: UInt8(ascii: " ")) == "2018-06-26 12:34:56.0780-05:30")
    #expect(Timestamp("2018-06-26T12:34:56")?.zoneOffsetMinutes == nil)
    #expect(Timestamp("2018-06-26T12:34:56Z")?.zoneOffsetMinutes == 0)
    #expect(Timestamp("2018-06-26T12:34:56") != Timestamp("2018-06-26T12:34:56Z"))
    #expect(Timestamp("2018-06-26T12:34:56.0") != Timestamp("2018-06-26T12:34:56"))
  }

  @Test(arguments: [
    "", "2018", "2018-06-26", "2018-06-26T12:34", "2018-06-26T12:34:5", "2018-06-26 12:34:56", "2018-06-26t12:34:56",
    "2018/06/26T12:34:56",
    "18-06-26T12:34:56Z", "2018-6-26T12:34:56Z", "2018-13-01T00:00:00", "2018-00-01T00:00:00", "2018-01-00T00:00:00",
    "2018-01-32T00:00:00",
    "2018-04-31T00:00:00", "2018-02-29T00:00:00", "1900-02-29T00:00:00", "2000-02-30T00:00:00", "2018-01-01T24:00:00",
    "2018-01-01T00:60:00", "2018-01-01T23:59:60", "2018-01-01T00:00:00.", "2018-01-01T00:00:00,5", "2018-01-01T00:00:00.1234567890",
    "2018-01-01T00:00:00z", "2018-01-01T00:00:00ZZ", "2018-01-01T00:00:00 Z", "2018-01-01T00:00:00+00:00",
    "2018-01-01T00:00:00-00:00",
    "2018-01-01T00:00:00+0800", "2018-01-01T00:00:00+08", "2018-01-01T00:00:00+24:00", "2018-01-01T00:00:00+08:60",
    "2018-01-01T00:00:00+08:00 ", "2018-01-01T00:00:00.5+8:00", "-018-01-01T00:00:00", "+2018-01-01T00:00:00",
    "2018-01-01T-1:00:00",
    "２018-01-01T00:00:00", "2018-01-01T00:00:0x", "2018-01-01T00:00:00\0", " 2018-01-01T00:00:00", "12018-01-01T00:00:00",
  ])
  func refuses(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func everyCutIsRefusedOrPrintsTheSame() {
    let text = "2024-02-29T12:34:56.123456+08:30"
    for length in 0...text.utf8.count {
      let part = String(text.prefix(length))
      let time = Timestamp(part)
      #expect((time != nil) == (length == 19 || (21...26).contains(length) || length == 32), "\(part)")
      if let time { #expect(time.text() == part) }
    }
  }

  @Test func seededMomentsPrintAsTheyWereRead() {
    let seed = testSeed(31)
    var dice = SeededNumbers(seed)
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = "\(value)"
      return String(repeating: "0", count: width - digits.count) + digits
    }
    for _ in 0..<100_000 {
      let year = dice.below(10_000)
      let month = 1 + dice.below(12)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
      var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(1 + dice.below(days), 2))T"
      text += "\(padded(dice.below(24), 2)):\(padded(dice.below(60), 2)):\(padded(dice.below(60), 2))"
      if dice.coin() {
        let digits = 1 + dice.below(9)
        text +=
          "."
          + padded(
            dice.below([10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000][digits - 1]), digits)
      }
      switch dice.below(3) {
      case 0: text += "Z"
      case 1: text += dice.pick(["+", "-"]) + padded(dice.below(24), 2) + ":" + padded(1 + dice.below(59), 2)
      default: break
      }
      guard let time = Timestamp(text), time.text() == text else {
        Issue.record("\(text) gave \(Timestamp(text)?.text() ?? "nothing"), seed \(seed)")
        return
      }
    }
  }

  @Test func everyDayFollowsTheOneBefore() throws {
    var last = try #require(Timestamp("0000-01-01T00:00:00")).seconds - 86400
    for year in 0...9999 {
      for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
        let text =
          String(repeating: "0", count: 4 - "\(year)".count) + "\(year)-" + (month < 10 ? "0" : "") + "\(month)-"
          + (day < 10 ? "0" : "") + "\(day)T00:00:00"
        let time = try #require(Timestamp(text))
        #expect(time.seconds > last && time.seconds % 86400 == 0)
        last = time.seconds
      }
    }
    #expect(last == 253_402_214_400)
  }

  @Test(arguments: [
    Timestamp(seconds: .max), Timestamp(seconds: .min), Timestamp(seconds: 0, nanoseconds: .max, fractionDigits: 9),
    Timestamp(seconds: 0, nanoseconds: 5, fractionDigits: 255, zoneOffsetMinutes: .min), Timestamp(seconds: -62_167_219_201),
    Timestamp(seconds: 253_402_300_800, zoneOffsetMinutes: .max),
  ])
  func momentsOutsideTheCalendarPrintSomething(time: Timestamp) {
    #expect(time.text().utf8.count >= 19)
    #expect(time.fractionDigits <= 9)
  }
}
