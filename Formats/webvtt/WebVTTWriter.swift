import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

extension WebVTTCodec {
  func name(of annotation: Annotation, _ facts: CueFacts, _ position: Int) -> String? {
    switch annotation.id {
    case .integer(let number): "\(number)"
    case .string(let text) where WebVTTCodec.isName(text): text
    case .string, nil: nil
    }
  }

  /// Whether a text can stand in the line before the times.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, first > 0x20, last > 0x20 else { return false }
    return !text.utf8.contains(0x0A) && !text.utf8.contains(0x0D) && !text.contains("-->")
  }

  func encode(
    _ annotation: Annotation, _ facts: CueFacts, _ labels: LabelCache, into out: inout ByteBuffer, _ context: EncodeContext?
  ) {
    func lose(_ feature: Feature) { context?.losses.append(EncodingLoss(feature, isApproximated: false)) }
    if case .string(let text) = annotation.id, !WebVTTCodec.isName(text) || Int64(text).map({ "\($0)" == text }) == true {
      lose(.id)
    }
    let text = annotation.text
    if text?.isEmpty == true { lose(.text) }
    if let label = annotation.label {
      let name = labels.label(label)?.name ?? ""
      if name.isEmpty || name.utf8.contains(0x0A) || name.utf8.contains(0x0D) {
        lose(.label)
      } else {
        out.append("<v")
        if let classes = facts.classes, classes.utf8.first == 0x2E, !classes.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3E }) {
          out.append(classes)
        }
        out.append(UInt8(ascii: " "))
        appendName(name, to: &out)
        out.append(UInt8(ascii: ">"))
        // A voice in the text would end this one.
        if let text, CueMarkup.voice("<v x>\(text)")?.text != text { lose(.label) }
      }
    } else if let text, CueMarkup.voice(text) != nil {
      lose(.text)
    }
    guard let text else { return }
    if CueMarkup.hasTags(text) { out.append(text) } else { CueMarkup.append(plain: text, to: &out) }
  }

  private func appendName(_ name: String, to out: inout ByteBuffer) {
    for byte in name.utf8 {
      switch byte {
      case 0x26: out.append("&amp;")
      case 0x3C: out.append("&lt;")
      case 0x3E: out.append("&gt;")
      default: out.append(byte)
      }
    }
  }
}
