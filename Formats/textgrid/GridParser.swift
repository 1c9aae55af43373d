import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Reads the text of one TextGrid into tiers and items, and notes how it looks; a worker's memory, used again from file to file.
final class GridParser {
  /// A time and where it stands.
  struct Moment {
    var time = MediaTime.zero
    var range = 0..<0
    /// Whether its own digits are all there is to its spelling.
    var isPlain = true
  }

  /// A tier, without its items.
  struct Tier {
    var isPoint: Bool
    /// Where the name stands between its quotes.
    var name: Range<Int>
    var nameHasQuotes: Bool
    var xmin: Moment
    var xmax: Moment
    /// Positions of its items in ``GridParser/order``.
    var items = 0..<0
    /// Whether there are gaps between intervals that no empty interval fills.
    var hasHoles = false
    /// Whether its items are not one after the other.
    var isOutOfOrder = false
    /// Whether every text is the name of the tier, which says nothing.
    var isSegments = false
    /// Whether annotations must say that they are in this tier.
    var isMarked = false
    /// How many of its items are annotations.
    var annotationCount = 0
  }

  /// An interval or a point.
  struct Item {
    var tier: Int32
    var start: Moment
    var end: Moment
    /// Where the text stands between its quotes.
    var text: Range<Int>
    var hasQuotes: Bool
    /// Whether it is a gap that the writer makes anew.
    var isGap = false
    /// Whether it could not be read.
    var isBroken = false
  }

  /// Where reading stops.
  private enum Stop: Error { case reported }

  private(set) var form = GridForm(.long)
  private(set) var xmin = Moment()
  private(set) var xmax = Moment()
  /// Whether the items of a chronological file are not in the order of time.
  private(set) var isUnsorted = false
  /// Whether the file says that there are no tiers.
  private(set) var isAbsent = false
  var tiers: [Tier] = []
  var items: [Item] = []
  /// Positions of items, tier by tier.
  var order: [Int32] = []

  private let source: RecordingText
  private(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)
  private var scanner = GridScanner(UnsafeRawBufferPointer(start: nil, count: 0))
  private var valueCount = 0
  private var isSettled: [Bool] = []
  private var number = ByteBuffer(capacity: 32)
  /// The end of the last item of each tier of a chronological file.
  private var lastEnds: [MediaTime?] = []

  init(_ source: RecordingText) { self.source = source }

  /// Reads the text the source has; false, after a report, when it is no TextGrid.
  func parse() -> Bool {
    text = source.bytes
    scanner = GridScanner(text)
    valueCount = 0
    isSettled = Array(repeating: false, count: GridForm.Slot.allCases.count)
    tiers.removeAll(keepingCapacity: true)
    items.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
    lastEnds.removeAll(keepingCapacity: true)
    isUnsorted = false
    isAbsent = false
    do throws(Stop) {
      try head()
      if form.layout == .chronological { try chronology() } else { try allTiers() }
      form.valueCount = valueCount
      return true
    } catch {
      return false
    }
  }

  // MARK: Values

