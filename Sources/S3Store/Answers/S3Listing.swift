/// A page of the objects of a bucket, as `ListObjectsV2` answers.
struct S3Listing {
  struct Object {
    var key: String
    var size: Int
    var modified: S3Time
    var etag: String
  }

  private(set) var objects: [Object] = []
  /// What the next page is asked for with; nil on the last one.
  private(set) var next: [(name: String, value: String)]?

  /// What a listing after a key is asked for with: services that do not know the second version of the listing, such as some of Huawei's, go by
  /// the marker of the first.
  static func after(_ key: String) -> [(name: String, value: String)] { [("start-after", key), ("marker", key)] }

  /// Reads the answer; nil when it is none.
  ///
  /// A page that is cut short is no XML, and one without `IsTruncated` is not taken for the last one.
  init?(_ body: [UInt8]) {
    guard let answer = S3Answer(body, root: "ListBucketResult") else { return nil }
    for child in answer.children("Contents") {
      guard let key = answer.key("Key", of: child), let size = answer.text("Size", of: child).flatMap({ Int($0) }), size >= 0,
        let modified = answer.text("LastModified", of: child).flatMap({ S3Time(iso: $0) }),
        let etag = answer.text("ETag", of: child)
      else { return nil }
      objects.append(Object(key: key, size: size, modified: modified, etag: etag))
    }
    switch answer.text("IsTruncated") {
    case "true":
      if let token = answer.text("NextContinuationToken") {
        next = [("continuation-token", token)]
      } else if let last = objects.last {
        next = Self.after(last.key)
      } else {
        return nil
      }
    case "false": break
    default: return nil
    }
  }
}

/// A page of the uploads that are under way, as `ListMultipartUploads` answers.
struct S3UploadListing {
  struct Upload: Equatable {
    var key: String
    var id: String
    var begun: S3Time
  }

  private(set) var uploads: [Upload] = []
  /// The key and the upload after which the next page begins; nil on the last one.
  private(set) var next: (key: String, id: String)?

  /// Reads the answer; nil when it is none.
  init?(_ body: [UInt8]) {
    guard let answer = S3Answer(body, root: "ListMultipartUploadsResult") else { return nil }
    for child in answer.children("Upload") {
      guard let key = answer.key("Key", of: child), let id = answer.text("UploadId", of: child),
        let begun = answer.text("Initiated", of: child).flatMap({ S3Time(iso: $0) })
      else { return nil }
      uploads.append(Upload(key: key, id: id, begun: begun))
    }
    guard answer.text("IsTruncated") == "true" else { return }
    guard let after = answer.key("NextKeyMarker") else { return nil }
    next = (after, answer.text("NextUploadIdMarker") ?? "")
  }
}
