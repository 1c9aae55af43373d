import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Learns from the first records under which keys lists of tokens and of their tags stand.
struct ListObserver {
  /// A list of one record.
  private struct List {
    var count = 0
    /// Whether all values are texts, or all are numbers.
    var areTexts = true
    var areNumbers = true
    /// Whether all values are tags.
    var areTags = true
    var census = TagCensus()
  }

  /// A key that may hold tags.
  private struct Candidate {
    /// Whether it is called like tags of entities and nothing else.
    let isNamedSo: Bool
    /// In how many records it holds tags of entities, or numbers that may stand for them.
    var records = 0
    /// In how many records all tokens are outside of entities.
    var outside = 0
    /// In how many records it holds something else.
    var others = 0
    /// In how many of those it holds as many texts as there are tokens, and the most there are.
    var columns = (count: 0, longest: 0)
    var census = TagCensus()

    /// Whether it holds tags, some of which may be at fault.
    var areTags: Bool {
      if records == 0 { return others == 0 && outside > 0 }
      return isNamedSo || records >= others
    }
    /// Whether most of what it holds besides is a column of the tokens, which one text alone would not show.
    var isColumn: Bool { !areTags && columns.count * 2 > records + outside + others && columns.longest > 1 }
  }

  private let asked: String
  private let names: [String]
  private var words: String?
  private var candidates: [String: Candidate] = [:]
  /// Whether all values of a column were numbers so far, by its name.
  private var numeric: [(name: String, areNumbers: Bool)] = []
  private var current: [String: List] = [:]

  /// An observer; `tags` names the key of the tags, "none" says that there are none; `names` are what numbers stand for.
  init(tags: String, names: [String]) {
    asked = tags
    self.names = names
  }

  /// Whether a key may be that of the tags.
  private func mayBeTags(_ name: String) -> Bool {
    asked.isEmpty || asked == "none" ? TokenLists.tagKeys.contains(name) : name == asked
  }

  /// Looks at the value the scanner stands on, which is left there.
  mutating func note(_ name: String, _ scanner: inout JSONScanner) throws(JSONFault) {
    guard try scanner.peekKind() == .array else { return }
    let start = scanner.offset
    var list = List()
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      list.count += 1
      switch try scanner.peekKind() {
      case .string:
        list.areNumbers = false
        let text = try scanner.string()
        // The labels of tags lie in the record until the census has seen all of them; one with escapes is seen without.
        if list.areTags { list.census.take(text.raw) }
        if list.census.strangers > 0 { list.areTags = false }
      case .number:
        list.areTexts = false
        list.areTags = false
        try scanner.skipValue()
      default:
        (list.areTexts, list.areNumbers, list.areTags) = (false, false, false)
        try scanner.skipValue()
      }
    }
    list.census.endSentence()
    scanner.offset = start
    current[name] = list
  }

  /// Puts together what was seen in a record.
  mutating func endRecord(hasText: Bool) {
    defer { current.removeAll(keepingCapacity: true) }
    // Words without a text are the tokens of one; beside a text they may be anything.
    let found = TokenLists.wordKeys.first {
      guard let list = current[$0] else { return false }
      return list.count > 0 && list.areTexts && ($0 == "tokens" || !hasText)
    }
    guard let found, let tokens = current[found] else { return }
    if words == nil { words = found }
    for (name, list) in current.sorted(by: { $0.key < $1.key }) where !TokenLists.wordKeys.contains(name) {
      if list.count == tokens.count, list.areNumbers || list.areTexts { note(name, areNumbers: list.areNumbers) }
      guard mayBeTags(name) else { continue }
      var candidate = candidates[name] ?? Candidate(isNamedSo: name.hasPrefix("ner"))
      let areTags = list.areTexts ? list.areTags : list.areNumbers
      if list.count == tokens.count, areTags {
        if list.areNumbers || list.census.entityTags > 0 { candidate.records += 1 } else { candidate.outside += 1 }
        candidate.census.add(list.census)
      } else {
        candidate.others += 1
        if list.count == tokens.count, list.areTexts {
          candidate.columns = (candidate.columns.count + 1, max(candidate.columns.longest, list.count))
        }
      }
      candidates[name] = candidate
    }
  }

  private mutating func note(_ name: String, areNumbers: Bool) {
    guard let known = numeric.firstIndex(where: { $0.name == name }) else {
      if numeric.count < LayoutObserver.nameLimit { numeric.append((name, areNumbers)) }
      return
    }
    if !areNumbers { numeric[known].areNumbers = false }
  }

  /// A key that is called like one of tags, and holds none that can be read, where nothing else says spans; nil where there is none.
  func unread(hasSpans: Bool) -> String? {
    guard words != nil, asked.isEmpty, !hasSpans else { return nil }
    return TokenLists.tagKeys.first { key in
      candidates[key].map { !$0.areTags && (key.hasPrefix("ner") || (key.hasPrefix("label") && $0.isColumn)) } ?? false
    }
  }

  /// The lists that the records show; nil when they show none.
  ///
  /// - Parameter hasSpans: Whether records also have spans, which say what tags beside them say once more.
  func finish(hasSpans: Bool) -> TokenLists? {
    guard let words else { return nil }
    var lists = TokenLists(words: words)
    lists.names = names
    lists.numeric = numeric.filter(\.areNumbers).map(\.name)
    let hasNoTags = asked == "none" || (hasSpans && asked.isEmpty)
    lists.columns = ["labels", "label"].filter { key in candidates[key].map { $0.isColumn || (hasNoTags && $0.areTags) } ?? false }
    if hasNoTags {
      lists.tags = ""
      return lists
    }
    if !asked.isEmpty {
      lists.tags = asked
    } else {
      lists.tags = TokenLists.tagKeys.first { candidates[$0]?.areTags ?? false }
      // Where the usual key holds something else, that is a column.
      if lists.tags == nil, candidates[TokenLists.tagKeys[0]] != nil { lists.tags = "" }
    }
    if let tags = lists.tags { lists.scheme = candidates[tags]?.census.scheme ?? .iob2 }
    return lists
  }
}
