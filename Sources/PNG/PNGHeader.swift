/// A colour of 8 bits a channel.
public struct PNGColor: Hashable, Sendable {
  /// Red, 0 to 255.
  public var red: UInt8
  /// Green, 0 to 255.
  public var green: UInt8
  /// Blue, 0 to 255.
  public var blue: UInt8

  /// A colour of its channels.
  @inlinable public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}

/// What a PNG file says before its pixels.
public struct PNGHeader: Equatable, Sendable {
  /// What a pixel is stored as.
  public enum ColorType: UInt8, Sendable {
    /// One sample of grey.
    case grey = 0
    /// Red, green and blue.
    case rgb = 2
    /// A position in the palette.
    case palette = 3
    /// Grey and alpha.
    case greyAlpha = 4
    /// Red, green, blue and alpha.
    case rgba = 6

    /// How many samples a pixel has.
    public var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  /// Width in pixels, at least 1.
  public var width: Int
  /// Height in pixels, at least 1.
  public var height: Int
  /// Bits of a sample: 1, 2, 4, 8 or 16.
  public var bitDepth: Int
  /// What a pixel is stored as.
  public var colorType: ColorType
  /// Whether the rows come in seven passes.
  public var isInterlaced: Bool
  /// The colours of the palette; of a picture in true colour, those it suggests.
  public var palette: [PNGColor]
  /// Alpha of the first colours of the palette; the others are opaque.
  public var transparency: [UInt8]
}
