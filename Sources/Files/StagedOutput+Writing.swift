import Glibc
import WaybillDiagnostics

extension StagedOutput {
  /// Writes a whole small file, with the folders above it.
  ///
  /// An unsafe path, one that is too long, and one that is taken already are ``DatasetError/Code/invalidInput`` errors, which leave the output as it
  /// was; after any other error it cannot be committed.
  public func writeFile(_ relativePath: String, _ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try writing(relativePath) { (path) throws(DatasetError) in
      if let archive { return try archive.add(path, bytes) { () throws(DatasetError) in try makeSpool() } }
      let descriptor = try create(path)
      let number = system.writeAll(descriptor, bytes)
      let closed = system.close(descriptor)
      if let number { throw failure("cannot be written", path, number) }
      if closed != 0 { throw failure("cannot be written", path, errno) }
    }
  }

  /// Writes a whole small file, with the folders above it.
  public func writeFile(_ relativePath: String, _ bytes: [UInt8]) throws(DatasetError) {
    let result: Result<Void, DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) { return .success(try writeFile(relativePath, raw)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Opens a file to append to; the commit closes it if its writer did not.
  public func openFile(_ relativePath: String) throws(DatasetError) -> OutputFile {
    try writing(relativePath) { (path) throws(DatasetError) in
      let file: OutputFile
      if let archive {
        file = OutputFile(keeping: try openUnnamed(), path: joinedPath(target, path), system)
        try archive.add(path, file)
      } else {
        file = OutputFile(try create(path), path: joinedPath(target, path), system)
      }
      state.withLock { state in
        if state.openFiles.count >= state.pruneCount {
          state.openFiles.removeAll { $0.isDone }
          state.pruneCount = max(64, state.openFiles.count * 2)
        }
        state.openFiles.append(file)
      }
      return file
    }
  }

  /// Opens an unnamed temporary file on the file system of the target.
  public func openSpool() throws(DatasetError) -> Spool {
    try enter(counting: nil)
    defer { leave(nil) }
    return try makeSpool()
  }

  private func makeSpool() throws(DatasetError) -> Spool { Spool(try openUnnamed(), path: target, system) }

  private func openUnnamed() throws(DatasetError) -> Int32 {
    let descriptor = system.openUnnamed(in: staging.holder, ".")
    guard descriptor >= 0 else { throw systemError("cannot hold a temporary file", path: staging.parentPath) }
    return descriptor
  }

  /// Brings a media file into the output; links are followed, and the source must be a regular file.
  ///
  /// An unusable source is an ``DatasetError/Code/io`` error that names it and leaves the output as it was. A link into an archive
  /// or out of one is a ``DatasetError/Code/usage`` error. The bytes of a copy into an archive are read at the commit, which fails if
  /// the source is another by then.
  public func place(
    media source: String, from files: InputFiles = .disk, at relativePath: String, mode: Placement
  ) throws(DatasetError) {
    if mode != .copy {
      if kind == .archive { throw DatasetError(.usage, "an archive holds no links; copy the media instead", path: target) }
      if files.diskPath(of: source) == nil {
        throw DatasetError(.usage, "lies in an archive, to which no link can lead; copy the media instead", path: source)
      }
    }
    if let archive {
      let media = try StagedArchive.Media(source, in: files) { system.status(AT_FDCWD, $0, &$1, follow: true) }
      return try writing(relativePath) { (path) throws(DatasetError) in try archive.add(path, media) }
    }
    guard let onDisk = files.diskPath(of: source) else {
      let file = try files.map(source)
      try writeFile(relativePath, file.bytes)
      // Otherwise all media of an archive would be in memory in the end.
      return file.release(0..<file.bytes.count)
    }
    try place(onDisk, at: relativePath, mode: mode)
  }

  /// Brings a file of the disk into an output folder or file.
  private func place(_ source: String, at relativePath: String, mode: Placement) throws(DatasetError) {
    switch mode {
    case .copy:
      let input = try openInput(source)
      defer { Glibc.close(input) }
      let size = try regularSize(source) { system.status(input, &$0) }
      try writing(relativePath) { (path) throws(DatasetError) in try copy(source, input, size, path) }
    case .hardlink:
      _ = try regularSize(source) { system.status(AT_FDCWD, source, &$0, follow: true) }
      try writing(relativePath) { (path) throws(DatasetError) in
        _ = try making(path) { system.link(AT_FDCWD, source, staging.content, path, follow: true) }
      }
    case .symlink:
      _ = try regularSize(source) { system.status(AT_FDCWD, source, &$0, follow: true) }
      guard let absolute = realpath(source, nil) else { throw systemError("cannot be found", path: source) }
      defer { free(absolute) }
      let text = String(cString: absolute)
      try writing(relativePath) { (path) throws(DatasetError) in
        _ = try making(path) { system.symbolicLink(text, staging.content, path) }
      }
    }
  }

  /// The size of a source that must be a regular file.
  private func regularSize(_ source: String, _ examine: (inout stat) -> Int32) throws(DatasetError) -> Int {
    Int(try regularStatus(source, examine).st_size)
  }

  private func copy(_ source: String, _ input: Int32, _ size: Int, _ path: String) throws(DatasetError) {
    let descriptor = try create(path)
    let number = system.copy(from: input, at: 0, count: size, to: descriptor)
    let closed = system.close(descriptor)
    if let number { throw failure("the copy of \(source) failed", path, number) }
    if closed != 0 { throw failure("cannot be written", path, errno) }
  }

  /// Makes a new file and opens it.
  private func create(_ path: String) throws(DatasetError) -> Int32 {
    try making(path) { system.open(staging.content, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW) }
  }

  /// Makes something new at a path, making the folders above it when they turn out to be missing.
  private func making(_ path: String, _ body: () -> Int32) throws(DatasetError) -> Int32 {
    var result = body()
    if result < 0 && errno == ENOENT {
      var end = path.utf8.startIndex
      while let slash = path.utf8[end...].firstIndex(of: 0x2F) {
        let folder = String(path[..<slash])
        // A folder that exists is right, anything else makes the next call fail with ENOTDIR.
        if system.makeFolder(staging.content, folder) != 0 && errno != EEXIST {
          if errno == ENAMETOOLONG { throw taken("a name is longer than the file system takes", path) }
          throw failure("its folder cannot be made", path, errno)
        }
        end = path.utf8.index(after: slash)
      }
      result = body()
    }
    guard result < 0 else { return result }
    switch errno {
    case EEXIST: throw taken("two records would write the same file", path)
    case ENOTDIR: throw taken("one record would write a file where another needs a folder", path)
    case ENAMETOOLONG: throw taken("a name is longer than the file system takes", path)
    case EXDEV: throw failure("a hard link cannot cross file systems; copy the media instead", path, EXDEV)
    default: throw failure("cannot be made", path, errno)
    }
  }

  /// A name that cannot be used, which is the input's fault and leaves the output as it was.
  private func taken(_ message: String, _ path: String) -> DatasetError {
    DatasetError(.invalidInput, message, path: joinedPath(target, path))
  }

  private func failure(_ message: String, _ path: String, _ number: Int32) -> DatasetError {
    systemError(message, path: joinedPath(target, path), number)
  }

  /// Checks a path, counts its file, and keeps the output from being committed or aborted meanwhile.
  private func writing<Result>(
    _ relativePath: String, _ body: (String) throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    let path: String
    do throws(RelativePath.Problem) { path = try RelativePath(relativePath).text } catch {
      throw DatasetError(.invalidInput, "an output file cannot be named so: the name \(error.phrase)", path: relativePath)
    }
    try enter(counting: path)
    do throws(DatasetError) {
      let result = try body(path)
      leave(nil)
      return result
    } catch {
      leave(error)
      throw error
    }
  }

  private func enter(counting path: String?) throws(DatasetError) {
    try state.withLock { (state) throws(DatasetError) in
      guard state.phase == .open else { throw DatasetError(.io, "the output is closed already", path: target) }
      if let path {
        if state.fileCount == 0 { state.firstFile = path }
        state.fileCount += 1
      }
      state.active += 1
    }
  }

  private func leave(_ error: DatasetError?) {
    state.withLock { state in
      state.active -= 1
      guard let error else { return }
      if error.code == .invalidInput {
        state.fileCount -= 1
      } else if state.failure == nil {
        state.failure = error
      }
    }
  }
}

/// What the system says of a source that must be a regular file.
func regularStatus(_ source: String, _ examine: (inout stat) -> Int32) throws(DatasetError) -> stat {
  guard !source.utf8.contains(0) else { throw DatasetError(.io, "holds a zero byte in its name", path: source) }
  var status = stat()
  guard examine(&status) == 0 else { throw systemError("cannot be examined", path: source) }
  if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: source) }
  return status
}
