import Testing
import WaybillBytes
import WaybillFormatSupport

@Suite struct JSONSpacingTests {
  @Test(arguments: [
    (#"{"a":1,"b":[2,3]}"#, JSONSpacing.none), (#"{"a": 1, "b": [2, 3]}"#, .spaced), (#"{"a": 1,"b": [2,3]}"#, .colons),
    (#"{"a":1, "b":[2, 3]}"#, .commas), (#"{"a": 1}"#, .spaced), (#"{}"#, .none), (#"{"a: , \" :":1,"b":2}"#, .none),
  ])
  func isObservedAndWrittenAgain(_ text: String, _ expected: JSONSpacing) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { JSONSpacing(observing: $0) } == expected)
    var compact = ByteBuffer()
    bytes.withUnsafeBytes { compact.appendCompacted(json: $0) }
    var out = ByteBuffer()
    expected.append(compact: compact.bytes, to: &out)
    #expect(out.string() == text)
  }

  @Test func textIsLeftAlone() {
    var out = ByteBuffer()
    Array(#"{"a\":,":"b:,\\","c":1}"#.utf8).withUnsafeBytes { JSONSpacing.spaced.append(compact: $0, to: &out) }
    #expect(out.string() == #"{"a\":,": "b:,\\", "c": 1}"#)
  }
}
