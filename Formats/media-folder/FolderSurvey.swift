import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Finds the samples of a folder of media.
struct FolderSurvey {
  let context: ReadContext
  let options: FormatOptions
  private let input: DatasetInput
  /// The folder that paths start from.
  let root: String
  let folder: Folder
  var files = FolderFiles([])
  var index = MediaFolderIndex()

  init(input: DatasetInput, options: FormatOptions, context: ReadContext) throws(DatasetError) {
    self.input = input
    self.options = options
    self.context = context
    root = input.folder
    folder = try Folder(path: root, in: input.files)
    index.folder = folder
    index.places.hasSplits = options["splits"] != "no"
    index.places.level = MediaPlaces.Level(rawValue: options["level"]) ?? .last
    index.mediaFolders = [root]
  }

  /// Lists everything.
  mutating func run() throws(DatasetError) {
    let wanted = FolderLayout(rawValue: options["layout"])
    guard input.isFolder else { return try runFile(wanted) }
    let tree = try FileTree(root: root, in: input.files)
    context.reportSkipped(tree)
    files = FolderFiles(tree.files, emptyFolders: tree.emptyFolders)
    if let wanted {
      index.layout = wanted
    } else {
      index.layout = try files.layout { (path) throws(DatasetError) in try folder.readHead(path, count: 4096) }
    }
    switch index.layout {
    case .classFolders: try listClassFolders()
    case .textFiles: try listTextFiles()
    case .list: try listLists()
    case .metadata: try listMetadata()
    }
  }

  /// One file of metadata, or one list.
  private mutating func runFile(_ wanted: FolderLayout?) throws(DatasetError) {
    let path = input.path
    let name = input.isSpooled ? path : FileName.basename(of: path)
    switch FileName.extension(of: path).lowercased() {
    case "jsonl", "ndjson": index.layout = .metadata
    case "csv":
      index.layout = .metadata
      index.columns.isTable = true
    case "txt", "lst", "list": index.layout = .list
    default:
      // Of another ending, the first byte tells.
      let head = try input.files.readHead(path, count: 4096)
      index.layout = head.first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "{") ? .metadata : .list
    }
    if let wanted, wanted != index.layout {
      throw DatasetError(
        .usage, "The layout \(wanted.rawValue) is read from a folder, or the file is none of this layout", path: path)
    }
    let mapped = try input.map()
    if index.layout == .metadata {
      index.columns.isSingle = true
      var census = MetadataCensus()
      var listed: Set<ExactText> = []
      try walkMetadata(mapped, path: path, folder: "", &census, &listed)
      finishColumns(census)
    } else {
      if !input.isSpooled, let tree = try? FileTree(root: root, in: input.files) {
        files = FolderFiles(tree.files.filter { !$0.utf8.contains(0x2F) && $0 != name })
      }
      try walkList(mapped, path: path, name: name)
      try nameClasses()
    }
  }

  // MARK: Class folders

  private mutating func listClassFolders() throws(DatasetError) {
    guard !files.media.isEmpty || !files.emptyFolders.isEmpty else {
      throw DatasetError(.invalidInput, "holds no picture, sound or video", path: root)
    }
    reportOthers(files.texts + files.rest + files.metadata)
    var names: [ExactText: Int] = [:]
    var order: [String] = []
    func number(_ name: String) -> Int32 {
      let found = names[ExactText(name)] ?? order.count
      if found == order.count {
        names[ExactText(name)] = found
        order.append(name)
      }
      return Int32(truncatingIfNeeded: found)
    }
    // A file of names, where there is one, has the order; folders are in the order of their names.
    let own = files.names.first { $0 == ClassNames.fileName }
    if let own { for label in try readNames(own) { _ = number(label.name) } }
    reportOthers(files.names.filter { $0 != own })
    var places: [(path: String, place: MediaPlaces.Place)] = []
    for path in files.media { places.append((path, index.places.place(of: path))) }
    var found: Set<ExactText> = []
    for (_, place) in places { if let label = place.label { found.insert(ExactText(label)) } }
    for path in files.emptyFolders { if let label = index.places.place(of: path + "/x").label { found.insert(ExactText(label)) } }
    for name in found.map(\.text).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { _ = number(name) }
    reportMixedFolders(places)
    for (path, place) in places {
      index.items.append(
        .init(
          path: path, kind: MediaPlaces.kind(of: path) ?? .image, split: index.splitIndex(place.split),
          label: place.label.map { number($0) } ?? -1, file: context.sources.add(joinedPath(root, path))))
    }
    index.header.labels = LabelTable(order.map { Label(name: $0) })
    index.header.labelsAreComplete = true
  }

  /// Reports a folder that may be a split or a class: media lie in it, and beside it are classes.
  private func reportMixedFolders(_ places: [(path: String, place: MediaPlaces.Place)]) {
    guard places.contains(where: { $0.place.split == nil && $0.place.label != nil }) else { return }
    var known: [String] = []
    for (path, place) in places where place.split != nil && place.label == nil {
      let name = FileName.folder(of: path)
      guard !known.contains(name) else { continue }
      known.append(name)
      context.report(
        .warning, "media-folder.folder.split-or-class",
        "The folder \"\(terminalSafe(name))\" is read as a split, and what lies in it has no class; --from media-folder:splits=no reads it as a class",
        at: SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0))
    }
  }

  func reportOthers(_ paths: [String]) {
    for path in paths {
      context.report(
        .warning, "media-folder.file.other",
        "\"\(terminalSafe(path))\" is no picture, sound or video by its ending; it is left out",
        at: SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0))
    }
  }

  /// Reads a file of class names.
  func readNames(_ path: String) throws(DatasetError) -> [Label] {
    let file = context.sources.add(joinedPath(root, path))
    let mapped = try folder.map(path)
    defer { withExtendedLifetime(mapped) {} }
    return ClassNames.read(mapped.bytes, file, context)
  }

  // MARK: Text files

  private mutating func listTextFiles() throws(DatasetError) {
    guard !files.media.isEmpty || !files.texts.isEmpty else {
      throw DatasetError(.invalidInput, "holds no picture, sound or video, and no text file", path: root)
    }
    reportOthers(files.rest + files.metadata)
    let besides = files.textsBesideMedia()
    var used: Set<ExactText> = []
    for path in files.media {
      let text = FileName.withoutExtension(path) + ".txt"
      let hasText = besides.contains(ExactText(text))
      let file = context.sources.add(joinedPath(root, hasText ? text : path))
      if hasText, !used.insert(ExactText(text)).inserted {
        context.report(
          .warning, "media-folder.text.shared",
          "The labels of \"\(terminalSafe(path))\" are those of another medium as well: both have this text file",
          at: SourceRange(file: file, offset: 0))
      }
      index.items.append(
        .init(
          path: path, kind: MediaPlaces.kind(of: path) ?? .image, split: index.splitIndex(index.places.place(of: path).split),
          label: -1, file: file, hasText: hasText))
    }
    for path in files.texts where !used.contains(ExactText(path)) {
      let file = context.sources.add(joinedPath(root, path))
      context.report(
        .warning, "media-folder.text.no-media",
        "No picture, sound or video is beside the text file \"\(terminalSafe(path))\"; it is read without an ending",
        at: SourceRange(file: file, offset: 0))
      let key = FileName.withoutExtension(path)
      index.items.append(
        .init(
          path: key, kind: .image, split: index.splitIndex(index.places.place(of: key).split), label: -1, file: file, hasText: true,
          isOrphan: true))
    }
  }
}
