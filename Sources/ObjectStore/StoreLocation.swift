import WaybillDiagnostics
import WaybillFiles

/// Where a store is, as a person names it: a path, a `file://` URL (RFC 8089), or a URL of another scheme.
public enum StoreLocation: Sendable, Equatable {
  /// A folder, as a path for the system.
  case folder(String)
  /// A URL of a scheme that is not `file`, as it was given; the scheme in lower case.
  case url(scheme: String, String)

  /// What a text names.
  ///
  /// - Throws: An error of the code `usage` for what names nothing: an empty text, a zero byte, a `file:` URL with a host, a query or a
  ///   fragment, with wrong percent escapes, or whose path is relative or no UTF-8.
  public init(_ text: String) throws(DatasetError) {
    guard !text.isEmpty else { throw DatasetError(.usage, "the name of the store is empty") }
    guard !text.utf8.contains(0) else { throw DatasetError(.usage, "the name of the store holds a zero byte") }
    guard let (scheme, rest) = Self.split(text) else {
      self = .folder(text)
      return
    }
    guard scheme == "file" else {
      self = .url(scheme: scheme, text)
      return
    }
    self = .folder(try Self.path(rest, text))
  }

  /// A scheme (RFC 3986, 3.1) and what follows `://`; nil for a path.
  private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].utf8.starts(with: "://".utf8) else { return nil }
    let scheme = text[..<colon].utf8
    guard let first = scheme.first, isLetter(first) else { return nil }
    for byte in scheme where !(isLetter(byte) || (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E].contains(byte)) {
      return nil
    }
    return (text[..<colon].lowercased(), text[colon...].dropFirst(3))
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  /// The path of a `file://` URL.
  private static func path(_ rest: Substring, _ text: String) throws(DatasetError) -> String {
    func wrong(_ why: String) -> DatasetError { DatasetError(.usage, "is no file:// URL of a folder: " + why, path: text) }
    let host = rest.prefix { $0 != "/" }
    guard host.isEmpty || host.lowercased() == "localhost" else {
      throw wrong("it names the host \(host); a path has three slashes before it, as in file:///data/store")
    }
    let escaped = rest.dropFirst(host.count)
    guard !escaped.isEmpty else { throw wrong("it has no path") }
    var bytes: [UInt8] = []
    var position = escaped.utf8.startIndex
    while position < escaped.utf8.endIndex {
      let byte = escaped.utf8[position]
      position = escaped.utf8.index(after: position)
      switch byte {
      case 0x3F: throw wrong("a question mark is written %3F there")
      case 0x23: throw wrong("a number sign is written %23 there")
      case 0x25:
        let digits = escaped.utf8[position...].prefix(2)
        guard digits.count == 2, let high = digit(digits.first), let low = digit(digits.last) else {
          throw wrong("a percent sign needs two hexadecimal digits after it; the sign itself is written %25")
        }
        position = digits.endIndex
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { throw wrong("its path holds a zero byte") }
    guard let path = String(validating: bytes, as: UTF8.self) else { throw wrong("its path is no UTF-8") }
    return path
  }

  private static func digit(_ byte: UInt8?) -> UInt8? {
    switch byte {
    case let byte? where (0x30...0x39).contains(byte): byte - 0x30
    case let byte? where (0x61...0x66).contains(byte | 0x20): (byte | 0x20) - 0x61 + 10
    default: nil
    }
  }
}
