import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// What lies around the rows of a sequence.
extension MOTSurvey {
  /// Reads `seqinfo.ini`, `labels.txt`, and what Waybill keeps beside them.
  func readAround(_ sequence: inout MOTSequence) throws(DatasetError) {
    let folder = sequence.layout.path.isEmpty ? root : joinedPath(root, sequence.layout.path)
    let rowFolder = FileName.folder(of: joinedPath(folder, sequence.layout.rows))
    if let file = try map(joinedPath(folder, "seqinfo.ini")) {
      sequence.layout.read(info: file.bytes, context.sources.add(file.path), context)
    }
    if let file = try map(joinedPath(rowFolder, "labels.txt")) {
      sequence.layout.read(labels: file.bytes, context.sources.add(file.path), context)
    }
    sequence.layout.isBeside = !input.isFolder && (sequence.layout.info != nil || sequence.layout.labels != nil)
    try readLists(&sequence, folder, rowFolder)
  }

  /// Reads what Waybill keeps beside the files of the benchmark.
  private func readLists(_ sequence: inout MOTSequence, _ folder: String, _ rowFolder: String) throws(DatasetError) {
    try list(joinedPath(folder, "frames.txt")) { number, values, place in
      guard let number = Int32(exactly: number), number >= 0, number < .max, var facts = MOTSequence.FrameFacts(values) else {
        return false
      }
      facts.source = place
      let own = FileName.folder(of: facts.key)
      if sequence.layout.keyFolders.last != own, !sequence.layout.keyFolders.contains(own) {
        sequence.layout.keyFolders.append(own)
      }
      sequence.facts[number] = facts
      return true
    }
    try list(joinedPath(rowFolder, "tracks.txt")) { number, values, _ in
      guard values.count == 1, let id = values[0].recordID else { return false }
      sequence.tracks[number] = id
      return true
    }
    try list(joinedPath(rowFolder, "ids.txt")) { number, values, _ in
      guard values.count == 1, let id = values[0].recordID, let name = sequence.layout.name(ofClass: number) else { return false }
      ids[name] = id
      return true
    }
    if let file = try map(joinedPath(rowFolder, "attributes.jsonl")) {
      let id = context.sources.add(file.path)
      sequence.attributes = MOTAttributes.index(file) { problem, line in report(problem, line, id) }
      sequence.attributeFile = file
    }
  }

  /// Reads the lines of a list if there is one; `take` says whether a line says what it should.
  private func list(_ path: String, _ take: (Int, [AttributeValue], SourceRange) -> Bool) throws(DatasetError) {
    guard let file = try map(path) else { return }
    let id = context.sources.add(file.path)
    NumberedLines.read(file.bytes) { line, range in
      if case .values(let number, let values) = line {
        let place = SourceRange(file: id, offset: range.lowerBound, length: range.count)
        if !take(number, values, place) { report(.broken, range, id) }
      } else {
        report(line, range, id)
      }
    }
  }

  private func report(_ problem: NumberedLines.Line, _ line: Range<Int>, _ file: FileID) {
    let place = SourceRange(file: file, offset: line.lowerBound, length: 1)
    if case .foreign = problem {
      context.report(
        .warning, "mot.list.foreign", "This line is none that Waybill writes in such a file; it is passed over", at: place)
    } else {
      context.report(.error, "mot.list.value", "This line cannot be read, or does not say what lines of this file say", at: place)
    }
  }

  private func map(_ path: String) throws(DatasetError) -> MappedFile? {
    try input.files.findFirmly(path) == nil ? nil : try input.files.map(path)
  }
}

extension AttributeValue {
  /// The id that a whole number or a text is.
  fileprivate var recordID: RecordID? {
    switch self {
    case .integer(let id): .integer(id)
    case .string(let id): .string(id)
    default: nil
    }
  }
}
