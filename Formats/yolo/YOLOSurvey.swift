import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Finds the images of a dataset and the label file of each.
struct YOLOSurvey {
  let context: ReadContext
  private let files: InputFiles
  /// The folder that holds the data file, and after ``describe()`` the one that paths start from.
  private(set) var root: String
  private(set) var folder: Folder
  private(set) var description = YOLODescription()
  /// The YAML or data file below the root; nil when none was found or given.
  private var dataFile: String?
  private var isRootGiven: Bool
  /// Text files, images and all other files below the root.
  private(set) var texts: [String] = []
  private(set) var pictures: [String] = []
  private var rest: [String] = []
  private var textPositions: [ExactText: Int] = [:]
  private var pictureNames: Set<ExactText> = []
  private var skipped: [FileTree.Skipped] = []
  /// Text files that are label files of an image, or lists, or names.
  var isUsed: [Bool] = []

  init(input: DatasetInput, root: String?, context: ReadContext) throws(DatasetError) {
    self.context = context
    files = input.files
    isRootGiven = root != nil
    self.root = input.isFolder ? input.path : input.folder
    if !input.isFolder {
      guard !input.isSpooled else {
        throw DatasetError(.usage, "A YOLO dataset is a folder: name the folder or its YAML file instead of \"-\"")
      }
      dataFile = FileName.basename(of: input.path)
    }
    folder = try Folder(path: self.root, in: files)
    if input.isFolder {
      try walk()
      // A file that cannot be read may be the data file: without it the dataset would look like another.
      var failure: DatasetError?
      dataFile = YOLOSurvey.dataFile(among: rest + texts) { path in
        do throws(DatasetError) { return try folder.readHead(path, count: 1 << 20) } catch {
          failure = failure ?? error
          return []
        }
      }
      if let failure { throw failure }
    }
    if let found = dataFile, found.utf8.contains(0x2F) {
      dataFile = FileName.basename(of: found)
      try move(to: joinedPath(self.root, FileName.folder(of: found)))
    }
    if let root {
      try describeFile()
      try move(to: root)
    }
  }

  /// The data file among the files of a folder: a YAML file with names and splits, else a data file of Darknet.
  ///
  /// Where there is none, it may be the only one in the folders of the folder.
  static func dataFile(among files: [String], _ head: (String) -> [UInt8]) -> String? {
    let outer = files.filter { !$0.utf8.contains(0x2F) }
    let usual = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml", "obj.data"]
    if let found = firstDataFile(usual.filter(outer.contains) + outer.filter { !usual.contains($0) }, head) { return found }
    let inner = files.filter { path in path.utf8.count { $0 == 0x2F } == 1 && usual.contains(FileName.basename(of: path)) }
    return inner.count == 1 ? firstDataFile(inner, head) : nil
  }

  private static func firstDataFile(_ paths: [String], _ head: (String) -> [UInt8]) -> String? {
    for path in paths {
      let ending = FileName.extension(of: path).lowercased()
      if ending == "yaml" || ending == "yml", YOLODetection.isYAML(head(path)) { return path }
      if ending == "data", YOLODetection.isDarknet(head(path)) { return path }
    }
    return nil
  }

  private mutating func move(to path: String) throws(DatasetError) {
    root = path
    folder = try Folder(path: path, in: files)
    texts = []
    pictures = []
    rest = []
    try walk()
  }

  private mutating func walk() throws(DatasetError) {
    let tree = try FileTree(root: root, in: files)
    for path in tree.files {
      if path.hasSuffix(".txt") {
        texts.append(path)
      } else if YOLOPlaces.isImage(path) {
        pictures.append(path)
      } else {
        rest.append(path)
      }
    }
    skipped = tree.skipped
    textPositions = [:]
    textPositions.reserveCapacity(texts.count)
    for (position, path) in texts.enumerated() { textPositions[ExactText(path)] = position }
    pictureNames = Set(pictures.map(ExactText.init))
    isUsed = Array(repeating: false, count: texts.count)
  }

  // MARK: What the data file says

