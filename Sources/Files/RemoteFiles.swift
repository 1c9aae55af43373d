import WaybillDiagnostics

/// Files that are behind a wire and named by URLs, such as the pictures of a bucket.
///
/// Safe to use from several threads. Errors have the code `io` for what is refused, and `unavailable` when trying again may help.
public protocol RemoteFiles: Sendable {
  /// Whether a location is a URL of files that can be had here, or of a folder of them.
  func serves(_ location: String) -> Bool
  /// All bytes of a file; nil when it is not there.
  func fetch(_ location: String) throws(DatasetError) -> MappedFile?
  /// The first bytes of a file; nil when it is not there.
  func head(of location: String, count: Int) throws(DatasetError) -> [UInt8]?
  /// Calls with the location and the size of each file below a URL, in the order of names. Locations begin with the URL.
  func list(_ url: String, _ body: (_ location: String, _ size: Int) throws(DatasetError) -> Void) throws(DatasetError)
}
