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

/// Which writing of a key an object is.
///
/// Never equal for other bytes. A store that can tell makes it equal for the same writing alone; a bucket has nothing but ETags, which two
/// writings of the same bytes may share.
/// Its text means nothing outside its store.
public struct ObjectRevision: Hashable, Sendable {
  /// The store's own word for it.
  public var text: String

  /// A revision by the store's own word.
  public init(_ text: String) { self.text = text }
}

/// Some of the objects of a listing.
public struct ObjectPage: Sendable, Equatable {
  /// The objects, in the order of keys.
  public var objects: [ObjectInfo]
  /// Whether none come after them.
  public var isLast: Bool

  /// A page of a listing.
  public init(objects: [ObjectInfo], isLast: Bool) {
    self.objects = objects
    self.isLast = isLast
  }

  /// How many objects there are, as far as the page tells.
  package var inWords: String {
    let count = objects.count
    return (count == 0 ? "no objects" : count == 1 ? "1 object" : "\(count) objects") + (isLast ? "" : " and more")
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
