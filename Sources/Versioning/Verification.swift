import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

/// Checks that a store still holds what was published: every object's size and SHA-256, and with ``isDeep`` every entry's checksum and every
/// media file's digest.
public struct Verification {
  /// Something that is not as it was published.
  public struct Problem: Sendable, Equatable {
    /// The version it belongs to.
    public var version: VersionReference
    /// The object, and the file in it where it is one.
    public var path: String
    /// What is wrong.
    public var message: String
  }

  /// What was checked, and found.
  public struct Report: Sendable {
    /// Versions that were checked.
    public var versions = 0
    /// Objects that were read, each once.
    public var objects = 0
    /// Their bytes.
    public var bytes = 0
    /// Entries and media files that were checked one by one.
    public var files = 0
    /// What is wrong.
    public var problems: [Problem] = []
  }

  private let store: any ObjectStore
  private let isDeep: Bool
  /// Called with the bytes read since the last call, and the bytes there are to read.
  public var progress: ((Int, Int) -> Void)?

  /// A check of a store.
  public init(_ store: any ObjectStore, isDeep: Bool = false) {
    self.store = store
    self.isDeep = isDeep
  }

  /// Checks every version of every dataset, of one dataset, or one version.
  ///
  /// - Throws: An error when the store cannot be read; what is damaged in it is in the report.
  public func run(dataset: DatasetName? = nil, version: VersionName? = nil) throws(DatasetError) -> Report {
    var report = Report()
    let catalog = VersionCatalog(store)
    var entries: [(VersionReference, VersionCatalog.Entry)] = []
    let datasets: [DatasetName]
    if let dataset { datasets = [dataset] } else { datasets = try catalog.datasets() }
    for name in datasets {
      let versions: [VersionName]
      if let version { versions = [version] } else { versions = try catalog.names(of: name).sorted() }
      for found in versions {
        let reference = VersionReference(dataset: name, version: found)
        do throws(DatasetError) {
          guard let entry = try catalog.entry(name, found) else {
            _ = try catalog.entry(reference)
            continue
          }
          entries.append((reference, entry))
        } catch {
          guard error.code == .corrupt else { throw error }
          report.versions += 1
          report.problems.append(Problem(version: reference, path: error.path ?? "", message: error.message))
        }
      }
      if version == nil { try checkCurrent(name, catalog, &report) }
    }
    if let dataset, version == nil, entries.isEmpty, report.versions == 0 {
      _ = try catalog.entry(VersionReference(dataset: dataset))
    }
    let total = totalBytes(entries)
    var seen: [String: Bool] = [:]
    for (reference, entry) in entries {
      report.versions += 1
      try check(entry, reference, &seen, total, &report)
    }
    return report
  }

  private func totalBytes(_ entries: [(VersionReference, VersionCatalog.Entry)]) -> Int {
    var sizes: [String: Int] = [:]
    for (reference, entry) in entries {
      for object in entry.record.objects { sizes["\(reference.dataset)/\(object.key)"] = object.size }
    }
    return sizes.values.reduce(0, &+)
  }

  private func checkCurrent(_ dataset: DatasetName, _ catalog: VersionCatalog, _ report: inout Report) throws(DatasetError) {
    do throws(DatasetError) {
      guard let current = try catalog.current(of: dataset) else { return }
      let reference = VersionReference(dataset: dataset, version: current.version)
      guard let entry = try catalog.entry(dataset, current.version) else {
        report.problems.append(
          Problem(
            version: reference, path: StoreLayout.currentName,
            message: "The current version is not there; set-current names another"))
        return
      }
      if entry.digest != current.digest {
        report.problems.append(
          Problem(
            version: reference, path: StoreLayout.currentName, message: "The record is another than the one that was made current"))
      }
    } catch {
      // A damaged record is told of where its version is.
      guard error.code == .corrupt else { throw error }
      guard error.path?.contains("/\(StoreLayout.currentName)") == true else { return }
      report.problems.append(
        Problem(version: VersionReference(dataset: dataset), path: error.path ?? "", message: error.message))
    }
  }

  // MARK: One version

  private func check(
    _ entry: VersionCatalog.Entry, _ reference: VersionReference, _ seen: inout [String: Bool], _ total: Int, _ report: inout Report
  ) throws(DatasetError) {
    let layout = StoreLayout(dataset: reference.dataset)
    var isWhole = true
    for object in entry.record.objects {
      let path = "\(reference.dataset)/\(object.key)"
      // A pack that several versions share is read once.
      if let isFine = seen[path] {
        isWhole = isWhole && isFine
        continue
      }
      let message = try problem(with: object, layout, total, &report)
      seen[path] = message == nil
      if let message {
        isWhole = false
        report.problems.append(Problem(version: reference, path: object.key, message: message))
      }
    }
    // What is inside a damaged object need not be told piece by piece, unless someone wants to know what can be saved.
    if isDeep || !isWhole { try checkInside(entry, reference, isWhole: isWhole, &report) }
  }

  /// What is wrong with an object as a whole; nil when it is as it was written.
  private func problem(
    with object: VersionRecord.Object, _ layout: StoreLayout, _ total: Int, _ report: inout Report
  ) throws(DatasetError) -> String? {
    guard let key = layout.key(ofObject: object.key) else { return "The record names it by a key that no object can have" }
    guard let source = try store.open(key) else { return "The object is not there" }
    guard source.size == object.size else { return "The object has \(source.size) bytes; it was published with \(object.size)" }
    report.objects += 1
    report.bytes += object.size
    let progress = progress
    let digest = try ObjectDigest.digest(of: source) { progress?($0, total) }
    guard digest == object.digest else { return "The bytes are not those that were published: their SHA-256 is \(digest)" }
    return isDeep && object.role == .media ? try problem(inPack: source, &report) : nil
  }

  /// What is wrong with the entries of a pack; those of the labels are checked with the version.
  private func problem(inPack source: any ByteSource, _ report: inout Report) throws(DatasetError) -> String? {
    do throws(DatasetError) {
      for entry in try ZipArchive(source) {
        try entry.verify()
        report.files += 1
      }
      return nil
    } catch {
      guard [.corrupt, .invalidInput].contains(error.code) else { throw error }
      return error.message
    }
  }

  private func checkInside(
    _ entry: VersionCatalog.Entry, _ reference: VersionReference, isWhole: Bool, _ report: inout Report
  ) throws(DatasetError) {
    do throws(DatasetError) {
      let version = try PublishedVersion(entry, in: store)
      var check = VersionContentCheck(version: version, reference: reference)
      try check.run()
      report.files += check.files
      report.problems += check.problems
    } catch {
      guard [.corrupt, .invalidInput].contains(error.code) else { throw error }
      // That the object is damaged has been said where its digest was wrong.
      if isWhole { report.problems.append(Problem(version: reference, path: error.path ?? "", message: error.message)) }
    }
  }
}
