import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension FolderSurvey {
  // MARK: Lists

  mutating func listLists() throws(DatasetError) {
    var lists: [String] = []
    let texts = files.texts.filter { $0 != options["names"] }
    for path in texts {
      var isList = MediaPlaces.isList(path)
      if !isList { isList = ListLine.isList(try folder.readHead(path, count: 4096)) }
      if isList { lists.append(path) }
    }
    // Lists in folders count where the root has none.
    if lists.contains(where: { !$0.utf8.contains(0x2F) }) { lists.removeAll { $0.utf8.contains(0x2F) } }
    let known = Set(lists.map(ExactText.init))
    reportOthers(texts.filter { !known.contains(ExactText($0)) })
    guard !lists.isEmpty else { throw DatasetError(.invalidInput, "holds no list of pictures, sound or video", path: root) }
    reportOthers(files.rest + files.metadata)
    lists.sort { a, b in splitRank(a) != splitRank(b) ? splitRank(a) < splitRank(b) : a < b }
    for path in lists { try walkList(try folder.map(path), path: joinedPath(root, path), name: path) }
    try nameClasses()
    reportUnlisted()
  }

  /// Train, validation, test, then the others, those without a split last.
  private func splitRank(_ path: String) -> Int {
    let stem = FileName.stem(of: path)
    if stem == SplitFiles.unsplit { return 4 }
    return ["train", "validation", "test"].firstIndex { $0 == MediaPlaces.split(ofFolder: stem) } ?? 3
  }

  /// Notes the lines of one list; its name tells the split.
  mutating func walkList(_ mapped: MappedFile, path: String, name: String) throws(DatasetError) {
    let file = context.sources.add(path)
    let bytes = mapped.bytes
    let stem = FileName.stem(of: name)
    let split = stem == SplitFiles.unsplit ? nil : MediaPlaces.split(ofFolder: stem) ?? stem
    for place in ["images", stem, FileName.folder(of: name)] where !place.isEmpty {
      let place = joinedPath(root, place)
      if !index.mediaFolders.contains(place) { index.mediaFolders.append(place) }
    }
    index.shards.append(.init(mapped: mapped, file: file, folder: "", split: split, first: index.starts.count))
    _ = index.splitIndex(split)
    mapped.willReadSequentially()
    if !ClassNames.isText(bytes, file, context) { return }
    var lines = LineScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
    var released = 0
    while let range = lines.next() {
      if let line = ListLine(bytes, range) {
        index.starts.append(range.lowerBound)
        for (number, _) in line.classes { index.classCount = max(index.classCount, number + 1) }
      }
      guard range.upperBound - released > 4 << 20 else { continue }
      try InterruptFlag.check()
      mapped.release(released..<range.lowerBound)
      released = range.lowerBound
    }
  }

  /// Makes the label table of lists; classes without names are named by their numbers.
  mutating func nameClasses() throws(DatasetError) {
    index.header.labelsAreComplete = true
    let wanted = options["names"]
    let usual = files.names.min { a, b in depth(a) != depth(b) ? depth(a) < depth(b) : rank(a) < rank(b) }
    if let path = wanted == "auto" ? usual : wanted {
      let labels = try readNames(path)
      index.classCount = labels.count
      index.header.labels = LabelTable(labels)
      return
    }
    guard index.classCount > 0, let first = index.shards.first else { return }
    context.report(
      .warning, "media-folder.names.missing", "The names of the classes are not given; the classes are named by their numbers",
      at: SourceRange(file: first.file, offset: 0))
    // Numbers without names are few; a dataset of more classes than samples has none.
    let limit = max(1 << 16, index.starts.count &* 64)
    index.classCount = min(index.classCount, limit)
    index.header.labels = LabelTable((0..<index.classCount).map { Label(name: "\($0)") })
  }

  private func depth(_ path: String) -> Int { path.utf8.count { $0 == 0x2F } }

  private func rank(_ path: String) -> Int {
    ["classes.txt", "synsets.txt"].firstIndex(of: FileName.basename(of: path)) ?? 2
  }

  /// Reports media that no list names.
  private func reportUnlisted() {
    if files.media.isEmpty { return }
    var unlisted = Set(files.media.map(ExactText.init))
    let prefixes = index.mediaFolders.map { $0 == root ? "" : String($0.dropFirst(joinedPath(root, "").count)) }
    for position in index.starts.indices {
      guard let shard = index.shard(of: position) else { continue }
      let bytes = shard.mapped.bytes
      var lines = LineScanner(bytes, from: index.starts[position])
      guard let range = lines.next(), let line = ListLine(bytes, range), line.path.count <= ListLine.pathLimit else { continue }
      let name = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[line.path]), as: UTF8.self)
      guard let path = try? RelativePath(name).text else { continue }
      for prefix in prefixes where unlisted.remove(ExactText(joinedPath(prefix, path))) != nil { break }
    }
    for path in files.media where unlisted.contains(ExactText(path)) {
      context.report(
        .warning, "media-folder.list.unlisted", "\"\(terminalSafe(path))\" stands in no list; it is left out",
        at: SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0))
    }
  }

  // MARK: Metadata

  mutating func listMetadata() throws(DatasetError) {
    guard !files.metadata.isEmpty else {
      throw DatasetError(.invalidInput, "holds no metadata.jsonl and no metadata.csv", path: root)
    }
    let isTable = !files.metadata.contains { $0.hasSuffix(".jsonl") }
    index.columns.isTable = isTable
    var census = MetadataCensus()
    var listed: Set<ExactText> = []
    index.media = Set(files.media.map(ExactText.init))
    for path in files.metadata {
      if path.hasSuffix(".csv") != isTable {
        context.report(
          .warning, "media-folder.metadata.two-files",
          "The table \"\(terminalSafe(path))\" is left out, for there are metadata in lines of JSON",
          at: SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0))
        continue
      }
      let own = FileName.folder(of: path)
      try walkMetadata(
        try folder.map(path), path: joinedPath(root, path), folder: own.isEmpty ? "" : own + "/", &census, &listed)
      if !own.isEmpty { index.mediaFolders.append(joinedPath(root, own)) }
    }
    index.columns.isSingle = files.metadata.count == 1 && !(files.metadata.first?.utf8.contains(0x2F) ?? true)
    finishColumns(census)
    reportOthers(files.rest)
    for path in files.media where !listed.contains(ExactText(path)) {
      context.report(
        .warning, "media-folder.metadata.no-row", "\"\(terminalSafe(path))\" has no row of metadata; it is left out",
        at: SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0))
    }
  }

  /// Decides which columns mean what.
  mutating func finishColumns(_ census: MetadataCensus) {
    var columns = census.columns(label: options["label"], text: options["text"])
    columns.isTable = index.columns.isTable
    columns.isSingle = index.columns.isSingle
    // The header says it as well, and the writer follows that.
    index.columns = MetadataColumns.kept(Preserved(MediaFolderFormat.id, members: columns.members(.metadata)))?.columns ?? columns
  }

  mutating func walkMetadata(
    _ mapped: MappedFile, path: String, folder: String, _ census: inout MetadataCensus, _ listed: inout Set<ExactText>
  ) throws(DatasetError) {
    let file = context.sources.add(path)
    index.shards.append(.init(mapped: mapped, file: file, folder: folder, split: nil, first: index.starts.count))
    mapped.willReadSequentially()
    if index.columns.isTable {
      try walkTable(mapped, file, folder, &census, &listed)
    } else {
      try walkLines(mapped, file, folder, &census, &listed)
    }
  }

  private func note(_ path: String, _ folder: String, _ listed: inout Set<ExactText>) {
    guard !index.media.isEmpty, path.utf8.count <= ListLine.pathLimit, let normal = try? RelativePath(path) else { return }
    listed.insert(ExactText(folder + normal.text))
  }

  private mutating func walkLines(
    _ mapped: MappedFile, _ file: FileID, _ folder: String, _ census: inout MetadataCensus, _ listed: inout Set<ExactText>
  ) throws(DatasetError) {
    let bytes = mapped.bytes
    guard let base = bytes.baseAddress else { return }
    var start = CSVScanner.byteOrderMarkLength(of: bytes)
    while start < bytes.count {
      try InterruptFlag.check()
      // A window ends with a line, so that no character is cut.
      var end = min(bytes.count, start + (1 << 20))
      if end < bytes.count {
        end = memchr(base + end - 1, 0x0A, bytes.count - end + 1).map { UnsafeRawPointer($0) - base + 1 } ?? bytes.count
      }
      let isText = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) == nil
      var lines = LineScanner(UnsafeRawBufferPointer(rebasing: bytes[..<end]), from: start)
      while let line = lines.next() {
        guard let first = line.first(where: { !ListLine.isBlank(bytes[$0]) }) else { continue }
        if !isText, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[line])) {
          context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: file, base: line.lowerBound))
          continue
        }
        index.starts.append(first)
        let listing = !index.media.isEmpty
        census.note(row: bytes, first..<line.upperBound) { path in
          if listing, path.raw.count <= ListLine.pathLimit { note(path.makeString(), folder, &listed) }
        }
      }
      mapped.release(max(0, start - 4096)..<end)
      start = end
    }
  }

  private mutating func walkTable(
    _ mapped: MappedFile, _ file: FileID, _ folder: String, _ census: inout MetadataCensus, _ listed: inout Set<ExactText>
  ) throws(DatasetError) {
    let bytes = mapped.bytes
    guard ClassNames.isText(bytes, file, context) else { return }
    func report(_ rule: String, _ message: String, _ offset: Int) {
      context.report(.error, rule, message, at: SourceRange(file: file, offset: offset, length: 1))
    }
    var scanner = CSVScanner(bytes)
    var fields: [CSVField] = []
    var paths: [Int] = []
    var isHeader = true
    var released = 0
    while true {
      do throws(CSVFault) {
        guard let row = try scanner.nextRow(&fields) else { break }
        if row.isBlank { continue }
        if isHeader {
          isHeader = false
          guard let columns = header(fields, bytes, report) else { return }
          census.note(columns)
          index.shards[index.shards.count - 1].columns = columns
          paths = columns.indices.filter { MetadataColumns.isMedia(columns[$0]) }
          continue
        }
        index.starts.append(row.range.lowerBound)
        if !index.media.isEmpty {
          for column in paths where column < fields.count { note(fields[column].string(in: bytes), folder, &listed) }
        }
      } catch {
        report(error.rule, error.message, error.offset)
      }
      guard scanner.offset - released > 4 << 20 else { continue }
      try InterruptFlag.check()
      mapped.release(released..<scanner.offset - (1 << 20))
      released = scanner.offset - (1 << 20)
    }
  }

  /// The names of the columns; nil, with a report, when they are none of metadata.
  private func header(
    _ fields: [CSVField], _ bytes: UnsafeRawBufferPointer, _ report: (String, String, Int) -> Void
  ) -> [String]? {
    var names: [String] = []
    var known: Set<ExactText> = []
    for field in fields {
      let name = field.string(in: bytes)
      guard known.insert(ExactText(name)).inserted else {
        report("media-folder.header.duplicate", "Two columns are called \"\(terminalSafe(name))\"", field.range.lowerBound)
        return nil
      }
      names.append(name)
    }
    guard names.contains(where: MetadataColumns.isMedia) else {
      report("media-folder.header.file-name", "The first row has no column file_name", fields.first?.range.lowerBound ?? 0)
      return nil
    }
    return names
  }
}
