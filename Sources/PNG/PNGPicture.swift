/// The pixels of a picture in memory, row by row from the top left, without gaps.
public struct PNGPicture: Equatable, Sendable {
  /// What a pixel looks like in memory.
  public enum Form: UInt8, Sendable {
    /// One byte: the palette index or the grey sample as stored, never scaled.
    ///
    /// A grey picture of 1 bit has the values 0 and 1. Alpha beside grey is dropped.
    case stored8
    /// Two bytes in the processor's order: the grey sample as stored, 16 bits deep.
    case stored16
    /// Red, green, blue; a palette is looked up, grey repeated and scaled to 255, the low half of 16 bits dropped.
    case rgb8
    /// Red, green, blue, alpha; 255 where the file has none.
    case rgba8

    /// Bytes of a pixel.
    @inlinable public var bytesPerPixel: Int {
      switch self {
      case .stored8: 1
      case .stored16: 2
      case .rgb8: 3
      case .rgba8: 4
      }
    }
  }

  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// What a pixel looks like.
  public var form: Form
  /// The colours of indices; empty for everything else.
  public var palette: [PNGColor]
  /// The pixels: `width * height * form.bytesPerPixel` bytes.
  public var pixels: [UInt8]

  /// A picture of pixels.
  public init(width: Int, height: Int, form: Form, palette: [PNGColor] = [], pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.form = form
    self.palette = palette
    self.pixels = pixels
  }

  /// A picture of 16-bit grey samples.
  public init(width: Int, height: Int, samples: [UInt16]) {
    self.init(width: width, height: height, form: .stored16, pixels: samples.withUnsafeBytes { Array($0) })
  }

  /// The samples of a picture of 16-bit grey; empty for every other.
  public var samples: [UInt16] {
    guard form == .stored16 else { return [] }
    return pixels.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
    }
  }
}
