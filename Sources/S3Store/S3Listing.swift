import WaybillDiagnostics
import WaybillSyntax

/// A page of the objects of a bucket, as `ListObjectsV2` answers.
struct S3Listing {
  struct Object {
    var key: String
    var size: Int
    var modified: S3Time
    var etag: String
  }

  var objects: [Object] = []
  /// What the next page is asked for with; nil on the last one.
  var next: [(name: String, value: String)]?

  /// What a listing after a key is asked for with: services that do not know the second version of the listing, such as some of Huawei's, go by
  /// the marker of the first.
  static func after(_ key: String) -> [(name: String, value: String)] { [("start-after", key), ("marker", key)] }

  /// Reads the answer; nil when it is none.
  ///
  /// A page that is cut short is no XML, and one without `IsTruncated` is not taken for the last one.
  init?(_ body: [UInt8]) {
    let reader = XMLReader(maximumBytes: 16 << 20)
    do throws(XMLFault) { try reader.parse(body) } catch { return nil }
    guard reader.count > 0, reader.isNamed(0, "ListBucketResult"),
      let truncated = reader.firstChild(of: 0, named: "IsTruncated").map({ reader.trimmedString(of: $0) })
    else { return nil }
    let isEscaped = reader.firstChild(of: 0, named: "EncodingType").map { reader.trimmedString(of: $0) } == "url"
    for child in reader.children(of: 0) where reader.isNamed(child, "Contents") {
      guard let name = reader.firstChild(of: child, named: "Key"), let size = reader.firstChild(of: child, named: "Size"),
        let time = reader.firstChild(of: child, named: "LastModified"), let etag = reader.firstChild(of: child, named: "ETag"),
        let bytes = Int(reader.trimmedString(of: size)), bytes >= 0, let modified = S3Time(iso: reader.trimmedString(of: time)),
        let key = isEscaped
          ? S3Escaping.unescaped(reader.text(of: name)) : String(validating: Array(reader.text(of: name)), as: UTF8.self)
      else { return nil }
      objects.append(Object(key: key, size: bytes, modified: modified, etag: reader.trimmedString(of: etag)))
    }
    switch truncated {
    case "true":
      if let token = reader.firstChild(of: 0, named: "NextContinuationToken") {
        next = [("continuation-token", reader.trimmedString(of: token))]
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

  var uploads: [Upload] = []
  /// The key and the upload after which the next page begins; nil on the last one.
  var next: (key: String, id: String)?

  /// Reads the answer; nil when it is none.
  init?(_ body: [UInt8]) {
    let reader = XMLReader(maximumBytes: 16 << 20)
    do throws(XMLFault) { try reader.parse(body) } catch { return nil }
    guard reader.count > 0, reader.isNamed(0, "ListMultipartUploadsResult") else { return nil }
    let isEscaped = reader.firstChild(of: 0, named: "EncodingType").map { reader.trimmedString(of: $0) } == "url"
    func key(_ element: Int) -> String? {
      isEscaped
        ? S3Escaping.unescaped(reader.text(of: element)) : String(validating: Array(reader.text(of: element)), as: UTF8.self)
    }
    for child in reader.children(of: 0) where reader.isNamed(child, "Upload") {
      guard let name = reader.firstChild(of: child, named: "Key"), let id = reader.firstChild(of: child, named: "UploadId"),
        let time = reader.firstChild(of: child, named: "Initiated"), let begun = S3Time(iso: reader.trimmedString(of: time)),
        let key = key(name)
      else { return nil }
      uploads.append(Upload(key: key, id: reader.trimmedString(of: id), begun: begun))
    }
    let truncated = reader.firstChild(of: 0, named: "IsTruncated").map { reader.trimmedString(of: $0) } ?? "false"
    guard truncated == "true" else { return }
    guard let name = reader.firstChild(of: 0, named: "NextKeyMarker"), let after = key(name) else { return nil }
    next = (after, reader.firstChild(of: 0, named: "NextUploadIdMarker").map { reader.trimmedString(of: $0) } ?? "")
  }
}

/// The one text of an answer that is wanted, such as `UploadId` of `InitiateMultipartUploadResult`.
enum S3Answer {
  /// The text of a child of the root; nil when the answer has another root or no such child.
  static func text(_ name: StaticString, of root: StaticString, in body: [UInt8]) -> String? {
    let reader = XMLReader(maximumBytes: 1 << 20, maximumElements: 1 << 12)
    do throws(XMLFault) { try reader.parse(body) } catch { return nil }
    guard reader.count > 0, reader.isNamed(0, root), let child = reader.firstChild(of: 0, named: name) else { return nil }
    return reader.trimmedString(of: child)
  }
}
