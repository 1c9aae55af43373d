import Testing
import WaybillMediaProbe

/// The bytes of a number, most significant first.
func big(_ value: UInt64, _ size: Int) -> [UInt8] {
  (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
}

/// The bytes of a number, least significant first.
func little(_ value: UInt64, _ size: Int) -> [UInt8] {
  big(value, size).reversed()
}

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// An independent CRC-32, by long division bit for bit over the message, most significant bit first.
func crc32(_ bytes: [UInt8]) -> UInt64 {
  var remainder: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    for bit in 0..<8 {
      let incoming = UInt32(byte >> UInt8(bit)) & 1
      let outgoing = remainder >> 31
      remainder <<= 1
      if incoming != outgoing { remainder ^= 0x04C1_1DB7 }
    }
  }
  var reflected: UInt32 = 0
  for bit in 0..<32 where remainder >> UInt32(bit) & 1 == 1 { reflected |= 1 << UInt32(31 - bit) }
  return UInt64(~reflected)
}

func png(
  _ width: UInt64, _ height: UInt64, colour: UInt8 = 2, name: String = "IHDR", length: UInt64 = 13, crcError: UInt64 = 0
) -> [UInt8] {
  let chunk: [UInt8] = ascii(name) + big(width, 4) + big(height, 4) + [8, colour, 0, 0, 0]
  let signature = [0x89] + ascii("PNG\r\n\u{1A}\n")
  return signature + big(length, 4) + chunk + big(crc32(chunk) ^ crcError, 4) + zeros(12)
}

/// A JPEG segment with its marker and length.
func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
  [0xFF, marker] + big(UInt64(payload.count + 2), 2) + payload
}

func frame(_ marker: UInt8, _ width: UInt64, _ height: UInt64, components: UInt8 = 3) -> [UInt8] {
  let sizes = big(height, 2) + big(width, 2)
  return segment(marker, [8] + sizes + [components] + zeros(3 * Int(components)))
}

/// A JPEG of the segments given, and the beginning of a scan.
func jpeg(_ segments: [UInt8]...) -> [UInt8] {
  [0xFF, 0xD8] + segments.flatMap { $0 } + segment(0xDA, zeros(10)) + zeros(8)
}

func gif(_ version: String, _ width: UInt64, _ height: UInt64) -> [UInt8] {
  ascii(version) + little(width, 2) + little(height, 2) + zeros(8)
}

/// A BMP with an info header of any size, or a core header for 12.
func bmp(
  _ width: Int64, _ height: Int64, headerSize: Int = 40, bits: UInt64 = 24, compression: UInt64 = 0, alphaMask: UInt64 = 0
) -> [UInt8] {
  let file = ascii("BM") + little(0, 12) + little(UInt64(headerSize), 4)
  let fieldSize = headerSize == 12 ? 2 : 4
  var fields = little(UInt64(bitPattern: width), fieldSize) + little(UInt64(bitPattern: height), fieldSize)
  fields += little(1, 2) + little(bits, 2) + little(compression, 4)
  fields += zeros(32) + little(alphaMask, 4) + zeros(68)
  return file + fields.prefix(headerSize - 4) + zeros(16)
}

func webp(_ chunk: String, _ payload: [UInt8], size: UInt64? = nil) -> [UInt8] {
  let riff = ascii("RIFF") + little(UInt64(payload.count + 12), 4) + ascii("WEBP" + chunk)
  return riff + little(size ?? UInt64(payload.count), 4) + payload + zeros(8)
}

func vp8(_ width: UInt64, _ height: UInt64, tag: UInt8 = 0x10) -> [UInt8] {
  [tag, 0, 0, 0x9D, 0x01, 0x2A] + little(width, 2) + little(height, 2)
}

func vp8l(_ width: UInt64, _ height: UInt64, alpha: UInt64 = 0, version: UInt64 = 0) -> [UInt8] {
  [0x2F] + little(width - 1 | (height - 1) << 14 | alpha << 28 | version << 29, 4)
}

func vp8x(_ width: UInt64, _ height: UInt64, flags: UInt8 = 0) -> [UInt8] {
  [flags, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3)
}

/// One entry of a TIFF directory; the type is the file format's number for it.
struct Entry {
  var tag: UInt64
  var type: UInt64
  var count: UInt64 = 1
  var value: UInt64
}