  /// Reads the data file and the names, and moves the root to the folder that the data file names.
  mutating func describe() throws(DatasetError) {
    if !isRootGiven {
      try describeFile()
      if texts.isEmpty, pictures.isEmpty, rest.isEmpty { try walk() }
      if let path = description.path, let inner = find(path, isThere: isFolder), !inner.isEmpty {
        try move(to: joinedPath(root, inner))
      }
    }
    for item in skipped { context.reportSkipped(item) }
    if description.labels == nil { try readNames() }
  }

  private mutating func describeFile() throws(DatasetError) {
    guard let dataFile else { return }
    let file = context.sources.add(joinedPath(root, dataFile))
    description.place = SourceRange(file: file, offset: 0)
    let mapped = try folder.map(dataFile)
    guard mapped.bytes.count <= YOLODescription.byteLimit else {
      return context.report(
        .error, "yolo.data.size", "A data file has at most \(YOLODescription.byteLimit) bytes; this one has \(mapped.bytes.count)",
        at: description.place)
    }
    withExtendedLifetime(mapped) {
      if FileName.extension(of: dataFile).lowercased() == "data" {
        checkEncoding(mapped.bytes, file)
        description.readDarknet(mapped.bytes, file, context)
      } else {
        description.readYAML(mapped.bytes, file, context)
      }
    }
  }

  /// Reads the file of names that the data file gives, or one that lies about.
  private mutating func readNames() throws(DatasetError) {
    var path: String?
    if let given = description.namesFile {
      path = find(given.text) { isFile($0) }
      if path == nil {
        context.report(
          .warning, "yolo.split.missing", "The file of names \"\(terminalSafe(given.text))\" is not there", at: given.range)
      }
    } else if !description.isGiven {
      let candidates = (rest + texts).filter(YOLODetection.isNames)
      path = candidates.min { a, b in a.utf8.filter { $0 == 0x2F }.count < b.utf8.filter { $0 == 0x2F }.count }
    }
    guard let path else { return }
    if let position = textPositions[ExactText(path)] { isUsed[position] = true }
    let file = context.sources.add(joinedPath(root, path))
    let mapped = try folder.map(path)
    withExtendedLifetime(mapped) {
      checkEncoding(mapped.bytes, file)
      description.readNames(mapped.bytes, file, context)
    }
  }

  /// Reports bytes that are no UTF-8: names made of them would not be the file's.
  func checkEncoding(_ bytes: UnsafeRawBufferPointer, _ file: FileID) {
    guard let offset = UTF8Check.firstInvalid(in: bytes) else { return }
    context.report(
      .error, "yolo.file.encoding", "Names and lists of images are UTF-8, and these bytes are not",
      at: SourceRange(file: file, offset: offset, length: 1))
  }

  // MARK: Finding things

  func isFile(_ path: String) -> Bool {
    textPositions[ExactText(path)] != nil || rest.contains { ExactText($0) == ExactText(path) }
  }

  func isFolder(_ path: String) -> Bool {
    let prefix = path.isEmpty ? "" : path + "/"
    func holds(_ files: [String]) -> Bool { files.contains { $0.utf8.starts(with: prefix.utf8) } }
    return holds(pictures) || holds(texts) || holds(rest)
  }

  /// Where a path leads that other programs, on other machines, understood: leading folders are taken off, one by one, until something
  /// is there.
  ///
  /// Nothing outside the root is ever looked at.
  func find(_ path: String, isThere: (String) -> Bool) -> String? {
    var parts: [Substring] = []
    for part in path.split(separator: path.utf8.contains(0x2F) ? "/" : "\\") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    // No folder lies deeper.
    if parts.count > FileTree.depthLimit + 1 { parts.removeFirst(parts.count - FileTree.depthLimit - 1) }
    if parts.isEmpty { return isThere("") ? "" : nil }
    while !parts.isEmpty {
      let rest = parts.joined(separator: "/")
      if isThere(rest) { return rest }
      parts.removeFirst()
    }
    return nil
  }

  /// The label file of an image; nil when there is none.
  func labelFile(of image: String) -> Int? {
    if let found = textPositions[ExactText(YOLOPlaces.label(of: image))] { return found }
    for path in YOLOPlaces.otherLabels(of: image) { if let found = textPositions[ExactText(path)] { return found } }
    return nil
  }

  func isPicture(_ path: String) -> Bool { pictureNames.contains(ExactText(path)) }

  func textPosition(_ path: String) -> Int? { textPositions[ExactText(path)] }
}
