import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes a folder: media and text files by the encoder, lists and metadata here, and at the end the names of the classes.
final class MediaFolderWriter: FormatWriter {
  private let options: FormatOptions
  private var plan = WritePlan(layout: .metadata)
  private var output: StagedOutput?
  private var labels = LabelTable()
  private var isUsed: [Bool] = []
  private var files: [String: OutputFile] = [:]
  private var last: (path: String, file: OutputFile)?

  let demand: Demand

  init(_ options: FormatOptions) {
    self.options = options
    // Numbers of classes, and the order of class folders, are those of the whole table.
    demand = Demand(labels: ["list", FolderLayout.classFolders.rawValue].contains(options["layout"]))
  }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    output = context.output
    labels = header.labels
    let kept = MetadataColumns.kept(header.preserved)
    let wanted = FolderLayout(rawValue: options["layout"])
    var layout = wanted ?? kept?.layout ?? .metadata
    if wanted == nil {
      // Without the media nothing would tell what they are, or how they are called.
      if layout == .classFolders || layout == .textFiles, context.mediaMode == .none { layout = .metadata }
      if layout == .list || layout == .classFolders, !header.labelsAreComplete { layout = .metadata }
    }
    guard layout != .classFolders || context.mediaMode != .none else {
      throw DatasetError(
        .usage,
        "The layout class-folders says what a medium is by where it lies, so it is written with the media: --media copy, hardlink or symlink brings them along"
      )
    }
    plan = WritePlan(layout: layout)
    if let kept { plan.columns = kept.columns }
    plan.isOwn = kept?.layout == .metadata
    switch options["metadata"] {
    case "csv": plan.columns.isTable = true
    case "jsonl": plan.columns.isTable = false
    default: break
    }
    plan.usesPathNames = options["names"] == "path"
    let split = options["split"]
    if !split.isEmpty {
      plan.defaultSplit = MediaPlaces.split(ofFolder: split) ?? split
      guard SplitFiles.stem(of: plan.defaultSplit) != nil else {
        throw DatasetError(.usage, "The split \"\(terminalSafe(split))\" cannot be the name of a folder or list")
      }
    }
    if plan.columns.isTable {
      plan.columns.order = tableColumns(plan.columns, wasTable: plan.isOwn && kept?.columns.isTable ?? false)
    } else {
      plan.columns.forgetUsualOrder()
    }
    if layout == .list {
      for label in labels.labels where !ClassNames.canBeLine(label.name) {
        throw DatasetError(
          .usage,
          "The label \"\(terminalSafe(label.name))\" cannot be a line of \(ClassNames.fileName); --to media-folder:layout=metadata can hold it"
        )
      }
    }
    return MediaFolderEncoder(plan: plan)
  }

  /// The columns of a table: those that were read, or one each for the path, the class, the caption and what the first row had.
  private func tableColumns(_ columns: MetadataColumns, wasTable: Bool) -> [String] {
    if wasTable, columns.order.contains(columns.media) { return columns.order }
    let usual = [columns.media, columns.label, columns.text]
    let others = [MetadataColumns.objects, MetadataColumns.own, MetadataColumns.labels, MetadataColumns.captions]
    return usual + columns.order.filter { !usual.contains($0) && !others.contains($0) }
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    for record in batch.records {
      let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[record.range])
      switch record.kind {
      case FolderRecord.used:
        let index = Int(truncatingIfNeeded: record.id)
        while isUsed.count <= index { isUsed.append(false) }
        isUsed[index] = true
      default:
        guard let end = bytes.firstIndex(of: 0) else { continue }
        let path = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        try file(path).append(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...]))
      }
    }
  }

  private func file(_ path: String) throws(DatasetError) -> OutputFile {
    if let last, last.path == path { return last.file }
    if let known = files[path] {
      last = (path, known)
      return known
    }
    guard let output else { throw DatasetError(.io, "The output has not been begun") }
    let file = try output.openFile(path)
    if plan.layout == .metadata, plan.columns.isTable {
      var header = ByteBuffer()
      for (index, name) in plan.columns.order.enumerated() {
        if index > 0 { header.append(UInt8(ascii: ",")) }
        header.appendCSV(name, delimiter: UInt8(ascii: ","))
      }
      header.append(UInt8(ascii: "\n"))
      try file.append(header.bytes)
    }
    files[path] = file
    last = (path, file)
    return file
  }

  func finish() throws(DatasetError) {
    switch plan.layout {
    case .metadata: if files.isEmpty { _ = try file(plan.metadataName) }
    case .list:
      if files.isEmpty { _ = try file(WritePlan.listName(nil) ?? "dataset.txt") }
      try writeNames()
    case .classFolders:
      let names = labels.labels.map(\.name)
      let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let isComplete = names.indices.allSatisfy { $0 < isUsed.count && isUsed[$0] }
      if !isSorted || !isComplete, names.allSatisfy(ClassNames.canBeLine) { try writeNames() }
    case .textFiles: break
    }
    for path in files.keys.sorted() { try files[path]?.close() }
    files = [:]
    last = nil
  }

  /// Writes the names of the classes, in the order of their numbers.
  private func writeNames() throws(DatasetError) {
    guard let output, labels.count > 0 else { return }
    var names = ByteBuffer(capacity: 1024)
    for label in labels.labels {
      names.append(label.name)
      names.append(UInt8(ascii: "\n"))
    }
    try output.writeFile(ClassNames.fileName, names.bytes)
  }
}

/// What the ranges of a batch are.
enum FolderRecord {
  /// The path of a file, a zero byte, and lines for it.
  static let lines = 0
  /// A class that is used, by its number.
  static let used = 1
}
