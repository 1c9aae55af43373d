/// The colour map of the Pascal VOC development kit, by which label maps are painted: one colour for each number.
///
/// The bits of the number go by turns to red, green and blue, highest bits first, so that small numbers get colours far apart. Over 24 bits
/// each number has a colour and each colour a number: 0 is black, 1 is 128,0,0 and 255 is 224,224,192.
public enum ColorMap {
  /// The colour of a number as 0xRRGGBB; only the lower 24 bits of the number count.
  public static func color(of number: UInt32) -> UInt32 {
    var color: UInt32 = 0
    for level in 0..<UInt32(8) {
      let bits = number >> (3 * level)
      color |= (bits & 1) << (23 - level) | (bits >> 1 & 1) << (15 - level) | (bits >> 2 & 1) << (7 - level)
    }
    return color
  }

  /// The number of a colour given as 0xRRGGBB.
  public static func number(of color: UInt32) -> UInt32 {
    var number: UInt32 = 0
    for level in 0..<UInt32(8) {
      let bits = (color >> (23 - level) & 1) | (color >> (15 - level) & 1) << 1 | (color >> (7 - level) & 1) << 2
      number |= bits << (3 * level)
    }
    return number
  }

  /// A colour written as `#rrggbb`.
  public static func color(named text: String) -> UInt32? {
    guard text.utf8.count == 7, text.utf8.first == 0x23, text.utf8.dropFirst().allSatisfy({ $0 >= 0x30 }) else { return nil }
    return UInt32(text.dropFirst(), radix: 16)
  }
}
