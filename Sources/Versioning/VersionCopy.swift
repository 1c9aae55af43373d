import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

/// Copies a version from a store to another one, byte for byte: the packs that the other one lacks, the labels, and at the end the record, which
/// makes it a version there too.
public struct VersionCopy {
  /// What a copy has done.
  public struct Report: Sendable {
    /// The version.
    public var version: VersionCatalog.Entry
    /// Objects that were sent.
    public var copiedObjects = 0
    /// Their bytes.
    public var copiedBytes = 0
    /// Objects that were there already.
    public var presentObjects = 0
    /// Their bytes.
    public var presentBytes = 0
    /// Whether the version was there already, as it is here.
    public var isUnchanged = false
    /// Whether it is now the current version there.
    public var isCurrent = false
  }

  private let source: any ObjectStore
  private let target: any ObjectStore
  /// Called with the bytes done since the last call, and the bytes there are to do.
  public var progress: ((Int, Int) -> Void)?

  /// A copy from a store to another one.
  public init(from source: any ObjectStore, to target: any ObjectStore) {
    self.source = source
    self.target = target
  }

  /// Copies a version; what was copied is read again and compared with the record before the version counts as published.
  ///
  /// It becomes the current version there if none is, or if `setsCurrent` says so.
  ///
  /// - Throws: An error of the code `conflict` when another version has its name there, `corrupt` when an object is not as it was published.
  public func run(_ reference: VersionReference, setsCurrent: Bool = false) throws(DatasetError) -> Report {
    let entry = try VersionCatalog(source).entry(reference)
    let (record, layout) = (entry.record, StoreLayout(dataset: reference.dataset))
    let catalog = VersionCatalog(target)
    var report = Report(version: entry)
    if let there = try catalog.entry(record.dataset, record.version) {
      guard there.digest == entry.digest else { throw taken(entry) }
      report.isUnchanged = true
    }
    let total = record.objects.reduce(0) { $0 + $1.size }
    for object in record.objects {
      try InterruptFlag.check()
      guard let key = layout.key(ofObject: object.key) else {
        throw DatasetError(
          .corrupt, "The record names it by a key that no object can have", path: source.path(of: object.key, layout))
      }
      // Of a version that is there, what has been lost meanwhile is brought back.
      if report.isUnchanged, try target.info(key) != nil { continue }
      try copy(object, key, layout, total, &report)
    }
    if !report.isUnchanged, let key = layout.key(ofObject: StoreLayout.record(record.version)) {
      let (bytes, _) = record.encoded()
      if try !target.create(key, bytes), try catalog.entry(record.dataset, record.version)?.digest != entry.digest {
        throw taken(entry)
      }
    }
    let current = try catalog.current(of: record.dataset)
    if setsCurrent || current == nil { try catalog.setCurrent(entry) }
    report.isCurrent = setsCurrent || current == nil || current?.version == record.version
    return report
  }

  private func taken(_ entry: VersionCatalog.Entry) -> DatasetError {
    DatasetError(
      .conflict, "Another version has the name \(entry.record.dataset)@\(entry.record.version) there", path: target.location)
  }

  /// Copies an object, or finds that it is there, and makes sure that it is the one of the record.
  private func copy(
    _ object: VersionRecord.Object, _ key: ObjectKey, _ layout: StoreLayout, _ total: Int, _ report: inout Report
  ) throws(DatasetError) {
    let isThere = try target.info(key)?.size == object.size
    if !isThere {
      let bytes = try PackSources.open(object, source, layout)
      // The digest of the record is what the store checks while it receives, or what is compared afterwards.
      if try target.create(key, copying: bytes, digest: object.digest.hex) {
        report.copiedObjects += 1
        report.copiedBytes += object.size
      }
    }
    guard let copy = try target.open(key), copy.size == object.size,
      try ObjectDigest.digest(of: copy, progress: { progress?($0, total) }) == object.digest
    else {
      throw DatasetError(
        isThere ? .conflict : .corrupt,
        isThere
          ? "Something else lies there under the name of an object of the version"
          : "The copy has not the bytes that were published; waybill verify tells whether the source has them",
        path: target.path(of: object.key, layout))
    }
    if isThere {
      report.presentObjects += 1
      report.presentBytes += object.size
    }
  }
}

extension ObjectStore {
  /// The path messages show for an object that a record names.
  fileprivate func path(of object: String, _ layout: StoreLayout) -> String { "\(location)/\(layout.dataset)/\(object)" }
}
