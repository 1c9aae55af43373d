import WaybillDiagnostics
import WaybillFiles
import WaybillLocks

/// A store that keeps a bounded part of the objects it reads in memory, block by block; for stores where each read is a request.
///
/// Only objects that are never replaced are kept, and each opening asks whether the object is still the one that is kept. Threads that want
/// the same block at the same time fetch it once. Objects that are in memory or mapped into it pass by, and so do reads of four blocks and
/// more, which are one request to the store below.
public final class CachingStore: ObjectStore {
  private let store: any ObjectStore
  private let isReplaceable: @Sendable (ObjectKey) -> Bool
  private let blocks: BlockCache
  private let objects = Lock<[ObjectKey: CachedSource]>([:])
  /// Most objects that are remembered between two openings.
  private let objectLimit = 256

  /// A store around another one.
  ///
  /// - Parameters:
  ///   - capacity: Most bytes of blocks that are kept.
  ///   - blockSize: Bytes that are fetched at a time.
  ///   - isReplaceable: Whether the object of a key can be replaced; it is then never kept.
  public init(
    _ store: any ObjectStore, capacity: Int = 64 << 20, blockSize: Int = 1 << 20,
    isReplaceable: @escaping @Sendable (ObjectKey) -> Bool
  ) {
    self.store = store
    self.isReplaceable = isReplaceable
    blocks = BlockCache(capacity: capacity, blockSize: blockSize)
  }

  /// Number of bytes of blocks that are kept now.
  public var cachedBytes: Int { blocks.byteCount }

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
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    guard !isReplaceable(key) else { return try store.open(key) }
    // A version may be deleted and published anew under its name, so what is remembered is asked for again.
    if let known = objects.withLock({ $0[key] }) {
      if try store.info(key)?.revision == known.revision { return known }
      forget(key)
    }
    guard var source = try store.open(key) else { return nil }
    guard source.mapped == nil else { return source }
    var revision = (source as? any RevisedSource)?.revision
    if revision == nil {
      // Asked for before the opening: if another writing comes between the two, the next opening sees a revision that is not the one
      // remembered, and opens anew.
      revision = try store.info(key)?.revision
      guard let again = try store.open(key) else { return nil }
      source = again
    }
    guard let revision else { return nil }
    let cached = CachedSource(source, revision, blocks)
    objects.withLock { objects in
      if objects.count >= objectLimit, let other = objects.keys.first(where: { $0 != key }) { objects[other] = nil }
      objects[key] = cached
    }
    return cached
  }

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload { try store.upload(near: folder) }

  /// Replaces an object if its revision is still the one that was read.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    forget(key)
    try store.replace(key, with: bytes, expecting: revision)
  }

  /// Creates an object from bytes that can be read again.
  public func create(_ key: ObjectKey, copying source: any ByteSource, digest: String) throws(DatasetError) -> Bool {
    try store.create(key, copying: source, digest: digest)
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    forget(key)
    try store.delete(key)
  }

  /// What unfinished uploads have left behind.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] { try store.leftovers() }

  /// Removes what an unfinished upload left behind.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) { try store.discard(leftover) }

  private func forget(_ key: ObjectKey) {
    objects.withLock { $0[key] = nil }
  }
}
