import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension MediaFolderFormat {
  /// Judges a folder by its metadata, by texts beside media, by lists, and last by media in folders with nothing else about them.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return detectFile(probe) }
    let files = FolderFiles(probe.files)
    for path in files.metadata {
      let head = probe.head(of: path)
      let isRow = path.hasSuffix(".csv") ? isTable(head) : isRecord(head)
      if isRow { return Detection(.certain, ["\(terminalSafe(path)) has a column of file names"]) }
      if head.isEmpty { return Detection(.possible, ["\(terminalSafe(path)) is called like metadata of Hugging Face"]) }
    }
    let besides = files.textsBesideMedia()
    for path in files.texts where besides.contains(ExactText(path)) {
      // Rows of numbers beside pictures are another format's.
      if isLabels(probe.head(of: path)) {
        return Detection(.likely, ["\(terminalSafe(path)) has labels and stands beside a medium of its name"])
      }
      return nil
    }
    for path in files.texts.filter({ !$0.utf8.contains(0x2F) }).prefix(16) where ListLine.isList(probe.head(of: path)) {
      if files.rest.isEmpty, isNumbered(probe.head(of: path)) || !files.names.isEmpty {
        return Detection(.likely, ["\(terminalSafe(path)) lists media and numbers of classes"])
      }
      return nil
    }
    // A few files of other kinds lie about anywhere; many say that the labels are in them.
    let others = files.texts.count + files.rest.count
    guard let first = files.media.first, others <= files.media.count / 10 else { return nil }
    let isInFolder = files.media.contains { MediaPlaces().place(of: $0).label != nil }
    return Detection(
      isInFolder && others == 0 ? .likely : .possible,
      ["the folder holds media and no files of labels", "one of them is \(terminalSafe(first))"])
  }

  /// A file alone says what it says in its folder.
  private static func detectFile(_ probe: DetectionProbe) -> Detection? {
    let name = terminalSafe(probe.name)
    switch FileName.extension(of: probe.input.path).lowercased() {
    case "jsonl", "ndjson":
      guard isRecord(probe.head) else { return nil }
      return Detection(MediaPlaces.isMetadata(probe.name) ? .certain : .possible, ["\(name) has a column of file names"])
    case "csv" where MediaPlaces.isMetadata(probe.name) && isTable(probe.head):
      return Detection(.certain, ["\(name) has a column of file names"])
    case "txt", "lst":
      guard ListLine.isList(probe.head), isNumbered(probe.head) else { return nil }
      return Detection(MediaPlaces.isList(probe.name) ? .likely : .possible, ["\(name) lists media and numbers of classes"])
    default: return nil
    }
  }

  /// Whether the first line is a JSON object, or the beginning of one, with a column of file names.
  private static func isRecord(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
      guard var progress = try? scanner.beginObject() else { return false }
      while let key = try? scanner.nextKey(&progress) {
        if MetadataColumns.isMedia(key.makeString()) { return true }
        guard (try? scanner.skipValue()) != nil else { return false }
      }
      return false
    }
  }

  private static func isTable(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { bytes in
      var scanner = CSVScanner(bytes)
      var fields: [CSVField] = []
      guard (try? scanner.nextRow(&fields)) != nil else { return false }
      return fields.contains { MetadataColumns.isMedia($0.string(in: bytes)) }
    }
  }

  /// Whether text beside a medium is a list of labels: short lines, the first of them not five numbers or more.
  private static func isLabels(_ head: [UInt8]) -> Bool {
    guard head.count < 4096, String(validating: head, as: UTF8.self) != nil else { return false }
    for line in head.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let words = line.split(whereSeparator: ListLine.isBlank)
      if words.isEmpty { continue }
      if line.count > 255 || line.contains(0x09) { return false }
      let isNumbers = words.allSatisfy { Double(String(decoding: $0, as: UTF8.self)) != nil }
      return words.count < 5 || !isNumbers
    }
    return true
  }

  /// Whether the first line that is not blank ends in the number of a class.
  private static func isNumbered(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { bytes in
      var lines = LineScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
      while let range = lines.next() { if let line = ListLine(bytes, range) { return !line.classes.isEmpty } }
      return false
    }
  }
}
