import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Writes the rows of one recording.
struct RTTMRowWriter {
  private let id: String
  private let dialect: RTTMDialect
  private let joinsWords: Bool
  private let sample: Sample
  private let context: EncodeContext
  /// Whether the recording can be named in a row.
  private(set) var hasName = true
  /// Whether something could not be written.
  private(set) var hasFailed = false

  init(id: String, dialect: RTTMDialect, joinsWords: Bool, sample: Sample, context: EncodeContext) {
    self.dialect = dialect
    self.joinsWords = joinsWords
    self.sample = sample
    self.context = context
    self.id = joinsWords ? RTTMRowWriter.joined(id) : id
    if !RTTMRowWriter.isWord(self.id) || self.id.utf8.first == UInt8(ascii: ";") {
      hasName = false
      report(
        "rttm.write.name",
        "The recording \"\(terminalSafe(sample.key))\" cannot be named in a row; --to rttm:spaces=underscore joins words"
      )
    }
    if let location = sample.media.location, location != sample.key, location != id {
      context.diagnostics.report(
        .warning, "rttm.write.location",
        "A recording has one name in RTTM: \"\(terminalSafe(sample.key))\" is written, and its location \"\(terminalSafe(location))\" is not",
        at: sample.source)
    }
  }

  /// Whether a text can be a field: it is not empty, has no white space and is not the mark for nothing.
  static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text != "<NA>" && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }

  /// A text with an underscore in the place of each white space.
  static func joined(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 <= 0x20 ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }

  private func report(_ rule: String, _ message: String) {
    context.diagnostics.report(.error, rule, message, at: sample.source)
  }

  /// Appends the row of an annotation.
  mutating func append(_ annotation: Annotation, to out: inout ByteBuffer) {
    if annotation.hasRareAnswers, !annotation.preserved.isEmpty, let row = sameRow(annotation) {
      out.append(row)
      dialect.appendLineEnd(to: &out)
      return
    }
    RTTMRowWriter.noteLosses(annotation, context, joinsWords: joinsWords)
    let start = out.count
    if !appendRow(annotation, to: &out) {
      out.truncate(to: start)
      hasFailed = true
    }
  }

  private func appendRow(_ annotation: Annotation, to out: inout ByteBuffer) -> Bool {
    let attributes = annotation.attributes
    let text = annotation.text.flatMap { RTTMRowWriter.isWord($0) ? $0 : nil }
    let gap = dialect.separator
    out.append(RTTMRowWriter.word(attributes, "type").flatMap(RTTMRowWriter.type) ?? (text == nil ? "SPEAKER" : "LEXEME"))
    out.append(gap)
    out.append(id)
    out.append(gap)
    out.append(RTTMRowWriter.word(attributes, "channel") ?? "1")
    out.append(gap)
    guard appendTime(annotation, gap, to: &out) else { return false }
    out.append(gap)
    out.append(text ?? "<NA>")
    out.append(gap)
    out.append(RTTMRowWriter.word(attributes, "subtype") ?? "<NA>")
    out.append(gap)
    guard appendLabel(annotation, to: &out) else { return false }
    out.append(gap)
    if let confidence = annotation.confidence {
      guard confidence.isFinite else {
        report("rttm.write.number", "A confidence of \"\(terminalSafe(sample.key))\" is not finite")
        return false
      }
      out.append(confidence)
    } else {
      out.append("<NA>" as StaticString)
    }
    let lookahead = RTTMRowWriter.word(attributes, "lookahead")
    if dialect.fields == 10 || lookahead != nil {
      out.append(gap)
      out.append(lookahead ?? "<NA>")
    }
    dialect.appendLineEnd(to: &out)
    return true
  }

  /// Appends a record that only names the recording, for one in which nothing was found would be gone.
  func appendName(to out: inout ByteBuffer) {
    var fields = ["SPKR-INFO", id, "1", "<NA>", "<NA>", "<NA>", "unknown", "<NA>", "<NA>"]
    if dialect.fields == 10 { fields.append("<NA>") }
    for (number, field) in fields.enumerated() {
      if number > 0 { out.append(dialect.separator) }
      out.append(field)
    }
    dialect.appendLineEnd(to: &out)
  }

  private func appendTime(_ annotation: Annotation, _ gap: UInt8, to out: inout ByteBuffer) -> Bool {
    switch annotation.time {
    case .interval(let start, let end):
      guard let duration = start.distance(to: end), duration.units >= 0 else {
        report(
          "rttm.write.time",
          "An interval of \"\(terminalSafe(sample.key))\" from \(start.text) to \(end.text) has no duration that can be written")
        return false
      }
      out.append(seconds: start)
      out.append(gap)
      out.append(seconds: duration)
    case .instant(let moment):
      out.append(seconds: moment)
      out.append(gap)
      out.append("<NA>" as StaticString)
    case .frame, nil:
      report("rttm.write.no-time", "An annotation of \"\(terminalSafe(sample.key))\" has no time; a row has one")
      return false
    }
    return true
  }

  private func appendLabel(_ annotation: Annotation, to out: inout ByteBuffer) -> Bool {
    guard let label = annotation.label else {
      out.append("<NA>" as StaticString)
      return true
    }
    let first = out.count
    context.labels.withName(label) { out.append($0) }
    let written = UnsafeRawBufferPointer(rebasing: out.bytes[first...])
    if !written.isEmpty, written.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), written.count != 4 || !written.elementsEqual("<NA>".utf8)
    {
      return true
    }
    let name = out.string(from: first)
    out.truncate(to: first)
    let joined = RTTMRowWriter.joined(name)
    guard joinsWords, RTTMRowWriter.isWord(joined) else {
      report(
        "rttm.write.label",
        "The label \"\(terminalSafe(name))\" cannot be a field of a row; --to rttm:spaces=underscore joins words")
      return false
    }
    out.append(joined)
    return true
  }

  /// The value of an attribute that has a field of its own.
  private static func word(_ attributes: Attributes, _ name: String) -> String? {
    switch attributes.isEmpty ? nil : attributes[name] {
    case .string(let text): isWord(text) ? text : nil
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  private static func type(_ name: String) -> String? { RTTMType.names.contains(name) ? name : nil }

  /// Tells what a row cannot hold: words with white space, and attributes without a field.
  static func noteLosses(_ annotation: Annotation, _ context: EncodeContext, joinsWords: Bool) {
    if joinsWords, let label = annotation.label, let name = context.labels.label(label)?.name, !isWord(name), isWord(joined(name)) {
      context.losses.append(EncodingLoss(.label, isApproximated: true))
    }
    guard annotation.hasRareAnswers else { return }
    if let text = annotation.text, !isWord(text) { context.losses.append(EncodingLoss(.text, isApproximated: false)) }
    let attributes = annotation.attributes
    guard !attributes.isEmpty else { return }
    var isApproximated = false
    for item in attributes.items {
      switch item.name {
      case "type", "channel", "subtype", "lookahead":
        guard let word = word(attributes, item.name), item.name != "type" || type(word) != nil else {
          return context.losses.append(EncodingLoss(.attributes, isApproximated: false))
        }
        if item.value != .string(word) || (item.name == "channel" && word == "1") { isApproximated = true }
      default: return context.losses.append(EncodingLoss(.attributes, isApproximated: false))
      }
    }
    if isApproximated { context.losses.append(EncodingLoss(.attributes, isApproximated: true)) }
  }

  /// The row an annotation was read from, when it still says the same.
  private func sameRow(_ annotation: Annotation) -> [UInt8]? {
    guard let text = PreservedReader(annotation.preserved, RTTMFormat.id).string("row"), !text.utf8.contains(0x0A) else {
      return nil
    }
    let row = Array(text.utf8)
    let scratch = context.scratch.thing(RTTMCheck.self) { RTTMCheck() }
    let labels = scratch.labels
    return row.withUnsafeBufferPointer { line in
      let fields = RTTMRow(line)
      var said = Annotation()
      guard !RTTMRow.isRemark(line), RTTMType.name(fields.type) != nil, id.withBytes({ $0.holdsSameBytes(as: fields.recording) }),
        scratch.decoder.read(
          fields, line, fields: dialect.fields, separator: dialect.separator, labels: labels, into: &said, { _, _, _, _ in })
          == .annotation
      else { return nil }
      let name = said.label.flatMap { labels.label($0)?.name }
      let expected = annotation.label.flatMap { context.labels.label($0)?.name }
      guard name.map(ExactText.init) == expected.map(ExactText.init), said.time == annotation.time, said.text == annotation.text,
        said.confidence == annotation.confidence, said.attributes == annotation.attributes
      else { return nil }
      return row
    }
  }
}

/// A worker's decoder for checking kept rows.
private final class RTTMCheck {
  var decoder = RTTMDecoder()
  let labels = LabelCache(LabelTable())
}
