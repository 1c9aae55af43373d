import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillSyntax

/// One media file of a version.
public struct MediaEntry: Sendable, Equatable {
  /// Its path in the version, which is how the labels name it, made safe.
  public var path: String
  /// Number of bytes.
  public var size: Int
  /// Digest of its bytes.
  public var digest: SHA256Digest
  /// Which of the record's packs holds it, and where its bytes begin there; nil for media that stay where they are.
  public var place: Place?
  /// How the labels name it, where that is not the path.
  public var location: String?

  /// Where the bytes of a media file are.
  public struct Place: Sendable, Equatable {
    /// Position of the pack among those of the record.
    public var pack: Int
    /// Offset of the first byte in the pack.
    public var offset: Int
  }

  /// Appends the entry as a line of `media.jsonl`.
  func append(to text: inout ByteBuffer) {
    text.append("{\"path\":")
    text.appendJSON(path)
    text.inline("size", size)
    text.inline("sha256", digest.hex)
    if let place {
      text.inline("pack", place.pack)
      text.inline("offset", place.offset)
    }
    if let location { text.inline("location", location) }
    text.append("}\n")
  }

  /// Reads a line of `media.jsonl`, which must be spelled as ``append(to:)`` spells it.
  static func read(_ line: UnsafeRawBufferPointer, path shown: String) throws(DatasetError) -> MediaEntry {
    var scanner = CanonicalScanner(line)
    guard scanner.take("{\"path\":"), let path = scanner.string(), scanner.take(",\"size\":"), let size = scanner.count(),
      scanner.take(",\"sha256\":\""), let digest = SHA256Digest(hex: scanner.bytes(64)), scanner.take("\"")
    else { throw MediaEntry.misspelled(scanner, shown) }
    guard let safe = try? RelativePath(path), safe.text == path else {
      throw DatasetError(.corrupt, "The path of a media file stays in its folder", path: shown)
    }
    var entry = MediaEntry(path: path, size: size, digest: digest, place: nil, location: nil)
    if scanner.take(",\"pack\":") {
      guard let pack = scanner.count(), scanner.take(",\"offset\":"), let offset = scanner.count() else {
        throw MediaEntry.misspelled(scanner, shown)
      }
      entry.place = Place(pack: pack, offset: offset)
    }
    if scanner.take(",\"location\":") {
      guard let location = scanner.string() else { throw MediaEntry.misspelled(scanner, shown) }
      entry.location = location
    }
    guard scanner.take("}"), scanner.isAtEnd else { throw MediaEntry.misspelled(scanner, shown) }
    return entry
  }

  private static func misspelled(_ scanner: CanonicalScanner, _ shown: String) -> DatasetError {
    DatasetError(
      .corrupt, "A line of the media table has a path, a size, a digest and a place, and is spelled as it was written",
      path: "\(shown):\(scanner.offset + 1)")
  }

  /// The digest of a line, and where the bytes are, without a look at the path; nil for media that are not in a pack.
  static func place(of line: UnsafeRawBufferPointer, path shown: String) throws(DatasetError) -> (SHA256Digest, Place)? {
    var scanner = CanonicalScanner(line)
    guard scanner.take("{\"path\":"), scanner.skipString(), scanner.take(",\"size\":"), scanner.count() != nil,
      scanner.take(",\"sha256\":\""), let digest = SHA256Digest(hex: scanner.bytes(64)), scanner.take("\"")
    else { throw misspelled(scanner, shown) }
    guard scanner.take(",\"pack\":") else { return nil }
    guard let pack = scanner.count(), scanner.take(",\"offset\":"), let offset = scanner.count() else {
      throw misspelled(scanner, shown)
    }
    return (digest, Place(pack: pack, offset: offset))
  }

  /// How many bytes a line begins with up to the end of its path; nil for what is no such line.
  static func pathLength(_ line: UnsafeRawBufferPointer) -> Int? {
    var scanner = CanonicalScanner(line)
    return scanner.take("{\"path\":") && scanner.skipString() ? scanner.offset : nil
  }

  /// How many bytes of a line say what the file is, and not where it is kept: up to the end of the digest.
  static func identityLength(_ line: UnsafeRawBufferPointer) -> (length: Int, size: Int)? {
    var scanner = CanonicalScanner(line)
    guard scanner.take("{\"path\":"), scanner.skipString(), scanner.take(",\"size\":"), let size = scanner.count(),
      scanner.take(",\"sha256\":\""), scanner.bytes(64).count == 64, scanner.take("\"")
    else { return nil }
    return (scanner.offset, size)
  }
}

/// Reads `media.jsonl`: one file a line, in the bytewise order of paths.
struct MediaTable {
  static let name = "media.jsonl"

  /// The bytes of the table.
  let mapped: MappedFile

  /// Digest of what the files are, and not of where they are kept.
  func identity() throws(DatasetError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    var lines = LineScanner(mapped.bytes)
    while let range = lines.next() {
      let line = UnsafeRawBufferPointer(rebasing: mapped.bytes[range])
      guard let (length, _) = MediaEntry.identityLength(line) else {
        throw DatasetError(.corrupt, "A line of the media table is not spelled as it was written", path: mapped.path)
      }
      hasher.update(UnsafeRawBufferPointer(rebasing: line[..<length]))
    }
    return hasher.finish()
  }

  /// Calls a body with the digest and the place of every file that is in a pack.
  func forEachPlace(_ body: (SHA256Digest, MediaEntry.Place) -> Void) throws(DatasetError) {
    let bytes = mapped.bytes
    var lines = LineScanner(bytes)
    while let range = lines.next() {
      let line = UnsafeRawBufferPointer(rebasing: bytes[range])
      if let (digest, place) = try MediaEntry.place(of: line, path: mapped.path) { body(digest, place) }
    }
  }

  /// Calls a body with every entry, in order; the order is checked.
  func forEach(_ body: (MediaEntry) throws(DatasetError) -> Void) throws(DatasetError) {
    let bytes = mapped.bytes
    var lines = LineScanner(bytes)
    var number = 0
    var last: String?
    while let range = lines.next() {
      number += 1
      let entry = try MediaEntry.read(UnsafeRawBufferPointer(rebasing: bytes[range]), path: "\(mapped.path):\(number)")
      if let last, !last.utf8.lexicographicallyPrecedes(entry.path.utf8) {
        throw DatasetError(.corrupt, "Line \(number) is not in the order of paths", path: mapped.path)
      }
      last = entry.path
      try body(entry)
    }
  }
}
