import Testing
import WaybillPNG

@Suite struct PNGWriterTests {
  @Test func onlyNeededChunksAreWritten() throws {
    for picture in Pictures.each() {
      let types = RawPNG.chunks(try picture.encoded()).map(\.type)
      #expect(types == (picture.palette.isEmpty ? ["IHDR", "IDAT", "IEND"] : ["IHDR", "PLTE", "IDAT", "IEND"]))
    }
  }

  @Test func headersSayTheKind() throws {
    let kinds = try Pictures.each().map { picture in
      let body = RawPNG.chunks(try picture.encoded())[0].body
      return [body[8], body[9], body[12]]
    }
    #expect(kinds == [[8, 3, 0], [8, 0, 0], [16, 0, 0], [8, 2, 0], [8, 6, 0]])
  }

  @Test func picturesThatAreNoneAreRefused() {
    let color = PNGColor(0, 0, 0)
    let refused: [PNGPicture] = [
      PNGPicture(width: 0, height: 1, form: .stored8, pixels: []), PNGPicture(width: 1, height: 0, form: .stored8, pixels: []),
      PNGPicture(width: -1, height: -1, form: .stored8, pixels: [1]),
      PNGPicture(width: .max, height: .max, form: .rgba8, pixels: [1]),
      PNGPicture(width: 2, height: 2, form: .stored8, pixels: [1, 2, 3]),
      PNGPicture(width: 2, height: 2, form: .stored8, pixels: [1, 2, 3, 4, 5]),
      PNGPicture(width: 2, height: 2, form: .rgb8, pixels: [1, 2, 3, 4]),
      PNGPicture(width: 1, height: 1, form: .stored8, palette: Array(repeating: color, count: 257), pixels: [1]),
      PNGPicture(width: 1, height: 1, form: .rgb8, palette: [color], pixels: [1, 2, 3]),
    ]
    for picture in refused {
      #expect(throws: PNGProblem.self) { try picture.encoded() }
    }
  }

  @Test func wideAndTallPicturesAreWhole() throws {
    for (width, height) in [(20_000, 3), (3, 20_000), (1, 65_535), (65_535, 1)] {
      let picture = Pictures.random(.stored16, width: width, height: height, seed: 9)
      #expect(try read(picture.encoded(), as: .stored16) == picture)
    }
  }

  @Test func flatPicturesAreSmall() throws {
    let picture = PNGPicture(width: 2048, height: 1024, form: .stored8, pixels: Array(repeating: 7, count: 2048 * 1024))
    let bytes = try picture.encoded()
    #expect(bytes.count < 5000)
    #expect(try read(bytes, as: .stored8) == picture)
  }
}
