import TestSupport
import Testing
import WaybillBytes
import WaybillSyntax

/// The rows of a text, each field as text with a `'` before it when it was quoted, or the fault that came instead.
private func rows(_ text: String, delimiter: Character = ",", isQuoting: Bool = true) -> [[String]] {
  Array(text.utf8).withUnsafeBytes { bytes in
    var scanner = CSVScanner(bytes, delimiter: delimiter.asciiValue ?? 0, isQuoting: isQuoting)
    var fields: [CSVField] = []
    var rows: [[String]] = []
    while true {
      do throws(CSVFault) {
        guard let row = try scanner.nextRow(&fields) else { return rows }
        #expect(
          row.range.lowerBound == fields.first?.outerRange.lowerBound && row.range.upperBound == fields.last?.outerRange.upperBound)
        rows.append(fields.map { ($0.isQuoted ? "'" : "") + $0.string(in: bytes) })
      } catch {
        #expect(!error.message.isEmpty)
        rows.append(["\(error.rule) \(error.offset)"])
      }
    }
  }
}

@Suite struct CSVScannerTests {
  static let tables: [(String, [[String]])] = [
    ("", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
    ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
    ("a,,b\n,\n", [["a", "", "b"], ["", ""]]), ("\n\na\n\n", [[""], [""], ["a"], [""]]), ("\r\na\r\n", [[""], ["a"]]),
    ("\"a\",b\n", [["'a", "b"]]), ("\"a,b\",\"c\nd\"\r\ne\n", [["'a,b", "'c\nd"], ["e"]]), ("\"\",\"\"\"\"\n", [["'", "'\""]]),
    ("\"a\"\"b\"\"\"", [["'a\"b\""]]), ("a\"b,c\"\n", [["a\"b", "c\""]]), ("\"\r\n\"\r\n", [["'\r\n"]]),
    ("\u{FEFF}\"a\",b", [["'a", "b"]]),
    ("a\rb,c\r", [["a\rb", "c\r"]]),
    ("a long first field,and a second one which is longer\n", [["a long first field", "and a second one which is longer"]]),
    ("é,日本,\u{1F600}\n", [["é", "日本", "\u{1F600}"]]), ("a,\"b\"", [["a", "'b"]]), ("a,\n", [["a", ""]]), ("a,", [["a", ""]]),
    ("\"a\",", [["'a", ""]]),
    ("\"a\"x,b\nc\n", [["csv.text-behind-quote 3"], ["c"]]), ("\"a\" ,b\r\nc\n", [["csv.text-behind-quote 3"], ["c"]]),
    ("a\n\"b\nc\n", [["a"], ["csv.unterminated-quote 2"]]), ("x,\"", [["csv.unterminated-quote 2"]]),
    ("\"a\"\r", [["csv.text-behind-quote 3"]]),
    ("\"a\nb\"c\nd\n", [["csv.text-behind-quote 5"], ["d"]]),
  ]

  @Test(arguments: tables) func reads(_ text: String, _ expected: [[String]]) {
    #expect(rows(text) == expected)
  }

  /// Rows longer than any table's, with quotes or without, and what comes behind them.
  @Test(arguments: [false, true]) func longRowsAreFaults(_ isQuoted: Bool) {
    let quote = isQuoted ? "\"" : ""
    let long = quote + String(repeating: "x", count: CSVScanner.rowLimit + 1) + quote
    #expect(rows("a,b\n\(long)\nc\n") == [["a", "b"], ["csv.long-row 4"], ["c"]])
    #expect(rows("a,\(long),b\nc") == [["csv.long-row 0"], ["c"]])
    let lines = quote + String(repeating: "xxxxxxxxxxxxxxx\n", count: CSVScanner.rowLimit >> 4) + quote
    #expect(rows("\(lines)\nc").count == (isQuoted ? 2 : CSVScanner.rowLimit >> 4 + 2))
  }

  @Test func passingOverLongRowsIsAFaultToo() {
    let text = Array(("a\n" + String(repeating: "x", count: CSVScanner.rowLimit + 1) + "\nb").utf8)
    text.withUnsafeBytes { bytes in
      var scanner = CSVScanner(bytes)
      var fields: [CSVField] = []
      var found: [String] = []
      for _ in 0..<4 {
        do throws(CSVFault) {
          found.append(try scanner.skipRow(&fields).map { "\($0.range)" } ?? "end")
        } catch {
          found.append("\(error.rule) \(error.offset)")
        }
      }
      #expect(found == ["0..<1", "csv.long-row 2", "\(bytes.count - 1)..<\(bytes.count)", "end"])
    }
  }

  @Test func fieldsAreCounted() {
    let most = String(repeating: ",", count: CSVScanner.fieldLimit - 1)
    #expect(rows(most + "\nb").map(\.count) == [CSVScanner.fieldLimit, 1])
    #expect(rows(most + ",\nb") == [["csv.many-fields \(CSVScanner.fieldLimit)"], ["b"]])
  }

  @Test func quotesMayMeanNothing() {
    #expect(rows("\"a\tb\"\"\t\"\n\"c", delimiter: "\t", isQuoting: false) == [["\"a", "b\"\"", "\""], ["\"c"]])
    #expect(rows("a;b,c;\"d;e\"\n", delimiter: ";") == [["a", "b,c", "'d;e"]])
  }

  @Test func rowsKnowTheirEnds() throws {
    let text = Array("a\r\nb\n\r\n\"c\r\n\"\r\nd".utf8)
    try text.withUnsafeBytes { bytes in
      var scanner = CSVScanner(bytes)
      var fields: [CSVField] = []
      var found: [CSVRow] = []
      while let row = try scanner.nextRow(&fields) { found.append(row) }
      #expect(
        found == [
          CSVRow(0..<1, .carriageReturnLineFeed), CSVRow(3..<4, .lineFeed), CSVRow(5..<5, .carriageReturnLineFeed),
          CSVRow(7..<12, .carriageReturnLineFeed), CSVRow(14..<15, .none),
        ])
      #expect(found.map(\.isBlank) == [false, false, true, false, false])
      #expect(scanner.offset == bytes.count)
      // A part of the bytes is a table of its own.
      var part = CSVScanner(bytes, from: 3, to: 4)
      #expect(try part.nextRow(&fields) == CSVRow(3..<4, .none))
      #expect(try part.nextRow(&fields) == nil && fields.isEmpty)
    }
  }

