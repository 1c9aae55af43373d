import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

@Suite struct RecordingTimeTests {
  private func expectTheSame(_ time: MediaTime) {
    var quick = ByteBuffer()
    var usual = ByteBuffer()
    quick.append(seconds: time)
    time.appendDecimal(to: &usual)
    #expect(quick.string() == usual.string())
  }

  @Test func secondsPrintAsTheyAlwaysDo() throws {
    var numbers = SeededNumbers(seed: testSeed(41))
    for digits in 0...MediaTime.fractionLimit {
      var power: Int64 = 1
      for _ in 0..<min(digits, 17) { power *= 10 }
      for units in [0, 1, 5, power - 1, power, power + 1, -1, -power, 999_999_999_999_999_999, -999_999_999_999_999_999] {
        expectTheSame(try #require(MediaTime(units: units, fractionDigits: digits)))
      }
      for _ in 0..<50 {
        let bound = numbers.pick([100, 100_000, 1_000_000_000_000])
        expectTheSame(try #require(MediaTime(units: Int64(numbers.below(bound)), fractionDigits: digits, form: .hours)))
      }
    }
  }

  @Test func nothingIsWrittenBehindTheText() {
    var out = ByteBuffer()
    for _ in 0..<200 {
      out.append(seconds: 12.5)
      out.append(UInt8(ascii: " "))
    }
    #expect(out.string() == String(repeating: "12.5 ", count: 200))
  }
}
