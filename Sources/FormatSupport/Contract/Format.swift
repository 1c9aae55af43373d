import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// One label format: what it is, how its files are known, and who reads and writes them.
public protocol Format: Sendable {
  /// What the format is and can do.
  static var descriptor: FormatDescriptor { get }

  /// The features its writer can write with some options: ``FormatDescriptor/writes`` unless a dialect changes them.
  static func writes(_ options: FormatOptions) -> FeatureSet

  /// The features its writer can write into one file, or into a folder: a folder may hold more, such as a file for each split.
  static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet

  /// Looks at the content of a path, then at names, and says whether and why this may be the format; nil if not.
  static func detect(_ probe: DetectionProbe) -> Detection?

  /// Whether a folder of a name is part of the format's layout, such as `Annotations`.
  ///
  /// An archive that holds everything in one folder is read as that folder, unless the folder is part of the layout.
  static func hasFolder(named name: String) -> Bool

  /// A reader over an input.
  static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader

  /// A writer.
  static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter
}

extension Format {
  /// No folder has a meaning by its name.
  public static func hasFolder(named name: String) -> Bool { false }

  /// The abilities of the default dialect.
  public static func writes(_ options: FormatOptions) -> FeatureSet { descriptor.writes }

  /// A folder holds what a file holds.
  public static func writes(_ options: FormatOptions, isFile: Bool) -> FeatureSet { writes(options) }
}

/// Why an input may be of a format.
public struct Detection: Sendable {
  /// How sure a detector is.
  public enum Confidence: Int, Sendable, Comparable {
    /// Names fit, content says nothing against it.
    case possible = 1
    /// The content looks like it.
    case likely = 2
    /// The content says so.
    case certain = 3

    /// Orders by confidence.
    public static func < (a: Confidence, b: Confidence) -> Bool { a.rawValue < b.rawValue }
  }

  /// How sure.
  public var confidence: Confidence
  /// Phrases for people: "the first line has the keys source and annotation".
  public var reasons: [String]

  /// A finding.
  public init(_ confidence: Confidence, _ reasons: [String]) {
    self.confidence = confidence
    self.reasons = reasons
  }
}

/// What a writer must know before its first sample; sets how deep a survey goes.
public struct Demand: Sendable, Equatable {
  /// The whole label table.
  public var labels: Bool
  /// The names of all splits.
  public var splits: Bool

  /// What must be known early.
  public init(labels: Bool = false, splits: Bool = false) {
    self.labels = labels
    self.splits = splits
  }
}

/// Finds samples first, decodes any one of them later.
public protocol FormatReader: Sendable {
  /// What the survey leaves behind.
  associatedtype Index: SampleIndex

  /// Walks the input once, in order, and makes a small index of its samples. Problems go to the context.
  ///
  /// - Throws: ``DatasetError`` when nothing can be read at all, such as a file that is not there.
  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> Index

  /// Decodes one sample. Pure: from any thread, in any order, each with a context of its own, always the same result.
  ///
  /// A record that cannot be read is reported to the context as an error and gives nil; an annotation that cannot be read is reported and left out.
  func decode(_ position: Int, in index: Index, _ context: ReadContext) throws(DatasetError) -> Sample?

  /// Decodes one sample into the place of another, whose memory it may use again; false where the other form gives nil.
  ///
  /// Every answer of the earlier sample is gone. Loops over many samples are faster with it; readers need not provide it.
  func decode(
    _ position: Int, in index: Index, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool
}

extension FormatReader {
  /// Decodes a sample and puts it in the place of the other.
  public func decode(
    _ position: Int, in index: Index, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    guard let decoded = try decode(position, in: index, context) else { return false }
    sample = decoded
    return true
  }
}

/// Where the samples of a dataset are.
public protocol SampleIndex: Sendable {
  /// The dataset's header; its label table may still grow unless labels were demanded.
  var header: DatasetHeader { get }
  /// Number of samples.
  var count: Int { get }
  /// Folders in which the media may lie, most likely first.
  var mediaFolders: [String] { get }
  /// Splits in the file's order, when demanded.
  var splits: [String] { get }
  /// The bytes of a sample and its key, for formats whose records say all there is to say; nil for all others, and for a record whose
  /// key cannot be found without decoding.
  ///
  /// Thread-safe. Comparisons of large datasets are many times faster with it; indexes need not provide it.
  func record(_ position: Int) -> SampleRecord?
}

extension SampleIndex {
  /// No splits known.
  public var splits: [String] { [] }
  /// No record known.
  public func record(_ position: Int) -> SampleRecord? { nil }
}

/// Writes samples.
///
/// One writer writes one dataset, called from one thread; its encoder works on many.
public protocol FormatWriter: AnyObject {
  /// What must be known before the first sample.
  var demand: Demand { get }

  /// Begins the output and returns the encoder of single samples.
  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder

  /// Takes encoded samples, in the order of the dataset.
  func write(_ batch: borrowing EncodedBatch) throws(DatasetError)

  /// Ends the output. What was written becomes visible only when the staged output is committed after this.
  func finish() throws(DatasetError)
}

/// Turns single samples into bytes, on any thread: the part of writing that is done in parallel.
///
/// The sample has been restricted to the format's abilities. The bytes may depend on the sample, its position and the header alone.
public protocol SampleEncoder: Sendable {
  /// Appends one sample to a batch; files of their own are written through the context.
  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError)

  /// Reports to the context what encoding a sample would lose, and writes nothing: for runs that write nothing anyway.
  func account(for sample: Sample, _ context: EncodeContext)
}

extension SampleEncoder {
  /// Declared abilities tell of all losses.
  public func account(for sample: Sample, _ context: EncodeContext) {}
}

/// Encoded samples on their way from an encoder to its writer.
public struct EncodedBatch: ~Copyable, Sendable {
  /// A range of the bytes that the writer must find again.
  public struct Record: Sendable {
    /// What it is, in the writer's own numbering.
    public var kind: Int
    /// Where its bytes are in ``EncodedBatch/bytes``.
    public var range: Range<Int>
    /// An id, when ``hasID``.
    public var id: Int64
    /// Whether there is an id.
    public var hasID: Bool
    /// Position in the file's own order, or `UInt32.max`.
    public var ordinal: UInt32
    /// Position of the sample in the dataset.
    public var position: Int

    /// A range of bytes.
    @inlinable public init(kind: Int, range: Range<Int>, id: Int64? = nil, ordinal: UInt32? = nil, position: Int = 0) {
      self.kind = kind
      self.range = range
      self.id = id ?? 0
      self.hasID = id != nil
      self.ordinal = ordinal ?? .max
      self.position = position
    }
  }

  /// The encoded bytes.
  public var bytes: ByteBuffer
  /// Ranges for writers that need more than the bytes in order.
  public var records: [Record]

  /// An empty batch.
  public init(capacity: Int = 1 << 16) {
    bytes = ByteBuffer(capacity: capacity)
    records = []
  }
}
