import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSampleFilter

/// What to convert, to what, and what may be lost on the way.
public struct ConversionRequest: Sendable {
  /// A part of a survey: the I-th of N equal, contiguous parts.
  public struct Shard: Sendable, Equatable {
    /// The part, from 1.
    public var number: Int
    /// How many parts there are.
    public var count: Int

    /// Reads `I/N`.
    public init(_ text: String) throws(DatasetError) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let number = parts[0], let count = parts[1], number >= 1, count >= number else {
        throw DatasetError(.usage, "A shard is I/N with I from 1 to N, such as 2/8; got \"\(terminalSafe(text))\"")
      }
      self.number = number
      self.count = count
    }

    /// The positions of the part: parts differ by at most one sample and together hold each sample once.
    public func range(of total: Int) -> Range<Int> {
      let (size, rest) = (total / count, total % count)
      let start = (number - 1) * size + min(number - 1, rest)
      return start..<(start + size + (number <= rest ? 1 : 0))
    }
  }

  /// Path of the input; `-` for standard input.
  public var input: String
  /// The files the input is read through: the disk, and what is mounted into it.
  public var files = InputFiles.disk
  /// Path of the output; an archive is written where it ends in `.zip`.
  public var output: String
  /// The source format; nil finds it by content.
  public var from: FormatChoice?
  /// The target format.
  public var to: FormatChoice
  /// Whether the output is a folder also where the target would write one file.
  public var isFolder = false
  /// How media is brought along.
  public var media = MediaMode.none
  /// Folder of the media, when it is not where the labels say.
  public var mediaRoot: String?
  /// Where bucket URLs lie on disk.
  public var urlMap = URLMap()
  /// File with the names of labels, in order.
  public var labelsFile: String?
  /// Labels to keep; nil keeps all.
  public var keepLabels: [String]?
  /// Split to keep; nil keeps all.
  public var split: String?
  /// Part to convert; nil converts all.
  public var shard: Shard?
  /// Patterns of the keys to keep; none keeps all.
  public var keys: [KeyPattern] = []
  /// What samples to keep must fit, as they are read; nil keeps all.
  public var filter: SampleFilter?
  /// Samples to keep, by a hash of their keys; nil keeps all.
  public var subset: Subset?
  /// What becomes of the splits.
  public var splits = SplitAssignment()
  /// Whether the marks of hard examples are left out.
  public var dropsHardMarks = false
  /// Who looks at every sample that is written.
  public var observer: (any SampleObserver)?
  /// Whether the output is an archive.
  var writesArchive: Bool { output.lowercased().hasSuffix(".zip") }
  /// Threads that decode and encode.
  public var jobs = 1
  /// Whether essential loss is carried out instead of refused.
  public var allowLoss = false
  /// Shapes that may stand in for others.
  public var approximations = Approximations()
  /// Whether any loss at all is refused.
  public var strict = false
  /// Whether invalid records are left out instead of refused.
  public var skipInvalid = false
  /// Whether only the account is made and nothing is written.
  public var dryRun = false
  /// Whether an output that exists is replaced.
  public var overwrite = false

  /// A conversion with the defaults: nothing essential is lost, nothing is overwritten.
  public init(input: String, output: String, to: FormatChoice, from: FormatChoice? = nil) {
    self.input = input
    self.output = output
    self.to = to
    self.from = from
  }
}
