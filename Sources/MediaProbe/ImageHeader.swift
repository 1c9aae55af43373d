/// Pixel size of an image as its header states it.
///
/// Both sizes are between 1 and 2³¹-1. They are the stored grid's: an EXIF or TIFF orientation is not applied, so a photo taken
/// upright may be stated as lying. Of a file with several images (TIFF, MPO, animations) it is the first image or the canvas.
public struct ImageHeader: Sendable, Hashable {
  /// The format told by the file's first bytes, never by its name.
  public var format: ImageFormat
  /// Columns of pixels.
  public var width: Int
  /// Rows of pixels.
  public var height: Int
  /// Samples stored for a pixel, where the header says.
  ///
  /// A palette image has one sample, the index. Transparency told outside the header (PNG `tRNS`, a GIF's transparent index) is
  /// not counted.
  public var channels: Int?

  /// Creates a header from sizes known to be right.
  public init(format: ImageFormat, width: Int, height: Int, channels: Int? = nil) {
    self.format = format
    self.width = width
    self.height = height
    self.channels = channels
  }

  /// Takes sizes as a file states them, and stops at those no image can have.
  init(stated format: ImageFormat, width: UInt64, height: UInt64, channels: Int?) throws(ProbeStop) {
    guard width > 0, height > 0 else { throw .broken("the width or height is zero") }
    guard let width = Int32(exactly: width), let height = Int32(exactly: height) else {
      throw .broken("the width or height is above 2147483647")
    }
    self.init(format: format, width: Int(width), height: Int(height), channels: channels)
  }
}

/// The image formats whose headers are known.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png, jpeg, gif, bmp, webp, tiff

  /// How many bytes the longest signature takes.
  static let signatureLength = 12

  /// Tells the format by the file's first bytes.
  init?(signature: UnsafeRawBufferPointer) {
    if signature.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if signature.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if signature.starts(with: "GIF87a".utf8) || signature.starts(with: "GIF89a".utf8) {
      self = .gif
    } else if signature.starts(with: "BM".utf8) {
      self = .bmp
    } else if signature.starts(with: "RIFF".utf8), signature.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
    } else if signature.starts(with: [0x49, 0x49, 0x2A, 0]) || signature.starts(with: [0x4D, 0x4D, 0, 0x2A])
      || signature.starts(with: [0x49, 0x49, 0x2B, 0]) || signature.starts(with: [0x4D, 0x4D, 0, 0x2B])
    {
      self = .tiff
    } else {
      return nil
    }
  }
}
