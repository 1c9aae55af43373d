import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a manifest: the survey finds its lines, decoding reads one of them.
struct ModelArtsReader: FormatReader {
  private let input: DatasetInput
  private let options: FormatOptions

  init(_ input: DatasetInput, _ options: FormatOptions) {
    self.input = input
    self.options = options
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> ModelArtsIndex {
    let path = try manifestPath(context)
    let file = try input.files.map(path)
    let fileID = context.sources.add(path)
    var lines = LineSurvey(file, fileID)
    try lines.run(context)
    let observed = LayoutSurvey.layout(of: file.bytes, offsets: lines.offsets, usesUTF16: options["offsets"] == "utf16")
    var header = DatasetHeader()
    header.preserved = Preserved(ModelArtsFormat.id, members: observed.members)
    // The layout is taken from the header, as the writer does, so that both follow the same order.
    let layout = FileLayout(header.preserved) ?? observed
    let home = FileName.folder(of: path)
    let folder = home.isEmpty ? "." : home
    var finder: SidecarFinder?
    if !input.isSpooled {
      finder = SidecarFinder(
        folder: try Folder(path: folder, in: input.files), files: input.files, searches: options.isOn("search"))
    }
    var index = ModelArtsIndex(
      header: header, mediaFolders: [folder, joinedPath(folder, "data")], file: file, fileID: fileID, offsets: lines.offsets,
      layout: layout, sidecars: finder)
    if demand.labels || demand.splits { try look(ahead: demand, &index, context) }
    return index
  }

  /// Finds the manifest of a folder.
  private func manifestPath(_ context: ReadContext) throws(DatasetError) -> String {
    guard input.isFolder else { return input.path }
    let tree = try FileTree(root: input.path, in: input.files)
    context.reportSkipped(tree)
    let all = tree.files.filter { $0.hasSuffix(".manifest") }
    let top = all.filter { !$0.contains("/") }
    let found = top.isEmpty ? all : top
    guard let first = found.first else { throw DatasetError(.invalidInput, "holds no .manifest file", path: input.path) }
    guard found.count == 1 else {
      throw DatasetError(
        .ambiguous, "holds \(found.count) manifests; name one of them, such as \(terminalSafe(first))", path: input.path)
    }
    return joinedPath(input.path, first)
  }

  /// Decodes every line once for the labels and splits it names.
  private func look(ahead demand: Demand, _ index: inout ModelArtsIndex, _ context: ReadContext) throws(DatasetError) {
    let quiet = ReadContext(sources: SourceMap(), urlMap: context.urlMap, limitPerRule: 0)
    var splits: [String] = []
    var sample = Sample(key: "", media: Media(.file))
    for position in 0..<index.count {
      guard try decode(position, in: index, into: &sample, quiet) else { continue }
      if let split = sample.split, splits.last != split, !splits.contains(split) { splits.append(split) }
    }
    if demand.splits { index.splits = splits }
    var header = index.header
    header.labelsAreComplete = demand.labels
    index.header = header
  }

  func decode(_ position: Int, in index: ModelArtsIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.file))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: ModelArtsIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    sample.reset()
    let offsets = index.offsets
    guard position >= 0, position < offsets.count, let base = index.file.bytes.baseAddress else { return false }
    let worker = context.scratch.thing(LineWorkerHolder.self) { LineWorkerHolder() }.worker(for: index)
    let start = offsets[position]
    let bytes = index.file.bytes
    var end = bytes.count
    if let found = memchr(base + start, 0x0A, bytes.count - start) { end = UnsafeRawPointer(found) - base }
    worker.pass(start..<end, index)
    return worker.decoder.decode(bytes, start..<end, position: position, into: &sample, context)
  }
}

/// Holds a worker's decoder, made anew when the worker turns to another manifest.
final class LineWorkerHolder {
  private var current: LineWorker?
  private var file: MappedFile?

  func worker(for index: ModelArtsIndex) -> LineWorker {
    if let current, file === index.file, current.labels === index.header.labels { return current }
    let worker = LineWorker(index)
    current = worker
    file = index.file
    return worker
  }
}

/// Finds the lines of a manifest.
struct LineSurvey {
  private let file: MappedFile
  private let fileID: FileID
  /// Where each line that is not blank begins.
  private(set) var offsets: [Int] = []

  init(_ file: MappedFile, _ fileID: FileID) {
    self.file = file
    self.fileID = fileID
  }

