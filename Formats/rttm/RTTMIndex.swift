import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the lines of each recording are: eight bytes a line, twelve where recordings are scattered.
struct RTTMIndex: SampleIndex {
  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var recordings: [RTTMRecording] = []
  var files: [RTTMFile] = []
  /// The lines of recordings, as offsets in all files laid end to end.
  var lines = RowGroups()
  /// UEM files.
  var regionFiles: [RTTMFile] = []
  /// The rows of UEM files by recording.
  var regions = RowGroups()

  var count: Int { recordings.count }
}

/// One recording.
struct RTTMRecording: Sendable {
  /// Its id in the file.
  var id: String
  /// Another key, where several files speak of one recording.
  var key: String?
  /// The position of its file; -1 for a recording that only UEM files name.
  var file: Int32
}

/// One file of a dataset.
struct RTTMFile: Sendable {
  let mapped: MappedFile
  let id: FileID
  /// Its path below the folder.
  let name: String
  /// Where its bytes begin when all files are laid end to end.
  let base: Int
  var dialect = RTTMDialect()

  /// The line that begins at an offset of all files, without its end.
  @inline(__always) func line(at start: Int) -> RTTMRow.Field {
    RTTMFile.line(at: start &- base, of: mapped.bytes, hasCarriageReturns: dialect.hasCarriageReturns)
  }

  /// The line that begins at an offset, without its end.
  @inline(__always) static func line(at from: Int, of bytes: UnsafeRawBufferPointer, hasCarriageReturns: Bool) -> RTTMRow.Field {
    guard from >= 0, from < bytes.count else { return RTTMRow.nothing }
    return line(from..<LineEnd.find(bytes, from: from), of: bytes, hasCarriageReturns: hasCarriageReturns)
  }

  /// The line of a range up to its line feed, without the carriage return before that.
  @inline(__always) static func line(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, hasCarriageReturns: Bool
  ) -> RTTMRow.Field {
    guard let base = bytes.baseAddress else { return RTTMRow.nothing }
    var end = range.upperBound
    if hasCarriageReturns, end > range.lowerBound, bytes[end &- 1] == 0x0D { end &-= 1 }
    return RTTMRow.Field(start: base.assumingMemoryBound(to: UInt8.self) + range.lowerBound, count: end &- range.lowerBound)
  }

  /// A part of a line as a place.
  func range(_ field: RTTMRow.Field) -> SourceRange {
    guard let base = mapped.bytes.baseAddress, let start = field.baseAddress else { return SourceRange(file: id, offset: 0) }
    return SourceRange(file: id, offset: UnsafeRawPointer(start) - base, length: max(1, field.count))
  }
}
