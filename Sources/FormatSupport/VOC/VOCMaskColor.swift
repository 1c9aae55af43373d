import WaybillDatasetModel

/// The colour in which ModelArts paints an object into the picture that `mask_source` names: `mask_color`, three decimal numbers.
public enum VOCMaskColor {
  /// The colour of a text such as `193,243,53`, as 0xRRGGBB.
  public static func color(_ text: some Sequence<UInt8>) -> UInt32? {
    var color: UInt32 = 0
    var channels = 1
    var value: UInt32?
    for byte in text {
      switch byte {
      case 0x30...0x39:
        let next = (value ?? 0) * 10 + UInt32(byte - 0x30)
        guard next < 256 else { return nil }
        value = next
      case 0x2C:
        guard let channel = value, channels < 3 else { return nil }
        color = color << 8 | channel
        channels += 1
        value = nil
      case 0x20, 0x09, 0x0A, 0x0D: continue
      default: return nil
      }
    }
    guard let channel = value, channels == 3 else { return nil }
    return color << 8 | channel
  }

  /// The text of a colour.
  public static func text(_ color: UInt32) -> String { "\(color >> 16 & 255),\(color >> 8 & 255),\(color & 255)" }

  /// The colour an object had in the file it was read from.
  public static func kept(in annotation: Annotation) -> UInt32? {
    guard annotation.hasRareAnswers, !annotation.preserved.isEmpty,
      let order = PreservedReader(annotation.preserved, VOCCodec.section).value("order")
    else { return nil }
    let tokens = order.withUnsafeBytes { VOCToken.read($0) }
    for case .element(name: "mask_color", let text?, _) in tokens { return color(text.utf8) }
    return nil
  }
}
