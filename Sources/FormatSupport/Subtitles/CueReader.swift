import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// Reads a folder of subtitle files, or one: the survey lists the files, decoding reads one at a time.
public struct CueReader: FormatReader {
  private let input: DatasetInput
  private let codec: any CueCodec
  private let encoding: TextEncoding?

  /// A reader over an input.
  public init(_ input: DatasetInput, _ codec: any CueCodec, encoding: TextEncoding?) {
    self.input = input
    self.codec = codec
    self.encoding = encoding
  }

  /// Lists the files; labels are known early only when they are demanded.
  public func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> RecordingIndex {
    var index = try RecordingIndex(input, codec.syntax.format, context)
    if demand.labels {
      let worker = worker(context)
      for position in 0..<index.count {
        try InterruptFlag.check()
        // What is wrong with a file is said when it is decoded.
        guard worker.text.read(position, in: index, as: encoding, nil) else { continue }
        worker.parser.parse(worker.text)
        let labels = worker.text.labels(index.header.labels)
        for (number, cue) in worker.parser.cues.enumerated() { _ = annotation(cue, number, worker, labels, isFull: false) }
      }
      index.header.labelsAreComplete = true
    }
    return index
  }

  private func worker(_ context: ReadContext) -> CueWorker {
    context.scratch.thing(CueWorker.self) { [codec] in CueWorker(codec.syntax) }
  }

  /// Decodes one file.
  public func decode(_ position: Int, in index: RecordingIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard position >= 0, position < index.count else { return nil }
    let worker = worker(context)
    guard worker.text.read(position, in: index, as: encoding, context) else { return nil }
    let text = worker.text.bytes
    if let problem = codec.problem(ofHead: text) {
      worker.text.report(problem.severity, "\(codec.syntax.format.id).\(problem.rule)", problem.message, at: 0..<min(1, text.count))
      if problem.severity == .error { return nil }
    }
    let parser = worker.parser
    parser.parse(worker.text)
    let isBlank = text.allSatisfy { $0 <= 0x20 }
    if parser.cues.isEmpty, !codec.syntax.hasHead, !isBlank { return nil }
    let (name, ending) = index.name(position)
    var sample = Sample(key: name.key, media: Media(name.kind, location: name.key))
    sample.source = worker.text.source
    let labels = worker.text.labels(index.header.labels)
    sample.annotations.reserveCapacity(parser.cues.count)
    for (number, cue) in parser.cues.enumerated() {
      sample.annotations.append(annotation(cue, number, worker, labels, isFull: true))
    }
    sample.preserved = preserved(worker, ending)
    return sample
  }

  /// The annotation of a cue.
  ///
  /// - Parameter isFull: Whether what is kept is wanted as well.
  private func annotation(_ cue: Cue, _ number: Int, _ worker: CueWorker, _ labels: LabelCache, isFull: Bool) -> Annotation {
    let parser = worker.parser
    var facts = CueFacts()
    let made = codec.annotation(cue, number, parser.text, &facts, labels)
    guard isFull else { return made }
    if number > 0 {
      let before = parser.text[cue.before]
      if !before.elementsEqual((parser.lineEnd + parser.lineEnd).utf8) { facts.before = String(decoding: before, as: UTF8.self) }
    }
    worker.scratch.removeAll()
    codec.print(made, cue.start, cue.end, facts, number, parser.lineEnd, labels, into: &worker.scratch, nil)
    let whole = UnsafeRawBufferPointer(rebasing: parser.text[cue.whole])
    if whole.count != worker.scratch.count || !whole.elementsEqual(worker.scratch.bytes) {
      facts.raw = String(decoding: whole, as: UTF8.self)
    }
    var annotation = made
    annotation.preserved = facts.preserved(codec.syntax.format.id)
    return annotation
  }

