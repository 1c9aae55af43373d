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
      appendTexts(sample, &out)
    } else if slot == plan.relations, !groups.relations.isEmpty {
      appendObjects(groups.relations, relationKeys, isRelation: true, sample, &out)
    } else if slot == plan.annotations, !groups.others.isEmpty {
      appendObjects(groups.others, otherKeys, isRelation: false, sample, &out)
    } else if plan.slots[slot].isAlways, !hasKept(plan.names[slot]) {
      out.append(slot == plan.scores && layout.classForm == .scores && layout.classes == "cats" ? "{}" : "[]")
    } else {
      wrote = false
    }
    return true
  }

  /// Whether a member of a name is kept.
  func hasKept(_ name: String) -> Bool {
    kept.members.contains { member in name.withBytes { name in kept.bytes.withUnsafeBytes { name.elementsEqual($0[member.key]) } } }
  }

  /// Appends what begins a list, or what stands before another of its values.
  @inline(__always) private func beginValue(_ number: Int, _ out: inout ByteBuffer) {
    if number == 0 { out.append(UInt8(ascii: "[")) } else { text.comma(&out) }
  }

  private func appendTexts(_ sample: Sample, _ out: inout ByteBuffer) {
    for (number, index) in groups.texts.enumerated() {
      beginValue(number, &out)
      text.text(sample.annotations[index].text ?? "", &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  private func appendObjects(
    _ positions: [Int], _ keys: [SpanKey], isRelation: Bool, _ sample: Sample, _ out: inout ByteBuffer
  ) {
    for (number, index) in positions.enumerated() {
      beginValue(number, &out)
      if !isRelation, appendPlainly(index, sample, &out) { continue }
      object(sample.annotations[index], keys, isRelation: isRelation, sample, &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  @inline(__always) func appendLabel(_ label: LabelID?, _ out: inout ByteBuffer) {
    guard let label else { return out.append("null") }
    labels.withName(label) { text.label($0, &out) }
  }

  private func appendSpans(_ sample: Sample, _ out: inout ByteBuffer) {
    if groups.spansAreObjects { return appendObjects(groups.spans, spanKeys, isRelation: false, sample, &out) }
    for (number, index) in groups.spans.enumerated() {
      beginValue(number, &out)
      let annotation = sample.annotations[index]
      guard let span = annotation.span, let place = self.place(span, of: sample) else {
        out.append("null")
        continue
      }
      out.append(UInt8(ascii: "["))
      out.append(decimal: place.start)
      text.comma(&out)
      out.append(decimal: place.end)
      text.comma(&out)
      appendLabel(annotation.label, &out)
      if !annotation.preserved.isEmpty, let rest = restOfTriple(annotation), !rest.isEmpty {
        text.comma(&out)
        // With brackets around, so that the commas between values are seen.
        var values = ByteBuffer()
        rest.withUnsafeBytes { bytes in
          var whole = ByteBuffer(capacity: bytes.count + 2)
          whole.append(UInt8(ascii: "["))
          whole.append(bytes)
          whole.append(UInt8(ascii: "]"))
          text.raw(whole.bytes, &values)
        }
        out.append(UnsafeRawBufferPointer(rebasing: values.bytes[1..<values.count - 1]))
      }
      out.append(UInt8(ascii: "]"))
    }
    out.append(UInt8(ascii: "]"))
  }

  private func appendClasses(_ sample: Sample, _ slot: Int, _ out: inout ByteBuffer) {
    if layout.classForm == .single, slot == plan.classes, groups.classes.count == 1 {
      return appendLabel(sample.annotations[groups.classes[0]].label, &out)
    }
    for (number, index) in groups.classes.enumerated() {
      beginValue(number, &out)
      appendLabel(sample.annotations[index].label, &out)
    }
    out.append(UInt8(ascii: "]"))
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

  func colon(_ out: inout ByteBuffer) {
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
}
