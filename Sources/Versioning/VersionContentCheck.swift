import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles

/// Checks the inside of a version: every entry's checksum, every media file's digest, and that labels, table and record fit each other.
struct VersionContentCheck {
  let version: PublishedVersion
  let reference: VersionReference
  /// Entries and media files that were checked.
  private(set) var files = 0
  /// What is wrong.
  private(set) var problems: [Verification.Problem] = []

  init(version: PublishedVersion, reference: VersionReference) {
    self.version = version
    self.reference = reference
  }

  mutating func run() throws(DatasetError) {
    let archive = version.archive
    for entry in archive {
      // Media of a version in one archive are checked by their digests.
      if version.entry.record.labels?.role == .whole, entry.name.hasPrefix("\(StoreLayout.mediaFolder)/") { continue }
      try note(entry.name) { () throws(DatasetError) in try entry.verify() }
    }
    try checkMedia()
    try checkContent()
  }

  private mutating func checkMedia() throws(DatasetError) {
    let version = version
    var table: MediaTable?
    try note(MediaTable.name) { () throws(DatasetError) in table = try version.mediaTable() }
    guard let table else { return }
    var (count, bytes) = (0, 0)
    var damaged: [Verification.Problem] = []
    let reference = reference
    try note(MediaTable.name) { () throws(DatasetError) in
      try table.forEach { entry throws(DatasetError) in
        count += 1
        bytes = bytes &+ entry.size
        guard entry.place != nil else { return }
        try InterruptFlag.check()
        do throws(DatasetError) {
          let mapped = try version.bytes(of: entry)
          defer { mapped.release(0..<mapped.bytes.count) }
          try version.check(mapped.bytes, entry)
        } catch {
          guard [.corrupt, .invalidInput].contains(error.code) else { throw error }
          damaged.append(Verification.Problem(version: reference, path: entry.path, message: error.message))
        }
      }
    }
    files += count
    problems += damaged
    let media = version.entry.record.media
    if count != media.files || bytes != media.bytes {
      problem(
        MediaTable.name, "The table lists \(count) files of \(bytes) bytes; the record says \(media.files) of \(media.bytes)")
    }
  }

  /// Checks that the digest of the content is that of the labels and the media.
  private mutating func checkContent() throws(DatasetError) {
    // Of damaged labels it has been said already.
    guard problems.isEmpty else { return }
    var content: SHA256Digest?
    let version = version
    try note(CanonicalManifest.name) { () throws(DatasetError) in
      let manifest = try version.manifest()
      let table = try version.mediaTable()
      let labels = SHA256Digest(of: manifest.bytes)
      content = PublishedContent.digest(labels: labels, media: try table.map { table throws(DatasetError) in try table.identity() })
    }
    if let content, content != version.entry.record.content {
      problem(CanonicalManifest.name, "Labels and media are not those whose digest the record has")
    }
  }

  private mutating func note(_ path: String, _ body: () throws(DatasetError) -> Void) throws(DatasetError) {
    try InterruptFlag.check()
    files += 1
    do throws(DatasetError) { try body() } catch {
      guard [.corrupt, .invalidInput].contains(error.code) else { throw error }
      problem(path, error.message)
    }
  }

  private mutating func problem(_ path: String, _ message: String) {
    problems.append(Verification.Problem(version: reference, path: path, message: message))
  }
}
