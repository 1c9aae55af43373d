import WaybillBytes
import WaybillDatasetModel

/// The tokens of one sample and where each stands in the text, in bytes, so that spans of the text become ranges of tokens; one per worker,
/// reused.
public final class TokenSpans {
  /// How the tokens and the text of a sample go together.
  public struct Fit: Sendable {
    /// Whether the sample had no tokens, so that they were found in its text.
    public var areFound = false
    /// Whether the text is just the tokens with one space between two.
    public var textIsJoined = true
    /// Whether the places of the tokens are those that ``TextCursor`` finds, counted in scalars.
    public var placesAreFound = true
  }

  /// The tokens found in the text of a sample that has none.
  @exclusivity(unchecked) private var found = Tokens()
  /// How many tokens there are.
  @exclusivity(unchecked) public private(set) var count = 0
  /// How the tokens and the text of the sample go together.
  @exclusivity(unchecked) public private(set) var fit = Fit()
  @exclusivity(unchecked) private var places = TokenPlaceList()
  @exclusivity(unchecked) private var isOrdered = true
  @exclusivity(unchecked) private var positions = TextPositions()
  @exclusivity(unchecked) private var borders: [Int] = []
  @exclusivity(unchecked) private var extents: [Tokens.Extent] = []

  /// Nothing known.
  public init() {}

  /// Looks at a sample; false when it has neither a text nor tokens.
  public func use(_ sample: Sample) -> Bool {
    places.removeAll()
    isOrdered = true
    fit = Fit()
    // Those of the sample are not kept: its reader fills them again.
    if let given = sample.tokens, !given.isEmpty {
      count = given.count
      guard let text = sample.media.text else {
        _ = joins(given, nil)
        fit.placesAreFound = given.placement == .joined || given.placement == .unknown
        return true
      }
      text.withBytes { place(given, in: $0) }
      return true
    }
    guard let text = sample.media.text else { return false }
    fit.areFound = true
    text.withBytes { find(in: $0, sample.annotations) }
    count = found.count
    return true
  }

  /// The tokens of the sample looked at last: its own, or those found in its text.
  public func tokens(of sample: Sample) -> Tokens { fit.areFound ? found : sample.tokens ?? found }

  /// Finds the tokens of a text that has none.
  private func find(in text: UnsafeBufferPointer<UInt8>, _ annotations: [Annotation]) {
    positions.use(text)
    borders.removeAll(keepingCapacity: true)
    for annotation in annotations {
      guard let span = annotation.span, let start = positions.byte(of: span.start, span.unit),
        let end = positions.byte(of: span.end, span.unit), start < end
      else { continue }
      borders.append(start)
      borders.append(end)
    }
    borders.sort()
    extents.removeAll(keepingCapacity: true)
    TextTokens.append(text, borders: borders, to: &extents)
    extents.withUnsafeBufferPointer { cells in
      found.refill(columns: [], bytes: text, cellCount: cells.count, placement: .extents(extents, .utf8)) { room in
        if let start = cells.baseAddress { room.update(from: start, count: cells.count) }
      }
    }
    for (row, extent) in extents.enumerated() {
      places.append(TokenPlaceList.Place(start: Int(extent.start), end: Int(extent.end), row: row))
    }
    var at = 0
    fit.textIsJoined = false
    for (row, extent) in extents.enumerated() {
      if row > 0 {
        if Int(extent.start) != at + 1 || text[at] != 0x20 { return }
      } else if extent.start != 0 {
        return
      }
      at = Int(extent.end)
    }
    fit.textIsJoined = at == text.count
  }

  /// Whether the tokens, joined by spaces, make a text; notes their places in it.
  private func joins(_ tokens: borrowing Tokens, _ text: UnsafeBufferPointer<UInt8>?) -> Bool {
    let count = tokens.count
    let width = tokens.isEven ? tokens.columns.count &+ 1 : 0
    places.makeRoom(count)
    let places = self.places.start
    return tokens.withCells { memory, cells in
      var at = 0
      var next = 0
      for row in 0..<count {
        var cell = Tokens.Extent(start: 0, end: 0)
        if width > 0 {
          cell = cells[next]
          next &+= width
        } else {
          let range = tokens.cellRange(ofRow: row)
          if !range.isEmpty { cell = cells[range.lowerBound] }
        }
        if let text {
          if row > 0 {
            guard at < text.count, text[at] == 0x20 else { return false }
            at &+= 1
          }
          guard JoinedTokens.stands(cell, of: memory, at: at, in: text) else { return false }
        } else if row > 0 {
          at &+= 1
        }
        let end = at &+ Int(cell.end &- cell.start)
        places[row] = TokenPlaceList.Place(start: at, end: end, row: row)
        self.places.count = row &+ 1
        at = end
      }
      return text == nil || at == text?.count
    }
  }

