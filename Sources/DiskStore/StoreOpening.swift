import WaybillDiagnostics
import WaybillObjectStore

/// Opens the store that a person names: a folder as a path or as a `file://` URL.
///
/// - Parameter create: Whether to make a folder that is missing.
/// - Throws: An error of the code `usage` for a text that names no store, or one of a scheme that there is no store for; `io` when the folder
///   is missing or cannot be opened.
public func openStore(_ text: String, create: Bool) throws(DatasetError) -> any ObjectStore {
  switch try StoreLocation(text) {
  case .folder(let path): return try DiskStore(path: path, create: create)
  case .url(let scheme, _):
    throw DatasetError(.usage, "there is no store of the scheme \(scheme); a store is a folder or a file:// URL", path: text)
  }
}
