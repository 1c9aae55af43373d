import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Tokens, their columns and their tags as lists of one length.
extension RecordDecoder {
  /// Makes tokens and entities of the lists of a record; false, with a report, when its tags cannot be read.
  func finishLists(_ bytes: UnsafeRawBufferPointer, _ sample: inout Sample, _ report: Report) throws(JSONFault) -> Bool {
    guard let words = lists.words else {
      // A sentence without words has a text all the same.
      if lists.empty != nil || sample.tokens?.isEmpty == true, sample.media.text == nil, sample.media.location == nil {
        sample.media.text = ""
      }
      if let empty = lists.empty { try keep(empty, bytes) }
      if let tags = lists.tags { try keep(tags, bytes) }
      for other in lists.others { try keep(other, bytes) }
      return true
    }
    try setTagsAside(bytes, report)
    var columns: [String] = []
    var table = ListTable()
    guard try table.append(words, bytes) else {
      report(
        .warning, "jsonl-text.member.kept", "These tokens are kept as they are: not all of them are texts", words.range)
      try keep(words, bytes)
      if let tags = lists.tags { try keep(tags, bytes) }
      for other in lists.others { try keep(other, bytes) }
      return true
    }
    for other in lists.others {
      guard try table.append(other, bytes) else {
        try keep(other, bytes)
        continue
      }
      let name = other.key.makeString()
      guard !columns.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
        throw JSONFault(.duplicateKey(name), at: other.offset)
      }
      columns.append(name)
    }
    var tokens = table.tokens(columns)
    guard let placement = placement(of: tokens, in: sample.media.text) else {
      report(
        .warning, "jsonl-text.member.kept", "These tokens are kept as they are: they are not those of the text", words.range)
      try keep(words, bytes)
      if let tags = lists.tags { try keep(tags, bytes) }
      for other in lists.others { try keep(other, bytes) }
      return true
    }
    tokens.placement = placement
    if sample.media.text == nil { sample.media.text = tokens.joinedText }
    sample.tokens = tokens
    guard let tags = lists.tags else { return true }
    return try take(tags, count: tokens.count, bytes, report)
  }

  private func keep(_ member: RecordLists.Member, _ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    try unknown.add(member.key, value: UnsafeRawBufferPointer(rebasing: bytes[member.range]), at: member.offset)
  }

  /// Where tokens stand in a text, or in the one they make where there is none; nil when they are not its tokens.
  private func placement(of tokens: Tokens, in text: String?) -> Tokens.Placement? {
    guard let text else { return .joined }
    return text.withBytes { bytes in
      if JoinedTokens.make(bytes, tokens) { return .joined }
      return TextCursor.extents(of: tokens, in: bytes).map { .extents($0, .scalars) }
    }
  }

  // MARK: Tags

  /// Tags that are numbers without names are a column as others are.
  private func setTagsAside(_ bytes: UnsafeRawBufferPointer, _ report: Report) throws(JSONFault) {
    guard let tags = lists.tags, layout.lists?.names.isEmpty != false else { return }
    var scanner = JSONScanner(bytes, from: tags.range.lowerBound, to: tags.range.upperBound)
    var progress = try scanner.beginArray()
    guard try scanner.nextElement(&progress), try scanner.peekKind() == .number else { return }
    report(
      .warning, "jsonl-text.tags.numbers",
      "These tags are numbers, and nothing says what they mean: they are no labels but a column of the tokens. names=O+B-PER+I-PER names them, in order",
      tags.range)
    lists.takeTagsAsColumn()
  }

  /// Reads the tags of so many tokens; false, with a report, when they are not as many, or one of them is none.
  private func take(
    _ tags: RecordLists.Member, count: Int, _ bytes: UnsafeRawBufferPointer, _ report: Report
  ) throws(JSONFault) -> Bool {
    let names = layout.lists?.names ?? []
    lists.decoder.scheme = layout.lists?.scheme ?? .iob2
    var scanner = JSONScanner(bytes, from: tags.range.lowerBound, to: tags.range.upperBound)
    var progress = try scanner.beginArray()
    var row = 0
    var fault: Int?
    while try scanner.nextElement(&progress) {
      let start = scanner.offset
      var isTag = false
      switch try scanner.peekKind() {
      case .string:
        let tag = try scanner.string()
        isTag = lists.decoder.take(tag.hasEscape ? lists.texts.bytes(of: tag.makeString()) : tag.raw, at: row)
      case .number:
        let number = try scanner.number()
        if case .integer(let value) = number, let index = Int(exactly: value), names.indices.contains(index) {
          isTag = lists.decoder.take(lists.texts.bytes(of: names[index]), at: row)
        }
      default: try scanner.skipValue()
      }
      guard isTag else {
        let text = String(decoding: bytes[start..<min(scanner.offset, start + 80)], as: UTF8.self)
        report(
          .error, "jsonl-text.tags.syntax",
          "\(terminalSafe(text)) is no tag: a tag is O, or a letter such as B, a hyphen and a label", start..<scanner.offset)
        return false
      }
      if fault == nil, !lists.decoder.faults.isEmpty { fault = start }
      row += 1
    }
    guard row == count else {
      report(
        .error, "jsonl-text.tags.count",
        "There \(row == 1 ? "is 1 tag" : "are \(row) tags") for \(count) token\(count == 1 ? "" : "s")",
        tags.range)
      return false
    }
    lists.decoder.finish(count: count)
    if !lists.decoder.isRegular {
      let at = fault ?? tags.range.lowerBound
      report(
        .warning, "jsonl-text.tags.sequence",
        "Tags do not follow the scheme \(lists.decoder.scheme.rawValue) of the file; entities begin and end where labels and letters change",
        at..<at + 1)
    }
    return true
  }

  /// Adds the entities that the tags say, behind all else the record says.
  func addEntities(to sample: inout Sample) {
    guard !lists.decoder.entities.isEmpty, let places = sample.tokens?.extents() else { return }
    for entity in lists.decoder.entities {
      let label = entity.label.isEmpty ? nil : labels.intern(entity.label)
      let (start, end) = (places.extents[entity.start].start, places.extents[entity.end - 1].end)
      sample.annotations.append(
        Annotation(label: label, span: TextSpan(start: Int(start), end: Int(end), unit: places.unit)))
    }
  }
}

