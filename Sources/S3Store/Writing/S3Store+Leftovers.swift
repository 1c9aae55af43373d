import WaybillDiagnostics
import WaybillObjectStore

extension S3Store {
  /// Uploads that were begun and not ended, and what lies below `.waybill-upload/`; the store cannot tell which are still being written.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    var found: [ObjectLeftover] = []
    var after: (key: String, id: String)?
    repeat {
      var query = [("uploads", ""), ("encoding-type", "url"), ("max-uploads", "1000")]
      if !prefix.isEmpty { query.append(("prefix", prefix)) }
      if let after { query += [("key-marker", after.key), ("upload-id-marker", after.id)] }
      let call = S3Client.Call(method: "GET", query: query, what: "list unfinished uploads")
      let response = try client.perform(call)
      guard let page = S3UploadListing(response.body) else { throw client.unexpected(call, response) }
      for upload in page.uploads {
        // Uploads of others in the same bucket are none of ours.
        guard let key = upload.key.dropping(prefix: prefix), key.hasPrefix(S3Multipart.folder) || ObjectKey(key) != nil else {
          continue
        }
        found.append(ObjectLeftover(name: "upload \(upload.id) of \(key)", size: nil, modifiedSeconds: upload.begun.seconds))
      }
      if let next = page.next, let before = after, next == before { throw client.unexpected(call, response) }
      after = page.next
    } while after != nil

    try client.pages(of: prefix + S3Multipart.folder, what: "list unfinished uploads") { (objects, _) throws(DatasetError) in
      for object in objects {
        guard let name = object.key.dropping(prefix: prefix) else { continue }
        found.append(ObjectLeftover(name: name, size: object.size, modifiedSeconds: object.modified.seconds))
      }
      return true
    }
    return found
  }

  /// Removes what an unfinished upload left behind.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    if leftover.name.hasPrefix(S3Multipart.folder) { return try remove(prefix + leftover.name, "remove an unfinished upload") }
    let words = leftover.name.split(separator: " ", maxSplits: 3).map(String.init)
    guard words.count == 4, words[0] == "upload", words[2] == "of" else {
      throw DatasetError(
        .usage, "is not what an unfinished upload leaves behind", path: "\(location)/\(terminalSafe(leftover.name))")
    }
    try abortUpload(prefix + words[3], id: words[1], isCleanup: false)
  }

  /// Ends an upload without an object, whether it is there or not.
  func abortUpload(_ key: String, id: String, isCleanup: Bool = true) throws(DatasetError) {
    let call = S3Client.Call(
      method: "DELETE", key: key, query: [("uploadId", id)], isCleanup: isCleanup, what: "give an upload up")
    _ = try client.perform(call) { (outcome) throws(DatasetError) -> Bool? in
      switch outcome {
      case .done: return true
      case .refused(let refusal) where refusal.code == "NoSuchUpload" || refusal.code == "NoSuchKey": return true
      default: return nil
      }
    }
  }
}
