import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Prints one sample as a subtitle file; a worker's memory.
public final class CuePrinter: RecordingPrinter {
  private let codec: any CueCodec
  private var out = ByteBuffer(capacity: 1 << 14)
  private var trial = ByteBuffer(capacity: 1024)
  private let parser: CueParser
  /// Labels of cues that are read again to see whether they still say the same.
  private let trialLabels = LabelCache(LabelTable())

  /// A printer of a format.
  public init(_ codec: any CueCodec) {
    self.codec = codec
    parser = CueParser(codec.syntax)
  }

  /// What was printed last.
  public var text: UnsafeRawBufferPointer { out.bytes }

  private struct Entry {
    var index: Int
    var start: MediaTime
    var end: MediaTime
  }

  /// Prints a sample.
  public func print(_ sample: Sample, _ context: EncodeContext) {
    out.removeAll()
    let look = CueLook(sample.preserved, codec.syntax.format.id)
    let entries = entries(sample, look, context)
    printHead(look, isEmpty: entries.isEmpty)
    for (position, entry) in entries.enumerated() {
      let annotation = sample.annotations[entry.index]
      var facts = CueFacts()
      if annotation.hasRareAnswers, !annotation.preserved.isEmpty { facts = CueFacts(annotation.preserved, codec.syntax.format.id) }
      printBetween(facts.before, look, isFirst: position == 0)
      if let raw = facts.raw, isStill(raw, annotation, entry, position, context) {
        out.append(raw)
      } else {
        print(annotation, entry, facts, position, look, sample, context)
      }
    }
    if !entries.isEmpty { out.append(look.tail ?? look.lineEnd) }
  }

  /// The annotations that are cues, in the order of time unless the file they come from had another.
  private func entries(_ sample: Sample, _ look: CueLook, _ context: EncodeContext) -> [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(sample.annotations.count)
    var isSorted = true
    var isRounded = false
    for index in sample.annotations.indices {
      guard case .interval(let start, let end) = sample.annotations[index].time, start.units >= 0, start <= end,
        let low = CuePrinter.thousandths(start), let high = CuePrinter.thousandths(end)
      else {
        context.diagnostics.report(
          .error, "\(codec.syntax.format.id).write.time",
          "An annotation of \"\(terminalSafe(sample.key))\" is not from one moment to a later one, from 0 on", at: sample.source)
        continue
      }
      if low.isRounded || high.isRounded {
        isRounded = true
        context.losses.append(EncodingLoss(.interval, isApproximated: true))
      }
      if let last = entries.last, low.time < last.start { isSorted = false }
      entries.append(Entry(index: index, start: low.time, end: high.time))
    }
    if isRounded {
      context.diagnostics.report(
        .warning, "\(codec.syntax.format.id).write.rounded",
        "Times of \"\(terminalSafe(sample.key))\" are rounded to thousandths of a second", at: sample.source)
    }
    if !isSorted, !look.isUnsorted {
      entries.sort { a, b in
        let order = a.start.order(to: b.start)
        return order != 0 ? order < 0 : a.index < b.index
      }
    }
    return entries
  }

  /// A time with three digits, and whether it is another then; nil when it has too many before the point.
  private static func thousandths(_ time: MediaTime) -> (time: MediaTime, isRounded: Bool)? {
    if time.units(fractionDigits: 3) != nil { return (time, false) }
    var units = time.units
    var digits = Int(time.fractionDigits)
    guard digits > 3 else { return nil }
    while digits > 4 {
      units /= 10
      digits -= 1
    }
    return MediaTime(units: (units + 5) / 10, fractionDigits: 3, form: time.form).map { ($0, true) }
  }

  /// What stands before the first cue; a head that was a whole file without cues gets what it lacks.
  private func printHead(_ look: CueLook, isEmpty: Bool) {
    let usual = look.head(codec.syntax, isEmpty: isEmpty)
    guard let head = look.head else { return out.append(usual) }
    let isHead = head.utf8.starts(with: "WEBVTT".utf8)
    guard codec.syntax.hasHead, !isEmpty, look.isBare || !isHead else { return out.append(head) }
    guard isHead else { return out.append(usual) }
    out.append(head)
    let end = Array(look.lineEnd.utf8)
    if let last = out.bytes.last, last != 0x0A, last != 0x0D { out.append(end) }
    if !out.bytes.suffix(2 * end.count).elementsEqual(end + end) { out.append(end) }
  }

