import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension CoNLLUFormat {
  /// Judges a file by the names of its columns, or by ten columns with ids and features, then by its name.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return CoNLLUDetection.judge(probe.head, name: probe.name) }
    for name in CoNLLUDetection.files(of: probe.files).prefix(8) {
      if let found = CoNLLUDetection.judge(probe.head(of: name), name: name) {
        return Detection(found.confidence, found.reasons.map { "\(terminalSafe(name)): \($0)" })
      }
    }
    return nil
  }
}

/// What the first bytes of files say.
enum CoNLLUDetection {
  /// Whether the first 4 KiB of a file are sentences of CoNLL-U.
  static func judge(_ head: [UInt8], name: String) -> Detection? {
    let hasName = CoNLLUFormat.endings.contains { name.lowercased().hasSuffix($0) }
    if head.contains(0) { return nil }
    return head.withUnsafeBytes { bytes -> Detection? in
      var lines = LineScanner(bytes, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
      var rows = 0
      var expected = 1
      var counted = 0
      while let range = lines.next() {
        if !lines.endedWithLineFeed, head.count == 4096 { break }
        let line = UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[range])
        if line.starts(with: "# global.columns".utf8) { return Detection(.certain, ["a line names global.columns"]) }
        if line.isEmpty { expected = 1 }
        guard let first = line.first, first != UInt8(ascii: "#"), first != 0x20 else { continue }
        guard let id = row(line) else { return weak(hasName, rows) }
        if id == expected {
          expected += 1
          counted += 1
        }
        rows += 1
      }
      if rows == 0 { return hasName ? Detection(.possible, ["the name ends in that of CoNLL-U"]) : nil }
      // Counted words: the ids have said so, once at least.
      return counted > 0 || hasName
        ? Detection(.certain, ["rows of ten columns, with ids in the first and features in the sixth"]) : weak(hasName, rows)
    }
  }

  private static func weak(_ hasName: Bool, _ rows: Int) -> Detection? {
    if hasName { return Detection(.likely, ["the name ends in that of CoNLL-U"]) }
    // Ten columns by chance, and features and heads in two of them, are no chance any more after a few rows.
    return rows > 1 ? Detection(rows > 4 ? .likely : .possible, ["the first rows are of CoNLL-U"]) : nil
  }

  /// The number of the word a row is about, 0 for other rows; nil when it is no row of CoNLL-U.
  private static func row(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
    guard fields.count == 10, let first = fields[0].first, first >= 0x30, first <= 0x39 else { return nil }
    guard fields[0].allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }) else { return nil }
    func isBlank(_ field: Slice<UnsafeBufferPointer<UInt8>>) -> Bool { field.count == 1 && field.first == UInt8(ascii: "_") }
    // Older formats of ten columns have other things in FEATS, and no pairs.
    guard isBlank(fields[5]) || fields[5].contains(UInt8(ascii: "=")) || fields[5].isEmpty else { return nil }
    guard isBlank(fields[6]) || fields[6].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return CoNLLUCheck.number(fields[0]) ?? 0
  }

  /// The files of a folder that are of this format, by their names.
  static func files(of names: [String]) -> [String] {
    names.filter { name in CoNLLUFormat.endings.contains { name.lowercased().hasSuffix($0) } }
  }
}
