import WaybillBytes
import WaybillDatasetModel

/// What stands around the start, the end and the label of a span that has nothing else, as nearly all have.
struct PlainSpan {
  /// The order of the three, each with what stands before it.
  let start: [UInt8]
  let end: [UInt8]
  let label: [UInt8]

  /// The pieces for some keys; nil when the start, the end and the label do not come in this order.
  init?(_ keys: [SpanKey], _ text: RecordText) {
    var pieces: [(meaning: SpanKey.Meaning, head: [UInt8])] = []
    for key in keys where key.meaning == .start || key.meaning == .end || key.meaning == .label {
      pieces.append((key.meaning, Array((pieces.isEmpty ? "{" : text.spaceBehindComma ? ", " : ",").utf8) + key.head))
    }
    guard pieces.map(\.meaning) == [.start, .end, .label] else { return nil }
    (start, end, label) = (pieces[0].head, pieces[1].head, pieces[2].head)
  }
}

extension RecordEncoder {
  /// Appends a span that has a place and a label alone; false, and nothing is written, for all others.
  func appendPlainly(_ index: Int, _ sample: Sample, _ out: inout ByteBuffer) -> Bool {
    // Where the numbers of tokens are known they are written too.
    guard let plain = plainSpan, tokenPlaces == nil || !isForeign, RecordEncoder.isPlain(index, sample.annotations),
      let label = sample.annotations[index].label, let span = sample.annotations[index].span, let place = place(span, of: sample)
    else { return false }
    out.append(plain.start)
    out.append(decimal: UInt64(place.start))
    out.append(plain.end)
    out.append(decimal: UInt64(place.end))
    out.append(plain.label)
    appendLabel(label, &out)
    out.append(UInt8(ascii: "}"))
    return true
  }

  private static let placeAlone = FeatureSet(.span)
  private static let placeAndLabel = FeatureSet([.span, .label])

  /// Whether an annotation is a span of the text with a label or none, and says no more.
  static func isPlain(_ index: Int, _ annotations: [Annotation]) -> Bool {
    // Asked where it lies: a copy would count references.
    let features = annotations.withUnsafeBufferPointer { $0.baseAddress.map { ($0 + index).features } }
    return features == placeAndLabel || features == placeAlone
  }
}
