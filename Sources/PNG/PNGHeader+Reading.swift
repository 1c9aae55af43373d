internal import CWaybillPNG

extension PNGHeader {
  /// What a reader found out.
  init(_ facts: waybill_png_facts) throws(PNGProblem) {
    guard let type = ColorType(rawValue: facts.color_type) else {
      throw PNGProblem(.damaged, "\(facts.color_type) is no colour type")
    }
    width = Int(facts.width)
    height = Int(facts.height)
    bitDepth = Int(facts.bit_depth)
    colorType = type
    isInterlaced = facts.is_interlaced != 0
    palette = withUnsafeBytes(of: facts.palette) { bytes in
      (0..<Int(facts.palette_count)).map { PNGColor(bytes[3 * $0], bytes[3 * $0 + 1], bytes[3 * $0 + 2]) }
    }
    transparency = withUnsafeBytes(of: facts.transparency) { Array($0.prefix(Int(facts.transparency_count))) }
  }

  /// Refuses pictures outside the limits, and those that so few bytes cannot hold.
  func check(_ limits: PNGLimits, byteCount: Int) throws(PNGProblem) {
    let pixels = width * height
    guard pixels <= limits.pixels else {
      throw PNGProblem(.tooLarge, "the picture of \(width) x \(height) pixels is larger than the \(limits.pixels) pixels allowed")
    }
    // Deflate spends at least two bits on 258 bytes.
    let leastRaw = pixels / 8 * (bitDepth * colorType.channels)
    guard leastRaw / 1032 <= byteCount else {
      throw PNGProblem(.truncated, "\(byteCount) bytes cannot hold a picture of \(width) x \(height) pixels", at: byteCount)
    }
  }
}
