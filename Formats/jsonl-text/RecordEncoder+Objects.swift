import WaybillBytes
import WaybillDatasetModel

/// A key of a span or a relation, and what it means.
struct SpanKey: Sendable {
  /// What a member says.
  enum Meaning {
    case id, start, end, label, type, from, to, text, score, firstToken, lastToken, other
  }

  let name: String
  let meaning: Meaning
  /// The key with its colon.
  let head: [UInt8]

  init(_ name: String, _ text: RecordText) {
    self.name = name
    head = text.head(name)
    meaning =
      switch name {
      case "id": .id
      case "start", "start_offset": .start
      case "end", "end_offset": .end
      case "label": .label
      case "type": .type
      case "from_id": .from
      case "to_id": .to
      case "text": .text
      case "score": .score
      case "token_start": .firstToken
      case "token_end": .lastToken
      default: .other
      }
  }

  /// The keys of an annotation whose own keys do not say all of it.
  static let usualNames = ["id", "start", "end", "label", "from_id", "to_id", "text", "score"]
}

extension RecordEncoder {
  /// Appends an annotation as an object: its keys in order, then what is kept.
  func object(_ annotation: Annotation, _ keys: [SpanKey], isRelation: Bool, _ sample: Sample, _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "{"))
    let start = out.count
    var member = SpanMember(annotation, isRelation: isRelation)
    if let span = annotation.span {
      member.place = place(span, of: sample)
      if annotation.preserved.isEmpty, isForeign, let places = tokenPlaces { member.tokens = tokenRange(of: span, places) }
    }
    if !annotation.preserved.isEmpty { member.kept.take(annotation.preserved[JSONLTextFormat.id]) }
    for key in keys { append(key, &member, start, &out) }
    if !member.isComplete {
      for key in otherKeys { append(key, &member, start, &out) }
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

  /// Appends a key, after what stands between two members.
  @inline(__always) private func begin(_ key: SpanKey, _ start: Int, _ out: inout ByteBuffer) {
    if out.count > start { text.comma(&out) }
    out.append(key.head)
  }

  private func append(_ key: SpanKey, _ member: inout SpanMember, _ start: Int, _ out: inout ByteBuffer) {
    switch key.meaning {
    case .id:
      guard let id = member.id else { break }
      member.id = nil
      begin(key, start, &out)
      return text.id(id, &out)
    case .start:
      guard let place = member.place, !member.wroteStart else { break }
      member.wroteStart = true
      begin(key, start, &out)
      return out.append(decimal: place.start)
    case .end:
      guard let place = member.place, !member.wroteEnd else { break }
      member.wroteEnd = true
      begin(key, start, &out)
      return out.append(decimal: place.end)
    case .label, .type:
      guard key.meaning == .label || member.isRelation, let label = member.label else { break }
      member.label = nil
      begin(key, start, &out)
      return appendLabel(label, &out)
    case .from:
      guard let from = member.from else { break }
      member.from = nil
      begin(key, start, &out)
      return text.id(from, &out)
    case .to:
      guard let to = member.to else { break }
      member.to = nil
      begin(key, start, &out)
      return text.id(to, &out)
    case .text:
      guard let content = member.text else { break }
      member.text = nil
      begin(key, start, &out)
      return text.text(content, &out)
    case .score:
      guard let score = member.score else { break }
      member.score = nil
      begin(key, start, &out)
      return text.score(score, &out)
    case .firstToken, .lastToken:
      guard let tokens = member.tokens else { break }
      begin(key, start, &out)
      return out.append(decimal: key.meaning == .firstToken ? tokens.lowerBound : tokens.upperBound - 1)
    case .other: break
    }
    for index in member.kept.members.indices where !member.kept.members[index].isWritten {
      let range = member.kept.members[index].key
      let isSame = key.name.withBytes { name in member.kept.bytes.withUnsafeBytes { name.elementsEqual($0[range]) } }
      guard isSame else { continue }
      member.kept.members[index].isWritten = true
      begin(key, start, &out)
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

  init(_ annotation: borrowing Annotation, isRelation: Bool) {
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
}
