import WaybillDiagnostics

/// A copy of an object that is larger than one request may copy: the store copies its parts.
final class S3PartCopy {
  private let store: S3Store
  private let source: String
  private let key: String
  private let id: String
  private var isPending = true

  init(_ store: S3Store, from source: String, to key: String) throws(DatasetError) {
    self.store = store
    self.source = source
    self.key = key
    let call = S3Client.Call(
      method: "POST", key: key, query: [("uploads", "")], headers: [("Content-Type", S3Store.mediaType(key))],
      body: UnsafeRawBufferPointer(start: nil, count: 0), what: "begin a copy")
    let response = try store.client.perform(call)
    guard let id = S3Answer.text("UploadId", of: "InitiateMultipartUploadResult", in: response.body), !id.isEmpty else {
      throw store.client.unexpected(call, response)
    }
    self.id = id
  }

  /// Copies all parts and puts them together.
  func run(size: Int) throws(DatasetError) {
    var text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    for (index, start) in stride(from: 0, to: size, by: store.copying.part).enumerated() {
      let end = min(size, start + store.copying.part)
      let call = S3Client.Call(
        method: "PUT", key: key, query: [("partNumber", "\(index + 1)"), ("uploadId", id)],
        headers: [("x-amz-copy-source", source), ("x-amz-copy-source-range", "bytes=\(start)-\(end - 1)")],
        body: UnsafeRawBufferPointer(start: nil, count: 0), what: "copy a part")
      let response = try store.client.perform(call)
      guard let tag = S3Answer.text("ETag", of: "CopyPartResult", in: response.body) else {
        throw store.client.unexpected(call, response)
      }
      text += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(S3Multipart.escaped(tag))</ETag></Part>"
    }
    text += "</CompleteMultipartUpload>"
    let body = Array(text.utf8)
    try body.withRawBytes { raw throws(DatasetError) in
      let call = S3Client.Call(
        method: "POST", key: key, query: [("uploadId", id)], headers: [("Content-Type", "application/xml")], body: raw,
        what: "put a copy together")
      try store.client.perform(call) { (outcome) throws(DatasetError) -> Void? in
        switch outcome {
        case .done(let response):
          guard S3Answer.text("ETag", of: "CompleteMultipartUploadResult", in: response.body) != nil else {
            throw store.client.unexpected(call, response)
          }
          return ()
        case .refused(let refusal) where refusal.code == "NoSuchUpload":
          return try store.size(ofFullKey: key) == size ? () : nil
        default: return nil
        }
      }
    }
    isPending = false
  }

  /// Gives the copy up; harmless after the end.
  func abort() {
    guard isPending else { return }
    isPending = false
    try? store.abortUpload(key, id: id)
  }
}
