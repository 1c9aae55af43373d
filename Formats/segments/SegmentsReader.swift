import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a table, or the tables of a folder: a sample is a recording, a video or a picture, an annotation a row.
struct SegmentsReader: FormatReader {
  let input: DatasetInput

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> SegmentsIndex {
    var survey = SegmentsSurvey(demand: demand, context: context)
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      var count = 0
      for name in tree.files where SegmentsFormat.isTable(name) {
        let mapped = try input.files.map(joinedPath(input.path, name))
        guard SegmentsFormat.header(mapped.bytes) != nil else { continue }
        count += 1
        try survey.walk(mapped)
      }
      if count == 0 {
        throw DatasetError(.invalidInput, "No .csv or .tsv file of this folder has a column media", path: input.path)
      }
    } else {
      try survey.walk(try input.map())
    }
    var index = survey.finish()
    index.mediaFolders = [input.folder]
    return index
  }

  func decode(_ position: Int, in index: SegmentsIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard index.samples.indices.contains(position) else { return nil }
    let file = index.files[Int(index.samples[position])]
    let scratch = context.scratch.thing(SegmentsScratch.self) { SegmentsScratch() }
    scratch.use(index.header.labels, file)
    var sample: Sample?
    var says = SegmentsRow()
    let rows = index.rows.rows(of: position)
    for number in rows {
      let start = index.rows.starts[number] - file.base
      if !index.rows.isScattered { file.mapped.releaseBehind(start) }
      let read = scratch.reader.read(file.mapped.bytes, at: start, labels: scratch.labels) {
        context.report($0, $1, $2, at: file.range($3))
      }
      guard var row = read else { continue }
      let range = scratch.reader.lastRange ?? start..<start
      if sample == nil {
        says = row
        sample = Sample(key: row.sampleKey, media: Media(row.mediaKind, location: row.location))
        sample?.source = file.range(range)
        sample?.annotations.reserveCapacity(rows.count)
      } else {
        says.merge(row) { problem in
          context.report(.warning, "segments.row.disagrees", "\(problem); what an earlier row says counts", at: file.range(range))
          row.isPlain = false
        }
      }
      guard row.hasAnnotation else {
        if rows.count > 1 {
          context.report(
            .warning, "segments.row.empty", "This row says nothing about a sample that has other rows, and is not written again",
            at: file.range(range))
        } else if !row.isPlain {
          sample?.preserved = SegmentsScratch.kept(file.mapped.bytes, range)
        }
        continue
      }
      if !row.isPlain || !row.repeats(says) { row.annotation.preserved = SegmentsScratch.kept(file.mapped.bytes, range) }
      row.annotation.ordinal = index.rows.ordinal(number)
      sample?.annotations.append(row.annotation)
    }
    guard var sample else { return nil }
    says.apply(to: &sample)
    return sample
  }
}

extension SegmentsRow {
  /// Takes what another row of the sample says about its media, where this one does not.
  mutating func merge(_ other: SegmentsRow, _ disagrees: (String) -> Void) {
    func take<T: Equatable>(_ mine: inout T?, _ others: T?, _ name: String) {
      guard let others else { return }
      if mine == nil { mine = others } else if mine != others { disagrees("Two rows of one sample differ in their column \(name)") }
    }
    take(&location, other.location, "media")
    take(&kind, other.kind, "kind")
    take(&split, other.split, "split")
    take(&duration, other.duration, "duration")
    take(&width, other.width, "image_width")
    take(&height, other.height, "image_height")
    take(&frame, other.frame, "frame")
    for item in other.mediaAttributes.items {
      var value = mediaAttributes[item.name]
      take(&value, item.value, "media.\(terminalSafe(item.name))")
      mediaAttributes[item.name] = value
    }
  }

  /// Whether it says all that the rows of its sample say about the media.
  func repeats(_ whole: SegmentsRow) -> Bool {
    location == whole.location && kind == whole.kind && split == whole.split && frame == whole.frame
      && (duration.map { time in whole.duration.map { time.isWritten(like: $0) } ?? false } ?? (whole.duration == nil))
      && width == whole.width && height == whole.height && mediaAttributes == whole.mediaAttributes
  }

  /// Gives a sample what is said about its media.
  func apply(to sample: inout Sample) {
    sample.media.kind = mediaKind
    sample.media.location = location
    sample.split = split.map(SplitName.canonical)
    sample.media.duration = duration
    sample.media.width = width
    sample.media.height = height
    if let frame { sample.media.frame = FrameOrigin(number: frame) }
    sample.attributes = mediaAttributes
  }
}

/// What a worker keeps from sample to sample.
final class SegmentsScratch {
  private(set) var labels = LabelCache(LabelTable())
  private(set) var reader = SegmentsRowReader(SegmentsDialect())
  private var file: FileID?

  func use(_ table: LabelTable, _ file: SegmentsFile) {
    if labels.table !== table { labels = LabelCache(table) }
    guard self.file != file.id || reader.dialect != file.dialect else { return }
    self.file = file.id
    reader = SegmentsRowReader(file.dialect)
  }

  /// A row's own bytes, to be written again.
  static func kept(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Preserved {
    var json = ByteBuffer(capacity: range.count + 16)
    json.append("\"row\":")
    json.appendJSON(String(decoding: bytes[range], as: UTF8.self))
    return Preserved(SegmentsFormat.id, members: json.array())
  }
}
