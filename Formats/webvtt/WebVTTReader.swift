import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Cues of WebVTT: tags stay in the text as written, a voice that speaks the whole cue is its label.
struct WebVTTCodec: CueCodec {
  var syntax: CueSyntax { WebVTTFormat.syntax }

  func problem(ofHead text: UnsafeRawBufferPointer) -> (severity: Diagnostic.Severity, rule: String, message: String)? {
    if text.isEmpty { return (.warning, "empty", "The file is empty; it is read as one without cues") }
    let word = Array("WEBVTT".utf8)
    if text.starts(with: word), text.count == 6 || [0x20, 9, 0x0A, 0x0D].contains(text[6]) { return nil }
    return (.error, "header", "A file begins with the word WEBVTT")
  }

  func decode(
    _ name: String?, _ payload: String?, _ position: Int, into annotation: inout Annotation, _ kept: inout CueFacts,
    _ labels: LabelCache
  ) {
    if let name { annotation.id = WebVTTCodec.id(name) }
    guard var payload else { return }
    if payload.utf8.first == 0x3C, let voice = CueMarkup.voice(payload) {
      annotation.label = voice.name.withBytes { labels.intern($0) }
      if !voice.classes.isEmpty { kept.classes = voice.classes }
      payload = voice.text
    }
    if payload.isEmpty { return }
    annotation.text = CueMarkup.hasTags(payload) ? payload : CueMarkup.plain(payload)
  }

  /// A name that is a whole number is one, as most names are numbers.
  static func id(_ name: String) -> AnnotationID {
    if let number = Int64(name), "\(number)".utf8.elementsEqual(name.utf8) { return .integer(number) }
    return .string(name)
  }
}
