import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// One label in the text: a line of times and, where it has a range of frequencies, a second line.
struct AudacityRow {
  /// Its lines.
  var range: Range<Int>
  var start = MediaTime.zero
  var end = MediaTime.zero
  /// The text of the label.
  var label: Range<Int>
  /// The range of frequencies.
  var frequencies: (low: Double, high: Double)?
  /// Whether it would be printed with the same characters.
  var isPlain = true
  /// Whether its last line ends with a carriage return and a line feed.
  var hasCarriageReturn = false
}

/// How the file of a recording looks.
struct AudacityForm: Equatable {
  var hasCarriageReturns = false
  var endsWithLineFeed = true
  /// Whether a comma stands before the fraction, as programs write it where that is usual.
  var hasCommas = false
  /// Blank lines: how many labels stand before each, and what stands in it.
  var blanks: [(place: Int, text: String)] = []

  static func == (a: AudacityForm, b: AudacityForm) -> Bool {
    a.hasCarriageReturns == b.hasCarriageReturns && a.endsWithLineFeed == b.endsWithLineFeed && a.hasCommas == b.hasCommas
      && a.blanks.elementsEqual(b.blanks) { $0.place == $1.place && $0.text == $1.text }
  }
}

/// Reads the rows of a label track; a worker's memory.
final class AudacityParser {
  /// Where problems go.
  typealias Report = (_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ range: Range<Int>) -> Void

  private(set) var rows: [AudacityRow] = []
  private(set) var form = AudacityForm()
  private var scratch = ByteBuffer(capacity: 64)
  private var isFirst = true

  /// Reads a text; rows that cannot be read are reported and left out.
  func parse(_ text: UnsafeRawBufferPointer, _ report: Report) {
    rows.removeAll(keepingCapacity: true)
    form = AudacityForm()
    isFirst = true
    var lines = LineScanner(text)
    var carriageReturns = 0
    var count = 0
    var isOpen = false
    var blanks: [Int] = []
    while let line = lines.next() {
      count += 1
      if lines.endedWithCarriageReturn { carriageReturns += 1 }
      form.endsWithLineFeed = lines.endedWithLineFeed
      guard let first = text[line].first(where: { $0 != 0x20 && $0 != 0x09 }) else {
        form.blanks.append((rows.count, String(decoding: text[line], as: UTF8.self)))
        if lines.endedWithCarriageReturn { blanks.append(form.blanks.count - 1) }
        continue
      }
      if first == UInt8(ascii: "\\") {
        guard isOpen, rows[rows.count - 1].frequencies == nil, addFrequencies(line, text) else {
          report(
            .error, "audacity.row.frequencies",
            "A second line is a backslash, a lowest and a highest frequency behind the times of a label", line)
          continue
        }
      } else {
        isOpen = addRow(line, text, report)
        guard isOpen else { continue }
      }
      rows[rows.count - 1].hasCarriageReturn = lines.endedWithCarriageReturn
    }
    let endings = form.endsWithLineFeed ? count : count - 1
    form.hasCarriageReturns = endings > 0 && carriageReturns == endings
    guard carriageReturns > 0, !form.hasCarriageReturns else { return }
    // Where some lines end otherwise, a carriage return belongs to its line.
    for position in blanks { form.blanks[position].text += "\r" }
    for position in rows.indices where rows[position].hasCarriageReturn {
      rows[position].range = rows[position].range.lowerBound..<(rows[position].range.upperBound + 1)
      rows[position].isPlain = false
    }
  }

  private func addRow(_ line: Range<Int>, _ text: UnsafeRawBufferPointer, _ report: Report) -> Bool {
    let first = tab(from: line.lowerBound, line, text)
    let second = first < line.upperBound ? tab(from: first + 1, line, text) : first
    guard first < line.upperBound else {
      report(.error, "audacity.row.fields", "A label is a begin, a tab, an end, a tab and a text", line)
      return false
    }
    let label = min(second + 1, line.upperBound)..<line.upperBound
    var row = AudacityRow(range: line, label: label)
    let starts = line.lowerBound..<first
    let ends = (first + 1)..<second
    for (field, isEnd) in [(starts, false), (ends, true)] {
      guard let time = time(field, text, &row.isPlain) else {
        report(
          .error, "audacity.row.time",
          "A label begins and ends at a number of seconds, not at \"\(terminalSafe(String(decoding: text[field].prefix(60), as: UTF8.self)))\"",
          field.isEmpty ? line : field)
        return false
      }
      if isEnd { row.end = time } else { row.start = time }
    }
    guard row.start.order(to: row.end) <= 0 else {
      report(.error, "audacity.row.backwards", "A label ends before it begins", ends)
      return false
    }
    if row.start.units < 0 { report(.warning, "audacity.row.negative", "A label begins before the recording", starts) }
    // A moment is printed twice with the same digits.
    if row.start == row.end, !row.start.isWritten(like: row.end) { row.isPlain = false }
    if second == line.upperBound { row.isPlain = false }
    rows.append(row)
    return true
  }

