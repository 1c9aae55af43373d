import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// A place in a file as people count: lines from 1, columns in UTF-8 bytes from 1, whatever the file's encoding.
public struct SourcePlace: Sendable, Equatable {
  /// The path as it was given.
  public var path: String
  /// Line, from 1; nil when the file cannot be read again.
  public var line: Int?
  /// Column in bytes, from 1.
  public var column: Int?

  /// `path:line:column`, safe for a terminal.
  public var text: String {
    guard let line, let column else { return terminalSafe(path) }
    return "\(terminalSafe(path)):\(line):\(column)"
  }
}

/// Turns byte ranges into lines and columns, when they are printed and not before.
///
/// It keeps the file it looked at last open, and the place it found last, so that many places in one file cost one pass.
public struct PlaceFinder {
  private let sources: SourceMap
  private var file: FileID?
  private var source: (any SourceBytes)?
  /// For a file of UTF-16 or UTF-32.
  private var wide: WidePlaces?
  private var lastOffset = 0
  private var lastLine = 1
  private var lastLineStart = 0

  /// A finder over the files of a reader.
  public init(_ sources: SourceMap) { self.sources = sources }

  /// The place of a range's first byte.
  public mutating func place(of range: SourceRange) -> SourcePlace {
    let path = sources.path(of: range.file)
    if file != range.file {
      file = range.file
      // Readers without anything mounted need not say how files are opened.
      source = sources.open(range.file) ?? (try? MappedFile(path: path))
      wide = source.flatMap { WidePlaces($0.bytes) }
      (lastOffset, lastLine, lastLineStart) = (0, 1, 0)
    }
    guard let bytes = source?.bytes else { return SourcePlace(path: path) }
    let offset = min(max(0, range.offset), bytes.count)
    if offset < lastOffset { (lastOffset, lastLine, lastLineStart) = (0, 1, 0) }
    if let wide {
      var line = (number: lastLine, start: lastLineStart)
      let place = wide.place(of: offset, after: &line)
      (lastOffset, lastLine, lastLineStart) = (offset, line.number, line.start)
      return SourcePlace(path: path, line: place.line, column: place.column)
    }
    var lines = LineScanner(bytes, from: lastLineStart)
    var start = lastLineStart
    var line = lastLine
    while lines.next() != nil, lines.offset <= offset, lines.endedWithLineFeed {
      start = lines.offset
      line += 1
    }
    (lastOffset, lastLine, lastLineStart) = (offset, line, start)
    return SourcePlace(path: path, line: line, column: offset - start + 1)
  }
}

extension DiagnosticList {
  /// Appends the list as a JSON array: severity, rule, message, path, line, column and related places.
  public func appendJSON(to out: inout ByteBuffer, _ places: inout PlaceFinder) {
    out.append("[")
    for (index, item) in items.enumerated() {
      if index > 0 { out.append(",") }
      out.append("{\"severity\":")
      out.appendJSON(item.severity.word)
      out.append(",\"rule\":")
      out.appendJSON(item.rule)
      out.append(",\"message\":")
      out.appendJSON(item.message)
      if let range = item.range { append(places.place(of: range), to: &out) }
      if !item.related.isEmpty {
        out.append(",\"related\":[")
        for (index, related) in item.related.enumerated() {
          if index > 0 { out.append(",") }
          out.append("{\"message\":")
          out.appendJSON(related.message)
          append(places.place(of: related.range), to: &out)
          out.append("}")
        }
        out.append("]")
      }
      out.append("}")
    }
    out.append("]")
  }

  private func append(_ place: SourcePlace, to out: inout ByteBuffer) {
    out.append(",\"path\":")
    out.appendJSON(place.path)
    if let line = place.line, let column = place.column {
      out.append(",\"line\":")
      out.append(decimal: line)
      out.append(",\"column\":")
      out.append(decimal: column)
    }
  }
}
