import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// Learns the habits of a file from its first records.
struct LayoutObserver {
  /// How many records are looked at.
  static let recordLimit = 64
  /// How many keys, and names of scores, are remembered.
  static let nameLimit = 256

  private(set) var layout: RecordLayout
  private let asksForTexts: Bool?
  private var orders: [(keys: [String], count: Int)] = []
  private var presence: [String: Int] = [:]
  private var empties: Set<String> = []
  private var records = 0
  private var escape: Bool?
  /// Texts in lists of labels: how many there are, and how many look like sentences.
  private var texts: [String: (all: Int, sentences: Int)] = [:]
  private var tripleKey: String?
  private var objectKey: String?
  private var listKey: String?
  private var singleKey: String?
  /// How often one class stands alone, and how often in a list of one.
  private var ones = (alone: 0, listed: 0)
  private var scoreKey: String?
  private var spanKeys = NameOrder()
  private var relationKeys = NameOrder()
  private var tokenKeys: [String] = []
  private var lists: ListObserver
  /// Whether spans stand where nothing else is: not among what fits nowhere else.
  private var hasSpans = false
  private var scoreNames = NameOrder()
  private var numbers: Bool?
  private var spaces: (colon: Bool?, comma: Bool?)

  /// An observer; `texts` says whether lists of texts are texts about the text, nil to see for itself; `tags` names the key of tags, and
  /// `names` the tags that numbers stand for.
  init(text: String, label: String, texts: Bool?, tags: String = "", names: [String] = []) {
    layout = RecordLayout(.plain)
    layout.lists = nil
    lists = ListObserver(tags: tags, names: names)
    if !text.isEmpty { layout.text = text }
    if !label.isEmpty { layout.classes = label }
    asksForTexts = texts
  }

  /// Looks at a record.
  mutating func note(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    var copy = self
    guard (try? copy.walk(bytes, range)) != nil else { return }
    self = copy
  }

