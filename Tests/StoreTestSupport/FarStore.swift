import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// A store whose objects are not in memory, like those of a bucket, and that counts what is read of them.
public final class FarStore: ObjectStore {
  private let store: any ObjectStore
  /// Number of bytes up to which a key is given to one writer alone.
  public let exclusiveSize: Int
  private let ranges = Lock<[Range<Int>]>([])
  private let hook: @Sendable (Range<Int>) throws(DatasetError) -> Void

  /// A store around another one.
  ///
  /// - Parameters:
  ///   - exclusiveSize: What it says of how large objects may be whose keys one writer gets; the number of the store below when nil.
  ///   - onRead: Called before each read; what it throws the read throws.
  public init(
    _ store: any ObjectStore, exclusiveSize: Int? = nil,
    onRead: @escaping @Sendable (Range<Int>) throws(DatasetError) -> Void = { _ in }
  ) {
    self.exclusiveSize = exclusiveSize ?? store.exclusiveSize
    self.store = store
    hook = onRead
  }

  /// The ranges that were read so far.
  public var reads: [Range<Int>] { ranges.withLock { $0 } }

  func noteRead(_ range: Range<Int>) throws(DatasetError) {
    ranges.withLock { $0.append(range) }
    try hook(range)
  }

  /// Where the store is.
  public var location: String { store.location }

  /// What has gone over the wire of the store below.
  public var traffic: StoreTraffic? { store.traffic }

  /// Lists.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    try store.list(prefix, after: after, limit: limit)
  }

  /// Tells of an object.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? { try store.info(key) }

  /// Opens an object that must be read.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    guard let source = try store.open(key) else { return nil }
    return FarSource(source, self)
  }

  /// Begins an upload.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload { try store.upload(near: folder) }

  /// Replaces.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) { try store.replace(key, with: bytes, expecting: revision) }

  /// Removes.
  public func delete(_ key: ObjectKey) throws(DatasetError) { try store.delete(key) }

  /// Tells of leftovers.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] { try store.leftovers() }

  /// Removes a leftover.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) { try store.discard(leftover) }
}

/// An object that must be read.
private final class FarSource: ByteSource {
  private let source: any ByteSource
  private let store: FarStore

  init(_ source: any ByteSource, _ store: FarStore) {
    self.source = source
    self.store = store
  }

  var path: String { source.path }
  var size: Int { source.size }
  var mapped: UnsafeRawBufferPointer? { nil }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try store.noteRead(offset..<max(offset, offset &+ buffer.count))
    try source.read(at: offset, into: buffer)
  }
}