/// A TIFF whose directory lies `gap` bytes behind its header.
func tiff(_ entries: [Entry], bigEndian: Bool = false, bigTIFF: Bool = false, gap: Int = 0, stated: UInt64? = nil) -> [UInt8] {
  let put = bigEndian ? big : little
  let word = bigTIFF ? 8 : 4
  let offset = UInt64((bigTIFF ? 16 : 8) + gap)
  var bytes = ascii(bigEndian ? "MM" : "II") + put(bigTIFF ? 43 : 42, 2)
  if bigTIFF { bytes += put(8, 2) + put(0, 2) }
  bytes += put(offset, word) + zeros(gap) + put(stated ?? UInt64(entries.count), bigTIFF ? 8 : 2)
  for entry in entries {
    let sizes: [UInt64: Int] = [1: 1, 3: 2, 4: 4, 16: 8]
    let size = min(sizes[entry.type] ?? word, word)
    // Values are justified to the left of their field.
    bytes += put(entry.tag, 2) + put(entry.type, 2) + put(entry.count, word) + put(entry.value, size) + zeros(word - size)
  }
  return bytes + zeros(word)
}

/// The entries of a common TIFF, with others around them.
func entries(_ width: UInt64, _ height: UInt64, type: UInt64 = 3, samples: UInt64? = 3) -> [Entry] {
  [
    Entry(tag: 254, type: 4, value: 0), Entry(tag: 256, type: type, value: width), Entry(tag: 257, type: type, value: height),
    Entry(tag: 258, type: 3, count: 3, value: 200), Entry(tag: 259, type: 3, value: 1),
  ] + (samples.map { [Entry(tag: 277, type: 3, value: $0)] } ?? []) + [Entry(tag: 305, type: 2, count: 40, value: 300)]
}

