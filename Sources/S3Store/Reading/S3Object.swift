import WaybillDiagnostics

/// One writing of an object, read by ranges.
struct S3Object: Sendable {
  private let client: S3Client
  private let key: String
  private let path: String
  private let size: Int
  private let revision: String

  /// - Parameters:
  ///   - key: The full key.
  ///   - path: What messages call it.
  ///   - revision: The ETag of the writing.
  init(_ client: S3Client, _ key: String, path: String, size: Int, revision: String) {
    self.client = client
    self.key = key
    self.path = path
    self.size = size
    self.revision = revision
  }

  /// Fills a buffer with the bytes from an offset on; a connection that breaks goes on where it ended.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    var filled = 0
    while filled < buffer.count {
      filled += try fetch(offset + filled, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
  }

  /// Fetches bytes from an offset on, all of them or as many as came before the connection broke.
  private func fetch(_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let call = S3Client.Call(
      method: "GET", key: key,
      headers: [("Range", "bytes=\(offset)-\(offset + buffer.count - 1)"), ("If-Match", revision)], destination: buffer,
      what: "read the object")
    return try client.perform(call) { (outcome) throws(DatasetError) -> Int? in
      switch outcome {
      case .done(let response):
        guard response.status == 206, let range = ContentRange(response.headers["content-range"]), range.lowerBound == offset,
          range.count == buffer.count, range.total == size, response.received == buffer.count
        else { throw client.unexpected(call, response) }
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
