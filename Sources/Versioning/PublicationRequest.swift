import WaybillConversion
import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport

/// What to publish, where, and how.
public struct PublicationRequest: Sendable {
  /// What is read, and how: path, format, media folder, URL map, threads, whether invalid records are skipped.
  ///
  /// Its target is not used.
  public var source: ConversionRequest
  /// The dataset in the store.
  public var dataset: DatasetName
  /// The version; nil takes the next default name.
  public var version: VersionName?
  /// What is said about the version.
  public var message: String?
  /// The commit of the label repository the labels are from.
  public var commit: String?
  /// Who publishes, where that is to be written down.
  public var publisher: String?
  /// When; the time of the clock where it is nil.
  public var created: Timestamp?
  /// Formats that lie beside the native manifest.
  public var renderings: [FormatChoice] = []
  /// What becomes of the media.
  public var media = MediaPublishing.pack
  /// Where media are fetched from whose locations are URLs; nil to look for them on the disk alone.
  public var remote: (any RemoteFiles)?
  /// Whether media that are not found are left out instead of refused.
  public var allowsMissingMedia = false
  /// Whether everything goes into one archive.
  public var isSelfContained = false
  /// Whether nothing is published when labels and media are those of the current version.
  public var onlyIfChanged = false
  /// Whether the version becomes the current one.
  public var setsCurrent = true
  /// The folder in which digests of media are kept, and believed while the files look as they did; nil to read all media each time.
  public var cacheFolder = StatCache.folder()
  /// The program's name and version, for the record.
  public var tool = "waybill"

  /// A version with the defaults.
  public init(source: ConversionRequest, dataset: DatasetName) {
    self.source = source
    self.dataset = dataset
  }
}

/// What a publication did.
public struct PublicationReport: Sendable {
  /// The version that was published; the current one when nothing had changed.
  public var version: VersionCatalog.Entry
  /// Whether nothing was published, for nothing had changed.
  public var isUnchanged = false
  /// Media files and bytes that went into new packs.
  public var newFiles = 0
  /// Bytes of media that went into new packs.
  public var newBytes = 0
  /// Media files that the store had already.
  public var reusedFiles = 0
  /// Bytes of media that the store had already.
  public var reusedBytes = 0
  /// What reading the source told.
  public var conversion: ConversionReport
}
