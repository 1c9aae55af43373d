import Glibc
import WaybillDiagnostics

/// All files below a folder, as relative paths in bytewise order.
///
/// Symbolic links are followed; a link that leads back to a folder it lies in is reported, not followed. Names that begin with
/// a dot (AppleDouble `._*` included) and folders named `__MACOSX` are left out and counted. Everything else that cannot be
/// a file of the dataset is listed in ``skipped``, so nothing vanishes in silence. The walk holds two descriptors at most; a tree
/// in something mounted, such as an archive, is listed by the same rules.
public struct FileTree: Sendable {
  /// Deepest nesting of folders that is followed.
  public static let depthLimit = 64
  /// Most folders one walk visits; links that fan out could otherwise make a tree without end.
  static let folderLimit = 4_000_000

  /// An entry that is not among the files.
  public struct Skipped: Sendable, Equatable {
    /// The relative path; where it is not UTF-8, stray bytes are shown as `\xFF` and backslashes as `\\`.
    public var path: String
    /// Why it is not among the files.
    public var reason: Reason
  }

  /// Why an entry is not among the files.
  public enum Reason: Sendable, Equatable {
    /// The name is not UTF-8.
    case notUTF8
    /// A link to a folder it lies in.
    case loop
    /// A folder below the ``FileTree/depthLimit``.
    case tooDeep
    /// A link that leads nowhere.
    case danglingLink
    /// A pipe, a socket or a device.
    case special
    /// Something of an archive that cannot be read from it; the text is the end of a sentence.
    case unusable(String)
    /// The system refused; the error number says why.
    case unreadable(Int32)

    /// What is wrong, as the end of a sentence.
    public var phrase: String {
      switch self {
      case .notUTF8: "has a name that is not UTF-8"
      case .loop: "is a link to a folder it lies in"
      case .tooDeep: "is nested deeper than \(FileTree.depthLimit) folders"
      case .danglingLink: "is a link that leads nowhere"
      case .special: "is a pipe, a socket or a device"
      case .unusable(let phrase): phrase
      case .unreadable(let number): "cannot be read: \(systemMessage(number))"
      }
    }
  }

  /// The folder that was walked.
  public let root: String
  /// Relative paths of the regular files, in bytewise order.
  public internal(set) var files: [String] = []
  /// Relative paths and reasons of what was left out, in the order it was met.
  public internal(set) var skipped: [Skipped] = []
  /// Relative paths of the folders that hold nothing at all, or hidden entries only, in bytewise order; an archive's are not known.
  public private(set) var emptyFolders: [String] = []
  /// Number of hidden entries left out: a dot in front, or a folder `__MACOSX`.
  public internal(set) var hiddenCount = 0
  private var folderCount = 0

  private struct Identity: Hashable {
    var device: dev_t
    var number: ino_t
  }

  /// Walks a folder; cost: one system call for some hundred files, three for a folder, one for a link.
  public init(root: String, in files: InputFiles = .disk) throws(DatasetError) {
    self.root = root
    switch files.place(of: root) {
    case .disk(let path):
      let descriptor = try openFolder(path)
      defer { close(descriptor) }
      var ancestors: [Identity] = []
      try walk(descriptor, "", &ancestors)
    case .mounted(let mount, let below): try list(mount, below)
    }
  }

  private mutating func walk(_ rootDescriptor: Int32, _ path: String, _ ancestors: inout [Identity]) throws(DatasetError) {
    try InterruptFlag.check()
    folderCount += 1
    guard folderCount <= Self.folderLimit else {
      throw DatasetError(.io, "holds more than \(Self.folderLimit) folders, links followed", path: root)
    }
    let descriptor = SystemCalls.real.open(rootDescriptor, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return try refuse(path, errno, descriptor) }
    let identity = Identity(device: status.st_dev, number: status.st_ino)
    guard !ancestors.contains(identity) else {
      close(descriptor)
      skipped.append(Skipped(path: path, reason: .loop))
      return
    }
    guard var listing = FolderListing(consuming: descriptor, .real) else { return try refuse(path, errno, -1) }
    resolveLinks(rootDescriptor, path, &listing)
    listing.sort()
    ancestors.append(identity)
    defer { ancestors.removeLast() }
    var isEmpty = true
    defer { if isEmpty, !path.isEmpty { emptyFolders.append(path) } }
    for entry in listing.entries {
      if isHidden(listing, entry) {
        hiddenCount += 1
        continue
      }
      isEmpty = false
      guard let name = listing.text(entry) else {
        skipped.append(Skipped(path: joinedPath(path, Self.display(listing.bytes(entry))), reason: .notUTF8))
        continue
      }
      let child = path.isEmpty ? name : path + "/" + name
      switch entry.kind {
      case .file: files.append(child)
      case .special: skipped.append(Skipped(path: child, reason: .special))
      case .link: skipped.append(Skipped(path: child, reason: .danglingLink))
      case .unknown: skipped.append(Skipped(path: child, reason: .unreadable(EIO)))
      case .folder:
        if ancestors.count > Self.depthLimit {
          skipped.append(Skipped(path: child, reason: .tooDeep))
        } else {
          try walk(rootDescriptor, child, &ancestors)
        }
      }
    }
  }

  /// Notes a folder that cannot be read; for the root itself that is an error.
  private mutating func refuse(_ path: String, _ number: Int32, _ descriptor: Int32) throws(DatasetError) {
    if descriptor >= 0 { close(descriptor) }
    guard !path.isEmpty else { throw systemError("cannot be listed", path: root, number) }
    // A link that turns in a circle by itself never gets as far as being a folder.
    skipped.append(Skipped(path: path, reason: number == ELOOP ? .loop : .unreadable(number)))
  }

  /// Finds out what links lead to, and what entries are where the file system does not tell; `.link` stays for dangling ones.
  private func resolveLinks(_ rootDescriptor: Int32, _ path: String, _ listing: inout FolderListing) {
    guard listing.entries.contains(where: { $0.kind == .link || $0.kind == .unknown }) else { return }
    let prefix = path.isEmpty ? [] : Array(path.utf8CString.dropLast()) + [0x2F]
    for position in listing.entries.indices {
      let entry = listing.entries[position]
      guard entry.kind == .link || entry.kind == .unknown else { continue }
      var status = stat()
      var whole = prefix
      listing.withName(entry) { whole.append(contentsOf: UnsafeBufferPointer(start: $0, count: Int(entry.length) + 1)) }
      if fstatat(rootDescriptor, whole, &status, 0) == 0 {
        listing.setKind(position, fileKind(status.st_mode))
      } else {
        listing.setKind(position, errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? .link : .unknown)
      }
    }
  }

  private func isHidden(_ listing: FolderListing, _ entry: FolderListing.Entry) -> Bool {
    listing.withName(entry) { name in
      name[0] == 0x2E || (entry.kind == .folder && entry.length == 8 && strcmp(name, "__MACOSX") == 0)
    }
  }

  /// A name that is not UTF-8, readable and without loss.
  static func display(_ name: [UInt8]) -> String {
    var text = ""
    var rest = name[...]
    while let first = rest.first {
      if first == 0x5C {
        text += "\\\\"
        rest = rest.dropFirst()
        continue
      }
      let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      if let scalar = String(validating: rest.prefix(length), as: UTF8.self) {
        text += scalar
        rest = rest.dropFirst(length)
      } else {
        let digits = String(first, radix: 16, uppercase: true)
        text += "\\x" + (first < 16 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return text
  }
}
