import Foundation
import Testing
import WaybillMediaProbe

/// Pillow, the library by which most data sets are loaded, as judge.
///
/// The interpreter is `WAYBILL_PYTHON`, or the `python3` found on the path.
enum Pillow {
  /// What Pillow says about one file; nil where it refuses it.
  struct Verdict {
    var path: String
    var image: (format: String, width: Int, height: Int, bands: Int)?
  }

  static let interpreter = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
  static let isPresent = (try? run("import PIL.Image", [])) != nil

  struct Failed: Error { var status: Int32 }

  /// Runs a script and returns what it prints; what it says on standard error is dropped, as its exit status tells enough.
  static func run(_ script: String, _ arguments: [String], input: String = "") throws -> String {
    let folder = try TemporaryFolder()
    let inputPath = try folder.write(Array(input.utf8), to: "input")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [interpreter, "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle(forReadingAtPath: inputPath)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads the paths on its input and prints a line each.
  static let judge = """
    import sys, warnings
    from PIL import Image
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    for path in sys.stdin.read().splitlines():
        try:
            with Image.open(path) as image:
                print(path, image.format, image.width, image.height, len(image.getbands()), sep="\\t")
        except Exception:
            print(path, "-", 0, 0, 0, sep="\\t")
    """

  static func verdicts(on paths: [String]) throws -> [Verdict] {
    try run(judge, [], input: paths.joined(separator: "\n")).split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, let width = Int(fields[2]), let height = Int(fields[3]), let bands = Int(fields[4]) else {
        throw Failed(status: -1)
      }
      return Verdict(path: fields[0], image: fields[1] == "-" ? nil : (fields[1], width, height, bands))
    }
  }

  /// Pillow's format names; MPO is several JPEGs in a file, DIB a BMP without its file header.
  static let formats: [String: ImageFormat] = [
    "PNG": .png, "JPEG": .jpeg, "MPO": .jpeg, "GIF": .gif, "BMP": .bmp, "WEBP": .webp, "TIFF": .tiff,
  ]

  /// Saves images of many modes, sizes and options, and prints their paths.
  static let generate = """
    import itertools, sys
    from PIL import Image
    folder, number = sys.argv[1], 0
    sizes = [(1, 1), (7, 5), (640, 3), (3, 641), (257, 256)]
    exif = Image.Exif(); exif[0x0112] = 6; exif[0x010E] = "x" * 30000
    cases = [
        ("png", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], [{}, {"optimize": True}]),
        ("jpg", ["L", "RGB", "CMYK"], [{}, {"progressive": True}, {"exif": exif}, {"icc_profile": b"i" * 200000},
                {"comment": b"c" * 60000}, {"quality": 100, "subsampling": 0}]),
        ("gif", ["L", "P", "RGB"], [{}, {"interlace": 0}]),
        ("bmp", ["1", "L", "P", "RGB", "RGBA"], [{}]),
        ("webp", ["RGB", "RGBA"], [{}, {"lossless": True}, {"exif": exif}, {"icc_profile": b"i" * 9000}]),
        ("tif", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"], [{}, {"big_tiff": True},
                {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"}]),
    ]
    for ending, modes, options in cases:
        for mode, option, size in itertools.product(modes, options, sizes):
            path = f"{folder}/{number:04}.{ending}"
            image = Image.new(mode, size)
            if mode == "RGBA": image.putalpha(Image.linear_gradient("L").resize(size))
            image.save(path, **option)
            print(path); number += 1
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    for ending in ("gif", "webp", "png", "tif"):
        path = f"{folder}/frames.{ending}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        print(path)
    """

  /// Where the real files lie when they are there: beside the package.
  static let corpus = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("../../../shared/corpus").standardizedFileURL.path
  static let hasCorpus = FileManager.default.fileExists(atPath: corpus)
}

@Suite(.enabled(if: Pillow.isPresent, "needs python3 with Pillow (WAYBILL_PYTHON names another interpreter)"))
struct PillowTests {
  @Test func generatedImagesAgree() throws {
    let folder = try TemporaryFolder()
    let paths = try Pillow.run(Pillow.generate, [folder.path]).split(separator: "\n").map(String.init)
    #expect(paths.count > 400)
    for verdict in try Pillow.verdicts(on: paths) {
      let image = try #require(verdict.image, "\(verdict.path)")
      let header = try MediaProbe.imageHeader(atPath: verdict.path).get()
      let name = "\(verdict.path) \(image)"
      #expect(header.format == Pillow.formats[image.format], "\(name)")
      #expect(header.width == image.width && header.height == image.height, "\(name)")
      if let channels = header.channels {
        // Pillow shows a GIF frame as decoded, where this header speaks of what is stored.
        #expect(channels == image.bands || header.format == .gif, "\(name)")
      }
    }
  }

  @Test func generatedImagesAgreeFromPieces() throws {
    let folder = try TemporaryFolder()
    for path in try Pillow.run(Pillow.generate, [folder.path]).split(separator: "\n").map(String.init) {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let expected = try MediaProbe.imageHeader(atPath: path).get()
      #expect(probeByPieces(bytes) == .found(expected), "\(path)")
    }
  }

  @Test(.enabled(if: Pillow.hasCorpus, "needs the real files in ../shared/corpus"))
  func realFilesAgree() throws {
    let endings: Set = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]
    let files = FileManager.default.enumerator(atPath: Pillow.corpus)?.compactMap { $0 as? String } ?? []
    let paths = files.filter { endings.contains(($0 as NSString).pathExtension.lowercased()) }.map { Pillow.corpus + "/" + $0 }
    var agreed = 0
    var refused: [String] = []
    for verdict in try Pillow.verdicts(on: paths) {
      let result = MediaProbe.imageHeader(atPath: verdict.path)
      guard let image = verdict.image, let format = Pillow.formats[image.format] else {
        refused.append(verdict.path)
        continue
      }
      guard case .success(let header) = result else {
        Issue.record("\(verdict.path): \(result), but Pillow reads \(image)")
        continue
      }
      #expect(header.format == format && header.width == image.width && header.height == image.height, "\(verdict.path)")
      if let channels = header.channels, header.format != .gif { #expect(channels == image.bands, "\(verdict.path)") }
      agreed += 1
    }
    print("PillowTests.realFilesAgree: \(agreed) of \(paths.count) images compared, \(refused.count) refused by Pillow")
    for path in refused { print("  \(path): \(MediaProbe.imageHeader(atPath: path))") }
  }
}
