import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// An object on its way into a bucket: kept while it is small, sent in parts as it grows.
final class S3Upload: ObjectUpload {
  private let store: S3Store
  private(set) var size = 0
  /// The part that is being filled; nil before the first byte and after the end.
  private var part: PartBuffer?
  private var parts: S3Multipart?
  private var isOpen = true

  init(_ store: S3Store) { self.store = store }

  deinit { abort() }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    guard isOpen else { throw closed() }
    var rest = bytes
    while !rest.isEmpty {
      let part = self.part ?? PartBuffer(capacity: store.exclusiveSize)
      self.part = part
      let taken = part.append(rest)
      size += taken
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard part.isFull, !rest.isEmpty else { continue }
      // More follows, so this one is no small object.
      do throws(DatasetError) { self.part = try multipart().send(part) } catch {
        abort()
        throw error
      }
    }
  }

  /// The upload in parts, begun when it is first needed.
  private func multipart() throws(DatasetError) -> S3Multipart {
    if let parts { return parts }
    let parts = try S3Multipart(store)
    self.parts = parts
    return parts
  }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    guard isOpen else { throw closed() }
    defer { abort() }
    guard let parts else {
      let bytes = part?.bytes ?? .empty
      return try store.put(key, bytes, expecting: nil)
    }
    if let part, !part.bytes.isEmpty {
      self.part = nil
      try parts.sendLast(part)
    }
    // What lies under the key stays; a writer who comes at the same time brings the same bytes, see ``ObjectStore/exclusiveSize``.
    if try store.info(key) != nil { return false }
    try parts.complete(size: size)
    return try parts.move(to: key, size: size)
  }

  func abort() {
    isOpen = false
    part = nil
    parts?.abort()
    parts = nil
  }

  private func closed() -> DatasetError { DatasetError(.io, "the upload is closed already", path: store.location) }
}

/// The bytes of a part.
final class PartBuffer: @unchecked Sendable {
  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 0

  init(capacity: Int) { buffer = .allocate(byteCount: capacity, alignment: 4096) }

  deinit { buffer.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
  var isFull: Bool { count == buffer.count }
  var capacity: Int { buffer.count }

  /// Takes as many bytes as there is room for, and returns their number.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let taken = min(bytes.count, buffer.count - count)
    guard taken > 0 else { return 0 }
    UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
    count += taken
    return taken
  }

  /// Forgets the bytes.
  func clear() { count = 0 }
}
