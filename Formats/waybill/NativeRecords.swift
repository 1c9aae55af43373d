import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Reads and writes single samples as lines of a manifest, for those who keep labels line by line; for one worker.
///
/// ```swift
/// let records = NativeRecords(labels: header.labels, context: ReadContext(sources: sources))
/// var sample = records.sample(bytes, line, of: file)
/// sample?.split = "train"
/// ```
public final class NativeRecords {
  /// What reading and writing report to.
  public let context: ReadContext
  private let table: LabelTable
  private let scratch = NativeScratch()
  private let texts: LabelTexts

  /// Lines whose labels are in a table; names that are not in it yet are added.
  public init(labels: LabelTable, context: ReadContext) {
    table = labels
    self.context = context
    texts = LabelTexts(LabelCache(labels))
  }

  /// The sample of the line at a range of a buffer, without its line feed; nil when it cannot be read, which is reported.
  public func sample(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, of file: FileID) -> Sample? {
    scratch.use(table)
    var decoder = NativeDecoder(bytes, line, file: file, scratch: scratch, context: context)
    return decoder.decode()
  }

  /// Appends the canonical line of a sample, with its line feed; false when it cannot be written, which is reported.
  public func append(_ sample: Sample, to out: inout ByteBuffer) -> Bool {
    let start = out.count
    var line = NativeLine(labels: texts)
    line.append(sample, to: &out)
    guard let problems = line.problems else { return true }
    out.truncate(to: start)
    context.diagnostics.append(problems)
    return false
  }
}
