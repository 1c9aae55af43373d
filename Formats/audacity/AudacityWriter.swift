import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Prints the labels of one recording; a worker's memory.
final class AudacityPrinter: RecordingPrinter {
  private let holdsTexts: Bool
  private var out = ByteBuffer(capacity: 1 << 14)
  private var form = AudacityForm()
  private let parser = AudacityParser()

  init(holdsTexts: Bool) { self.holdsTexts = holdsTexts }

  var text: UnsafeRawBufferPointer { out.bytes }

  func print(_ sample: Sample, _ context: EncodeContext) {
    out.removeAll()
    form = AudacityFacts.form(sample.preserved)
    var blanks = form.blanks[...]
    for (place, annotation) in sample.annotations.enumerated() {
      while let blank = blanks.first, blank.place <= place {
        blanks.removeFirst()
        out.append(blank.text)
        endLine()
      }
      if annotation.hasRareAnswers, !annotation.preserved.isEmpty, let row = sameRow(annotation, context) {
        out.append(row)
        endLine()
      } else {
        append(annotation, sample, context)
      }
    }
    for blank in blanks {
      out.append(blank.text)
      endLine()
    }
    if !form.endsWithLineFeed, !out.isEmpty { out.truncate(to: out.count - (form.hasCarriageReturns ? 2 : 1)) }
  }

  private func endLine() {
    if form.hasCarriageReturns { out.append(UInt8(0x0D)) }
    out.append(UInt8(0x0A))
  }

  private func append(_ annotation: Annotation, _ sample: Sample, _ context: EncodeContext) {
    func refuse(_ rule: String, _ message: String) { context.diagnostics.report(.error, rule, message, at: sample.source) }
    let start: MediaTime
    let end: MediaTime
    switch annotation.time {
    case .instant(let moment): (start, end) = (moment, moment)
    case .interval(let from, let to): (start, end) = (from, to)
    case .frame, nil:
      return refuse("audacity.write.no-time", "An annotation of \"\(terminalSafe(sample.key))\" has no time; a label has one")
    }
    guard start.order(to: end) <= 0 else {
      return refuse(
        "audacity.write.time",
        "An interval of \"\(terminalSafe(sample.key))\" ends at \(end.text), before its begin at \(start.text)")
    }
    if case .interval = annotation.time, start == end { context.losses.append(EncodingLoss(.interval, isApproximated: true)) }
    let first = out.count
    out.append(start, hasComma: form.hasCommas)
    out.append(UInt8(0x09))
    out.append(start == end ? start : end, hasComma: form.hasCommas)
    out.append(UInt8(0x09))
    guard appendContent(annotation, sample, context) else { return out.truncate(to: first) }
    endLine()
    let attributes = annotation.attributes
    guard !attributes.isEmpty else { return }
    let (frequencies, hasOthers) = AudacityFacts.frequencies(attributes)
    if hasOthers { context.losses.append(EncodingLoss(.attributes, isApproximated: false)) }
    guard let frequencies else { return }
    out.append("\\\t" as StaticString)
    out.append(frequency: frequencies.low, hasComma: form.hasCommas)
    out.append(UInt8(0x09))
    out.append(frequency: frequencies.high, hasComma: form.hasCommas)
    endLine()
  }

  private func appendContent(_ annotation: Annotation, _ sample: Sample, _ context: EncodeContext) -> Bool {
    guard !holdsTexts else {
      guard let text = annotation.text else { return true }
      if text.isEmpty { context.losses.append(EncodingLoss(.text, isApproximated: false)) }
      let isOneLine = !text.utf8.contains { $0 == 0x0A || $0 == 0x0D }
      if !isOneLine { context.losses.append(EncodingLoss(.text, isApproximated: true)) }
      out.append(
        isOneLine ? text : String(decoding: text.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self))
      return true
    }
    guard let label = annotation.label else { return true }
    let first = out.count
    context.labels.withName(label) { out.append($0) }
    let written = UnsafeRawBufferPointer(rebasing: out.bytes[first...])
    if !written.isEmpty, !written.contains(0x0A), !written.contains(0x0D) { return true }
    context.diagnostics.report(
      .error, "audacity.write.label", "The label \"\(terminalSafe(out.string(from: first)))\" cannot stand in one line",
      at: sample.source)
    return false
  }

  /// The lines a label was read from, when they still say the same.
  private func sameRow(_ annotation: Annotation, _ context: EncodeContext) -> [UInt8]? {
    guard let text = PreservedReader(annotation.preserved, AudacityFormat.id).string("row") else { return nil }
    let bytes = Array(text.utf8)
    let ending = bytes.last == 0x0D ? 1 : 0
    return bytes.withUnsafeBytes { whole in
      let raw = UnsafeRawBufferPointer(rebasing: whole.dropLast(ending))
      var isBroken = false
      parser.parse(raw) { severity, _, _, _ in if severity == .error { isBroken = true } }
      guard !isBroken, parser.rows.count == 1, parser.form.blanks.isEmpty, let row = parser.rows.first, row.range == 0..<raw.count,
        row.frequencies.map(AudacityFacts.attributes) ?? Attributes() == annotation.attributes
      else { return nil }
      let time = row.start == row.end ? TimeExtent.instant(row.start) : .interval(start: row.start, end: row.end)
      let content = String(decoding: raw[row.label], as: UTF8.self)
      let said = holdsTexts ? annotation.text ?? "" : annotation.label.flatMap { context.labels.label($0)?.name } ?? ""
      guard time == annotation.time, ExactText(content) == ExactText(said) else { return nil }
      return bytes
    }
  }
}
