import WaybillBytes
import WaybillFiles
import WaybillSyntax

/// A line of a list: a path, and the numbers of its classes.
///
/// Numbers stand at the end, each behind a space or a tab; all before them is the path, which may hold spaces. A path in double quotes ends
/// with the second quote, as Datumaro writes it.
struct ListLine {
  /// The bytes of the path.
  var path: Range<Int>
  /// The numbers of the classes with the places where they stand.
  var classes: [(number: Int, range: Range<Int>)]

  /// The longest path that a system opens.
  static let pathLimit = 4096

  /// Reads a line; nil when there is nothing but white space in it.
  init?(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
    var start = line.lowerBound
    var end = line.upperBound
    while start < end, ListLine.isBlank(bytes[start]) { start += 1 }
    while end > start, ListLine.isBlank(bytes[end - 1]) { end -= 1 }
    if start == end { return nil }
    classes = []
    path = start..<end
    var first = start
    var isQuoted = false
    if bytes[start] == UInt8(ascii: "\"") {
      var close = start + 1
      while close < end, bytes[close] != UInt8(ascii: "\"") { close += 1 }
      if close < end, close > start + 1, close + 1 == end || ListLine.isBlank(bytes[close + 1]) {
        path = start + 1..<close
        first = close + 1
        isQuoted = true
      }
    }
    // From the end towards the path: whatever is no number belongs to the path.
    while end > first {
      var token = end
      while token > first, bytes[token - 1] &- 48 <= 9 { token -= 1 }
      guard token < end, end - token <= 9, token > start, ListLine.isBlank(bytes[token - 1]) else { break }
      var number = 0
      for byte in bytes[token..<end] { number = number * 10 + Int(byte &- 48) }
      classes.append((number, token..<end))
      end = token
      while end > first, ListLine.isBlank(bytes[end - 1]) { end -= 1 }
    }
    classes.reverse()
    if isQuoted {
      // Something behind the quotes that is no number: then they belong to the path.
      if end > first { path = start..<end }
    } else {
      path = start..<end
    }
  }

  @inline(__always) static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  /// Whether the first line that is not blank is a path of a medium, with class numbers or without.
  ///
  /// In a file that is called like a split the numbers are enough, or that nothing is in it.
  static func isList(_ head: [UInt8], isNamed: Bool = false) -> Bool {
    head.withUnsafeBytes { bytes in
      var lines = LineScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
      while let range = lines.next() {
        guard let line = ListLine(bytes, range) else { continue }
        if isNamed, !line.classes.isEmpty { return true }
        return line.path.count <= pathLimit
          && MediaPlaces.kind(of: String(decoding: UnsafeRawBufferPointer(rebasing: bytes[line.path]), as: UTF8.self)) != nil
      }
      return isNamed
    }
  }

  /// Appends a path so that it is read back before numbers.
  static func append(_ path: String, to out: inout ByteBuffer) {
    if isPlain(path) {
      out.append(path)
    } else {
      out.append(UInt8(ascii: "\""))
      out.append(path)
      out.append(UInt8(ascii: "\""))
    }
  }

  /// Whether a path can be part of a line.
  static func canHold(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count <= pathLimit, !path.utf8.contains(0x0A), !path.utf8.contains(0x0D),
      !path.utf8.starts(with: ClassNames.mark)
    else { return false }
    return isPlain(path) || !path.utf8.contains(UInt8(ascii: "\""))
  }

  /// Whether a path comes back without quotes, whatever numbers follow.
  private static func isPlain(_ path: String) -> Bool {
    path.withBytes { bytes in
      guard let line = ListLine(UnsafeRawBufferPointer(bytes), 0..<bytes.count) else { return false }
      return line.classes.isEmpty && line.path == 0..<bytes.count
    }
  }
}
