import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension TextClassificationFormat {
  /// Looks at the first rows of a file, or of the first file of a folder.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else {
      if let found = detect(probe.head, name: probe.name) { return found }
      return isPair(probe) ? Detection(.likely, ["a file of the same name that ends in _result.txt is beside it"]) : nil
    }
    let files = probe.files.filter {
      !$0.hasSuffix(TextClassificationReader.resultEnding) && FileName.stem(of: $0).lowercased() != "readme"
    }
    let found = SplitFiles.find(in: files, endings: TextClassificationReader.endings)
    guard let first = found.first else { return nil }
    if first.path.hasSuffix(".txt"),
      found.allSatisfy({ probe.files.contains(FileName.withoutExtension($0.path) + TextClassificationReader.resultEnding) })
    {
      return Detection(.likely, ["each text file of the folder has one beside it that ends in _result.txt"])
    }
    // Files of other names may be anything: the first ones must all be of this format.
    var detection: Detection?
    for file in found.prefix(4) {
      guard let own = detect(probe.head(of: file.path), name: file.path) else { return nil }
      if own.confidence < detection?.confidence ?? .certain || detection == nil { detection = own }
    }
    detection?.reasons.insert("the folder holds files of rows, one of them called \(terminalSafe(first.path))", at: 0)
    return detection
  }

  private static func isPair(_ probe: DetectionProbe) -> Bool {
    let path = probe.input.path
    guard path.lowercased().hasSuffix(".txt"), !path.hasSuffix(TextClassificationReader.resultEnding) else { return false }
    if case .file = probe.input.files.status(of: FileName.withoutExtension(path) + TextClassificationReader.resultEnding) {
      return true
    }
    return false
  }

  private static func detect(_ head: [UInt8], name: String) -> Detection? {
    head.withUnsafeBytes { bytes in
      let decoding = TextDecoding()
      // The head may end inside a character.
      let isCut = bytes.count >= 4096
      for cut in 0..<min(4, bytes.count) {
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - (isCut ? cut : 0))])
        if (try? decoding.decode(part)) != nil { return judge(decoding.text, name: name, isCut: isCut) }
      }
      return nil
    }
  }

  private static func judge(_ text: UnsafeRawBufferPointer, name: String, isCut: Bool) -> Detection? {
    let sniffer = TableSniffer(text, RowOptions(), name: name, isCut: isCut)
    if sniffer.isFastText() { return Detection(.certain, ["lines begin with __label__"]) }
    guard let layout = try? sniffer.layout(), layout.kind == .table, layout.header != nil, layout.columns > 1 else { return nil }
    let names = layout.names.map(ColumnNames.plain)
    guard !names.contains(where: ColumnNames.foreign.contains), layout.text < names.count else { return nil }
    let shown = "the first row names the column \(terminalSafe(names[layout.text]))"
    guard let label = layout.labels.first, label < names.count else { return Detection(.possible, [shown]) }
    return Detection(.certain, [shown + " and the column \(terminalSafe(names[label]))"])
  }
}
