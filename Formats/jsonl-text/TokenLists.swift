import WaybillDatasetModel
import WaybillFormatSupport

/// How a file says tokens as lists, column by column, as the datasets of Hugging Face do:
/// `{"tokens": ["Ada", "slept"], "ner_tags": ["B-PER", "O"]}`.
struct TokenLists: Sendable, Equatable {
  /// The key of the tokens.
  var words = "tokens"
  /// The key of the tags; empty where lists of tags are columns as others, nil where the file has none.
  var tags: String?
  /// The scheme the tags follow.
  var scheme = TagScheme.iob2
  /// The tags that numbers stand for, where the tags are numbers.
  var names: [String] = []
  /// Keys that would hold classes elsewhere, and are columns here.
  var columns: [String] = []
  /// Columns whose values are numbers.
  var numeric: [String] = []

  /// Keys that may hold the tokens.
  static let wordKeys = ["tokens", "words"]
  /// Keys that may hold tags, the first that does counting.
  static let tagKeys = ["ner_tags", "ner", "ner_labels", "tags", "labels", "label"]

  /// The key under which tags are looked for.
  var soughtTags: String { tags ?? TokenLists.tagKeys[0] }
  /// The key under which tags are written; nil when spans are written as spans.
  var writtenTags: String? { tags == "" ? nil : tags }

  /// Whether a column can be a list beside the tokens and be found there again; what a file has under the key of tags is one when nobody
  /// can read it.
  func takesColumn(_ name: String, _ layout: RecordLayout, isForeign: Bool) -> Bool {
    let meaning = RecordPlan.meaning(name, layout)
    if !isForeign { return meaning == .tags || meaning == .unknown }
    return meaning == .unknown && !TokenLists.wordKeys.contains(name) && !TokenLists.tagKeys.contains(name)
  }

  // MARK: As JSON

  /// The members of the layout that differ from the usual.
  var json: AttributeValue {
    var members: Attributes = ["tokens": .string(words)]
    if let tags { members["tags"] = .string(tags) }
    if scheme != .iob2 { members["scheme"] = .string(scheme.rawValue) }
    if !names.isEmpty { members["names"] = .list(names.map(AttributeValue.string)) }
    if !columns.isEmpty { members["columns"] = .list(columns.map(AttributeValue.string)) }
    if !numeric.isEmpty { members["numbers"] = .list(numeric.map(AttributeValue.string)) }
    return .object(members)
  }

  init(words: String = "tokens", tags: String? = nil) {
    self.words = words
    self.tags = tags
  }

  /// What JSON says; nil when it says no lists.
  init?(_ json: AttributeValue?) {
    guard case .object(let members)? = json, case .string(let words)? = members["tokens"] else { return nil }
    self.words = words
    if case .string(let tags)? = members["tags"] { self.tags = tags }
    if case .string(let name)? = members["scheme"] { scheme = TagScheme(rawValue: name) ?? .iob2 }
    func list(_ name: String) -> [String] {
      guard case .list(let list)? = members[name] else { return [] }
      return list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    names = list("names")
    columns = list("columns")
    numeric = list("numbers")
  }
}
