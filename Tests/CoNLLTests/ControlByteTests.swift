import Testing

@testable import WaybillCoNLL

@Suite struct ControlByteTests {
  @Test func copiesCount() {
    let bytes: [UInt8] = Array("a b\tc  defghijklmnop q\n".utf8)
    bytes.withUnsafeBufferPointer { memory in
      for end in 0...memory.count {
        for start in 0...end {
          var out = [UInt8](repeating: 0, count: memory.count + 8)
          let count = out.withUnsafeMutableBufferPointer {
            ControlBytes.copy(start..<end, of: memory, to: $0.baseAddress.unsafelyUnwrapped)
          }
          #expect(count == ControlBytes.count(in: UnsafeBufferPointer(rebasing: memory[start..<end])))
          #expect(count == bytes[start..<end].count { $0 <= 0x20 } && out.starts(with: bytes[start..<end]))
        }
      }
    }
  }
}
