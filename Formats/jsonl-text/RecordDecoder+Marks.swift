import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension RecordDecoder {
  /// Reads statements about the text in any form; false when the value is none of them, which stays as it is.
  func marks(
    _ meaning: RecordKey, _ key: JSONString, _ kind: JSONKind, _ scanner: inout JSONScanner, _ sample: inout Sample,
    _ report: Report
  ) throws(JSONFault) -> Bool {
    let count = sample.annotations.count
    let start = scanner.offset
    switch kind {
    case .null: return false
    case .string, .number, .boolean:
      if meaning.mayBeOne {
        let isText = kind == .string && layout.texts.map { key.makeString() == $0 } == true
        sample.annotations.append(try one(kind, &scanner, isText: isText))
        return true
      }
    case .object: if meaning.mayBeScores, try scores(&scanner, &sample) { return true }
    case .array: if try list(meaning, key, &scanner, &sample, report) { return true }
    }
    sample.annotations.removeLast(sample.annotations.count - count)
    spans.removeAll { $0.index >= count }
    report(
      .warning, "jsonl-text.member.kept",
      "The value of \"\(terminalSafe(key.makeString()))\" is kept as it is: it is not read as labels, spans or relations",
      start..<start + 1)
    return false
  }

  /// A class, or a text about the text.
  private func one(_ kind: JSONKind, _ scanner: inout JSONScanner, isText: Bool) throws(JSONFault) -> Annotation {
    var annotation = Annotation()
    if isText {
      annotation.text = try scanner.string().makeString()
    } else {
      annotation.label = try name(kind, &scanner)
    }
    return annotation
  }

  /// The label a text, a number or a truth value names.
  private func name(_ kind: JSONKind, _ scanner: inout JSONScanner) throws(JSONFault) -> LabelID {
    if kind == .string { return intern(try scanner.string()) }
    let range = try scanner.skipValue()
    return labels.intern(scanner.bytes(from: range.lowerBound, to: range.upperBound).bindMemory(to: UInt8.self))
  }

  func intern(_ name: JSONString) -> LabelID {
    if !name.hasEscape { return labels.intern(name.raw) }
    return name.makeString().withBytes { labels.intern($0) }
  }

  private func list(
    _ meaning: RecordKey, _ key: JSONString, _ scanner: inout JSONScanner, _ sample: inout Sample, _ report: Report
  ) throws(JSONFault) -> Bool {
    let isTexts = layout.texts.map { key.makeString() == $0 } == true
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let kind = try scanner.peekKind()
      let start = scanner.offset
      switch kind {
      case .string, .number, .boolean: sample.annotations.append(try one(kind, &scanner, isText: isTexts && kind == .string))
      case .array:
        if let problem = try triple(&scanner, &sample) {
          try leaveOut(problem, start, &scanner, report)
        }
      case .object:
        var isLink = false
        if let problem = try object(meaning, &scanner, &sample, takesText: false, &isLink) {
          // Relations by the numbers of tokens are another thing than those by ids.
          if meaning == .relations { return false }
          try leaveOut(problem, start, &scanner, report)
        } else if meaning == .relations, !isLink {
          return false
        }
      case .null: return false
      }
    }
    return true
  }

  private func leaveOut(_ problem: MarkProblem, _ start: Int, _ scanner: inout JSONScanner, _ report: Report) throws(JSONFault) {
    scanner.offset = start
    let range = try scanner.skipValue()
    report(.error, problem.rule, problem.message, range)
  }

  /// Reads `[start, end, label]`; what follows is kept.
  private func triple(_ scanner: inout JSONScanner, _ sample: inout Sample) throws(JSONFault) -> MarkProblem? {
    let place = scanner.offset
    var progress = try scanner.beginArray()
    var bounds = (0, 0)
    for index in 0..<2 {
      guard try scanner.nextElement(&progress), try scanner.peekKind() == .number, let value = whole(&scanner) else {
        return .triple
      }
      if index == 0 { bounds.0 = value } else { bounds.1 = value }
    }
    guard try scanner.nextElement(&progress) else { return .triple }
    var annotation = Annotation()
    let kind = try scanner.peekKind()
    switch kind {
    case .string, .number, .boolean: annotation.label = try name(kind, &scanner)
    case .null: if !scanner.skipNull() { return .triple }
    default: return .triple
    }
    if bounds.0 < 0 || bounds.1 < bounds.0 { return .outside }
    annotation.span = TextSpan(start: bounds.0, end: bounds.1, unit: layout.offsets)
    if try scanner.nextElement(&progress) {
      var rest = ByteBuffer()
      rest.append(UInt8(ascii: "["))
      repeat {
        if rest.count > 1 { rest.append(UInt8(ascii: ",")) }
        let range = try scanner.skipValue()
        rest.appendCompacted(value: scanner.bytes(from: range.lowerBound, to: range.upperBound))
      } while try scanner.nextElement(&progress)
      rest.append(UInt8(ascii: "]"))
      annotation.preserved.append("rest", json: rest.array(), format: JSONLTextFormat.id)
    }
    spans.append((sample.annotations.count, place))
    sample.annotations.append(annotation)
    return nil
  }

  private func whole(_ scanner: inout JSONScanner) -> Int? {
    guard let value = try? scanner.integer() else { return nil }
    return Int(exactly: value)
  }

  /// Reads a span, a relation, a class or a text as an object; members that mean nothing are kept.
  private func object(
    _ meaning: RecordKey, _ scanner: inout JSONScanner, _ sample: inout Sample, takesText: Bool, _ isLink: inout Bool
  ) throws(JSONFault) -> MarkProblem? {
    inner.removeAll()
    let place = scanner.offset
    var annotation = Annotation()
    var text: JSONString?
    var start: Int?
    var end: Int?
    var from: RecordID?
    var to: RecordID?
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let at = scanner.offset
      let kind = try scanner.peekKind()
      switch key {
      case "start", "start_offset":
        if kind == .number, start == nil {
          guard let value = whole(&scanner) else { return .offsets }
          start = value
          continue
        }
      case "end", "end_offset":
        if kind == .number, end == nil {
          guard let value = whole(&scanner) else { return .offsets }
          end = value
          continue
        }
      case "label":
        if annotation.label == nil, kind == .string || kind == .number || kind == .boolean {
          annotation.label = try name(kind, &scanner)
          continue
        }
      case "type":
        if meaning == .relations, annotation.label == nil, kind == .string {
          annotation.label = intern(try scanner.string())
          continue
        }
      case "id":
        if annotation.id == nil, let id = identifier(&scanner) {
          annotation.id = id
          continue
        }
      case "from_id": if from == nil, let id = identifier(&scanner) { from = id; continue }
      case "to_id": if to == nil, let id = identifier(&scanner) { to = id; continue }
      case "score":
        if annotation.confidence == nil, kind == .number {
          annotation.confidence = try scanner.double()
          continue
        }
      case "text":
        if kind == .string, text == nil {
          text = try scanner.string()
          if takesText { continue }
        }
      default: break
      }
      scanner.offset = at
      try inner.take(key, from: &scanner)
    }
    if (start == nil) != (end == nil) { return .offsets }
    if (from == nil) != (to == nil) { return .ends }
    if let start, let end {
      if start < 0 || end < start { return .outside }
      annotation.span = TextSpan(start: start, end: end, unit: layout.offsets)
    }
    if let from, let to {
      annotation.link = Link(source: from, target: to)
      isLink = true
    }
    if annotation.label == nil, start == nil, !isLink {
      guard let text else { return .empty }
      if !takesText {
        scanner.offset = place
        return try object(meaning, &scanner, &sample, takesText: true, &isLink)
      }
      annotation.text = text.makeString()
    }
    if !inner.isEmpty { annotation.preserved = inner.preserved(JSONLTextFormat.id) }
    if start != nil { spans.append((sample.annotations.count, place)) }
    sample.annotations.append(annotation)
    return nil
  }

  /// Reads names with scores or truth values; those that are zero or false deny the label and are kept apart.
  private func scores(_ scanner: inout JSONScanner, _ sample: inout Sample) throws(JSONFault) -> Bool {
    let deniedBefore = denied.count
    var names = ByteKeys()
    var memory = ByteBuffer()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let at = memory.count
      memory.append(key.raw)
      guard names.insert(at..<memory.count, in: memory.bytes) else {
        throw JSONFault(.duplicateKey(key.makeString()), at: scanner.offset(of: key))
      }
      let start = scanner.offset
      var confidence: Double?
      switch try scanner.peekKind() {
      case .number: confidence = try scanner.double()
      case .boolean: confidence = try scanner.boolean() ? nil : 0
      default:
        denied.truncate(to: deniedBefore)
        return false
      }
      let label = intern(key)
      if confidence == 0 {
        if !denied.isEmpty { denied.append(UInt8(ascii: ",")) }
        denied.append(UInt8(ascii: "\""))
        denied.append(key.raw)
        denied.append("\":")
        denied.append(scanner.bytes(from: start, to: scanner.offset))
      } else {
        var annotation = Annotation(label: label)
        annotation.confidence = confidence
        sample.annotations.append(annotation)
      }
    }
    return true
  }

  /// Checks that spans lie in the text.
  func checkSpans(_ sample: inout Sample, _ report: Report) {
    guard !spans.isEmpty, let text = sample.media.text else { return }
    let length = TextOffsets.length(of: text, in: layout.offsets)
    var outside: [Int] = []
    for (index, offset) in spans {
      guard let span = sample.annotations[index].span else { continue }
      if span.end > length {
        let problem = MarkProblem.outside
        report(
          .error, problem.rule, "This span ends at \(span.end), and the text has \(length) \(layout.offsets.plural)",
          offset..<offset + 1)
        outside.append(index)
      } else if span.start == span.end {
        report(.warning, "jsonl-text.span.empty", "This span is empty", offset..<offset + 1)
      }
    }
    for index in outside.reversed() { sample.annotations.remove(at: index) }
  }
}

extension TextSpan.Unit {
  /// The word for several.
  var plural: String {
    switch self {
    case .scalars: "characters"
    case .utf16: "UTF-16 units"
    case .utf8: "bytes"
    }
  }
}

/// Why a statement about the text cannot be read.
enum MarkProblem {
  case triple, offsets, outside, ends, empty

  var rule: String {
    switch self {
    case .triple, .offsets: "jsonl-text.span.offsets"
    case .outside: "jsonl-text.span.outside"
    case .ends: "jsonl-text.relation.ends"
    case .empty: "jsonl-text.mark.empty"
    }
  }

  var message: String {
    switch self {
    case .triple: "A span is a list of its start, its end and its label"
    case .offsets: "A span has a start and an end, both whole numbers"
    case .outside: "A span begins at 0 or later and does not end before it begins"
    case .ends: "A relation has both from_id and to_id"
    case .empty: "This says neither a label nor a span, a relation or a text"
    }
  }
}
