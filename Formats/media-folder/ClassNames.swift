import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// A file of class names: one on each line, in the order of their numbers.
enum ClassNames {
  /// The name of the file, as it is written.
  static let fileName = "classes.txt"
  /// The byte order mark, which is read over where it begins a file.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Reads the names of a file; blank lines at its end are none.
  static func read(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) -> [Label] {
    guard bytes.count <= 64 << 20, isText(bytes, file, context) else { return [] }
    var labels: [Label] = []
    var known: Set<ExactText> = []
    var blank: Range<Int>?
    var lines = LineScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
    while let line = lines.next() {
      guard !line.isEmpty else {
        blank = blank ?? line
        continue
      }
      if let place = blank {
        context.report(
          .error, "media-folder.names.blank", "This line of the file of names is blank, and each has the name of a class",
          at: SourceRange(file: file, offset: place.lowerBound))
        blank = nil
      }
      let name = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[line]), as: UTF8.self)
      if !known.insert(ExactText(name)).inserted {
        context.report(
          .warning, "media-folder.names.duplicate", "The class \"\(terminalSafe(name))\" has two numbers",
          at: SourceRange(file: file, offset: line.lowerBound, length: line.count))
      }
      labels.append(Label(name: name))
    }
    return labels
  }

  /// Whether bytes are UTF-8; reports the first that are not.
  static func isText(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) -> Bool {
    guard let offset = UTF8Check.firstInvalid(in: bytes) else { return true }
    context.report(
      .error, "media-folder.file.encoding", "The file is no UTF-8 from here on",
      at: SourceRange(file: file, offset: offset, length: 1))
    return false
  }

  /// Whether a name comes back from a line.
  static func canBeLine(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains(0x0A) && name.utf8.last != 0x0D && !name.utf8.starts(with: mark)
  }

  /// Whether a name comes back from a line of a text file beside a medium, whose ends are trimmed.
  static func canBeTrimmedLine(_ name: String) -> Bool {
    guard canBeLine(name), let first = name.utf8.first, let last = name.utf8.last else { return false }
    return !ListLine.isBlank(first) && !ListLine.isBlank(last)
  }
}
