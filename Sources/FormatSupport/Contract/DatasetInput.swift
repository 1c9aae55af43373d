import Glibc
import WaybillDiagnostics
import WaybillFiles

/// A path given to read: a file or a folder.
public struct DatasetInput: Sendable {
  /// The path as the user gave it; messages show it.
  public var path: String
  /// Whether it is a folder.
  public var isFolder: Bool
  /// The spooled bytes of standard input, which stand in for the file.
  public var spooled: MappedFile?
  /// Where the spooled bytes can be opened again, to find the lines of diagnostics.
  public var readablePath: String?

  /// The input at a path; `-` is standard input, which is spooled to a file first so that it can be indexed.
  public init(path: String) throws(DatasetError) {
    if path == "-" {
      self.path = "<standard input>"
      isFolder = false
      let kept = try SpooledInput.mapKeeping(descriptor: 0, path: "<standard input>")
      spooled = kept.mapped
      readablePath = kept.readablePath
      return
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw DatasetError(.io, "Cannot read the input", path: path, errno: errno) }
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    isFolder = status.st_mode & S_IFMT == S_IFDIR
  }

  /// The bytes of the input, which must be a file.
  public func map() throws(DatasetError) -> MappedFile {
    if let spooled { return spooled }
    return try MappedFile(path: path)
  }

  /// The folder the input is in, or the folder it is.
  public var folder: String {
    if isFolder { return path }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// What detectors look at: the first bytes of the input, or of a few files of a folder.
public struct DetectionProbe: Sendable {
  /// The input.
  public var input: DatasetInput
  /// The first 4 KiB of the input when it is a file.
  public var head: [UInt8]
  /// Relative paths of the files of a folder, in order; at most a few thousand.
  public var files: [String]

  /// Looks at an input.
  public init(_ input: DatasetInput) throws(DatasetError) {
    self.input = input
    head = []
    files = []
    if input.isFolder {
      files = try Array(FileTree(root: input.path).files.prefix(4000))
    } else {
      let mapped = try input.map()
      // The mapping must outlive the copy: its last use is not its bytes' last use.
      head = withExtendedLifetime(mapped) { Array(mapped.bytes.prefix(4096)) }
    }
  }

  /// The first 4 KiB of a file of the folder; empty when it cannot be read.
  public func head(of relativePath: String) -> [UInt8] { (try? readHead(of: relativePath)) ?? [] }

  /// The first 4 KiB of a file of the folder, for readers that must not take a file that cannot be read for one that says nothing.
  public func readHead(of relativePath: String) throws(DatasetError) -> [UInt8] {
    let path = joinedPath(input.path, relativePath)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw DatasetError(.io, "cannot be opened", path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw DatasetError(.io, "cannot be read", path: path, errno: errno) }
    return Array(bytes.prefix(count))
  }

  /// The last component of the path.
  public var name: String { input.path.split(separator: "/").last.map(String.init) ?? input.path }
}
