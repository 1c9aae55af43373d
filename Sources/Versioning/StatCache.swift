import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillLocks

/// Digests of files by path and look, kept from one publishing to the next.
///
/// A file of fixed records sorted by the hash of the path, mapped and searched in place: it costs no time to load. It is a cache: what is wrong with
/// it, and what cannot be written, only makes the next run slower.
public final class StatCache: Sendable {
  private static let mark = Array("waybill cache 1\n".utf8)
  private static let recordSize = 80

  private let path: String
  private let mapped: MappedFile?
  /// Records to write, each with its key.
  private let fresh = Lock([(key: (UInt64, UInt64), record: [UInt8])]())

  /// The cache in a file, which need not be there.
  public init(path: String) {
    self.path = path
    let mapped = try? MappedFile(path: path)
    self.mapped = mapped.flatMap { StatCache.isValid($0.bytes) ? $0 : nil }
  }

  /// The folder for caches: `WAYBILL_CACHE`, else `XDG_CACHE_HOME/waybill`, else `~/.cache/waybill`; nil without any.
  public static func folder() -> String? {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }
    if let own = value("WAYBILL_CACHE") { return own }
    if let shared = value("XDG_CACHE_HOME") { return joinedPath(shared, "waybill") }
    return value("HOME").map { joinedPath($0, ".cache/waybill") }
  }

  /// The digest of a file that looks as it did; nil when it is not known.
  func digest(of path: String, _ look: FileLook) -> SHA256Digest? {
    guard let mapped else { return nil }
    let key = StatCache.key(of: path)
    let base = Self.mark.count
    var low = 0
    var high = (mapped.bytes.count - base - 32) / Self.recordSize
    while low < high {
      let middle = (low + high) / 2
      let at = base + middle * Self.recordSize
      let found = (word(mapped.bytes, at), word(mapped.bytes, at + 8))
      if found == key {
        let entry = Self.entry(mapped.bytes, at)
        return entry?.look == look ? entry?.digest : nil
      }
      if found < key { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Notes the digest of a file, or that it is still right.
  func note(_ path: String, _ look: FileLook, _ digest: SHA256Digest) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.recordSize)
    let key = StatCache.key(of: path)
    for value in [
      key.0, key.1, UInt64(bitPattern: look.size), UInt64(bitPattern: look.modified), UInt64(bitPattern: look.changed), look.inode,
    ] { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    bytes += digest.bytes
    fresh.withLock { $0.append((key, bytes)) }
  }

  /// Writes what was noted in the place of what was there.
  ///
  /// The files of other folders are not remembered: the cache is one dataset's.
  public func save() {
    var records = fresh.withLock { $0 }
    guard !records.isEmpty else { return }
    records.sort { $0.key < $1.key }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(records.count * Self.recordSize)
    for (index, entry) in records.enumerated() where index == 0 || entry.key != records[index - 1].key { bytes += entry.record }
    let text = Self.mark + bytes + SHA256Digest(of: bytes).bytes
    let folder = FileName.folder(of: path)
    guard makeFolders(folder), let output = try? StagedOutput(target: path, kind: .file, overwrite: true) else { return }
    defer { output.abort() }
    do throws(DatasetError) {
      try output.writeFile("cache", text)
      try output.commit()
    } catch {}
  }

  private func makeFolders(_ folder: String) -> Bool {
    guard !folder.isEmpty else { return true }
    var status = stat()
    if stat(folder, &status) == 0 { return true }
    return makeFolders(FileName.folder(of: folder)) && (mkdir(folder, 0o700) == 0 || errno == EEXIST)
  }

  private static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= mark.count + 32, bytes.starts(with: mark), (bytes.count - mark.count - 32) % recordSize == 0 else {
      return false
    }
    let records = UnsafeRawBufferPointer(rebasing: bytes[mark.count..<(bytes.count - 32)])
    return SHA256Digest(of: records).bytes.elementsEqual(bytes.suffix(32))
  }

  private static func key(of path: String) -> (UInt64, UInt64) {
    var path = path
    return path.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      return (Hash64.hash(raw), Hash64.hash(raw, seed: 0xD1B5_4A32_D192_ED03))
    }
  }

  private static func entry(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> (look: FileLook, digest: SHA256Digest)? {
    guard let digest = SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: bytes[(at + 48)..<(at + 80)])) else { return nil }
    let look = FileLook(
      size: Int64(bitPattern: word(bytes, at + 16)), modified: Int64(bitPattern: word(bytes, at + 24)),
      changed: Int64(bitPattern: word(bytes, at + 32)), inode: word(bytes, at + 40))
    return (look, digest)
  }
}

private func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
  UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
}
