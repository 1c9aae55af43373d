import WaybillBytes
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension JSONLTextFormat {
  /// Looks at the first records of a file, or of the first file of a folder.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return detect(probe.head) }
    let files = SplitFiles.find(in: probe.files, endings: JSONLTextReader.endings)
    guard let first = files.first, var detection = detect(probe.head(of: first.path)) else { return nil }
    detection.reasons.insert("the folder holds JSON files, one of them called \(terminalSafe(first.path))", at: 0)
    return detection
  }

  /// Keys by which records of other kinds are told: pictures, recordings, manifests.
  private static let foreign: Set<String> = [
    "waybill", "key", "source", "source-ref", "file_name", "audio_filepath", "audio", "wav", "image", "video", "duration", "txt",
    "paragraphs",
    "segmentation", "bbox", "image_id", "recording_id",
  ]

  private static func detect(_ head: [UInt8]) -> Detection? {
    head.withUnsafeBytes { bytes in
      var start = CSVScanner.byteOrderMarkLength(of: bytes)
      func skipSpace() { while start < bytes.count, RecordRange.isSpace(bytes[start]) { start += 1 } }
      skipSpace()
      var isArray = false
      if start < bytes.count, bytes[start] == UInt8(ascii: "[") {
        isArray = true
        start += 1
        skipSpace()
      }
      guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
      var found = RecordKeys()
      // Records may lack what others have, so several are looked at; the last one may be cut.
      for _ in 0..<16 {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{"), let end = found.note(bytes, from: start) else { break }
        start = end
        skipSpace()
        if isArray, start < bytes.count, bytes[start] == UInt8(ascii: ",") { start += 1 }
        skipSpace()
      }
      return found.judge(isArray: isArray)
    }
  }

  /// The keys of the first records, with what speaks for this format.
  private struct RecordKeys {
    var keys: [String] = []
    var hasText = false
    var hasData = false
    var hasWords = false
    var marks: [String] = []

    /// Looks at a record; nil when it is cut.
    mutating func note(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
      try? walk(bytes, from: start)
    }

    private mutating func walk(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(JSONFault) -> Int {
      var scanner = JSONScanner(bytes, from: start)
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        let name = key.makeString()
        if !keys.contains(name) { keys.append(name) }
        let kind = scanner.offset < bytes.count ? try? scanner.peekKind() : nil
        if kind == .string, name == "text" { hasText = true }
        if kind == .string, name == "data" { hasData = true }
        let value = try scanner.skipValue()
        if kind == .array, TokenLists.wordKeys.contains(name) {
          hasWords = hasWords || isListOfTexts(scanner.bytes(from: value.lowerBound, to: value.upperBound))
        }
        if let kind, isMark(name, kind), !marks.contains(name) { marks.append(name) }
      }
      return scanner.offset
    }

    private func isListOfTexts(_ bytes: UnsafeRawBufferPointer) -> Bool {
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginArray(), (try? scanner.nextElement(&progress)) == true else { return false }
      return (try? scanner.peekKind()) == .string
    }

    private func isMark(_ name: String, _ kind: JSONKind) -> Bool {
      switch name {
      case "label": kind != .null
      case "labels", "spans", "entities", "ents", "accept", "annotations": kind == .array
      case "ner_tags", "ner", "ner_labels", "tags": kind == .array
      case "cats": kind == .array || kind == .object
      case "answer": kind == .string
      case "_input_hash", "_task_hash": kind == .number
      default: false
      }
    }

    func judge(isArray: Bool) -> Detection? {
      // Tags mean something beside words alone.
      let marks = marks.filter { hasWords || !TokenLists.tagKeys.contains($0) || $0.hasPrefix("label") }
      guard hasText || (hasData && !marks.isEmpty) || hasWords else { return nil }
      // A list of words with tags is a text whatever else is said.
      if !hasWords || marks.isEmpty, keys.contains(where: JSONLTextFormat.foreign.contains) { return nil }
      let what = isArray ? "the records of an array have" : "the lines are JSON objects with"
      let text = hasText ? "text" : hasData ? "data" : TokenLists.wordKeys.first(where: keys.contains) ?? "tokens"
      if marks.isEmpty { return Detection(.possible, ["\(what) the key \(text)"]) }
      return Detection(.certain, ["\(what) the keys \(text) and \(marks.joined(separator: ", "))"])
    }
  }
}
