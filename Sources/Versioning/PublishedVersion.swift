import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// A version in a store, opened for reading: its labels, its media table and its media, each read from where it lies.
///
/// ```swift
/// let version = try PublishedVersion(try VersionCatalog(store).entry(VersionReference("animals@V001")), in: store)
/// let line = try version.sample("street/0001.jpg")
/// ```
///
/// Safe to use from several threads.
public final class PublishedVersion: Sendable {
  /// The record.
  public let entry: VersionCatalog.Entry
  let store: any ObjectStore
  let layout: StoreLayout
  /// The archive with the labels.
  let archive: ZipArchive
  private let packs: PackSources

  /// Opens the labels of a version; packs are opened when a media file is wanted.
  ///
  /// - Throws: An error of the code `corrupt` when the object is not there, has another size, or is no archive of a version.
  public init(_ entry: VersionCatalog.Entry, in store: any ObjectStore) throws(DatasetError) {
    self.entry = entry
    self.store = store
    layout = StoreLayout(dataset: entry.record.dataset)
    packs = PackSources(store, layout, entry.record.packs)
    guard let object = entry.record.labels else {
      throw DatasetError(.corrupt, "The record names no object with labels", path: store.location)
    }
    // What was published under two names that differ in case was two files.
    var limits = ZipLimits()
    limits.allowsCaseConflicts = true
    archive = try ZipArchive(try PackSources.open(object, store, layout), limits: limits)
  }

  /// `animals@V001`.
  public var reference: VersionReference { VersionReference(dataset: entry.record.dataset, version: entry.record.version) }

  // MARK: Labels

  /// The native manifest: all samples, in the order of keys, mapped where the store's objects are mapped.
  public func manifest() throws(DatasetError) -> MappedFile { try map(CanonicalManifest.name) }

  /// The line of one sample, as the native manifest has it; nil when there is no such sample.
  ///
  /// Costs about as many small reads as the number of samples has binary digits.
  public func sample(_ key: String) throws(DatasetError) -> [UInt8]? {
    let range = try range(of: CanonicalManifest.name)
    let lines = SortedLines(archive.source, range, member: "key")
    // The header stands in front of the samples.
    let header = try lines.line(at: range.lowerBound)
    let start = min(range.lowerBound + header.count + 1, range.upperBound)
    return try SortedLines(archive.source, start..<range.upperBound, member: "key").line(key)
  }

  // MARK: Media

  /// The media table; nil when the version lists no media.
  func mediaTable() throws(DatasetError) -> MediaTable? {
    guard archive.entry(named: MediaTable.name) != nil else { return nil }
    return MediaTable(mapped: try map(MediaTable.name))
  }

  /// One media file of the version; nil when there is none of that path.
  public func media(_ path: String) throws(DatasetError) -> MediaEntry? {
    guard archive.entry(named: MediaTable.name) != nil else { return nil }
    let lines = SortedLines(archive.source, try range(of: MediaTable.name), member: "path")
    guard let line = try lines.line(path) else { return nil }
    return try line.withUnsafeBufferPointer { bytes throws(DatasetError) in
      try MediaEntry.read(UnsafeRawBufferPointer(bytes), path: "\(archive.source.path)/\(MediaTable.name)")
    }
  }

  /// The bytes of a media file in the store; they are those its digest names only if ``check(_:_:)`` says so.
  ///
  /// - Throws: An error of the code `io` for media that the store does not hold.
  public func bytes(of media: MediaEntry) throws(DatasetError) -> MappedFile {
    guard let place = media.place else {
      throw DatasetError(
        .io, "The store does not hold this file: the version was published with --media reference", path: media.path)
    }
    return try packs.map(place, size: media.size, as: "\(store.location)#\(reference)/\(media.path)")
  }

  /// Checks that bytes are those that were published.
  public func check(_ bytes: UnsafeRawBufferPointer, _ media: MediaEntry) throws(DatasetError) {
    let digest = SHA256Digest(of: bytes)
    guard digest == media.digest else {
      throw DatasetError(
        .corrupt, "The bytes are not those that were published: their SHA-256 is \(digest), not \(media.digest)",
        path: "\(store.location)#\(reference)/\(media.path)")
    }
  }

  /// The bytes of a file of the version: an entry of its labels' archive, or a media file by its path, checked; nil when there is none.
  public func file(_ path: String) throws(DatasetError) -> MappedFile? {
    if let entry = archive.entry(named: path) { return try entry.contents() }
    guard let media = try media(path) else { return nil }
    let bytes = try bytes(of: media)
    try check(bytes.bytes, media)
    return bytes
  }

  // MARK: Entries

  /// Maps an entry of the labels' archive, or reads it where nothing is mapped.
  func map(_ name: String) throws(DatasetError) -> MappedFile {
    guard let entry = archive.entry(named: name) else { throw missing(name) }
    return try entry.contents()
  }

  private func range(of name: String) throws(DatasetError) -> Range<Int> {
    guard let entry = archive.entry(named: name) else { throw missing(name) }
    return try entry.dataRange()
  }

  private func missing(_ name: String) -> DatasetError {
    DatasetError(.corrupt, "The archive of the version has no entry \(name)", path: archive.source.path)
  }
}

/// The packs of a version, each opened when it is first needed.
final class PackSources: Sendable {
  private let store: any ObjectStore
  private let layout: StoreLayout
  private let objects: [VersionRecord.Object]
  private let opened: Lock<[Int: any ByteSource]>

  init(_ store: any ObjectStore, _ layout: StoreLayout, _ objects: [VersionRecord.Object]) {
    self.store = store
    self.layout = layout
    self.objects = objects
    opened = Lock([:])
  }

  /// Opens an object, whose size must be that of the record.
  static func open(
    _ object: VersionRecord.Object, _ store: any ObjectStore, _ layout: StoreLayout
  ) throws(DatasetError) -> any ByteSource {
    let path = "\(store.location)/\(layout.dataset)/\(object.key)"
    guard let key = layout.key(ofObject: object.key), let source = try store.open(key) else {
      throw DatasetError(.corrupt, "The object is named by the record and is not there", path: path)
    }
    guard source.size == object.size else {
      throw DatasetError(.corrupt, "The object has \(source.size) bytes; it was published with \(object.size)", path: path)
    }
    return source
  }

  /// The bytes at a place in a pack: a part of its mapping, or read.
  func map(_ place: MediaEntry.Place, size: Int, as path: String) throws(DatasetError) -> MappedFile {
    let source = try source(place.pack, path)
    guard place.offset >= 0, size >= 0, place.offset <= source.size, size <= source.size - place.offset else {
      throw DatasetError(.corrupt, "The media table places the file beyond the end of its pack", path: path)
    }
    return try source.part(place.offset..<(place.offset + size), as: path)
  }

  private func source(_ pack: Int, _ path: String) throws(DatasetError) -> any ByteSource {
    if let known = opened.withLock({ $0[pack] }) { return known }
    guard objects.indices.contains(pack) else {
      throw DatasetError(.corrupt, "The media table names pack \(pack), and the record has \(objects.count)", path: path)
    }
    // Two threads may open it at once; one of the two stays.
    let source = try PackSources.open(objects[pack], store, layout)
    opened.withLock { $0[pack] = source }
    return source
  }
}