  /// What stands before the first cue and behind the last, and how lines end.
  private func preserved(_ worker: CueWorker, _ ending: String?) -> Preserved {
    let parser = worker.parser
    var members = ByteBuffer(capacity: 64)
    func add(_ key: StaticString, _ value: String, _ members: inout ByteBuffer) {
      members.append(members.isEmpty ? "\"" : ",\"")
      members.append(key)
      members.append("\":")
      members.appendJSON(value)
    }
    if let ending { add("ending", ending, &members) }
    if worker.text.encoding != .utf8 { add("encoding", worker.text.encoding.name, &members) }
    if parser.lineEnd != "\n" { add("lineEnd", parser.lineEnd, &members) }
    let first = parser.cues.first?.whole.lowerBound ?? parser.text.count
    let head = String(decoding: parser.text[..<first], as: UTF8.self)
    let usual = CueLook(lineEnd: parser.lineEnd).head(codec.syntax, isEmpty: parser.cues.isEmpty)
    if !head.utf8.elementsEqual(usual.utf8) { add("head", head, &members) }
    if !parser.cues.isEmpty {
      let tail = String(decoding: parser.text[parser.end...], as: UTF8.self)
      if !tail.utf8.elementsEqual(parser.lineEnd.utf8) { add("tail", tail, &members) }
    }
    if parser.cues.isEmpty, !members.isEmpty { members.append(",\"bare\":true") }
    if zip(parser.cues, parser.cues.dropFirst()).contains(where: { $1.start < $0.start }) {
      members.append(members.isEmpty ? "\"unsorted\":true" : ",\"unsorted\":true")
    }
    return members.isEmpty ? Preserved() : Preserved(codec.syntax.format.id, members: members.array())
  }
}

extension CueCodec {
  /// The annotation of a cue, without what is kept.
  func annotation(
    _ cue: Cue, _ number: Int, _ text: UnsafeRawBufferPointer, _ facts: inout CueFacts, _ labels: LabelCache
  ) -> Annotation {
    var annotation = Annotation()
    annotation.time = .interval(start: cue.start, end: cue.end)
    if !cue.settings.isEmpty {
      // One space stands before them; with any other white space they are kept as they are.
      let plain = CueLines(text).trimmed(cue.settings)
      let isPlain =
        !plain.isEmpty && plain == (cue.settings.lowerBound + 1)..<cue.settings.upperBound && text[cue.settings.lowerBound] == 0x20
      facts.settings = String(decoding: text[isPlain ? plain : cue.settings], as: UTF8.self)
    }
    var payload: String?
    if !cue.payload.isEmpty {
      payload =
        text[cue.payload].contains(0x0D)
        ? CueLines.withLineFeeds(text, cue.payload) : String(decoding: text[cue.payload], as: UTF8.self)
    }
    let name = cue.name.map { String(decoding: text[$0], as: UTF8.self) }
    decode(name, payload, number, into: &annotation, &facts, labels)
    return annotation
  }
}

extension CueLines {
  /// A text with each line end as one line feed.
  static func withLineFeeds(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      if text[at] == 0x0D {
        bytes.append(0x0A)
        if at + 1 < range.upperBound, text[at + 1] == 0x0A { at += 1 }
      } else {
        bytes.append(text[at])
      }
      at += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// How a file looks beside its cues.
struct CueLook {
  var lineEnd = "\n"
  var head: String?
  var tail: String?
  var isUnsorted = false
  /// Whether the head was a whole file without cues.
  var isBare = false

  /// What stands before the first cue of a new file.
  func head(_ syntax: CueSyntax, isEmpty: Bool) -> String {
    syntax.hasHead ? "WEBVTT" + lineEnd + (isEmpty ? "" : lineEnd) : ""
  }

  init(lineEnd: String) { self.lineEnd = lineEnd }

  /// What a sample keeps.
  init(_ preserved: Preserved, _ format: FormatID) {
    let reader = PreservedReader(preserved, format)
    guard !preserved.isEmpty else { return }
    head = reader.string("head")
    tail = reader.string("tail")
    isBare = reader.value("bare") != nil
    isUnsorted = reader.value("unsorted") != nil
    if let kept = reader.string("lineEnd"), ["\r\n", "\r"].contains(where: { $0.utf8.elementsEqual(kept.utf8) }) { lineEnd = kept }
  }
}

/// A worker's memory for reading subtitles.
final class CueWorker {
  let text = RecordingText()
  let parser: CueParser
  var scratch = ByteBuffer(capacity: 1024)

  init(_ syntax: CueSyntax) { parser = CueParser(syntax) }
}
