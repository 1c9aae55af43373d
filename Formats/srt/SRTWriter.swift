import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

extension SRTCodec {
  func name(of annotation: Annotation, _ facts: CueFacts, _ position: Int) -> String? {
    guard let number = facts.number else { return "\(position + 1)" }
    return !number.isEmpty && number.utf8.allSatisfy { $0 &- 0x30 <= 9 } ? number : nil
  }

  func encode(
    _ annotation: Annotation, _ facts: CueFacts, _ labels: LabelCache, into out: inout ByteBuffer, _ context: EncodeContext?
  ) {
    func lose(_ feature: Feature) { context?.losses.append(EncodingLoss(feature, isApproximated: false)) }
    let text = annotation.text
    if text?.isEmpty == true { lose(.text) }
    if hasSpeakers {
      if let label = annotation.label {
        let name = labels.label(label)?.name ?? ""
        let printed = text.map { "\(name): \($0)" } ?? "\(name):"
        let read = SRTCodec.speaker(printed)
        if read?.name == name, read?.text == (text?.isEmpty == true ? nil : text) { return out.append(printed) }
        lose(.label)
      } else if let text, SRTCodec.speaker(text) != nil {
        lose(.text)
      }
    }
    if let text { out.append(text) }
  }
}
