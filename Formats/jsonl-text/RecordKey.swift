import WaybillSyntax

/// What a key of a record means.
enum RecordKey: UInt8 {
  case unknown, text, data, id, key, file, location, meta, answer, tokens, tags, joined, order, reserved
  case label, labels, spans, entities, ents, cats, accept, annotations, relations, given

  /// Whether it holds statements about the text.
  var holdsMarks: Bool { rawValue >= RecordKey.label.rawValue }

  /// Whether one text or number alone can be its value.
  var mayBeOne: Bool { self == .label || self == .labels || self == .given }

  /// Whether names with scores can be its value.
  var mayBeScores: Bool { mayBeOne || self == .cats }

  /// The meaning of a key; the layout names the key of the text, and one for labels if it is none of the known ones.
  init(_ key: JSONString, _ layout: RecordLayout) {
    switch key {
    case "text": self = .text
    case "data": self = .data
    case "id": self = .id
    case "_key": self = .key
    case "filename": self = .file
    case "_location": self = .location
    case "meta": self = .meta
    case "answer": self = .answer
    case "tokens": self = .tokens
    case "ner_tags": self = .tags
    case "_joined": self = .joined
    case "_order": self = .order
    case "label": self = .label
    case "labels": self = .labels
    case "spans": self = .spans
    case "entities": self = .entities
    case "ents": self = .ents
    case "cats": self = .cats
    case "accept": self = .accept
    case "annotations": self = .annotations
    case "relations": self = .relations
    case "$form", "$lead", "$zero": self = .reserved
    default: self = .unknown
    }
    guard layout.hasOwnKeys else { return }
    let name = key.makeString()
    if let lists = layout.lists {
      if name == lists.words || name == lists.soughtTags {
        self = name == lists.words ? .tokens : .tags
        return
      }
      if self == .tokens || self == .tags || lists.columns.contains(name) { self = .unknown }
    }
    if name == layout.text {
      self = .text
    } else if self == .text {
      self = .unknown
    } else if name == layout.ownLabels {
      self = .given
    }
  }
}

extension RecordLayout {
  /// A key of labels that is none of the known ones; nil when there is none.
  var ownLabels: String? {
    if !RecordLayout.markKeys.contains(classes) { return classes }
    return RecordLayout.markKeys.contains(spans) ? nil : spans
  }

  /// Whether keys of text, tokens or labels are others than the known ones.
  var hasOwnKeys: Bool {
    text != "text" || ownLabels != nil
      || lists.map { $0.words != "tokens" || $0.soughtTags != TokenLists.tagKeys[0] || !$0.columns.isEmpty } == true
  }
}
