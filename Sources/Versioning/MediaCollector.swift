import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillFormatSupport

/// Gathers the media of a version in the order of its samples: what is new goes into packs, and every file gets its line in the media table.
final class MediaCollector {
  /// Where media go.
  enum Destination {
    /// Into packs, each content once; what the store has already stays where it is.
    case packs(PackWriter)
    /// Into the version's one archive, each path once.
    case whole(VersionArchive)
    /// Nowhere: they are listed with their digests.
    case none
  }

  private let known: KnownMedia
  private let destination: Destination
  /// The paths in the one archive.
  private var paths: [ExactText: MediaEntry.Place] = [:]
  /// Where the files are that were new.
  private var fresh: [SHA256Digest: MediaEntry.Place] = [:]
  /// The numbers that packs have in this version, in the order of their first use: of those there were, and of the new ones.
  private var numbersOfKnown: [Int?]
  private var numbersOfNew: [Int] = []
  private var packCount = 0
  private let spool: Spool
  private var line = ByteBuffer()
  /// Bytes of media that the store had already, and that went into packs.
  private(set) var reusedBytes = 0
  private(set) var newBytes = 0
  private(set) var reusedFiles = 0
  private(set) var newFiles = 0

  init(known: KnownMedia, destination: Destination) throws(DatasetError) {
    self.known = known
    self.destination = destination
    numbersOfKnown = Array(repeating: nil, count: known.packs.count)
    spool = try Spool()
  }

  /// Takes the next media file.
  func take(_ media: FoundMedia) throws(DatasetError) {
    let path = try MediaCollector.path(of: media.location)
    let place: MediaEntry.Place?
    switch destination {
    case .packs(let packs): place = try pack(media, packs)
    case .whole(let archive): place = try add(media, at: path, archive)
    case .none: place = nil
    }
    line.removeAll()
    MediaEntry(
      path: path, size: media.size, digest: media.digest, place: place, location: path == media.location ? nil : media.location
    ).append(to: &line)
    try spool.append(line.bytes)
  }

  private func pack(_ media: FoundMedia, _ packs: PackWriter) throws(DatasetError) -> MediaEntry.Place {
    if let there = known.place(of: media.digest) {
      reusedBytes += media.size
      reusedFiles += 1
      return MediaEntry.Place(pack: number(ofKnown: there.pack), offset: there.offset)
    }
    if let there = fresh[media.digest] { return there }
    guard let crc = media.crc else { preconditionFailure("\(media.file) is new and was not read") }
    let made = try packs.append(media, crc: crc)
    let place = MediaEntry.Place(pack: number(ofNew: made.pack), offset: made.offset)
    fresh[media.digest] = place
    count(media)
    return place
  }

  private func add(_ media: FoundMedia, at path: String, _ archive: VersionArchive) throws(DatasetError) -> MediaEntry.Place {
    if let there = paths[ExactText(path)] { return there }
    guard let crc = media.crc else { preconditionFailure("\(media.file) is new and was not read") }
    let offset = try archive.append(media, crc: crc, at: "\(StoreLayout.mediaFolder)/\(path)")
    let place = MediaEntry.Place(pack: 0, offset: offset)
    paths[ExactText(path)] = place
    count(media)
    return place
  }

  private func count(_ media: FoundMedia) {
    newBytes += media.size
    newFiles += 1
  }

  /// Closes the last pack, and maps the lines of the table as they were gathered.
  func finish() throws(DatasetError) -> MappedFile {
    if case .packs(let packs) = destination { try packs.close() }
    return try spool.map()
  }

  /// The packs that the lines of the table name, by their numbers; only after ``finish()``.
  var objects: [VersionRecord.Object] {
    var objects: [(number: Int, object: VersionRecord.Object)] = []
    for (position, number) in numbersOfKnown.enumerated() { if let number { objects.append((number, known.packs[position])) } }
    if case .packs(let packs) = destination {
      for (position, number) in numbersOfNew.enumerated() { objects.append((number, packs.packs[position])) }
    }
    return objects.sorted { $0.number < $1.number }.map(\.object)
  }

  private func number(ofKnown position: Int) -> Int {
    if let number = numbersOfKnown[position] { return number }
    defer { packCount += 1 }
    numbersOfKnown[position] = packCount
    return packCount
  }

  private func number(ofNew position: Int) -> Int {
    if position < numbersOfNew.count { return numbersOfNew[position] }
    defer { packCount += 1 }
    numbersOfNew.append(packCount)
    return packCount
  }

  /// The path of a media file in a version: the location as the labels name it where that is a safe relative path, else what of it is one.
  static func path(of location: String) throws(DatasetError) -> String {
    if let path = try? RelativePath(location), path.text == location, MediaCollector.isPlain(location) { return location }
    let text = MediaPlace.below(location)
    guard !text.isEmpty, MediaCollector.isPlain(text) else {
      // A name with control characters or backslashes means different files on different systems: its digest names it.
      return "media-\(SHA256Digest(of: Array(location.utf8)).hex.prefix(32))\(PackWriter.ending(of: location))"
    }
    return text
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.count <= 1000
      && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0 != "\\" }
  }
}
