import WaybillDiagnostics
import WaybillFiles

/// A store that nothing can be written to: every call that would is a `usage` error.
public struct ReadOnlyStore: ObjectStore {
  private let store: any ObjectStore

  /// A store, for reading only.
  public init(_ store: any ObjectStore) { self.store = store }

  /// Where the store is.
  public var location: String { store.location }

  /// Number of bytes up to which the store below gives a key to one writer alone.
  public var exclusiveSize: Int { store.exclusiveSize }

  /// What has gone over the wire of the store below.
  public var traffic: StoreTraffic? { store.traffic }

  /// The objects whose keys begin with a prefix and come after a key.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    try store.list(prefix, after: after, limit: limit)
  }

  /// Size, time and revision of an object; nil when it is not there.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? { try store.info(key) }

  /// Opens an object; nil when it is not there.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? { try store.open(key) }

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload { throw refusal(folder) }

  /// Replaces an object if its revision is still the one that was read.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) { throw refusal(key.text) }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) { throw refusal(key.text) }

  /// What unfinished uploads have left behind.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] { try store.leftovers() }

  /// Removes what an unfinished upload left behind.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) { throw refusal(leftover.name) }

  private func refusal(_ name: String) -> DatasetError {
    DatasetError(.usage, "cannot be written or removed: the store is open for reading only", path: joinedPath(location, name))
  }
}
