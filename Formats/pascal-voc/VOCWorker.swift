import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// A worker's memory for reading annotation files.
final class VOCWorker {
  let reader = XMLReader()
  private var buffer = ReusableBuffer()
  private var cache: LabelCache?
  /// Length of the file parsed last.
  private(set) var length = 0

  /// This worker's view of the labels.
  func labels(_ table: LabelTable) -> LabelCache {
    if let cache, cache.table === table { return cache }
    let made = LabelCache(table)
    cache = made
    return made
  }

  /// Reads a file; false, and a report to the context, when that fails.
  func read(_ position: Int, in index: PascalVOCIndex, _ context: ReadContext?) -> Bool {
    guard index.single == nil, let folder = index.folder else { return true }
    do throws(DatasetError) { try folder.read(index.files[position], into: &buffer) } catch {
      context?.report(
        .error, "voc.file.unreadable", "The file \(error.message)\(error.errno.map { ": \(systemMessage($0))" } ?? "")",
        at: SourceRange(file: index.fileIDs[position], offset: 0))
      return false
    }
    return true
  }

  /// Whether the file read last can name no label but those that have been interned, as nearly all files after the first.
  func namesOnlyKnown(_ labels: LabelCache, in index: PascalVOCIndex) -> Bool { NameSearch.findsOnly(labels, in: bytes(in: index)) }

  /// The bytes of the file read last.
  private func bytes(in index: PascalVOCIndex) -> UnsafeRawBufferPointer {
    index.single?.bytes ?? (index.folder == nil ? UnsafeRawBufferPointer(start: nil, count: 0) : buffer.bytes)
  }

  /// Parses the file read last; false, and a report to the context, when that fails.
  func parse(_ position: Int, in index: PascalVOCIndex, _ context: ReadContext?) -> Bool {
    let bytes = bytes(in: index)
    let file = index.fileIDs[position]
    length = bytes.count
    do throws(XMLFault) {
      try reader.parse(bytes)
    } catch {
      context?.report(.error, error.code.rawValue, terminalSafe(error.message), at: SourceRange(file: file, offset: error.offset))
      return false
    }
    if let context, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      context.report(
        .warning, "voc.file.bom", "The file begins with a byte order mark", at: SourceRange(file: file, offset: 0, length: 3))
    }
    return true
  }
}
