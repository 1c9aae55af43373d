import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Puts one sample together as a line.
struct NativeLine {
  let labels: LabelTexts
  /// What could not be written; nil while everything could.
  private(set) var problems: DiagnosticList?
  /// The sum of zero times each number written: not a number when one of them is not finite.
  var finite = 0.0
  /// Where the moment and the confidence of the annotation written last stand.
  var gaps = WrittenAnnotations.Gaps()

  init(labels: LabelTexts) { self.labels = labels }

  /// Appends a sample; what cannot be written is reported and left out.
  mutating func append(_ sample: Sample, to out: inout ByteBuffer) {
    let start = out.count
    out.append("{\"key\":")
    out.appendJSON(sample.key)
    if let id = sample.id {
      out.append(",\"id\":")
      out.append(json: id)
    }
    append(sample.media, to: &out)
    if let split = sample.split {
      out.append(",\"split\":")
      out.appendJSON(split)
    }
    if let hard = sample.hard { append(hard, ",\"hard\":", to: &out) }
    if !sample.annotations.isEmpty {
      out.append(",\"annotations\":[")
      let list = out.count
      let before = finite
      // Through a buffer, so that no annotation is copied.
      sample.annotations.withUnsafeBufferPointer { annotations in
        guard var next = annotations.baseAddress else { return }
        for _ in annotations.indices {
          let mark = out.count
          if mark != list { out.append(UInt8(ascii: ",")) }
          if let problem = append(next, to: &out) {
            out.truncate(to: mark)
            report(problem, next.pointee, sample)
          }
          next += 1
        }
      }
      finite = before
      out.append(UInt8(ascii: "]"))
    }
    if let tokens = sample.tokens { append(tokens, to: &out) }
    if !sample.attributes.isEmpty {
      out.append(",\"attributes\":")
      note(sample.attributes)
      out.appendKinds(of: sample.attributes)
    }
    if !sample.preserved.isEmpty {
      out.append(",\"preserved\":")
      out.append(json: sample.preserved)
    }
    out.append("}\n")
    if finite != 0 {
      out.truncate(to: start)
      report(NativeLine.notFinite, "the sample \"\(terminalSafe(sample.key))\"", at: sample.source)
    }
  }

  private mutating func report(_ problem: Problem, _ annotation: Annotation, _ sample: Sample) {
    let name = annotation.id.map { "annotation \(terminalSafe($0.description))" } ?? "an annotation"
    report(problem, "\(name) of the sample \"\(terminalSafe(sample.key))\"", at: sample.source)
  }

  private mutating func report(_ problem: Problem, _ record: String, at place: SourceRange?) {
    var list = problems ?? DiagnosticList()
    list.report(.error, problem.rule, "\(problem.message): \(record)", at: place)
    problems = list
  }

  static let notFinite = (rule: "waybill.write.not-finite", message: "A number that is not finite cannot be written")

  /// Appends a number after a name.
  mutating func append(_ name: StaticString, _ value: Double, to out: inout ByteBuffer) {
    out.append(name)
    finite += value * 0
    out.appendCoordinate(value)
  }

  private mutating func append(_ name: StaticString, _ value: Int?, since start: Int, to out: inout ByteBuffer) {
    guard let value else { return }
    out.member(name, since: start)
    out.append(decimal: value)
  }

  private mutating func append(_ name: StaticString, _ value: Double?, since start: Int, to out: inout ByteBuffer) {
    guard let value else { return }
    out.member(name, since: start)
    finite += value * 0
    out.appendCoordinate(value)
  }

  private func append(_ name: StaticString, _ value: MediaTime?, since start: Int, to out: inout ByteBuffer) {
    guard let value else { return }
    out.member(name, since: start)
    append(value, to: &out)
  }

  private mutating func append(_ name: StaticString, _ value: String?, since start: Int, to out: inout ByteBuffer) {
    guard let value else { return }
    out.member(name, since: start)
    out.appendJSON(value)
  }

  private mutating func append(_ media: Media, to out: inout ByteBuffer) {
    switch media.kind {
    case .image: out.append(",\"image\":{")
    case .text: out.append(",\"text\":{")
    case .audio: out.append(",\"audio\":{")
    case .video: out.append(",\"video\":{")
    case .table: out.append(",\"table\":{")
    case .file: out.append(",\"file\":{")
    }
    let start = out.count
    append("\"path\":", media.location, since: start, to: &out)
    append("\"text\":", media.text, since: start, to: &out)
    append("\"width\":", media.width, since: start, to: &out)
    append("\"height\":", media.height, since: start, to: &out)
    append("\"channels\":", media.channels, since: start, to: &out)
    append("\"duration\":", media.duration, since: start, to: &out)
    if let frame = media.frame {
      out.member("\"frame\":{", since: start)
      let inner = out.count
      append("\"video\":", frame.video, since: inner, to: &out)
      append("\"number\":", frame.number, since: inner, to: &out)
      append("\"time\":", frame.time, since: inner, to: &out)
      append("\"duration\":", frame.duration, since: inner, to: &out)
      out.append(UInt8(ascii: "}"))
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends a hard-example mark after a name.
  mutating func append(_ hard: HardExample, _ name: StaticString, to out: inout ByteBuffer) {
    out.append(name)
    out.append(UInt8(ascii: "{"))
    let start = out.count
    if let isHard = hard.isHard {
      out.append("\"is\":")
      if isHard { out.append("true") } else { out.append("false") }
    }
    append("\"coefficient\":", hard.coefficient, since: start, to: &out)
    if !hard.reasons.isEmpty {
      out.member("\"reasons\":", since: start)
      out.appendList(of: hard.reasons)
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Looks for numbers among attributes that are not finite.
  mutating func note(_ attributes: Attributes) {
    for item in attributes.items { note(item.value) }
  }

  private mutating func note(_ value: AttributeValue) {
    switch value {
    case .number(let number): finite += number * 0
    case .list(let list): for item in list { note(item) }
    case .object(let attributes): note(attributes)
    case .string, .integer, .boolean, .null: break
    }
  }
}
