import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads folders of annotation files: the survey lists them, decoding reads one at a time.
struct PascalVOCReader: FormatReader {
  let input: DatasetInput
  let dialect: VOCDialect

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> PascalVOCIndex {
    var index = PascalVOCIndex()
    var layout = ByteBuffer(capacity: 64)
    if input.isFolder {
      try surveyFolder(&index, context)
      layout.append("\"layout\":\"folder\"")
    } else {
      index.single = try input.map()
      index.files = [FileName.basename(of: input.path)]
      index.fileIDs = [context.sources.add(input.path)]
      index.splitOf = [-1]
      index.mediaFolders = PascalVOCReader.mediaFolders(root: input.folder, bases: [""], folders: [""])
      layout.append("\"layout\":\"file\"")
    }
    if index.header.preserved.isEmpty { index.header.preserved = Preserved(PascalVOCFormat.id, members: layout.array()) }
    if demand.labels {
      try readLabels(&index, context)
      index.header.labelsAreComplete = true
    }
    return index
  }

  private func surveyFolder(_ index: inout PascalVOCIndex, _ context: ReadContext) throws(DatasetError) {
    let tree = try FileTree(root: input.path, in: input.files)
    index.folder = try Folder(path: input.path, in: input.files)
    var bases: [String] = []
    var folders: [String] = []
    for path in tree.files {
      guard PascalVOCFormat.isXML(path) else {
        index.others.append(path)
        if !index.hasMasks, PascalVOCIndex.maskPlace(of: path) != nil { index.hasMasks = true }
        continue
      }
      index.files.append(path)
      index.fileIDs.append(context.sources.add(joinedPath(input.path, path)))
      let folder = FileName.folder(of: path)
      if folders.last != folder { folders.append(folder) }
    }
    for folder in folders {
      let base = PascalVOCIndex.place(of: folder.isEmpty ? "x.xml" : "\(folder)/x.xml").base
      if bases.last != base { bases.append(base) }
    }
    for item in tree.skipped {
      if case .unreadable = item.reason {
        context.reportSkipped(item)
        continue
      }
      context.report(.warning, "voc.file.skipped", "\"\(terminalSafe(item.path))\" \(item.reason.phrase)", at: nil)
    }
    try readSets(&index, &bases, context)
    if index.hasMasks { findMasksAlone(&index, &bases, context) }
    try readLabelLists(&index, context)
    index.mediaFolders = PascalVOCReader.mediaFolders(root: input.path, bases: bases, folders: folders)
  }

  private static func mediaFolders(root: String, bases: [String], folders: [String]) -> [String] {
    var found: [String] = []
    var known: Set<ExactText> = []
    func add(_ path: String) {
      let path = path.isEmpty ? root : joinedPath(root, path.hasSuffix("/") ? String(path.dropLast()) : path)
      if known.insert(ExactText(path)).inserted { found.append(path) }
    }
    for base in bases { for name in ["JPEGImages", "images", "Images"] { add(base + name) } }
    for folder in folders.prefix(4096) { add(folder) }
    for folder in folders.prefix(4096) where !folder.isEmpty { add(joinedPath(FileName.folder(of: folder), "images")) }
    for base in bases { add(base) }
    add("")
    return found
  }

  /// Reads the names of all labels, in the order of their first use.
  private func readLabels(_ index: inout PascalVOCIndex, _ context: ReadContext) throws(DatasetError) {
    let worker = context.scratch.thing(VOCWorker.self) { VOCWorker() }
    let labels = worker.labels(index.header.labels)
    for position in index.files.indices {
      try InterruptFlag.check()
      // What is wrong with a file is said when it is decoded.
      guard worker.read(position, in: index, nil), index.hasMasks || !worker.namesOnlyKnown(labels, in: index),
        worker.parse(position, in: index, nil)
      else { continue }
      let reader = worker.reader
      var isForeign = false
      for element in 0..<reader.count where reader.isNamed(element, "name") {
        let parent = reader[element].parent
        guard parent >= 0, reader.isNamed(parent, "object") || reader.isNamed(parent, "part") else { continue }
        guard let name = VOCCodec.labelName(reader, element) else { continue }
        _ = labels.intern(name)
        if index.hasMasks, reader.isNamed(parent, "object") {
          isForeign = isForeign || index.maskClasses.isForeign(String(decoding: name, as: UTF8.self))
        }
      }
      guard index.hasMasks else { continue }
      let place = PascalVOCIndex.place(of: index.files[position])
      for name in maskLabels(place.base, place.id, isForeign: isForeign, index) { _ = index.header.labels.intern(name) }
    }
    for item in index.unlabeled where item.hasMask {
      for name in maskLabels(item.base, item.id, isForeign: false, index) { _ = index.header.labels.intern(name) }
    }
  }

  func decode(_ position: Int, in index: PascalVOCIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard position >= 0, position < index.count else { return nil }
    let worker = context.scratch.thing(VOCWorker.self) { VOCWorker() }
    guard position < index.files.count else {
      let item = index.unlabeled[position - index.files.count]
      var sample = unlabeled(item, index)
      guard item.hasMask else { return sample }
      guard let pair = masks(item.base, item.id, index, context) else { return nil }
      (sample.media.width, sample.media.height) = (pair.width, pair.height)
      add(pair, to: &sample, index, worker.labels(index.header.labels), context)
      return sample
    }
    guard worker.read(position, in: index, context), worker.parse(position, in: index, context) else { return nil }
    let file = index.fileIDs[position]
    guard
      let document = VOCCodec.decode(
        worker.reader, in: file, labels: worker.labels(index.header.labels), dialect: dialect, diagnostics: &context.diagnostics)
    else { return nil }
    var sample = PascalVOCReader.sample(
      document, file: index.files[position], isInSet: index.splitOf[position] >= 0, index, context, file)
    let split = index.splitOf[position]
    if split >= 0 { sample.split = index.splits[Int(split)] }
    sample.source = SourceRange(file: file, offset: 0, length: worker.length)
    guard index.hasMasks else { return sample }
    let place = PascalVOCIndex.place(of: index.files[position])
    if let pair = masks(place.base, place.id, index, context) {
      add(pair, to: &sample, omissions: document.omissions, index, worker.labels(index.header.labels), context)
    }
    return sample
  }
}
