import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Cues of SubRip: a number, times and text as it is written.
struct SRTCodec: CueCodec {
  /// Whether a name and a colon before the text are the speaker.
  var hasSpeakers: Bool

  var syntax: CueSyntax { SRTFormat.syntax }

  func problem(ofHead text: UnsafeRawBufferPointer) -> (severity: Diagnostic.Severity, rule: String, message: String)? { nil }

  func decode(
    _ name: String?, _ payload: String?, _ position: Int, into annotation: inout Annotation, _ kept: inout CueFacts,
    _ labels: LabelCache
  ) {
    if let name { if !name.utf8.elementsEqual("\(position + 1)".utf8) { kept.number = name } } else { kept.number = "" }
    guard let payload else { return }
    if hasSpeakers, let (speaker, text) = SRTCodec.speaker(payload) {
      annotation.label = speaker.withBytes { labels.intern($0) }
      annotation.text = text
    } else {
      annotation.text = payload
    }
  }

  /// The speaker before the first colon of the first line, and the text behind it; nil where there is none.
  static func speaker(_ payload: String) -> (name: String, text: String?)? {
    guard let colon = payload.utf8.firstIndex(of: 0x3A), colon > payload.startIndex else { return nil }
    let name = payload[..<colon]
    if name.utf8.contains(0x0A) || name.utf8.first == 0x20 || name.utf8.last == 0x20 { return nil }
    let rest = payload[colon...].dropFirst()
    if rest.isEmpty { return (String(name), nil) }
    guard rest.utf8.first == 0x20, rest.utf8.count > 1 else { return nil }
    return (String(name), String(rest.dropFirst()))
  }
}
