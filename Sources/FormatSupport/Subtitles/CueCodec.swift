import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// How one format turns the text of a cue into an annotation and back.
public protocol CueCodec: Sendable {
  /// The syntax of its cues.
  var syntax: CueSyntax { get }

  /// Makes the label, the text and the id of a cue; the text has line feeds only, and is nil for a cue without one.
  func decode(
    _ name: String?, _ payload: String?, _ position: Int, into annotation: inout Annotation, _ kept: inout CueFacts,
    _ labels: LabelCache)

  /// Appends the payload of an annotation, with line feeds; what is lost goes to the context, if there is one.
  func encode(
    _ annotation: Annotation, _ facts: CueFacts, _ labels: LabelCache, into out: inout ByteBuffer, _ context: EncodeContext?)

  /// What is wrong with the beginning of a file; an error leaves the file out.
  func problem(ofHead text: UnsafeRawBufferPointer) -> (severity: Diagnostic.Severity, rule: String, message: String)?

  /// The line before the times; nil for none.
  func name(of annotation: Annotation, _ facts: CueFacts, _ position: Int) -> String?
}

/// What is kept of a cue beside what the model holds.
public struct CueFacts: Sendable {
  /// What stands behind the times.
  public var settings: String?
  /// What stands between the cue before and this one, where that is not an empty line.
  public var before: String?
  /// The number as it stands, empty for none, where it is not the position.
  public var number: String?
  /// The classes of the voice.
  public var classes: String?
  /// The whole cue, where it is not as it would be printed.
  public var raw: String?

  /// Nothing kept.
  public init() {}

  /// What an annotation keeps.
  init(_ preserved: Preserved, _ format: FormatID) {
    var facts = CueFacts()
    PreservedReader(preserved, format).forEach { key, value in
      var scanner = JSONScanner(value)
      let text = (try? scanner.string())?.makeString()
      switch key {
      case "settings": facts.settings = text
      case "before": facts.before = text
      case "number": facts.number = text
      case "classes": facts.classes = text
      case "raw": facts.raw = text
      default: break
      }
    }
    self = facts
  }

  func preserved(_ format: FormatID) -> Preserved {
    var members = ByteBuffer(capacity: 64)
    func add(_ key: StaticString, _ value: String?, _ members: inout ByteBuffer) {
      guard let value else { return }
      members.append(members.isEmpty ? "\"" : ",\"")
      members.append(key)
      members.append("\":")
      members.appendJSON(value)
    }
    add("settings", settings, &members)
    add("before", before, &members)
    add("number", number, &members)
    add("classes", classes, &members)
    add("raw", raw, &members)
    return members.isEmpty ? Preserved() : Preserved(format, members: members.array())
  }
}

extension CueCodec {
  /// Appends a cue as it is usually written, without the end of its last line.
  func print(
    _ annotation: Annotation, _ start: MediaTime, _ end: MediaTime, _ facts: CueFacts, _ position: Int, _ lineEnd: String,
    _ labels: LabelCache, into out: inout ByteBuffer, _ context: EncodeContext?
  ) {
    if let name = name(of: annotation, facts, position) {
      out.append(name)
      out.append(lineEnd)
    }
    append(start, to: &out)
    out.append(" --> ")
    append(end, to: &out)
    if let settings = facts.settings, !settings.isEmpty {
      if let first = settings.utf8.first, !CueLines.isBlank(first) { out.append(UInt8(ascii: " ")) }
      out.append(settings)
    }
    let text = out.count
    out.append(lineEnd)
    let first = out.count
    encode(annotation, facts, labels, into: &out, context)
    if out.count == first { return out.truncate(to: text) }
    guard lineEnd != "\n", out.bytes[first...].contains(0x0A) else { return }
    let payload = out.array(from: first)
    out.truncate(to: first)
    for byte in payload { if byte == 0x0A { out.append(lineEnd) } else { out.append(byte) } }
  }

  /// A clock time with thousandths, in the form it has; seconds alone as hours.
  private func append(_ time: MediaTime, to out: inout ByteBuffer) {
    let form: MediaTime.Form = time.form == .minutes && syntax.hasHead ? .minutes : .hours
    time.appendClock(form, mark: syntax.mark, decimals: 3, to: &out)
  }
}
