import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Writes the frame of a sample, compact: a pure function of the sample and the layout of its sequence.
struct FrameText: Sendable {
  private let keys: [String]
  private let item: ObjectText
  private let hasTextNumbers: Bool
  /// Lists the file gives even when they are empty.
  private let lists: Set<String>

  static let usual = ["annotations", "polylines", "polygons", "keypoints", "classes", "frame-no", "frame", "frame-attributes"]

  init(_ layout: SequenceLayout) {
    keys = layout.frameKeys + FrameText.usual.filter { !layout.frameKeys.contains($0) }
    item = ObjectText(order: layout.itemKeys, isFrame: true)
    hasTextNumbers = layout.hasTextNumbers
    lists = layout.frameKeys.isEmpty ? ["annotations"] : Set(layout.frameKeys)
  }

  /// Appends the frame.
  ///
  /// - Parameter id: The id of an annotation's class as JSON text.
  func append(
    _ sample: Sample, name: String, number: Int, to out: inout ByteBuffer, id: (Annotation) -> [UInt8]
  ) {
    let kept = sample.preserved.isEmpty ? KeptMembers([]) : KeptMembers(sample.preserved[GroundTruthFormat.id])
    var order: [Int] = []
    let start = out.count
    out.append(UInt8(ascii: "{"))
    for key in keys {
      let before = out.count
      member(key, start, &out)
      if !value(key, sample, name, number, kept, &order, &out, id) { out.truncate(to: before) }
    }
    if let id = sample.id, !keys.contains("id") {
      member("id", start, &out)
      out.append(json: id)
    }
    if let width = sample.media.width, let height = sample.media.height, !keys.contains("image_size") {
      member("image_size", start, &out)
      size(width, height, sample.media.channels, &out)
    }
    if order.count == sample.annotations.count, order.enumerated().contains(where: { $0 != $1 }) {
      member("annotation-order", start, &out)
      out.append(json: .list(order.map { .integer(Int64($0)) }))
    }
    for item in kept.items where !keys.contains(item.key) {
      member(item.key, start, &out)
      out.append(item.value)
    }
    out.append(UInt8(ascii: "}"))
  }

  private func member(_ key: String, _ start: Int, _ out: inout ByteBuffer) {
    if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
    out.appendJSON(key)
    out.append(UInt8(ascii: ":"))
  }

  private func size(_ width: Int, _ height: Int, _ channels: Int?, _ out: inout ByteBuffer) {
    out.append("[{\"width\":")
    out.append(decimal: width)
    out.append(",\"height\":")
    out.append(decimal: height)
    if let channels {
      out.append(",\"depth\":")
      out.append(decimal: channels)
    }
    out.append("}]")
  }

  /// Appends the value of a key; false when the sample has none.
  private func value(
    _ key: String, _ sample: Sample, _ name: String, _ number: Int, _ kept: KeptMembers, _ order: inout [Int],
    _ out: inout ByteBuffer, _ id: (Annotation) -> [UInt8]
  ) -> Bool {
    if let list = ObjectList.allCases.first(where: { $0.key.description == key }) {
      out.append(UInt8(ascii: "["))
      var isFirst = true
      for (index, annotation) in sample.annotations.enumerated() where ObjectList(annotation) == list {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        order.append(index)
        item.append(annotation, id: id(annotation), to: &out)
      }
      out.append(UInt8(ascii: "]"))
      return !isFirst || lists.contains(key)
    }
    switch key {
    case "frame": out.appendJSON(name)
    case "frame-no":
      if hasTextNumbers { out.append(UInt8(ascii: "\"")) }
      out.append(decimal: number)
      if hasTextNumbers { out.append(UInt8(ascii: "\"")) }
    case "frame-attributes": out.append(json: sample.attributes)
    case "id":
      guard let id = sample.id else { return false }
      out.append(json: id)
    case "image_size":
      guard let width = sample.media.width, let height = sample.media.height else { return false }
      size(width, height, sample.media.channels, &out)
    default:
      guard let value = kept.value(key) else { return false }
      out.append(value)
    }
    return true
  }
}
