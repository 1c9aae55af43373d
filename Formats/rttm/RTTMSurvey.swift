import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Where lines end.
enum LineEnd {
  /// The offset of the line feed at or behind an offset, or of the end.
  @inline(__always) static func find(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    guard start < bytes.count, let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, bytes.count - start) else {
      return bytes.count
    }
    return UnsafeRawPointer(found) - base
  }
}

/// One walk over the lines of all files, which notes where each recording's lines are.
struct RTTMSurvey {
  private let demand: Demand
  private let context: ReadContext
  private(set) var index = RTTMIndex()
  private var owners: [UInt32] = []
  private var starts: [Int] = []
  private var length = 0
  private var labels: LabelCache
  /// The recordings of the file at hand, numbered by a table of their ids.
  private var ids = LabelCache(LabelTable())
  private var firstOfFile = 0

  init(demand: Demand, context: ReadContext) {
    self.demand = demand
    self.context = context
    labels = LabelCache(index.header.labels)
  }

  /// Walks over one file.
  mutating func walk(_ mapped: MappedFile, name: String, isFolder: Bool) throws(DatasetError) {
    var file = RTTMFile(mapped: mapped, id: context.sources.add(mapped.path), name: name, base: length)
    // The usual file needs no name: an archive of it alone is read as that file.
    file.dialect.name = isFolder && name != RTTMWriter.usualName ? name : nil
    ids = LabelCache(LabelTable())
    firstOfFile = index.recordings.count
    mapped.willReadSequentially()
    let bytes = mapped.bytes
    length += bytes.count
    var at = CSVScanner.byteOrderMarkLength(of: bytes)
    if at > 0 {
      file.dialect.hasByteOrderMark = true
      context.report(
        .warning, "rttm.file.bom", "The file begins with a byte order mark", at: SourceRange(file: file.id, offset: 0, length: at))
    }
    file.dialect.hasCarriageReturns = RTTMSurvey.endsInCarriageReturns(bytes)
    file.dialect.endsWithLineFeed = bytes.isEmpty || bytes[bytes.count - 1] == 0x0A
    var walk = Walk(firstPending: owners.count)
    while at < bytes.count {
      try InterruptFlag.check()
      let window = at..<min(bytes.count, LineEnd.find(bytes, from: min(bytes.count, at + (1 << 20))) + 1)
      let isClean = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[window])) == nil
      while at < window.upperBound {
        let end = LineEnd.find(bytes, from: at)
        let line = RTTMFile.line(at..<end, of: bytes, hasCarriageReturns: file.dialect.hasCarriageReturns)
        if isClean || isText(line, file) { take(line, at, &file, &walk) }
        at = end + 1
      }
      mapped.release(window)
    }
    if let last = walk.owner {
      for row in walk.firstPending..<owners.count { owners[row] = last }
    } else {
      file.dialect.isEmpty = true
      for row in walk.firstPending..<owners.count {
        file.dialect.lines.append(String(decoding: file.line(at: starts[row]), as: UTF8.self))
      }
      owners.removeLast(owners.count - walk.firstPending)
      starts.removeLast(starts.count - walk.firstPending)
      context.report(
        .warning, "rttm.file.empty", "The file \"\(terminalSafe(name))\" has no records", at: SourceRange(file: file.id, offset: 0))
    }
    index.files.append(file)
  }

  /// What is known while one file is walked over.
  private struct Walk {
    /// The recording of the row before.
    var owner: UInt32?
    /// The bytes of its id.
    var id = RTTMRow.nothing
    /// The bytes of that row up to the one behind the id, with which nearly always the next row begins as well.
    var head = RTTMRow.nothing
    /// The first line that belongs to the next record.
    var firstPending: Int
    var isFirst = true
  }

  /// Whether every line that ends does so with a carriage return.
  private static func endsInCarriageReturns(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let first = LineEnd.find(bytes, from: 0)
    guard first < bytes.count, first > 0, bytes[first - 1] == 0x0D else { return false }
    var at = first
    while at < bytes.count {
      if at == 0 || bytes[at - 1] != 0x0D { return false }
      at = LineEnd.find(bytes, from: at + 1)
    }
    return true
  }

  private func isText(_ line: RTTMRow.Field, _ file: RTTMFile) -> Bool {
    guard let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(line)) else { return true }
    context.report(
      .error, "rttm.file.encoding", "This is not UTF-8", at: file.range(RTTMRow.Field(rebasing: line[bad..<(bad + 1)])))
    return false
  }

  private mutating func take(_ line: RTTMRow.Field, _ at: Int, _ file: inout RTTMFile, _ walk: inout Walk) {
    let owner: UInt32
    if let known = walk.owner, walk.head.count > 0, line.count >= walk.head.count,
      RTTMRow.Field(rebasing: line[..<walk.head.count]).holdsSameBytes(as: walk.head)
    {
      owner = known
    } else {
      if RTTMRow.isRemark(line) { return add(at, file.base, RowGroups.nobody) }
      guard let found = self.owner(of: line, file, &walk) else { return }
      owner = found
    }
    for row in walk.firstPending..<owners.count { owners[row] = owner }
    add(at, file.base, owner)
    walk.firstPending = owners.count
    guard walk.isFirst || demand.labels else { return }
    let row = RTTMRow(line)
    if walk.isFirst {
      walk.isFirst = false
      file.dialect.fields = row.count == 9 ? 9 : 10
      file.dialect.isTabbed = row.separator == 0x09
    }
    if demand.labels, row.count == 9 || row.count == 10, RTTMDecoder.isAnnotation(row), !RTTMRow.isAbsent(row.name) {
      _ = labels.intern(row.name)
    }
  }

  /// The recording a row is about; nil, and a report, where it says none.
  private mutating func owner(of line: RTTMRow.Field, _ file: RTTMFile, _ walk: inout Walk) -> UInt32? {
    let (type, id) = RTTMRow.head(line)
    guard RTTMType.name(type) != nil else {
      context.report(
        .error, "rttm.row.type",
        "A row begins with the type of its record, such as SPEAKER, not with \"\(RTTMDecoder.text(type))\"",
        at: file.range(type))
      return nil
    }
    guard !id.isEmpty, !RTTMRow.isAbsent(id) else {
      context.report(.error, "rttm.row.recording", "A row names its recording", at: file.range(id.isEmpty ? line : id))
      return nil
    }
    walk.head = RTTMRow.nothing
    if let base = line.baseAddress, let name = id.baseAddress, name + id.count < base + line.count {
      walk.head = RTTMRow.Field(start: base, count: name - base + id.count + 1)
    }
    if let known = walk.owner, walk.id.holdsSameBytes(as: id) { return known }
    let owner = UInt32(truncatingIfNeeded: firstOfFile) + ids.intern(id).index
    if Int(owner) == index.recordings.count {
      let file = Int32(truncatingIfNeeded: index.files.count)
      index.recordings.append(RTTMRecording(id: String(decoding: id, as: UTF8.self), file: file))
    }
    walk.owner = owner
    walk.id = id
    return owner
  }

  private mutating func add(_ at: Int, _ base: Int, _ owner: UInt32) {
    starts.append(base + at)
    owners.append(owner)
  }

  /// Gives recordings that several files speak of keys of their own: the path of the file without its ending, then the id.
  private mutating func nameApart() {
    guard index.files.count > 1 else { return }
    var counts: [ExactText: Int] = [:]
    for recording in index.recordings { counts[ExactText(recording.id), default: 0] += 1 }
    guard counts.count < index.recordings.count else { return }
    for position in index.recordings.indices where counts[ExactText(index.recordings[position].id), default: 0] > 1 {
      let name = index.files[Int(index.recordings[position].file)].name
      index.recordings[position].key = "\(FileName.withoutExtension(name))/\(index.recordings[position].id)"
    }
  }

  /// Reads UEM files, and sorts the lines by recording.
  mutating func finish(regions files: [(mapped: MappedFile, name: String)]) throws(DatasetError) {
    nameApart()
    index.lines = RowGroups(owners: owners, starts: starts, count: index.recordings.count)
    owners = []
    starts = []
    var survey = RTTMRegionSurvey(index, context)
    for file in files { try survey.walk(file.mapped, name: file.name) }
    survey.finish(&index)
    index.header.preserved = RTTMDialect.preserved((index.files + index.regionFiles).map(\.dialect))
    index.header.labelsAreComplete = demand.labels
  }
}
