import WaybillDatasetModel

/// What a condition asks about.
enum FilterField: Hashable, Sendable {
  // Of the sample.
  case key, path, split, state, media, mediaWidth, mediaHeight, labels, annotations
  // Of the sample, or of the annotation inside any(), all() and count().
  case id
  // Of the sample and of its annotations.
  case text, hard, duration, frame, attribute(String)
  // Of annotations.
  case label, by, confidence, kind, area, aspect, width, height, start, end, track, created
  case difficult, truncated, occluded, crowd, unconfirmed

  /// What its values are.
  enum Values {
    case texts, numbers, times, moments, booleans
    /// Names from a list.
    case choices([String])
    /// Whatever an attribute or an id can be.
    case any
  }

  /// Where its values are found.
  enum Level {
    case sample, annotation
    /// On the sample and its annotations; inside any(), all() and count() on the annotation alone.
    case both
    /// On the sample; inside any(), all() and count() on the annotation.
    case nearest
  }

  /// The fields with a name of their own, in the order of the documentation.
  static let named: [(name: String, field: FilterField)] = [
    ("key", .key), ("path", .path), ("id", .id), ("split", .split), ("state", .state), ("media", .media),
    ("media.width", .mediaWidth), ("media.height", .mediaHeight), ("labels", .labels), ("annotations", .annotations),
    ("label", .label), ("kind", .kind), ("by", .by), ("created", .created), ("confidence", .confidence), ("hard", .hard),
    ("difficult", .difficult), ("truncated", .truncated), ("occluded", .occluded), ("crowd", .crowd), ("unconfirmed", .unconfirmed),
    ("area", .area),
    ("width", .width), ("height", .height), ("aspect", .aspect), ("text", .text), ("duration", .duration), ("start", .start),
    ("end", .end), ("frame", .frame), ("track", .track),
  ]

  /// How it is written.
  var name: String {
    if case .attribute(let name) = self {
      return FilterLiteral.isPlain(name) ? "attr.\(name)" : "attribute[\(FilterLiteral.quoted(name))]"
    }
    return FilterField.named.first { $0.field == self }?.name ?? ""
  }

  /// What its values are.
  var values: Values {
    switch self {
    case .key, .path, .split, .label, .by, .text: .texts
    case .mediaWidth, .mediaHeight, .labels, .annotations, .confidence, .area, .aspect, .width, .height, .frame: .numbers
    case .duration, .start, .end: .times
    case .created: .moments
    case .hard, .difficult, .truncated, .occluded, .crowd, .unconfirmed: .booleans
    case .state: .choices(LabelingState.allCases.map(\.rawValue))
    case .media: .choices(Media.Kind.allCases.map(\.rawValue))
    case .kind: .choices(FilterField.kinds.features.map(\.name))
    case .id, .track, .attribute: .any
    }
  }

  /// Where its values are found.
  var level: Level {
    switch self {
    case .key, .path, .split, .state, .media, .mediaWidth, .mediaHeight, .labels, .annotations: .sample
    case .id: .nearest
    case .text, .hard, .duration, .frame, .attribute: .both
    default: .annotation
    }
  }

  /// Whether values in pixels need the size of the picture where shapes are given as shares of it.
  var needsMediaSize: Bool {
    switch self {
    case .area, .aspect, .width, .height, .mediaWidth, .mediaHeight: true
    default: false
    }
  }

  /// A comparison that makes sense, for messages.
  var example: String {
    switch values {
    case .texts: self == .key || self == .path ? "\(name) like \"street/*\"" : self == .split ? "split = train" : "\(name) = car"
    case .numbers: self == .confidence ? "confidence < 0.5" : "\(name) > 3"
    case .times: "\(name) > 2.5"
    case .moments: "\(name) >= 2026-01-31"
    case .booleans: "\(name) = true"
    case .choices(let names): "\(name) = \(names.first ?? "")"
    case .any: "\(name) = 7"
    }
  }

  /// The features that say what and where an annotation is, which `kind` asks about.
  static let kinds = FeatureSet.places.subtracting([.track]).union([.classification, .caption])
}
