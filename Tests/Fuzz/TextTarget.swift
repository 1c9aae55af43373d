import WaybillBytes
import WaybillSyntax

/// Text in any encoding: the first byte chooses one for a file without a mark.
enum TextTarget {
  /// What was decoded is UTF-8 and goes back to the same bytes or is read again as the same text; offsets lead into the file and rise.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let names = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"] + TextEncoding.others
    guard let chosen = TextEncoding(named: names[Int(first) % names.count]) else { broken("no encoding of a known name") }
    let source = UnsafeRawBufferPointer(rebasing: bytes[1...])
    let decoding = TextDecoding()
    do throws(TextFault) {
      try decoding.decode(source, as: chosen)
    } catch {
      guard error.offset >= 0, error.offset <= source.count, !error.message.isEmpty else {
        broken("\(error.message) at \(error.offset) of \(source.count)")
      }
      return
    }
    let text = decoding.text
    guard UTF8Check.firstInvalid(in: text) == nil else { broken("what was decoded is not UTF-8") }
    var last = 0
    for offset in 0...text.count {
      let place = decoding.sourceOffset(of: offset)
      guard place >= last, place <= source.count else { broken("\(offset) leads to \(place) after \(last)") }
      last = place
    }
    guard last == source.count || text.isEmpty else { broken("the end leads to \(last) of \(source.count)") }
    var again = ByteBuffer()
    do throws(TextFault) {
      try decoding.encoding.encode(text, into: &again)
    } catch {
      // Old encodings have characters that go one way only.
      if case .other = decoding.encoding.form { return }
      broken("\(error.message) at \(error.offset)")
    }
    if case .other = decoding.encoding.form {
      let second = TextDecoding()
      guard (try? second.decode(again.bytes, as: decoding.encoding)) != nil, second.text.elementsEqual(text) else {
        broken("the text came back otherwise")
      }
    } else if !again.bytes.elementsEqual(source) {
      broken("the bytes came back otherwise")
    }
  }
}
