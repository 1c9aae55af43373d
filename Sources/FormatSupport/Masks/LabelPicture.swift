import WaybillPNG

/// A picture whose pixels are numbers: of classes, of objects.
///
/// Numbers are palette indices or grey samples as stored; a picture in colour holds for each pixel the number its colour has in the
/// ``ColorMap``, so that one way of painting numbers is as good as the other.
public struct LabelPicture: Equatable, Sendable {
  /// How the numbers are stored.
  public enum Form: String, Sendable {
    /// Positions in a palette.
    case palette
    /// Grey of up to 8 bits.
    case grey
    /// Grey of 16 bits.
    case grey16
    /// Colours of the colour map.
    case rgb
  }

  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// How the numbers are stored.
  public var form: Form
  /// The colours of the numbers as 0xRRGGBB, which a picture in colour is painted with as well; those of the colour map where it is short.
  public var palette: [UInt32]
  /// The number of each pixel, row by row.
  public var numbers: [UInt32]

  /// A picture of numbers.
  public init(width: Int, height: Int, form: Form, palette: [UInt32] = [], numbers: [UInt32]) {
    self.width = width
    self.height = height
    self.form = form
    self.palette = palette
    self.numbers = numbers
  }

  /// The picture in a PNG file.
  public init(_ bytes: UnsafeRawBufferPointer, limits: PNGLimits = .standard) throws(PNGProblem) {
    let reader = try PNGReader(bytes, limits: limits)
    let header = reader.header
    width = header.width
    height = header.height
    palette = []
    switch header.colorType {
    case .palette:
      form = .palette
      palette = header.palette.map { UInt32($0.red) << 16 | UInt32($0.green) << 8 | UInt32($0.blue) }
      numbers = try reader.readPicture(as: .stored8).pixels.map { UInt32($0) }
    case .grey, .greyAlpha:
      form = header.bitDepth == 16 ? .grey16 : .grey
      let picture = try reader.readPicture(as: header.bitDepth == 16 ? .stored16 : .stored8)
      numbers = form == .grey16 ? picture.samples.map { UInt32($0) } : picture.pixels.map { UInt32($0) }
    case .rgb, .rgba:
      form = .rgb
      numbers = LabelPicture.numbers(of: try reader.readPicture(as: .rgb8).pixels)
    }
  }

  private static func numbers(of pixels: [UInt8]) -> [UInt32] {
    let count = pixels.count / 3
    return [UInt32](unsafeUninitializedCapacity: count) { numbers, used in
      pixels.withUnsafeBufferPointer { pixels in
        // Neighbours mostly have the same colour.
        var last: (color: UInt32, number: UInt32) = (0, 0)
        for pixel in 0..<count {
          let at = pixel &* 3
          let color = UInt32(pixels[at]) << 16 | UInt32(pixels[at &+ 1]) << 8 | UInt32(pixels[at &+ 2])
          if color != last.color { last = (color, ColorMap.number(of: color)) }
          numbers[pixel] = last.number
        }
      }
      used = count
    }
  }

  /// The colour a number is shown in as 0xRRGGBB; nil for a palette that has none and for grey.
  public func color(of number: UInt32) -> UInt32? {
    switch form {
    case .palette: Int(number) < palette.count ? palette[Int(number)] : nil
    case .rgb: ColorMap.color(of: number)
    case .grey, .grey16: nil
    }
  }

  /// The PNG file: the form as it is, or in colour where a number is too high for it.
  public func encoded() throws(PNGProblem) -> [UInt8] {
    let highest = numbers.max() ?? 0
    switch form {
    case .palette, .grey:
      guard highest < 256 else { break }
      return try PNGPicture(
        width: width, height: height, form: .stored8, palette: form == .grey ? [] : palette.prefix(256).map(PNGColor.init(packed:)),
        pixels: numbers.map { UInt8(truncatingIfNeeded: $0) }
      ).encoded()
    case .grey16:
      guard highest < 65536 else { break }
      return try PNGPicture(width: width, height: height, samples: numbers.map { UInt16(truncatingIfNeeded: $0) }).encoded()
    case .rgb: break
    }
    return try PNGPicture(width: width, height: height, form: .rgb8, pixels: colors()).encoded()
  }

  private func colors() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: numbers.count * 3) { pixels, used in
      var last: (number: UInt32, color: UInt32) = (0, palette.first ?? 0)
      var at = 0
      for number in numbers {
        if number != last.number {
          last = (number, Int(number) < palette.count ? palette[Int(number)] : ColorMap.color(of: number))
        }
        pixels[at] = UInt8(truncatingIfNeeded: last.color >> 16)
        pixels[at &+ 1] = UInt8(truncatingIfNeeded: last.color >> 8)
        pixels[at &+ 2] = UInt8(truncatingIfNeeded: last.color)
        at &+= 3
      }
      used = numbers.count * 3
    }
  }
}

extension PNGColor {
  /// A colour given as 0xRRGGBB.
  fileprivate init(packed: UInt32) {
    self.init(
      UInt8(truncatingIfNeeded: packed >> 16), UInt8(truncatingIfNeeded: packed >> 8), UInt8(truncatingIfNeeded: packed))
  }
}
