internal import CWaybillPNG

extension PNGPicture {
  /// The bytes of a PNG file: a palette of 8 bits, grey of 8 or 16, RGB or RGBA of 8.
  ///
  /// The same picture gives the same bytes: no filter, a fixed level of compression, no time and no text. Throws when the pixels are
  /// too few or too many, or the palette has more than 256 colours; an index without a colour is written as it stands.
  public func encoded() throws(PNGProblem) -> [UInt8] {
    guard width > 0, height > 0, width <= 1 << 30, height <= 1 << 30 else {
      throw PNGProblem(.form, "a picture of \(width) x \(height) pixels cannot be written")
    }
    let row = width * form.bytesPerPixel
    guard pixels.count / row == height, pixels.count % row == 0 else {
      throw PNGProblem(.form, "\(pixels.count) bytes are no picture of \(width) x \(height) pixels")
    }
    guard palette.count <= 256, palette.isEmpty || form == .stored8 else {
      throw PNGProblem(.form, "a palette of \(palette.count) colours cannot be written here")
    }
    let colors = palette.flatMap { [$0.red, $0.green, $0.blue] }
    let type: PNGHeader.ColorType =
      switch form {
      case .stored8: palette.isEmpty ? .grey : .palette
      case .stored16: .grey
      case .rgb8: .rgb
      case .rgba8: .rgba
      }
    var output = waybill_png_output()
    defer { waybill_png_release(&output) }
    let code = pixels.withUnsafeBytes { pixels in
      colors.withUnsafeBufferPointer { colors in
        waybill_png_write(
          pixels.baseAddress, row, UInt32(width), UInt32(height), Int32(type.rawValue), form == .stored16 ? 16 : 8,
          colors.baseAddress, Int32(palette.count), compressionLevel, &output)
      }
    }
    guard Int(code) == WAYBILL_PNG_OK else {
      let kind: PNGProblem.Kind = Int(code) == WAYBILL_PNG_NO_MEMORY ? .memory : .form
      throw PNGProblem(kind, text(of: output.message))
    }
    return Array(UnsafeRawBufferPointer(start: output.bytes, count: output.count))
  }

  private var compressionLevel: Int32 { 6 }
}
