import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Which keys may have something to say about a sample, as the bits of their meanings.
private struct RecordFacts {
  private(set) var bits = RecordPlan.always

  init(_ sample: borrowing Sample, writesID: Bool, needsKey: Bool, hasOrder: Bool, usesLists: Bool) {
    let hasText = sample.media.text != nil
    let hasPlace = sample.media.location != nil
    note(.text, hasText)
    note(.data, hasText)
    note(.file, hasPlace && !hasText)
    note(.location, hasPlace && hasText)
    note(.id, writesID)
    note(.key, needsKey)
    note(.meta, !sample.attributes.isEmpty)
    note(.answer, !sample.attributes.isEmpty)
    note(.tokens, usesLists || sample.tokens != nil)
    note(.tags, usesLists)
    note(.joined, !usesLists && sample.tokens != nil)
    note(.order, hasOrder)
  }

  @inline(__always) private mutating func note(_ key: RecordKey, _ isSaid: Bool) { if isSaid { bits |= RecordPlan.bit(key) } }
}

/// Turns one sample into a record; one per worker.
final class RecordEncoder {
  typealias Report = (String, String) -> Void

  let layout: RecordLayout
  let text: RecordText
  let plan: RecordPlan
  let labels: LabelCache
  /// The keys of spans, of relations, and of all that fits nowhere else.
  let spanKeys: [SpanKey]
  let relationKeys: [SpanKey]
  let otherKeys: [SpanKey]
  /// Whether the samples come from another format, so that their keys are written.
  let isForeign: Bool
  @exclusivity(unchecked) var kept = KeptMembers()
  @exclusivity(unchecked) var groups = MarkGroups()
  /// Whether records over several lines may stay so.
  @exclusivity(unchecked) var keepsLines = true
  /// The places of the sample's tokens, worked out once.
  @exclusivity(unchecked) var tokenPlaces: (extents: [Tokens.Extent], unit: TextSpan.Unit)?
  /// The members of tokens with the columns that came last.
  @exclusivity(unchecked) var tokenForm: TokenForm?
  /// What is known of the sample's tokens as lists.
  @exclusivity(unchecked) var lists = ListState()
  /// The length of the sample's text in the unit of the file, once it is asked for.
  @exclusivity(unchecked) var textLength: Int?
  /// The keys around the parts of a span that has no more than a place and a label; nil when others stand among them.
  let plainSpan: PlainSpan?
  @exclusivity(unchecked) var offsets = OffsetConverter()
  @exclusivity(unchecked) private var decoder: RecordDecoder?
  @exclusivity(unchecked) private var again = Sample(key: "", media: Media(.text))
  @exclusivity(unchecked) private var scoreRanks: [String: Int]
  /// The rank of each label among the names of scores, where it is known.
  @exclusivity(unchecked) private var ranks: [Int?] = []

  init(layout: RecordLayout, labels: LabelCache, isForeign: Bool) {
    self.layout = layout
    self.labels = labels
    self.isForeign = isForeign
    let text = RecordText(layout)
    self.text = text
    plan = RecordPlan(layout)
    spanKeys = layout.spanKeys.map { SpanKey($0, text) }
    relationKeys = layout.relationKeys.map { SpanKey($0, text) }
    otherKeys = SpanKey.usualNames.map { SpanKey($0, text) }
    plainSpan = PlainSpan(spanKeys, text)
    scoreRanks = [:]
    for (rank, name) in layout.scoreNames.enumerated() where scoreRanks[name] == nil { scoreRanks[name] = rank }
  }

  /// Finds what a sample keeps, for ``lead`` and ``encode(_:at:asRead:into:_:)``.
  func prepare(_ sample: Sample) { kept.take(sample.preserved.isEmpty ? [] : sample.preserved[JSONLTextFormat.id]) }

