import WaybillConversion
import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport
import WaybillSampleFilter

/// Which two datasets to compare, and how.
public struct ComparisonRequest: Sendable {
  /// Path of the old dataset; `-` is standard input.
  public var old: String
  /// Path of the new dataset; `-` is standard input.
  public var new: String
  /// The files the old dataset is read through: the disk, and what is mounted into it.
  public var oldFiles = InputFiles.disk
  /// The files the new dataset is read through.
  public var newFiles = InputFiles.disk
  /// The format of the old dataset; nil finds it by content.
  public var oldFormat: FormatChoice?
  /// The format of the new dataset; nil finds it by content.
  public var newFormat: FormatChoice?
  /// Where bucket URLs lie on disk.
  public var urlMap = URLMap()
  /// Folder of the media, when it is not where the labels say; needed only where one side counts in pixels and the other in shares.
  public var mediaRoot: String?
  /// Threads that decode and compare; the result does not depend on it.
  public var jobs = 1
  /// How many problems of one rule are kept in full.
  public var limitPerRule = 20
  /// What counts as a difference.
  public var options = ComparisonOptions()

  /// A comparison of two paths.
  public init(old: String, new: String, oldFormat: FormatChoice? = nil, newFormat: FormatChoice? = nil) {
    self.old = old
    self.new = new
    self.oldFormat = oldFormat
    self.newFormat = newFormat
  }
}

/// What counts as a difference.
public struct ComparisonOptions: Sendable {
  /// Whether everything is compared, also what one of the formats has no place for and the order of annotations.
  public var comparesAll = false
  /// Features that are not compared.
  public var ignored = FeatureSet()
  /// How far apart two coordinates may be, in pixels, and still be the same.
  ///
  /// Nil takes coordinates for the same that are equal or, where they were written in different forms, a hundredth of a pixel apart.
  public var tolerance: Double?
  /// The samples to compare; nil compares all, and what the datasets say about themselves.
  public var keys: KeyPattern?
  /// What a sample must fit, as it was or as it is; others that differ are counted and not shown.
  public var filter: SampleFilter?

  /// Compares what both formats have a place for.
  public init() {}
}