/// Lists of texts put together as a table: first the tokens, then each column.
private struct ListTable: ~Copyable {
  private var bytes = ByteBuffer(capacity: 512)
  private var cells: [Tokens.Extent] = []
  private var unescaped: [UInt8] = []
  private var count = 0

  /// Adds a list; false when it is not as long as the tokens, or not all of it is text, or in a column numbers.
  mutating func append(_ list: RecordLists.Member, _ source: UnsafeRawBufferPointer) throws(JSONFault) -> Bool {
    let before = (bytes.count, cells.count)
    var scanner = JSONScanner(source, from: list.range.lowerBound, to: list.range.upperBound)
    var progress = try scanner.beginArray()
    var isText = list.range.count < Int(Int32.max) - bytes.count
    var usual: JSONKind?
    while isText, try scanner.nextElement(&progress) {
      let kind = try scanner.peekKind()
      // All are texts, or in a column all are numbers.
      guard kind == usual ?? (kind == .number && before.1 > 0 ? .number : .string) else {
        isText = false
        break
      }
      usual = kind
      let start = UInt32(truncatingIfNeeded: bytes.count)
      if kind == .number {
        let range = try scanner.skipValue()
        bytes.append(UnsafeRawBufferPointer(rebasing: source[range]))
      } else {
        let text = try scanner.string()
        if text.hasEscape {
          unescaped.removeAll(keepingCapacity: true)
          JSONUnescape.append(text.raw, to: &unescaped)
          bytes.append(unescaped)
        } else {
          bytes.append(text.raw)
        }
      }
      cells.append(Tokens.Extent(start: start, end: UInt32(truncatingIfNeeded: bytes.count)))
    }
    if before.1 == 0 { count = cells.count }
    if isText, cells.count - before.1 == count { return true }
    bytes.truncate(to: before.0)
    cells.removeLast(cells.count - before.1)
    return false
  }

  /// The tokens with columns of some names.
  func tokens(_ columns: [String]) -> Tokens {
    let width = columns.count + 1
    var tokens = Tokens()
    tokens.refill(columns: columns, bytes: bytes.bytes.bindMemory(to: UInt8.self), cellCount: cells.count) { room in
      for column in 0..<width {
        for row in 0..<count { room[row * width + column] = cells[column * count + row] }
      }
    }
    return tokens
  }
}
