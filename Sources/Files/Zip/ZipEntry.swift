import WaybillDiagnostics

/// One entry of a zip archive that was opened.
public struct ZipEntry: Sendable {
  /// What an entry is; archives with anything else are not opened.
  public enum Kind: Sendable {
    /// A file.
    case file
    /// A folder, which need not have an entry for files to lie in it.
    case folder
  }

  /// How an entry's bytes lie in the archive.
  public enum Method: Sendable {
    /// As they are.
    case stored
    /// Deflated (RFC 1951).
    case deflated
  }

  /// The archive it is in.
  public let archive: ZipArchive
  /// Its position in the order of names.
  public let position: Int

  var record: ZipRecord { archive.table.records[position] }

  /// The path: relative, clean, UTF-8, no slash at the end; empty for the archive's own folder, where it has an entry.
  public var name: String { archive.table.withName(record) { String(decoding: $0, as: UTF8.self) } }
  /// Calls with the UTF-8 of the name.
  public func withName<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { archive.table.withName(record, body) }
  /// What it is.
  public var kind: Kind { record.isFolder ? .folder : .file }
  /// How its bytes lie in the archive.
  public var method: Method { record.isDeflated ? .deflated : .stored }
  /// Number of bytes it stands for.
  public var size: Int { record.size }
  /// Number of bytes in the archive.
  public var storedSize: Int { record.storedSize }
  /// Checksum of the bytes it stands for.
  public var crc32: UInt32 { record.crc32 }
  /// Where its header begins in the archive.
  public var headerOffset: Int { record.headerOffset }

  /// The path messages show for its bytes: that of the archive, a slash and the name.
  public var path: String { archive.path + "/" + name }

  /// The error of this entry breaking a rule.
  func error(_ rule: ZipRule, _ phrase: String) -> DatasetError {
    archive.table.withName(record) { rule.error(entry: $0, phrase, path: archive.path) }
  }
}
