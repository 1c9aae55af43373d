import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// Opens the store that a text names: the path of a folder, or a `file://` URL.
///
/// - Parameter creates: Whether a folder that is not there is made.
/// - Throws: An error of the code `usage` for a text that names no store, `io` for a store that is not there.
public func openStore(_ text: String, creates: Bool = false) throws(DatasetError) -> any ObjectStore {
  try DiskStore(path: try storePath(text), creates: creates)
}

/// The path of the folder that a text names.
func storePath(_ text: String) throws(DatasetError) -> String {
  guard let mark = text.range(ofBytes: "://") else { return text }
  let scheme = text[..<mark.lowerBound]
  guard !scheme.isEmpty, scheme.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 0x30 && $0 <= 0x39 }) else {
    return text
  }
  guard scheme.lowercased() == "file" else {
    throw DatasetError(.usage, "There is no store of the scheme \(terminalSafe(scheme)); a store is a folder or a file:// URL")
  }
  var rest = text[mark.upperBound...]
  if rest.hasPrefix("localhost/") { rest = rest.dropFirst("localhost".count) }
  guard rest.hasPrefix("/") else {
    throw DatasetError(.usage, "A file:// URL has three slashes and then a path, such as file:///data/store")
  }
  var bytes: [UInt8] = []
  var at = rest.utf8.startIndex
  while at < rest.utf8.endIndex {
    let byte = rest.utf8[at]
    at = rest.utf8.index(after: at)
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    let digits = rest.utf8[at...].prefix(2)
    guard digits.count == 2, let text = String(Substring(digits)) as String?, let value = UInt8(text, radix: 16),
      !text.hasPrefix("+")
    else {
      throw DatasetError(.usage, "A % in a file:// URL is followed by two hexadecimal digits")
    }
    bytes.append(value)
    at = digits.endIndex
  }
  guard let path = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
    throw DatasetError(.usage, "The path of a file:// URL is UTF-8 text")
  }
  return path
}

extension String {
  /// Where a text occurs first.
  fileprivate func range(ofBytes other: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}
