import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// A sequence that is being written.
final class MOTSequenceOutput {
  /// One row that waits in the spool.
  private struct Row {
    /// Where it begins in the spool.
    var offset: Int
    var length: UInt32
    /// Position in the file it came from, or `UInt32.max`.
    var ordinal: UInt32
    /// The number of its frame; -1 for a row that has it.
    var frame: Int32
    /// Position of its track among those that are no numbers, or -1.
    var track: Int32
  }

  private let kept: MOTSequenceLayout?
  private let layout: MOTSequenceLayout
  private let path: String
  private let labels: [Label]
  private let numbers: [Int]
  private var rows: [Row] = []
  private var hasOrder = false
  /// The frames so far.
  private var frames: MOTFrames
  private var lastFrame = 0
  private var tracks: [RecordID: Int32] = [:]
  private var trackNames: [RecordID] = []
  private var usedClasses: Set<Int> = []
  private var attributes: [(row: Int, range: Range<Int>)] = []

  init(_ kept: MOTSequenceLayout?, path: String, ending: String, numbers: [Int], labels: [Label]) {
    self.kept = kept
    self.path = path
    self.labels = labels
    self.numbers = numbers
    var layout = kept ?? MOTSequenceLayout()
    if kept == nil {
      layout.key = MOTFolder.key(ofPath: path).key
      layout.pictureEnding = ending.isEmpty ? "" : "." + ending
    }
    self.layout = layout
    // The pictures that told how names end may not be there.
    if kept != nil, !layout.saysEnding { layout.pictureEnding = ".jpg" }
    frames = MOTFrames(layout)
  }

  /// Begins a frame: with the number it should have, or the next one that is free when that was only a guess.
  func begin(_ key: String, wanted: Int, isGiven: Bool, size: Int64, split: String) throws(DatasetError) {
    var number = wanted
    if frames.contains(number) {
      guard !isGiven else {
        throw DatasetError(
          .invalidInput,
          "Two samples of \"\(terminalSafe(layout.key))\" are frame \(number): "
            + "\"\(terminalSafe(frames.key(of: number)))\" and \"\(terminalSafe(key))\"")
      }
      number = frames.highest + 1
    }
    guard number < Int(Int32.max) else { throw DatasetError(.invalidInput, "There are too many frames in one sequence") }
    frames.add(number, key, size: size, split: split)
    lastFrame = number
  }

  /// Adds a row of the frame begun last.
  func add(_ record: EncodedBatch.Record, base: Int, track: RecordID?, attributes range: Range<Int>?) {
    var row = Row(
      offset: base + record.range.lowerBound, length: UInt32(truncatingIfNeeded: record.range.count), ordinal: record.ordinal,
      frame: record.kind == MOTRecord.kept ? -1 : Int32(truncatingIfNeeded: lastFrame), track: -1)
    if let track {
      if let known = tracks[track] {
        row.track = known
      } else {
        row.track = Int32(truncatingIfNeeded: trackNames.count)
        tracks[track] = row.track
        trackNames.append(track)
      }
    }
    if let range { attributes.append((rows.count, base + range.lowerBound..<base + range.upperBound)) }
    if row.ordinal != .max { hasOrder = true }
    if record.id >= 0 { usedClasses.insert(Int(record.id)) }
    frames.noteRows()
    rows.append(row)
  }

  // MARK: The end

  /// Writes the files of the sequence.
  func finish(_ output: StagedOutput, as fileName: String?, rows bytes: MappedFile) throws(DatasetError) {
    let order = hasOrder ? sortedRows() : nil
    let trackNumbers = numbers(ofTracks: bytes)
    let rowPath = fileName ?? joinedPath(path, layout.rows)
    let hasRows = kept == nil || !rows.isEmpty || kept?.hasRows == true
    if hasRows {
      let file = try output.openFile(rowPath)
      try writeRows(to: file, order, trackNumbers, bytes)
      try file.close()
    }
    guard fileName == nil else { return }
    try writeInfo(output)
    try writeLabels(output)
    try writeFrames(output)
    let folder = FileName.folder(of: joinedPath(path, layout.rows))
    if !trackNames.isEmpty {
      var out = ByteBuffer()
      for (name, number) in zip(trackNames, trackNumbers) { NumberedLines.append(number, name, to: &out) }
      try output.writeFile(joinedPath(folder, "tracks.txt"), out.array())
    }
    if !attributes.isEmpty { try writeAttributes(output, folder, order, bytes) }
  }

  /// The rows in the order they had: those without a place in it at the end.
  private func sortedRows() -> [Int] {
    rows.indices.sorted { a, b in rows[a].ordinal != rows[b].ordinal ? rows[a].ordinal < rows[b].ordinal : a < b }
  }

  private func writeRows(
    to file: OutputFile, _ order: [Int]?, _ trackNumbers: [Int], _ bytes: MappedFile
  ) throws(DatasetError) {
    var out = ByteBuffer(capacity: 1 << 17)
    for position in 0..<rows.count {
      let row = rows[order?[position] ?? position]
      if position > 0 { end(&out) }
      if row.frame >= 0 {
        out.append(decimal: Int(row.frame))
        out.append(UInt8(ascii: ","))
        if row.track >= 0 { out.append(decimal: trackNumbers[Int(row.track)]) }
      }
      out.append(UnsafeRawBufferPointer(rebasing: bytes.bytes[row.offset..<row.offset + Int(row.length)]))
      if out.count > 1 << 16 {
        try file.append(out.bytes)
        out.removeAll()
      }
    }
    if !rows.isEmpty, layout.style.endsWithLineFeed { end(&out) }
    try file.append(out.bytes)
  }

