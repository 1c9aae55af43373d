import Glibc
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

/// Writes new media into packs: archives of stored files that are named by the digest of their own bytes and never change.
///
/// A file is an entry named by the digest of its bytes, with the ending it had, so that one content is there once, whatever it is called.
final class PackWriter {
  /// A pack is closed when it has so many bytes.
  static let packSize = 256 << 20

  private let store: any ObjectStore
  private let layout: StoreLayout
  private var sink: HashingUpload?
  private var zip: ZipWriter?
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
  /// The packs that are complete, in the order they were written.
  private(set) var packs: [VersionRecord.Object] = []
  /// Number of bytes that were uploaded.
  private(set) var uploadedBytes = 0

  init(_ store: any ObjectStore, _ layout: StoreLayout) {
    self.store = store
    self.layout = layout
  }

  deinit {
    sink?.abort()
    buffer.deallocate()
  }

  /// Appends a file whose size and checksum are known, and returns its place; the pack is the position it will have in ``packs``.
  ///
  /// - Throws: An error of the code `corrupt` when the file has changed since it was hashed.
  func append(_ media: FoundMedia, crc: UInt32) throws(DatasetError) -> MediaEntry.Place {
    let zip = try open()
    let name = media.digest.hex + PackWriter.ending(of: media.file)
    let offset = try PackWriter.copy(media, crc: crc, as: name, to: zip, buffer)
    let place = MediaEntry.Place(pack: packs.count, offset: offset)
    if zip.offset >= PackWriter.packSize { try close() }
    return place
  }

  /// Closes the pack that is open, if any.
  func close() throws(DatasetError) {
    guard let zip, let sink else { return }
    try zip.finish()
    let digest = sink.finish()
    let path = StoreLayout.pack(digest)
    guard let key = layout.key(ofObject: path) else { throw DatasetError(.io, "cannot be the key of a pack", path: path) }
    // A pack that is there already has the same bytes, for its name is their digest.
    if try sink.commit(as: key) { uploadedBytes += sink.size }
    packs.append(VersionRecord.Object(key: path, role: .media, size: sink.size, digest: digest, files: zip.count))
    self.zip = nil
    self.sink = nil
  }

  private func open() throws(DatasetError) -> ZipWriter {
    if let zip { return zip }
    let sink = HashingUpload(try store.upload(near: "\(layout.dataset)/\(StoreLayout.mediaFolder)"))
    let zip = ZipWriter(sink, path: "\(store.location)/\(layout.dataset)/\(StoreLayout.mediaFolder)")
    self.sink = sink
    self.zip = zip
    return zip
  }

  /// Copies a file into an archive; returns where its bytes begin.
  static func copy(
    _ media: FoundMedia, crc: UInt32, as name: String, to zip: ZipWriter, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(DatasetError) -> Int {
    if let mapped = media.mapped { return try zip.add(name, mapped.bytes, crc32: crc) }
    let input = Glibc.open(media.file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard input >= 0 else { throw DatasetError(.io, "cannot be opened", path: media.file, errno: errno) }
    defer { Glibc.close(input) }
    let offset = try zip.beginEntry(name, .stored(size: media.size, crc32: crc))
    var left = media.size
    while left > 0 {
      let count = read(input, buffer.baseAddress, min(buffer.count, left))
      if count < 0 {
        if errno == EINTR { continue }
        throw DatasetError(.io, "cannot be read", path: media.file, errno: errno)
      }
      guard count > 0 else { throw DatasetError(.conflict, "was changed while it was read", path: media.file) }
      try zip.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      left -= count
    }
    try zip.endEntry()
    return offset
  }

  /// The ending of a file's name as the entry has it: short and plain, or none.
  static func ending(of file: String) -> String {
    let ending = FileName.extension(of: file).lowercased()
    guard (1...9).contains(ending.utf8.count), ending.utf8.allSatisfy(VersionName.isAllowed) else { return "" }
    return "." + ending
  }
}
