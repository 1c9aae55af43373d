import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Turns rows into annotations; one for each worker.
struct RTTMDecoder: ~Copyable {
  /// What a row turned out to be.
  enum Found {
    case annotation
    /// A record without a place among annotations, which is kept as it is.
    case line
    /// Nothing that can be read; it was reported.
    case refused
  }

  /// Where problems of a row go.
  typealias Report = (_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ field: RTTMRow.Field) -> Void

  private var digits = ByteBuffer(capacity: 64)
  private var names = RTTMNames()
  /// What annotations of most rows say, so that all of it is said anew.
  private let usual: FeatureSet = [.classification, .label, .interval, .instant, .confidence, .order]

  /// Whether a record becomes an annotation: a speaker's turn, or anything with a time and a word.
  static func isAnnotation(_ row: RTTMRow) -> Bool {
    if RTTMRow.holds(row.type, "SPEAKER") { return true }
    let hasWord = !RTTMRow.isAbsent(row.ortho) && !RTTMRow.isAbsent(row.start)
    return hasWord || RTTMType.name(row.type) == "SPEAKER"
  }

  /// Reads a row into an annotation in place of what it said; what could not be written the same way keeps the row's own bytes.
  ///
  /// - Parameters:
  ///   - fields: How many fields the rows of the file have.
  ///   - separator: The byte between them.
  mutating func read(
    _ row: RTTMRow, _ line: RTTMRow.Field, fields: Int, separator: UInt8, labels: LabelCache,
    into annotation: UnsafeMutablePointer<Annotation>, _ report: Report
  ) -> Found {
    guard row.count == 9 || row.count == 10 else {
      report(.error, "rttm.row.fields", "A row has 9 or 10 fields, and this one has \(row.count)", line)
      return .refused
    }
    guard RTTMDecoder.isAnnotation(row) else { return .line }
    guard let time = time(row, report) else { return .refused }
    var isSame = row.isPlain && row.count == fields && row.separator == separator
    if !time.isSame { isSame = false }
    if !UnsafePointer(annotation).features.isSubset(of: usual) { annotation.pointee = Annotation() }
    annotation.pointee.label = RTTMRow.isAbsent(row.name) ? nil : names.label(row.name, labels)
    annotation.pointee.time = time.extent
    annotation.pointee.confidence = nil
    if !RTTMRow.isAbsent(row.ortho) { annotation.pointee.text = String(decoding: row.ortho, as: UTF8.self) }
    if !RTTMRow.isAbsent(row.confidence) {
      annotation.pointee.confidence = confidence(row.confidence, &isSame, report)
    }
    let attributes = attributes(row, &isSame, report)
    if !attributes.isEmpty { annotation.pointee.attributes = attributes }
    if !isSame {
      var out = ByteBuffer(capacity: line.count + 16)
      out.append("\"row\":")
      out.appendJSON(utf8: line)
      annotation.pointee.preserved = Preserved(RTTMFormat.id, members: out.array())
    }
    return .annotation
  }

  private func time(_ row: RTTMRow, _ report: Report) -> (extent: TimeExtent, isSame: Bool)? {
    if let start = RTTMDecoder.plainTime(row.start), let duration = RTTMDecoder.plainTime(row.duration),
      let time = RTTMDecoder.interval(start, duration)
    {
      return (time, true)
    }
    guard let start = MediaTime(decimal: row.start) else {
      report(
        .error, "rttm.row.time", "The begin of a record is a number of seconds, not \"\(RTTMDecoder.text(row.start))\"", row.start)
      return nil
    }
    var isSame = RTTMDecoder.isPlain(row.start, start)
    if start.units < 0 { report(.warning, "rttm.row.negative", "A record begins before the recording", row.start) }
    if RTTMRow.isAbsent(row.duration) { return (.instant(start), isSame) }
    guard let duration = MediaTime(decimal: row.duration) else {
      report(
        .error, "rttm.row.time", "The duration of a record is a number of seconds, not \"\(RTTMDecoder.text(row.duration))\"",
        row.duration)
      return nil
    }
    guard duration.units >= 0 else {
      report(.error, "rttm.row.duration", "The duration of a record is not negative", row.duration)
      return nil
    }
    guard let end = start.advanced(by: duration) else {
      report(.error, "rttm.row.time", "The end of a record has more digits than a time can have", row.duration)
      return nil
    }
    // The difference of both ends has the digits of the longer one.
    if duration.fractionDigits < start.fractionDigits || !RTTMDecoder.isPlain(row.duration, duration) { isSame = false }
    return (.interval(start: start, end: end), isSame)
  }

  /// The interval of a begin and a duration with as many digits behind their points, as nearly all are; nil for any other.
  @inline(__always) static func interval(_ start: MediaTime, _ duration: MediaTime) -> TimeExtent? {
    guard start.fractionDigits == duration.fractionDigits,
      let end = MediaTime(units: start.units &+ duration.units, fractionDigits: Int(start.fractionDigits))
    else { return nil }
    return .interval(start: start, end: end)
  }

  /// A time of at most 17 digits that is spelled as its value is written; nil for any other.
  @inline(__always) private static func plainTime(_ field: RTTMRow.Field) -> MediaTime? {
    guard let base = field.baseAddress else { return nil }
    var p = base
    let end = base + field.count
    guard let time = plainTime(&p, end), p == end else { return nil }
    return time
  }

