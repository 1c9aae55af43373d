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
}
