import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Pieces of what an encoder hands to the writer.
enum RTTMPiece {
  /// The name of the file the following rows belong to; empty for the usual one.
  static let file = 0
  /// Rows.
  static let rows = 1
}

/// Turns recordings into rows.
struct RTTMEncoder: SampleEncoder {
  /// Whether everything goes to one file.
  let isFile: Bool
  /// Whether white space in names becomes an underscore.
  let joinsWords: Bool
  /// How files look, by name; the one without a name is the usual one.
  let dialects: [ExactText: RTTMDialect]
  let usual: RTTMDialect

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let kept = sample.preserved.isEmpty ? RTTMKept() : RTTMKept(sample.preserved)
    let start = batch.bytes.count
    let records = batch.records.count
    let name = isFile ? nil : kept.file.flatMap { RTTMFormat.isRecordFile($0) ? $0 : nil }
    let dialect = name.flatMap { dialects[ExactText($0)] } ?? (name == nil ? usual : RTTMDialect())
    let id = name == nil ? sample.key : RTTMEncoder.recording(sample, kept)
    var row = RTTMRowWriter(id: id, dialect: dialect, joinsWords: joinsWords, sample: sample, context: context)
    guard row.hasName else { return }
    if !isFile { note(name ?? "", as: RTTMPiece.file, &batch) }
    var lines = kept.lines[...]
    let isPlain = lines.isEmpty && sample.annotations.allSatisfy { $0.ordinal == nil }
    if isPlain {
      let first = batch.bytes.count
      for annotation in sample.annotations { row.append(annotation, to: &batch.bytes) }
      note(first..<batch.bytes.count, nil, &batch)
    } else {
      for place in 0...sample.annotations.count {
        while let line = lines.first, line.place <= place || place == sample.annotations.count {
          lines.removeFirst()
          let first = batch.bytes.count
          batch.bytes.append(line.text)
          dialect.appendLineEnd(to: &batch.bytes)
          note(first..<batch.bytes.count, line.ordinal, &batch)
        }
        guard place < sample.annotations.count else { break }
        let first = batch.bytes.count
        row.append(sample.annotations[place], to: &batch.bytes)
        note(first..<batch.bytes.count, sample.annotations[place].ordinal, &batch)
      }
    }
    let isNamed =
      !sample.annotations.isEmpty || (!isFile && !kept.regions.isEmpty) || kept.lines.contains { RTTMEncoder.names(id, $0) }
    if !isNamed {
      let first = batch.bytes.count
      row.appendName(to: &batch.bytes)
      note(first..<batch.bytes.count, nil, &batch)
    }
    addRegions(kept, sample, &batch, context)
    if row.hasFailed {
      batch.bytes.truncate(to: start)
      batch.records.removeLast(batch.records.count - records)
    }
    if context.mediaMode != .none, !isFile, let location = sample.media.location {
      try context.placeMedia(of: sample, at: MediaPlace.below(location))
    }
  }

  /// Whether a kept line is a record of a recording.
  private static func names(_ id: String, _ line: RTTMKept.Line) -> Bool {
    line.text.withUnsafeBufferPointer { line in
      !RTTMRow.isRemark(line) && id.withBytes { $0.holdsSameBytes(as: RTTMRow.head(line).recording) }
    }
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    for annotation in sample.annotations {
      RTTMRowWriter.noteLosses(annotation, context, joinsWords: joinsWords)
    }
  }

  private func addRegions(_ kept: RTTMKept, _ sample: Sample, _ batch: inout EncodedBatch, _ context: EncodeContext) {
    guard !kept.regions.isEmpty else { return }
    guard !isFile else {
      return context.diagnostics.report(
        .warning, "rttm.write.uem",
        "The UEM rows of \"\(terminalSafe(sample.key))\" have no place in one file; a folder as the output holds them",
        at: sample.source)
    }
    for region in kept.regions {
      note(region.file, as: RTTMPiece.file, &batch)
      let first = batch.bytes.count
      batch.bytes.append(region.text)
      batch.bytes.append(UInt8(0x0A))
      note(first..<batch.bytes.count, region.ordinal, &batch)
    }
  }

  private func note(_ name: String, as kind: Int, _ batch: inout EncodedBatch) {
    let first = batch.bytes.count
    batch.bytes.append(name)
    batch.records.append(EncodedBatch.Record(kind: kind, range: first..<batch.bytes.count))
  }

  private func note(_ range: Range<Int>, _ ordinal: UInt32?, _ batch: inout EncodedBatch) {
    guard !range.isEmpty else { return }
    batch.records.append(EncodedBatch.Record(kind: RTTMPiece.rows, range: range, ordinal: ordinal))
  }

  /// The id of a recording in its file: its key, unless several files speak of one recording.
  static func recording(_ sample: Sample, _ kept: RTTMKept) -> String {
    guard let id = kept.recording, let file = kept.file, sample.key == "\(FileName.withoutExtension(file))/\(id)" else {
      return sample.key
    }
    return id
  }
}
