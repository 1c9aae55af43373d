import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How a whole manifest is written: what its lines show, so that records note only where they differ.
struct ManifestLayout: Sendable {
  /// The label attributes, in the order in which they were met.
  var attributes: [LabelAttribute] = []
  /// Order of the keys of a line.
  var keys: [String] = []
  /// White space between the tokens of a line.
  var spacing: JSONSpacing = .none
  /// What ends a line.
  var hasCarriageReturns = false
  /// Whether the last line is ended.
  var endsWithLineFeed = true
  /// Whether the file begins with a byte order mark.
  var hasMark = false
  /// The files of frames.
  var sequences: [SequenceLayout] = []

  /// A layout that says nothing.
  init() {}

  /// The layout a reader left in a header; nil when the samples came from elsewhere.
  init?(_ preserved: Preserved) {
    let members = preserved[GroundTruthFormat.id]
    guard !members.isEmpty else { return nil }
    let text = [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]
    let object = text.withUnsafeBytes { bytes -> Attributes? in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributes()
    }
    guard let object else { return nil }
    if case .list(let list)? = object["attributes"] { attributes = list.compactMap { LabelAttribute($0) } }
    keys = object["keys"].texts
    spacing = object["spacing"].text.flatMap { JSONSpacing(rawValue: $0) } ?? .none
    hasCarriageReturns = object["crlf"] == .boolean(true)
    endsWithLineFeed = object["final-newline"] != .boolean(false)
    hasMark = object["bom"] == .boolean(true)
    if case .list(let list)? = object["sequences"] { sequences = list.compactMap { SequenceLayout($0) } }
  }

  /// The layout as members of the dataset's drawer.
  var members: [UInt8] {
    var out = ByteBuffer(capacity: 1024)
    out.append("\"attributes\":[")
    for (index, attribute) in attributes.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      attribute.append(to: &out)
    }
    out.append("]")
    out.append(",\"keys\":", list: keys)
    if spacing != .none {
      out.append(",\"spacing\":")
      out.appendJSON(spacing.rawValue)
    }
    if hasCarriageReturns { out.append(",\"crlf\":true") }
    if hasMark { out.append(",\"bom\":true") }
    if endsWithLineFeed { out.append(",\"final-newline\":true") } else { out.append(",\"final-newline\":false") }
    if !sequences.isEmpty {
      out.append(",\"sequences\":[")
      for (index, sequence) in sequences.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        sequence.append(to: &out)
      }
      out.append("]")
    }
    return out.array()
  }

  /// The position of an attribute of a name and a task.
  func position(_ name: String, _ task: LabelTask) -> Int? {
    attributes.firstIndex { $0.task == task && $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The attribute an annotation belongs to when it does not name one: the first that takes its task.
  ///
  /// A lone class belongs to an attribute of one class where there is one; several classes never do.
  func home(_ task: LabelTask, _ kind: Media.Kind, isAlone: Bool) -> Int? {
    if task == .single, !isAlone { return attributes.firstIndex { $0.takes(.classes, kind) } }
    if let found = attributes.firstIndex(where: { !$0.isNew && $0.takes(task, kind) }) { return found }
    // One class has room in a list, but not in an attribute nobody has heard of.
    if task == .single, let found = attributes.firstIndex(where: { !$0.isNew && $0.takes(.classes, kind) }) { return found }
    return attributes.firstIndex { $0.takes(task, kind) }
  }

  /// Whether a name belongs to an attribute of another task, or to a key of lines that is none the model knows.
  private func isTaken(_ name: String, by task: LabelTask) -> Bool {
    let own = attributes.filter { $0.name == name }
    return own.contains { $0.task != task } || (own.isEmpty && (keys.contains(name) || keys.contains(name + LabelAttribute.suffix)))
  }

  /// The layout with an attribute for every task, so that encoding never has to invent one.
  func completed(name: String) -> ManifestLayout {
    var layout = self
    let plain: [(LabelTask, String, String)] = [
      (.boxes, "object-detection", "boxes"), (.entities, "text-span", "entities"), (.mask, "semantic-segmentation", "mask"),
      (.classes, "image-classification-multilabel", "classes"), (.classes, "text-classification-multilabel", "classes"),
      (.single, "image-classification", "class"), (.single, "text-classification", "class"),
      (.single, "video-classification", "class"), (.frames, "video-object-tracking", "frames"),
    ]
    for (task, type, word) in plain {
      let type = LabelTask.prefix + type
      let kind = LabelTask.media(ofType: type) ?? .image
      if layout.attributes.contains(where: { $0.takes(task, kind) }) { continue }
      var own = name.isEmpty ? word : "\(name)-\(word)"
      if task == .mask || task == .frames { own += "-ref" }
      while layout.isTaken(own, by: task) { own = "new-" + own }
      var attribute = LabelAttribute(name: own, type: type, task: task)
      attribute.isNew = true
      layout.attributes.append(attribute)
    }
    return layout
  }
}
