import WaybillDiagnostics
import WaybillFiles

/// An object on its way into a ``MemoryStore``.
final class MemoryUpload: ObjectUpload {
  private let store: MemoryStore
  private let number: Int
  private var bytes: [UInt8] = []
  private var isOpen = true

  init(_ store: MemoryStore, _ number: Int) {
    self.store = store
    self.number = number
  }

  deinit { abort() }

  var size: Int { bytes.count }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    let now = store.clock()
    let total = self.bytes.count + bytes.count
    try store.state.withLock { (state) throws(DatasetError) in
      try check(state)
      state.uploads[number]?.size = total
      state.uploads[number]?.modifiedSeconds = now
    }
    self.bytes.append(contentsOf: bytes)
  }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    defer { abort() }
    let source = MemorySource(bytes, path: store.path(of: key))
    let now = store.clock()
    return try store.state.withLock { (state) throws(DatasetError) in
      try check(state)
      guard state.objects[key] == nil else { return false }
      try store.put(key, source, now, &state)
      return true
    }
  }

  func abort() {
    guard isOpen else { return }
    isOpen = false
    store.state.withLock { $0.uploads[number] = nil }
    bytes = []
  }

  private func check(_ state: borrowing MemoryStore.State) throws(DatasetError) {
    guard isOpen else { throw DatasetError(.io, "the upload is closed already", path: store.location) }
    guard state.uploads[number] != nil else {
      throw DatasetError(.conflict, "the upload has been discarded by someone else", path: store.location)
    }
  }
}
