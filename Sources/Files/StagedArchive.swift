import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillLocks

/// What an output that becomes one archive will hold: the paths, and where the bytes of each are until then.
///
/// Small files gather in one temporary file, large ones have one each, media stays where it is. Memory grows with the number of files by
/// their paths and some sixty bytes. Safe to use from several threads.
final class StagedArchive: Sendable {
  /// Where the bytes of a file are.
  enum Source {
    /// In the temporary file of all small files.
    case gathered(offset: Int, size: Int, crc32: UInt32)
    /// In a temporary file of its own.
    case file(OutputFile)
    /// Where it was found.
    case media(Media)
  }

  /// A file of the archive.
  struct Entry {
    /// The number of its path.
    var name: Int
    var source: Source
  }

  /// Everything gathered.
  struct Content {
    var names = ArchiveNames()
    var entries: [Entry] = []
    var spool: Spool?
  }

  private let target: String
  private let content = Lock(Content())

  init(target: String) { self.target = target }

  /// Takes a whole small file; the spool is made for the first one.
  func add(
    _ path: String, _ bytes: UnsafeRawBufferPointer, makeSpool: () throws(DatasetError) -> Spool
  ) throws(DatasetError) {
    let checksum = CRC32(of: bytes)
    try content.withLock { (content) throws(DatasetError) in
      let name = try admit(path, &content.names)
      if content.spool == nil { content.spool = try makeSpool() }
      let offset = content.spool?.count ?? 0
      try content.spool?.append(bytes)
      content.entries.append(
        Entry(name: name, source: .gathered(offset: offset, size: bytes.count, crc32: checksum.value)))
    }
  }

  /// Takes a file that is appended to until the commit.
  func add(_ path: String, _ file: OutputFile) throws(DatasetError) { try add(path, .file(file)) }

  /// Takes a media file, whose bytes are read at the commit.
  func add(_ path: String, _ media: Media) throws(DatasetError) { try add(path, .media(media)) }

  private func add(_ path: String, _ source: Source) throws(DatasetError) {
    try content.withLock { (content) throws(DatasetError) in
      let name = try admit(path, &content.names)
      content.entries.append(Entry(name: name, source: source))
    }
  }

  /// Hands everything over; nothing is left.
  func take() -> Content {
    content.withLock { content in
      let taken = content
      content = Content()
      return taken
    }
  }

  /// The longest name of a file or folder, and the longest path, that file systems take.
  private static let nameLimit = 255
  private static let pathLimit = 4095

  /// Notes a path that can be unpacked wherever the archive is taken; others are the input's fault.
  private func admit(_ path: String, _ names: inout ArchiveNames) throws(DatasetError) -> Int {
    func refuse(_ message: String) -> DatasetError { DatasetError(.invalidInput, message, path: joinedPath(target, path)) }
    let rule = path.withBytes { ZipName.problem(UnsafeRawBufferPointer($0)) }
    if let rule { throw refuse("an archive cannot hold a file named so: it \(rule.namePhrase)") }
    if path.utf8.count > Self.pathLimit || path.utf8.split(separator: 0x2F).contains(where: { $0.count > Self.nameLimit }) {
      throw refuse("a name is longer than the file system takes")
    }
    do throws(ArchiveNames.Clash) { return try names.add(path) } catch {
      switch error {
      case .taken: throw refuse("two records would write the same file")
      case .fileAndFolder: throw refuse("one record would write a file where another needs a folder")
      case .differsInCase(let other):
        throw refuse("the name differs in case alone from \"\(other)\", which is the same file to some systems")
      }
    }
  }
}