  /// Finds out where the tokens of a sample stand in its text.
  private func place(_ tokens: Tokens, in text: UnsafeBufferPointer<UInt8>) {
    positions.use(text)
    fit.textIsJoined = joins(tokens, text)
    if fit.textIsJoined {
      switch tokens.placement {
      case .joined: return
      case .unknown:
        fit.placesAreFound = false
        return
      case .extents: break
      }
    }
    let joined = places.array
    places.removeAll()
    let isFound = find(tokens, in: text)
    switch tokens.placement {
    case .joined:
      // Somebody changed the text or the tokens and not both.
      fit.placesAreFound = isFound
    case .unknown: fit.placesAreFound = false
    case .extents(let given, let unit):
      fit.placesAreFound = isFound && unit == .scalars && !fit.textIsJoined && given.count == places.count && areSame(given)
      if !fit.placesAreFound { take(given, unit) }
    }
    if places.isEmpty, fit.textIsJoined { for place in joined { places.append(place) } }
  }

  private func areSame(_ given: [Tokens.Extent]) -> Bool {
    for (extent, place) in zip(given, places.all) {
      guard positions.scalar(ofByte: place.start) == Int(extent.start), positions.scalar(ofByte: place.end) == Int(extent.end)
      else {
        return false
      }
    }
    return true
  }

  private func find(_ tokens: Tokens, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    var cursor = TextCursor(text)
    return tokens.withCells { memory, cells in
      for row in 0..<tokens.count {
        let cells = cells[tokens.cellRange(ofRow: row)]
        guard let cell = cells.first,
          let found = cursor.find(UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)]))
        else {
          places.removeAll()
          return false
        }
        places.append(TokenPlaceList.Place(start: found.lowerBound, end: found.upperBound, row: row))
      }
      guard cursor.isAtEnd() else {
        places.removeAll()
        return false
      }
      return true
    }
  }

  private func take(_ given: [Tokens.Extent], _ unit: TextSpan.Unit) {
    places.removeAll()
    for (row, extent) in given.enumerated() where extent != .unknown && row < count {
      guard let start = positions.byte(of: Int(extent.start), unit), let end = positions.byte(of: Int(extent.end), unit),
        start <= end
      else { continue }
      if let last = places.all.last, last.start > start || last.end > end { isOrdered = false }
      places.append(TokenPlaceList.Place(start: start, end: end, row: row))
    }
  }

  /// Whether a token is followed at once by the next one in the text; false where that is not known.
  public func touchesNext(_ row: Int) -> Bool {
    guard places.count == count, row + 1 < places.count else { return false }
    return places.start[row].end == places.start[row + 1].start && places.start[row].start < places.start[row].end
  }

  /// The rows of a span: from the first token that begins where it begins to the last that ends where it ends; nil where there is none.
  public func rows(of span: TextSpan) -> Range<Int>? {
    guard let start = positions.byte(of: span.start, span.unit), let end = positions.byte(of: span.end, span.unit), start < end
    else {
      return nil
    }
    guard isOrdered else {
      guard let first = places.all.first(where: { $0.start == start }), let last = places.all.last(where: { $0.end == end }),
        first.row <= last.row
      else { return nil }
      return first.row..<(last.row + 1)
    }
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low &+ high) / 2
      if places.start[middle].start < start { low = middle &+ 1 } else { high = middle }
    }
    guard low < places.count, places.start[low].start == start else { return nil }
    let first = places.start[low].row
    high = places.count
    // The place behind the last that does not end behind the span.
    while low < high {
      let middle = (low &+ high) / 2
      if places.start[middle].end <= end { low = middle &+ 1 } else { high = middle }
    }
    guard low > 0, places.start[low - 1].end == end, places.start[low - 1].row >= first else { return nil }
    return first..<(places.start[low - 1].row + 1)
  }
}
