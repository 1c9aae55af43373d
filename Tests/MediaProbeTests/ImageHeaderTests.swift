import Testing
import WaybillMediaProbe

/// A hand-built file that must be refused, with a word of the reason.
struct BrokenImage: CustomTestStringConvertible {
  var reason: String
  var bytes: [UInt8]
  var testDescription: String { reason }

  init(_ reason: String, _ bytes: [UInt8]) {
    self.reason = reason
    self.bytes = bytes
  }

  static func tiffHeader(_ signature: String, _ fields: [UInt8]...) -> [UInt8] {
    ascii(signature) + fields.flatMap { $0 } + zeros(20)
  }

  static let all: [BrokenImage] = [
    BrokenImage("is zero", png(0, 1)), BrokenImage("is zero", png(1, 0)),
    BrokenImage("above 2147483647", png(0x8000_0000, 1)), BrokenImage("above 2147483647", png(1, 0xFFFF_FFFF)),
    BrokenImage("not IHDR", png(1, 1, name: "IDAT")), BrokenImage("13 bytes", png(1, 1, length: 12)),
    BrokenImage("checksum", png(1, 1, crcError: 1)), BrokenImage("colour type", png(1, 1, colour: 1)),
    BrokenImage("colour type", png(1, 1, colour: 7)),

    BrokenImage("is zero", jpeg(frame(0xC0, 0, 5))), BrokenImage("leaves the height open", jpeg(frame(0xC0, 5, 0))),
    BrokenImage("no components", jpeg(frame(0xC0, 5, 5, components: 0))),
    BrokenImage("too short", jpeg([0xFF, 0xC0, 0, 16, 8, 0, 5, 0, 5, 3])),
    BrokenImage("scan starts", jpeg()), BrokenImage("ends before", jpeg([0xFF, 0xD9])),
    BrokenImage("shorter than its length", jpeg([0xFF, 0xE0, 0, 1])), BrokenImage("reserved", jpeg([0xFF, 0xFF, 0x02])),
    BrokenImage("the file ends", [0xFF, 0xD8, 0xFF]), BrokenImage("the file ends", [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1]),
    BrokenImage("stray bytes", jpeg([0xFF, 0xFF], zeros(70_000), frame(0xC0, 5, 5))),
    BrokenImage("16384 segments", jpeg([[UInt8]](repeating: segment(0xFE, []), count: 16_384).flatMap { $0 }, frame(0xC0, 5, 5))),

    BrokenImage("is zero", gif("GIF89a", 0, 5)), BrokenImage("is zero", gif("GIF89a", 5, 0)),
    BrokenImage("the file ends", ascii("GIF89a")),

    BrokenImage("is zero", bmp(0, 5)), BrokenImage("is zero", bmp(5, 0)), BrokenImage("is zero", bmp(5, 0, headerSize: 12)),
    BrokenImage("negative", bmp(-5, 5)), BrokenImage("above 2147483647", bmp(5, -0x8000_0000)),

    BrokenImage("is zero", webp("VP8 ", vp8(0, 5))), BrokenImage("is zero", webp("VP8 ", vp8(5, 0x4000))),
    BrokenImage("key frame", webp("VP8 ", vp8(5, 5, tag: 0x11))), BrokenImage("start code", webp("VP8 ", zeros(10))),
    BrokenImage("VP8 is too short", webp("VP8 ", vp8(5, 5), size: 9)), BrokenImage("signature", webp("VP8L", zeros(5))),
    BrokenImage("version", webp("VP8L", vp8l(5, 5, version: 1))),
    BrokenImage("VP8L is too short", webp("VP8L", vp8l(5, 5), size: 4)),
    BrokenImage("VP8X is too short", webp("VP8X", vp8x(5, 5), size: 9)),
    BrokenImage("4294967295 pixels", webp("VP8X", vp8x(65536, 65536))),
    BrokenImage("none of VP8", webp("ALPH", zeros(10))), BrokenImage("the file ends", ascii("RIFF....WEBP")),
    BrokenImage("the file ends", ascii("MM\0*")),

    BrokenImage("is zero", tiff(entries(0, 5))), BrokenImage("is zero", tiff(entries(5, 0), bigTIFF: true)),
    BrokenImage("above 2147483647", tiff(entries(0x8000_0000, 5, type: 4))),
    BrokenImage("above 2147483647", tiff(entries(.max, 5, type: 16), bigTIFF: true)),
    BrokenImage("not a single", tiff(entries(5, 5, type: 16))), BrokenImage("not a single", tiff(entries(5, 5, type: 8))),
    BrokenImage("not a single", tiff([Entry(tag: 256, type: 3, count: 2, value: 5)])),
    BrokenImage("not a single", tiff([Entry(tag: 256, type: 3, count: 0, value: 5)])),
    BrokenImage("lacks", tiff([Entry(tag: 256, type: 3, value: 5)])),
    BrokenImage("lacks", tiff([Entry(tag: 257, type: 3, value: 5)], bigEndian: true)),
    BrokenImage("is empty", tiff([])), BrokenImage("65535 entries", tiff([], bigTIFF: true, stated: .max)),
    BrokenImage("goes on beyond", tiff(entries(5, 5), stated: 9)),
    BrokenImage("inside the file's header", tiffHeader("II*\0", little(2, 4))),
    BrokenImage("beyond the end", tiffHeader("II*\0", little(0xFFFF_FFFF, 4))),
    BrokenImage("beyond the end", tiffHeader("MM\0+", big(8, 2), big(0, 2), big(.max, 8))),
    BrokenImage("beyond the end", tiffHeader("MM\0+", big(8, 2), big(0, 2), big(UInt64(Int.max), 8))),
    BrokenImage("offsets of 8 bytes", tiffHeader("MM\0+", big(4, 2), big(0, 2))),
    BrokenImage("offsets of 8 bytes", tiffHeader("II+\0", little(8, 2), little(1, 2))),
  ]
}

