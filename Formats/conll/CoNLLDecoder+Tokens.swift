import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Tokens, text and entities.
extension CoNLLDecoder {
  /// Adds tokens, text and entities; false, and an error, when a tag is none.
  func addTokens(
    to sample: inout Sample, _ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int, _ layout: CoNLLLayout,
    _ comments: CoNLLComments?, _ isRegular: inout Bool
  ) -> Bool {
    let rows = worker.rows
    guard rows.count > 0 else {
      sample.media.text = comments?.text ?? ""
      return true
    }
    worker.entities.removeAll(keepingCapacity: true)
    for number in layout.labels.indices {
      guard takeTags(number, base, layout) else { return false }
      if !worker.tags.isRegular {
        isRegular = false
        reportFaults(number, layout)
      }
      let before = worker.entities.count
      for entity in worker.tags.entities {
        worker.entities.append(
          .init(
            label: entity.label.isEmpty ? nil : worker.labels.intern(entity.label), start: entity.start, end: entity.end,
            layer: number))
      }
      if number > 0, !areInside(before) { isRegular = false }
    }
    sample.media.text = joinedText(base, count, layout)
    var tokens = worker.spare.take() ?? Tokens()
    fill(&tokens, base, start, layout)
    var extents: [Tokens.Extent]?
    if let text = comments?.text {
      if let (placement, places) = placement(of: tokens, in: text, comments?.placement) {
        sample.media.text = text
        tokens.placement = placement
        extents = places
      } else {
        let place = line(ofRow: 0)
        report(
          .warning, "conll.text.mismatch", "The text in the comment is not that of the tokens, and the tokens count",
          range.lowerBound + place.lowerBound, place.count)
      }
    }
    // Handed over, not copied.
    sample.tokens = consume tokens
    if !worker.entities.isEmpty { addEntities(to: &sample, extents) }
    return true
  }

  /// Where the tokens stand in a text that a comment says, and the same in scalars; nil when entities would have no place.
  private func placement(
    of tokens: Tokens, in text: String, _ said: AttributeValue?
  ) -> (Tokens.Placement, [Tokens.Extent])? {
    let found = text.withBytes { TextCursor.extents(of: tokens, in: $0) }
    guard let said else { return found.map { (.extents($0, .scalars), $0) } }
    guard let placement = TokenPlaces.placement(said, count: tokens.count) else { return nil }
    guard case .extents(let given, let unit) = placement else {
      return found.map { (placement, $0) } ?? (worker.entities.isEmpty ? (placement, []) : nil)
    }
    text.withBytes { worker.positions.use($0) }
    let places = given.map { extent -> Tokens.Extent in
      guard extent != .unknown, let start = worker.positions.byte(of: Int(extent.start), unit),
        let end = worker.positions.byte(of: Int(extent.end), unit)
      else { return .unknown }
      return Tokens.Extent(
        start: UInt32(truncatingIfNeeded: worker.positions.scalar(ofByte: start)),
        end: UInt32(truncatingIfNeeded: worker.positions.scalar(ofByte: end)))
    }
    let allHavePlaces = worker.entities.allSatisfy { places[$0.start] != .unknown && places[$0.end - 1] != .unknown }
    return allHavePlaces ? (placement, places) : nil
  }

  /// The tokens with one space between two; notes where each begins.
  private func joinedText(_ base: UnsafePointer<UInt8>, _ count: Int, _ layout: CoNLLLayout) -> String {
    let rows = worker.rows
    let length = noteStarts(layout)
    return String(unsafeUninitializedCapacity: length) { out in
      guard let start = out.baseAddress else { return 0 }
      var at = 0
      var first = 0
      for row in 0..<rows.count {
        let field = rows.fields[first &+ layout.token]
        let size = Int(field.end &- field.start)
        if size <= 8, out.count &- at >= 8, count &- Int(field.start) >= 8 {
          // A word of memory holds nearly every token, and what lies behind it is written over.
          let word = UnsafeRawPointer(base + Int(field.start)).loadUnaligned(as: UInt64.self)
          UnsafeMutableRawPointer(start + at).storeBytes(of: word, as: UInt64.self)
        } else {
          memcpy(start + at, base + Int(field.start), size)
        }
        at &+= size
        // None behind the last.
        if at < length { start[at] = 0x20 }
        at &+= 1
        first = rows.firstField(behind: row, first)
      }
      return length
    }
  }

  /// Notes where each token begins in the text made of them, and returns how long that is.
  private func noteStarts(_ layout: CoNLLLayout) -> Int {
    let rows = worker.rows
    if worker.starts.count <= rows.count { worker.starts = Array(repeating: 0, count: rows.count &+ rows.count / 2 &+ 64) }
    return worker.starts.withUnsafeMutableBufferPointer { starts in
      var first = 0
      var length: UInt32 = 0
      for row in 0..<rows.count {
        let field = rows.fields[first &+ layout.token]
        starts[row] = length
        length &+= field.end &- field.start &+ 1
        first = rows.firstField(behind: row, first)
      }
      starts[rows.count] = length
      return max(0, Int(length) &- 1)
    }
  }

