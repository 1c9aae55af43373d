import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Finds the cues in the text of a subtitle file; a worker's memory, used again from file to file.
public final class CueParser {
  private let syntax: CueSyntax
  /// The cues in the order of the file.
  public private(set) var cues: [Cue] = []
  /// The whole text.
  public private(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)
  /// What ends the first line, and so most lines.
  public private(set) var lineEnd = "\n"
  /// Where the last cue ends; the beginning where there is none.
  public var end: Int { cues.last?.whole.upperBound ?? 0 }

  /// Where cues stand that could not be read, in the order of the file.
  private(set) var broken: [Range<Int>] = []

  /// Whether the last cue was one of them, so that more text belongs to it.
  private var isLastBroken = false

  /// Lines since the last empty one that are no cue.
  private var pending: [Range<Int>] = []
  private var report: (Diagnostic.Severity, String, String, Range<Int>) -> Void = { _, _, _, _ in }

  /// A parser for a syntax.
  public init(_ syntax: CueSyntax) { self.syntax = syntax }

  /// Finds the cues of what was read.
  public func parse(_ source: RecordingText) {
    parse(source.bytes) { [syntax] severity, rule, message, range in
      source.report(severity, "\(syntax.format.id).\(rule)", message, at: range)
    }
  }

  /// Finds the cues of a text.
  func parse(
    _ bytes: UnsafeRawBufferPointer,
    _ report: @escaping (Diagnostic.Severity, String, String, Range<Int>) -> Void = { _, _, _, _ in }
  ) {
    text = bytes
    self.report = report
    cues.removeAll(keepingCapacity: true)
    pending.removeAll(keepingCapacity: true)
    broken.removeAll(keepingCapacity: true)
    isLastBroken = false
    lineEnd = CueParser.lineEnd(text)
    var lines = CueLines(text)
    if syntax.hasHead, text.starts(with: "WEBVTT".utf8) { skipHead(&lines) }
    while let line = lines.next() {
      if lines.trimmed(line).isEmpty {
        endBlock()
      } else if hasArrow(line) {
        cue(line, &lines)
      } else {
        pending.append(line)
      }
    }
    endBlock()
    self.report = { _, _, _, _ in }
  }

