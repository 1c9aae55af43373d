import WaybillDiagnostics

/// An object that is being written; invisible until the commit.
///
/// Used by one thread at a time. Dropping it without a commit aborts it.
public protocol ObjectUpload: AnyObject {
  /// Number of bytes appended so far.
  var size: Int { get }

  /// Appends bytes; after a failure nothing but ``abort()`` makes sense.
  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError)

  /// Makes the object durable and visible under a key that is free.
  ///
  /// After a failure the upload is gone and the key as free as it was, except for the code `unavailable`: then the object may be there, whole.
  ///
  /// - Returns: False when the key is taken; the object that is there is untouched and this one is gone.
  func commit(as key: ObjectKey) throws(DatasetError) -> Bool

  /// Gives the object up; harmless after a commit.
  func abort()
}

extension ObjectUpload {
  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws(DatasetError) {
    let result: Result<Void, DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) { return .success(try append(raw)) } catch { return .failure(error) }
    }
    try result.get()
  }
}
