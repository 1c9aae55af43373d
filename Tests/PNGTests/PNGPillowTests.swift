import Foundation
import TestSupport
import Testing
import WaybillPNG

/// Pillow, by which most label maps are loaded, as judge.
enum Pillow {
  static let interpreter = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
  static let isPresent = (try? run("import PIL.Image, numpy", [])) != nil

  struct Failed: Error { var status: Int32 }

  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [interpreter, "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: data, as: UTF8.self)
  }

  /// Makes every kind of PNG file by hand, interlaced too, with the stored samples beside each and what Pillow shows as RGBA.
  static let generate = """
    import struct, sys, zlib
    import numpy as np
    from PIL import Image
    folder = sys.argv[1]
    random = np.random.default_rng(7)
    ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    def rows(samples, depth):
        result = b""
        for row in samples.reshape(samples.shape[0], -1):
            bits = "".join(format(int(value), f"0{depth}b") for value in row)
            bits += "0" * (-len(bits) % 8)
            result += b"\\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
        return result
    for kind, depths in [(0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))]:
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
        for depth in depths:
            for interlace in (0, 1):
                for width, height in ((1, 1), (3, 2), (9, 11), (33, 20)):
                    samples = random.integers(0, 1 << depth, (height, width, channels))
                    file = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace))
                    if kind == 3: file += chunk(b"PLTE", random.integers(0, 256, 3 << depth).astype(np.uint8).tobytes())
                    if interlace:
                        data = b"".join(rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in ADAM7 if samples[y::dy, x::dx].size)
                    else:
                        data = rows(samples, depth)
                    file += chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
                    name = f"{folder}/{kind}-{depth}-{interlace}-{width}"
                    open(name + ".png", "wb").write(file)
                    samples[:, :, :1].astype(np.uint16 if depth == 16 else np.uint8).tofile(name + ".stored")
                    image = Image.open(name + ".png")
                    np.asarray(image.convert("RGBA"), np.uint8).tofile(name + ".rgba")
                    print(name, kind, depth, interlace, width, height, image.mode)
    """

  /// Prints mode, size and the digest of the pixels as Pillow reads them.
  static let judge = """
    import hashlib, sys
    import numpy as np
    from PIL import Image
    for path in sys.argv[1:]:
        image = Image.open(path); image.load()
        palette = image.getpalette() if image.mode == "P" else []
        print(image.mode, image.width, image.height, np.asarray(image).tobytes().hex(), bytes(palette).hex() or "-")
    """
}

@Suite(.enabled(if: Pillow.isPresent, "needs python3 with Pillow and numpy (WAYBILL_PYTHON names another interpreter)"))
struct PNGPillowTests {
  @Test func everyKindOfFileIsReadAsPillowReadsIt() throws {
    let folder = try TemporaryFolder()
    let lines = try Pillow.run(Pillow.generate, [folder.path]).split(separator: "\n")
    #expect(lines.count == 15 * 2 * 4)
    for line in lines {
      let fields = line.split(separator: " ").map(String.init)
      let file = try bytes(of: fields[0] + ".png")
      let header = try header(file)
      #expect(header.colorType.rawValue == UInt8(fields[1]) && header.bitDepth == Int(fields[2]), "\(line)")
      #expect(header.isInterlaced == (fields[3] == "1"), "\(line)")
      #expect(header.width == Int(fields[4]) && header.height == Int(fields[5]), "\(line)")
      let stored: PNGPicture.Form = header.bitDepth == 16 ? .stored16 : .stored8
      if header.colorType == .rgb || header.colorType == .rgba {
        #expect(damage(file, as: stored)?.kind == .form, "\(line)")
      } else {
        #expect(try read(file, as: stored).pixels == bytes(of: fields[0] + ".stored"), "\(line)")
      }
      // Pillow clips deep grey instead of scaling it.
      guard fields[6] != "I;16", fields[6] != "I" else { continue }
      let rgba = try bytes(of: fields[0] + ".rgba")
      #expect(try read(file, as: .rgba8).pixels == rgba, "\(line)")
      let rgb = rgba.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
      #expect(try read(file, as: .rgb8).pixels == rgb, "\(line)")
      var rows: [UInt8] = []
      try file.withUnsafeBytes { try PNGReader($0).readRows(as: .rgb8) { rows += $1 } }
      #expect(rows == rgb, "\(line)")
    }
  }

  @Test func pillowReadsWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    let pictures = Pictures.each() + Pictures.each(width: 64, height: 33)
    let paths = try pictures.enumerated().map { try folder.write("\($0.offset).png", $0.element.encoded()) }
    let lines = try Pillow.run(Pillow.judge, paths).split(separator: "\n")
    try #require(lines.count == pictures.count)
    for (line, picture) in zip(lines, pictures) {
      let fields = line.split(separator: " ").map(String.init)
      let mode =
        switch picture.form {
        case .stored8: picture.palette.isEmpty ? "L" : "P"
        case .stored16: "I;16"
        case .rgb8: "RGB"
        case .rgba8: "RGBA"
        }
      #expect(fields[0] == mode)
      #expect(fields[1] == "\(picture.width)" && fields[2] == "\(picture.height)")
      #expect(fields[3] == hex(picture.pixels))
      if mode == "P" { #expect(fields[4] == hex(picture.palette.flatMap { [$0.red, $0.green, $0.blue] })) }
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
