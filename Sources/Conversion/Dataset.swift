import Glibc
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// A dataset that has been surveyed: its header is known, its samples are counted, and any one can be decoded.
///
/// ```swift
/// let dataset = try Dataset.open(path: "val.json", registry: .all)
/// for position in 0..<dataset.count {
///   guard let sample = try dataset.sample(at: position) else { continue }
///   print(sample.key, sample.annotations.count)
/// }
/// ```
public final class Dataset: Sendable {
  /// The format it was read as.
  public let format: any Format.Type
  /// Why that format, when it was found by content.
  public let detection: Detection?
  /// The path it was read from.
  public let path: String
  /// Name, labels and dataset-level fields.
  ///
  /// The label table may grow while samples are decoded unless labels were demanded.
  public let header: DatasetHeader
  /// Number of samples.
  public let count: Int
  /// Folders in which the media may lie, most likely first.
  public let mediaFolders: [String]
  /// Splits in the file's order, when demanded.
  public let splits: [String]
  /// The files read, for the places of diagnostics.
  public let sources: SourceMap
  /// Where bucket URLs lie on disk.
  public let urlMap: URLMap
  /// The files it is read through, its media included.
  public let files: InputFiles
  /// What the survey found.
  public let surveyDiagnostics: DiagnosticList
  private let decode: @Sendable (Int, ReadContext) throws(DatasetError) -> Sample?
  private let findRecord: @Sendable (Int) -> SampleRecord?
  private let decodeInto: @Sendable (Int, inout Sample, ReadContext) throws(DatasetError) -> Bool

  private init<R: FormatReader>(
    _ reader: R, _ index: R.Index, choice: FormatChoice, input: DatasetInput, context: ReadContext
  ) {
    format = choice.format
    detection = choice.detection
    path = input.path
    header = index.header
    count = index.count
    mediaFolders = index.mediaFolders
    splits = index.splits
    sources = context.sources
    urlMap = context.urlMap
    files = input.files
    surveyDiagnostics = context.diagnostics
    findRecord = { index.record($0) }
    decode = { (position, context) throws(DatasetError) in try reader.decode(position, in: index, context) }
    decodeInto = { (position, sample, context) throws(DatasetError) in
      try reader.decode(position, in: index, into: &sample, context)
    }
  }

  /// Surveys an input.
  ///
  /// What the survey finds wrong is in the context, also when this throws.
  ///
  /// - Throws: ``DatasetError`` when the input cannot be read at all.
  public static func open(
    _ input: DatasetInput, as choice: FormatChoice, demand: Demand = Demand(), context: ReadContext
  ) throws(DatasetError) -> Dataset {
    let input = input.rooted(for: choice.format)
    let files = input.files
    context.sources.setOpener { try? files.map($0) }
    let reader = try choice.format.makeReader(input, try choice.readOptions())
    func survey<R: FormatReader>(_ reader: R) throws(DatasetError) -> Dataset {
      let index = try reader.survey(demand, context)
      return Dataset(reader, index, choice: choice, input: input, context: context)
    }
    return try survey(reader)
  }

  /// Surveys the file or folder at a path, in the format its content shows.
  public static func open(path: String, registry: FormatRegistry) throws(DatasetError) -> Dataset {
    let input = try DatasetInput(path: path)
    return try open(input, as: try registry.detect(input), context: ReadContext(sources: SourceMap()))
  }

  /// The bytes of a sample and its key, without decoding it; nil unless the format keeps all that a sample says in one record.
  ///
  /// Thread-safe; the bytes are valid while this object lives.
  public func record(at position: Int) -> SampleRecord? { findRecord(position) }

  /// A context for one worker.
  public func makeContext() -> ReadContext { ReadContext(sources: sources, urlMap: urlMap) }

  /// Decodes one sample with a worker's context; nil for a record that cannot be read, which the context's diagnostics explain.
  public func sample(at position: Int, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard let sample = try decode(position, context) else { return nil }
    Dataset.checkLocation(sample, context)
    return sample
  }

  /// Decodes one sample into the place of another; false for a record that cannot be read.
  ///
  /// Every answer of the earlier sample is gone, also when this gives false.
  public func decode(at position: Int, into sample: inout Sample, _ context: ReadContext) throws(DatasetError) -> Bool {
    guard try decodeInto(position, &sample, context) else { return false }
    Dataset.checkLocation(sample, context)
    return true
  }

  @inline(__always) private static func checkLocation(_ sample: borrowing Sample, _ context: ReadContext) {
    guard let location = sample.media.location, leavesItsFolder(location) else { return }
    context.report(
      .warning, "dataset.path-outside",
      "The media \"\(terminalSafe(location))\" lies outside the dataset's folder; its name is kept and never followed",
      at: sample.source)
  }

  /// Whether a relative location climbs out of the folder it starts from.
  private static func leavesItsFolder(_ location: String) -> Bool {
    let hasDots = location.utf8.withContiguousStorageIfAvailable(hasTwoDots) ?? true
    return hasDots && MediaResolver.leavesItsFolder(location)
  }

  /// Whether two dots stand side by side.
  private static func hasTwoDots(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return false }
    var at = 0
    while at < text.count, let found = memchr(base + at, Int32(UInt8(ascii: ".")), text.count - at) {
      at = found - UnsafeMutableRawPointer(mutating: base) + 1
      if at < text.count, base[at] == UInt8(ascii: ".") { return true }
    }
    return false
  }

  /// Decodes one sample; nil for a record that cannot be read.
  ///
  /// Loops use ``sample(at:_:)`` with a context of their own.
  public func sample(at position: Int) throws(DatasetError) -> Sample? { try decode(position, makeContext()) }
}
