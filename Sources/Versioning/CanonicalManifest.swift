import Glibc
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles

/// The labels of a version as a native manifest: the header, then the samples in the bytewise order of their keys.
final class CanonicalManifest {
  static let name = "labels.waybill.jsonl"

  private let source: MappedFile
  private let header: Range<Int>
  private let order: LineOrder
  private let scratch: ScratchFolder
  private var sorted: String?
  /// Number of bytes.
  let size: Int
  /// Digest of the bytes.
  let digest: SHA256Digest
  /// Checksum of the bytes.
  let crc: UInt32

  /// The manifest at a path, whose samples may be in any order; it was written by the native format's writer and is not changed.
  init(path: String, scratch: ScratchFolder) throws(DatasetError) {
    source = try MappedFile(path: path)
    self.scratch = scratch
    let bytes = source.bytes
    let end = bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    header = 0..<end
    order = LineOrder(bytes, end..<bytes.count, member: "key")
    sorted = order.wasSorted ? path : nil
    var hasher = SHA256Hasher()
    var checksum = CRC32()
    var count = 0
    func note(_ piece: UnsafeRawBufferPointer) {
      hasher.update(piece)
      checksum.update(piece)
      count += piece.count
    }
    note(UnsafeRawBufferPointer(rebasing: bytes[header]))
    try order.forEachPiece { piece throws(DatasetError) in note(piece) }
    size = count
    digest = hasher.finish()
    crc = checksum.value
  }

  /// The header line, which is what `dataset.json` says.
  var headerLine: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: source.bytes[header]) }

  /// Calls with the bytes in order.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    try body(headerLine)
    try order.forEachPiece(body)
  }

  /// The path of a file with exactly these bytes.
  func sortedFile() throws(DatasetError) -> String {
    if let sorted { return sorted }
    let path = scratch.file("sorted.waybill.jsonl")
    let output = try StagedOutput(target: path, kind: .file, overwrite: false)
    defer { output.abort() }
    let file = try output.openFile(CanonicalManifest.name)
    try forEachPiece { piece throws(DatasetError) in try file.append(piece) }
    try file.close()
    try output.commit()
    sorted = path
    return path
  }
}

/// The media table of a version: one line a path, in the bytewise order of paths.
struct MediaTableBuilder {
  private let spool: Spool
  /// The lines as they will be.
  let mapped: MappedFile
  /// Checksum of the lines.
  let crc: UInt32
  /// Number of files, and of their bytes.
  private(set) var files = 0
  private(set) var bytes = 0
  /// Digest of what the files are, and not of where they are kept.
  let identity: SHA256Digest

  /// A table of lines in any order, in which a path may stand several times.
  ///
  /// - Throws: An error of the code `invalidInput` when two media would have one path.
  init(_ gathered: MappedFile) throws(DatasetError) {
    spool = try Spool()
    let order = LineOrder(gathered.bytes, 0..<gathered.bytes.count, member: "path")
    var hasher = SHA256Hasher()
    var last = UnsafeRawBufferPointer(start: nil, count: 0)
    for line in order.lines {
      if MediaTableBuilder.isSame(line, last) { continue }
      guard let (length, size) = MediaEntry.identityLength(line), let path = MediaEntry.pathLength(line) else {
        throw DatasetError(.io, "A line of the media table could not be read back", path: gathered.path)
      }
      if last.count > path,
        MediaTableBuilder.isSame(UnsafeRawBufferPointer(rebasing: last[..<path]), UnsafeRawBufferPointer(rebasing: line[..<path]))
      {
        let shown = String(decoding: line[..<path].dropFirst("{\"path\":".utf8.count), as: UTF8.self)
        let locations = try [last, line].map { line throws(DatasetError) in
          let entry = try MediaEntry.read(UnsafeRawBufferPointer(rebasing: line.dropLast()), path: gathered.path)
          return entry.location ?? entry.path
        }
        throw DatasetError(
          .invalidInput,
          "Two different media would have the path \(terminalSafe(shown)) in the version: \(terminalSafe(locations[0])) and "
            + "\(terminalSafe(locations[1])); what follows the bucket or the root must differ"
        )
      }
      hasher.update(UnsafeRawBufferPointer(rebasing: line[..<length]))
      files += 1
      bytes += size
      last = line
      try spool.append(line)
    }
    identity = hasher.finish()
    mapped = try spool.map()
    crc = CRC32(of: mapped.bytes).value
  }
}

extension MediaTableBuilder {
  private static func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count, let x = a.baseAddress, let y = b.baseAddress else { return a.count == b.count }
    return memcmp(x, y, a.count) == 0
  }
}

/// What a version holds, apart from names and times.
struct PublishedContent {
  let manifest: CanonicalManifest
  let media: MediaTableBuilder?

  /// Equal for two versions with the same labels and media.
  var digest: SHA256Digest { PublishedContent.digest(labels: manifest.digest, media: media?.identity) }

  /// The digest of a content, from the digest of its manifest and that of what its media are.
  static func digest(labels: SHA256Digest, media: SHA256Digest?) -> SHA256Digest {
    SHA256Digest(of: Array("labels \(labels)\nmedia \(media?.hex ?? "none")\n".utf8))
  }
}
