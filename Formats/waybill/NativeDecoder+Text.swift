import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// Tokens, ranges of text, and times.
extension NativeDecoder {
  /// Reads a moment or a length: a number of seconds, or a text that is a time on a clock.
  mutating func time(_ record: String) throws(JSONFault) -> MediaTime {
    let isText = try scanner.peekKind() == .string
    let start = scanner.offset
    if isText {
      let text = try scanner.string()
      if !text.hasEscape, let time = MediaTime(clock: text.raw), time.form != .seconds { return time }
    } else {
      _ = try scanner.double()
      let text = scanner.bytes(from: start, to: scanner.offset)
      if let time = MediaTime(decimal: text.assumingMemoryBound(to: UInt8.self)) { return time }
    }
    throw broken(
      "waybill.\(record).type", "A time is a number of seconds or a text like 00:01:02.5, with at most 18 digits", at: start)
  }

  /// Reads two moments.
  mutating func interval() throws(JSONFault) -> TimeExtent {
    var moments: [MediaTime] = []
    let start = scanner.offset
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { moments.append(try time("annotation")) }
    guard moments.count == 2 else {
      throw broken("waybill.annotation.number-count", "An interval is two moments; here are \(moments.count)", at: start)
    }
    return .interval(start: moments[0], end: moments[1])
  }

  /// Reads the tokens of a text.
  mutating func tokens() throws(JSONFault) -> Tokens {
    var tokens = Tokens()
    var seen: UInt64 = 0
    let start = scanner.offset
    var unit: TextSpan.Unit?
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "columns":
        try note(key, 1, &seen)
        if seen & 2 != 0 {
          throw broken("waybill.sample.type", "The columns of tokens stand before their rows", at: offset(of: key))
        }
        tokens.columns = try strings()
      case "rows":
        try note(key, 2, &seen)
        if seen & 1 == 0 {
          throw broken("waybill.sample.type", "The columns of tokens stand before their rows", at: offset(of: key))
        }
        try rows(into: &tokens)
      case "places":
        try note(key, 4, &seen)
        tokens.placement = try placement()
      case "unit":
        try note(key, 8, &seen)
        unit = try spanUnit("sample")
      default: throw unknown(key, "sample", "tokens")
      }
    }
    if seen & 3 != 3 { throw broken("waybill.sample.type", "The tokens of a sample have columns and rows", at: start) }
    if case .extents(let extents, _) = tokens.placement {
      guard extents.count == tokens.count else {
        throw broken("waybill.sample.type", "Each of the \(tokens.count) tokens has a place; here are \(extents.count)", at: start)
      }
      guard let unit else { throw broken("waybill.sample.type", "The places of tokens have a unit", at: start) }
      tokens.placement = .extents(extents, unit)
    } else if unit != nil {
      throw broken("waybill.sample.type", "A unit belongs to the places of tokens", at: start)
    }
    return tokens
  }

  private mutating func rows(into tokens: inout Tokens) throws(JSONFault) {
    var unescaped: [UInt8] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      var cells = try scanner.beginArray()
      var isEmpty = true
      let start = scanner.offset
      while try scanner.nextElement(&cells) {
        let text = try scanner.string()
        isEmpty = false
        if text.hasEscape {
          unescaped.removeAll(keepingCapacity: true)
          JSONUnescape.append(text.raw, to: &unescaped)
          unescaped.withUnsafeBufferPointer { tokens.append(cell: $0) }
        } else {
          tokens.append(cell: text.raw)
        }
      }
      if isEmpty { throw broken("waybill.sample.type", "The row of a token begins with its text", at: start) }
      tokens.endRow()
    }
  }

  private mutating func placement() throws(JSONFault) -> Tokens.Placement {
    let start = try place()
    if try scanner.peekKind() == .string {
      if try scanner.string() == "joined" { return .joined }
      throw broken("waybill.sample.type", "The places of tokens are joined, or a list", at: start)
    }
    var extents: [Tokens.Extent] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let at = try place()
      if scanner.skipNull() {
        extents.append(.unknown)
        continue
      }
      let ends = try integers()
      guard ends.count == 2, let from = UInt32(exactly: ends[0]), let to = UInt32(exactly: ends[1]), from <= to, to < .max else {
        throw broken("waybill.sample.type", "The place of a token is two positions, the second not before the first", at: at)
      }
      extents.append(Tokens.Extent(start: from, end: to))
    }
    return .extents(extents, .scalars)
  }

  /// Where the next value begins.
  private mutating func place() throws(JSONFault) -> Int {
    _ = try scanner.peekKind()
    return scanner.offset
  }

  private mutating func strings() throws(JSONFault) -> [String] {
    var strings: [String] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { strings.append(try scanner.string().makeString()) }
    return strings
  }

  /// Reads what positions of a text count.
  private mutating func spanUnit(_ record: String) throws(JSONFault) -> TextSpan.Unit {
    let at = scanner.offset
    switch try scanner.string() {
    case "scalars": return .scalars
    case "utf16": return .utf16
    case "utf8": return .utf8
    default: throw broken("waybill.\(record).type", "The unit of a span is scalars, utf16 or utf8", at: at)
    }
  }

  /// Reads a range of text.
  mutating func span(_ record: String) throws(JSONFault) -> TextSpan {
    var span = TextSpan(start: 0, end: 0, unit: .scalars)
    var seen: UInt64 = 0
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "start":
        try note(key, 1, &seen)
        span.start = Int(try scanner.integer())
      case "end":
        try note(key, 2, &seen)
        span.end = Int(try scanner.integer())
      case "unit":
        try note(key, 4, &seen)
        span.unit = try spanUnit(record)
      default: throw unknown(key, record, "a span")
      }
    }
    if seen != 7 { throw broken("waybill.\(record).type", "A span has a start, an end and a unit", at: start) }
    return span
  }
}
