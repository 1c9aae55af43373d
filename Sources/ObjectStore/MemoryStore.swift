import WaybillDiagnostics
import WaybillFiles
import WaybillLocks

/// A store in memory, with all guarantees but durability: for tests, and for programs that publish without a disk.
public final class MemoryStore: ObjectStore {
  private struct Object {
    var bytes: MemoryBytes
    var modifiedSeconds: Int64
    var number: Int
  }

  private struct State {
    var objects: [ObjectKey: Object] = [:]
    var writings = 0
  }

  /// What messages call the store.
  public let location: String
  private let state = Lock(State())
  private let clock: @Sendable () -> Int64

  /// An empty store.
  ///
  /// - Parameter clock: Seconds since 1970.
  public init(location: String = "memory", clock: @escaping @Sendable () -> Int64 = { 0 }) {
    self.location = location
    self.clock = clock
  }

  /// The objects of a page.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    state.withLock { state in
      let keys = state.objects.keys.filter { key in key.text.utf8.starts(with: prefix.utf8) && (after.map { $0 < key } ?? true) }
        .sorted()
      return ObjectPage(
        objects: keys.prefix(limit).compactMap { key in state.objects[key].map { MemoryStore.info(key, $0) } },
        isLast: keys.count <= limit)
    }
  }

  private static func info(_ key: ObjectKey, _ object: Object) -> ObjectInfo {
    ObjectInfo(
      key: key, size: object.bytes.size, modifiedSeconds: object.modifiedSeconds, revision: ObjectRevision(String(object.number)))
  }

  /// What is known of an object.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    state.withLock { state in state.objects[key].map { MemoryStore.info(key, $0) } }
  }

  /// The bytes of an object.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? { state.withLock { $0.objects[key]?.bytes } }

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload { MemoryUpload(self) }

  fileprivate func create(_ key: ObjectKey, _ bytes: [UInt8]) -> Bool {
    let now = clock()
    let made = MemoryBytes(bytes, path: "\(location)/\(key)")
    return state.withLock { state in
      guard state.objects[key] == nil else { return false }
      state.writings += 1
      state.objects[key] = Object(bytes: made, modifiedSeconds: now, number: state.writings)
      return true
    }
  }

  /// Replaces an object if it is still the one that was read.
  public func replace(_ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?) throws(DatasetError) {
    let now = clock()
    let made = MemoryBytes(bytes, path: "\(location)/\(key)")
    let isDone = state.withLock { state in
      guard state.objects[key].map({ ObjectRevision(String($0.number)) }) == revision else { return false }
      state.writings += 1
      state.objects[key] = Object(bytes: made, modifiedSeconds: now, number: state.writings)
      return true
    }
    guard isDone else { throw DatasetError(.conflict, "Someone else has changed it meanwhile", path: "\(location)/\(key)") }
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) { state.withLock { _ = $0.objects.removeValue(forKey: key) } }

  /// Nothing is ever left over.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] { [] }

  /// Nothing is ever left over.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {}
}

/// Bytes in memory as a source.
private final class MemoryBytes: ByteSource, @unchecked Sendable {
  let path: String
  private let memory: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8], path: String) {
    self.path = path
    memory = .allocate(byteCount: max(1, bytes.count), alignment: 16)
    memory.copyBytes(from: bytes)
    size = bytes.count
  }

  deinit { memory.deallocate() }

  let size: Int
  var mapped: UnsafeRawBufferPointer? { UnsafeRawBufferPointer(rebasing: memory[..<size]) }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard offset >= 0, offset <= size, buffer.count <= size - offset else {
      throw DatasetError(.io, "ends before the bytes that are wanted", path: path)
    }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[offset..<(offset + buffer.count)]))
  }
}

private final class MemoryUpload: ObjectUpload {
  private let store: MemoryStore
  private var bytes: [UInt8] = []
  var size: Int { bytes.count }

  init(_ store: MemoryStore) { self.store = store }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { self.bytes += bytes }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    defer { bytes = [] }
    return store.create(key, bytes)
  }

  func abort() { bytes = [] }
}
