import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillMediaProbe

/// Things a worker keeps from sample to sample, such as a parser; one of each type.
public final class Scratch {
  private var things: [ObjectIdentifier: AnyObject] = [:]
  // One worker alone asks, so an access is never checked against another.
  /// The thing asked for last, which is nearly always the one asked for next, and its type.
  @exclusivity(unchecked) @usableFromInline var last: AnyObject?
  @exclusivity(unchecked) @usableFromInline var lastType: ObjectIdentifier?

  /// No things yet.
  public init() {}

  /// The worker's thing of a type, made at its first use.
  ///
  /// Costs a dictionary look-up where two types take turns: once a sample, not once a field.
  @inlinable @inline(__always) public func thing<T: AnyObject>(_ type: T.Type, _ make: () -> T) -> T {
    // Things are kept under their own type, so the cast cannot be wrong.
    if lastType == ObjectIdentifier(type), let last { return unsafeDowncast(last, to: T.self) }
    return otherThing(type, make)
  }

  @usableFromInline @inline(never) func otherThing<T: AnyObject>(_ type: T.Type, _ make: () -> T) -> T {
    let wanted = ObjectIdentifier(type)
    let found = things[wanted] as? T ?? make()
    things[wanted] = found
    lastType = wanted
    last = found
    return found
  }
}

/// What one worker needs to read: where to report, and what to keep from sample to sample.
public final class ReadContext {
  /// The files read so far; shared by all workers.
  public let sources: SourceMap
  /// Where bucket URLs lie on disk; shared by all workers.
  public let urlMap: URLMap
  /// The problems found by this worker.
  public var diagnostics: DiagnosticList
  /// What this worker keeps from sample to sample.
  public let scratch = Scratch()

  /// A context for one worker.
  public init(sources: SourceMap, urlMap: URLMap = URLMap(), limitPerRule: Int = 20) {
    self.sources = sources
    self.urlMap = urlMap
    self.diagnostics = DiagnosticList(limitPerRule: limitPerRule)
  }

  /// Reports a problem.
  public func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, at range: SourceRange?) {
    diagnostics.report(severity, rule, message, at: range)
  }
}

/// What a writer needs: where the output is staged.
public struct WriteContext {
  /// The staged output.
  public var output: StagedOutput
  /// The name of the one file to write, or nil when the output is a folder.
  public var fileName: String?
  /// The last component of the output path, without an ending: a fallback name for a dataset.
  public var outputName: String
  /// How media is brought along.
  public var mediaMode: MediaMode
  /// Splits of the dataset, when demanded.
  public var splits: [String]
  /// The format the samples were read from.
  public var sourceFormat: FormatID

  /// Where and how to write.
  public init(
    output: StagedOutput, fileName: String?, outputName: String, mediaMode: MediaMode = .none, splits: [String] = [],
    sourceFormat: FormatID
  ) {
    self.output = output
    self.fileName = fileName
    self.outputName = outputName
    self.mediaMode = mediaMode
    self.splits = splits
    self.sourceFormat = sourceFormat
  }
}

/// How media is brought along with the labels.
public enum MediaMode: String, Sendable, CaseIterable {
  case none, copy, hardlink, symlink
}

/// One answer of one annotation that the encoder could not write, or not as it was, although the format has a place for its kind.
///
/// Such as the pixels of a mask under another one, where a picture holds one value a pixel.
public struct EncodingLoss: Sendable, Equatable {
  /// The feature that suffers; the annotation gives it.
  public var feature: Feature
  /// Whether something like it was written, as the user asked for; otherwise it counts as dropped, which is refused unless allowed.
  public var isApproximated: Bool

  /// A loss.
  public init(_ feature: Feature, isApproximated: Bool) {
    self.feature = feature
    self.isApproximated = isApproximated
  }
}

/// What one worker needs to encode: the labels, the media, and where to report.
public final class EncodeContext {
  /// The labels, with this worker's cache.
  public let labels: LabelCache
  /// Finds media and its size.
  public let media: MediaResolver
  /// The staged output, for formats with a file for each sample.
  public let output: StagedOutput
  /// How media is brought along.
  public let mediaMode: MediaMode
  /// The problems found by this worker.
  public var diagnostics: DiagnosticList
  /// What the current sample loses that no declared ability tells of.
  public var losses: [EncodingLoss] = []
  /// What this worker keeps from sample to sample.
  public let scratch = Scratch()

  /// A context for one worker.
  public init(
    labels: LabelCache, media: MediaResolver, output: StagedOutput, mediaMode: MediaMode = .none, limitPerRule: Int = 20
  ) {
    self.labels = labels
    self.media = media
    self.output = output
    self.mediaMode = mediaMode
    self.diagnostics = DiagnosticList(limitPerRule: limitPerRule)
  }

  /// Pixel size of a sample's picture: as known, else probed from the picture's header; nil when neither is possible.
  public func imageSize(of sample: Sample) -> (width: Int, height: Int)? {
    if let width = sample.media.width, let height = sample.media.height { return (width, height) }
    guard let location = sample.media.location, let path = media.path(of: location) else { return nil }
    return media.imageSize(atPath: path)
  }

  /// Brings a sample's media to a place in the output, as the media mode says; does nothing when the mode is `none`.
  ///
  /// Media that cannot be found is reported as `media.missing` and the labels are written all the same.
  public func placeMedia(of sample: Sample, at relativePath: String) throws(DatasetError) {
    guard mediaMode != .none, let location = sample.media.location else { return }
    guard let path = media.path(of: location) else {
      diagnostics.report(
        .warning, "media.missing", "The media \"\(terminalSafe(location))\" was not found; --media-root names its folder",
        at: sample.source)
      return
    }
    let mode: StagedOutput.Placement =
      switch mediaMode {
      case .hardlink: .hardlink
      case .symlink: .symlink
      case .copy, .none: .copy
      }
    try output.place(media: path, from: media.files, at: relativePath, mode: mode)
  }
}