/// A hand-built file with the header it must give.
struct SampleImage: CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  var header: ImageHeader
  var testDescription: String { name }

  init(_ name: String, _ format: ImageFormat, _ width: Int, _ height: Int, _ channels: Int?, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    self.header = ImageHeader(format: format, width: width, height: height, channels: channels)
  }

  static let all: [SampleImage] = [pngs, jpegs, jpegSegments, gifs, bmpSizes, bmps, webps, tiffTypes, tiffs].flatMap { $0 }

  static let pngs: [SampleImage] = [
    SampleImage("grey", .png, 1, 1, 1, png(1, 1, colour: 0)),
    SampleImage("colour", .png, 640, 480, 3, png(640, 480, colour: 2)),
    SampleImage("palette", .png, 70000, 3, 1, png(70000, 3, colour: 3)),
    SampleImage("grey with alpha", .png, 2, 9, 2, png(2, 9, colour: 4)),
    SampleImage("colour with alpha", .png, 2, 9, 4, png(2, 9, colour: 6)),
    SampleImage("largest", .png, 2_147_483_647, 2_147_483_647, 3, png(0x7FFF_FFFF, 0x7FFF_FFFF)),
  ]

  static let jpegs: [SampleImage] = {
    let frames: [UInt8] = [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF]
    return frames.map { marker in
      SampleImage("SOF \(marker - 0xC0)", .jpeg, 640, 480, 3, jpeg(segment(0xE0, ascii("JFIF\0")), frame(marker, 640, 480)))
    }
  }()

  static let jpegSegments: [SampleImage] = [
    SampleImage("grey", .jpeg, 1, 65535, 1, jpeg(frame(0xC0, 1, 65535, components: 1))),
    SampleImage("four inks", .jpeg, 65535, 1, 4, jpeg(frame(0xC0, 65535, 1, components: 4))),
    SampleImage(
      "tables first", .jpeg, 7, 5, 3,
      jpeg(segment(0xDB, zeros(65)), segment(0xC4, zeros(30)), segment(0xC8, []), segment(0xCC, zeros(2)), frame(0xC2, 7, 5))),
    SampleImage("fill bytes", .jpeg, 7, 5, 3, jpeg([0xFF, 0xFF, 0xFF], segment(0xE1, [1]), [0xFF], frame(0xC0, 7, 5))),
    SampleImage("padding", .jpeg, 7, 5, 3, jpeg(segment(0xE1, [1]), [0, 0, 0xFF, 0, 9], frame(0xC0, 7, 5))),
    SampleImage("markers that stand alone", .jpeg, 7, 5, 3, jpeg([0xFF, 0x01, 0xFF, 0xD0, 0xFF, 0xD8], frame(0xC0, 7, 5))),
    SampleImage("thumbnail in EXIF", .jpeg, 700, 500, 3, jpeg(segment(0xE1, jpeg(frame(0xC0, 7, 5))), frame(0xC0, 700, 500))),
    SampleImage("hierarchical", .jpeg, 70, 50, 3, jpeg(frame(0xDE, 70, 50), frame(0xC5, 7, 5))),
    SampleImage("first frame counts", .jpeg, 7, 5, 3, jpeg(frame(0xC0, 7, 5), frame(0xC0, 70, 50))),
    SampleImage(
      "profile of several segments", .jpeg, 640, 480, 3,
      jpeg(segment(0xE2, zeros(65533)), segment(0xE2, zeros(65533)), segment(0xE2, zeros(65533)), frame(0xC0, 640, 480))),
  ]

  static let gifs: [SampleImage] = [
    SampleImage("87a", .gif, 1, 1, 1, gif("GIF87a", 1, 1)), SampleImage("89a", .gif, 65535, 256, 1, gif("GIF89a", 65535, 256)),
  ]

  static let bmpSizes: [SampleImage] = [16, 40, 52, 56, 64, 108, 124].map { (size: Int) in
    SampleImage("info header of \(size) bytes", .bmp, 640, 480, 3, bmp(640, 480, headerSize: size))
  }

  static let bmps: [SampleImage] = [
    SampleImage("core header", .bmp, 65535, 40000, 3, bmp(65535, 40000, headerSize: 12)),
    SampleImage("core header, palette", .bmp, 5, 4, 1, bmp(5, 4, headerSize: 12, bits: 8)),
    SampleImage("rows from the top", .bmp, 640, 480, 3, bmp(640, -480)),
    SampleImage("largest", .bmp, 2_147_483_647, 2_147_483_647, 3, bmp(0x7FFF_FFFF, -0x7FFF_FFFF)),
    SampleImage("palette", .bmp, 5, 4, 1, bmp(5, 4, bits: 4, compression: 2)),
    SampleImage("32 bits", .bmp, 5, 4, 3, bmp(5, 4, bits: 32)),
    SampleImage("short masks", .bmp, 5, 4, 3, bmp(5, 4, bits: 32, compression: 3)),
    SampleImage("mask without alpha", .bmp, 5, 4, 3, bmp(5, 4, headerSize: 108, bits: 32, compression: 3)),
    SampleImage(
      "mask with alpha", .bmp, 5, 4, 4, bmp(5, 4, headerSize: 108, bits: 32, compression: 3, alphaMask: 0xFF00_0000)),
    SampleImage("alpha compression", .bmp, 5, 4, 4, bmp(5, 4, bits: 32, compression: 6)),
    SampleImage("embedded JPEG", .bmp, 5, 4, nil, bmp(5, 4, bits: 0, compression: 4)),
  ]

  static let webps: [SampleImage] = [
    SampleImage("lossy", .webp, 16383, 1, 3, webp("VP8 ", vp8(16383, 1))),
    SampleImage("lossy, scaled at display", .webp, 7, 5, 3, webp("VP8 ", vp8(7 | 0x4000, 5 | 0xC000))),
    SampleImage("lossless", .webp, 16384, 3, 3, webp("VP8L", vp8l(16384, 3))),
    SampleImage("lossless with alpha", .webp, 1, 16384, 4, webp("VP8L", vp8l(1, 16384, alpha: 1))),
    SampleImage("extended", .webp, 640, 480, 3, webp("VP8X", vp8x(640, 480, flags: 0x02))),
    SampleImage("extended with alpha", .webp, 16_777_216, 255, 4, webp("VP8X", vp8x(16_777_216, 255, flags: 0x10))),
  ]

  static let tiffTypes: [SampleImage] = {
    var images: [SampleImage] = []
    for bigEndian in [false, true] {
      let order = bigEndian ? "MM" : "II"
      for (type, width) in [(1, 200), (3, 60000), (4, 3_000_000)] as [(UInt64, Int)] {
        let bytes = tiff(entries(UInt64(width), 5, type: type), bigEndian: bigEndian)
        images.append(SampleImage("\(order), type \(type)", .tiff, width, 5, 3, bytes))
      }
      for type in [1, 3, 4, 16] as [UInt64] {
        let bytes = tiff(entries(200, 5, type: type), bigEndian: bigEndian, bigTIFF: true)
        images.append(SampleImage("\(order), BigTIFF, type \(type)", .tiff, 200, 5, 3, bytes))
      }
    }
    return images
  }()

  static let tiffs: [SampleImage] = [
    SampleImage("one sample where none is told", .tiff, 7, 5, 1, tiff(entries(7, 5, samples: nil))),
    SampleImage("samples that are no number", .tiff, 7, 5, nil, tiff(entries(7, 5, samples: 0))),
    SampleImage("directory behind the pixels", .tiff, 640, 480, 3, tiff(entries(640, 480), gap: 9000)),
    SampleImage("entries out of order", .tiff, 7, 5, 3, tiff(entries(7, 5).reversed())),
    SampleImage("first of two sizes counts", .tiff, 7, 5, 1, tiff(entries(7, 5, samples: nil) + entries(9, 9, samples: nil))),
    SampleImage(
      "size behind many entries", .tiff, 7, 5, 3,
      tiff([Entry](repeating: Entry(tag: 1, type: 7, count: 4, value: 0), count: 2000) + entries(7, 5))),
  ]
}
