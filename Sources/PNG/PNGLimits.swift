/// How large a picture may be, checked before anything is allocated for its pixels.
///
/// Whatever the limits, a picture is refused whose bytes could not hold its pixels even at deflate's best ratio.
public struct PNGLimits: Sendable {
  /// The largest width and the largest height.
  public var side: Int
  /// The largest number of pixels.
  public var pixels: Int
  /// The most bytes a decoded picture may take.
  public var bytes: Int

  /// Limits of one's own.
  public init(side: Int = 65_535, pixels: Int = 1 << 28, bytes: Int = 1 << 30) {
    self.side = max(1, min(side, 1 << 30))
    self.pixels = pixels
    self.bytes = bytes
  }

  /// What label maps never reach: sides of 65,535, 268 million pixels, 1 GiB.
  public static let standard = PNGLimits()
}
