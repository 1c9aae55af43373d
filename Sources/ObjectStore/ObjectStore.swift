import WaybillDiagnostics
import WaybillFiles

/// A flat space of named objects: bytes under keys, on a disk, in a bucket or in memory.
///
/// What every store guarantees, and the store suite asks of each:
///
/// 1. **Whole or absent.** An object is visible with all its bytes or not at all, also after a crash at any moment.
/// 2. **Durable.** What a call said is done stays done when the machine stops.
/// 3. **Created once.** Of any number of callers that create one key, exactly one succeeds, and all others are told that the key is taken.
/// 4. **Never changed.** The bytes under a key change only by ``replace(_:with:expecting:)``, and there only from the revision the caller named.
/// 5. **Listed.** Listing after a creation shows the object; a listing that could not be completed throws and never looks complete.
///
/// Safe to use from several threads and processes. Errors have the code `io`, except where a method says otherwise.
public protocol ObjectStore: Sendable {
  /// Where the store is, as messages show it; holds no secret.
  var location: String { get }

  /// The objects whose keys begin with a prefix and come after a key, in the order of keys: at most `limit` of them.
  ///
  /// An empty prefix is all objects. Unfinished uploads are not among them.
  func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage

  /// Size, time and revision of an object; nil when it is not there.
  func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo?

  /// Opens an object for reading anywhere in it; nil when it is not there.
  func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)?

  /// Begins an object whose bytes come piece by piece and whose key may be known only at the end.
  ///
  /// - Parameter folder: The key it will have, without its last component; keys of one folder are near each other.
  func upload(near folder: String) throws(DatasetError) -> any ObjectUpload

  /// Replaces an object, or creates it, if its revision is still the one that was read; nil expects no object.
  ///
  /// - Throws: An error of the code `conflict` when someone else was quicker; the object is then as they left it.
  func replace(_ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?) throws(DatasetError)

  /// Removes an object; removing what is not there does nothing.
  func delete(_ key: ObjectKey) throws(DatasetError)

  /// What unfinished uploads have left behind, and since when; see ``discard(_:)``.
  func leftovers() throws(DatasetError) -> [ObjectLeftover]

  /// Removes what an unfinished upload left behind.
  func discard(_ leftover: ObjectLeftover) throws(DatasetError)
}

extension ObjectStore {
  /// All objects whose keys begin with a prefix, page by page, in the order of keys.
  public func all(_ prefix: String) throws(DatasetError) -> [ObjectInfo] {
    var objects: [ObjectInfo] = []
    while true {
      let page = try list(prefix, after: objects.last?.key, limit: 1000)
      objects += page.objects
      if page.isLast { return objects }
    }
  }

  /// Creates a small object in one go.
  ///
  /// - Returns: False when the key is taken; the object that is there is untouched.
  public func create(_ key: ObjectKey, _ bytes: [UInt8]) throws(DatasetError) -> Bool {
    let folder = key.text.lastIndex(of: "/").map { String(key.text[..<$0]) } ?? ""
    let upload = try upload(near: folder)
    do throws(DatasetError) {
      try upload.append(bytes)
      return try upload.commit(as: key)
    } catch {
      upload.abort()
      throw error
    }
  }

  /// All bytes of an object, if it is there and has at most some number of bytes.
  public func read(_ key: ObjectKey, limit: Int) throws(DatasetError) -> [UInt8]? {
    guard let source = try open(key) else { return nil }
    guard source.size <= limit else {
      throw DatasetError(.invalidInput, "is larger than the \(limit) bytes allowed here", path: source.path)
    }
    var bytes = [UInt8](repeating: 0, count: source.size)
    let result: Result<Void, DatasetError> = bytes.withUnsafeMutableBytes { buffer in
      do throws(DatasetError) { return .success(try source.read(at: 0, into: buffer)) } catch { return .failure(error) }
    }
    try result.get()
    return bytes
  }
}

/// An object that is being written; invisible until the commit.
///
/// Used by one thread at a time. Dropping it without a commit aborts it.
public protocol ObjectUpload: ByteSink {
  /// Number of bytes appended so far.
  var size: Int { get }

  /// Makes the object durable and visible under a key that is free.
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

/// What a store tells of an object.
public struct ObjectInfo: Sendable, Equatable {
  /// Its key.
  public var key: ObjectKey
  /// Number of bytes.
  public var size: Int
  /// When it was written, in seconds since 1970 by the store's clock.
  public var modifiedSeconds: Int64
  /// Which writing of the key it is.
  public var revision: ObjectRevision

  /// What is known of an object.
  public init(key: ObjectKey, size: Int, modifiedSeconds: Int64, revision: ObjectRevision) {
    self.key = key
    self.size = size
    self.modifiedSeconds = modifiedSeconds
    self.revision = revision
  }
}

/// Which writing of a key an object is; equal only for the same writing.
///
/// Its text means nothing outside its store.
public struct ObjectRevision: Hashable, Sendable {
  /// The store's own word for it.
  public var text: String

  /// A revision by the store's own word.
  public init(_ text: String) { self.text = text }
}

/// Some of the objects of a listing.
public struct ObjectPage: Sendable {
  /// The objects, in the order of keys.
  public var objects: [ObjectInfo]
  /// Whether none come after them.
  public var isLast: Bool

  /// A page of a listing.
  public init(objects: [ObjectInfo], isLast: Bool) {
    self.objects = objects
    self.isLast = isLast
  }
}

/// What an unfinished upload left behind in a store.
public struct ObjectLeftover: Sendable, Equatable {
  /// The store's own name for it.
  public var name: String
  /// Number of bytes, where known.
  public var size: Int?
  /// When it was last written, in seconds since 1970 by the store's clock.
  public var modifiedSeconds: Int64

  /// Something left behind.
  public init(name: String, size: Int?, modifiedSeconds: Int64) {
    self.name = name
    self.size = size
    self.modifiedSeconds = modifiedSeconds
  }
}
