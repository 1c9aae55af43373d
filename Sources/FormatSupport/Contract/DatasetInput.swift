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
  /// Whether it is all of an archive, which may hold everything in one folder.
  private(set) var isArchive = false

  /// What standard input is called.
  private static let standardInput = "<standard input>"

  /// The input at a path.
  ///
  /// `-` is standard input, which is spooled to a file first so that it can be indexed. An archive is a folder with its files in
  /// it, or the one file it holds; a path may lead into it.
  public init(path: String, in files: InputFiles = .disk) throws(DatasetError) {
    if path == "-" {
      let spooled = try SpooledInput.map(descriptor: 0, path: DatasetInput.standardInput)
      self.path = DatasetInput.standardInput
      self.files = files.mounting(spooled, at: self.path)
      isFolder = false
      isSpooled = true
      return
    }
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.files = files
    switch files.status(of: path) {
    case .missing(let number): throw DatasetError(.io, "Cannot read the input", path: path, errno: number)
    case .folder: isFolder = true
    case .file, .special: isFolder = false
    }
  }

  /// The input in a tree that is mounted at a path, such as a published version: all of it, or the file or folder at a path below.
  public init(mounting tree: any MountedTree, at point: String, path: String = "", in files: InputFiles = .disk)
    throws(DatasetError)
  {
    try self.init(path: path.isEmpty ? point : joinedPath(point, path), in: files.mounting(tree, at: point))
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
