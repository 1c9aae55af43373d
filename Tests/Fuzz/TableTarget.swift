import WaybillBytes
import WaybillSyntax

/// Tables of rows and fields, with what must hold for any bytes at all.
enum TableTarget {
  /// Rows lose nothing but their ends, fields come back from what is written of them, and every fault lies inside the bytes.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    for delimiter in [UInt8(ascii: ","), UInt8(ascii: "\t")] {
      rows(bytes, delimiter, isQuoting: true)
      rows(bytes, delimiter, isQuoting: false)
    }
  }

  private static func rows(_ bytes: UnsafeRawBufferPointer, _ delimiter: UInt8, isQuoting: Bool) {
    var scanner = CSVScanner(bytes, delimiter: delimiter, isQuoting: isQuoting)
    var fields: [CSVField] = []
    var other: [CSVField] = []
    while true {
      var skipping = scanner
      let before = scanner.offset
      do throws(CSVFault) {
        guard let row = try scanner.nextRow(&fields) else { break }
        guard try skipping.skipRow(&other) == row, skipping.offset == scanner.offset else { broken("two ends of row \(row)") }
        guard row.range.lowerBound == before, row.range.upperBound <= scanner.offset else { broken("row \(row) from \(before)") }
        check(row, fields, bytes, delimiter, isQuoting)
      } catch {
        guard error.offset >= before, error.offset < bytes.count, !error.message.isEmpty else {
          broken("\(error.message) at \(error.offset) of \(bytes.count)")
        }
      }
      guard scanner.offset > before else { broken("no way on from \(before)") }
    }
  }

  private static func check(
    _ row: CSVRow, _ fields: [CSVField], _ bytes: UnsafeRawBufferPointer, _ delimiter: UInt8, _ isQuoting: Bool
  ) {
    var at = row.range.lowerBound
    for field in fields {
      guard field.outerRange.lowerBound == at, field.outerRange.upperBound <= row.range.upperBound else { broken("field \(field)") }
      at = field.outerRange.upperBound + 1
    }
    guard at == row.range.upperBound + 1 else { broken("the fields of \(row) end at \(at)") }
    guard isQuoting else { return }
    var out = ByteBuffer()
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(delimiter) }
      var text = ByteBuffer()
      let content = UnsafeRawBufferPointer(rebasing: bytes[field.range])
      if field.hasDoubledQuotes { text.appendUnescapedCSV(content) } else { text.append(content) }
      out.appendCSV(text.bytes, delimiter: delimiter, quoting: index % 2 == 0 ? .always : .needed)
    }
    var again = CSVScanner(out.bytes, delimiter: delimiter)
    var read: [CSVField] = []
    guard let second = try? again.nextRow(&read), second.range.upperBound == out.count, read.count == fields.count else {
      broken("\(out.string()) is not one row of \(fields.count)")
    }
    for (one, two) in zip(fields, read) where one.string(in: bytes) != two.string(in: out.bytes) {
      broken("\(one.string(in: bytes)) came back otherwise")
    }
  }
}
