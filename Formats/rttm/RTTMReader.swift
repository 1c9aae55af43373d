import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Reads a file, or a folder of files as one dataset: a sample is a recording, an annotation a row.
struct RTTMReader: FormatReader {
  let input: DatasetInput

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> RTTMIndex {
    var survey = RTTMSurvey(demand: demand, context: context)
    var regions: [(mapped: MappedFile, name: String)] = []
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      let names = tree.files.filter(RTTMFormat.isRecordFile)
      if names.isEmpty { throw DatasetError(.invalidInput, "No file of this folder ends in .rttm", path: input.path) }
      for name in names {
        try survey.walk(try input.files.map(joinedPath(input.path, name)), name: name, isFolder: true)
      }
      for name in tree.files where name.lowercased().hasSuffix(".uem") {
        regions.append((try input.files.map(joinedPath(input.path, name)), name))
      }
    } else {
      let name = FileName.basename(of: input.path)
      try survey.walk(try input.map(), name: name, isFolder: false)
      let beside = FileName.stem(of: name) + ".uem"
      let path = joinedPath(input.folder, beside)
      if !input.isSpooled, beside != name, try input.files.findFirmly(path) != nil {
        regions.append((try input.files.map(path), beside))
      }
    }
    try survey.finish(regions: regions)
    var index = survey.index
    index.mediaFolders = [input.folder]
    return index
  }

  func decode(_ position: Int, in index: RTTMIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.audio))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: RTTMIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    guard index.recordings.indices.contains(position) else { return false }
    let recording = index.recordings[position]
    // Annotations of the sample before are filled again where they lie.
    var annotations: [Annotation] = []
    swap(&annotations, &sample.annotations)
    sample.reset()
    sample.key = recording.key ?? recording.id
    sample.media = Media(.audio, location: sample.key)
    var kept = RTTMKept()
    if recording.key != nil { kept.recording = recording.id }
    let rows = index.lines.rows(of: position)
    if recording.file >= 0, let first = rows.first {
      let scratch = context.scratch.thing(RTTMScratch.self) { RTTMScratch() }
      scratch.use(index.header.labels)
      // In place: a copy would count references for every row.
      index.files.withUnsafeBufferPointer { files in
        guard let file = files.baseAddress.map({ $0 + Int(recording.file) }), files.indices.contains(Int(recording.file)) else {
          return
        }
        kept.file = file.pointee.dialect.name
        sample.source = file.pointee.range(file.pointee.line(at: index.lines.starts[first]))
        scratch.decode(rows, of: file, in: index, into: &annotations, &kept, context)
        swap(&annotations, &sample.annotations)
      }
    }
    addRegions(position, in: index, &kept)
    if sample.source == nil, let row = index.regions.rows(of: position).first,
      let file = RTTMReader.file(index.regionFiles, row, index)
    {
      sample.source = file.range(file.line(at: index.regions.starts[row]))
    }
    sample.preserved = kept.preserved
    return true
  }

  /// The rows of UEM files that name a recording.
  private func addRegions(_ position: Int, in index: RTTMIndex, _ kept: inout RTTMKept) {
    for row in index.regions.rows(of: position) {
      guard let file = RTTMReader.file(index.regionFiles, row, index) else { continue }
      let line = file.line(at: index.regions.starts[row])
      kept.regions.append(RTTMKept.Region(file: file.name, text: Array(line), ordinal: index.regions.ordinal(row)))
    }
  }

  private static func file(_ files: [RTTMFile], _ row: Int, _ index: RTTMIndex) -> RTTMFile? {
    let start = index.regions.starts[row]
    return files.last { $0.base <= start && start - $0.base < max(1, $0.mapped.bytes.count) }
  }
}

/// What a worker keeps from recording to recording.
final class RTTMScratch {
  // One worker alone uses it.
  @exclusivity(unchecked) private var decoder = RTTMDecoder()
  private var labels = LabelCache(LabelTable())

  func use(_ table: LabelTable) {
    if labels.table !== table { labels = LabelCache(table) }
  }

  /// Reads the lines of a recording.
  func decode(
    _ rows: Range<Int>, of file: UnsafePointer<RTTMFile>, in index: RTTMIndex, into annotations: inout [Annotation],
    _ kept: inout RTTMKept,
    _ context: ReadContext
  ) {
    annotations.reserveCapacity(rows.count)
    while annotations.count < rows.count { annotations.append(Annotation()) }
    let count = annotations.withUnsafeMutableBufferPointer { memory in
      memory.baseAddress.map { decode(rows, of: file, in: index, to: $0, &kept, context) } ?? 0
    }
    annotations.removeLast(annotations.count - count)
  }

  /// Reads the lines of a recording, and returns how many annotations they are.
  private func decode(
    _ rows: Range<Int>, of file: UnsafePointer<RTTMFile>, in index: RTTMIndex, to annotations: UnsafeMutablePointer<Annotation>,
    _ kept: inout RTTMKept, _ context: ReadContext
  ) -> Int {
    let mapped = file.pointee.mapped
    let bytes = mapped.bytes
    let base = file.pointee.base
    let (fields, separator) = (file.pointee.dialect.fields, file.pointee.dialect.separator)
    let hasCarriageReturns = file.pointee.dialect.hasCarriageReturns
    let isScattered = index.lines.isScattered
    var pattern = RTTMPattern()
    var count = 0
    for row in rows {
      let start = index.lines.starts[row] &- base
      if !isScattered { mapped.releaseBehind(start) }
      let line = RTTMFile.line(at: start, of: bytes, hasCarriageReturns: hasCarriageReturns)
      let annotation = annotations + count
      if decoder.read(line, like: pattern, labels: labels, into: annotation) {
        annotation.pointee.ordinal = index.lines.ordinal(row)
        count &+= 1
        continue
      }
      if !RTTMRow.isRemark(line) {
        let parts = RTTMRow(line)
        let found = decoder.read(parts, line, fields: fields, separator: separator, labels: labels, into: annotation) {
          severity, rule, message, field in context.report(severity, rule, message, at: file.pointee.range(field))
        }
        if found == .annotation {
          pattern = RTTMPattern(parts, line, annotation)
          annotation.pointee.ordinal = index.lines.ordinal(row)
          count &+= 1
          continue
        }
        if found == .refused { continue }
      }
      kept.lines.append(RTTMKept.Line(place: count, text: Array(line), ordinal: index.lines.ordinal(row)))
    }
    return count
  }
}
