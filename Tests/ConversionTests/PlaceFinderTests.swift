import TestSupport
import Testing
import WaybillBytes
import WaybillDiagnostics

@testable import WaybillConversion

/// Line and column by counting.
private func naive(_ bytes: [UInt8], _ offset: Int) -> (line: Int, column: Int) {
  let before = bytes.prefix(min(max(0, offset), bytes.count))
  let line = before.filter { $0 == 10 }.count + 1
  return (line, before.count - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1)
}

@Suite struct PlaceFinderTests {
  @Test func agreesWithCountingInAnyOrderOverManyFiles() throws {
    let seed = testSeed(54)
    var dice = SeededNumbers(seed)
    let folder = try TemporaryFolder()
    let sources = SourceMap()
    var files: [(id: FileID, path: String, bytes: [UInt8])] = []
    for number in 0..<6 {
      var bytes: [UInt8] = []
      for _ in 0..<dice.pick([0, 1, 5, 200]) { bytes += dice.pick([[10], [13, 10], [97], Array("añ€".utf8), [10, 10], [13]]) }
      let path = try folder.write("\(number).json", bytes)
      files.append((sources.add(path), path, bytes))
    }
    var places = PlaceFinder(sources)
    for round in 0..<5000 {
      // Mostly forwards in one file, now and then back or to another.
      let file = dice.below(3) == 0 ? dice.pick(files) : files[round / 900]
      let offset = dice.pick([dice.below(file.bytes.count + 1), file.bytes.count, 0, file.bytes.count + 50, -3])
      let place = places.place(of: SourceRange(file: file.id, offset: offset, length: 1))
      let expected = naive(file.bytes, offset)
      #expect(place == SourcePlace(path: file.path, line: expected.line, column: expected.column), "offset \(offset), seed \(seed)")
    }
  }

  @Test func everyOffsetForwardsAndBackwards() throws {
    let folder = try TemporaryFolder()
    let bytes = Array("{\n  \"a\": 1,\r\n\n  \"é\": 2\n}\n".utf8)
    let sources = SourceMap()
    let file = sources.add(try folder.write("a.json", bytes))
    var places = PlaceFinder(sources)
    for offset in Array(0...bytes.count) + (0...bytes.count).reversed() {
      let place = places.place(of: SourceRange(file: file, offset: offset))
      let expected = naive(bytes, offset)
      #expect(place.line == expected.line && place.column == expected.column, "\(offset)")
    }
  }

  /// Files of UTF-16 and UTF-32 count lines and columns as their text would in UTF-8.
  @Test(arguments: [true, false], [2, 4]) func wideFiles(isBig: Bool, size: Int) throws {
    let folder = try TemporaryFolder()
    let sources = SourceMap()
    let text = "ab\né€z\r\n\nq"
    var bytes: [UInt8] = []
    var expected: [(offset: Int, line: Int, column: Int)] = []
    var (line, column) = (1, 1)
    for scalar in "\u{FEFF}\(text)".unicodeScalars {
      if scalar != "\u{FEFF}" { expected.append((bytes.count, line, column)) }
      let unit = withUnsafeBytes(of: scalar.value.littleEndian) { Array($0.prefix(size)) }
      bytes += isBig ? unit.reversed() : unit
      if scalar == "\n" { (line, column) = (line + 1, 1) } else if scalar != "\u{FEFF}" { column += String(scalar).utf8.count }
    }
    let file = sources.add(try folder.write("a.TextGrid", bytes))
    let plain = sources.add(try folder.write("b.txt", "x\ny"))
    var places = PlaceFinder(sources)
    for (offset, line, column) in expected + expected.reversed() {
      let place = places.place(of: SourceRange(file: file, offset: offset))
      #expect(place.line == line && place.column == column, "\(offset)")
      if offset % 3 == 0 { #expect(places.place(of: SourceRange(file: plain, offset: 2)).line == 2) }
    }
    #expect(places.place(of: SourceRange(file: file, offset: bytes.count + 9)).line == 4)
  }

  @Test func filesThatCannotBeReadHaveAPathOnly() {
    let sources = SourceMap()
    let file = sources.add("no/such\u{1B}file")
    var places = PlaceFinder(sources)
    let place = places.place(of: SourceRange(file: file, offset: 5))
    #expect(place.line == nil && place.column == nil && place.text == "no/such\\u{1b}file")
    #expect(places.place(of: SourceRange(file: FileID(index: 9), offset: 0)).text == "?")
  }

  @Test func diagnosticsAsJSON() throws {
    let folder = try TemporaryFolder()
    let sources = SourceMap()
    let path = try folder.write("a.json", "{\n\"x\"}")
    let file = sources.add(path)
    var list = DiagnosticList()
    var places = PlaceFinder(sources)
    var empty = ByteBuffer()
    list.appendJSON(to: &empty, &places)
    #expect(empty.string() == "[]")
    let related = Diagnostic.Related(range: SourceRange(file: file, offset: 0), message: "first")
    list.report(Diagnostic(.error, "a.b.c", "Say \"x\"", at: SourceRange(file: file, offset: 3), related: [related]))
    list.report(.note, "d", "No place", at: nil)
    var out = ByteBuffer()
    list.appendJSON(to: &out, &places)
    let place = "\"path\":\"\(path)\""
    #expect(
      out.string() == "[{\"severity\":\"error\",\"rule\":\"a.b.c\",\"message\":\"Say \\\"x\\\"\",\(place),\"line\":2,\"column\":2,"
        + "\"related\":[{\"message\":\"first\",\(place),\"line\":1,\"column\":1}]},"
        + "{\"severity\":\"note\",\"rule\":\"d\",\"message\":\"No place\"}]")
  }
}
