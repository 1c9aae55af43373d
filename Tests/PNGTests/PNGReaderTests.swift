import Testing
import WaybillPNG

@Suite struct PNGReaderTests {
  @Test(arguments: Pictures.each() + Pictures.each(width: 1, height: 1) + Pictures.each(width: 300, height: 2))
  func whatWasWrittenIsReadBack(picture: PNGPicture) throws {
    let bytes = try picture.encoded()
    #expect(try read(bytes, as: picture.form) == picture)
    #expect(try picture.encoded() == bytes)
    let header = try header(bytes)
    #expect(header.width == picture.width && header.height == picture.height && !header.isInterlaced)
    #expect(header.palette == picture.palette)
    #expect(header.bitDepth == (picture.form == .stored16 ? 16 : 8))
  }

  @Test(arguments: Pictures.each())
  func rowsAreThoseOfThePicture(picture: PNGPicture) throws {
    var pixels: [UInt8] = []
    var rows: [Int] = []
    try picture.encoded().withUnsafeBytes { bytes in
      try PNGReader(bytes).readRows(as: picture.form) {
        rows.append($0)
        pixels += $1
      }
    }
    #expect(rows == Array(0..<picture.height))
    #expect(pixels == picture.pixels)
  }

  @Test func indicesAreLookedUpInThePalette() throws {
    let picture = PNGPicture(
      width: 3, height: 1, form: .stored8, palette: [PNGColor(1, 2, 3), PNGColor(4, 5, 6)], pixels: [0, 1, 0])
    let bytes = try picture.encoded()
    #expect(try read(bytes, as: .rgb8).pixels == [1, 2, 3, 4, 5, 6, 1, 2, 3])
    #expect(try read(bytes, as: .rgba8).pixels == [1, 2, 3, 255, 4, 5, 6, 255, 1, 2, 3, 255])
    #expect(try read(bytes, as: .rgb8).palette.isEmpty)
  }

  @Test func anIndexWithoutAColourIsKept() throws {
    let picture = PNGPicture(width: 2, height: 1, form: .stored8, palette: [PNGColor(9, 9, 9)], pixels: [0, 255])
    #expect(try read(picture.encoded(), as: .stored8) == picture)
  }

  @Test func sixteenBitsKeepTheirOrder() throws {
    let samples: [UInt16] = [0, 1, 255, 256, 0x1234, 65535]
    let picture = PNGPicture(width: 3, height: 2, samples: samples)
    let back = try read(picture.encoded(), as: .stored16)
    #expect(back.samples == samples)
    #expect(try read(picture.encoded(), as: .rgb8).pixels.prefix(15).suffix(3) == [0x12, 0x12, 0x12])
    #expect(back.form == .stored16 && picture.palette.isEmpty)
    #expect(Pictures.each()[0].samples.isEmpty)
  }

  @Test func formsTheFileDoesNotStoreAreRefused() throws {
    let rgb = try Pictures.each()[3].encoded()
    #expect(damage(rgb, as: .stored8)?.kind == .form)
    #expect(damage(rgb, as: .stored16)?.kind == .form)
    let grey = try Pictures.each()[1].encoded()
    #expect(damage(grey, as: .stored16)?.kind == .form)
    #expect(damage(try Pictures.each()[2].encoded(), as: .stored8)?.kind == .form)
    #expect(damage(grey, as: .rgba8) == nil)
  }

  @Test func textAndUnknownChunksAreSkipped() throws {
    let picture = Pictures.each()[0]
    let file = try picture.encoded()
    var raw = RawPNG(width: 7, height: 5, type: 3)
    for chunk in RawPNG.chunks(file).dropFirst() {
      if chunk.type == "IDAT" {
        raw.add("tEXt", Array("Comment".utf8) + [0] + Array(repeating: 65, count: 100_000))
        raw.add("iCCP", Array("not a profile".utf8))
        raw.add("zTXt", Array("not packed".utf8))
        raw.add("waYb", [1, 2, 3])
      }
      raw.add(chunk.type, chunk.body)
    }
    #expect(try read(raw.bytes, as: .stored8) == picture)
    // A chunk that must be understood is not skipped.
    raw = RawPNG(width: 7, height: 5, type: 3)
    raw.add("WAYB", [1, 2, 3])
    for chunk in RawPNG.chunks(file).dropFirst() { raw.add(chunk.type, chunk.body) }
    #expect(damage(raw.bytes, as: .stored8)?.kind == .damaged)
  }

  @Test func transparencyIsRead() throws {
    let file = try Pictures.each()[0].encoded()
    var raw = RawPNG(width: 7, height: 5, type: 3)
    for chunk in RawPNG.chunks(file).dropFirst() {
      if chunk.type == "IDAT" { raw.add("tRNS", [0, 128]) }
      raw.add(chunk.type, chunk.body)
    }
    #expect(try header(raw.bytes).transparency == [0, 128])
    let indices = Pictures.each()[0].pixels
    let alphas = try read(raw.bytes, as: .rgba8).pixels.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
    #expect(alphas == indices.map { $0 == 0 ? 0 : $0 == 1 ? 128 : 255 })
    #expect(indices.contains(0) && indices.contains(1))
    #expect(try read(raw.bytes, as: .rgb8).pixels.count == 7 * 5 * 3)
  }
}
