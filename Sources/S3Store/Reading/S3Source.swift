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
  static let tailSize = 256 << 10

  private init(_ store: S3Store, _ key: ObjectKey, size: Int, _ revision: ObjectRevision, _ tail: [UInt8]) {
    path = store.path(of: key)
    object = S3Object(store.client, store.prefix + key.text, path: path, size: size, revision: revision.text)
    self.size = size
    self.revision = revision
    self.tail = tail
  }

  /// Opens an object; nil when it is not there.
  static func open(_ store: S3Store, _ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    let client = store.client
    let call = S3Client.Call(
      method: "GET", key: store.prefix + key.text, headers: [("Range", "bytes=-\(tailSize)")], what: "open the object")
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
      guard let info = try store.info(key) else { return nil }
      guard info.size == 0 else { throw client.unexpected(call, response) }
      return MemorySource([], path: store.path(of: key))
    }
    guard let etag = response.headers["etag"] else { throw client.unexpected(call, response) }
    var size = response.body.count
    if response.status == 206 {
      guard let range = ContentRange(response.headers["content-range"]), range.upperBound == range.total,
        range.count == response.body.count
      else { throw client.unexpected(call, response) }
      size = range.total
    }
    if response.body.count == size { return MemorySource(response.body, path: store.path(of: key)) }
    return S3Source(store, key, size: size, ObjectRevision(S3Store.opaque(etag)), response.body)
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

/// The header `Content-Range: bytes 0-9/100` (RFC 9110, 14.4).
struct ContentRange {
  let lowerBound: Int
  let upperBound: Int
  let total: Int

  var count: Int { upperBound - lowerBound }

  /// Reads the header; nil for what is none, or has no total.
  init?(_ text: String?) {
    guard let text, text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/")
    let ends = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) } ?? []
    guard parts.count == 2, ends.count == 2, let first = ends[0], let last = ends[1], let total = Int(parts[1]), first >= 0,
      first <= last, last < total
    else { return nil }
    lowerBound = first
    upperBound = last + 1
    self.total = total
  }
}
