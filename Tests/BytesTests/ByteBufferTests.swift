import Testing
import WaybillBytes

@Suite struct ByteBufferTests {
  @Test func growsFromNothingAndKeepsItsBytes() {
    var buffer = ByteBuffer(capacity: 0)
    #expect(buffer.isEmpty && buffer.count == 0 && buffer.capacity >= 32)
    var expected: [UInt8] = []
    for index in 0..<5000 {
      let byte = UInt8(truncatingIfNeeded: index &* 31)
      buffer.append(byte)
      expected.append(byte)
    }
    #expect(buffer.array() == expected)
    #expect(buffer.count == 5000 && buffer.capacity >= 5000)
  }

  @Test(arguments: [0, 1, 31, 32, 33, 255, 256, 257, 100_000])
  func oneAppendOfAnySizeFits(size: Int) {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    var buffer = ByteBuffer(capacity: 1)
    buffer.append(UInt8(ascii: "<"))
    buffer.append(bytes)
    buffer.append(">")
    #expect(buffer.count == size + 2)
    #expect(Array(buffer.array().dropFirst().dropLast()) == bytes)
  }

  @Test func growthIsAmortised() {
    var buffer = ByteBuffer(capacity: 32)
    var growths = 0
    var capacity = buffer.capacity
    for _ in 0..<1_000_000 {
      buffer.append(UInt8(0))
      if buffer.capacity != capacity {
        growths += 1
        capacity = buffer.capacity
      }
    }
    #expect(growths < 24)
  }

  @Test func reserveMakesRoomOnceAndNotTwice() {
    var buffer = ByteBuffer(capacity: 32)
    buffer.reserve(1000)
    let capacity = buffer.capacity
    #expect(capacity >= 1000)
    buffer.write(atMost: 1000) { out in
      for index in 0..<1000 { out[index] = 7 }
      return 1000
    }
    #expect(buffer.capacity == capacity && buffer.count == 1000)
    buffer.write(atMost: 64) { _ in 0 }
    #expect(buffer.count == 1000)
  }

  @Test(arguments: [(0, "", 0), (3, "abc", 3), (6, "abcdef", 6), (99, "abcdef", 6), (-1, "", 0), (Int.min, "", 0)])
  func truncates(to length: Int, leaves text: String, count: Int) {
    var buffer = ByteBuffer()
    buffer.append("abcdef")
    buffer.truncate(to: length)
    #expect(buffer.string() == text && buffer.count == count)
    buffer.append("x")
    #expect(buffer.string() == text + "x")
  }

  @Test func removeAllKeepsTheMemory() {
    var buffer = ByteBuffer()
    buffer.append([UInt8](repeating: 1, count: 10_000))
    let capacity = buffer.capacity
    buffer.removeAll()
    #expect(buffer.isEmpty && buffer.capacity == capacity && buffer.array() == [] && buffer.bytes.count == 0)
  }

  @Test(arguments: [(0, "añ€"), (1, "ñ€"), (6, ""), (7, ""), (-3, "añ€"), (Int.max, ""), (Int.min, "añ€")])
  func readsFromAPosition(start: Int, text: String) {
    var buffer = ByteBuffer()
    buffer.append("añ€" as String)
    #expect(buffer.string(from: start) == text)
    #expect(buffer.array(from: start) == Array(text.utf8))
  }

  @Test func invalidTextIsRepairedOnlyWhenRead() {
    var buffer = ByteBuffer()
    buffer.append([0x61, 0xFF, 0x62])
    #expect(buffer.string() == "a\u{FFFD}b")
    #expect(buffer.array() == [0x61, 0xFF, 0x62])
  }

  @Test func emptyThingsAppendNothing() {
    var buffer = ByteBuffer()
    buffer.append("")
    buffer.append("" as String)
    buffer.append([UInt8]())
    buffer.append(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(buffer.count == 0)
  }

  @Test func stringsOfEveryKindAppendTheirUTF8() {
    var buffer = ByteBuffer()
    let texts = [
      "short", "longer than fifteen bytes, so on the heap", "日本語", "e\u{301}", String("substring of".dropFirst(3)), "\0\u{7F}",
    ]
    for text in texts { buffer.append(text) }
    #expect(buffer.array() == texts.flatMap { Array($0.utf8) })
  }
}

@Suite struct ExactTextTests {
  @Test func canonicallyEqualTextsDiffer() {
    #expect("\u{E9}" == "e\u{301}")
    #expect(ExactText("\u{E9}") != ExactText("e\u{301}"))
    #expect(ExactText("\u{212A}") != ExactText("K"))
    #expect(Set([ExactText("\u{E9}"), ExactText("e\u{301}"), ExactText("\u{E9}")]).count == 2)
  }

  @Test(arguments: ["", "a", "é", "a text that is longer than fifteen bytes"])
  func equalBytesAreEqualHoweverTheyAreStored(text: String) {
    let sliced = String(("x" + text).dropFirst())
    #expect(ExactText(text) == ExactText(sliced))
    #expect(ExactText(text).hashValue == ExactText(sliced).hashValue)
    #expect(ExactText(text).text == text)
  }
}
