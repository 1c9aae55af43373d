import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

/// An upload whose bytes are hashed on their way, so that the object's digest is known when it is complete.
final class HashingUpload: ByteSink {
  private let upload: any ObjectUpload
  private var hasher = SHA256Hasher()
  private(set) var size = 0

  init(_ upload: any ObjectUpload) { self.upload = upload }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    hasher.update(bytes)
    size += bytes.count
    try upload.append(bytes)
  }

  /// The digest of everything appended.
  func finish() -> SHA256Digest { hasher.finish() }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool { try upload.commit(as: key) }

  func abort() { upload.abort() }
}
