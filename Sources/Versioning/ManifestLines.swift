import Glibc
import WaybillSyntax

/// The lines of the samples of a manifest, behind its header, one after another.
struct ManifestLines {
  private static let lead = "{\"key\":".utf8.count

  private var lines: LineScanner
  private let bytes: UnsafeRawBufferPointer

  /// The lines of a manifest that begins with a header.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    lines = LineScanner(bytes)
    _ = lines.next()
  }

  /// The next line without its line feed; nil at the end.
  mutating func next() -> UnsafeRawBufferPointer? {
    lines.next().map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
  }

  static func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count, let x = a.baseAddress, let y = b.baseAddress else { return a.count == b.count }
    return memcmp(x, y, a.count) == 0
  }

  /// How the keys of two lines are ordered: negative, zero or positive.
  static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let (first, second) = (key(of: a), key(of: b))
    if first.elementsEqual(second) { return 0 }
    return first.lexicographicallyPrecedes(second) ? -1 : 1
  }

  private static func key(of line: UnsafeRawBufferPointer) -> [UInt8] {
    var scanner = JSONScanner(line, from: lead)
    guard let text = try? scanner.string() else { return [] }
    return text.hasEscape ? Array(text.makeString().utf8) : Array(text.raw)
  }
}
