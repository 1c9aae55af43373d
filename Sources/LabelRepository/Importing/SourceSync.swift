import Glibc
import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

/// Compares the media of the sources with the samples: new files become samples without labels, or with those found beside them.
///
/// Nothing is taken away: a file that has vanished, or changed, is a finding.
public struct SourceSync {
  /// What was found.
  public struct Report: Sendable {
    /// Keys of samples that were added.
    public internal(set) var added: [String] = []
    /// How many of them had labels beside them.
    public internal(set) var labeled = 0
    /// Annotations that came along.
    public internal(set) var annotations = 0
    /// Labels that came into the set.
    public internal(set) var labels = 0
    /// Keys of samples whose file is not there any more.
    public internal(set) var vanished: [String] = []
    /// Keys of samples whose picture has another size than the labels say.
    public internal(set) var changed: [String] = []
    /// Sources that could not be looked through, and why.
    public internal(set) var unreachable: [(source: String, reason: String)] = []
    /// Files of the sources that are no media of the type.
    public internal(set) var others = 0
  }

  private let edit: LabelEdit
  private let registry: FormatRegistry
  private let resolver = MediaResolver()
  private let remote: (any RemoteFiles)?

  /// A comparison in an edit, which is not committed.
  ///
  /// - Parameter remote: Where sources are that are URLs; nil to leave them out.
  public init(_ edit: LabelEdit, registry: FormatRegistry, remote: (any RemoteFiles)? = nil) {
    self.edit = edit
    self.remote = remote
    self.registry = registry
  }

  /// Endings of the media of each kind, in lower case.
  static let endings: [Media.Kind: Set<String>] = [
    .image: ["jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff"],
    .text: ["txt"],
    .audio: ["wav", "mp3", "flac", "ogg", "opus", "m4a", "aac", "wma"],
    .video: ["mp4"],
    .table: ["csv"],
  ]

  /// Looks through the sources and adds what is new to the edit.
  public func run() throws(RepositoryFailure) -> Report {
    var report = Report()
    let root = edit.repository.root
    let known = try RepositoryFailure.wrap(edit.context) { () throws(DatasetError) in try edit.keys() }
    var found: Set<ExactText> = []
    // With the sizes in bytes of files behind a wire.
    var new: [(key: String, size: Int?)] = []
    var listed: [String] = []
    try RepositoryFailure.wrap(edit.context) { () throws(DatasetError) in
      for source in edit.settings.sources {
        if let remote, remote.serves(source) {
          do throws(DatasetError) {
            try remote.list(source) { (location, size) throws(DatasetError) in
              guard isMedia(location) else { return report.others += 1 }
              if found.insert(ExactText(location)).inserted, !known.contains(ExactText(location)) { new.append((location, size)) }
            }
            listed.append(source.utf8.last == 0x2F ? source : source + "/")
          } catch {
            guard error.code != .interrupted else { throw error }
            report.unreachable.append((source, "cannot be listed: \(error.message)"))
          }
          continue
        }
        guard let folder = folder(of: source, &report) else { continue }
        let tree = try FileTree(root: joinedPath(root, folder))
        edit.context.reportSkipped(tree)
        for file in tree.files {
          let key = folder == "." ? file : "\(folder)/\(file)"
          if isOurs(key) { continue }
          guard isMedia(file) else {
            report.others += 1
            continue
          }
          // Sources may overlap.
          if found.insert(ExactText(key)).inserted, !known.contains(ExactText(key)) { new.append((key, nil)) }
        }
      }
    }
    var additions = try newSamples(new, &report)
    additions.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    report.added = additions.map(\.key)
    try compareKnown(found, listed, adding: additions, &report)
    return report
  }

