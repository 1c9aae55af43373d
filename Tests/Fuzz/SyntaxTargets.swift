import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The parts of the syntax room, each with what must hold for any bytes at all.
enum SyntaxTargets {
  // MARK: JSON

  /// A value that was read prints as a text that reads back the same, and every fault lies inside the bytes.
  static func json(_ bytes: UnsafeRawBufferPointer) {
    // The scanner is given UTF-8 only; its users check that once for all.
    guard UTF8Check.firstInvalid(in: bytes) == nil else { return }
    var strict = JSONScanner(bytes)
    do throws(JSONFault) {
      let range = try strict.skipValue()
      guard range.lowerBound >= 0, range.upperBound <= bytes.count else { broken("a value at \(range) of \(bytes.count)") }
      var loose = JSONScanner(bytes)
      try loose.skipValueStructurally()
      guard loose.offset == range.upperBound else { broken("two ends of one value: \(loose.offset), \(range.upperBound)") }
    } catch {
      check(error.offset, bytes, error.message)
      return
    }
    var scanner = JSONScanner(bytes)
    do throws(JSONFault) {
      let value = try scanner.attributeValue()
      var text = ByteBuffer()
      text.append(json: value)
      var again = JSONScanner(text.bytes)
      let second = try again.attributeValue()
      // A whole number with a fraction, 4.0, prints as 4: the texts are what must be the same.
      var secondText = ByteBuffer()
      secondText.append(json: second)
      guard secondText.array() == text.array() else { broken("\(text.string()) came back as \(secondText.string())") }
    } catch {
      check(error.offset, bytes, error.message)
    }
    var keys = JSONScanner(bytes)
    if var members = try? keys.beginObject() {
      while let key = try? keys.nextKey(&members) {
        _ = key.makeString()
        _ = key == "annotations"
        guard (try? keys.skipValue()) != nil else { break }
      }
    }
  }

  private static func check(_ offset: Int, _ bytes: UnsafeRawBufferPointer, _ message: String) {
    guard offset >= 0, offset <= bytes.count, !message.isEmpty else { broken("\(message) at \(offset) of \(bytes.count)") }
  }

  // MARK: XML

  /// A document that was read is written so that it reads back with the same elements.
  static func xml(_ bytes: UnsafeRawBufferPointer) {
    let reader = XMLReader(maximumBytes: 1 << 20, maximumElements: 1 << 14)
    do throws(XMLFault) {
      try reader.parse(bytes)
    } catch {
      return check(error.offset, bytes, error.message)
    }
    for element in 0..<reader.count {
      guard reader.elements[element].offset < bytes.count else { broken("an element beyond the end") }
      _ = (reader.trimmedString(of: element), reader.tail(of: element).count, reader.isMixed(element))
      for attribute in reader.elements[element].attributes { _ = reader.attribute(attribute) }
      var children = 0
      var child = reader.elements[element].firstChild
      while child > element, child < reader.count, children <= reader.count {
        children += 1
        child = reader.elements[child].nextSibling
      }
    }
    var text: [UInt8] = []
    reader.appendXML(of: 0, to: &text)
    let again = XMLReader(maximumBytes: 16 << 20, maximumElements: 1 << 14)
    do throws(XMLFault) {
      try again.parse(text)
    } catch {
      broken("what was written is no XML: \(error.message)")
    }
    guard again.count == reader.count else { broken("\(reader.count) elements, then \(again.count)") }
  }

  // MARK: Lines and numbers

  /// Lines are in order, lose nothing but their ends, and hold no line feed.
  static func lines(_ bytes: UnsafeRawBufferPointer) {
    var scanner = LineScanner(bytes)
    var end = 0
    while let line = scanner.next() {
      guard line.lowerBound == end, line.upperBound <= bytes.count, !bytes[line].contains(0x0A) else { broken("line \(line)") }
      end = scanner.offset
      guard end - line.upperBound == (scanner.endedWithLineFeed ? 1 : 0) + (scanner.endedWithCarriageReturn ? 1 : 0) else {
        broken("the end of line \(line)")
      }
    }
    guard end == bytes.count else { broken("\(bytes.count - end) bytes in no line") }
  }

  /// A number is what the C library says, and prints as a text that reads back equal.
  static func numbers(_ bytes: UnsafeRawBufferPointer) {
    let digits = bytes.bindMemory(to: UInt8.self)
    if let integer = NumberParser.integer(digits) {
      guard String(integer).utf8.elementsEqual(digits) else { broken("\(integer) is spelled otherwise") }
    }
    guard let start = digits.baseAddress else { return }
    var value = 0.0
    guard let end = NumberParser.double(start, start + digits.count, &value) else { return }
    let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    guard value.isFinite, strtod(text, nil) == value else { broken("\(text) was read as \(value)") }
    var out = ByteBuffer()
    out.append(value)
    var again = 0.0
    let printed = out.bytes.bindMemory(to: UInt8.self)
    guard let first = printed.baseAddress, NumberParser.double(first, first + printed.count, &again) == first + printed.count,
      again.bitPattern == value.bitPattern
    else { broken("\(value) prints as \(out.string())") }
  }

  /// Runs are read or refused, and those that were read come back from their text.
  static func runLengths(_ bytes: UnsafeRawBufferPointer) {
    guard let runs = try? RunLength.decode(bytes) else { return }
    let text = RunLength.encode(runs)
    guard let again = try? RunLength.decode(text.utf8), again == runs else { broken("\(runs) came back otherwise from \(text)") }
    _ = RunLength.area(of: runs)
    for height in [0, 1, 7, Int.max] { _ = RunLength.bounds(of: runs, height: height) }
    for size in [(1, 1), (Int.max, 2), (0, 5)] { _ = try? RunLength.check(runs, width: size.0, height: size.1) }
  }
}
