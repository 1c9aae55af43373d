import WaybillDatasetModel
import WaybillDigests

/// What is written down of a published version: what it holds, where its objects are, and the digest of each.
///
/// The file is `version.json`, described by `Schemas/version.schema.json`; creating it is what publishes the version. Its bytes follow from the
/// values here alone.
public struct VersionRecord: Sendable, Equatable {
  /// The version of the schema that this library writes, and the highest it reads.
  public static let schemaVersion = 1

  /// A version that another came from.
  public struct Parent: Sendable, Equatable {
    /// Its name.
    public var version: VersionName
    /// The digest of its record.
    public var digest: SHA256Digest
  }

  /// Numbers of samples against the parent.
  public struct Changes: Sendable, Equatable {
    /// Samples that the parent has not.
    public var added = 0
    /// Samples of which something differs.
    public var changed = 0
    /// Samples that only the parent has.
    public var removed = 0
    /// Samples that are the same.
    public var unchanged = 0

    /// Nothing counted.
    public init() {}
  }

  /// How the version came to its splits.
  public struct Splitting: Sendable, Equatable {
    /// The share of `train`.
    public var trainRatio: Double?
    /// The seed of the hash.
    public var seed: UInt64 = 0
    /// Whether labels kept their shares.
    public var isStratified = false
    /// Whether earlier splits were dropped.
    public var dropsExisting = false
  }

  /// Media of the version.
  public struct Media: Sendable, Equatable {
    /// Whether the files are in the store, listed with their digests, or neither.
    public var mode: MediaPublishing
    /// Number of different paths.
    public var files = 0
    /// Their bytes in all.
    public var bytes = 0
    /// Number of media that were not found.
    public var missing = 0
  }

  /// A format that lies beside the native manifest in the labels' archive.
  public struct Rendering: Sendable, Equatable {
    /// The format with its options, as it was asked for.
    public var format: String
    /// Its folder in the archive.
    public var folder: String
  }

  /// An object of the version.
  public struct Object: Sendable, Equatable {
    /// What an object holds.
    public enum Role: String, Sendable {
      /// Labels: the native manifest, the media table and other formats.
      case labels
      /// Media files.
      case media
      /// Everything.
      case whole
    }

    /// Its key, relative to the dataset's.
    public var key: String
    /// What it holds.
    public var role: Role
    /// Number of bytes.
    public var size: Int
    /// Digest of its bytes.
    public var digest: SHA256Digest
    /// Number of media files in a pack.
    public var files: Int?
  }

  /// The dataset's name in the store.
  public var dataset: DatasetName
  /// The version's name.
  public var version: VersionName
  /// When it was published.
  public var created: Timestamp
  /// Who published it, where that was said.
  public var publisher: String?
  /// What was said about it.
  public var message: String?
  /// The commit of the label repository it was published from.
  public var commit: String?
  /// The program that published it.
  public var tool: String
  /// The version it came from.
  public var parent: Parent?
  /// The digest of the labels and the media alone: equal for two versions that hold the same.
  public var content: SHA256Digest
  /// What it holds, counted.
  public var statistics: VersionStatistics
  /// What changed against the parent.
  public var changes: Changes?
  /// How it came to its splits.
  public var splitting: Splitting?
  /// Whether the marks of hard examples were dropped.
  public var dropsHardMarks = false
  /// Its media.
  public var media: Media
  /// Formats beside the native manifest.
  public var renderings: [Rendering] = []
  /// Its objects: the labels first, then the packs in the order the media table numbers them.
  public var objects: [Object] = []

  /// The archive with the labels.
  public var labels: Object? { objects.first { $0.role != .media } }
  /// The packs, in the order the media table numbers them.
  public var packs: [Object] { objects.filter { $0.role != .labels } }
}

/// What becomes of the media of a version.
public enum MediaPublishing: String, Sendable, CaseIterable {
  /// Their bytes go into packs in the store.
  case pack
  /// Their digests are listed, and they stay where they are.
  case reference
  /// The labels name them, and nothing more.
  case none
}

/// What a version holds, counted.
public struct VersionStatistics: Sendable, Equatable {
  /// A label with its counts.
  public struct LabelCount: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Annotations that carry it.
    public var annotations: Int
    /// Samples in which one does.
    public var samples: Int
  }

  /// A split with its counts.
  public struct SplitCount: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its samples.
    public var samples: Int
    /// Their annotations.
    public var annotations: Int
  }

  /// Samples.
  public var samples = 0
  /// Samples with annotations or tokens.
  public var labeled = 0
  /// Annotations.
  public var annotations = 0
  /// Samples in no split.
  public var unsplit = 0
  /// Labels in the order of the dataset, those that nothing carries included.
  public var labels: [LabelCount] = []
  /// Splits in the order of their names.
  public var splits: [SplitCount] = []
  /// Samples by the kind of their media, kinds that occur.
  public var media: [(kind: String, samples: Int)] = []

  /// Nothing counted.
  public init() {}

  /// Whether two counts are the same.
  public static func == (a: VersionStatistics, b: VersionStatistics) -> Bool {
    a.samples == b.samples && a.labeled == b.labeled && a.annotations == b.annotations && a.unsplit == b.unsplit
      && a.labels == b.labels && a.splits == b.splits && a.media.elementsEqual(b.media, by: { $0 == $1 })
  }
}