  /// Appends the record of a sample that was prepared; false, with a report, when it cannot be written.
  ///
  /// With `asRead` it is first tried whether the spelling it had still says the same.
  func encode(_ sample: Sample, at position: Int, asRead: Bool, into out: inout ByteBuffer, _ report: Report) -> Bool {
    if asRead, !kept.form.isEmpty, appendForm(sample, position, &out) { return true }
    guard sample.media.kind == .text, sample.media.text != nil || RecordDecoder.isText(sample.media.location) else {
      report(
        "jsonl-text.write.no-text", "The sample \"\(terminalSafe(sample.key))\" has neither a text nor the name of a text file")
      return false
    }
    offsets.reset()
    textLength = nil
    prepareLists(sample)
    guard sort(sample, report) else { return false }
    tokenPlaces = lists.isUsed ? nil : sample.tokens?.extents()
    let start = out.count
    out.append(UInt8(ascii: "{"))
    let facts = RecordFacts(
      sample, writesID: writesID(sample), needsKey: needsKey(sample), hasOrder: !groups.order.isEmpty, usesLists: lists.isUsed)
    let slots = plan.slots
    // Most keys have nothing to say about most samples, and asking each of them would cost more than all that is written.
    let places = groups.places(plan, kept)
    let asksAll = !kept.members.isEmpty || (lists.isUsed && lists.form?.hasSlots == true)
    for index in slots.indices {
      guard slots[index].needs & facts.bits != 0 || places & MarkGroups.bit(index) != 0 || asksAll else { continue }
      let before = out.count
      if before > start &+ 1 { text.comma(&out) }
      out.append(slots[index].head)
      guard value(index, slots[index].meaning, sample, &out, report) else { return false }
      if !wrote {
        out.truncate(to: before)
        appendKept(index, start, &out)
      }
    }
    for index in kept.members.indices where !kept.members[index].isWritten { appendKept(index, start, &out, as: nil) }
    out.append(UInt8(ascii: "}"))
    return true
  }

  /// Whether the last call of ``value(_:_:_:_:_:)`` wrote something.
  @exclusivity(unchecked) var wrote = false

  /// Appends the value of a slot; false when the record cannot be written.
  private func value(
    _ index: Int, _ meaning: RecordKey, _ sample: Sample, _ out: inout ByteBuffer, _ report: Report
  ) -> Bool {
    wrote = true
    switch meaning {
    case .text, .data:
      guard plan.names[index] == layout.text, let content = sample.media.text, !lists.isUsed || !lists.sayText else { break }
      text.text(content, &out)
      return true
    case .id:
      if let id = sample.id {
        text.id(id, &out)
        return true
      }
      guard isForeign || !RecordEncoder.isNumber(sample.key) else { break }
      if RecordEncoder.isInteger(sample.key) { out.append(sample.key) } else { text.text(sample.key, &out) }
      return true
    case .key:
      guard needsKey(sample) else { break }
      text.text(sample.key, &out)
      return true
    case .location:
      guard sample.media.text != nil, let location = sample.media.location else { break }
      text.text(location, &out)
      return true
    case .file:
      guard sample.media.text == nil, let location = sample.media.location else { break }
      text.text(location, &out)
      return true
    case .meta:
      let isAnswer = RecordEncoder.answer(of: sample) != nil
      guard sample.attributes.items.count > (isAnswer ? 1 : 0) || plan.slots[index].isAlways else { break }
      text.object(sample.attributes, except: isAnswer ? "answer" : nil, &out)
      return true
    case .answer:
      guard let answer = RecordEncoder.answer(of: sample) else { break }
      text.text(answer, &out)
      return true
    case .tokens:
      if lists.isUsed {
        appendLists(sample, &out)
        return true
      }
      guard let tokens = sample.tokens else { break }
      return append(tokens, of: sample, &out, report)
    case .tags:
      if appendColumn(ofSlot: index, sample, &out) { return true }
      // Tags that could not be read are kept, and stay where nothing else is said.
      guard lists.hasTags, let form = layout.lists, !groups.tagged.isEmpty || !hasKept(plan.names[index]) else { break }
      appendTags(sample, form, &out)
      return true
    case .joined:
      guard !lists.isUsed, sample.tokens?.isJoined == true else { break }
      out.append("true")
      return true
    case .order:
      guard !groups.order.isEmpty else { break }
      out.append(UInt8(ascii: "["))
      for (index, position) in groups.order.enumerated() {
        if index > 0 { text.comma(&out) }
        out.append(decimal: position)
      }
      out.append(UInt8(ascii: "]"))
      return true
    case .unknown: if appendColumn(ofSlot: index, sample, &out) { return true }
    case .reserved: break
    default: return marks(index, sample, &out, report)
    }
    wrote = false
    return true
  }

  /// Appends the kept member of a slot's key, if there is one.
  private func appendKept(_ slot: Int, _ start: Int, _ out: inout ByteBuffer) {
    if kept.members.isEmpty { return }
    let name = plan.names[slot]
    for index in kept.members.indices where !kept.members[index].isWritten {
      let isSame = name.withBytes { name in kept.bytes.withUnsafeBytes { name.elementsEqual($0[kept.members[index].key]) } }
      if isSame { return appendKept(index, start, &out, as: plan.slots[slot].head) }
    }
  }