  mutating func run(_ context: ReadContext) throws(DatasetError) {
    let bytes = file.bytes
    guard let base = bytes.baseAddress else { return }
    file.willReadSequentially()
    var start = 0
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      context.report(
        .warning, "modelarts.file.bom", "A manifest has no byte order mark", at: SourceRange(file: fileID, offset: 0, length: 3))
      start = 3
    }
    var found: [Int] = []
    var sawCarriageReturn = false
    while start < bytes.count {
      try InterruptFlag.check()
      // A window ends with a line, so that no character is cut.
      var end = min(bytes.count, start + (1 << 20))
      if end < bytes.count {
        if let mark = memchr(base + end, 0x0A, bytes.count - end) {
          end = UnsafeRawPointer(mark) - base + 1
        } else {
          end = bytes.count
        }
      }
      let isText = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) == nil
      var at = start
      while at < end {
        var stop = end
        if let mark = memchr(base + at, 0x0A, end - at) { stop = UnsafeRawPointer(mark) - base }
        if stop - at > 40, bytes[stop - 1] != 0x0D, isText {
          found.append(at)
        } else {
          examine(at..<stop, isText, &found, &sawCarriageReturn, context)
        }
        at = stop + 1
      }
      file.release(max(0, start - 4096)..<end)
      start = end
    }
    offsets = found
  }

  /// Looks closer at a line that is short, ends with a carriage return, or stands where something is not UTF-8.
  private func examine(
    _ line: Range<Int>, _ isText: Bool, _ found: inout [Int], _ sawCarriageReturn: inout Bool, _ context: ReadContext
  ) {
    let bytes = file.bytes
    if line.upperBound < bytes.count, line.upperBound > line.lowerBound, bytes[line.upperBound - 1] == 0x0D, !sawCarriageReturn {
      sawCarriageReturn = true
      context.report(
        .warning, "modelarts.line.crlf", "Lines end with a carriage return; a manifest's lines end with a line feed alone",
        at: SourceRange(file: fileID, offset: line.upperBound - 1, length: 1))
    }
    guard bytes[line].contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
      return context.report(
        .warning, "modelarts.line.blank", "A manifest has no blank lines",
        at: SourceRange(file: fileID, offset: line.lowerBound, length: 0))
    }
    if !isText, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[line])) {
      return context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: fileID, base: line.lowerBound))
    }
    found.append(line.lowerBound)
  }
}

/// Learns the habits of a file from its first lines.
enum LayoutSurvey {
  /// How many lines are looked at.
  static let lineLimit = 64

  static func layout(of bytes: UnsafeRawBufferPointer, offsets: [Int], usesUTF16: Bool) -> FileLayout {
    var layout = FileLayout(.service)
    var lines: [[String]: Int] = [:]
    var annotations: [[String]: Int] = [:]
    var lineOrders: [[String]] = []
    var annotationOrders: [[String]] = []
    var withSampleType = 0
    var total = 0
    var escape: Bool?
    for offset in offsets.prefix(lineLimit) {
      var end = bytes.count
      if let base = bytes.baseAddress, let mark = memchr(base + offset, 0x0A, bytes.count - offset) {
        end = UnsafeRawPointer(mark) - base
      }
      var scanner = JSONScanner(bytes, from: offset, to: end)
      var found: [[String]] = []
      guard let keys = try? keys(&scanner, annotations: &found) else { continue }
      total += 1
      if keys.contains("sample-type") || keys.contains("sample_type") { withSampleType += 1 }
      if lines.updateValue((lines[keys] ?? 0) + 1, forKey: keys) == nil { lineOrders.append(keys) }
      for keys in found where annotations.updateValue((annotations[keys] ?? 0) + 1, forKey: keys) == nil {
        annotationOrders.append(keys)
      }
      if escape == nil { escape = escapes(UnsafeRawBufferPointer(rebasing: bytes[offset..<end])) }
    }
    layout.line = KeyLayout(merge(lineOrders, lines, FileLayout.serviceLine, Slot.ofLine), slot: Slot.ofLine)
    layout.annotation = KeyLayout(
      merge(annotationOrders, annotations, FileLayout.serviceAnnotation, Slot.ofAnnotation), slot: Slot.ofAnnotation)
    layout.endsWithLineFeed = bytes.last == 0x0A
    layout.givesSampleType = withSampleType * 2 > total
    layout.isASCII = escape ?? false
    layout.offsets = usesUTF16 ? .utf16 : .scalars
    return layout
  }

  private static func merge(
    _ orders: [[String]], _ counts: [[String]: Int], _ last: [String], _ slot: @escaping (String) -> UInt8
  ) -> [String] {
    // The order seen most often leads; the others only add keys.
    var best = 0
    for (index, order) in orders.enumerated() where (counts[order] ?? 0) > (counts[orders[best]] ?? 0) { best = index }
    var order = KeyOrder(orders.isEmpty ? [] : orders[best], [], slot)
    for keys in orders { order.add(keys) }
    order.add(last)
    return order.names
  }

  private static func keys(_ scanner: inout JSONScanner, annotations: inout [[String]]) throws(JSONFault) -> [String] {
    var names: [String] = []
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      if !key.hasEscape, key.raw.count < 64 { names.append(key.makeString()) }
      if key == "annotation", try scanner.peekKind() == .array {
        var list = try scanner.beginArray()
        while try scanner.nextElement(&list) {
          guard try scanner.peekKind() == .object else {
            try scanner.skipValue()
            continue
          }
          let own = try annotationKeys(&scanner)
          if !own.contains("annotation-loc"), !own.contains("annotation_loc") { annotations.append(own) }
        }
      } else {
        try scanner.skipValue()
      }
    }
    return names
  }

  private static func annotationKeys(_ scanner: inout JSONScanner) throws(JSONFault) -> [String] {
    var names: [String] = []
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      if !key.hasEscape, key.raw.count < 64 { names.append(key.makeString()) }
      try scanner.skipValue()
    }
    return names
  }

  /// Whether the first text outside ASCII is escaped; nil when there is none.
  private static func escapes(_ line: UnsafeRawBufferPointer) -> Bool? {
    var at = 0
    while at < line.count {
      if line[at] >= 0x80 { return false }
      if line[at] == UInt8(ascii: "\\"), at + 1 < line.count {
        if line[at + 1] == UInt8(ascii: "u"), at + 5 < line.count, line[at + 2] != 48 || line[at + 3] != 48 || line[at + 4] >= 56 {
          return true
        }
        at += 2
      } else {
        at += 1
      }
    }
    return nil
  }
}
