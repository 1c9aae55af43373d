import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension RecordEncoder {
  /// Appends what goes under a key of statements about the text.
  func marks(_ slot: Int, _ sample: Sample, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    wrote = true
    if slot == groups.spanSlot, !groups.spans.isEmpty {
      appendSpans(sample, &out)
    } else if slot == groups.classSlot, !groups.classes.isEmpty {
      appendClasses(sample, slot, &out)
    } else if slot == plan.scores, !groups.scores.isEmpty || kept.denied != nil {
      appendScores(sample, &out)
    } else if let texts = plan.texts, slot == texts, !groups.texts.isEmpty {
      list(groups.texts, &out) { index, out in self.text.text(sample.annotations[index].text ?? "", &out) }
    } else if slot == plan.relations, !groups.relations.isEmpty {
      list(groups.relations, &out) { index, out in
        self.object(sample.annotations[index], keys: self.layout.relationKeys, isRelation: true, sample, &out)
      }
    } else if slot == plan.annotations, !groups.others.isEmpty {
      list(groups.others, &out) { index, out in
        self.object(sample.annotations[index], keys: RecordEncoder.otherKeys, isRelation: false, sample, &out)
      }
    } else if plan.slots[slot].isAlways, !hasKept(plan.slots[slot].name) {
      out.append(slot == plan.scores && layout.classForm == .scores && layout.classes == "cats" ? "{}" : "[]")
    } else {
      wrote = false
    }
    return true
  }

  private static let otherKeys = ["id", "start", "end", "label", "from_id", "to_id", "text", "score"]

  private func hasKept(_ name: String) -> Bool {
    kept.members.contains { member in name.withBytes { name in kept.bytes.withUnsafeBytes { name.elementsEqual($0[member.key]) } } }
  }

  @inline(__always) private func list(_ positions: [Int], _ out: inout ByteBuffer, _ body: (Int, inout ByteBuffer) -> Void) {
    out.append(UInt8(ascii: "["))
    for (index, position) in positions.enumerated() {
      if index > 0 { text.comma(&out) }
      body(position, &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  @inline(__always) private func appendLabel(_ label: LabelID?, _ out: inout ByteBuffer) {
    guard let label else { return out.append("null") }
    labels.withName(label) { text.label($0, &out) }
  }

  private func appendSpans(_ sample: Sample, _ out: inout ByteBuffer) {
    if groups.spansAreObjects {
      return list(groups.spans, &out) { index, out in
        self.object(sample.annotations[index], keys: self.spanKeys, isRelation: false, sample, &out)
      }
    }
    var length: Int?
    list(groups.spans, &out) { index, out in
      let annotation = sample.annotations[index]
      guard let span = annotation.span, let place = self.place(span, of: sample, &length) else { return out.append("null") }
      out.append(UInt8(ascii: "["))
      out.append(decimal: place.start)
      self.text.comma(&out)
      out.append(decimal: place.end)
      self.text.comma(&out)
      self.appendLabel(annotation.label, &out)
      if !annotation.preserved.isEmpty, let rest = self.restOfTriple(annotation), !rest.isEmpty {
        self.text.comma(&out)
        // With brackets around, so that the commas between values are seen.
        var values = ByteBuffer()
        rest.withUnsafeBytes { bytes in
          var whole = ByteBuffer(capacity: bytes.count + 2)
          whole.append(UInt8(ascii: "["))
          whole.append(bytes)
          whole.append(UInt8(ascii: "]"))
          self.text.raw(whole.bytes, &values)
        }
        out.append(UnsafeRawBufferPointer(rebasing: values.bytes[1..<values.count - 1]))
      }
      out.append(UInt8(ascii: "]"))
    }
  }

  /// The keys of a span that is an object; where the file has triples, the dialect's own.
  private var spanKeys: [String] { layout.spanKeys }

  private func appendClasses(_ sample: Sample, _ slot: Int, _ out: inout ByteBuffer) {
    if layout.classForm == .single, slot == plan.classes, groups.classes.count == 1 {
      return appendLabel(sample.annotations[groups.classes[0]].label, &out)
    }
    list(groups.classes, &out) { index, out in self.appendLabel(sample.annotations[index].label, &out) }
  }

  // MARK: Scores

  private func appendScores(_ sample: Sample, _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "{"))
    let start = out.count
    if let denied = kept.denied {
      appendMerged(sample, denied, &out)
    } else {
      for index in groups.scores { appendScore(sample.annotations[index], start, &out) }
    }
    out.append(UInt8(ascii: "}"))
  }

  private func appendScore(_ annotation: Annotation, _ start: Int, _ out: inout ByteBuffer) {
    if out.count > start { text.comma(&out) }
    if let label = annotation.label { labels.withName(label) { text.text($0, &out) } }
    colon(&out)
    if let score = annotation.confidence { text.score(score, &out) } else { out.append("true") }
  }

  private func colon(_ out: inout ByteBuffer) {
    out.append(UInt8(ascii: ":"))
    if text.spaceBehindColon { out.append(UInt8(ascii: " ")) }
  }

  /// Scores of labels that hold and of those that do not, in the order of the file.
  private func appendMerged(_ sample: Sample, _ denied: Range<Int>, _ out: inout ByteBuffer) {
    struct Entry {
      var rank: Int
      var position: Int
      var annotation: Int?
      var value: Range<Int>
      var key: Range<Int>
    }
    var entries: [Entry] = []
    var given: Set<String> = []
    for index in groups.scores {
      guard let label = sample.annotations[index].label else { continue }
      given.insert(labels.label(label)?.name ?? "")
      entries.append(Entry(rank: rank(of: label) ?? .max, position: entries.count, annotation: index, value: 0..<0, key: 0..<0))
    }
    kept.bytes.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes, from: denied.lowerBound, to: denied.upperBound)
      guard var progress = try? scanner.beginObject() else { return }
      while let key = try? scanner.nextKey(&progress) {
        let start = scanner.offset(of: key)
        guard let value = try? scanner.skipValue() else { return }
        let name = key.makeString()
        if given.contains(name) { continue }
        entries.append(
          Entry(
            rank: rank(ofName: name) ?? .max, position: entries.count, annotation: nil, value: value,
            key: start..<start + key.raw.count + 2))
      }
    }
    entries.sort { $0.rank != $1.rank ? $0.rank < $1.rank : $0.position < $1.position }
    let start = out.count
    for entry in entries {
      if let index = entry.annotation {
        appendScore(sample.annotations[index], start, &out)
        continue
      }
      if out.count > start { text.comma(&out) }
      kept.bytes.withUnsafeBytes { bytes in
        out.append(UnsafeRawBufferPointer(rebasing: bytes[entry.key]))
        colon(&out)
        out.append(UnsafeRawBufferPointer(rebasing: bytes[entry.value]))
      }
    }
  }

  // MARK: Objects

  /// Appends an annotation as an object: its keys in order, then what is kept.
  private func object(
    _ annotation: Annotation, keys: [String], isRelation: Bool, _ sample: Sample, _ out: inout ByteBuffer
  ) {
    out.append(UInt8(ascii: "{"))
    let start = out.count
    var member = SpanMember(annotation, isRelation: isRelation)
    if let span = annotation.span {
      var length: Int?
      member.place = place(span, of: sample, &length)
      if annotation.preserved.isEmpty, isForeign, let tokens = sample.tokens { member.tokens = tokenRange(of: span, in: tokens) }
    }
    if !annotation.preserved.isEmpty { member.kept.take(annotation.preserved[JSONLTextFormat.id]) }
    for key in keys { append(key, &member, start, &out) }
    if !member.isComplete {
      for key in ["id", "start", "end", "label", "from_id", "to_id", "text", "score"] { append(key, &member, start, &out) }
    }
    for index in member.kept.members.indices where !member.kept.members[index].isWritten {
      let kept = member.kept.members[index]
      member.kept.bytes.withUnsafeBytes { bytes in
        if out.count > start { text.comma(&out) }
        out.append(UInt8(ascii: "\""))
        out.append(UnsafeRawBufferPointer(rebasing: bytes[kept.key]))
        out.append(UInt8(ascii: "\""))
        colon(&out)
        text.raw(UnsafeRawBufferPointer(rebasing: bytes[kept.value]), &out)
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  private func append(_ key: String, _ member: inout SpanMember, _ start: Int, _ out: inout ByteBuffer) {
    func head(_ out: inout ByteBuffer) {
      if out.count > start { text.comma(&out) }
      text.text(key, &out)
      colon(&out)
    }
    switch key {
    case "id":
      guard let id = member.take(\.id) else { break }
      head(&out)
      return text.id(id, &out)
    case "start", "start_offset":
      guard let place = member.place, !member.wroteStart else { break }
      member.wroteStart = true
      head(&out)
      return out.append(decimal: place.start)
    case "end", "end_offset":
      guard let place = member.place, !member.wroteEnd else { break }
      member.wroteEnd = true
      head(&out)
      return out.append(decimal: place.end)
    case "label", "type":
      guard key == "label" || member.isRelation, let label = member.take(\.label) else { break }
      head(&out)
      return appendLabel(label, &out)
    case "from_id":
      guard let from = member.take(\.from) else { break }
      head(&out)
      return text.id(from, &out)
    case "to_id":
      guard let to = member.take(\.to) else { break }
      head(&out)
      return text.id(to, &out)
    case "text":
      guard let content = member.take(\.text) else { break }
      head(&out)
      return text.text(content, &out)
    case "score":
      guard let score = member.take(\.score) else { break }
      head(&out)
      return text.score(score, &out)
    case "token_start", "token_end":
      guard let tokens = member.tokens else { break }
      head(&out)
      return out.append(decimal: key == "token_start" ? tokens.lowerBound : tokens.upperBound - 1)
    default: break
    }
    for index in member.kept.members.indices where !member.kept.members[index].isWritten {
      let range = member.kept.members[index].key
      let isSame = key.withBytes { key in member.kept.bytes.withUnsafeBytes { key.elementsEqual($0[range]) } }
      guard isSame else { continue }
      member.kept.members[index].isWritten = true
      head(&out)
      let value = member.kept.members[index].value
      return member.kept.bytes.withUnsafeBytes { text.raw(UnsafeRawBufferPointer(rebasing: $0[value]), &out) }
    }
  }
}

/// What is still to be written of an annotation that is an object.
private struct SpanMember {
  var id: RecordID?
  var label: LabelID?
  var from: RecordID?
  var to: RecordID?
  var text: String?
  var score: Double?
  var place: (start: Int, end: Int)?
  var tokens: Range<Int>?
  var wroteStart = false
  var wroteEnd = false
  var kept = KeptMembers()
  let isRelation: Bool

  init(_ annotation: Annotation, isRelation: Bool) {
    id = annotation.id
    label = annotation.label
    from = annotation.link?.source
    to = annotation.link?.target
    text = annotation.text
    score = annotation.confidence
    self.isRelation = isRelation
  }

  /// Whether all answers have been written.
  var isComplete: Bool {
    id == nil && label == nil && from == nil && to == nil && text == nil && score == nil
      && (place == nil || (wroteStart && wroteEnd))
  }

  mutating func take<Value>(_ path: WritableKeyPath<SpanMember, Value?>) -> Value? {
    guard let value = self[keyPath: path] else { return nil }
    self[keyPath: path] = nil
    return value
  }
}
