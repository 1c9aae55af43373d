import Glibc
import WaybillBytes
import WaybillDatasetModel

/// Looks for new names of labels without reading the document.
///
/// A survey wants the names alone, and nearly every file repeats those of the files before it. Every name of a label stands in an
/// element `name`; where all of those hold what is known already, whatever they are, the document cannot add anything.
enum NameSearch {
  /// How documents begin whose bytes are their characters.
  private static let beginnings: [StaticString] = [
    "<annotation", "<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
    "<?xml version='1.0'?>", "<?xml version='1.0' encoding='UTF-8'?>", "<?xml version='1.0' encoding='utf-8'?>",
  ]

  /// Whether a document can name no label that has not been interned; false as well where only a parser can say.
  static func findsOnly(_ labels: LabelCache, in document: UnsafeRawBufferPointer) -> Bool {
    guard let base = document.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let bytes = UnsafeBufferPointer(start: base, count: document.count)
    guard beginnings.contains(where: { begins(bytes, $0) }) else { return false }
    // References can stand for anything.
    guard memchr(base, 0x26, bytes.count) == nil else { return false }
    let end = base + bytes.count
    var p = base
    while let tag = less(p, end) {
      p = tag + 1
      guard end - p > 5, p[0] == 0x6E, memcmp(p, "name", 4) == 0 else { continue }
      guard p[4] == 0x3E else {
        // A longer name of an element, or attributes.
        if isName(p[4]) { continue }
        return false
      }
      let start = p + 5
      guard let stop = less(start, end), end - stop > 1 else { return false }
      let name = UnsafeBufferPointer(start: start, count: stop - start)
      // White space around a name may belong to it or not, and so may what follows a child or a comment.
      guard let first = name.first, let last = name.last, first > 0x20, last > 0x20, stop[1] == 0x2F, labels.hasInterned(name)
      else {
        return false
      }
      p = stop
    }
    return true
  }

  /// The first `<` from a place on.
  private static func less(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    memchr(start, 0x3C, end - start).map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
  }

  private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return bytes.count >= count
      && UnsafeBufferPointer(rebasing: bytes[..<count]).holdsSameBytes(as: UnsafeBufferPointer(start: text.utf8Start, count: count))
  }

  private static func isName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F || byte == 0x2D || byte == 0x2E || byte == 0x3A || byte >= 0x80
  }
}
