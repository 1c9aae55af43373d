import Testing
import WaybillFormatSupport

@Suite struct ColorMapTests {
  @Test(
    arguments: [
      (0, 0), (1, 0x800000), (2, 0x008000), (3, 0x808000), (4, 0x000080), (8, 0x400000), (15, 0xC08080), (20, 0x004080),
      (21, 0x804080),
      (255, 0xE0E0C0), (256, 0x000020), (0xFFFFFF, 0xFFFFFF),
    ] as [(UInt32, UInt32)])
  func colorsOfTheDevelopmentKit(number: UInt32, color: UInt32) {
    #expect(ColorMap.color(of: number) == color)
    #expect(ColorMap.number(of: color) == number)
  }

  @Test func eachNumberHasAColorOfItsOwn() {
    for number in stride(from: UInt32(0), to: 1 << 24, by: 97) {
      #expect(ColorMap.number(of: ColorMap.color(of: number)) == number)
    }
    #expect(Set((0..<4096).map { ColorMap.color(of: UInt32($0)) }).count == 4096)
  }

  @Test(
    arguments: [
      ("#000000", 0), ("#ff8001", 0xFF8001), ("#FF8001", 0xFF8001), ("ff8001", nil), ("#ff801", nil), ("#ff800g", nil), ("", nil),
      ("#-00001", nil), ("#+00001", nil),
    ] as [(String, UInt32?)])
  func namesOfColors(text: String, color: UInt32?) { #expect(ColorMap.color(named: text) == color) }
}
