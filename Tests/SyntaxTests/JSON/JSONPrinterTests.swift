import TestSupport
import Testing
import WaybillBytes
import WaybillSyntax

/// What a buffer prints of a text, and what a printer prints of it where it lies among other bytes.
private func both(_ text: [UInt8], before: Int, behind: Int) -> (buffer: [UInt8], printer: [UInt8]) {
  var expected = ByteBuffer(capacity: 1)
  text.withUnsafeBufferPointer { expected.appendJSONContent(utf8: $0) }
  // What lies around needs escapes: it would show if it were printed.
  let memory = Array(repeating: UInt8(ascii: "\""), count: before) + text + Array(repeating: UInt8(ascii: "\\"), count: behind)
  var printed = ByteBuffer(capacity: 1)
  memory.withUnsafeBufferPointer { memory in
    printed.write(atMost: JSONPrinter.room(forBytes: text.count)) { start in
      var printer = JSONPrinter(start)
      printer.print(text: before..<before + text.count, of: memory)
      return printer.place - start
    }
  }
  return (expected.array(), printed.array())
}

@Suite struct JSONPrinterTests {
  @Test func everyByteAtEveryPlaceOfAWord() {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<10 {
        var text = Array("abcdefghij".utf8)
        text[place] = byte
        for behind in [0, 3, 8, 20] {
          let (buffer, printer) = both(text, before: place, behind: behind)
          #expect(buffer == printer, "byte \(byte) at \(place), \(behind) behind")
        }
      }
    }
  }

  @Test func everyLength() {
    let long = Array("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich".utf8)
    for length in 0...long.count {
      for (before, behind) in [(0, 0), (0, 7), (0, 8), (5, 1), (8, 64)] {
        let (buffer, printer) = both(Array(long.prefix(length)), before: before, behind: behind)
        #expect(buffer == printer && printer == Array(long.prefix(length)), "length \(length), \(before) before, \(behind) behind")
      }
    }
  }

  @Test func seededBytes() {
    let seed = testSeed(5)
    var dice = SeededNumbers(seed)
    for _ in 0..<20_000 {
      let text = (0..<Int(dice.below(24))).map { _ in
        dice.below(6) == 0 ? [0x22, 0x5C, 0x0A, 0x1F, 0x00, 0x80][Int(dice.below(6))] : UInt8(dice.below(256))
      }
      let (buffer, printer) = both(text, before: Int(dice.below(9)), behind: Int(dice.below(12)))
      #expect(buffer == printer, "seed \(seed): \(text)")
    }
  }

  @Test func everyByteMayNeedAnEscape() {
    let text = [UInt8](repeating: 1, count: 1000)
    let (buffer, printer) = both(text, before: 0, behind: 0)
    #expect(buffer == printer && printer.count == 6000 && printer.count <= JSONPrinter.room(forBytes: text.count))
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, UInt64(UInt32.max), .max])
  func numbersAndBytes(_ number: UInt64) {
    var out = ByteBuffer(capacity: 1)
    out.write(atMost: 64) { start in
      var printer = JSONPrinter(start)
      printer.print(UInt8(ascii: "["))
      printer.print(decimal: number)
      Array(",null".utf8).withUnsafeBufferPointer { printer.print($0) }
      printer.print(UnsafeBufferPointer(start: nil, count: 0))
      printer.print(UInt8(ascii: "]"))
      return printer.place - start
    }
    #expect(out.string() == "[\(number),null]")
  }
}