  /// The folder of a source, relative to the repository; nil for what cannot be looked through, which is noted.
  private func folder(of source: String, _ report: inout Report) -> String? {
    if URLMap.isURL(source) {
      report.unreachable.append((source, "is no folder of this machine"))
      return nil
    }
    let path = source.hasPrefix("/") ? source : joinedPath(edit.repository.root, source)
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      report.unreachable.append((source, "is not there"))
      return nil
    }
    guard let folder = MediaFiles(edit.repository).location(of: path) ?? (isRoot(path) ? "." : nil) else {
      report.unreachable.append((source, "lies outside of the repository's folder, where keys could not name its files"))
      return nil
    }
    return folder
  }

  /// What locations of files in a source begin with, whether it is there or not.
  private static func prefix(of source: String, in root: String) -> String {
    var parts: [Substring] = []
    let below = source.hasPrefix(root + "/") ? source.dropFirst(root.count + 1) : source[...]
    for part in below.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/") + "/"
  }

  private func isRoot(_ path: String) -> Bool {
    var (one, other) = (stat(), stat())
    return stat(path, &one) == 0 && stat(edit.repository.root, &other) == 0 && one.st_ino == other.st_ino
      && one.st_dev == other.st_dev
  }

  /// Whether a file belongs to the repository itself.
  private func isOurs(_ key: String) -> Bool {
    key.hasPrefix("\(NativeHeaderText.labelFolder)/")
      || [NativeHeaderText.fileName, LabelRepository.importsName, LabelRepository.versionsName].contains(key)
  }

  private func isMedia(_ file: String) -> Bool {
    let kind = edit.settings.type.newMedia
    guard let endings = SourceSync.endings[kind] else { return true }
    guard endings.contains(FileName.extension(of: file).lowercased()) else { return false }
    // The labels of a text lie beside it.
    return kind != .text || !file.hasSuffix("_result.txt")
  }

  private func newSamples(
    _ files: [(key: String, size: Int?)], _ report: inout Report
  ) throws(RepositoryFailure) -> [Sample] {
    if files.isEmpty { return [] }
    let kind = edit.settings.type.newMedia
    var samples = files.map { Sample(key: $0.key, media: Media(kind, location: $0.key)) }
    if kind == .image {
      let repository = edit.repository
      try RepositoryFailure.wrap(edit.context) { () throws(DatasetError) in
        try PictureSizes(resolver: resolver, remote: remote)
          .forEach(of: files.map { ($0.size == nil ? repository.path($0.key) : $0.key, $0.size) }) { position, width, height in
            (samples[position].media.width, samples[position].media.height) = (width, height)
          }
      }
    }
    try LabelsBeside(edit, registry: registry).add(to: &samples, &report)
    return samples
  }

  /// Looks at the samples there are: whose file is gone, and whose picture has another size.
  ///
  /// - Parameter listed: The URLs of sources that were looked through, each with a slash at its end.
  private func compareKnown(
    _ found: Set<ExactText>, _ listed: [String], adding additions: [Sample], _ report: inout Report
  ) throws(RepositoryFailure) {
    let root = LabelRepository.realPath(edit.repository.root) ?? edit.repository.root
    let away = report.unreachable.map(\.source).filter { !URLMap.isURL($0) }
      .map { SourceSync.prefix(of: $0, in: root) }
    let media = MediaFiles(edit.repository)
    let resolver = resolver
    var (vanished, changed): ([String], [String]) = ([], [])
    try edit.change(.all, adding: additions) { sample in
      guard let location = sample.media.location else { return .kept }
      if URLMap.isURL(location), listed.contains(where: { location.utf8.starts(with: $0.utf8) }) {
        if !found.contains(ExactText(location)) { vanished.append(sample.key) }
        return .kept
      }
      let path = media.path(of: location)
      // What lies elsewhere, or in a source that is not there just now, may well be there.
      if path == nil, found.isEmpty || location.hasPrefix("/") || URLMap.isURL(location) { return .kept }
      if path == nil, away.contains(where: { location.utf8.starts(with: $0.utf8) }) { return .kept }
      guard let path else {
        vanished.append(sample.key)
        return .kept
      }
      if let width = sample.media.width, let height = sample.media.height, let size = resolver.imageSize(atPath: path),
        size != (width, height)
      {
        changed.append(sample.key)
      }
      return .kept
    }
    report.vanished = vanished
    report.changed = changed
  }
}
