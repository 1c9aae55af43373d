import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// The text files of a dataset, one for each recording.
public struct RecordingIndex: SampleIndex {
  /// What is said about the dataset.
  public var header = DatasetHeader()
  /// Folders in which the media may lie.
  public private(set) var mediaFolders: [String] = []
  /// Paths below the folder, in bytewise order; the name of the one file.
  public private(set) var files: [String] = []
  /// The files in the source map.
  public private(set) var fileIDs: [FileID] = []
  private var folder: Folder?
  private var single: MappedFile?
  let format: RecordingFormat

  /// Number of recordings.
  public var count: Int { files.count }

  /// Lists the files of a folder that have the format's ending, or takes the one file that was given.
  ///
  /// - Parameter isOther: Whether a file of a folder is something else in spite of its ending; it is left out with a warning.
  public init(
    _ input: DatasetInput, _ format: RecordingFormat, _ context: ReadContext, leavingOut isOther: (String) -> Bool = { _ in false }
  ) throws(DatasetError) {
    self.format = format
    mediaFolders = [input.folder]
    guard input.isFolder else {
      single = try input.map()
      files = [FileName.basename(of: input.path)]
      fileIDs = [context.sources.add(input.path)]
      return
    }
    folder = try Folder(path: input.path, in: input.files)
    let tree = try FileTree(root: input.path, in: input.files)
    context.reportSkipped(tree)
    var stems: [ExactText: Int] = [:]
    for path in tree.files where format.isFile(path) {
      if isOther(path) {
        context.report(
          .warning, "\(format.id).file.skipped", "The file \"\(terminalSafe(path))\" is left out: it is something else", at: nil)
        continue
      }
      let id = context.sources.add(joinedPath(input.path, path))
      if let first = stems.updateValue(files.count, forKey: ExactText(format.stem(of: path))) {
        context.report(
          .error, "\(format.id).file.duplicate",
          "The files \"\(terminalSafe(files[first]))\" and \"\(terminalSafe(path))\" are of one recording",
          at: SourceRange(file: id, offset: 0))
        stems[ExactText(format.stem(of: path))] = first
        continue
      }
      files.append(path)
      fileIDs.append(id)
    }
  }

  /// The recording a file stands for, and its ending where that is not the usual one.
  public func name(_ position: Int) -> (name: RecordingName, ending: String?) {
    let path = files[position]
    let stem = format.stem(of: path)
    // Of a single file, only the recording matters: a file is named as the user likes.
    let ending = String(path.dropFirst(stem.count))
    return (RecordingName(stem: stem), ending == format.ending || single != nil ? nil : ending)
  }

  /// The bytes of the one file, or those read into a buffer.
  func read(_ position: Int, into buffer: inout ReusableBuffer) throws(DatasetError) -> UnsafeRawBufferPointer {
    if let single { return single.bytes }
    if let folder { try folder.read(files[position], into: &buffer, limit: 1 << 31) }
    return buffer.bytes
  }
}

/// A worker's memory for reading the text of recordings.
public final class RecordingText {
  private let decoding = TextDecoding()
  private var buffer = ReusableBuffer()
  private var cache: LabelCache?
  private var file = FileID(index: 0)
  private weak var context: ReadContext?
  /// Number of bytes of the file.
  public private(set) var byteCount = 0

  /// Nothing read yet.
  public init() {}

  /// The text read last, in UTF-8 without a mark.
  public var bytes: UnsafeRawBufferPointer { decoding.text }
  /// The encoding of the file read last.
  public var encoding: TextEncoding { decoding.encoding }
  /// The whole file.
  public var source: SourceRange { SourceRange(file: file, offset: 0, length: byteCount) }

  /// This worker's view of the labels.
  public func labels(_ table: LabelTable) -> LabelCache {
    if let cache, cache.table === table { return cache }
    let made = LabelCache(table)
    cache = made
    return made
  }

  /// Reads a file and brings it to UTF-8; false, and a report to the context, when that fails.
  public func read(_ position: Int, in index: RecordingIndex, as encoding: TextEncoding?, _ context: ReadContext?) -> Bool {
    file = index.fileIDs[position]
    self.context = context
    let source: UnsafeRawBufferPointer
    do throws(DatasetError) { source = try index.read(position, into: &buffer) } catch {
      context?.report(
        .error, "\(index.format.id).file.unreadable",
        "The file \(error.message)\(error.errno.map { ": \(systemMessage($0))" } ?? "")", at: SourceRange(file: file, offset: 0))
      return false
    }
    byteCount = source.count
    do throws(TextFault) { try decoding.decode(source, as: encoding) } catch {
      context?.report(
        .error, "\(index.format.id).file.encoding", error.message, at: SourceRange(file: file, offset: error.offset, length: 1))
      return false
    }
    return true
  }

  /// Reports something about a range of the text to the context of the last reading.
  public func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, at range: Range<Int>) {
    guard let context else { return }
    let source = decoding.sourceRange(of: range)
    context.report(severity, rule, message, at: SourceRange(file: file, offset: source.lowerBound, length: source.count))
  }
}