  func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ range: Range<Int>) {
    source.report(severity, "textgrid.\(rule)", message, at: range)
  }

  private func stop(_ rule: String, _ message: String, _ range: Range<Int>) -> Stop {
    report(.error, rule, message, range)
    return .reported
  }

  private func value() throws(Stop) -> GridScanner.Token? {
    do throws(GridScanner.Fault) { return try scanner.next() } catch {
      switch error {
      case .unclosed(let at): throw stop("syntax", "A text or a flag is not closed before the file ends", at..<(at + 1))
      case .behindQuote(let at): throw stop("syntax", "A text ends with a quote and white space behind it", at..<(at + 1))
      }
    }
  }

  /// The next value, which must be of a kind.
  private func take(_ kind: GridScanner.Kind, _ what: @autoclosure () -> String) throws(Stop) -> GridScanner.Token {
    guard let token = try value() else {
      throw stop("syntax", "The file ends where \(what()) is expected", max(0, text.count - 1)..<text.count)
    }
    guard token.kind == kind else { throw stop("syntax", "Expected \(what())", token.outer) }
    return token
  }

  /// The next value, with what stands before it noted.
  private func take(
    _ kind: GridScanner.Kind, _ slot: GridForm.Slot, mark: Int? = nil, _ what: @autoclosure () -> String
  ) throws(Stop) -> GridScanner.Token {
    let token = try take(kind, what())
    note(slot, token.filler, mark)
    return token
  }

  private func note(_ slot: GridForm.Slot, _ range: Range<Int>, _ mark: Int? = nil) {
    if let mark {
      number.removeAll()
      number.append(decimal: mark)
      note(slot, range, number.bytes)
    } else {
      note(slot, range, UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  private func note(_ slot: GridForm.Slot, _ range: Range<Int>, _ mark: UnsafeRawBufferPointer) {
    let filler = UnsafeRawBufferPointer(rebasing: text[range])
    defer { valueCount &+= 1 }
    if !form.fillers[slot.rawValue].matches(filler, mark) {
      // A comment belongs to one value, but for those that a layout has.
      let isAlone = filler.contains(UInt8(ascii: "!")) && !GridForm.commented.contains(slot)
      if isSettled[slot.rawValue] || isAlone || filler.contains(GridForm.Filler.mark) {
        return form.exceptions.append((valueCount, Array(filler)))
      }
      form.change(slot, to: GridForm.Filler(filler, around: mark))
    }
    isSettled[slot.rawValue] = true
  }

  private func count(_ slot: GridForm.Slot, _ what: String) throws(Stop) -> Int {
    let token = try take(.number, slot, what)
    var value = 0
    for byte in text[token.range] {
      guard byte &- 0x30 <= 9, value < 1 << 40 else { throw stop("count", "A count is a whole number", token.range) }
      value = value &* 10 &+ Int(byte &- 0x30)
    }
    if text[token.range.lowerBound] == 0x30, token.range.count > 1 {
      throw stop("count", "A count is a whole number without zeros in front", token.range)
    }
    return value
  }

  /// A time; nil, after a report, when it is none.
  private func moment(_ slot: GridForm.Slot, mark: Int? = nil, _ what: @autoclosure () -> String) throws(Stop) -> Moment? {
    let token = try take(.number, slot, mark: mark, what())
    return moment(token)
  }

  private func moment(_ token: GridScanner.Token) -> Moment? {
    let digits = UnsafeRawBufferPointer(rebasing: text[token.range]).bindMemory(to: UInt8.self)
    if let (time, isRounded) = GridParser.time(digits) {
      if isRounded {
        report(.warning, "time.digits", "A time has at most 18 digits here; this one is read as \(time.text)", token.range)
      }
      return Moment(time: time, range: token.range, isPlain: !isRounded && GridParser.isPlain(digits, time))
    }
    report(.error, "time.number", "A time is a decimal number of seconds", token.range)
    return nil
  }

  /// The time of a number, and whether it has too many digits to be kept; nil for what is no number.
  static func time(_ digits: UnsafeBufferPointer<UInt8>) -> (time: MediaTime, isRounded: Bool)? {
    if let time = MediaTime(decimal: digits) { return (time, false) }
    var value = 0.0
    guard let start = digits.baseAddress, NumberParser.double(start, start + digits.count, &value) == start + digits.count,
      value.isFinite, let time = MediaTime(seconds: value)
    else { return nil }
    return (time, true)
  }

  /// Whether a number is spelled as it will be printed.
  private static func isPlain(_ digits: UnsafeBufferPointer<UInt8>, _ time: MediaTime) -> Bool {
    var at = 0
    if digits[0] == 0x2D {
      if time.units == 0 { return false }
      at = 1
    }
    guard at < digits.count, digits[at] &- 0x30 <= 9 else { return false }
    if digits[at] == 0x30, at + 1 < digits.count, digits[at + 1] != 0x2E { return false }
    var whole = 0
    while at < digits.count, digits[at] &- 0x30 <= 9 {
      at += 1
      whole += 1
    }
    if at == digits.count { return true }
    guard digits[at] == 0x2E else { return false }
    let fraction = digits.count - at - 1
    return fraction > 0 && Int(time.fractionDigits) == fraction && digits[(at + 1)...].allSatisfy { $0 &- 0x30 <= 9 }
  }

  // MARK: The head

  private func head() throws(Stop) {
    let notGrid = "A TextGrid begins with the texts ooTextFile and TextGrid, or with Praat's mark of a chronological one"
    guard let first = try value(), first.kind == .text else { throw stop("header", notGrid, 0..<min(1, text.count)) }
    let name = text[first.range]
    let isChronological = name.elementsEqual(GridParser.chronologicalMark.utf8)
    guard isChronological || name.starts(with: "ooTextFile".utf8) else { throw stop("header", notGrid, first.outer) }
    let lineEnd = GridParser.lineEnd(text)
    if isChronological {
      form = GridForm(.chronological, lineEnd: lineEnd)
      note(.fileType, first.filler)
    } else {
      let kind = try take(.text, "the text TextGrid")
      guard text[kind.range].elementsEqual("TextGrid".utf8) else { throw stop("header", notGrid, kind.outer) }
      // The name of the first number tells the long layout.
      var look = scanner
      let isLong = ((try? look.next()) ?? nil).map { text[$0.filler].contains(UInt8(ascii: "x")) } ?? false
      form = GridForm(isLong ? .long : .short, lineEnd: lineEnd)
      if name.count != 10 { form.fileType = Array(name) }
      note(.fileType, first.filler)
      note(.objectClass, kind.filler)
    }
    guard let low = try moment(.xmin, "the start of the time domain"), let high = try moment(.xmax, "the end of the time domain")
    else { throw .reported }
    (xmin, xmax) = (low, high)
    if high.time < low.time { throw stop("span", "The time domain ends before it begins", high.range) }
  }

  static let chronologicalMark = "Praat chronological TextGrid text file"

  private static func lineEnd(_ text: UnsafeRawBufferPointer) -> String {
    guard let at = text.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return "\n" }
    if text[at] == 0x0A { return "\n" }
    return at + 1 < text.count && text[at + 1] == 0x0A ? "\r\n" : "\r"
  }

  private func allTiers() throws(Stop) {
    let flag = try take(.flag, .tiers, "<exists> or <absent>")
    let exists = text[flag.range].elementsEqual("exists".utf8)
    guard exists || text[flag.range].elementsEqual("absent".utf8) else {
      throw stop("syntax", "Tiers are <exists> or <absent>", flag.outer)
    }
    isAbsent = !exists
    if exists {
      let size = try count(.size, "the number of tiers")
      var number = 0
      while number < size {
        number += 1
        try tier(number)
      }
    }
    let end = scanner.at
    if let more = try? scanner.next() {
      report(.warning, "trailing", "There is more than the tiers that were announced", more.outer)
    }
    note(.tail, end..<text.count)
  }

  private func tierHead(_ number: Int) throws(Stop) {
    let kind = try take(.text, number == 1 ? .firstTier : .nextTier, mark: number, "the class of tier \(number)")
    let isPoint = text[kind.range].elementsEqual("TextTier".utf8)
    guard isPoint || text[kind.range].elementsEqual("IntervalTier".utf8) else {
      throw stop("tier.class", "A tier is an IntervalTier or a TextTier", kind.outer)
    }
    let name = try take(.text, .name, "the name of tier \(number)")
    guard let low = try moment(.tierXmin, "the start of tier \(number)"),
      let high = try moment(.tierXmax, "the end of tier \(number)")
    else { throw .reported }
    if high.time < low.time { throw stop("span", "The tier ends before it begins", high.range) }
    tiers.append(Tier(isPoint: isPoint, name: name.range, nameHasQuotes: name.hasQuotes, xmin: low, xmax: high))
    lastEnds.append(nil)
  }

  private func tier(_ number: Int) throws(Stop) {
    try tierHead(number)
    let at = tiers.count - 1
    let isPoint = tiers[at].isPoint
    let size = try count(isPoint ? .points : .intervals, "the number of \(isPoint ? "points" : "intervals") in tier \(number)")
    let start = items.count
    var index = 0
    while index < size {
      index &+= 1
      let slot: GridForm.Slot = isPoint ? (index == 1 ? .firstPoint : .nextPoint) : index == 1 ? .firstInterval : .nextInterval
      let low = try moment(slot, mark: index, "the \(isPoint ? "time of a point" : "start of an interval")")
      try item(at, low)
    }
    for position in start..<items.count { order.append(Int32(truncatingIfNeeded: position)) }
    tiers[at].items = start..<items.count
  }

  /// Reads what follows the time of a point or the start of an interval.
  private func item(_ at: Int, _ low: Moment?) throws(Stop) {
    let isPoint = tiers[at].isPoint
    let high = isPoint ? low : try moment(.end, "the end of an interval")
    let label = try take(.text, isPoint ? .mark : .text, "the text of \(isPoint ? "a point" : "an interval")")
    var item = Item(
      tier: Int32(truncatingIfNeeded: at), start: low ?? Moment(), end: high ?? Moment(), text: label.range,
      hasQuotes: label.hasQuotes)
    item.isBroken = low == nil || high == nil
    if let low, let high {
      if high.time < low.time {
        report(.error, "interval.order", "The interval ends before it begins", high.range)
        item.isBroken = true
      } else {
        check(at, low, high)
      }
    }
    items.append(item)
  }

  private func check(_ at: Int, _ low: Moment, _ high: Moment) {
    if let last = lastEnds[at], low.time < last {
      tiers[at].isOutOfOrder = true
      report(
        .warning, "tier.order",
        tiers[at].isPoint
          ? "The point is before the one that stands before it" : "The interval begins before the last one has ended",
        low.range)
    }
    if low.time < tiers[at].xmin.time || tiers[at].xmax.time < high.time {
      report(.warning, "tier.outside", "The time is outside of its tier", low.range.lowerBound..<high.range.upperBound)
    }
    if lastEnds[at].map({ $0 < high.time }) ?? true { lastEnds[at] = high.time }
  }

  // MARK: Chronological files

  private func chronology() throws(Stop) {
    let size = try count(.size, "the number of tiers")
    var number = 0
    while number < size {
      number += 1
      try tierHead(number)
    }
    var end = scanner.at
    var last: (time: MediaTime, tier: Int)?
    while let token = try value() {
      guard token.kind == .number else { throw stop("syntax", "Expected the number of a tier", token.outer) }
      var tier = 0
      for byte in text[token.range] { tier = byte &- 0x30 <= 9 && tier < 1 << 30 ? tier * 10 + Int(byte &- 0x30) : 1 << 40 }
      guard tier >= 1, tier <= tiers.count, text[token.range.lowerBound] != 0x30 else {
        throw stop("tier.number", "There is no tier of this number", token.range)
      }
      let at = tier - 1
      let name = self.name(of: tiers[at])
      name.withUnsafeBytes { note(.item, token.filler, $0) }
      let low = try moment(.start, "the \(tiers[at].isPoint ? "time of a point" : "start of an interval")")
      try item(at, low)
      if let low {
        if let last, low.time < last.time || (low.time == last.time && at < last.tier) { isUnsorted = true }
        last = (low.time, at)
      }
      end = scanner.at
    }
    note(.tail, end..<text.count)
    sortByTier()
  }

  /// The name of a tier with its quotes single, as a comment has it.
  func name(of tier: Tier) -> [UInt8] {
    var name = GridParser.plain(text, tier.name, tier.nameHasQuotes)
    for index in name.indices where name[index] == 0x0A || name[index] == 0x0D { name[index] = 0x20 }
    return name
  }

  /// The bytes of a text with its doubled quotes single.
  static func plain(_ text: UnsafeRawBufferPointer, _ range: Range<Int>, _ hasQuotes: Bool) -> [UInt8] {
    guard hasQuotes else { return Array(text[range]) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      bytes.append(text[at])
      at += text[at] == 0x22 ? 2 : 1
    }
    return bytes
  }

  private func sortByTier() {
    var starts = Array(repeating: 0, count: tiers.count + 1)
    for item in items { starts[Int(item.tier) + 1] += 1 }
    for tier in tiers.indices {
      starts[tier + 1] += starts[tier]
      tiers[tier].items = starts[tier]..<starts[tier + 1]
    }
    order = Array(repeating: 0, count: items.count)
    for (position, item) in items.enumerated() {
      order[starts[Int(item.tier)]] = Int32(truncatingIfNeeded: position)
      starts[Int(item.tier)] += 1
    }
  }
}
