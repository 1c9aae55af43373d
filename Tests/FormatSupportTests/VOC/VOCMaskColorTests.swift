import Testing
import WaybillFormatSupport

@Suite struct VOCMaskColorTests {
  @Test(
    arguments: [
      ("193,243,53", 0xC1F335), ("0,0,0", 0), (" 1 , 2,\n3 ", 0x010203), ("255,255,255", 0xFFFFFF), ("256,0,0", nil), ("1,2", nil),
      ("1,2,3,4", nil), ("1,,3", nil), ("", nil), ("1,2,", nil), ("a,b,c", nil), ("-1,2,3", nil), ("99999999999,1,1", nil),
    ] as [(String, UInt32?)])
  func colorsAreThreeNumbers(text: String, color: UInt32?) {
    #expect(VOCMaskColor.color(text.utf8) == color)
    if let color { #expect(VOCMaskColor.color(VOCMaskColor.text(color).utf8) == color) }
  }
}
