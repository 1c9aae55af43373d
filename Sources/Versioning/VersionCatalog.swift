import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests
import WaybillObjectStore

/// The datasets and versions of a store.
///
/// ```swift
/// let catalog = VersionCatalog(store)
/// for version in try catalog.versions(of: DatasetName("animals")!) { print(version.record.version) }
/// ```
public struct VersionCatalog: Sendable {
  /// A version that is there.
  public struct Entry: Sendable {
    /// Its record.
    public var record: VersionRecord
    /// The digest of its record.
    public var digest: SHA256Digest
    /// Bytes of its objects, those it shares with other versions included.
    public var size: Int { record.objects.reduce(0) { $0 &+ $1.size } }
  }

  /// The most bytes a record may have.
  static let recordLimit = 64 << 20

  /// The store.
  public let store: any ObjectStore

  /// The versions of a store.
  public init(_ store: any ObjectStore) { self.store = store }

  /// The names of the datasets that have a version, in order; costs a listing of the store.
  public func datasets() throws(DatasetError) -> [DatasetName] {
    var found: Set<DatasetName> = []
    for object in try store.all("") {
      let parts = object.key.text.split(separator: "/")
      guard parts.count == 3, parts[2] == StoreLayout.recordName, let name = DatasetName(String(parts[0])),
        VersionName(String(parts[1])) != nil
      else { continue }
      found.insert(name)
    }
    return found.sorted()
  }

  /// The names of the versions of a dataset, in order.
  public func names(of dataset: DatasetName) throws(DatasetError) -> [VersionName] {
    try store.all("\(dataset)/").compactMap { object in
      let parts = object.key.text.split(separator: "/")
      guard parts.count == 3, parts[2] == StoreLayout.recordName else { return nil }
      return VersionName(String(parts[1]))
    }
  }

  /// The versions of a dataset, the oldest first.
  ///
  /// - Throws: An error of the code `corrupt` for a record that is not as it was written.
  public func versions(of dataset: DatasetName) throws(DatasetError) -> [Entry] {
    var entries: [Entry] = []
    for name in try names(of: dataset) { if let entry = try entry(dataset, name) { entries.append(entry) } }
    return entries.sorted { a, b in
      (a.record.created.seconds, a.record.created.nanoseconds, a.record.version)
        < (b.record.created.seconds, b.record.created.nanoseconds, b.record.version)
    }
  }

  /// A version by its name; nil when it is not there.
  public func entry(_ dataset: DatasetName, _ version: VersionName) throws(DatasetError) -> Entry? {
    let layout = StoreLayout(dataset: dataset)
    guard let key = layout.key(ofObject: StoreLayout.record(version)),
      let bytes = try store.read(key, limit: VersionCatalog.recordLimit)
    else { return nil }
    let path = "\(store.location)/\(key)"
    let (record, digest) = try VersionRecord.read(bytes, path: path)
    guard record.dataset == dataset, record.version == version else {
      throw DatasetError(.corrupt, "The record is that of \(record.dataset)@\(record.version)", path: path)
    }
    return Entry(record: record, digest: digest)
  }

  /// The version that a reference means.
  ///
  /// - Throws: An error of the code `io` that lists the versions there are when it is not there.
  public func entry(_ reference: VersionReference) throws(DatasetError) -> Entry {
    if let version = reference.version {
      if let entry = try entry(reference.dataset, version) { return entry }
    } else if let current = try current(of: reference.dataset)?.version {
      if let entry = try entry(reference.dataset, current) { return entry }
      throw DatasetError(
        .io, "The current version of \(reference.dataset) is \(current), which is not there; set-current names another",
        path: store.location)
    }
    let names = try names(of: reference.dataset)
    guard !names.isEmpty else {
      let datasets = try datasets().map(\.text)
      throw DatasetError(
        .io,
        "There is no dataset \(reference.dataset) in the store"
          + (datasets.isEmpty ? ", which holds none" : "; there are \(datasets.prefix(20).joined(separator: ", "))"),
        path: store.location)
    }
    throw DatasetError(
      .io, "There is no version \(reference); there are \(names.prefix(20).map(\.text).joined(separator: ", "))",
      path: store.location)
  }

  /// The name of the version that a reference means, without reading its record.
  ///
  /// - Throws: An error of the code `io` when no version is current.
  public func resolve(_ reference: VersionReference) throws(DatasetError) -> VersionName {
    if let version = reference.version { return version }
    if let current = try current(of: reference.dataset) { return current.version }
    return try entry(reference).record.version
  }

  // MARK: The current version

  /// Which version is current; nil when none was ever made so.
  public func current(of dataset: DatasetName) throws(DatasetError) -> CurrentVersion? {
    guard let key = StoreLayout(dataset: dataset).key(ofObject: StoreLayout.currentName),
      let bytes = try store.read(key, limit: 1 << 16)
    else { return nil }
    return try CurrentVersion.read(bytes, path: "\(store.location)/\(key)")
  }

  /// Makes a version current, whichever was before.
  ///
  /// - Throws: An error of the code `conflict` when someone else changes it all the time.
  public func setCurrent(_ entry: Entry) throws(DatasetError) {
    let dataset = entry.record.dataset
    guard let key = StoreLayout(dataset: dataset).key(ofObject: StoreLayout.currentName) else { return }
    let bytes = CurrentVersion(version: entry.record.version, digest: entry.digest).encoded()
    var conflict: DatasetError?
    for _ in 0..<8 {
      let info = try store.info(key)
      if info != nil, try store.read(key, limit: 1 << 16) == bytes { return }
      do throws(DatasetError) { return try store.replace(key, with: bytes, expecting: info?.revision) } catch {
        guard error.code == .conflict else { throw error }
        conflict = error
      }
    }
    if let conflict { throw conflict }
  }
}

/// What `current.json` says.
public struct CurrentVersion: Sendable, Equatable {
  /// The version that is current.
  public var version: VersionName
  /// The digest of its record.
  public var digest: SHA256Digest

  func encoded() -> [UInt8] {
    var text = ByteBuffer()
    text.append("{\"waybill_current\":1,\"version\":")
    text.appendJSON(version.text)
    text.inline("sha256", digest.hex)
    text.append("}\n")
    return text.array()
  }

  static func read(_ bytes: [UInt8], path: String) throws(DatasetError) -> CurrentVersion {
    let result: Result<CurrentVersion, DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) {
        var scanner = try RecordScanner(raw, path: path)
        var found: (version: VersionName?, digest: SHA256Digest?)
        try scanner.object("the current version") { (scanner, name) throws(DatasetError) in
          switch name {
          case "waybill_current":
            let place = scanner.offset
            guard try scanner.count() == 1 else { throw scanner.problem("This program knows schema version 1 alone", at: place) }
          case "version": found.version = try scanner.version()
          case "sha256": found.digest = try scanner.digest()
          default: return false
          }
          return true
        }
        try scanner.end()
        guard let version = found.version, let digest = found.digest else {
          throw scanner.problem("The current version has a name and a digest", at: 0)
        }
        let current = CurrentVersion(version: version, digest: digest)
        guard current.encoded().elementsEqual(raw) else {
          throw DatasetError(.corrupt, "The mark of the current version is not spelled as it was written", path: path)
        }
        return .success(current)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
