import WaybillDiagnostics
import WaybillFiles

/// A path given to read: a file or a folder, on the disk or in something mounted, such as an archive.
public struct DatasetInput: Sendable {
  /// The path as the user gave it, or that in an archive it led to; messages show it.
  public var path: String
  /// Whether it is a folder.
  public var isFolder: Bool
  /// The files it is read through.
  public let files: InputFiles
  /// Whether it came from standard input, so that there is no folder around it.
  public private(set) var isSpooled = false
  /// Of an archive, the folders that hold everything in it, the outermost first.
  private var outerFolders: [String] = []

  /// What standard input is called.
  private static let standardInput = "<standard input>"

  /// The input at a path.
  ///
  /// `-` is standard input, which is spooled to a file first so that it can be indexed. An archive, known by its first bytes, is a folder
  /// with its files in it, or the one file it holds; a path may lead into it.
  public init(path: String, in files: InputFiles = .disk) throws(DatasetError) {
    var path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    var files = files
    if path == "-" {
      path = DatasetInput.standardInput
      files = files.mounting(try SpooledInput.map(descriptor: 0, path: path), at: path)
      isSpooled = true
    }
    var isArchive = false
    if let mounted = try files.mountingArchive(holding: path) {
      files = mounted
      isArchive = files.isMountPoint(path)
      isSpooled = false
    }
    switch files.status(of: path) {
    case .missing(let number): throw DatasetError(.io, "Cannot read the input", path: path, errno: number)
    case .folder: isFolder = true
    case .file, .special: isFolder = false
    }
    self.path = path
    self.files = files
    if isArchive { try describeArchive() }
  }

  /// Looks whether an archive holds just one file, or everything in one folder.
  private mutating func describeArchive() throws(DatasetError) {
    let found = try FileTree(root: path, in: files).files
    guard let first = found.first, let last = found.last else { return }
    if found.count == 1, !first.utf8.contains(0x2F) {
      path = joinedPath(path, first)
      isFolder = false
      return
    }
    // What all have in common, the first and the last have in common.
    for (a, b) in zip(first.split(separator: "/").dropLast(), last.split(separator: "/").dropLast()) {
      guard a.utf8.elementsEqual(b.utf8) else { break }
      outerFolders.append(String(a))
    }
  }

  /// The input in a tree that is mounted at a path, such as a published version: all of it, or the file or folder at a path below.
  public init(mounting tree: any MountedTree, at point: String, path: String = "", in files: InputFiles = .disk)
    throws(DatasetError)
  {
    try self.init(path: path.isEmpty ? point : joinedPath(point, path), in: files.mounting(tree, at: point))
  }

  /// The input as a format reads it: of an archive that holds everything in one folder that folder, unless its name means something
  /// to the format; and so on with what that folder holds.
  public func rooted(for format: any Format.Type) -> DatasetInput {
    var input = self
    for name in outerFolders {
      if format.hasFolder(named: name) { break }
      input.path = joinedPath(input.path, name)
    }
    input.outerFolders = []
    return input
  }

  /// The bytes of the input, which must be a file.
  public func map() throws(DatasetError) -> MappedFile { try files.map(path) }

  /// The folder the input is in, or the folder it is.
  public var folder: String {
    if isFolder { return path }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
