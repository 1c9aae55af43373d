import TestSupport
import Testing
import WaybillPNG

/// Pictures of known pixels.
enum Pictures {
  /// Random pixels of a form; indices stay below the number of colours.
  static func random(_ form: PNGPicture.Form, width: Int, height: Int, colors: Int = 0, seed: UInt64) -> PNGPicture {
    var numbers = SeededNumbers(seed)
    let pixels = (0..<width * height * form.bytesPerPixel).map { _ in UInt8(numbers.below(colors == 0 ? 256 : colors)) }
    let palette = (0..<colors).map { _ in PNGColor(UInt8(numbers.below(256)), UInt8(numbers.below(256)), UInt8(numbers.below(256)))
    }
    return PNGPicture(width: width, height: height, form: form, palette: palette, pixels: pixels)
  }

  /// One of each kind that can be written.
  static func each(width: Int = 7, height: Int = 5) -> [PNGPicture] {
    [
      random(.stored8, width: width, height: height, colors: 21, seed: 1), random(.stored8, width: width, height: height, seed: 2),
      random(.stored16, width: width, height: height, seed: 3), random(.rgb8, width: width, height: height, seed: 4),
      random(.rgba8, width: width, height: height, seed: 5),
    ]
  }
}

/// Reads a picture from bytes.
func read(_ bytes: [UInt8], as form: PNGPicture.Form, limits: PNGLimits = .standard) throws(PNGProblem) -> PNGPicture {
  var picture: PNGPicture?
  var problem: PNGProblem?
  bytes.withUnsafeBytes { bytes in
    do throws(PNGProblem) { picture = try PNGReader(bytes, limits: limits).readPicture(as: form) } catch { problem = error }
  }
  if let picture { return picture }
  throw problem ?? PNGProblem(.damaged, "neither a picture nor a problem")
}

/// The header of a picture.
func header(_ bytes: [UInt8]) throws -> PNGHeader { try bytes.withUnsafeBytes { try PNGReader($0).header } }

/// What is wrong with bytes; nil when nothing is.
func damage(_ bytes: [UInt8], as form: PNGPicture.Form, limits: PNGLimits = .standard) -> PNGProblem? {
  do throws(PNGProblem) {
    _ = try read(bytes, as: form, limits: limits)
    return nil
  } catch { return error }
}

/// A PNG file put together chunk by chunk, with right checksums.
struct RawPNG {
  var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A file with a header and nothing else.
  init(width: UInt32, height: UInt32, depth: UInt8 = 8, type: UInt8 = 0, interlace: UInt8 = 0) {
    add("IHDR", RawPNG.number(width) + RawPNG.number(height) + [depth, type, 0, 0, interlace])
  }

  static func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
  }

  mutating func add(_ type: String, _ body: [UInt8]) {
    bytes += RawPNG.number(UInt32(body.count)) + Array(type.utf8) + body + RawPNG.number(RawPNG.checksum(Array(type.utf8) + body))
  }

  /// The chunks of a file: type, where it begins, its body.
  static func chunks(_ file: [UInt8]) -> [(type: String, start: Int, body: [UInt8])] {
    var result: [(type: String, start: Int, body: [UInt8])] = []
    var at = 8
    while at + 12 <= file.count {
      let length = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard at + 12 + length <= file.count else { break }
      result.append((String(decoding: file[at + 4..<at + 8], as: UTF8.self), at, Array(file[at + 8..<at + 8 + length])))
      at += 12 + length
    }
    return result
  }
}

extension PNGPicture: CustomTestStringConvertible {
  /// What test reports call it.
  public var testDescription: String { "\(form) \(width) x \(height)\(palette.isEmpty ? "" : " palette")" }
}
