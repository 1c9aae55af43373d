import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// A sample in words, a line for itself and one for each annotation.
enum SampleText {
  /// - Parameter hash: A hash of the line, so that every change is seen, also of what is not told here.
  static func lines(of sample: Sample, _ labels: LabelTable, _ hash: UInt64) -> String {
    let digits = String(hash & 0xFFFF_FFFF | 1 << 32, radix: 16).dropFirst()
    var head = [terminalSafe(sample.key), "#\(digits)"]
    if let width = sample.media.width, let height = sample.media.height { head.append("\(width)x\(height)") }
    if let split = sample.split { head.append("split \(terminalSafe(split))") }
    if sample.hard?.isHard == true { head.append("hard") }
    if let text = sample.media.text { head.append("\"\(terminalSafe(text))\"") }
    for item in sample.attributes.items { head.append("\(terminalSafe(item.name))=\(terminalSafe("\(item.value)"))") }
    var text = head.joined(separator: "  ") + "\n"
    for annotation in sample.annotations { text += "  \(line(annotation, labels))\n" }
    return text
  }

  private static func line(_ annotation: Annotation, _ labels: LabelTable) -> String {
    var parts = [annotation.label.flatMap { labels[$0] }.map { terminalSafe($0.name) } ?? "unlabeled"]
    if let id = annotation.id { parts[0] += " \(PlaceText.id(id))" }
    if let place = PlaceText.of(annotation) { parts.append(place) }
    if let text = annotation.text { parts.append("\"\(terminalSafe(text))\"") }
    if let confidence = annotation.confidence { parts.append("confidence \(confidence)") }
    if annotation.flags.unconfirmed == true { parts.append("to be confirmed") }
    for item in annotation.attributes.items { parts.append("\(terminalSafe(item.name))=\(terminalSafe("\(item.value)"))") }
    if let author = annotation.author { parts.append("by \(terminalSafe(author))") }
    if let time = annotation.createdAt { parts.append("at \(time.text())") }
    return parts.joined(separator: "  ")
  }
}
