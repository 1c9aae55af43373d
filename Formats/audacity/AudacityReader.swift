import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a folder of label tracks, or one: the survey lists the files, decoding reads one at a time.
struct AudacityReader: FormatReader {
  let input: DatasetInput
  /// The encoding of files without a mark.
  let encoding: TextEncoding?
  /// Whether the text of a label is what is said, rather than a class.
  let holdsTexts: Bool

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> RecordingIndex {
    let input = input
    var index = try RecordingIndex(input, AudacityFormat.files, context) { path in
      guard let head = try? input.files.readHead(joinedPath(input.path, path), count: 4096) else { return false }
      return !AudacityFormat.mayBeTrack(RecordingFormat.text(head))
    }
    if demand.labels {
      let worker = context.scratch.thing(AudacityWorker.self) { AudacityWorker() }
      for position in 0..<index.count where !holdsTexts {
        try InterruptFlag.check()
        // What is wrong with a file is said when it is decoded.
        guard worker.text.read(position, in: index, as: encoding, nil) else { continue }
        let text = worker.text.bytes
        worker.parser.parse(text) { _, _, _, _ in }
        let labels = worker.text.labels(index.header.labels)
        for row in worker.parser.rows where !row.label.isEmpty {
          _ = labels.intern(UnsafeRawBufferPointer(rebasing: text[row.label]).assumingMemoryBound(to: UInt8.self))
        }
      }
      index.header.labelsAreComplete = true
    }
    return index
  }

  func decode(_ position: Int, in index: RecordingIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard position >= 0, position < index.count else { return nil }
    let worker = context.scratch.thing(AudacityWorker.self) { AudacityWorker() }
    guard worker.text.read(position, in: index, as: encoding, context) else { return nil }
    let text = worker.text.bytes
    let parser = worker.parser
    parser.parse(text) { worker.text.report($0, $1, $2, at: $3) }
    let labels = worker.text.labels(index.header.labels)
    let (name, ending) = index.name(position)
    var sample = Sample(key: name.key, media: Media(name.kind, location: name.key))
    sample.source = worker.text.source
    sample.annotations.reserveCapacity(parser.rows.count)
    for row in parser.rows { sample.annotations.append(annotation(row, text, labels)) }
    sample.preserved = AudacityFacts.preserved(
      parser.form, ending: ending, encoding: worker.text.encoding)
    return sample
  }

  private func annotation(_ row: AudacityRow, _ text: UnsafeRawBufferPointer, _ labels: LabelCache) -> Annotation {
    var annotation = Annotation()
    let content = UnsafeRawBufferPointer(rebasing: text[row.label]).assumingMemoryBound(to: UInt8.self)
    if !content.isEmpty {
      if holdsTexts {
        annotation.text = String(decoding: content, as: UTF8.self)
      } else {
        annotation.label = labels.intern(content)
      }
    }
    annotation.time = row.start == row.end ? .instant(row.start) : .interval(start: row.start, end: row.end)
    if let frequencies = row.frequencies { annotation.attributes = AudacityFacts.attributes(frequencies) }
    if !row.isPlain {
      var json = ByteBuffer(capacity: 128)
      json.append("\"row\":")
      json.appendJSON(String(decoding: text[row.range], as: UTF8.self))
      annotation.preserved = Preserved(AudacityFormat.id, members: json.array())
    }
    return annotation
  }
}

/// A worker's memory for reading label tracks.
final class AudacityWorker {
  let text = RecordingText()
  let parser = AudacityParser()
}

/// What is kept of a file beside its labels, and how frequencies lie in attributes.
enum AudacityFacts {
  static let low = "low_frequency"
  static let high = "high_frequency"

  /// A range of frequencies as attributes; whole numbers are whole.
  static func attributes(_ frequencies: (low: Double, high: Double)) -> Attributes {
    func value(_ number: Double) -> AttributeValue {
      number == number.rounded() && number.magnitude < 9e15 ? .integer(Int64(number)) : .number(number)
    }
    var attributes = Attributes()
    attributes.items = [.init(name: low, value: value(frequencies.low)), .init(name: high, value: value(frequencies.high))]
    return attributes
  }

  /// The range of frequencies among attributes, and whether they say anything else.
  static func frequencies(_ attributes: Attributes) -> (range: (low: Double, high: Double)?, hasOthers: Bool) {
    func number(_ name: String) -> Double? {
      switch attributes[name] {
      case .integer(let value): Double(value)
      case .number(let value) where value.isFinite: value
      default: nil
      }
    }
    guard let low = number(low), let high = number(high) else { return (nil, !attributes.isEmpty) }
    return ((low, high), attributes.items.count > 2)
  }

  /// How a file looks, as preserved fields of its sample.
  static func preserved(_ form: AudacityForm, ending: String?, encoding: TextEncoding) -> Preserved {
    var json = ByteBuffer(capacity: 128)
    func add(_ key: StaticString, _ value: (inout ByteBuffer) -> Void) {
      json.append(json.isEmpty ? "\"" : ",\"")
      json.append(key)
      json.append("\":")
      value(&json)
    }
    if let ending { add("ending") { $0.appendJSON(ending) } }
    if encoding != .utf8 { add("encoding") { $0.appendJSON(encoding.name) } }
    if form.hasCarriageReturns { add("crlf") { $0.append("true") } }
    if !form.endsWithLineFeed { add("final-newline") { $0.append("false") } }
    if form.hasCommas { add("comma") { $0.append("true") } }
    if !form.blanks.isEmpty {
      add("blank") { out in
        for (number, blank) in form.blanks.enumerated() {
          out.append(number == 0 ? "[{\"at\":" : ",{\"at\":")
          out.append(decimal: blank.place)
          if !blank.text.isEmpty {
            out.append(",\"text\":")
            out.appendJSON(blank.text)
          }
          out.append("}")
        }
        out.append("]")
      }
    }
    return Preserved(AudacityFormat.id, members: json.array())
  }

  /// How an earlier reading found a file.
  static func form(_ preserved: Preserved) -> AudacityForm {
    var form = AudacityForm()
    guard !preserved.isEmpty else { return form }
    PreservedReader(preserved, AudacityFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let value = try? scanner.attributeValue() else { return }
      switch (key.makeString(), value) {
      case ("crlf", .boolean(let isTrue)): form.hasCarriageReturns = isTrue
      case ("final-newline", .boolean(let isTrue)): form.endsWithLineFeed = isTrue
      case ("comma", .boolean(let isTrue)): form.hasCommas = isTrue
      case ("blank", .list(let items)):
        for case .object(let members) in items {
          guard case .integer(let place)? = members["at"], let place = Int(exactly: max(0, place)) else { continue }
          var text = ""
          if case .string(let given)? = members["text"], given.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            text = given
          }
          form.blanks.append((place, text))
        }
      default: break
      }
    }
    return form
  }
}
