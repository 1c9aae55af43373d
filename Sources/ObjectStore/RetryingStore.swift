import WaybillDiagnostics
import WaybillFiles

/// A store whose calls are tried again when the store below says `unavailable`.
///
/// A call that failed may have had its effect. So what is there is looked at before it is judged: an object that was to be created or
/// replaced and has our bytes by now counts as our own success. Callers that write the same bytes at the same time may then both be told
/// that they did; whoever must know who it was puts something of one's own into the object. A replacement that was replaced in turn before
/// it could be looked at leaves no trace: then the error says `unavailable`, and not that someone else was quicker.
///
/// Uploads are sent again from a copy of their bytes, up to ``RetryPolicy/replayLimit``; the failure of a longer one is the caller's.
public final class RetryingStore: ObjectStore {
  private let store: any ObjectStore
  let policy: RetryPolicy
  private let clock: RetryClock

  /// A store around another one.
  public init(_ store: any ObjectStore, policy: RetryPolicy = RetryPolicy(), clock: RetryClock = .system) {
    self.store = store
    self.policy = policy
    self.clock = clock
  }

  /// Where the store is.
  public var location: String { store.location }

  /// Number of bytes up to which the store below gives a key to one writer alone.
  public var exclusiveSize: Int { store.exclusiveSize }

  /// What has gone over the wire of the store below.
  public var traffic: StoreTraffic? { store.traffic }

  /// The objects whose keys begin with a prefix and come after a key.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    try retrying { () throws(DatasetError) in try store.list(prefix, after: after, limit: limit) }
  }

  /// Size, time and revision of an object; nil when it is not there.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    try retrying { () throws(DatasetError) in try store.info(key) }
  }

  /// Opens an object; nil when it is not there.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    let source = try retrying { () throws(DatasetError) in try store.open(key) }
    guard let source, source.mapped == nil else { return source }
    return RetryingSource(source, self)
  }

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    RetryingUpload(self, folder, try retrying { () throws(DatasetError) in try store.upload(near: folder) })
  }

  /// Creates an object from bytes that can be read again, and so be sent again, however many they are.
  public func create(_ key: ObjectKey, copying source: any ByteSource, digest: String) throws(DatasetError) -> Bool {
    try creating(key, source) { () throws(DatasetError) in try store.create(key, copying: source, digest: digest) }
  }

  /// Replaces an object if its revision is still the one that was read.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    var isUncertain = false
    let failure = try retrying { () throws(DatasetError) -> DatasetError? in
      if isUncertain, try store.info(key)?.revision != revision { return try judge(key, bytes) }
      do throws(DatasetError) { try store.replace(key, with: bytes, expecting: revision) } catch {
        if isUncertain, error.code == .conflict { return try judge(key, bytes) }
        isUncertain = isUncertain || error.code == .unavailable
        throw error
      }
      return nil
    }
    if let failure { throw failure }
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    try retrying { () throws(DatasetError) in try store.delete(key) }
  }

  /// What unfinished uploads have left behind.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    try retrying { () throws(DatasetError) in try store.leftovers() }
  }

  /// Removes what an unfinished upload left behind.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    try retrying { () throws(DatasetError) in try store.discard(leftover) }
  }

  /// Makes a call until it does not fail for now, or the policy says that it is enough.
  func retrying<Result>(_ call: () throws(DatasetError) -> Result) throws(DatasetError) -> Result {
    let start = clock.nowSeconds()
    var number = 1
    while true {
      do throws(DatasetError) { return try call() } catch {
        guard error.code == .unavailable else { throw error }
        number += 1
        let seconds = policy.pauseSeconds(before: number, random: clock.random())
        guard number <= policy.tries, clock.nowSeconds() - start + seconds <= policy.deadlineSeconds else {
          var last = error
          if number > 2 { last.message += "; tried \(number - 1) times" }
          throw last
        }
        try clock.pause(seconds)
      }
    }
  }

  /// Begins an upload of the store below, once.
  func newUpload(_ folder: String) throws(DatasetError) -> any ObjectUpload { try store.upload(near: folder) }

  /// Creates an object by trying again; an object that is there and has our bytes after a try whose end is unknown is our own success.
  func creating(
    _ key: ObjectKey, _ bytes: any ByteSource, _ attempt: () throws(DatasetError) -> Bool
  ) throws(DatasetError) -> Bool {
    var isUncertain = false
    return try retrying { () throws(DatasetError) in
      if isUncertain, let isOurs = try compare(key, bytes) { return isOurs }
      do throws(DatasetError) {
        if try attempt() { return true }
        // Taken, perhaps by a try of ours that was given up for lost.
        guard isUncertain else { return false }
        return try compare(key, bytes) == true
      } catch {
        isUncertain = isUncertain || error.code == .unavailable
        throw error
      }
    }
  }

  /// Whether an object is there; nil when it is not, false when it has other bytes.
  private func compare(_ key: ObjectKey, _ bytes: any ByteSource) throws(DatasetError) -> Bool? {
    // Of many reads one may fail, and is made again by itself.
    guard let source = try open(key) else { return nil }
    guard source.size == bytes.size else { return false }
    for start in stride(from: 0, to: bytes.size, by: 1 << 20) {
      let range = start..<min(bytes.size, start + 1 << 20)
      guard try source.bytes(range) == bytes.bytes(range) else { return false }
    }
    return true
  }

  /// What to say of an object that has changed since a try whose end is unknown; nil when it was that try, as its bytes show.
  private func judge(_ key: ObjectKey, _ bytes: [UInt8]) throws(DatasetError) -> DatasetError? {
    if try compare(key, MemorySource(bytes, path: "")) == true { return nil }
    return DatasetError(
      .unavailable, "has been changed by someone else, and nobody knows whether it was replaced as asked before that",
      path: path(of: key))
  }
}

/// An object whose reads are tried again.
final class RetryingSource: ByteSource {
  private let source: any ByteSource
  private let store: RetryingStore

  init(_ source: any ByteSource, _ store: RetryingStore) {
    self.source = source
    self.store = store
  }

  var path: String { source.path }
  var size: Int { source.size }
  var mapped: UnsafeRawBufferPointer? { nil }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try store.retrying { () throws(DatasetError) in try source.read(at: offset, into: buffer) }
  }
}