  private static func lineEnd(_ text: UnsafeRawBufferPointer) -> String {
    guard let at = text.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return "\n" }
    if text[at] == 0x0A { return "\n" }
    return at + 1 < text.count && text[at + 1] == 0x0A ? "\r\n" : "\r"
  }

  /// Passes the lines up to the first empty one, unless one of them has times.
  private func skipHead(_ lines: inout CueLines) {
    _ = lines.next()
    while true {
      let before = lines
      guard let line = lines.next() else { return }
      if hasArrow(line) { return lines = before }
      if lines.trimmed(line).isEmpty { return }
    }
  }

  private func hasArrow(_ line: Range<Int>) -> Bool {
    guard let base = text.baseAddress, line.count >= 3 else { return false }
    var at = line.lowerBound
    while let found = memchr(base + at, 0x3E, line.upperBound - at) {
      let place = UnsafeRawPointer(found) - base
      if place >= line.lowerBound + 2, text[place - 1] == 0x2D, text[place - 2] == 0x2D { return true }
      at = place + 1
      if at >= line.upperBound { return false }
    }
    return false
  }

  /// Says what is to be said of lines that are no cue.
  private func endBlock() {
    guard let first = pending.first, let last = pending.last else { return }
    defer { pending.removeAll(keepingCapacity: true) }
    let all = first.lowerBound..<last.upperBound
    if syntax.hasHead {
      let known = ["NOTE", "STYLE", "REGION"].contains { word in
        text[all].starts(with: word.utf8)
          && (first.count == word.utf8.count || CueLines.isBlank(text[first.lowerBound + word.utf8.count]))
      }
      if known { return }
      report(.warning, "block.unknown", "This block has no times and is no note, style or region", all)
    } else if isLastBroken, !isNumber(first) {
      broken.append(all)
    } else if isNumber(first) || cues.isEmpty {
      report(.error, "cue.no-time", "The times of this cue are missing", all)
      broken.append(all)
      isLastBroken = true
    } else {
      joinToLast(last)
    }
  }

  /// Takes lines behind an empty one for more of the text before.
  private func joinToLast(_ last: Range<Int>) {
    guard let first = pending.first, let at = cues.indices.last else { return }
    report(
      .warning, "cue.empty-line", "This follows an empty line without times of its own; it is taken for more of the text before",
      first)
    cues[at].payload = (cues[at].payload.isEmpty ? first.lowerBound : cues[at].payload.lowerBound)..<last.upperBound
    cues[at].whole = cues[at].whole.lowerBound..<last.upperBound
  }

  private func isNumber(_ line: Range<Int>) -> Bool {
    let range = CueLines(text).trimmed(line)
    return !range.isEmpty && range.allSatisfy { text[$0] &- 0x30 <= 9 }
  }

  /// The line before the times, when that is the name or number of the cue.
  private func takeName() -> Range<Int>? {
    guard let last = pending.last else { return nil }
    if syntax.isNumbered {
      guard isNumber(last) else { return nil }
      pending.removeLast()
    } else {
      guard pending.count == 1 else { return nil }
      pending.removeLast()
    }
    return last
  }

  /// Reads a cue whose times stand in a line, and the lines of its text.
  private func cue(_ line: Range<Int>, _ lines: inout CueLines) {
    let block = pending.first?.lowerBound ?? line.lowerBound
    let name = takeName()
    if let first = pending.first, let last = pending.last {
      // Text that is directly before a cue belongs to none.
      if syntax.hasHead || cues.isEmpty {
        report(.warning, "block.unknown", "This text belongs to no cue", first.lowerBound..<last.upperBound)
        pending.removeAll(keepingCapacity: true)
      } else {
        endBlock()
      }
    }
    let before = end
    let start = name?.lowerBound ?? line.lowerBound
    let times = times(line)
    var payload = line.upperBound..<line.upperBound
    while true {
      let mark = lines
      guard let next = lines.next() else { break }
      if syntax.hasHead ? next.isEmpty : lines.trimmed(next).isEmpty {
        lines = mark
        break
      }
      if hasArrow(next), syntax.hasHead || self.times(next, isQuiet: true) != nil {
        report(.warning, "cue.no-blank-line", "A cue begins without an empty line before it", next)
        lines = mark
        // The number of the next cue is no text of this one.
        if syntax.isNumbered, !payload.isEmpty, let last = lastLine(payload), isNumber(last) {
          payload =
            last.lowerBound <= payload.lowerBound
            ? line.upperBound..<line.upperBound : payload.lowerBound..<lineEnd(before: last.lowerBound)
          lines.at = last.lowerBound
        }
        break
      }
      payload = (payload.isEmpty ? next.lowerBound : payload.lowerBound)..<next.upperBound
    }
    let whole = start..<max(line.upperBound, payload.upperBound)
    guard let times else {
      // What stands right before it belongs to it, if to anything.
      broken.append(min(block, start)..<whole.upperBound)
      isLastBroken = true
      return
    }
    isLastBroken = false
    cues.append(
      Cue(
        before: before..<start, name: name.map { lines.trimmed($0) }, start: times.start, end: times.end, settings: times.settings,
        payload: payload, whole: whole))
  }

  /// The text of a range without the cues that could not be read.
  func kept(_ range: Range<Int>) -> String {
    guard broken.contains(where: { $0.overlaps(range) }) else { return String(decoding: text[range], as: UTF8.self) }
    var bytes: [UInt8] = []
    var at = range.lowerBound
    for part in broken where part.overlaps(range) {
      if at < part.lowerBound { bytes += text[at..<part.lowerBound] }
      at = max(at, part.upperBound)
    }
    if at < range.upperBound { bytes += text[at..<range.upperBound] }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func lastLine(_ range: Range<Int>) -> Range<Int>? {
    var low = range.upperBound
    while low > range.lowerBound, text[low - 1] != 0x0A, text[low - 1] != 0x0D { low -= 1 }
    return low..<range.upperBound
  }

  /// Where the line ends that stands before an offset.
  private func lineEnd(before offset: Int) -> Int {
    guard offset > 0 else { return 0 }
    return offset > 1 && text[offset - 1] == 0x0A && text[offset - 2] == 0x0D ? offset - 2 : offset - 1
  }

  // MARK: Times

  private struct Times {
    var start: MediaTime
    var end: MediaTime
    var settings: Range<Int>
  }

  private func times(_ line: Range<Int>, isQuiet: Bool = false) -> Times? {
    func say(_ severity: Diagnostic.Severity, _ rule: String, _ message: String) {
      if !isQuiet { report(severity, rule, message, line) }
    }
    var at = line.lowerBound
    func skipBlanks() { while at < line.upperBound, CueLines.isBlank(text[at]) { at += 1 } }
    func time() -> (MediaTime, isUsual: Bool)? {
      let first = at
      while at < line.upperBound, !CueLines.isBlank(text[at]), text[at] != 0x2D || at == first { at += 1 }
      return CueParser.time(UnsafeRawBufferPointer(rebasing: text[first..<at]), syntax.mark)
    }
    skipBlanks()
    let start = time()
    skipBlanks()
    let hasArrow = at + 3 <= line.upperBound && text[at..<(at + 3)].elementsEqual("-->".utf8)
    if hasArrow { at += 3 }
    skipBlanks()
    let end = hasArrow ? time() : nil
    guard let start, let end else {
      say(
        .error, "cue.time",
        "Times are written as \(syntax.mark == 0x2C ? "00:00:01,500 --> 00:00:02,000" : "00:01.500 --> 00:02.000")")
      return nil
    }
    if end.0 < start.0 {
      say(.error, "cue.order", "The cue ends before it begins")
      return nil
    }
    if !start.isUsual || !end.isUsual {
      say(.warning, "cue.time-spelling", "A time has the mark \(syntax.mark == 0x2C ? "," : ".") and three digits behind it")
    }
    return Times(start: start.0, end: end.0, settings: at..<line.upperBound)
  }

  /// A time on a clock, and whether it has the usual mark and digits; nil for anything else.
  static func time(_ bytes: UnsafeRawBufferPointer, _ mark: UInt8) -> (MediaTime, isUsual: Bool)? {
    let digits = bytes.bindMemory(to: UInt8.self)
    guard let time = MediaTime(clock: digits), time.form != .seconds, time.units >= 0 else { return nil }
    let isUsual = time.fractionDigits == 3 && digits.count > 4 && digits[digits.count - 4] == mark
    return (time, isUsual)
  }
}

extension CueParser {
  /// The first times in the first bytes of a file: whether they are spelled as usual, and whether a number stands before them.
  public static func firstTimes(_ head: [UInt8], _ syntax: CueSyntax) -> (text: String, isUsual: Bool, hasNumber: Bool)? {
    head.withUnsafeBytes { bytes in
      let parser = CueParser(syntax)
      var isUsual = true
      parser.parse(bytes) { _, rule, _, _ in if rule == "cue.time-spelling" { isUsual = false } }
      guard let first = parser.cues.first else { return nil }
      let line = first.start.text + " --> " + first.end.text
      return (line, isUsual, first.name != nil)
    }
  }
}