  /// The same, from a pointer to whatever is behind its digits.
  @inline(__always) static func plainTime(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> MediaTime? {
    let first = p
    let limit = min(end, p + 18)
    var units: Int64 = 0
    while p < limit, p.pointee &- 48 <= 9 {
      units = units &* 10 &+ Int64(p.pointee &- 48)
      p += 1
    }
    let whole = p - first
    guard whole > 0, whole < 18, whole == 1 || first.pointee != 48 else { return nil }
    guard p < limit, p.pointee == UInt8(ascii: ".") else { return MediaTime(units: units) }
    p += 1
    let fraction = p
    while p < limit, p.pointee &- 48 <= 9 {
      units = units &* 10 &+ Int64(p.pointee &- 48)
      p += 1
    }
    // Of more digits the rest would be taken for what is behind them.
    guard p > fraction, p == end || p.pointee &- 48 > 9 else { return nil }
    return MediaTime(units: units, fractionDigits: p - fraction)
  }

  /// Whether a number is spelled as its value is written: no sign or zeros in front, no exponent, a digit on both sides of the point.
  static func isPlain(_ field: RTTMRow.Field, _ time: MediaTime) -> Bool {
    guard let last = field.last, last &- 48 <= 9 else { return false }
    let first = time.units < 0 ? 1 : 0
    guard field.count > first, field[first] &- 48 <= 9 else { return false }
    if field[first] == 48, field.count > first + 1, field[first + 1] != UInt8(ascii: ".") { return false }
    for byte in field where byte | 0x20 == UInt8(ascii: "e") { return false }
    return true
  }

  private mutating func confidence(_ field: RTTMRow.Field, _ isSame: inout Bool, _ report: Report) -> Double? {
    guard let value = NumberParser.number(field)?.doubleValue else {
      isSame = false
      report(
        .warning, "rttm.row.confidence", "A confidence is a number or <NA>, not \"\(RTTMDecoder.text(field))\"; it is kept unread",
        field)
      return nil
    }
    if value < 0 || value > 1 { report(.warning, "rttm.row.confidence", "A confidence lies between 0 and 1", field) }
    digits.removeAll()
    digits.append(value)
    if !digits.bytes.assumingMemoryBound(to: UInt8.self).holdsSameBytes(as: field) { isSame = false }
    return value
  }

  /// Channel, type, kind and lookahead, where they are not what every row says.
  private func attributes(_ row: RTTMRow, _ isSame: inout Bool, _ report: Report) -> Attributes {
    var attributes = Attributes()
    func add(_ name: String, _ field: RTTMRow.Field) {
      attributes.items.append(.init(name: name, value: .string(String(decoding: field, as: UTF8.self))))
    }
    if row.channel.count != 1 || row.channel[0] != UInt8(ascii: "1") {
      if RTTMRow.isAbsent(row.channel) { isSame = false } else { add("channel", row.channel) }
    }
    let isSpoken = !RTTMRow.isAbsent(row.ortho)
    if !RTTMRow.holds(row.type, isSpoken ? "LEXEME" : "SPEAKER") {
      let name = RTTMType.name(row.type) ?? "SPEAKER"
      if !name.withBytes({ $0.holdsSameBytes(as: row.type) }) {
        isSame = false
        report(.warning, "rttm.row.type-case", "The type of a record is written in capitals", row.type)
      }
      if name != (isSpoken ? "LEXEME" : "SPEAKER") { attributes.items.append(.init(name: "type", value: .string(name))) }
    }
    if !RTTMRow.isAbsent(row.subtype) { add("subtype", row.subtype) }
    if !RTTMRow.isAbsent(row.lookahead) { add("lookahead", row.lookahead) }
    return attributes
  }

  /// Reads a line that says the same as the row a pattern was made of, but for the time and the name; false for any other.
  mutating func read(
    _ line: RTTMRow.Field, like pattern: RTTMPattern, labels: LabelCache, into annotation: UnsafeMutablePointer<Annotation>
  ) -> Bool {
    guard let (time, name) = pattern.match(line) else { return false }
    if !UnsafePointer(annotation).features.isSubset(of: usual) { annotation.pointee = Annotation() }
    annotation.pointee.label = names.label(name, labels)
    annotation.pointee.time = time
    annotation.pointee.confidence = nil
    return true
  }

  static func text(_ field: RTTMRow.Field) -> String { terminalSafe(String(decoding: field.prefix(60), as: UTF8.self)) }
}

/// Labels of short names, found by their bytes alone: a few names come again and again.
private struct RTTMNames {
  /// Up to eight bytes as a number, how many they are, and the label: the name seen last of those that share a place.
  private var seen = [(bytes: UInt64, count: Int, label: LabelID)](repeating: (0, 0, LabelID(index: 0)), count: 256)
  /// Where the labels are from.
  private var labels: LabelCache?

  /// The label of a name.
  mutating func label(_ name: RTTMRow.Field, _ labels: LabelCache) -> LabelID {
    guard name.count <= 8 else { return labels.intern(name) }
    var bytes: UInt64 = 0
    for byte in name { bytes = bytes &<< 8 | UInt64(byte) }
    let place = Int(truncatingIfNeeded: Hash64.fold(bytes)) & 255
    if labels === self.labels, seen[place].bytes == bytes, seen[place].count == name.count { return seen[place].label }
    if labels !== self.labels { self = RTTMNames(labels: labels) }
    let label = labels.intern(name)
    seen[place] = (bytes, name.count, label)
    return label
  }

  init(labels: LabelCache? = nil) { self.labels = labels }
}
