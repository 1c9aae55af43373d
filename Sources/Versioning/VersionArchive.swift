import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// An archive of a version on its way to be an object: the labels, or everything.
final class VersionArchive {
  private let store: any ObjectStore
  private let layout: StoreLayout
  private let role: VersionRecord.Object.Role
  private let version: VersionName
  private let name: String
  private let sink: HashingUpload
  /// What the archive is written with.
  let zip: ZipWriter
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)

  /// Begins an archive under the first name that is free: someone who was stopped may have left one behind, and it is not touched.
  init(
    _ store: any ObjectStore, _ layout: StoreLayout, _ version: VersionName, role: VersionRecord.Object.Role
  ) throws(DatasetError) {
    self.store = store
    self.layout = layout
    self.role = role
    self.version = version
    var number = 1
    while let key = layout.key(ofObject: StoreLayout.archive(version, role, number: number)), try store.info(key) != nil {
      number += 1
    }
    name = StoreLayout.archive(version, role, number: number)
    sink = HashingUpload(try store.upload(near: "\(layout.dataset)/\(version)"))
    zip = ZipWriter(sink, path: "\(store.location)/\(layout.dataset)/\(name)")
  }

  deinit {
    sink.abort()
    buffer.deallocate()
  }

  /// Gives the archive up; harmless after a commit.
  func abort() { sink.abort() }

  /// Appends a media file under a path, and returns where its bytes begin.
  func append(_ media: FoundMedia, crc: UInt32, at path: String) throws(DatasetError) -> Int {
    try PackWriter.copy(media, crc: crc, as: path, to: zip, buffer)
  }

  /// Ends the archive and makes it an object.
  ///
  /// - Throws: An error of the code `conflict` when someone else has taken the name meanwhile.
  func commit() throws(DatasetError) -> VersionRecord.Object {
    try zip.finish()
    let digest = sink.finish()
    let size = sink.size
    if size > store.exclusiveSize {
      // The store cannot say who was first, so the name must say what it is; then who comes second brings the same.
      let name = StoreLayout.archive(version, role, digest)
      guard let key = layout.key(ofObject: name) else { throw DatasetError(.io, "cannot be the key of an archive", path: name) }
      _ = try sink.commit(as: key)
      return VersionRecord.Object(key: name, role: role, size: size, digest: digest)
    }
    guard let key = layout.key(ofObject: name), try sink.commit(as: key) else {
      throw DatasetError(
        .conflict, "Someone else is publishing the same version just now", path: "\(store.location)/\(layout.dataset)/\(name)")
    }
    return VersionRecord.Object(key: name, role: role, size: size, digest: digest)
  }
}