  private mutating func walk(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(JSONFault) {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    guard try scanner.peekKind() == .object else { return }
    var keys: [String] = []
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      noteSpaces(bytes, range, scanner.offset(of: key), key.raw.count + 2, scanner.offset)
      guard keys.count < LayoutObserver.nameLimit, key.raw.count < 200 else {
        try scanner.skipValue()
        continue
      }
      let name = key.makeString()
      keys.append(name)
      presence[name, default: 0] += 1
      let meaning = RecordKey(key, layout)
      if meaning == .data, layout.text == "text", presence["text"] == nil { layout.text = "data" }
      if meaning == .text, name == "text", layout.text == "data" { layout.text = "text" }
      let start = scanner.offset
      try lists.note(name, &scanner)
      if meaning.holdsMarks { try marks(name, meaning, &scanner) } else if meaning == .tokens { try tokens(&scanner) }
      scanner.offset = start
      let value = try scanner.skipValue()
      if isEmpty(bytes, value) { empties.insert(name) }
    }
    records += 1
    lists.endRecord(hasText: keys.contains(layout.text))
    if let known = orders.firstIndex(where: { $0.keys == keys }) { orders[known].count += 1 } else { orders.append((keys, 1)) }
    noteEscapes(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  private func isEmpty(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) -> Bool {
    value.count == 2 && (bytes[value.lowerBound] == UInt8(ascii: "[") || bytes[value.lowerBound] == UInt8(ascii: "{"))
  }

  private mutating func noteSpaces(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ key: Int, _ length: Int, _ value: Int) {
    if spaces.colon == nil { spaces.colon = value > key + length + 1 }
    if spaces.comma == nil, key - 2 >= range.lowerBound, bytes[key - 1] != UInt8(ascii: "{") {
      if bytes[key - 1] == UInt8(ascii: ",") { spaces.comma = false }
      if bytes[key - 1] == 0x20, bytes[key - 2] == UInt8(ascii: ",") { spaces.comma = true }
    }
  }

  private mutating func noteEscapes(_ record: UnsafeRawBufferPointer) {
    var at = 0
    while at + 1 < record.count {
      let byte = record[at]
      if byte >= 0x80, escape == nil { escape = false }
      if byte == UInt8(ascii: "\\") {
        if record[at + 1] == UInt8(ascii: "/") { layout.escapesSlash = true }
        if record[at + 1] == UInt8(ascii: "u"), escape == nil, at + 5 < record.count,
          record[at + 2] != 48 || record[at + 3] != 48 || record[at + 4] >= 56
        {
          escape = true
        }
        at += 1
      }
      at += 1
    }
  }

  // MARK: Statements about the text

  private mutating func marks(_ name: String, _ meaning: RecordKey, _ scanner: inout JSONScanner) throws(JSONFault) {
    switch try scanner.peekKind() {
    case .null: return
    case .string, .number, .boolean:
      if meaning.mayBeOne {
        noteNumber(try scanner.peekKind())
        if singleKey == nil { singleKey = name }
        ones.alone += 1
      }
    case .object:
      guard meaning.mayBeScores else { return }
      if scoreKey == nil { scoreKey = name }
      var names: [String] = []
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        if names.count < LayoutObserver.nameLimit { names.append(key.makeString()) }
        let value = try scanner.skipValue()
        noteScore(scanner.bytes(from: value.lowerBound, to: value.upperBound))
      }
      scoreNames.add(names)
    case .array:
      var progress = try scanner.beginArray()
      var count = 0
      while try scanner.nextElement(&progress) {
        try element(name, meaning, &scanner)
        count += 1
      }
      if count == 1, name == listKey { ones.listed += 1 }
    }
  }

  private mutating func noteNumber(_ kind: JSONKind) { if numbers == nil { numbers = kind != .string } }

  private mutating func noteScore(_ value: UnsafeRawBufferPointer) {
    guard value.count > 2, value[value.count - 1] == 48, value[value.count - 2] == UInt8(ascii: ".") else { return }
    layout.scoresHavePoint = true
  }

  private mutating func element(_ name: String, _ meaning: RecordKey, _ scanner: inout JSONScanner) throws(JSONFault) {
    let kind = try scanner.peekKind()
    let start = scanner.offset
    switch kind {
    case .string, .number, .boolean:
      noteNumber(kind)
      if listKey == nil { listKey = name }
      if kind == .string, meaning.mayBeOne { noteText(name, try scanner.string().makeString()) }
    case .array:
      if tripleKey == nil { tripleKey = name }
      hasSpans = hasSpans || meaning != .annotations
      var progress = try scanner.beginArray()
      var index = 0
      while try scanner.nextElement(&progress) {
        if index == 2 { noteNumber(try scanner.peekKind()) }
        try scanner.skipValue()
        index += 1
      }
    case .object:
      var keys: [String] = []
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        if key.raw.count < 200, keys.count < LayoutObserver.nameLimit { keys.append(key.makeString()) }
        if key == "label" { noteNumber(try scanner.peekKind()) }
        let value = try scanner.skipValue()
        if key == "score" { noteScore(scanner.bytes(from: value.lowerBound, to: value.upperBound)) }
      }
      if meaning == .relations {
        if keys.contains("from_id") { relationKeys.add(keys) }
      } else if keys.contains("start") || keys.contains("start_offset") {
        if objectKey == nil { objectKey = name }
        hasSpans = hasSpans || meaning != .annotations
        spanKeys.add(keys)
      }
    case .null: break
    }
    scanner.offset = start
    try scanner.skipValue()
  }

  private mutating func noteText(_ name: String, _ text: String) {
    var counts = texts[name] ?? (0, 0)
    counts.all += 1
    let end = text.unicodeScalars.reversed().first { !$0.properties.isWhitespace }
    if text.utf8.contains(0x0A) || text.utf8.count > 200 || end.map({ ".!?…。！？".unicodeScalars.contains($0) }) == true {
      counts.sentences += 1
    }
    texts[name] = counts
  }

