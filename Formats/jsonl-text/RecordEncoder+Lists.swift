import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Where the columns of some tokens go when they are lists, worked out once.
final class ListForm {
  let columns: [String]
  /// Whether every column can be a list and be found again.
  let isSound: Bool
  /// The column that each slot of the plan holds, or -1.
  let columnOfSlot: [Int]
  /// Whether any slot holds one.
  let hasSlots: Bool
  /// Columns without a slot, which follow the tokens: the comma and the key of each.
  let others: [(column: Int, head: [UInt8])]

  /// Whether the values of each column are numbers.
  let areNumbers: [Bool]
  /// Whether what stands under the key of tags is a column.
  let tagsAreColumn: Bool

  init(_ columns: [String], _ layout: RecordLayout, _ plan: RecordPlan, _ text: RecordText, isForeign: Bool) {
    self.columns = columns
    let lists = layout.lists ?? TokenLists()
    var seen: Set<[UInt8]> = []
    isSound = columns.allSatisfy { seen.insert(Array($0.utf8)).inserted && lists.takesColumn($0, layout, isForeign: isForeign) }
    areNumbers = columns.map { lists.numeric.contains($0) }
    tagsAreColumn = columns.contains { RecordPlan.meaning($0, layout) == .tags }
    let places = plan.names.enumerated().map { index, name in
      plan.slots[index].meaning == .unknown || plan.slots[index].meaning == .tags
        ? columns.firstIndex { $0.utf8.elementsEqual(name.utf8) } ?? -1 : -1
    }
    columnOfSlot = places
    hasSlots = places.contains { $0 >= 0 }
    let comma = Array((text.spaceBehindComma ? ", " : ",").utf8)
    others = columns.indices.filter { !places.contains($0) }.map { ($0, comma + text.head(columns[$0])) }
  }
}

/// What an encoder remembers of the lists of one sample.
struct ListState {
  /// Whether the tokens of the sample are written as lists.
  var isUsed = false
  /// Whether tags say its spans.
  var hasTags = false
  /// Whether they were found in its text, for it has none.
  var areFound = false
  /// Whether the text is not written, for the tokens say it.
  var sayText = false
  /// Finds the tokens that spans cover; made when tags are first written.
  var spans: TokenSpans?
  var rows = TagRows()
  var form: ListForm?
  /// The number of each tag, where tags are numbers.
  var numbers: [[UInt8]: Int]?
}

extension RecordEncoder {
  /// Finds out whether lists say all of a sample's tokens.
  func prepareLists(_ sample: Sample) {
    lists.isUsed = false
    lists.hasTags = false
    guard let form = layout.lists, let text = sample.media.text else { return }
    lists.areFound = sample.tokens == nil
    lists.sayText = false
    if lists.areFound {
      // Without tokens, spans need some to be tags.
      guard isForeign, form.writtenTags != nil, sample.annotations.contains(where: { $0.span != nil }) else { return }
    }
    if form.writtenTags != nil {
      let spans = lists.spans ?? TokenSpans()
      lists.spans = spans
      guard spans.use(sample) else { return }
    }
    guard let tokens = lists.areFound ? lists.spans?.tokens(of: sample) : sample.tokens, tokens.isEven, tokens.count > 0,
      listForm(of: tokens.columns).isSound, fits(tokens, text)
    else { return }
    lists.isUsed = true
    lists.hasTags = form.writtenTags != nil && lists.form?.tagsAreColumn != true
    if lists.hasTags { lists.rows.reset(count: tokens.count) }
  }

  /// Whether a reader finds the tokens in the text where they are.
  private func fits(_ tokens: Tokens, _ text: String) -> Bool {
    text.withBytes { bytes in
      if JoinedTokens.make(bytes, tokens) {
        lists.sayText = !layout.keys.contains(layout.text)
        if tokens.isJoined { return true }
      }
      // Tokens with places of their own are Prodigy's.
      if isForeign, layout.dialect == .prodigy { return false }
      if lists.areFound { return TextCursor.extents(of: tokens, in: bytes) != nil }
      guard case .extents(let given, .scalars) = tokens.placement else { return false }
      return TextCursor.extents(of: tokens, in: bytes) == given
    }
  }

  func listForm(of columns: [String]) -> ListForm {
    if let known = lists.form, known.columns == columns { return known }
    let form = ListForm(columns, layout, plan, text, isForeign: isForeign)
    lists.form = form
    return form
  }

  /// Gives a span to the tags when they can say it.
  func tag(_ index: Int, _ sample: Sample, _ span: TextSpan) -> Bool {
    guard RecordEncoder.isPlain(index, sample.annotations), let rows = lists.spans?.rows(of: span) else { return false }
    if let label = sample.annotations[index].label, labels.withName(label, { $0.isEmpty }) { return false }
    guard lists.rows.place(groups.tagged.count, at: rows) else { return false }
    groups.tagged.append(index)
    groups.taggedRows.append(rows.lowerBound)
    return true
  }

  // MARK: Writing

  /// `["` and `","` as words.
  private static var beginList: UInt64 { 0x22_5B }
  private static var betweenTexts: UInt64 { 0x22_2C_22 }

