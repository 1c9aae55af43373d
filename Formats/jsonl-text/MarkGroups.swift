import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Which annotations of a sample go where, as positions in its list.
struct MarkGroups {
  var spans: [Int] = []
  /// Spans that tags of tokens say, and the first token of each.
  var tagged: [Int] = []
  var taggedRows: [Int] = []
  var classes: [Int] = []
  var scores: [Int] = []
  var texts: [Int] = []
  var relations: [Int] = []
  var others: [Int] = []
  /// Whether spans are written as objects.
  var spansAreObjects = true
  /// Where the groups are written, as positions of slots.
  var spanSlot = 0
  var classSlot = 0
  /// The order to read the annotations in, when it is not that in which they are written.
  var order: [Int] = []

  /// The slots annotations go to, or scores that deny a label, as bits; slots behind the last bit count as one.
  func places(_ plan: RecordPlan, _ kept: borrowing KeptMembers) -> UInt64 {
    var places: UInt64 = 0
    if !spans.isEmpty { places |= MarkGroups.bit(spanSlot) }
    if !classes.isEmpty { places |= MarkGroups.bit(classSlot) }
    if !scores.isEmpty || kept.denied != nil { places |= MarkGroups.bit(plan.scores) }
    if !texts.isEmpty, let slot = plan.texts { places |= MarkGroups.bit(slot) }
    if !relations.isEmpty { places |= MarkGroups.bit(plan.relations) }
    if !others.isEmpty { places |= MarkGroups.bit(plan.annotations) }
    return places
  }

  /// A slot as a bit.
  @inline(__always) static func bit(_ slot: Int) -> UInt64 { 1 << UInt64(min(slot, 63)) }

  mutating func removeAll() {
    MarkGroups.clear(&spans)
    MarkGroups.clear(&tagged)
    MarkGroups.clear(&taggedRows)
    MarkGroups.clear(&classes)
    MarkGroups.clear(&scores)
    MarkGroups.clear(&texts)
    MarkGroups.clear(&relations)
    MarkGroups.clear(&others)
    MarkGroups.clear(&order)
  }

  /// Empties a list, which nearly always is empty already.
  @inline(__always) private static func clear(_ list: inout [Int]) {
    if !list.isEmpty { list.removeAll(keepingCapacity: true) }
  }
}

extension RecordEncoder {
  /// Says which annotations go where; false, with a report, when one of them goes nowhere.
  func sort(_ sample: Sample, _ report: Report) -> Bool {
    groups.removeAll()
    let hasTags = lists.hasTags
    if sample.annotations.isEmpty { return true }
    let needsObjects =
      layout.spanForm == .objects || sample.annotations.contains { $0.link != nil || ($0.span != nil && isRich($0)) }
    var scored = SeenTexts()
    for index in sample.annotations.indices {
      let annotation = sample.annotations[index]
      if let confidence = annotation.confidence, !confidence.isFinite {
        report("jsonl-text.write.number", "A score of the sample \"\(terminalSafe(sample.key))\" is not a finite number")
        return false
      }
      if let span = annotation.span {
        guard place(span, of: sample) != nil else {
          report(
            "jsonl-text.write.span-outside",
            "A span of the sample \"\(terminalSafe(sample.key))\", \(span.start) to \(span.end), does not lie in its text")
          return false
        }
        if hasTags {
          if !tag(index, sample, span) { groups.others.append(index) }
        } else if annotation.link == nil {
          groups.spans.append(index)
        } else {
          groups.others.append(index)
        }
      } else if annotation.link != nil {
        groups.relations.append(index)
      } else if let label = annotation.label {
        let isRich = annotation.id != nil || !annotation.preserved.isEmpty
        let isScored = annotation.confidence != nil || layout.classForm == .scores
        // A score of zero means that the label does not hold.
        if isRich || (isScored && (annotation.confidence == 0 || !scored.insert(labels.label(label)?.name ?? ""))) {
          groups.others.append(index)
        } else if isScored {
          groups.scores.append(index)
        } else {
          groups.classes.append(index)
        }
      } else if annotation.text != nil {
        let isPlain = annotation.id == nil && annotation.confidence == nil && annotation.preserved.isEmpty
        if isPlain, plan.texts != nil { groups.texts.append(index) } else { groups.others.append(index) }
      } else {
        report(
          "jsonl-text.write.empty", "An annotation of the sample \"\(terminalSafe(sample.key))\" says neither a label nor a text")
        return false
      }
    }
    // Places in a text that no member says would be hard to understand.
    if hasTags, !groups.others.isEmpty { lists.sayText = false }
    choosePlaces(needsObjects)
    sortScores(sample)
    noteOrder(sample.annotations.count)
    return true
  }

