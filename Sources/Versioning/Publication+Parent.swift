import WaybillBytes
import WaybillComparison
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles

extension Publication {
  /// The media that the store has already: those of the parent, and of every other version whose packs hold more than is known so far.
  func knownMedia(_ names: [VersionName], _ parent: VersionCatalog.Entry?) throws(DatasetError) -> KnownMedia {
    var packs: [VersionRecord.Object] = []
    var numbers: [String: Int] = [:]
    /// How many files of each pack have been met.
    var met: [Int] = []
    var places: [SHA256Digest: MediaEntry.Place] = [:]
    var entries = parent.map { [$0] } ?? []
    for name in names.sorted(by: >) where name != parent?.record.version {
      if let entry = try catalog.entry(request.dataset, name) { entries.append(entry) }
    }
    for entry in entries {
      let own = entry.record.objects.filter { $0.role == .media }
      let isKnown = own.allSatisfy { pack in numbers[pack.key].map { met[$0] == pack.files } ?? false }
      guard !isKnown, let table = try PublishedVersion(entry, in: store).mediaTable() else { continue }
      for pack in own where numbers[pack.key] == nil {
        numbers[pack.key] = packs.count
        packs.append(pack)
        met.append(0)
      }
      places.reserveCapacity(entry.record.media.files)
      let known = own.map { numbers[$0.key] }
      try table.forEachPlace { digest, place in
        guard place.pack < known.count, let number = known[place.pack], places[digest] == nil else { return }
        places[digest] = MediaEntry.Place(pack: number, offset: place.offset)
        met[number] += 1
      }
    }
    return KnownMedia(places, packs: packs)
  }

  /// How many samples differ from those of the parent.
  func changes(
    _ manifest: CanonicalManifest, since parent: VersionCatalog.Entry
  ) throws(DatasetError) -> VersionRecord.Changes {
    let old = try PublishedVersion(parent, in: store).manifest()
    let new = try MappedFile(path: try manifest.sortedFile())
    let counts = try compareSortedManifests(old, new)
    var changes = VersionRecord.Changes()
    (changes.added, changes.changed) = (counts.added, counts.changed)
    (changes.removed, changes.unchanged) = (counts.removed, counts.unchanged)
    return changes
  }
}