  @Test func skippingFindsTheSameRows() throws {
    var numbers = SeededNumbers(seed: 4180)
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...40, using: &numbers)).map { _ in "ab,\"\"\r\n\n".utf8.randomElement(using: &numbers) ?? 0 }
      for isQuoting in [true, false] {
        text.withUnsafeBytes { bytes in
          var one = CSVScanner(bytes, isQuoting: isQuoting)
          var other = one
          var fields: [CSVField] = []
          while one.offset < bytes.count {
            let a = Result { try one.nextRow(&fields) }
            let b = Result { try other.skipRow(&fields) }
            #expect((try? a.get()) == (try? b.get()) && one.offset == other.offset, "\(text)")
          }
        }
      }
    }
  }

  @Test func strangeDelimitersDoNotTrap() {
    for delimiter: Character in ["\"", "\n", "\r", "\0"] {
      for isQuoting in [true, false] { _ = rows("a\"b\n\"c\"\"d\"\re\0f", delimiter: delimiter, isQuoting: isQuoting) }
    }
  }

  @Test func writesFieldsThatReadBack() {
    let fields = ["", "a", "a,b", "\"", "say \"x\"", "a\nb", "a\r\nb", "\r", "é", " a ", "\"\"\""]
    for quoting in [CSVQuoting.needed, .always] {
      var out = ByteBuffer()
      for (index, field) in fields.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.appendCSV(field, delimiter: UInt8(ascii: ","), quoting: quoting)
      }
      let read = rows(out.string()).map { $0.map { $0.hasPrefix("'") ? String($0.dropFirst()) : $0 } }
      #expect(read == [fields])
    }
    var out = ByteBuffer()
    out.appendCSV("a \"b\"", delimiter: 9, quoting: .never)
    out.appendCSV("a \"b\"", delimiter: 9)
    out.appendCSV("c", delimiter: 9, quoting: .always)
    #expect(out.string() == "a \"b\"\"a \"\"b\"\"\"\"c\"")
  }

  @Test func doubledQuotesBecomeOne() {
    for (content, text) in [("", ""), ("a", "a"), ("a\"\"", "a\""), ("\"\"\"\"x", "\"\"x"), ("a\"b", "a\"b")] {
      #expect(Array(content.utf8).withUnsafeBytes { CSVText.unescaped($0) } == text)
    }
  }
}
