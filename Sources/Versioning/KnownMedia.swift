import WaybillDigests

/// The media that packs of the store hold, by the digest of their bytes.
final class KnownMedia: Sendable {
  /// Where the bytes are: a pack of an earlier version, by its position in ``packs``.
  private let places: [SHA256Digest: MediaEntry.Place]
  /// The packs that places speak of.
  let packs: [VersionRecord.Object]

  init(_ places: [SHA256Digest: MediaEntry.Place] = [:], packs: [VersionRecord.Object] = []) {
    self.places = places
    self.packs = packs
  }

  func holds(_ digest: SHA256Digest) -> Bool { places[digest] != nil }

  func place(of digest: SHA256Digest) -> MediaEntry.Place? { places[digest] }
}
