import WaybillBytes
import WaybillDiagnostics

/// Where places named by URL prefixes lie on this machine: `s3://bucket/prefix=/data/prefix`.
public struct URLMap: Sendable, Equatable {
  /// One prefix and the folder it stands for.
  public struct Entry: Sendable, Equatable {
    /// The prefix of URLs.
    public var prefix: String
    /// The folder on disk.
    public var folder: String
  }

  /// The prefixes, longest first.
  public private(set) var entries: [Entry] = []

  /// No prefixes.
  public init() {}

  /// Reads entries of the form `FROM=TO`, as given on the command line.
  ///
  /// Both sides may hold equals signs: the first one before a slash or a dot is the mark, else the last.
  public init(_ texts: [String]) throws(DatasetError) {
    for text in texts {
      guard let mark = URLMap.mark(in: text), mark != text.startIndex, text.index(after: mark) != text.endIndex else {
        throw DatasetError(.usage, "A URL map is FROM=TO, such as s3://bucket/prefix=/data; got \"\(terminalSafe(text))\"")
      }
      add(String(text[..<mark]), folder: String(text[text.index(after: mark)...]))
    }
  }

  private static func mark(in text: String) -> String.Index? {
    let marks = text.indices.dropFirst().filter { text[$0] == "=" }
    return marks.first { text[$0...].hasPrefix("=/") || text[$0...].hasPrefix("=.") } ?? marks.last
  }

  /// Adds a prefix.
  public mutating func add(_ prefix: String, folder: String) {
    let prefix = prefix.utf8.last == 0x2F && !prefix.hasSuffix("://") ? String(prefix.dropLast()) : prefix
    entries.append(
      Entry(prefix: prefix, folder: folder.utf8.last == 0x2F && folder.utf8.count > 1 ? String(folder.dropLast()) : folder))
    entries.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
  }

  /// The path a URL stands for, or nil when no prefix fits.
  ///
  /// `s3://`, `s3a://`, `s3n://` and `obs://` name the same buckets.
  public func path(of url: String) -> String? {
    guard !entries.isEmpty else { return nil }
    let canonical = URLMap.canonical(url)
    for entry in entries {
      let prefix = URLMap.canonical(entry.prefix).utf8
      guard canonical.utf8.starts(with: prefix) else { continue }
      let rest = canonical.utf8.dropFirst(prefix.count)
      if rest.isEmpty { return entry.folder }
      guard rest.first == 0x2F || prefix.last == 0x2F else { continue }
      let relative = String(Substring(rest.drop { $0 == 0x2F }))
      if MediaPlace.parts(of: relative).contains("..") { return nil }
      return "\(entry.folder)/\(relative)"
    }
    return nil
  }

  private static func canonical(_ url: String) -> String {
    guard let mark = url.utf8.firstIndex(of: 0x3A), url.utf8[mark...].starts(with: "://".utf8),
      ["s3", "s3a", "s3n", "obs"].contains(url[..<mark].lowercased())
    else { return url }
    return "s3" + url[mark...]
  }

  /// Whether a location names a scheme, such as `s3://`, rather than a path.
  public static func isURL(_ location: String) -> Bool {
    location.withBytes { bytes in
      // Paths mostly begin with a letter as schemes do, and go on without a colon.
      guard let colon = bytes.firstIndex(of: 0x3A), colon > 0, bytes[colon...].starts(with: [0x3A, 0x2F, 0x2F]) else {
        return false
      }
      return bytes[..<colon].allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
        default: false
        }
      }
    }
  }
}
