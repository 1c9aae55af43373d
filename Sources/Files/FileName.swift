/// The parts of a path's last component, as byte offsets: `street/0001.tar.gz` is `0001.tar` and `gz`.
///
/// Only the last extension counts. A dot that begins the name (`.hidden`) or ends it (`a.`) starts no extension.
public struct FileName: Sendable, Equatable {
  /// The last component.
  public let base: Range<Int>
  /// The last component without its extension.
  public let stem: Range<Int>
  /// The extension without its dot; empty if there is none.
  public let `extension`: Range<Int>

  /// Finds the parts in the bytes of a path.
  public init(_ path: UnsafeRawBufferPointer) {
    var start = path.count
    var dot = path.count
    while start > 0 && path[start - 1] != 0x2F {
      start -= 1
      if path[start] == 0x2E && dot == path.count { dot = start }
    }
    base = start..<path.count
    if dot <= start || dot + 1 >= path.count {
      stem = base
      `extension` = path.count..<path.count
    } else {
      stem = start..<dot
      `extension` = (dot + 1)..<path.count
    }
  }

  /// The last component of a path: `c.d` of `a/b/c.d`.
  public static func basename(of path: String) -> String { part(of: path, \.base) }

  /// The last component of a path without its last extension: `c` of `a/b/c.d`.
  public static func stem(of path: String) -> String { part(of: path, \.stem) }

  /// The last extension of a path without its dot: `d` of `a/b/c.d`; empty if there is none.
  public static func `extension`(of path: String) -> String { part(of: path, \.extension) }

  /// A path without its last extension: `a/b/c` of `a/b/c.d`.
  public static func withoutExtension(_ path: String) -> String {
    var path = path
    return path.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      return String(decoding: raw[..<FileName(raw).stem.upperBound], as: UTF8.self)
    }
  }

  /// The folder part of a path without its last slash: `a/b` of `a/b/c.d`; empty if there is none.
  public static func folder(of path: String) -> String {
    var path = path
    return path.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      let end = FileName(raw).base.lowerBound
      return String(decoding: raw[..<(end == 1 ? 1 : max(0, end - 1))], as: UTF8.self)
    }
  }

  private static func part(of path: String, _ part: (FileName) -> Range<Int>) -> String {
    var path = path
    return path.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      return String(decoding: raw[part(FileName(raw))], as: UTF8.self)
    }
  }
}
