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
  private let store: S3Store
  private let key: String
  private let tail: [UInt8]

  /// Number of bytes that come with the opening.
  static let tailSize = 256 << 10

  private init(_ store: S3Store, _ key: ObjectKey, size: Int, _ revision: ObjectRevision, _ tail: [UInt8]) {
    self.store = store
    self.key = store.prefix + key.text
    path = store.path(of: key)
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
    var filled = 0
    while filled < front {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<front])
      filled += try fetch(offset + filled, rest)
    }
  }

  /// Fetches bytes from an offset on, all of them or as many as came before the connection broke.
  private func fetch(_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let call = S3Client.Call(
      method: "GET", key: key,
      headers: [("Range", "bytes=\(offset)-\(offset + buffer.count - 1)"), ("If-Match", revision.text)], destination: buffer,
      what: "read the object")
    return try store.client.perform(call) { (outcome) throws(DatasetError) -> Int? in
      switch outcome {
      case .done(let response):
        guard response.status == 206, let range = ContentRange(response.headers["content-range"]), range.lowerBound == offset,
          range.count == buffer.count, range.total == size, response.received == buffer.count
        else { throw store.client.unexpected(call, response) }
        return buffer.count
      case .failed(let failure):
        // What came counts if it is what was asked for; the next request goes on from there.
        let response = failure.response
        guard failure.isTemporary, response.status == 206, response.received > 0, response.received <= buffer.count,
          let range = ContentRange(response.headers["content-range"]), range.lowerBound == offset, range.total == size
        else { return nil }
        return response.received
      case .refused(let refusal) where refusal.status == 412 || refusal.status == 404:
        throw DatasetError(.io, "has been replaced or removed while it was read", path: path)
      default: return nil
      }
    }
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
