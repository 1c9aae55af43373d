/// How much a zip archive may hold before it is refused, and what is let pass.
public struct ZipLimits: Sendable, Equatable {
  /// Most entries.
  public var entries = 4_000_000
  /// Most bytes that all entries together inflate to.
  public var totalSize = 1 << 40
  /// Most bytes that one byte of the archive inflates to, for entries of more than ``ratioThreshold`` bytes.
  public var ratio = 200
  /// Entries of at most this many bytes may have any ratio.
  public var ratioThreshold = 1_000_000
  /// Most bytes of one entry that are unpacked into memory; larger entries go to a temporary file.
  public var memory = 1 << 30
  /// Whether names may differ in case or in Unicode normalisation only; some systems take them for the same.
  public var allowsCaseConflicts = false

  /// The limits for archives of anyone.
  public init() {}
}
