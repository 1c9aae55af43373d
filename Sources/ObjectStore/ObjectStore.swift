import WaybillDiagnostics
import WaybillFiles

/// A flat space of named objects: bytes under keys, on a disk, in a bucket or in memory.
///
/// What every store guarantees, and the store suite asks of each:
///
/// 1. **Whole or absent.** An object is visible with all its bytes or not at all, also after a crash at any moment.
/// 2. **Durable.** What a call said is done stays done when the machine stops. Told that a key is taken, the caller may rely on the object
///    that is there as if it had made it.
/// 3. **Created once.** Of any number of callers that create one key, exactly one succeeds, and all others are told that the key is taken;
///    see ``exclusiveSize``.
/// 4. **Never changed.** The bytes under a key change only by ``replace(_:with:expecting:)``, and there only from the revision the caller named.
/// 5. **Listed.** Listing after a creation shows the object; a listing that could not be completed throws and never looks complete.
///
/// A key must not be the folder of another one: where `animals` is an object, `animals/V001` cannot be one too. Stores that would have to
/// ask for it may let it pass; a disk cannot.
///
/// Safe to use from several threads and processes. Errors have the code `io`, except where a method says otherwise; `unavailable` when
/// trying again may help, and then nobody knows whether the call has had its effect.
public protocol ObjectStore: Sendable {
  /// Where the store is, as messages show it; holds no secret.
  var location: String { get }

  /// Number of bytes up to which a key is given to one writer alone.
  ///
  /// Larger objects need keys that only the same bytes can have: a store may not be able to tell of two writers who was first, and then what
  /// the second one writes must be what is there.
  var exclusiveSize: Int { get }

  /// What has gone over the wire so far; nil where there is none.
  var traffic: StoreTraffic? { get }

  /// The objects whose keys begin with a prefix and come after a key, in the order of keys: at most `limit` of them, at least one if there is one.
  ///
  /// An empty prefix is all objects. Unfinished uploads are not among them. Costs what the page costs, however many objects there are.
  func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage

  /// Size, time and revision of an object; nil when it is not there.
  func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo?

  /// Opens an object for reading anywhere in it; nil when it is not there.
  ///
  /// What was opened stays what it was when the object is replaced or removed meanwhile, or reading it throws.
  func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)?

  /// Begins an object whose bytes come piece by piece and whose key may be known only at the end.
  ///
  /// - Parameter folder: The key it will have, without its last component; keys of one folder are near each other. Empty where the key has
  ///   one component.
  func upload(near folder: String) throws(DatasetError) -> any ObjectUpload

  /// Creates an object from bytes that can be read again, which may be any number.
  ///
  /// - Parameter digest: The SHA-256 of the bytes in hexadecimal digits, for stores that check what they get.
  /// - Returns: False when the key is taken; the object that is there is untouched.
  func create(_ key: ObjectKey, copying source: any ByteSource, digest: String) throws(DatasetError) -> Bool

  /// Replaces an object, or creates it, if its revision is still the one that was read; nil expects no object.
  ///
  /// - Throws: An error of the code `conflict` when someone else was quicker; the object is then as they left it.
  func replace(_ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?) throws(DatasetError)

  /// Removes an object; removing what is not there does nothing.
  func delete(_ key: ObjectKey) throws(DatasetError)

  /// What unfinished uploads have left behind, and since when; see ``discard(_:)``.
  ///
  /// A store that can tell leaves out those that are still being written.
  func leftovers() throws(DatasetError) -> [ObjectLeftover]

  /// Removes what an unfinished upload left behind; removing what is not there does nothing.
  ///
  /// - Throws: An error of the code `conflict` when the store can tell that it is still being written.
  func discard(_ leftover: ObjectLeftover) throws(DatasetError)
}

extension ObjectStore {
  /// Objects of any size.
  public var exclusiveSize: Int { .max }

  /// No wire.
  public var traffic: StoreTraffic? { nil }

  /// Creates an object from bytes that can be read again.
  public func create(_ key: ObjectKey, copying source: any ByteSource, digest: String) throws(DatasetError) -> Bool {
    try createByUpload(key, copying: source)
  }

  /// Creates an object by an upload of bytes that can be read again.
  package func createByUpload(_ key: ObjectKey, copying source: any ByteSource) throws(DatasetError) -> Bool {
    let upload = try upload(near: key.folder)
    do throws(DatasetError) {
      var offset = 0
      while offset < source.size {
        let count = min(8 << 20, source.size - offset)
        if let mapped = source.mapped {
          try upload.append(UnsafeRawBufferPointer(rebasing: mapped[offset..<(offset + count)]))
        } else {
          try upload.append(try source.bytes(offset..<(offset + count)))
        }
        offset += count
      }
      return try upload.commit(as: key)
    } catch {
      upload.abort()
      throw error
    }
  }

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
    let upload = try upload(near: key.folder)
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
    return try source.bytes(0..<source.size)
  }

  /// The path messages show for an object.
  public func path(of key: ObjectKey) -> String { joinedPath(location, key.text) }

  /// The error of a replacement that came too late.
  package func conflict(_ key: ObjectKey) -> DatasetError {
    DatasetError(.conflict, "has been changed by someone else meanwhile", path: path(of: key))
  }

  /// Refuses what cannot be a key without its last component.
  package func checkFolder(_ folder: String) throws(DatasetError) {
    guard folder.isEmpty || ObjectKey(folder) != nil else {
      throw DatasetError(.usage, "no object's key can begin so", path: joinedPath(location, folder))
    }
  }
}
