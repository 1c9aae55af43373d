import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

extension CoNLLFormat {
  /// Judges a file by a column of tags among columns that are even, then by its name.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return CoNLLDetection.judge(probe.head, name: probe.name) }
    let names = CoNLLDetection.files(of: probe.files) { probe.head(of: $0) }
    // A folder is a dataset of this format when its files are, not when one of them is.
    var best: Detection?
    for name in names.prefix(8) {
      guard let found = CoNLLDetection.judge(probe.head(of: name), name: name) else { continue }
      if found.confidence.rawValue > best?.confidence.rawValue ?? 0 {
        best = Detection(found.confidence, found.reasons.map { "\(terminalSafe(name)): \($0)" })
      }
    }
    return best
  }
}

/// What the first bytes of files say.
enum CoNLLDetection {
  /// Whether the first 4 KiB of a file are rows of tokens.
  static func judge(_ head: [UInt8], name: String) -> Detection? {
    let hasName = CoNLLFormat.endings.contains { name.lowercased().hasSuffix($0) }
    if head.contains(0) { return nil }
    if head.starts(with: "# \(CoNLLComments.columnsName) = ".utf8) {
      return Detection(.certain, ["the first line names the columns"])
    }
    return head.withUnsafeBytes { bytes -> Detection? in
      guard let finding = CoNLLLayoutFinder.find(bytes, isWhole: head.count < 4096, labels: nil, token: nil) else { return nil }
      let layout = finding.dialect.layout
      let columns = "rows of \(layout.width) column\(layout.width == 1 ? "" : "s")"
      guard let label = layout.labels.last, finding.isEven || finding.entityTags > 0 else {
        return hasName && finding.isEven && layout.width > 1
          ? Detection(.possible, ["\(columns), and the name is one of this format"]) : nil
      }
      // The first lines of JSON or XML could hold letters alone by chance, but not tags.
      let reason = "\(columns), of which the \(ordinal(label + 1)) holds tags"
      if finding.entityTags > 0, finding.rows > 1 || hasName {
        return Detection(finding.isEven ? .certain : .likely, [reason + " of entities"])
      }
      if finding.hasDocuments { return Detection(.certain, [reason, "a line begins with -DOCSTART-"]) }
      return hasName || finding.rows > 2 ? Detection(hasName ? .likely : .possible, [reason]) : nil
    }
  }

  private static func ordinal(_ number: Int) -> String {
    switch number {
    case 1: "1st"
    case 2: "2nd"
    case 3: "3rd"
    default: "\(number)th"
    }
  }

  /// The files of a folder that hold rows: those of the usual endings, else those whose content says so.
  static func files<Failure: Error>(
    of names: [String], _ head: (String) throws(Failure) -> [UInt8]
  ) throws(Failure) -> [String] {
    let usual = names.filter { name in CoNLLFormat.endings.contains { name.lowercased().hasSuffix($0) } }
    if !usual.isEmpty { return usual }
    let others = names.filter { isText(FileName.basename(of: $0)) }
    var found: [String] = []
    // A folder of thousands of texts is no folder of column files.
    for name in others.prefix(64) {
      let judged = judge(try head(name), name: name)
      if let judged, judged.confidence.rawValue >= Detection.Confidence.likely.rawValue { found.append(name) }
    }
    return found
  }

  /// Whether a name is that of a text, or of a part of a dataset such as `eng.testa`.
  private static func isText(_ name: String) -> Bool {
    let ending = FileName.extension(of: name).lowercased()
    return ["", "txt", "tsv", "train", "dev", "valid", "test", "testa", "testb"].contains(ending)
  }
}
