import TestSupport

/// Damages bytes step by step, as a seed says; the steps are noted in words.
struct Mutation {
  var numbers: SeededNumbers
  private let donors: [[UInt8]]
  private(set) var steps: [String] = []

  init(seed: UInt64, donors: [[UInt8]]) {
    numbers = SeededNumbers(seed: seed)
    self.donors = donors
  }

  /// One to four steps.
  mutating func apply(to bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...numbers.below(4) { step(&bytes) }
    return bytes
  }

  private mutating func step(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let at = numbers.below(bytes.count)
    switch numbers.below(12) {
    case 0:
      note("bit flipped", at)
      bytes[at] ^= 1 << UInt8(numbers.below(8))
    case 1:
      let other = numbers.below(bytes.count)
      note("swapped with \(other)", at)
      bytes.swapAt(at, other)
    case 2:
      let end = min(bytes.count, at + 1 + numbers.below(40))
      note("deleted to \(end)", at)
      bytes.removeSubrange(at..<end)
    case 3:
      let from = numbers.below(bytes.count)
      let slice = bytes[from..<min(bytes.count, from + 1 + numbers.below(80))]
      note("\(slice.count) bytes of \(from) inserted", at)
      bytes.insert(contentsOf: slice, at: at)
    case 4, 5, 6: replaceNumber(&bytes, near: at)
    case 7:
      let piece = numbers.pick(Self.structural)
      note("inserted \(shown(piece))", at)
      bytes.insert(contentsOf: piece, at: at)
    case 8:
      note("structural byte", at)
      bytes[at] = numbers.pick(Array("{}[]\",:<>/&=\\\n\r\t -\0".utf8) + [0x80, 0xC3, 0xFF])
    case 9: replaceText(&bytes, near: at)
    case 10:
      let donor = donors.isEmpty ? bytes : numbers.pick(donors)
      let from = numbers.below(donor.count)
      let slice = donor[from..<min(donor.count, from + 1 + numbers.below(200))]
      note("\(slice.count) foreign bytes inserted", at)
      bytes.insert(contentsOf: slice, at: at)
    default:
      if numbers.below(4) == 0 {
        note("whole file twice", bytes.count)
        bytes += bytes
      } else {
        let opening = numbers.pick([Array("[".utf8), Array("{\"a\":".utf8), Array("<a>".utf8)])
        note("600 times \(shown(opening))", at)
        bytes.insert(contentsOf: (0..<600).flatMap { _ in opening }, at: at)
      }
    }
  }

  /// Puts an extreme in the place of the number at or after an offset.
  private mutating func replaceNumber(_ bytes: inout [UInt8], near offset: Int) {
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    guard var start = bytes[offset...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit) else { return }
    while start > 0, isDigit(bytes[start - 1]) || bytes[start - 1] == 0x2E || bytes[start - 1] == 0x2D { start -= 1 }
    let end = bytes[start...].firstIndex { !isDigit($0) && $0 != 0x2E && $0 != 0x2D } ?? bytes.count
    let extreme = numbers.pick(Self.extremes)
    note("number replaced by \(extreme.prefix(24))", start)
    bytes.replaceSubrange(start..<end, with: extreme.utf8)
  }

  /// Puts a hostile text in the place of the quoted or tagged text at or after an offset.
  private mutating func replaceText(_ bytes: inout [UInt8], near offset: Int) {
    let openings: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: ">")]
    guard let opening = bytes[offset...].firstIndex(where: { openings.contains($0) }) else { return }
    let closing: UInt8 = bytes[opening] == UInt8(ascii: "\"") ? UInt8(ascii: "\"") : UInt8(ascii: "<")
    guard let end = bytes[(opening + 1)...].firstIndex(of: closing) else { return }
    let text = numbers.pick(Self.texts)
    note("text replaced by \(shown(Array(text.prefix(24))))", opening + 1)
    bytes.replaceSubrange((opening + 1)..<end, with: text)
  }

  private mutating func note(_ step: String, _ offset: Int) { steps.append("\(step) at \(offset)") }

  private func shown(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
  }

  private static let extremes: [String] = [
    "-1", "0", "-0", "-0.0", "1e308", "-1e308", "1e309", "5e-324", "1e-400", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "4294967295", "4294967296",
    "4294967294", "2147483647", "2147483648", "-2147483649", "9007199254740993", "1e18", "1e19", "0.1", "1e999999999999999999",
    "NaN", "Infinity", "-Infinity", "null", "true", "[]", "{}", "\"7\"", "01", "1.", ".5", "+1", "0x10", "1_0", "--1", "",
    String(repeating: "9", count: 400), "0." + String(repeating: "0", count: 400) + "1", "١٢",
  ]

  private static let structural: [[UInt8]] =
    [
      "]]", "}}", "[[", "{{", ",,", "::", "\"\"", "\\\"", "\\u0000", "\\ud800", "\\udc00\\ud800", "\\u20", "\u{FEFF}", "\n", "\r",
      "\n\n",
      "<!DOCTYPE a [<!ENTITY b \"c\">]>", "&b;", "&#0;", "&#x10FFFF;", "&lt;", "<![CDATA[", "]]>", "<!--", "-->", "<?x ?>",
      "</object>",
      "<object>", "<annotation>", " a=\"b\"", "null", "true", "NaN", "\u{1B}[31m", "\u{202E}", "{\"a\":1,\"a\":2}", "[1,[2,[3]]]",
    ].map { Array($0.utf8) } + [[0], [0xFF, 0xFE], [0xFE, 0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

  private static let texts: [[UInt8]] =
    [
      "", ".", "..", "/", "//", "../../../etc/passwd", "/dev/stdin", "/proc/self/mem", "a/../b", "CON", "a\\u0000b", "\\u001b[2J",
      "\\ud83d\\ude00", "\\ud83d", "s3://", "s3://b", "obs://b/../../x", "file:///etc/passwd", "http://[::1", "%00", "%2e%2e/",
      "-rf", "\u{202E}gpj",
      "2026-13-45T99:99:99Z", "9999-12-31T23:59:59.999999999+23:59", "-1", "1e400", "true", "yes", "1/0", "é", "e\u{301}", "👩‍👩‍👧‍👧",
    ].map { Array($0.utf8) } + [[UInt8](repeating: 0x61, count: 300), [UInt8](repeating: 0x62, count: 5000), [0xFF], [0x80, 0x2F]]
}
