import WaybillDiagnostics

/// An upload that can be sent again, as long as it is short enough to be kept.
final class RetryingUpload: ObjectUpload {
  private let store: RetryingStore
  private let folder: String
  /// The upload of the store below; nil between a failure and the next try.
  private var upload: (any ObjectUpload)?
  /// All bytes so far; nil once they are too many to be kept.
  private var replay: [UInt8]? = []
  private(set) var size = 0
  private var isOpen = true

  init(_ store: RetryingStore, _ folder: String, _ upload: any ObjectUpload) {
    self.store = store
    self.folder = folder
    self.upload = upload
  }

  deinit { abort() }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    guard isOpen, let first = upload else { throw closed() }
    guard bytes.count <= store.policy.replayLimit - size, replay != nil else {
      replay = nil
      try first.append(bytes)
      size += bytes.count
      return
    }
    replay?.append(contentsOf: bytes)
    size += bytes.count
    var isFirst = true
    try store.retrying { () throws(DatasetError) in
      defer { isFirst = false }
      if isFirst { try attempt { (upload) throws(DatasetError) in try upload.append(bytes) } } else { try resend() }
    }
  }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    guard isOpen, let first = upload else { throw closed() }
    defer { abort() }
    guard let replay else { return try first.commit(as: key) }
    return try store.creating(key, MemorySource(replay, path: "")) { () throws(DatasetError) in
      if upload == nil { try resend() }
      return try attempt { (upload) throws(DatasetError) in try upload.commit(as: key) }
    }
  }

  func abort() {
    isOpen = false
    upload?.abort()
    upload = nil
    replay = nil
  }

  /// Does something with the upload below, which is gone when that fails.
  private func attempt<Result>(
    _ body: (any ObjectUpload) throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    guard let upload else { throw closed() }
    do throws(DatasetError) { return try body(upload) } catch {
      upload.abort()
      self.upload = nil
      throw error
    }
  }

  /// Begins anew, with all bytes so far.
  private func resend() throws(DatasetError) {
    guard let replay else { throw closed() }
    upload = try store.newUpload(folder)
    guard !replay.isEmpty else { return }
    try attempt { (upload) throws(DatasetError) in try upload.append(replay) }
  }

  private func closed() -> DatasetError { DatasetError(.io, "the upload is closed already", path: store.location) }
}
