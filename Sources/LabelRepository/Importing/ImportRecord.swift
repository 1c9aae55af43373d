import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// One import, as a line of `imports.jsonl`.
public struct ImportRecord: Sendable, Equatable {
  /// When.
  public var at: String
  /// By whom.
  public var by: String
  /// What was read, as it was named.
  public var input: String
  /// The format.
  public var format: String
  /// Samples that were new.
  public var added = 0
  /// Samples that were there and got annotations.
  public var changed = 0
  /// Samples that were there and stayed as they were.
  public var kept = 0
  /// Annotations that came.
  public var annotations = 0
  /// Labels that came into the set.
  public var labels = 0

  /// An import that has brought nothing yet.
  public init(at: String, by: String, input: String, format: String) {
    (self.at, self.by, self.input, self.format) = (at, by, input, format)
  }

  private static let counts: [(StaticString, WritableKeyPath<ImportRecord, Int> & Sendable)] = [
    ("added", \.added), ("changed", \.changed), ("kept", \.kept), ("annotations", \.annotations), ("labels", \.labels),
  ]

  /// The history of a repository, the oldest first.
  public static func list(_ repository: LabelRepository) throws(DatasetError) -> [ImportRecord] {
    let path = repository.path(LabelRepository.importsName)
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    let mapped = try MappedFile(path: path)
    var records: [ImportRecord] = []
    var lines = LineScanner(mapped.bytes)
    var number = 0
    while let line = lines.next() {
      number += 1
      if line.isEmpty { continue }
      do throws(JSONFault) { records.append(try read(mapped.bytes, line)) } catch {
        throw DatasetError(.invalidInput, "line \(number) is no record of an import", path: path)
      }
    }
    return records
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(JSONFault) -> ImportRecord {
    var record = ImportRecord(at: "", by: "", input: "", format: "")
    var scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    var members = try scanner.beginObject()
    while let key = try scanner.nextKey(&members) {
      switch key {
      case "at": record.at = try scanner.string().makeString()
      case "by": record.by = try scanner.string().makeString()
      case "input": record.input = try scanner.string().makeString()
      case "format": record.format = try scanner.string().makeString()
      default:
        if let (_, path) = counts.first(where: { key == $0.0 }) {
          record[keyPath: path] = Int(try scanner.integer())
        } else {
          try scanner.skipValue()
        }
      }
    }
    return record
  }

  /// Adds the record to the history; the caller holds the lock.
  func append(to repository: LabelRepository) throws(DatasetError) {
    let path = repository.path(LabelRepository.importsName)
    var bytes: [UInt8] = []
    var status = stat()
    if stat(path, &status) == 0 {
      let mapped = try MappedFile(path: path)
      bytes = Array(mapped.bytes)
    }
    if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
    try replaceFile(path, with: bytes + line)
  }

  /// The line, with its line feed.
  public var line: [UInt8] {
    var out = ByteBuffer()
    out.append("{\"at\":")
    out.appendJSON(at)
    out.append(",\"by\":")
    out.appendJSON(by)
    out.append(",\"input\":")
    out.appendJSON(input)
    out.append(",\"format\":")
    out.appendJSON(format)
    for (name, path) in ImportRecord.counts {
      out.append(",\"")
      out.append(name)
      out.append("\":")
      out.append(decimal: self[keyPath: path])
    }
    out.append("}\n")
    return out.array()
  }
}