  private func isRich(_ annotation: Annotation) -> Bool {
    annotation.id != nil || annotation.confidence != nil || (!annotation.preserved.isEmpty && restOfTriple(annotation) == nil)
  }

  /// What stood in a triple behind its label, when that is all that is kept.
  func restOfTriple(_ annotation: Annotation) -> ArraySlice<UInt8>? {
    let members = annotation.preserved[JSONLTextFormat.id]
    let lead = Array("\"rest\":[".utf8)
    guard members.starts(with: lead), members.last == UInt8(ascii: "]") else { return nil }
    let end = members.withUnsafeBytes { bytes -> Int? in
      var scanner = JSONScanner(bytes, from: lead.count - 1)
      guard (try? scanner.skipValue()) != nil else { return nil }
      return scanner.offset
    }
    return end == members.count ? members[lead.count..<members.count - 1] : nil
  }

  private func choosePlaces(_ needsObjects: Bool) {
    groups.spansAreObjects = needsObjects
    groups.spanSlot = plan.spans
    groups.classSlot = plan.classes
    // Lists that mean classes elsewhere hold triples, and objects go where readers look for them.
    if layout.spanForm == .triples, needsObjects { groups.spanSlot = plan.entities }
    if layout.classForm == .single, groups.classes.count > 1, layout.dialect == .prodigy, isForeign {
      groups.classSlot = plan.accept
    }
    func isTaken() -> Bool {
      (groups.classSlot == groups.spanSlot && !groups.spans.isEmpty) || (groups.classSlot == plan.texts && !groups.texts.isEmpty)
        || (groups.classSlot == plan.scores && !(groups.scores.isEmpty && kept.denied == nil))
    }
    if groups.classes.isEmpty || !isTaken() { return }
    groups.classSlot = plan.scores
    if isTaken() { groups.classSlot = plan.accept }
  }

  private func sortScores(_ sample: Sample) {
    guard groups.scores.count > 1, !layout.scoreNames.isEmpty else { return }
    func rank(_ index: Int) -> Int { sample.annotations[index].label.flatMap { self.rank(of: $0) } ?? .max }
    groups.scores.sort { a, b in
      let (first, second) = (rank(a), rank(b))
      return first != second ? first < second : a < b
    }
  }

  /// Notes the order of the annotations when it is not that in which they are written.
  private func noteOrder(_ count: Int) {
    if groups.spans.count == count || groups.classes.count == count { return }
    let rows = groups.taggedRows
    // Entities come in the order of the tokens, behind all else.
    let tagged = groups.tagged.indices.sorted { rows[$0] < rows[$1] }.map { groups.tagged[$0] }
    var written: [(slot: Int, positions: [Int])] = [
      (groups.spanSlot, groups.spans), (groups.classSlot, groups.classes), (plan.scores, groups.scores),
      (plan.texts ?? 0, groups.texts),
      (plan.relations, groups.relations), (plan.annotations, groups.others), (.max, tagged),
    ]
    written.sort { $0.slot < $1.slot }
    var order: [Int] = []
    for group in written { order += group.positions }
    for index in order.indices where order[index] != index {
      groups.order = order
      return
    }
  }

  /// A span in the unit of the file; nil when it does not lie in the text.
  func place(_ span: TextSpan, of sample: Sample) -> (start: Int, end: Int)? {
    guard let text = sample.media.text else { return span.start >= 0 && span.end >= span.start ? (span.start, span.end) : nil }
    guard span.start >= 0, span.end >= span.start else { return nil }
    if span.unit == layout.offsets {
      let known = textLength ?? TextOffsets.length(of: text, in: span.unit)
      textLength = known
      return span.end <= known ? (span.start, span.end) : nil
    }
    guard let start = offsets.convert(span.start, of: text, from: span.unit, to: layout.offsets),
      let end = offsets.convert(span.end, of: text, from: span.unit, to: layout.offsets)
    else { return nil }
    return (start, end)
  }
}
