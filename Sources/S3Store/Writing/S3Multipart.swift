import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// A large object: parts that are sent beside one another to a name of their own, put together there, and copied to the key.
final class S3Multipart {
  private let store: S3Store
  /// The full key below `.waybill-upload/`.
  private let name: String
  private let id: String
  private let queue: S3PartQueue
  private var number = 0
  /// Whether the parts wait on the server, and whether they are an object there.
  private var isPending = true
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
    name = store.prefix + Self.folder + S3Store.randomName()
    let call = S3Client.Call(
      method: "POST", key: name, query: [("uploads", "")], headers: [("Content-Type", "application/zip")],
      body: UnsafeRawBufferPointer(start: nil, count: 0), what: "begin an upload")
    let response = try store.client.perform(call)
    guard let id = S3Answer.text("UploadId", of: "InitiateMultipartUploadResult", in: response.body), !id.isEmpty else {
      throw store.client.unexpected(call, response)
    }
    self.id = id
    queue = S3PartQueue(store.client, key: name, id: id, threads: Self.threads)
  }

  deinit { abort() }

  /// Hands a full part on, and returns a buffer for the next one; waits while enough are on their way.
  func send(_ part: PartBuffer) throws(DatasetError) -> PartBuffer {
    try queue.put(part, number: try next())
    return try queue.buffer(capacity: Self.capacity(number + 1, first: store.exclusiveSize))
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
    var text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    for (index, tag) in tags.enumerated() {
      text += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(Self.escaped(tag))</ETag></Part>"
    }
    text += "</CompleteMultipartUpload>"
    let body = Array(text.utf8)
    try body.withRawBytes { raw throws(DatasetError) in
      let call = S3Client.Call(
        method: "POST", key: name, query: [("uploadId", id)], headers: [("Content-Type", "application/xml")], body: raw,
        what: "put an upload together")
      try store.client.perform(call) { (outcome) throws(DatasetError) -> Void? in
        switch outcome {
        case .done(let response):
          // The status comes before the work is done; an error may stand in the body.
          if S3Answer.text("ETag", of: "CompleteMultipartUploadResult", in: response.body) != nil { return () }
          let refusal = S3Refusal(response)
          if refusal.code.isEmpty { throw store.client.unexpected(call, response) }
          if try isThere(size: size) { return () }
          throw DatasetError(
            .unavailable, "cannot put an upload together: the store answers \(terminalSafe(refusal.code))", path: store.location)
        case .refused(let refusal) where refusal.code == "NoSuchUpload":
          // A try whose answer was lost has done it.
          return try isThere(size: size) ? () : nil
        default: return nil
        }
      }
    }
    isPending = false
    isObject = true
    guard try isThere(size: size) else {
      throw DatasetError(.io, "cannot put an upload together: the object has not the bytes that were sent", path: store.location)
    }
  }

  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }

  /// Whether the object of that name is there and has all bytes.
  private func isThere(size: Int) throws(DatasetError) -> Bool { try store.size(ofFullKey: name) == size }

  /// Copies the object to its key, and removes what it was copied from.
  ///
  /// - Returns: False when the key is taken.
  func move(to key: ObjectKey, size: Int) throws(DatasetError) -> Bool {
    let isDone = try size > store.copying.limit ? copyInParts(to: key, size: size) : copy(to: key)
    guard isDone else { return false }
    guard try store.info(key)?.size == size else {
      throw DatasetError(.io, "cannot write the object: its copy has not the bytes that were sent", path: store.path(of: key))
    }
    return true
  }

  private var source: (name: String, value: String) {
    ("x-amz-copy-source", "/\(store.client.endpoint.bucket)/\(S3Escaping.path(name))")
  }

  private func copy(to key: ObjectKey) throws(DatasetError) -> Bool {
    // Stores that know a condition here keep it; to the others it is a header like any.
    let call = S3Client.Call(
      method: "PUT", key: store.prefix + key.text, headers: [source, ("If-None-Match", "*")],
      body: UnsafeRawBufferPointer(start: nil, count: 0), what: "copy the object to its key")
    return try store.client.perform(call) { (outcome) throws(DatasetError) -> Bool? in
      switch outcome {
      case .done(let response):
        if S3Answer.text("ETag", of: "CopyObjectResult", in: response.body) != nil { return true }
        // Again the status comes first.
        throw DatasetError(.unavailable, "cannot copy the object to its key: the store could not", path: store.path(of: key))
      // Whoever was quicker has brought the same bytes.
      case .refused(let refusal) where refusal.status == 412: return false
      default: return nil
      }
    }
  }

  /// Copies more than one request may copy.
  private func copyInParts(to key: ObjectKey, size: Int) throws(DatasetError) -> Bool {
    let copy = try S3PartCopy(store, from: source.value, to: store.prefix + key.text)
    do throws(DatasetError) {
      try copy.run(size: size)
      return true
    } catch {
      copy.abort()
      throw error
    }
  }

  /// Removes what is left on the server; harmless after the end.
  func abort() {
    queue.stop()
    // What cannot be removed is found later as left over.
    if isPending {
      isPending = false
      try? store.abortUpload(name, id: id)
    }
    if isObject {
      isObject = false
      try? store.remove(name, "remove an upload", isCleanup: true)
    }
  }
}