  private func appendKept(_ index: Int, _ start: Int, _ out: inout ByteBuffer, as head: UnsafeBufferPointer<UInt8>?) {
    kept.members[index].isWritten = true
    let member = kept.members[index]
    kept.bytes.withUnsafeBytes { bytes in
      // A key that has been written with a value of its own by now stays that.
      if head == nil, isSlot(bytes, member.key) { return }
      if out.count > start + 1 { text.comma(&out) }
      if let head {
        out.append(head)
      } else {
        out.append(UInt8(ascii: "\""))
        out.append(UnsafeRawBufferPointer(rebasing: bytes[member.key]))
        out.append("\":")
        if text.spaceBehindColon { out.append(UInt8(ascii: " ")) }
      }
      text.raw(UnsafeRawBufferPointer(rebasing: bytes[member.value]), &out)
    }
  }

  private func isSlot(_ bytes: UnsafeRawBufferPointer, _ key: Range<Int>) -> Bool {
    plan.names.contains { name in name.withBytes { $0.elementsEqual(bytes[key]) } }
  }

  /// The answer of a sample, when it is a text.
  static func answer(of sample: Sample) -> String? {
    if sample.attributes.isEmpty { return nil }
    if case .string(let answer)? = sample.attributes["answer"] { return answer }
    return nil
  }

  static func isNumber(_ key: String) -> Bool { !key.isEmpty && key.utf8.allSatisfy { $0 &- 48 <= 9 } }

  /// Whether a text is a whole number just as JSON spells it, and no larger than a reader takes.
  private static func isInteger(_ key: String) -> Bool {
    key.withBytes { bytes in
      let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
      guard let first = digits.first, digits.allSatisfy({ $0 &- 48 <= 9 }) else { return false }
      if first == 48 { return bytes.count == 1 }
      return digits.count < 19 || Int(key) != nil
    }
  }

  private func writesID(_ sample: Sample) -> Bool { sample.id != nil || isForeign || !RecordEncoder.isNumber(sample.key) }

  private func needsKey(_ sample: Sample) -> Bool {
    switch sample.id {
    case .string(let id)?: if id == sample.key { return false }
    case .integer(let id)?: if String(id) == sample.key { return false }
    case nil: return false
    }
    return isForeign || !RecordEncoder.isNumber(sample.key)
  }

  // MARK: As it was read

  /// What stood before the record, when it was something else than usual.
  var lead: String? {
    guard let lead = kept.lead, lead.unicodeScalars.allSatisfy({ " \t\r\n,".unicodeScalars.contains($0) }) else { return nil }
    return lead.utf8.contains(layout.prefix.contains("[") ? 0x2C : 0x0A) ? lead : nil
  }

  /// Appends the record as it stood in the file, when it still says what the sample says.
  private func appendForm(_ sample: Sample, _ position: Int, _ out: inout ByteBuffer) -> Bool {
    if !keepsLines, kept.form.contains(where: { $0.utf8.contains(0x0A) }) { return false }
    let start = out.count
    switch kept.form.count {
    case 1: out.append(kept.form[0])
    case 2:
      out.append(kept.form[0])
      text.text(sample.media.text ?? "", &out)
      out.append(kept.form[1])
    default: return false
    }
    let decoder = decoder ?? RecordDecoder(layout: layout, labels: labels, usesIDs: true)
    self.decoder = decoder
    var isSame = false
    let range = start..<out.count
    if decoder.decode(out.bytes, range, position: position, into: &again, { _, _, _, _ in }) {
      again.split = sample.split
      if again.key != sample.key, RecordEncoder.isNumber(sample.key) { again.key = sample.key }
      let members = again.preserved[JSONLTextFormat.id]
      again.preserved = sample.preserved
      isSame = members.elementsEqual(kept.bytes[..<kept.end]) && again == sample
    }
    if !isSame { out.truncate(to: start) }
    return isSame
  }

  /// The rank of a label among the names of scores.
  func rank(of label: LabelID) -> Int? {
    if scoreRanks.isEmpty { return nil }
    let index = Int(label.index)
    while ranks.count <= index, ranks.count < 1 << 20 {
      ranks.append(labels.label(LabelID(index: UInt32(ranks.count))).flatMap { scoreRanks[$0.name] })
    }
    return index < ranks.count ? ranks[index] : nil
  }

  /// The rank of a name among the names of scores.
  func rank(ofName name: String) -> Int? { scoreRanks[name] }
}
