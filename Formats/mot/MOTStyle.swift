import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// How the rows of a file are written.
struct MOTStyle: Sendable, Equatable {
  /// What stands behind the confidence.
  enum Tail: String, Sendable {
    /// A class and how much of the object is visible (MOT16 and later).
    case classes = "class"
    /// A place in the world (MOT15), or three times -1.
    case world
  }

  /// What stands behind the confidence.
  var tail: Tail = .classes
  /// How many columns rows have.
  var columns = 9
  /// Digits behind the point of the columns from 3 on; -1 for as few as are needed.
  private var digits = SIMD8<Int8>(repeating: -1)
  /// Whether lines end with a carriage return and a line feed.
  var hasCarriageReturns = false
  /// Whether the last line is ended.
  var endsWithLineFeed = true

  /// A new file.
  init() {}

  /// Digits behind the point of a column, from 1; -1 for as few as are needed.
  @inline(__always) func decimals(_ column: Int) -> Int { Int(digits[(column &- 3) & 7]) }

  /// Whether printing the first columns gives the digits behind the points that a row has.
  ///
  /// - Parameters:
  ///   - decimals: A byte for each column from the third on, the first in the lowest: digits behind its point.
  ///   - zeros: The same: 0xFF where the last of these is a zero, else 0.
  @inline(__always) func isPlain(columns: Int, _ decimals: UInt64, _ zeros: UInt64) -> Bool {
    let wanted = UInt64(littleEndian: unsafeBitCast(digits, to: UInt64.self))
    let present = UInt64.max &>> UInt64(truncatingIfNeeded: (10 &- columns) &* 8)
    // The whole byte of each column whose digits are counted.
    let fixed = (((~wanted & ByteMarks.all) &>> 7) &* 0xFF) & present
    return (decimals ^ wanted) & fixed | zeros & ~fixed == 0
  }

  /// Learns from the first rows of a file.
  init(_ bytes: UnsafeRawBufferPointer, rows: [Range<Int>], hasCarriageReturns: Bool, endsWithLineFeed: Bool, tail: Tail?) {
    self.hasCarriageReturns = hasCarriageReturns
    self.endsWithLineFeed = endsWithLineFeed
    guard !rows.isEmpty else { return }
    columns = MOTStyle.columns(bytes, rows)
    self.tail = tail ?? (columns == 9 ? .classes : .world)
    var found = [Int](repeating: -2, count: 8)
    var isFixed = [Bool](repeating: false, count: 8)
    for row in rows {
      var column = 0
      for field in bytes[row].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        column += 1
        guard (3...10).contains(column) else { continue }
        let decimals = field.lastIndex(of: UInt8(ascii: ".")).map { field.endIndex - $0 - 1 } ?? 0
        if decimals > 0, field.last == UInt8(ascii: "0") { isFixed[column - 3] = true }
        found[column - 3] = found[column - 3] == -2 || found[column - 3] == decimals ? decimals : -1
      }
    }
    for index in 0..<8 where isFixed[index] && (1...9).contains(found[index]) {
      digits[index] = Int8(found[index])
    }
  }

  /// How many columns most rows have: one odd row does not tell what stands in the columns of all others.
  private static func columns(_ bytes: UnsafeRawBufferPointer, _ rows: [Range<Int>]) -> Int {
    let range = MOTRow.columnRange
    var counts = [Int](repeating: 0, count: range.upperBound + 1)
    var best = 0
    for row in rows {
      let columns = max(range.lowerBound, min(bytes[row].count { $0 == UInt8(ascii: ",") } + 1, range.upperBound))
      counts[columns] += 1
      if best == 0 { best = columns }
    }
    for columns in range where counts[columns] > counts[best] { best = columns }
    return best
  }

  // MARK: The style in the dataset's drawer

  /// Reads what ``append(to:)`` wrote.
  init(_ object: Attributes) {
    if case .string(let text)? = object["tail"], let tail = Tail(rawValue: text) { self.tail = tail }
    if case .integer(let count)? = object["columns"], MOTRow.columnRange.contains(Int(truncatingIfNeeded: count)) {
      columns = Int(count)
    }
    if case .list(let list)? = object["decimals"], list.count == 8 {
      for (index, item) in list.enumerated() {
        if case .integer(let value) = item, (-1...9).contains(value) { digits[index] = Int8(value) }
      }
    }
    hasCarriageReturns = object["crlf"] == .boolean(true)
    endsWithLineFeed = object["final-newline"] != .boolean(false)
  }

  /// Appends the style as members of an object.
  func append(to out: inout ByteBuffer) {
    out.append("\"tail\":")
    out.appendJSON(tail.rawValue)
    out.append(",\"columns\":")
    out.append(decimal: columns)
    if digits.max() >= 0 {
      out.append(",\"decimals\":")
      out.append(json: .list((0..<8).map { .integer(Int64(digits[$0])) }))
    }
    if hasCarriageReturns { out.append(",\"crlf\":true") }
    if endsWithLineFeed { out.append(",\"final-newline\":true") } else { out.append(",\"final-newline\":false") }
  }

  /// Appends a comma and a number of a column.
  func appendColumn(_ column: Int, _ value: Double, to out: inout ByteBuffer) {
    out.append(UInt8(ascii: ","))
    append(value, column: column, to: &out)
  }

  /// Appends a number of a column.
  func append(_ value: Double, column: Int, to out: inout ByteBuffer) {
    let wanted = decimals(column)
    guard wanted >= 0 else { return out.append(value) }
    var scale = 1.0
    for _ in 0..<wanted { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    // A number with more decimals than its neighbours keeps them.
    guard scaled < 9e15, scaled / scale == value.magnitude else { return out.append(value) }
    let units = Int(scaled)
    let power = Int(scale)
    if value < 0 { out.append(UInt8(ascii: "-")) }
    out.append(decimal: units / power)
    if wanted > 0 {
      out.append(UInt8(ascii: "."))
      out.append(decimal: units % power, width: wanted)
    }
  }
}
