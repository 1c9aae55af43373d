import WaybillDiagnostics
import WaybillDiskStore
import WaybillObjectStore
import WaybillS3Store

/// How a store is opened, where its name does not say everything.
public struct StoreAccess: Sendable, Equatable {
  /// What is said about object storage.
  public var s3 = S3Options()
  /// What requests say they come from.
  public var agent = "waybill"

  /// Everything as the environment says.
  public init() {}
}

/// Opens the store that a person names: a folder as a path or as a `file://` URL, or `s3://bucket/prefix`.
///
/// - Parameter create: Whether to make a folder that is missing.
/// - Throws: An error of the code `usage` for a text that names no store, or one of a scheme that there is no store for; `io` when the folder
///   is missing or cannot be opened.
public func openStore(_ text: String, create: Bool, access: StoreAccess = StoreAccess()) throws(DatasetError) -> any ObjectStore {
  switch try StoreLocation(text) {
  case .folder(let path): return try DiskStore(path: path, create: create)
  case .url("s3", let url):
    let store = try S3Store(url, options: access.s3, agent: access.agent)
    // Only the mark of the current version is ever replaced.
    return CachingStore(store, blockSize: 256 << 10) { $0.name == "current.json" }
  case .url(let scheme, _):
    throw DatasetError(
      .usage, "there is no store of the scheme \(scheme); a store is a folder, a file:// URL or s3://BUCKET/PREFIX", path: text)
  }
}