  /// What stands before a cue: an empty line, or what was kept.
  ///
  /// What was before a cue that is the first now stays, unless it is nothing.
  private func printBetween(_ before: String?, _ look: CueLook, isFirst: Bool) {
    func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    // What would be read as a cue is not what a reader kept.
    guard let before, let first = before.utf8.first, isLineEnd(first), !before.contains("-->") else {
      if isFirst { return }
      out.append(look.lineEnd)
      return out.append(look.lineEnd)
    }
    guard isFirst else { return out.append(before) }
    if before.utf8.contains(where: { $0 > 0x20 }) { out.append(String(Substring(before.utf8.drop(while: isLineEnd)))) }
  }

  /// Whether a kept cue still says what the annotation says.
  private func isStill(
    _ raw: String, _ annotation: Annotation, _ entry: Entry, _ position: Int, _ context: EncodeContext
  ) -> Bool {
    raw.withBytes { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      parser.parse(bytes)
      guard parser.cues.count == 1, let cue = parser.cues.first, cue.whole == 0..<bytes.count, cue.start == entry.start,
        cue.end == entry.end
      else { return false }
      return says(cue, annotation, position, context)
    }
  }

  /// Whether a cue that was read again says what an annotation says.
  private func says(_ cue: Cue, _ annotation: Annotation, _ position: Int, _ context: EncodeContext) -> Bool {
    var facts = CueFacts()
    let read = codec.annotation(cue, position, parser.text, &facts, trialLabels)
    let names = (read.label.flatMap { trialLabels.label($0)?.name }, annotation.label.flatMap { context.labels.label($0)?.name })
    return read.text == annotation.text && read.id == annotation.id && names.0 == names.1
  }

  private func print(
    _ annotation: Annotation, _ entry: Entry, _ facts: CueFacts, _ position: Int, _ look: CueLook, _ sample: Sample,
    _ context: EncodeContext
  ) {
    let start = out.count
    codec.print(annotation, entry.start, entry.end, facts, position, look.lineEnd, context.labels, into: &out, context)
    guard annotation.text != nil || annotation.label != nil || annotation.id != nil || facts.settings != nil else { return }
    let cue = UnsafeRawBufferPointer(rebasing: out.bytes[start...])
    guard isSuspicious(cue, lineCount: 1 + (codec.name(of: annotation, facts, position) == nil ? 0 : 1)) else { return }
    // Read again as it would be, with another cue behind it.
    trial.removeAll()
    trial.append(cue)
    trial.append(
      "\n\n7\n00:00:00\(codec.syntax.mark == 0x2C ? "," : ".")000 --> 00:00:00\(codec.syntax.mark == 0x2C ? "," : ".")000\n")
    parser.parse(trial.bytes)
    if parser.cues.count == 2, let first = parser.cues.first, first.whole == 0..<cue.count, first.start == entry.start,
      isSame(first, annotation, position, context)
    {
      return
    }
    context.diagnostics.report(
      .error, "\(codec.syntax.format.id).write.text",
      "The cue at \(entry.start.text) of \"\(terminalSafe(sample.key))\" would not be read back: its text has an empty line or times in it",
      at: sample.source)
  }

  /// Whether the text came back; what the codec counted as lost may differ.
  private func isSame(_ cue: Cue, _ annotation: Annotation, _ position: Int, _ context: EncodeContext) -> Bool {
    if says(cue, annotation, position, context) { return true }
    return context.losses.contains { [.text, .label, .id].contains($0.feature) }
  }

  /// Whether a printed cue has an empty line, a carriage return of its own or an arrow behind its times.
  private func isSuspicious(_ cue: UnsafeRawBufferPointer, lineCount: Int) -> Bool {
    var lines = CueLines(cue)
    var number = 0
    while let line = lines.next() {
      number += 1
      let isText = number > lineCount
      if lines.trimmed(line).isEmpty { return true }
      if number == lineCount { continue }
      if isText || number < lineCount {
        var at = line.lowerBound
        while at + 2 < line.upperBound {
          if cue[at] == 0x2D, cue[at + 1] == 0x2D, cue[at + 2] == 0x3E { return true }
          at += 1
        }
      }
    }
    guard let last = cue.last else { return true }
    return last == 0x0A || last == 0x0D || cue.contains(0x0D)
  }
}