  private func addFrequencies(_ line: Range<Int>, _ text: UnsafeRawBufferPointer) -> Bool {
    var row = rows[rows.count - 1]
    let first = tab(from: line.lowerBound, line, text)
    guard first + 1 < line.upperBound, text[line.lowerBound] == UInt8(ascii: "\\"), first == line.lowerBound + 1 else {
      return false
    }
    let second = tab(from: first + 1, line, text)
    guard second + 1 < line.upperBound else { return false }
    var values: [Double] = []
    for field in [(first + 1)..<second, (second + 1)..<line.upperBound] {
      scratch.removeAll()
      for byte in text[field] { scratch.append(byte == UInt8(ascii: ",") ? UInt8(ascii: ".") : byte) }
      let number = NumberParser.number(scratch.bytes.assumingMemoryBound(to: UInt8.self))
      guard let value = number?.doubleValue else { return false }
      scratch.removeAll()
      scratch.append(frequency: value, hasComma: form.hasCommas)
      if !scratch.bytes.elementsEqual(text[field]) { row.isPlain = false }
      values.append(value)
    }
    row.frequencies = (values[0], values[1])
    row.range = row.range.lowerBound..<line.upperBound
    rows[rows.count - 1] = row
    return true
  }

  private func tab(from start: Int, _ line: Range<Int>, _ text: UnsafeRawBufferPointer) -> Int {
    var at = start
    while at < line.upperBound, text[at] != 0x09 { at += 1 }
    return at
  }

  private func time(_ field: Range<Int>, _ text: UnsafeRawBufferPointer, _ isPlain: inout Bool) -> MediaTime? {
    var field = field
    while field.count > 1, text[field.lowerBound] == 0x20 { field = (field.lowerBound + 1)..<field.upperBound }
    while field.count > 1, text[field.upperBound - 1] == 0x20 { field = field.lowerBound..<(field.upperBound - 1) }
    let bytes = UnsafeRawBufferPointer(rebasing: text[field]).assumingMemoryBound(to: UInt8.self)
    guard let time = MediaTime(decimal: bytes, allowsComma: true) else { return nil }
    let hasComma = bytes.contains(UInt8(ascii: ","))
    if hasComma, isFirst { form.hasCommas = true }
    if time.fractionDigits > 0 { isFirst = false }
    scratch.removeAll()
    scratch.append(time, hasComma: form.hasCommas)
    if !scratch.bytes.elementsEqual(bytes) || field.lowerBound > 0 && text[field.lowerBound - 1] == 0x20 { isPlain = false }
    if field.upperBound < text.count, text[field.upperBound] == 0x20 { isPlain = false }
    return time
  }
}

extension ByteBuffer {
  /// Appends a time as a number of seconds.
  mutating func append(_ time: MediaTime, hasComma: Bool) {
    let start = count
    time.appendDecimal(to: &self)
    if hasComma { replacePoint(from: start) }
  }

  /// Appends a frequency with six decimals, as Audacity prints it; with more where it has more.
  mutating func append(frequency value: Double, hasComma: Bool) {
    let start = count
    let millionths = (value * 1e6).rounded()
    if millionths.magnitude < 9e15, millionths / 1e6 == value, value.sign == .plus || value != 0 {
      let units = Int64(millionths)
      MediaTime(units: units, fractionDigits: 6)?.appendDecimal(to: &self)
    } else {
      append(value)
    }
    if hasComma { replacePoint(from: start) }
  }

  private mutating func replacePoint(from start: Int) {
    let text = array(from: start)
    truncate(to: start)
    for byte in text { append(byte == UInt8(ascii: ".") ? UInt8(ascii: ",") : byte) }
  }
}
