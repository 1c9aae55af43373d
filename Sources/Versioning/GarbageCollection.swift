import Glibc
import WaybillDiagnostics
import WaybillObjectStore

/// Removes what no version names any more: objects of deleted versions, and what stopped publications have left behind.
///
/// Nothing is removed that a record names, that is younger than the grace period, or when a listing or a record could not be read. A version
/// that was deleted keeps its objects until its deletion is older than the grace period, so that a publication that is under way and reuses
/// them is not robbed.
public struct GarbageCollection {
  /// Something that is removed, or would be.
  public struct Item: Sendable, Equatable {
    /// The object's key, or the store's name for a leftover.
    public var name: String
    /// Number of bytes, where known.
    public var size: Int?
    /// Seconds since it was last written.
    public var ageSeconds: Int64
    /// Whether it is what an unfinished upload left behind.
    public var isLeftover: Bool
  }

  /// What was found.
  public struct Report: Sendable, Equatable {
    /// What was removed, or would be.
    public var removed: [Item] = []
    /// What no version names and is too young.
    public var young: [Item] = []
    /// Objects that are named.
    public var kept = 0
    /// Bytes of what was removed.
    public var removedBytes: Int { removed.reduce(0) { $0 &+ ($1.size ?? 0) } }
  }

  /// The grace period that is the default: a day.
  public static let defaultGraceSeconds: Int64 = 86400

  private let store: any ObjectStore
  private let graceSeconds: Int64
  private let isDryRun: Bool
  /// Seconds since 1970, by the clock of this machine.
  private let now: Int64

  /// A collection in a store.
  ///
  /// - Parameter now: Seconds since 1970; the clock's where it is nil.
  public init(_ store: any ObjectStore, graceSeconds: Int64 = defaultGraceSeconds, isDryRun: Bool = false, now: Int64? = nil) {
    self.store = store
    self.graceSeconds = graceSeconds
    self.isDryRun = isDryRun
    self.now = now ?? Int64(time(nil))
  }

  /// Finds and removes.
  ///
  /// - Throws: An error before anything is removed when the store cannot be listed, or a record is not as it was written.
  public func run() throws(DatasetError) -> Report {
    // What is named is asked after what is there: a version that is published meanwhile names older objects, which its record shows then.
    let objects = try store.all("")
    let leftovers = try store.leftovers()
    let deletions = try ripeDeletions(objects)
    let named = try namedKeys(ripe: Set(deletions.map(\.text)))
    var report = Report()
    var doomed: [ObjectKey] = []
    for object in objects {
      guard isOurs(object.key), !named.contains(object.key.text), !deletions.contains(object.key) else {
        report.kept += 1
        continue
      }
      let item = Item(name: object.key.text, size: object.size, ageSeconds: now - object.modifiedSeconds, isLeftover: false)
      if item.ageSeconds >= graceSeconds {
        report.removed.append(item)
        doomed.append(object.key)
      } else {
        report.young.append(item)
      }
    }
    if !isDryRun { for key in doomed { try store.delete(key) } }
    for leftover in leftovers {
      let item = Item(
        name: leftover.name, size: leftover.size, ageSeconds: now - leftover.modifiedSeconds, isLeftover: true)
      guard item.ageSeconds >= graceSeconds else {
        report.young.append(item)
        continue
      }
      if !isDryRun { try store.discard(leftover) }
      report.removed.append(item)
    }
    // The records of deleted versions go last: until then they say what is still to be removed.
    for key in deletions {
      guard let object = objects.first(where: { $0.key == key }) else { continue }
      report.kept -= 1
      report.removed.append(
        Item(name: key.text, size: object.size, ageSeconds: now - object.modifiedSeconds, isLeftover: false))
      if !isDryRun { try store.delete(key) }
    }
    return report
  }

  /// Whether an object is one of a dataset: what someone else put into the store is not touched.
  private func isOurs(_ key: ObjectKey) -> Bool {
    let parts = key.text.split(separator: "/").map(String.init)
    guard parts.count == 3, DatasetName(parts[0]) != nil else { return false }
    if parts[1] == StoreLayout.mediaFolder { return parts[2].hasSuffix(".zip") && parts[2].utf8.count == 68 }
    return VersionName(parts[1]) != nil && parts[1] != StoreLayout.deletedFolder && parts[2].hasSuffix(".zip")
  }

  /// The records of versions whose deletion is older than the grace period.
  private func ripeDeletions(_ objects: [ObjectInfo]) throws(DatasetError) -> [ObjectKey] {
    objects.filter { object in
      let parts = object.key.text.split(separator: "/")
      return parts.count == 3 && parts[1] == StoreLayout.deletedFolder && now - object.modifiedSeconds >= graceSeconds
    }.map(\.key)
  }

  /// The keys that records name: those of versions, and those of versions deleted not long ago.
  private func namedKeys(ripe: Set<String>) throws(DatasetError) -> Set<String> {
    var named: Set<String> = []
    for object in try store.all("") {
      let parts = object.key.text.split(separator: "/").map(String.init)
      guard parts.count == 3, DatasetName(parts[0]) != nil,
        parts[2] == StoreLayout.recordName || parts[1] == StoreLayout.deletedFolder && !ripe.contains(object.key.text)
      else { continue }
      guard let bytes = try store.read(object.key, limit: VersionCatalog.recordLimit) else { continue }
      let (record, _) = try VersionRecord.read(bytes, path: "\(store.location)/\(object.key)")
      named.insert(object.key.text)
      for item in record.objects { named.insert("\(parts[0])/\(item.key)") }
    }
    return named
  }
}
