import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks

/// Objects in the memory of this process: for tests, and for programs that embed the library.
///
/// Keeps every guarantee but the second: what it holds goes with it. Its leftovers are the uploads that are under way, as a bucket
/// lists them; one that is discarded cannot be committed any more.
public final class MemoryStore: ObjectStore {
  /// Where the store is.
  public let location: String
  let state: Lock<State>

  /// What the store holds.
  struct State {
    var objects: [ObjectKey: (source: MemorySource, info: ObjectInfo)] = [:]
    /// The keys of the objects, in their order.
    var keys: [ObjectKey] = []
    var uploads: [Int: ObjectLeftover] = [:]
    var uploadCount = 0
    var writingCount = 0
    var clock: @Sendable () -> Int64
  }

  /// An empty store.
  ///
  /// - Parameter clock: The time in seconds since 1970; the system's by default.
  public init(location: String = "memory", clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
    self.location = location
    state = Lock(State(clock: clock))
  }

  /// The time in seconds since 1970 that writings from now on bear.
  public var clock: @Sendable () -> Int64 {
    get { state.withLock { $0.clock } }
    set { state.withLock { $0.clock = newValue } }
  }

  /// The objects whose keys begin with a prefix and come after a key.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    state.withLock { state in
      var position = state.position { $0.text.utf8.lexicographicallyPrecedes(prefix.utf8) }
      if let after { position = max(position, state.position { $0 <= after }) }
      var objects: [ObjectInfo] = []
      while position < state.keys.count, state.keys[position].text.utf8.starts(with: prefix.utf8) {
        if objects.count >= max(1, limit) { return ObjectPage(objects: objects, isLast: false) }
        if let object = state.objects[state.keys[position]] { objects.append(object.info) }
        position += 1
      }
      return ObjectPage(objects: objects, isLast: true)
    }
  }

  /// Size, time and revision of an object; nil when it is not there.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    state.withLock { $0.objects[key]?.info }
  }

  /// Opens an object; nil when it is not there.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    state.withLock { $0.objects[key]?.source }
  }

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    try checkFolder(folder)
    let now = clock()
    let number = state.withLock { state in
      state.uploadCount += 1
      state.uploads[state.uploadCount] = ObjectLeftover(name: "upload-\(state.uploadCount)", size: 0, modifiedSeconds: now)
      return state.uploadCount
    }
    return MemoryUpload(self, number)
  }

  /// Replaces an object if its revision is still the one that was read.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    let source = MemorySource(bytes, path: path(of: key))
    let now = clock()
    try state.withLock { (state) throws(DatasetError) in
      guard state.objects[key]?.info.revision == revision else { throw conflict(key) }
      try put(key, source, now, &state)
    }
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    state.withLock { state in
      guard state.objects.removeValue(forKey: key) != nil else { return }
      state.keys.remove(at: state.position { $0 < key })
    }
  }

  /// What unfinished uploads have left behind.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    state.withLock { state in state.uploads.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Removes what an unfinished upload left behind.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    state.withLock { state in
      if let upload = state.uploads.first(where: { $0.value.name == leftover.name }) { state.uploads[upload.key] = nil }
    }
  }

  /// Puts an object under a key; what was there goes.
  func put(_ key: ObjectKey, _ source: MemorySource, _ now: Int64, _ state: inout State) throws(DatasetError) {
    if state.objects[key] == nil {
      guard !state.isFolder(key) else {
        throw DatasetError(.io, "other objects lie below this key, so it cannot be one", path: source.path)
      }
      state.keys.insert(key, at: state.position { $0 < key })
    }
    state.writingCount += 1
    let revision = ObjectRevision("\(state.writingCount)")
    state.objects[key] = (source, ObjectInfo(key: key, size: source.size, modifiedSeconds: now, revision: revision))
  }
}

extension MemoryStore.State {
  /// Where the keys end that come before some place in the order.
  func position(_ isBefore: (ObjectKey) -> Bool) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(keys[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether a key is the folder of an object, or an object is a folder of the key.
  func isFolder(_ key: ObjectKey) -> Bool {
    let below = key.text + "/"
    let first = position { $0.text.utf8.lexicographicallyPrecedes(below.utf8) }
    if first < keys.count, keys[first].text.utf8.starts(with: below.utf8) { return true }
    var folder = key.folder
    while let above = ObjectKey(folder) {
      if objects[above] != nil { return true }
      folder = above.folder
    }
    return false
  }
}
