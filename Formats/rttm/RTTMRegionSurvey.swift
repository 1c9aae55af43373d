import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads UEM files: which parts of a recording are to be looked at; their rows are kept with the recording they name.
struct RTTMRegionSurvey {
  private let context: ReadContext
  private var recordings: [RTTMRecording]
  private let fileNames: [String]
  /// Positions of recordings by id; several where several files speak of one.
  private var positions: [ExactText: [Int]] = [:]
  private var files: [RTTMFile] = []
  private var owners: [UInt32] = []
  private var starts: [Int] = []
  private var length = 0

  init(_ index: RTTMIndex, _ context: ReadContext) {
    self.context = context
    recordings = index.recordings
    fileNames = index.files.map(\.name)
  }

  mutating func walk(_ mapped: MappedFile, name: String) throws(DatasetError) {
    if positions.isEmpty {
      for (position, recording) in recordings.enumerated() { positions[ExactText(recording.id), default: []].append(position) }
    }
    var file = RTTMFile(mapped: mapped, id: context.sources.add(mapped.path), name: name, base: length)
    file.dialect.name = name
    let bytes = mapped.bytes
    length += bytes.count
    file.dialect.endsWithLineFeed = bytes.isEmpty || bytes[bytes.count - 1] == 0x0A
    if let bad = UTF8Check.firstInvalid(in: bytes) {
      context.report(
        .error, "rttm.file.encoding", "This is not UTF-8", at: SourceRange(file: file.id, offset: bad, length: 1))
      return
    }
    var last: UInt32?
    var firstPending = owners.count
    var at = 0
    while at < bytes.count {
      try InterruptFlag.check()
      let line = file.line(at: file.base + at)
      starts.append(file.base + at)
      owners.append(RowGroups.nobody)
      at = LineEnd.find(bytes, from: at) + 1
      if RTTMRow.isRemark(line) { continue }
      let row = RTTMRow(line)
      // The begin of a region is the third field and the end the fourth.
      guard row.count == 4, MediaTime(decimal: row.channel) != nil, MediaTime(decimal: row.start) != nil else {
        starts.removeLast()
        owners.removeLast()
        context.report(
          .error, "rttm.uem.row", "A row of a UEM file is a recording, a channel, a begin and an end", at: file.range(line))
        continue
      }
      let owner = owner(of: row.type, in: name)
      for row in firstPending..<owners.count { owners[row] = owner }
      firstPending = owners.count
      last = owner
    }
    if let last {
      for row in firstPending..<owners.count { owners[row] = last }
    } else if !bytes.isEmpty {
      context.report(
        .warning, "rttm.uem.empty", "The file \"\(terminalSafe(name))\" has no rows and is not written again",
        at: SourceRange(file: file.id, offset: 0))
    }
    files.append(file)
  }

  /// The recording an id names; one that no record speaks of is one in which nothing was found.
  private mutating func owner(of id: RTTMRow.Field, in name: String) -> UInt32 {
    let text = String(decoding: id, as: UTF8.self)
    let found = positions[ExactText(text), default: []]
    if found.count > 1 {
      let stem = FileName.stem(of: name)
      for position in found {
        let file = Int(recordings[position].file)
        if file >= 0, FileName.stem(of: fileNames[file]) == stem { return UInt32(truncatingIfNeeded: position) }
      }
    }
    if let first = found.first { return UInt32(truncatingIfNeeded: first) }
    recordings.append(RTTMRecording(id: text, file: -1))
    positions[ExactText(text)] = [recordings.count - 1]
    return UInt32(truncatingIfNeeded: recordings.count - 1)
  }

  /// Hands over what was found.
  func finish(_ index: inout RTTMIndex) {
    index.recordings = recordings
    index.regionFiles = files
    index.regions = RowGroups(owners: owners, starts: starts, count: recordings.count)
  }
}
