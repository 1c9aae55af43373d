import Testing
import WaybillBytes

@Suite struct MarkSearchTests {
  private func skip(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { buffer in buffer.baseAddress.map { MarkSearch.skipUnmarked($0, buffer.count) } ?? 0 }
  }

  @Test func stopsBeforeEachMark() {
    for byte in UInt8.min...UInt8.max {
      let isMark = byte == UInt8(ascii: "\"") || byte & 0x40 != 0
      for at in [0, 1, 15, 16, 31, 32, 63, 64, 100, 127, 128, 191, 200] {
        var bytes = [UInt8](repeating: UInt8(ascii: "7"), count: 256)
        bytes[at] = byte
        #expect(skip(bytes) == (isMark ? at / 64 * 64 : 256), "byte \(byte) at \(at)")
      }
    }
  }

  @Test(arguments: 0..<200) func readsNothingBehindTheEnd(count: Int) {
    #expect(skip([UInt8](repeating: UInt8(ascii: ","), count: count)) == count / 64 * 64)
  }
}
