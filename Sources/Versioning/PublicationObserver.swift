import Glibc
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillFormatSupport
import WaybillLocks

/// Watches the samples of a version go by: counts them, finds and hashes their media on the workers, and brings what is new into packs.
final class PublicationObserver: SampleObserver {
  let mode: MediaPublishing
  let cache: StatCache?
  /// Where media are that the store has already; workers look, and only the thread of the conversion adds.
  let known: KnownMedia
  /// Where media are fetched from that are not on the disk.
  let remote: (any RemoteFiles)?
  private let state = Lock(State())
  // Only the thread of the conversion uses it.
  private nonisolated(unsafe) let collector: MediaCollector?

  private struct State {
    var statistics = StatisticsTally()
    var labels: LabelTable?
    var missing = 0
  }

  init(mode: MediaPublishing, cache: StatCache?, known: KnownMedia, collector: MediaCollector?, remote: (any RemoteFiles)?) {
    self.mode = mode
    self.remote = remote
    self.cache = cache
    self.known = known
    self.collector = collector
  }

  func begin(_ header: DatasetHeader) throws(DatasetError) { state.withLock { $0.labels = header.labels } }

  func makeTally() -> any SampleTally { PublicationTally(self) }

  func take(_ tally: any SampleTally) throws(DatasetError) {
    guard let tally = tally as? PublicationTally else { return }
    let (statistics, missing) = (tally.statistics, tally.missing)
    state.withLock { state in
      state.statistics.add(statistics)
      state.missing += missing
    }
    guard let collector else { return }
    for media in tally.found { try collector.take(media) }
  }

  /// Number of media that were not found.
  var missing: Int { state.withLock { $0.missing } }

  /// What the samples hold.
  var statistics: VersionStatistics {
    state.withLock { state in state.statistics.statistics(state.labels ?? LabelTable()) }
  }
}

/// A media file that a sample names, as a worker found it.
struct FoundMedia {
  /// How the labels name it.
  var location: String
  /// Where it is on the disk, or in an archive.
  var file: String
  /// Its bytes, when it is in an archive.
  var mapped: MappedFile?
  var size: Int
  var digest: SHA256Digest
  /// Its checksum, when its bytes were read just now.
  var crc: UInt32?
}

/// What one worker notes about a batch.
private final class PublicationTally: SampleTally {
  private let observer: PublicationObserver
  var statistics = StatisticsTally()
  var found: [FoundMedia] = []
  var missing = 0

  init(_ observer: PublicationObserver) { self.observer = observer }

  func note(_ sample: borrowing Sample, _ context: EncodeContext) throws(DatasetError) {
    statistics.note(sample)
    guard observer.mode != .none, let location = sample.media.location else { return }
    let hasher = context.scratch.thing(MediaHasher.self) { MediaHasher() }
    guard let file = context.media.find(location) else {
      let (fetched, why) = try fetch(location)
      if let fetched { return found.append(try hasher.look(in: fetched, at: location, named: location)) }
      missing += 1
      context.diagnostics.report(
        .warning, "media.missing",
        "The media \"\(terminalSafe(location))\" was not found; \(why ?? "--media-root names its folder")",
        at: sample.source)
      return
    }
    guard let (path, facts) = file.onDisk else {
      found.append(try hasher.look(in: try context.media.files.map(file.path), at: file.path, named: location))
      return
    }
    found.append(
      try hasher.look(at: path, facts, named: location, cache: observer.cache, known: observer.known, mode: observer.mode))
  }

  /// Fetches media that are behind a wire; the reason where they may not be had.
  private func fetch(_ location: String) throws(DatasetError) -> (MappedFile?, String?) {
    guard let remote = observer.remote, remote.serves(location) else { return (nil, nil) }
    do throws(DatasetError) {
      let file = try remote.fetch(location)
      return (file, file == nil ? "it is not in its bucket" : nil)
    } catch {
      // What is refused is missing; a wire that is dead says nothing of what is there.
      guard error.code == .io || error.code == .usage else { throw error }
      return (nil, error.message)
    }
  }
}
