import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// One of the two datasets that are compared.
public struct ComparedDataset: Sendable {
  /// The path it was read from.
  public var path: String
  /// The format it was read as; nil as long as that is not known.
  public var format: FormatDescriptor?
  /// Samples that were compared: readable, the first of their key, and asked for.
  public var samples = 0
  /// Records that could not be read.
  public var unreadable = 0
  /// Whether it has a list of labels of its own.
  public var listsLabels = false
  /// Samples whose key an earlier sample has.
  public var duplicates = 0
  /// Problems found.
  ///
  /// Records whose bytes are the same on both sides are not decoded, so that what is wrong with them is not among the problems.
  public var diagnostics: DiagnosticList
  /// The files read.
  public var sources: SourceMap

  init(path: String, limitPerRule: Int) {
    self.path = path
    diagnostics = DiagnosticList(limitPerRule: limitPerRule)
    sources = SourceMap()
  }
}

/// How two datasets differ, in sum; the samples themselves are handed on one by one while they are compared.
public struct ComparisonReport: Sendable {
  /// Something that was not compared because one of the formats has no place for it, or one of the datasets no use of it.
  public struct LeftOutFeature: Sendable, Equatable {
    /// What it is.
    public var feature: Feature
    /// How often the old dataset has it.
    public var old: Int
    /// How often the new dataset has it.
    public var new: Int
  }

  /// The old dataset.
  public var old: ComparedDataset
  /// The new dataset.
  public var new: ComparedDataset
  /// What the datasets say differently about themselves and their labels.
  public var dataset: [DatasetChange] = []
  /// Whether the lists of labels were compared: only where each dataset has one of its own.
  public var comparesLabels: Bool { old.listsLabels && new.listsLabels }
  /// How many samples and annotations differ, and how.
  public var summary = ComparisonSummary()
  /// Features that were not compared, in order.
  public var leftOut: [LeftOutFeature] = []
  /// Samples without a partner that were not compared, as the other format has no place for their media.
  public var leftOutSamples = 0
  /// Annotations without a partner that were not compared, as the other format has no place for them.
  public var leftOutAnnotations = 0

  /// Whether anything differs.
  public var hasDifferences: Bool {
    !dataset.isEmpty || summary.samples.added + summary.samples.removed + summary.samples.changed > 0
  }

  /// Whether a record could not be read, so that the comparison is not complete.
  public var hasErrors: Bool { old.diagnostics.hasErrors || new.diagnostics.hasErrors }

  init(old: ComparedDataset, new: ComparedDataset) {
    self.old = old
    self.new = new
  }
}

/// What a comparison hands on while it runs.
public enum ComparisonEvent: Sendable {
  /// Both datasets have been surveyed: their formats, and what they say about themselves and their labels, are in the report.
  case begun(ComparisonReport)
  /// A sample that differs; samples come in the order of their keys.
  case sample(SampleChange)
}

/// What stopped a comparison, with the problems found so far.
public struct ComparisonFailure: Error {
  /// What went wrong.
  public var error: DatasetError
  /// The comparison as far as it went.
  public var report: ComparisonReport
  /// The files that the place of ``error``, if it has one, is in.
  public var sources: SourceMap
}