  /// Fills tokens with the cells of all rows: the token, then all columns that are no tags.
  private func fill(_ tokens: inout Tokens, _ base: UnsafePointer<UInt8>, _ start: Int, _ layout: CoNLLLayout) {
    let rows = worker.rows
    let memory = UnsafeBufferPointer(start: base + start, count: rows.end - start)
    let fields = rows.fields
    let start = UInt32(truncatingIfNeeded: start)
    if rows.isEven, rows.width == layout.width {
      let (width, token, count) = (layout.width, layout.token, rows.count)
      layout.others.withUnsafeBufferPointer { others in
        tokens.refill(columns: layout.names, bytes: memory, cellCount: count &* (others.count &+ 1), placement: .joined) { out in
          var next = out
          var row = UnsafePointer(fields)
          for _ in 0..<count {
            let field = row[token]
            next[0] = Tokens.Extent(start: field.start &- start, end: field.end &- start)
            next += 1
            for column in others {
              let field = row[column]
              next[0] = Tokens.Extent(start: field.start &- start, end: field.end &- start)
              next += 1
            }
            row += width
          }
        }
      }
      return
    }
    var cells: [Tokens.Extent] = []
    func add(_ field: Tokens.Extent) { cells.append(Tokens.Extent(start: field.start &- start, end: field.end &- start)) }
    for row in 0..<rows.count {
      let range = rows.range(ofRow: row)
      let labels = layout.labels.indices.map { layout.label($0, inRowOf: range.count) }
      let token = min(layout.token, range.count - 1)
      add(fields[range.lowerBound + token])
      for column in 0..<range.count where column != token && !labels.contains(column) { add(fields[range.lowerBound + column]) }
    }
    tokens.refill(columns: layout.names, bytes: memory, cellCount: cells.count, rowEnds: rowEnds(layout), placement: .joined) {
      out in
      for (index, cell) in cells.enumerated() { out[index] = cell }
    }
  }

  /// The ends of rows among the cells, where rows have more or fewer cells than there are names.
  private func rowEnds(_ layout: CoNLLLayout) -> [UInt32] {
    let rows = worker.rows
    if rows.isEven, rows.width == layout.width { return [] }
    var ends: [UInt32] = []
    var count = 0
    for row in 0..<rows.count {
      count += rows.range(ofRow: row).count - layout.labels.count
      ends.append(UInt32(truncatingIfNeeded: count))
    }
    return ends
  }

  /// Reads a column of tags; false, and an error, at the first that is none.
  private func takeTags(_ number: Int, _ base: UnsafePointer<UInt8>, _ layout: CoNLLLayout) -> Bool {
    let rows = worker.rows
    let fields = rows.fields
    worker.tags.scheme = shard.dialect.scheme ?? .iob2
    worker.tags.removeAll()
    // All rows are as wide as the first.
    let column = layout.label(number, inRowOf: rows.width)
    var first = 0
    for row in 0..<rows.count {
      let field = fields[first &+ column]
      let tag = UnsafeBufferPointer(start: base + Int(field.start), count: Int(field.end &- field.start))
      guard worker.tags.take(tag, at: row) else {
        report(
          .error, "conll.tag.syntax",
          "\"\(terminalSafe(String(decoding: tag.prefix(80), as: UTF8.self)))\" is no tag: a tag is O, or a letter such as B, a hyphen and a label",
          range.lowerBound + Int(field.start), tag.count)
        return false
      }
      first = rows.firstField(behind: row, first)
    }
    worker.tags.finish(count: rows.count)
    return true
  }

  private func reportFaults(_ number: Int, _ layout: CoNLLLayout) {
    var last = -1
    for row in worker.tags.faults where row != last {
      last = row
      let fields = worker.rows.range(ofRow: row)
      let field = worker.rows.fields[fields.lowerBound + layout.label(number, inRowOf: fields.count)]
      report(
        .warning, "conll.tag.sequence",
        "This tag does not follow the scheme \(worker.tags.scheme.rawValue) of the file where it stands; the entity begins and ends where labels and letters change",
        range.lowerBound + Int(field.start), Int(field.end - field.start))
    }
  }

  /// Whether each entity of a later column lies where the column before has some, so that it would be written there again.
  private func areInside(_ first: Int) -> Bool {
    for entity in worker.entities[first...] {
      let isInside = worker.entities[..<first].contains {
        $0.layer == entity.layer - 1 && $0.start < entity.end && entity.start < $0.end
      }
      if !isInside { return false }
    }
    return true
  }

  /// Adds the entities.
  private func addEntities(to sample: inout Sample, _ extents: [Tokens.Extent]?) {
    sample.annotations.reserveCapacity(worker.entities.count)
    if let extents {
      for entity in worker.entities {
        add(entity.label, Int(extents[entity.start].start), Int(extents[entity.end - 1].end), to: &sample)
      }
      return
    }
    let isASCII = sample.media.text?.withBytes { UTF8Check.isASCII(UnsafeRawBufferPointer($0)) } ?? true
    guard !isASCII, let text = sample.media.text else {
      for entity in worker.entities {
        add(entity.label, Int(worker.starts[entity.start]), Int(worker.starts[entity.end]) - 1, to: &sample)
      }
      return
    }
    text.withBytes { bytes in
      // The entities of a column come in order, so that each byte is counted once.
      var at = 0
      var scalars = 0
      func scalar(ofByte byte: Int) -> Int {
        if byte < at {
          at = 0
          scalars = 0
        }
        while at < byte {
          if bytes[at] & 0xC0 != 0x80 { scalars &+= 1 }
          at &+= 1
        }
        return scalars
      }
      for entity in worker.entities {
        let start = scalar(ofByte: Int(worker.starts[entity.start]))
        add(entity.label, start, scalar(ofByte: Int(worker.starts[entity.end]) - 1), to: &sample)
      }
    }
  }

  private func add(_ label: LabelID?, _ start: Int, _ end: Int, to sample: inout Sample) {
    sample.annotations.append(Annotation(label: label, span: TextSpan(start: start, end: end, unit: .scalars)))
  }
}
