import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// A large object: parts that are sent beside one another to a name of their own, put together there, and copied to the key.
final class S3Multipart {
  private let store: S3Store
  private let upload: S3PartsUpload
  private let queue: S3PartQueue
  private var number = 0
  /// Whether there is an object of that name.
  private var isObject = false

  /// The folder of what is not yet an object of the store.
  static let folder = ".waybill-upload/"
  /// Parts that are on their way at the same time.
  private static let threads = 3
  /// Most parts of an object, as S3 has it.
  private static let partLimit = 10_000
  /// Most bytes that are copied by one request; S3 allows 5 GiB.
  static let copyLimit = 5 << 30

  init(_ store: S3Store) throws(DatasetError) {
    self.store = store
    upload = try S3PartsUpload(store, to: store.prefix + Self.folder + S3Store.randomName() + ".zip", what: "begin an upload")
    queue = S3PartQueue(store.client, upload, threads: Self.threads)
  }

  deinit { abort() }

  /// Hands a full part on, and returns a buffer for the next one; waits while enough are on their way.
  func send(_ part: PartBuffer) throws(DatasetError) -> PartBuffer {
    try queue.put(part, number: try next())
    return queue.buffer(capacity: Self.capacity(number + 1, first: store.exclusiveSize))
  }

  /// Hands the last part on.
  func sendLast(_ part: PartBuffer) throws(DatasetError) { try queue.put(part, number: try next()) }

  private func next() throws(DatasetError) -> Int {
    guard number < Self.partLimit else { throw DatasetError(.io, "is too large for an object of S3", path: store.location) }
    number += 1
    return number
  }

  /// Bytes of a part: they double every 1,000 parts, so that 10,000 of them are enough for the 5 TiB that an object may have.
  private static func capacity(_ number: Int, first: Int) -> Int { first << min((number - 1) / 1000, 7) }

  /// Waits for all parts, and puts them together under the name of their own.
  func complete(size: Int) throws(DatasetError) {
    let tags = try queue.finish()
    // Whatever becomes of it, an object may be there from now on.
    isObject = true
    try upload.complete(tags, size: size, what: "put an upload together")
  }

  /// Copies the object to its key.
  ///
  /// - Returns: False when the key is taken.
  func move(to key: ObjectKey, size: Int) throws(DatasetError) -> Bool {
    guard size <= store.copying.limit else {
      try copyInParts(to: store.prefix + key.text, size: size)
      return true
    }
    guard try copy(to: store.prefix + key.text) else { return false }
    guard try store.info(key)?.size == size else {
      throw DatasetError(.io, "cannot write the object: its copy has not the bytes that were sent", path: store.path(of: key))
    }
    return true
  }

  private var source: (name: String, value: String) {
    ("x-amz-copy-source", "/\(store.client.endpoint.bucket)/\(S3Escaping.path(upload.key))")
  }

  private func copy(to key: String) throws(DatasetError) -> Bool {
    // Stores that know a condition here keep it; to the others it is a header like any.
    let call = S3Client.Call(
      method: "PUT", key: key, headers: [source, ("If-None-Match", "*")], body: .empty, what: "copy the object to its key")
    return try store.client.perform(call) { (outcome) throws(DatasetError) -> Bool? in
      switch outcome {
      // Again the status comes first; whoever calls looks at what is there.
      case .done: return true
      // Whoever was quicker has brought the same bytes.
      case .refused(let refusal) where refusal.status == 412: return false
      default: return nil
      }
    }
  }

  /// Copies more than one request may copy: the store copies parts.
  private func copyInParts(to key: String, size: Int) throws(DatasetError) {
    let copy = try S3PartsUpload(store, to: key, what: "begin a copy")
    defer { copy.abort() }
    var tags: [String] = []
    for start in stride(from: 0, to: size, by: store.copying.part) {
      let call = S3Client.Call(
        method: "PUT", key: key, query: S3PartsUpload.query(part: tags.count + 1, of: copy.id),
        headers: [source, ("x-amz-copy-source-range", "bytes=\(start)-\(min(size, start + store.copying.part) - 1)")],
        body: .empty, what: "copy a part")
      let response = try store.client.perform(call)
      guard let tag = S3Answer(response.body, root: "CopyPartResult")?.text("ETag") else {
        throw store.client.unexpected(call, response)
      }
      tags.append(tag)
    }
    try copy.complete(tags, size: size, what: "put a copy together")
  }

  /// Removes what is left on the server; harmless after the end.
  func abort() {
    queue.stop()
    upload.abort()
    if isObject {
      isObject = false
      try? store.remove(upload.key, "remove an upload", isCleanup: true)
    }
  }
}
