import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// An object of a bucket, read by ranges; its last bytes are there from the beginning.
///
/// Each request asks for the writing that was opened (`If-Match`), so that an object that is replaced meanwhile is an error, and never a mixture.
final class S3Source: ByteSource, RevisedSource {
  let path: String
  let size: Int
  let revision: ObjectRevision
  private let object: S3Object
  private let tail: [UInt8]

  /// Number of bytes that come with the opening.
  private static let tailSize = 256 << 10

  private init(_ object: S3Object, path: String, size: Int, _ revision: ObjectRevision, _ tail: [UInt8]) {
    self.object = object
    self.path = path
    self.size = size
    self.revision = revision
    self.tail = tail
  }

  /// Opens what a full key names; nil when it is not there.
  static func open(_ store: S3Store, fullKey key: String, path: String) throws(DatasetError) -> (any ByteSource)? {
    let client = store.client
    let call = S3Client.Call(
      method: "GET", key: key, headers: [("Range", "bytes=-\(tailSize)")], what: "open the object")
    let response = try client.perform(call) { (outcome) throws(DatasetError) -> HTTPResponse?? in
      switch outcome {
      case .done(let response): return .some(response)
      case .refused(let refusal) where refusal.status == 404 && refusal.code != "NoSuchBucket": return .some(nil)
      // An object without bytes has no range.
      case .refused(let refusal) where refusal.status == 416: return .some(HTTPResponse(status: 416))
      default: return nil
      }
    }
    guard let response else { return nil }
    if response.status == 416 {
      guard let head = try store.head(key) else { return nil }
      guard head.size == 0 else { throw client.unexpected(call, response) }
      return MemorySource([], path: path)
    }
    guard let etag = response.headers["etag"] else { throw client.unexpected(call, response) }
    var size = response.body.count
    if response.status == 206 {
      guard let range = ContentRange(response.headers["content-range"]), range.upperBound == range.total,
        range.count == response.body.count
      else { throw client.unexpected(call, response) }
      size = range.total
    }
    if response.body.count == size { return MemorySource(response.body, path: path) }
    let revision = S3Store.opaque(etag)
    let object = S3Object(client, key, path: path, size: size, revision: revision)
    return S3Source(object, path: path, size: size, ObjectRevision(revision), response.body)
  }

  var mapped: UnsafeRawBufferPointer? { nil }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try check(offset, buffer.count)
    guard buffer.count > 0 else { return }
    let tailStart = size - tail.count
    let front = max(0, min(buffer.count, tailStart - offset))
    if front < buffer.count {
      let from = offset + front - tailStart
      UnsafeMutableRawBufferPointer(rebasing: buffer[front...]).copyBytes(from: tail[from..<(from + buffer.count - front)])
    }
    try object.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<front]))
  }
}
