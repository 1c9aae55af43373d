import Foundation
import Testing
import WaybillBytes

@Suite struct StringBytesTests {
  @Test(arguments: [
    "", "a", "fifteen bytes !", "sixteen bytes !!", "é", "e\u{301}", "🦊🦊🦊🦊🦊", String(repeating: "long ", count: 100),
  ])
  func theBytesAreThoseOfTheText(text: String) {
    #expect(text.withBytes { Array($0) } == Array(text.utf8))
    // Parts, and texts that Foundation holds.
    #expect(String(text.dropFirst()).withBytes { Array($0) } == Array(text.dropFirst().utf8))
    let other = NSString(string: text) as String
    #expect(other.withBytes { Array($0) } == Array(text.utf8))
  }

  @Test(
    arguments: [
      ("", "", true), ("a", "a", true), ("a", "b", false), ("ab", "a", false), ("a", "ab", false), ("é", "e\u{301}", false),
      ("a\0b", "a\0b", true), ("a\0b", "a\0c", false),
    ])
  func sameBytes(a: String, b: String, same: Bool) {
    #expect(a.withBytes { a in b.withBytes { a.holdsSameBytes(as: $0) } } == same)
  }

  @Test func noBytesAreTheSameAsNone() {
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    #expect(nothing.holdsSameBytes(as: nothing))
    #expect("".withBytes { $0.holdsSameBytes(as: nothing) && nothing.holdsSameBytes(as: $0) })
    #expect("a".withBytes { !$0.holdsSameBytes(as: nothing) && !nothing.holdsSameBytes(as: $0) })
  }
}
