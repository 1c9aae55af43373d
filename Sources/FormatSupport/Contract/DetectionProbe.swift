import WaybillDiagnostics
import WaybillFiles

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
      files = try Array(FileTree(root: input.path, in: input.files).files.prefix(4000))
    } else {
      head = try input.files.readHead(input.path, count: 4096)
    }
  }

  /// The first 4 KiB of a file of the folder; empty when it cannot be read.
  public func head(of relativePath: String) -> [UInt8] { (try? readHead(of: relativePath)) ?? [] }

  /// The first 4 KiB of a file of the folder, for readers that must not take a file that cannot be read for one that says nothing.
  public func readHead(of relativePath: String) throws(DatasetError) -> [UInt8] {
    try input.files.readHead(joinedPath(input.path, relativePath), count: 4096)
  }

  /// The last component of the path.
  public var name: String { input.path.split(separator: "/").last.map(String.init) ?? input.path }
}
