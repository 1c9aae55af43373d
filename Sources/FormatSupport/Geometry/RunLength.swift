import WaybillDatasetModel

/// COCO's run-length masks: the compressed text, the runs, their area and bounds.
///
/// Runs go down the columns from the top left; the first is background. The compressed text keeps each run, from the third on as the
/// difference to the run two before, in groups of five bits and a continuation bit, as characters from `0` on
/// (the codec of pycocotools' `rleToString`).
public enum RunLength {
  /// What is wrong with runs.
  public enum Problem: Error, Sendable, Equatable {
    /// A character that the compressed text does not use.
    case character(at: Int)
    /// The text ends inside a number, or a number does not fit.
    case number(at: Int)
    /// A run is negative or too long.
    case negative(at: Int)
    /// The runs do not add up to width times height.
    case total(Int, expected: Int)
  }

  /// The runs of a compressed text.
  public static func decode(_ text: some Sequence<UInt8>) throws(Problem) -> [UInt32] {
    var runs: [Int64] = []
    var value: Int64 = 0
    var shift: Int64 = 0
    var at = 0
    for byte in text {
      let digit = Int64(byte) - 48
      guard digit >= 0, digit < 64 else { throw .character(at: at) }
      guard shift < 60 else { throw .number(at: at) }
      value |= (digit & 0x1F) << shift
      shift += 5
      if digit & 0x20 == 0 {
        if digit & 0x10 != 0 { value |= -1 << shift }
        if runs.count > 2 { value += runs[runs.count - 2] }
        guard value >= 0, value <= Int64(UInt32.max) else { throw .negative(at: at) }
        runs.append(value)
        value = 0
        shift = 0
      }
      at += 1
    }
    if shift != 0 { throw .number(at: at) }
    return runs.map { UInt32(truncatingIfNeeded: $0) }
  }

  /// The compressed text of runs.
  public static func encode(_ runs: [UInt32]) -> String {
    var text: [UInt8] = []
    for (index, run) in runs.enumerated() {
      var value = Int64(run)
      if index > 2 { value -= Int64(runs[index - 2]) }
      while true {
        var digit = value & 0x1F
        value >>= 5
        let isLast = digit & 0x10 != 0 ? value == -1 : value == 0
        if !isLast { digit |= 0x20 }
        text.append(UInt8(truncatingIfNeeded: digit + 48))
        if isLast { break }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The runs of a mask, in whatever spelling it has.
  public static func runs(of mask: Mask) throws(Problem) -> [UInt32] {
    switch mask.runs {
    case .counts(let runs): return runs
    case .compressed(let text): return try decode(text.utf8)
    }
  }

  /// Checks that runs cover an image of a size exactly.
  public static func check(_ runs: [UInt32], width: Int, height: Int) throws(Problem) {
    let total = runs.reduce(0) { $0 + Int($1) }
    let (expected, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, total == expected else { throw .total(total, expected: overflow ? .max : expected) }
  }

  /// Number of pixels in the mask.
  public static func area(of runs: [UInt32]) -> Int {
    var area = 0
    for index in stride(from: 1, to: runs.count, by: 2) { area += Int(runs[index]) }
    return area
  }

  /// The smallest box around the mask's pixels; nil for an empty mask.
  public static func bounds(of runs: [UInt32], height: Int) -> Box? {
    guard height > 0 else { return nil }
    var x0 = Int.max
    var y0 = Int.max
    var x1 = -1
    var y1 = -1
    var start = 0
    for (index, run) in runs.enumerated() {
      let end = start + Int(run)
      if index % 2 == 1, run > 0 {
        let first = start / height
        let last = (end - 1) / height
        x0 = min(x0, first)
        x1 = max(x1, last)
        if first == last {
          y0 = min(y0, start % height)
          y1 = max(y1, (end - 1) % height)
        } else {
          y0 = 0
          y1 = height - 1
        }
      }
      start = end
    }
    guard x1 >= 0 else { return nil }
    return Box(Double(x0), Double(y0), Double(x1 - x0 + 1), Double(y1 - y0 + 1), form: .extent)
  }
}