  private mutating func tokens(_ scanner: inout JSONScanner) throws(JSONFault) {
    guard tokenKeys.isEmpty, try scanner.peekKind() == .array else { return }
    var list = try scanner.beginArray()
    guard try scanner.nextElement(&list), try scanner.peekKind() == .object else { return }
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let name = key.makeString()
      if RecordLayout(.prodigy).tokenKeys.contains(name) { tokenKeys.append(name) }
      try scanner.skipValue()
    }
  }

  // MARK: What was learnt

  /// A key that is called like one of tags, and holds none that can be read; nil where there is none.
  var unreadTags: String? { lists.unread(hasSpans: hasSpans) }

  /// The layout the records show.
  mutating func finish() -> RecordLayout {
    orders.sort { $0.count > $1.count }
    var keys = NameOrder()
    for order in orders { keys.add(order.keys) }
    let lists = lists.finish(hasSpans: hasSpans)
    forgetTags(lists)
    let usual = RecordLayout(lists.map { $0.writtenTags == nil ? .plain : .huggingface } ?? dialect(keys.names))
    layout.dialect = usual.dialect
    layout.lists = lists ?? usual.lists
    layout.keys = records == 0 ? usual.keys : keys.names
    layout.always = keys.names.filter { empties.contains($0) && presence[$0] == records }
    if let listed = texts.first(where: { isTexts($0.value) }) { layout.texts = listed.key }
    (layout.spans, layout.spanForm, layout.spanKeys) = (usual.spans, usual.spanForm, usual.spanKeys)
    if let objectKey {
      (layout.spans, layout.spanForm, layout.spanKeys) = (objectKey, .objects, spanKeys.names)
    } else if let tripleKey {
      (layout.spans, layout.spanForm) = (tripleKey, .triples)
    }
    let own = layout.ownLabels
    // A list is also how several classes are written where one stands alone.
    let standsAlone = singleKey != nil && ones.alone > ones.listed
    let classes = (standsAlone ? [singleKey, listKey, scoreKey] : [listKey, singleKey, scoreKey]).compactMap { $0 }
      .first { $0 != layout.texts }
    layout.classes = classes ?? own.flatMap { $0 == layout.spans ? nil : $0 } ?? usual.classes
    layout.classForm =
      switch classes {
      case nil: usual.classForm
      case singleKey where standsAlone || listKey != singleKey: .single
      case listKey: .list
      default: .scores
      }
    layout.relationKeys = relationKeys.names.isEmpty ? usual.relationKeys : relationKeys.names
    layout.tokenKeys = tokenKeys.isEmpty ? usual.tokenKeys : tokenKeys
    layout.scoreNames = scoreNames.names
    layout.labelsAreNumbers = numbers ?? false
    layout.spaceBehindColon = spaces.colon ?? usual.spaceBehindColon
    layout.spaceBehindComma = spaces.comma ?? layout.spaceBehindColon
    layout.isASCII = escape ?? false
    return layout
  }

  /// Forgets what lists of tags, and of columns, looked like before they were known as such.
  private mutating func forgetTags(_ lists: TokenLists?) {
    for key in (lists?.columns ?? []) + [lists?.writtenTags].compactMap({ $0 }) {
      if listKey == key {
        listKey = nil
        numbers = nil
      }
      texts[key] = nil
    }
  }

  private func isTexts(_ counts: (all: Int, sentences: Int)) -> Bool {
    asksForTexts ?? (counts.sentences * 2 > counts.all)
  }

  private func dialect(_ keys: [String]) -> RecordLayout.Dialect {
    let known = Set(keys)
    func has(_ names: String...) -> Bool { names.contains(where: known.contains) }
    if has("_input_hash", "_task_hash", "_view_id", "answer", "accept", "options", "tokens") { return .prodigy }
    if has("relations", "annotations", "Comments", "labels") { return .doccano }
    if scoreKey == "cats" || (tripleKey == "entities" && listKey == nil) { return .spacy }
    if tripleKey != nil || has("entities", "data") || (listKey != nil && ones.alone <= ones.listed) { return .doccano }
    if has("spans", "meta") { return .prodigy }
    return .plain
  }
}

/// An order of names put together from the orders of records.
struct NameOrder {
  private(set) var names: [String] = []

  /// Adds the names that are new, each after the name before it.
  mutating func add(_ added: [String]) {
    var previous: Int?
    for name in added {
      if let known = names.firstIndex(of: name) {
        previous = known
      } else if names.count < LayoutObserver.nameLimit {
        let at = previous.map { $0 + 1 } ?? 0
        names.insert(name, at: at)
        previous = at
      }
    }
  }
}