@Suite struct ImageHeaderTests {
  @Test(arguments: SampleImage.all)
  func soundHeadersAreRead(image: SampleImage) {
    #expect(probe(image.bytes) == .found(image.header))
  }

  @Test(arguments: BrokenImage.all)
  func brokenHeadersAreRefused(image: BrokenImage) {
    guard case .broken(let reason) = probe(image.bytes) else {
      Issue.record("\(probe(image.bytes)) where broken was due: \(image.reason)")
      return
    }
    #expect(reason.contains(image.reason))
    #expect(!reason.hasSuffix("."))
  }

  @Test(arguments: [
    "", "B", "BM", "BMW builds cars and motorbikes.", "GIF88a..........", "RIFF....WAVEfmt ", "RIFF", "II", "II*",
    "{\"images\": []}", "\u{7F}PNG\r\n\u{1A}\n", "<svg width=\"5\" height=\"5\"/>",
  ])
  func otherFilesAreUnknown(text: String) {
    #expect(probe(Array(text.utf8)) == .unknown)
  }

  @Test func noBytesOfAnUnknownAddress() {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(MediaProbe.header(of: nothing, fileSize: 0) == .unknown)
    #expect(MediaProbe.header(of: nothing, fileSize: 100) == .needs(offset: 0, count: 100))
    #expect(MediaProbe.header(of: nothing, fileSize: .max) == .needs(offset: 0, count: 4096))
  }

  @Test(arguments: [-1, 0, 5, Int.min])
  func aFileIsNoSmallerThanItsBytes(fileSize: Int) {
    let image = SampleImage.pngs[1]
    #expect(probe(image.bytes, fileSize: fileSize) == .found(image.header))
  }

  @Test func needsNamesThePlaceFurtherIn() {
    let far = jpeg(segment(0xE2, zeros(65533)), frame(0xC0, 640, 480))
    #expect(probe(far.prefix(4096), fileSize: far.count) == .needs(offset: 65539, count: far.count - 65539))
    let behind = tiff(entries(640, 480), gap: 9000)
    #expect(probe(behind.prefix(4096), fileSize: 1 << 20) == .needs(offset: 9008, count: 4096))
  }

  @Test func hugeStatedFilesDoNotOverflow() {
    let largest = UInt64(Int.max)
    for (mark, order) in [("MM", big), ("II", little)] {
      for offset: UInt64 in [largest, largest - 8, largest - 9, 1 << 63, .max, 1 << 62] {
        var bytes = ascii(mark) + order(43, 2) + order(8, 2)
        bytes += order(0, 2) + order(offset, 8)
        switch probe(bytes, fileSize: .max) {
        case .needs(let place, let count): #expect(place == Int(offset) && count > 0 && count <= Int.max - place)
        case .broken: #expect(offset > largest - 8)
        case let other: Issue.record("\(other) for a directory at \(offset)")
        }
      }
    }
  }
}
