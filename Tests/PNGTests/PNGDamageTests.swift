import TestSupport
import Testing
import WaybillPNG

@Suite struct PNGDamageTests {
  @Test(arguments: Pictures.each())
  func everyCutIsAnError(picture: PNGPicture) throws {
    let bytes = try picture.encoded()
    for length in 0..<bytes.count {
      let problem = try #require(damage(Array(bytes[..<length]), as: picture.form), "cut at \(length)")
      #expect(problem.kind == (length < 8 ? .notPNG : .truncated), "cut at \(length): \(problem)")
      #expect(problem.offset == (length < 8 ? 0 : length), "cut at \(length): \(problem)")
    }
  }

  @Test(arguments: Pictures.each())
  func everyChangedByteIsAnError(picture: PNGPicture) throws {
    let bytes = try picture.encoded()
    let chunks = RawPNG.chunks(bytes)
    for place in bytes.indices {
      for bit in [0, 3, 7] {
        var mutant = bytes
        mutant[place] ^= 1 << UInt8(bit)
        let problem = try #require(damage(mutant, as: picture.form), "byte \(place), bit \(bit)")
        guard place >= 8 else {
          #expect(problem.kind == .notPNG)
          continue
        }
        // A wrong length is found where the next chunk should be; everything else where it is.
        let chunk = try #require(chunks.last { $0.start <= place })
        if place >= chunk.start + 8 { #expect(problem.offset == chunk.start, "byte \(place): \(problem)") }
        #expect(!problem.message.isEmpty)
      }
    }
  }

  @Test func randomChangesNeverTrap() throws {
    let seed = testSeed(20_260_730)
    var numbers = SeededNumbers(seed)
    let files = try Pictures.each(width: 33, height: 17).map { try $0.encoded() }
    for round in 0..<800 {
      var mutant = numbers.pick(files)
      for _ in 0..<1 + numbers.below(4) { mutant[8 + numbers.below(mutant.count - 8)] = UInt8(numbers.below(256)) }
      // Right checksums let the changes through to what lies behind them.
      var mended = Array(mutant[..<8])
      for chunk in RawPNG.chunks(mutant) {
        var raw = RawPNG(width: 1, height: 1)
        raw.bytes = []
        raw.add(chunk.type, chunk.body)
        mended += raw.bytes
      }
      for file in [mutant, mended] {
        for form in [PNGPicture.Form.stored8, .stored16, .rgb8, .rgba8] {
          guard let picture = try? read(file, as: form, limits: PNGLimits(pixels: 1 << 20, bytes: 1 << 22)) else { continue }
          #expect(
            picture.pixels.count == picture.width * picture.height * form.bytesPerPixel, "seed \(seed), round \(round)")
        }
      }
    }
  }

  @Test func picturesTooLargeAreRefusedBeforeTheirPixels() throws {
    func file(_ width: UInt32, _ height: UInt32) -> [UInt8] {
      var raw = RawPNG(width: width, height: height)
      raw.add("IDAT", [0x78, 0x9C])
      return raw.bytes
    }
    #expect(damage(file(65_536, 1), as: .stored8)?.kind == .tooLarge)
    #expect(damage(file(1, 65_536), as: .stored8)?.kind == .tooLarge)
    #expect(damage(file(0x7FFF_FFFF, 0x7FFF_FFFF), as: .stored8)?.kind == .tooLarge)
    #expect(damage(file(65_535, 65_535), as: .stored8)?.kind == .tooLarge)
    #expect(damage(file(0x8000_0000, 1), as: .stored8)?.kind == .damaged)
    #expect(damage(file(0, 1), as: .stored8)?.kind == .damaged)
    // 16,000 x 16,000 is allowed, but not out of so few bytes.
    let small = try #require(damage(file(16_000, 16_000), as: .stored8))
    #expect(small.kind == .truncated)
    #expect(small.message.contains("cannot hold a picture of 16000 x 16000 pixels"))
    let picture = try Pictures.each()[3].encoded()
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(side: 6))?.kind == .tooLarge)
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(side: 7)) == nil)
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(pixels: 34))?.kind == .tooLarge)
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(pixels: 35)) == nil)
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(bytes: 104))?.kind == .tooLarge)
    #expect(damage(picture, as: .rgb8, limits: PNGLimits(bytes: 105)) == nil)
  }

  @Test func missingRowsAreAnError() throws {
    // The pixels of a lower picture under the header of a higher one.
    let low = try Pictures.random(.stored8, width: 40, height: 9, seed: 3).encoded()
    var raw = RawPNG(width: 40, height: 10)
    for chunk in RawPNG.chunks(low).dropFirst() { raw.add(chunk.type, chunk.body) }
    let problem = try #require(damage(raw.bytes, as: .stored8))
    #expect(problem.kind == .damaged)
    var seen = 0
    raw.bytes.withUnsafeBytes { bytes in
      _ = try? PNGReader(bytes).readRows(as: .stored8) { _, _ in seen += 1 }
    }
    #expect(seen == 9)
  }

  @Test(arguments: [
    ("", "the file is empty"), ("\u{1}", "does not begin as a PNG file does"), ("GIF89a, not this", "does not begin"),
  ])
  func whatIsNoPNGIsSaid(text: String, message: String) throws {
    let problem = try #require(damage(Array(text.utf8), as: .stored8))
    #expect(problem.kind == .notPNG && problem.offset == 0)
    #expect(problem.description.contains(message))
  }
}