  private func end(_ out: inout ByteBuffer) {
    if layout.style.hasCarriageReturns { out.append(UInt8(ascii: "\r")) }
    out.append(UInt8(ascii: "\n"))
  }

  /// Numbers for tracks that have none: the lowest no other track has.
  private func numbers(ofTracks bytes: MappedFile) -> [Int] {
    guard !trackNames.isEmpty else { return [] }
    var taken: Set<Int> = []
    for row in rows where row.track < 0 {
      let text = bytes.bytes[row.offset..<row.offset + Int(row.length)]
      let fields = text.split(separator: UInt8(ascii: ","), maxSplits: 2)
      let field = row.frame < 0 ? fields.dropFirst().first : fields.first
      if let field, let number = Int(String(decoding: field, as: UTF8.self)) { taken.insert(number) }
    }
    var next = 1
    return trackNames.map { _ in
      while taken.contains(next) { next += 1 }
      next += 1
      return next - 1
    }
  }

  // MARK: What stands beside the rows

  private func writeInfo(_ output: StagedOutput) throws(DatasetError) {
    if let kept {
      // Without rows nothing else tells that there is a sequence.
      let info = kept.info ?? (kept.hasRows ? nil : "")
      if let info { try output.writeFile(joinedPath(path, "seqinfo.ini"), Array(info.utf8)) }
      return
    }
    var text = "[Sequence]\n"
    let name = FileName.basename(of: path)
    if !name.isEmpty, MOTClasses.isLine(name) { text += "name=\(name)\n" }
    text += "imDir=img1\nseqLength=\(frames.numbers.count)\n"
    if frames.size >= 0 { text += "imWidth=\(frames.size >> 32)\nimHeight=\(frames.size & 0xFFFF_FFFF)\n" }
    if MOTClasses.isLine(layout.pictureEnding) { text += "imExt=\(layout.pictureEnding)\n" }
    try output.writeFile(joinedPath(path, "seqinfo.ini"), Array(text.utf8))
  }

  /// Writes the names of the classes, unless they are those of the benchmark.
  private func writeLabels(_ output: StagedOutput) throws(DatasetError) {
    let folder = FileName.folder(of: joinedPath(path, layout.rows))
    var names: [Int: String] = [:]
    for (label, number) in zip(labels, numbers) where number >= 0 { names[number] = label.name }
    if let text = kept?.labels {
      let listed = Set(Array(text.utf8).withUnsafeBytes { MOTClasses.list($0) }.map(\.number))
      if usedClasses.allSatisfy({ listed.contains($0) || names[$0] == "\($0)" }) {
        try output.writeFile(joinedPath(folder, "labels.txt"), Array(text.utf8))
        return try writeIDs(output, folder, listed)
      }
      for item in Array(text.utf8).withUnsafeBytes({ MOTClasses.list($0) }) where names[item.number] == nil {
        names[item.number] = item.name
      }
    } else if kept != nil {
      guard usedClasses.contains(where: { names[$0] != MOTClasses.name($0) }) else { return }
    } else if names.allSatisfy({ $0.value == MOTClasses.name($0.key) }) {
      return
    }
    for name in names.values where !MOTClasses.isLine(name) {
      throw DatasetError(.invalidInput, "The label \"\(terminalSafe(name))\" cannot be a line of labels.txt")
    }
    names[0] = nil
    try output.writeFile(joinedPath(folder, "labels.txt"), Array(MOTClasses.text(names).utf8))
    try writeIDs(output, folder, Set(names.keys))
  }

  /// Writes the ids of labels that are not the numbers of their classes.
  private func writeIDs(_ output: StagedOutput, _ folder: String, _ listed: Set<Int>) throws(DatasetError) {
    var out = ByteBuffer()
    for (label, number) in zip(labels, numbers).sorted(by: { $0.1 < $1.1 }) where listed.contains(number) {
      guard let id = label.id, id != .integer(Int64(number)) else { continue }
      NumberedLines.append(number, id, to: &out)
    }
    if !out.isEmpty { try output.writeFile(joinedPath(folder, "ids.txt"), out.array()) }
  }

  /// Writes the list of frames, when a reader would not find the same ones with the same keys.
  private func writeFrames(_ output: StagedOutput) throws(DatasetError) {
    let size: Int64 =
      kept == nil ? frames.size : kept.flatMap { kept in kept.width.map { Int64($0) << 32 | Int64(kept.height ?? 0) } } ?? -1
    let split = MOTFolder.split(ofPath: path) ?? ""
    let length = kept == nil ? frames.numbers.count : layout.length
    if frames.areUsual(size: size, split: split, length: length) { return }
    try output.writeFile(joinedPath(path, "frames.txt"), frames.list(size: size, split: split))
  }

  private func writeAttributes(
    _ output: StagedOutput, _ folder: String, _ order: [Int]?, _ bytes: MappedFile
  ) throws(DatasetError) {
    var places = [Int](0..<rows.count)
    if let order { for (place, row) in order.enumerated() { places[row] = place } }
    let file = try output.openFile(joinedPath(folder, "attributes.jsonl"))
    var out = ByteBuffer(capacity: 4096)
    for item in attributes.sorted(by: { places[$0.row] < places[$1.row] }) {
      out.removeAll()
      out.append("{\"row\":")
      out.append(decimal: places[item.row])
      out.append(",\"attributes\":")
      out.append(UnsafeRawBufferPointer(rebasing: bytes.bytes[item.range]))
      out.append("}\n")
      try file.append(out.bytes)
    }
    try file.close()
  }
}
