import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// A call of a store that can fail; `read` is one of an open object, `append` and `commit` are those of an upload.
public enum StoreCall: String, Sendable, CaseIterable {
  /// The calls, named after the methods.
  case list, info, open, read, upload, append, commit, replace, delete, leftovers, discard
}

/// A store whose calls fail as a test wants: before they reach the store below, or after they had their effect.
///
/// Calls are counted from 1, over all threads. Giving an upload up cannot fail, and is not counted.
public final class StoreFaults: ObjectStore {
  /// When a call fails: before its effect, or after it, as when the answer is lost.
  public enum Moment: Sendable, CaseIterable {
    /// The call does nothing.
    case before
    /// The call does what it should, and then fails.
    case after
  }

  /// What happens to the calls.
  public struct Plan: Sendable {
    /// When the call of a number fails; nil for a call that passes.
    public var fault: @Sendable (StoreCall, Int) -> Moment?
    /// Whether uploads are abandoned as if the process were killed: nothing is given up or cleaned up after the first fault.
    public var isDeadly = false

    /// Calls fail as a function says.
    public init(_ fault: @escaping @Sendable (StoreCall, Int) -> Moment?) { self.fault = fault }

    /// All calls pass, and are counted.
    public static let none = Plan { _, _ in nil }

    /// One call fails.
    public static func call(_ number: Int, _ moment: Moment) -> Plan { Plan { $1 == number ? moment : nil } }

    /// Each call whose number is divisible fails.
    public static func every(_ divisor: Int, _ moment: Moment) -> Plan { Plan { $1 % divisor == 0 ? moment : nil } }

    /// One call and all after it fail, and nothing is cleaned up: what a killed process leaves.
    public static func death(at number: Int, _ moment: Moment) -> Plan {
      var plan = Plan { $1 > number ? .before : $1 == number ? moment : nil }
      plan.isDeadly = true
      return plan
    }
  }

  private let store: any ObjectStore
  private let plan: Plan
  private let error: DatasetError
  private let state = Lock(State())

  private struct State {
    var calls: [StoreCall] = []
    var hits: [StoreCall] = []
    var abandoned: [UploadBox] = []
  }

  /// An upload of a process that is dead, kept from being cleaned up.
  private struct UploadBox: @unchecked Sendable { let upload: any ObjectUpload }

  /// A store around another one.
  ///
  /// - Parameter error: What the calls fail with; by default one that may pass.
  public init(
    _ store: any ObjectStore, _ plan: Plan, error: DatasetError = DatasetError(.unavailable, "fails because a test wants it")
  ) {
    self.store = store
    self.plan = plan
    self.error = error
  }

  /// The calls so far.
  public var calls: [StoreCall] { state.withLock { $0.calls } }
  /// The calls that failed because of the plan.
  public var hits: [StoreCall] { state.withLock { $0.hits } }
  /// Whether a call has failed after which nothing is cleaned up.
  var isDead: Bool { plan.isDeadly && !hits.isEmpty }

  /// Makes a call, unless it is to fail.
  func call<Result>(_ call: StoreCall, _ body: () throws(DatasetError) -> Result) throws(DatasetError) -> Result {
    let moment = state.withLock { state -> Moment? in
      state.calls.append(call)
      let moment = plan.fault(call, state.calls.count)
      if moment != nil { state.hits.append(call) }
      return moment
    }
    switch moment {
    case nil: return try body()
    case .before: throw error
    case .after:
      _ = try body()
      throw error
    }
  }

  func abandon(_ upload: any ObjectUpload) {
    let box = UploadBox(upload: upload)
    state.withLock { $0.abandoned.append(box) }
  }

  /// Where the store is.
  public var location: String { store.location }

  /// Lists, or fails.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    try call(.list) { () throws(DatasetError) in try store.list(prefix, after: after, limit: limit) }
  }

  /// Tells of an object, or fails.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    try call(.info) { () throws(DatasetError) in try store.info(key) }
  }

  /// Opens an object whose reads may fail, or fails.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    let source = try call(.open) { () throws(DatasetError) in try store.open(key) }
    guard let source else { return nil }
    return FaultySource(source, self)
  }

  /// Begins an upload whose calls may fail, or fails.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    try call(.upload) { () throws(DatasetError) in FaultyUpload(try store.upload(near: folder), self) }
  }

  /// Replaces, or fails.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    try call(.replace) { () throws(DatasetError) in try store.replace(key, with: bytes, expecting: revision) }
  }

  /// Removes, or fails.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    try call(.delete) { () throws(DatasetError) in try store.delete(key) }
  }

  /// Tells of leftovers, or fails.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    try call(.leftovers) { () throws(DatasetError) in try store.leftovers() }
  }

  /// Removes a leftover, or fails.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    try call(.discard) { () throws(DatasetError) in try store.discard(leftover) }
  }
}

/// An open object whose reads may fail.
private final class FaultySource: ByteSource {
  private let source: any ByteSource
  private let store: StoreFaults

  init(_ source: any ByteSource, _ store: StoreFaults) {
    self.source = source
    self.store = store
  }

  var path: String { source.path }
  var size: Int { source.size }
  // Bytes in memory are not read by calls, so they could not fail.
  var mapped: UnsafeRawBufferPointer? { nil }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try store.call(.read) { () throws(DatasetError) in try source.read(at: offset, into: buffer) }
  }
}

/// An upload whose calls may fail.
private final class FaultyUpload: ObjectUpload {
  private let upload: any ObjectUpload
  private let store: StoreFaults

  init(_ upload: any ObjectUpload, _ store: StoreFaults) {
    self.upload = upload
    self.store = store
  }

  deinit { if store.isDead { store.abandon(upload) } }

  var size: Int { upload.size }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try store.call(.append) { () throws(DatasetError) in try upload.append(bytes) }
  }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    try store.call(.commit) { () throws(DatasetError) in try upload.commit(as: key) }
  }

  func abort() { if !store.isDead { upload.abort() } }
}
