import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// What a dataset holds, counted and measured.
public struct StatisticsReport: Sendable {
  /// Splits, sizes, authors and reasons that are counted one by one; the rest are counted together.
  static let splitLimit = 16
  static let nameLimit = 1000
  static let sizeLimit = 4096

  /// A label with its counts.
  public struct LabelCount: Sendable {
    /// The label.
    public var label: Label
    /// Annotations that carry it.
    public var annotations: Int
    /// Samples with such an annotation.
    public var samples: Int
    /// Seconds of the intervals that carry it.
    public var seconds: Double
    /// Samples and annotations in each of ``StatisticsReport/splits``.
    public var bySplit: [(annotations: Int, samples: Int)]
  }

  /// The path it was read from.
  public var path: String
  /// The format it was read as.
  public var format: FormatDescriptor
  /// The dataset's name.
  public var name: String?
  /// Samples, annotations, features, media and splits.
  public var counts = SampleCounts()
  /// Samples and annotations that the filter of the request left out, and that nothing else here counts; nil without a filter.
  public var leftOut: (samples: Int, annotations: Int)?
  /// What the filter of the request could not find out, or asks for in vain.
  public var filterProblems = DiagnosticList()
  /// Annotations without a label.
  public var withoutLabel = 0
  /// The labels in the dataset's order, those without annotations included.
  public var labels: [LabelCount] = []
  /// The splits that labels are counted in, in the order of their first samples: the first sixteen.
  public var splits: [SampleCounts.Named] { Array(counts.splits.prefix(StatisticsReport.splitLimit)) }
  /// How intervals fill the time of recordings and films.
  public var timeUse = TimeUse()
  /// Objects followed over frames, each counted once in its sequence.
  public var trackCount = 0
  /// Sizes of pictures, most frequent first; sizes beyond the first 4096 met are in ``otherSizes``.
  public var sizes: [(width: Int, height: Int, count: Int)] = []
  /// Pictures of any other size.
  public var otherSizes = 0
  /// Who made how many annotations, most first; authors beyond the first thousand met are in ``otherAuthors``.
  public var authors: [SampleCounts.Named] = []
  /// Annotations of any other author.
  public var otherAuthors = 0
  /// Samples and annotations marked as hard.
  public var hard = (samples: 0, annotations: 0)
  /// Reasons why, by number, with how often they are given.
  public var hardReasons: [(reason: Int, count: Int)] = []
  /// Boxes with areas of COCO's classes: below 32 x 32, below 96 x 96, and larger.
  public var boxSizes = (small: 0, medium: 0, large: 0)
  /// Confidences in twenty bins of equal width from 0 to 1; what is beyond is in the first or the last.
  public var confidences = [Int](repeating: 0, count: 20)
  /// Rows and columns of ``positions``.
  public let gridSize = StatisticsTally.gridSize
  /// How many boxes have their centres in each cell of a grid over their pictures, row by row.
  public var positions = [Int](repeating: 0, count: StatisticsTally.gridSize * StatisticsTally.gridSize)
  /// Problems found.
  public var diagnostics: DiagnosticList
  /// What is probably not meant: equal boxes, boxes without an area or beyond their pictures, labels nobody uses, samples without labels.
  public var suspicions = DiagnosticList(limitPerRule: Statistics.suspicionLimit)
  /// Labeled pictures to show.
  public var examples: [PictureExample] = []
  /// The files read.
  public var sources: SourceMap
  private var distributions = [Distribution](repeating: Distribution(), count: Measure.allCases.count)

  init(path: String, format: FormatDescriptor, diagnostics: DiagnosticList, sources: SourceMap) {
    self.path = path
    self.format = format
    self.diagnostics = diagnostics
    self.sources = sources
  }

  /// How something is distributed.
  public subscript(measure: Measure) -> Distribution { distributions[measure.rawValue] }

  /// Annotations that carry a label.
  public var withLabel: Int { counts.annotations - withoutLabel }

  /// Adds numbers of one measure.
  mutating func add(_ values: [Double], _ measure: Measure) { for value in values { distributions[measure.rawValue].add(value) } }

  /// Adds the measures of a later run of samples.
  mutating func add(_ values: [[Double]]) {
    for (index, list) in values.enumerated() { for value in list { distributions[index].add(value) } }
    for confidence in values[Measure.confidence.rawValue] where !confidence.isNaN {
      confidences[Int(min(19, max(0, (confidence * 20).rounded(.down))))] += 1
    }
    for area in values[Measure.boxArea.rawValue] {
      if area < 1024 { boxSizes.small += 1 } else if area < 9216 { boxSizes.medium += 1 } else { boxSizes.large += 1 }
    }
  }
}

/// A labeled picture to show.
public struct PictureExample: Sendable {
  /// Kinds of pictures that browsers show, by their names among media types.
  public enum Kind: String, Sendable {
    case png, jpeg, gif, bmp, webp
  }

  /// The sample.
  public var sample: Sample
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// The bytes of the picture and their kind; nil when it was not found, is too large or not for browsers.
  public var picture: (kind: Kind, bytes: [UInt8])?
}
