import Glibc
import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillFormatSupport
import WaybillObjectStore

/// Publishes a dataset as an immutable version: the labels as a native manifest in the order of keys, the media in packs, and a record whose
/// creation is the moment of publishing.
///
/// Nothing of the version is visible before that moment, and whatever stops the work, the store is whole: at most objects are left over that no
/// record names. The same samples and media give the same bytes, whatever the order of the source, the number of threads, the time zone or
/// the user; only the record says when and by whom.
public struct Publication {
  /// What stopped a publication, with the account of the source as far as it went.
  public struct Failure: Error {
    /// What went wrong.
    public var error: DatasetError
    /// The account of reading the source.
    public var report: ConversionReport?
  }

  let request: PublicationRequest
  let store: any ObjectStore
  let registry: FormatRegistry
  let layout: StoreLayout
  let catalog: VersionCatalog
  /// Called now and then with the samples done and their total.
  public var progress: ((Int, Int) -> Void)?

  /// A publication to run.
  public init(_ request: PublicationRequest, to store: any ObjectStore, registry: FormatRegistry) {
    self.request = request
    self.store = store
    self.registry = registry
    layout = StoreLayout(dataset: request.dataset)
    catalog = VersionCatalog(store)
  }

  /// Publishes.
  ///
  /// - Throws: ``Failure``: the code `conflict` for a name that is taken, the codes of ``Conversion`` for what is wrong with the source, `io`
  ///   for a store that does not do what was asked.
  public func run() throws(Failure) -> PublicationReport {
    var account: ConversionReport?
    do throws(DatasetError) { return try publish(&account) } catch { throw Failure(error: error, report: account) }
  }

  private func publish(_ account: inout ConversionReport?) throws(DatasetError) -> PublicationReport {
    let names = try catalog.names(of: request.dataset)
    let version = try name(among: names)
    let parent = try parentEntry()
    let scratch = try ScratchFolder()
    defer { scratch.remove() }

    // The source becomes a native manifest, and its media are hashed and packed as the samples go by.
    let cache = request.media != .none ? request.cacheFolder.map(statCache) : nil
    let known = try request.media == .pack && !request.isSelfContained ? knownMedia(names, parent) : KnownMedia()
    let whole = request.isSelfContained ? try VersionArchive(store, layout, version, role: .whole) : nil
    let collector = request.media == .none ? nil : try MediaCollector(known: known, destination: destination(whole))
    let observer = PublicationObserver(
      mode: request.media, cache: cache, known: known, collector: collector, remote: request.remote)
    var conversion = request.source
    conversion.to = try registry.parse("waybill")
    conversion.output = scratch.file("source.waybill.jsonl")
    conversion.observer = observer
    let report = try convert(conversion, &account)
    try checkMedia(observer)

    // Everything about the content is known from here on.
    let manifest = try CanonicalManifest(path: conversion.output, scratch: scratch)
    let table = try collector.map { (collector) throws(DatasetError) in try MediaTableBuilder(try collector.finish()) }
    let content = PublishedContent(manifest: manifest, media: table)
    var result = PublicationReport(
      version: VersionCatalog.Entry(
        record: record(version, parent, observer.statistics, content), digest: content.digest), conversion: report)
    result.version.record.media.missing = observer.missing
    if let collector {
      (result.newFiles, result.newBytes) = (collector.newFiles, collector.newBytes)
      (result.reusedFiles, result.reusedBytes) = (collector.reusedFiles, collector.reusedBytes)
    }
    if request.onlyIfChanged, let parent, isSame(parent.record, result.version.record) {
      whole?.abort()
      result.version = parent
      result.isUnchanged = true
      cache?.save()
      return result
    }
    if let parent { result.version.record.changes = try changes(manifest, since: parent) }

    let archive = LabelsArchive(publication: self, version: version, manifest: manifest, media: table, scratch: scratch)
    let labels = try archive.write(into: whole)
    result.version.record.renderings = archive.renderings
    result.version.record.objects = [labels] + (collector?.objects ?? [])
    try commit(&result)
    cache?.save()
    return result
  }

  // MARK: Names

  private func name(among names: [VersionName]) throws(DatasetError) -> VersionName {
    guard let version = request.version else {
      // A deleted version's name is not given to another one by default.
      let deleted = try store.all("\(request.dataset)/\(StoreLayout.deletedFolder)/").compactMap { object in
        object.key.text.split(separator: "/").last?.split(separator: "-").first.flatMap { VersionName(String($0)) }
      }
      guard let next = VersionName.next(after: names + deleted) else {
        throw DatasetError(.usage, "There is no next default name after these versions; --version names one")
      }
      return next
    }
    if names.contains(version) { throw try taken(version) }
    return version
  }