  /// Appends the list of tokens, and the columns that have no slot of their own.
  func appendLists(_ sample: Sample, _ out: inout ByteBuffer) {
    guard let form = lists.form else { return }
    withListed(sample) { tokens in
      append(0, of: tokens, &out)
      for other in form.others {
        out.append(other.head)
        append(other.column + 1, of: tokens, &out)
      }
    }
  }

  /// Appends the column of a slot; false when it has none.
  func appendColumn(ofSlot slot: Int, _ sample: Sample, _ out: inout ByteBuffer) -> Bool {
    guard lists.isUsed, let column = lists.form?.columnOfSlot[slot], column >= 0 else { return false }
    withListed(sample) { append(column + 1, of: $0, &out) }
    return true
  }

  private func withListed(_ sample: Sample, _ body: (borrowing Tokens) -> Void) {
    if lists.areFound {
      if let tokens = lists.spans?.tokens(of: sample) { body(tokens) }
    } else if let tokens = sample.tokens {
      body(tokens)
    }
  }

  /// Appends one cell of every token as a list.
  private func append(_ cell: Int, of tokens: borrowing Tokens, _ out: inout ByteBuffer) {
    let width = tokens.columns.count &+ 1
    let areNumbers = cell > 0 && lists.form?.areNumbers[cell - 1] == true
    tokens.withCells { memory, cells in
      if areNumbers { return appendNumbers(memory, cells, from: cell, by: width, &out) }
      guard text.isUsual, !text.spaceBehindComma else { return appendEscaped(memory, cells, from: cell, by: width, &out) }
      var size = 0
      var at = cell
      while at < cells.count {
        size &+= Int(cells[at].end &- cells[at].start)
        at &+= width
      }
      // What stands between two texts is stored at once.
      out.write(atMost: JSONPrinter.room(forBytes: size) &+ (cells.count / width) &* 3 &+ 16) { start in
        var printer = JSONPrinter(start)
        printer.print(RecordEncoder.beginList, count: 2)
        var at = cell
        while at < cells.count {
          printer.print(text: Int(cells[at].start)..<Int(cells[at].end), of: memory)
          printer.print(RecordEncoder.betweenTexts, count: 3)
          at &+= width
        }
        // The comma and the quote behind the last one give way.
        printer.place -= 2
        printer.print(UInt8(ascii: "]"))
        return printer.place - start
      }
    }
  }

  /// The same for a column of numbers; what is none is a text.
  private func appendNumbers(
    _ memory: UnsafeBufferPointer<UInt8>, _ cells: UnsafeBufferPointer<Tokens.Extent>, from first: Int, by width: Int,
    _ out: inout ByteBuffer
  ) {
    out.append(UInt8(ascii: "["))
    for at in stride(from: first, to: cells.count, by: width) {
      if at > first { text.comma(&out) }
      let cell = UnsafeBufferPointer(rebasing: memory[Int(cells[at].start)..<Int(cells[at].end)])
      if let byte = cell.first, byte == UInt8(ascii: "-") || byte &- 48 <= 9, RecordText.isBare(cell) {
        out.append(cell)
      } else {
        text.text(cell, &out)
      }
    }
    out.append(UInt8(ascii: "]"))
  }

  /// The same with escapes and spaces of the file's own.
  private func appendEscaped(
    _ memory: UnsafeBufferPointer<UInt8>, _ cells: UnsafeBufferPointer<Tokens.Extent>, from first: Int, by width: Int,
    _ out: inout ByteBuffer
  ) {
    out.append(UInt8(ascii: "["))
    for at in stride(from: first, to: cells.count, by: width) {
      if at > first { text.comma(&out) }
      text.text(UnsafeBufferPointer(rebasing: memory[Int(cells[at].start)..<Int(cells[at].end)]), &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Appends the tag of every token.
  func appendTags(_ sample: Sample, _ form: TokenLists, _ out: inout ByteBuffer) {
    func isSameLabel(_ a: Int, _ b: Int) -> Bool {
      sample.annotations[groups.tagged[a]].label == sample.annotations[groups.tagged[b]].label
    }
    let count = lists.spans?.count ?? 0
    let outside = form.names.isEmpty
    out.append(UInt8(ascii: "["))
    for row in 0..<count {
      if row > 0 { text.comma(&out) }
      guard let entity = lists.rows.entity(at: row) else {
        if outside { out.append("\"O\"") } else { append(tag: [UInt8(ascii: "O")], form, &out) }
        continue
      }
      var tag = [lists.rows.letter(at: row, in: form.scheme, isSameLabel: isSameLabel)]
      if let label = sample.annotations[groups.tagged[entity]].label {
        tag.append(UInt8(ascii: "-"))
        labels.withName(label) { tag.append(contentsOf: $0) }
      }
      append(tag: tag, form, &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  private func append(tag: [UInt8], _ form: TokenLists, _ out: inout ByteBuffer) {
    if !form.names.isEmpty {
      let numbers = lists.numbers ?? Dictionary(form.names.enumerated().map { (Array($1.utf8), $0) }) { first, _ in first }
      lists.numbers = numbers
      if let number = numbers[tag] { return out.append(decimal: number) }
    }
    tag.withUnsafeBufferPointer { text.text($0, &out) }
  }
}
