import Testing
import WaybillFormatSupport
import WaybillPNG

@Suite struct LabelPictureTests {
  private func read(_ picture: LabelPicture) throws -> LabelPicture {
    try picture.encoded().withUnsafeBytes { try LabelPicture($0) }
  }

  @Test func everyFormKeepsItsNumbers() throws {
    let numbers: [UInt32] = [0, 1, 2, 255, 7, 15]
    for form in [LabelPicture.Form.palette, .grey, .grey16, .rgb] {
      let palette: [UInt32] = form == .palette ? (0..<256).map { $0 << 8 | 3 } : []
      let picture = LabelPicture(width: 3, height: 2, form: form, palette: palette, numbers: numbers)
      #expect(try read(picture) == picture, "\(form)")
    }
    let deep = LabelPicture(width: 2, height: 1, form: .grey16, numbers: [65535, 300])
    #expect(try read(deep) == deep)
  }

  @Test func numbersTooHighForAFormBecomeColours() throws {
    let colours = try read(LabelPicture(width: 3, height: 1, form: .palette, palette: [0, 0x112233], numbers: [1, 300, 0]))
    #expect(colours.form == .rgb && colours.palette.isEmpty)
    #expect((0..<3).map { ColorMap.color(of: colours.numbers[$0]) } == [0x112233, ColorMap.color(of: 300), 0])
    let grey = try read(LabelPicture(width: 2, height: 1, form: .grey, numbers: [256, 4]))
    #expect(grey.form == .rgb && grey.numbers == [256, 4])
    let deep = try read(LabelPicture(width: 1, height: 1, form: .grey16, numbers: [65536]))
    #expect(deep.form == .rgb && deep.numbers == [65536])
  }

  @Test func coloursAreThoseOfTheForm() {
    let palette = LabelPicture(width: 1, height: 1, form: .palette, palette: [5], numbers: [0])
    #expect(palette.color(of: 0) == 5 && palette.color(of: 1) == nil)
    #expect(LabelPicture(width: 1, height: 1, form: .rgb, numbers: [0]).color(of: 1) == 0x800000)
    #expect(LabelPicture(width: 1, height: 1, form: .grey, numbers: [0]).color(of: 1) == nil)
  }

  @Test func aFirstColourOfThePaletteIsPainted() throws {
    // Index 0 need not be black.
    let picture = LabelPicture(width: 2, height: 1, form: .rgb, palette: [0xFF0000, 0x00FF00], numbers: [0, 1])
    #expect(try read(picture).numbers.map { ColorMap.color(of: $0) } == [0xFF0000, 0x00FF00])
  }

  @Test func whatIsNoPictureIsAProblem() {
    #expect(throws: PNGProblem.self) { try Array("no".utf8).withUnsafeBytes { try LabelPicture($0) } }
    #expect(throws: PNGProblem.self) { try LabelPicture(width: 2, height: 2, form: .grey, numbers: [1]).encoded() }
  }
}