  /// The error of a name that is taken, which says since when and by whom.
  private func taken(_ version: VersionName) throws(DatasetError) -> DatasetError {
    var who = ""
    if let record = try catalog.entry(request.dataset, version)?.record {
      who =
        " since \(record.created.text())" + (record.publisher.map { " by \(terminalSafe($0))" } ?? "")
        + (record.message.map { ": \(terminalSafe($0))" } ?? "")
    }
    return DatasetError(.conflict, "The version \(request.dataset)@\(version) is published already\(who)", path: store.location)
  }

  private func parentEntry() throws(DatasetError) -> VersionCatalog.Entry? {
    guard let current = try catalog.current(of: request.dataset) else { return nil }
    return try catalog.entry(request.dataset, current.version)
  }

  // MARK: Steps

  private func convert(
    _ conversion: ConversionRequest, _ account: inout ConversionReport?
  ) throws(DatasetError) -> ConversionReport {
    var run = Conversion(conversion, registry: registry)
    run.progress = progress
    do throws(Conversion.Failure) {
      let report = try run.run()
      account = report
      return report
    } catch {
      account = error.report
      throw error.error
    }
  }

  private func destination(_ whole: VersionArchive?) -> MediaCollector.Destination {
    guard request.media == .pack else { return .none }
    return whole.map { .whole($0) } ?? .packs(PackWriter(store, layout))
  }

  private func checkMedia(_ observer: PublicationObserver) throws(DatasetError) {
    let missing = observer.missing
    guard missing > 0, !request.allowsMissingMedia else { return }
    throw DatasetError(
      .invalidInput,
      "\(missing) media \(missing == 1 ? "file was" : "files were") not found; nothing was published (--media-root names their folder, "
        + "--allow-missing publishes without them, --media none publishes labels alone)")
  }

  private func statCache(_ folder: String) -> StatCache {
    let identity = "\(store.location)\n\(request.dataset)"
    return StatCache(path: joinedPath(folder, "media-\(SHA256Digest(of: Array(identity.utf8)).hex.prefix(32)).cache"))
  }

  private func isSame(_ a: VersionRecord, _ b: VersionRecord) -> Bool {
    a.content == b.content && a.media.mode == b.media.mode
      && a.renderings.map(\.format) == request.renderings.map(LabelsArchive.spelling)
  }

  private func record(
    _ version: VersionName, _ parent: VersionCatalog.Entry?, _ statistics: VersionStatistics, _ content: PublishedContent
  ) -> VersionRecord {
    var record = VersionRecord(
      dataset: request.dataset, version: version, created: request.created ?? Timestamp.now(), tool: request.tool,
      content: content.digest, statistics: statistics, media: VersionRecord.Media(mode: request.media))
    record.media.files = content.media?.files ?? 0
    record.media.bytes = content.media?.bytes ?? 0
    record.publisher = request.publisher
    record.message = request.message
    record.commit = request.commit
    record.parent = parent.map { VersionRecord.Parent(version: $0.record.version, digest: $0.digest) }
    record.dropsHardMarks = request.source.dropsHardMarks
    let splits = request.source.splits
    if splits != SplitAssignment() {
      record.splitting = VersionRecord.Splitting(
        trainRatio: splits.trainShare, seed: splits.seed, isStratified: splits.isStratified, dropsExisting: splits.dropsExisting)
    }
    return record
  }

  private func commit(_ result: inout PublicationReport) throws(DatasetError) {
    let version = result.version.record.version
    try InterruptFlag.check()
    try checkPacks(result.version.record)
    let (bytes, digest) = result.version.record.encoded()
    guard let key = layout.key(ofObject: StoreLayout.record(version)) else {
      throw DatasetError(.usage, "\(request.dataset)@\(version) cannot be the name of an object", path: store.location)
    }
    guard try store.create(key, bytes) else { throw try taken(version) }
    result.version.digest = digest
    // From here on the version is published, whatever becomes of the mark.
    if request.setsCurrent { try catalog.setCurrent(result.version) }
  }

  /// Checks that the packs of earlier versions are there, before a record names them.
  private func checkPacks(_ record: VersionRecord) throws(DatasetError) {
    for pack in record.objects where pack.role == .media {
      guard let key = layout.key(ofObject: pack.key), try store.info(key)?.size == pack.size else {
        throw DatasetError(
          .corrupt, "A pack of an earlier version is not as it was published; waybill verify tells more",
          path: "\(store.location)/\(request.dataset)/\(pack.key)")
      }
    }
  }
}
