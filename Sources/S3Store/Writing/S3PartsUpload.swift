import WaybillDiagnostics
import WaybillObjectStore

/// An object that a server puts together from parts: begun, put together, or given up.
final class S3PartsUpload {
  /// The full key of the object.
  let key: String
  /// What the server calls the upload.
  let id: String
  private let store: S3Store
  private var isPending = true

  /// Begins an upload.
  init(_ store: S3Store, to key: String, what: String) throws(DatasetError) {
    self.store = store
    self.key = key
    let call = S3Client.Call(
      method: "POST", key: key, query: [("uploads", "")], headers: [("Content-Type", S3Store.mediaType(key))], body: .empty,
      what: what)
    let response = try store.client.perform(call)
    guard let id = S3Answer(response.body, root: "InitiateMultipartUploadResult")?.text("UploadId"), !id.isEmpty else {
      throw store.client.unexpected(call, response)
    }
    self.id = id
  }

  /// The query of the request that sends or copies a part, counted from 1.
  static func query(part number: Int, of id: String) -> [(name: String, value: String)] {
    [("partNumber", "\(number)"), ("uploadId", id)]
  }

  /// Puts the parts together; the object is there afterwards, with all bytes.
  ///
  /// - Parameters:
  ///   - tags: The tags of the parts, in order.
  ///   - size: Number of bytes of all parts.
  func complete(_ tags: [String], size: Int, what: String) throws(DatasetError) {
    var text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    for (index, tag) in tags.enumerated() {
      text += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(Self.escaped(tag))</ETag></Part>"
    }
    text += "</CompleteMultipartUpload>"
    try Array(text.utf8).withRawBytes { raw throws(DatasetError) in
      let call = S3Client.Call(
        method: "POST", key: key, query: [("uploadId", id)], headers: [("Content-Type", "application/xml")], body: raw, what: what)
      try store.client.perform(call) { (outcome) throws(DatasetError) -> Void? in
        switch outcome {
        // The status comes before the work is done, so it says nothing; what is there says it.
        case .done: return ()
        case .refused(let refusal) where refusal.code == "NoSuchUpload": return try isThere(size) ? () : nil
        default: return nil
        }
      }
    }
    guard try isThere(size) else {
      throw DatasetError(
        .unavailable, "cannot \(what): the object has not the bytes that were sent", path: store.client.path(key))
    }
    isPending = false
  }

  private func isThere(_ size: Int) throws(DatasetError) -> Bool { try store.head(key)?.size == size }

  /// Gives the upload up; harmless when it is complete.
  ///
  /// What cannot be removed is found later as left over.
  func abort() {
    guard isPending else { return }
    isPending = false
    try? store.abortUpload(key, id: id)
  }

  private static func escaped(_ text: String) -> String {
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
}
