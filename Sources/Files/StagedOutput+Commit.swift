import Glibc
import WaybillDiagnostics

extension StagedOutput {
  /// Makes the output visible: closes its files, brings them to the disk, moves them to the target in one step.
  ///
  /// When it throws, nothing of the output is left and an output that was to be replaced is untouched. It fails if any write
  /// failed before, if the target has appeared meanwhile, and if an output of kind file does not consist of one file.
  public func commit() throws(DatasetError) {
    let files: [OutputFile] = try state.withLock { (state) throws(DatasetError) in
      guard state.phase == .open else { throw DatasetError(.io, "the output is closed already", path: target) }
      state.phase = .committing
      defer { state.openFiles = [] }
      return state.openFiles
    }
    do throws(DatasetError) {
      waitForWriters()
      let path = try finish(files)
      try move(path)
    } catch {
      tearDown(files)
      state.withLock { $0.phase = .aborted }
      throw error
    }
    state.withLock { $0.phase = .committed }
    if !staging.remove(keepingParents: true) { noteLeftover() }
  }

  /// Closes the files and brings everything to the disk; returns what is to be moved, as a path in the staging folder.
  private func finish(_ files: [OutputFile]) throws(DatasetError) -> String {
    for file in files { try file.close() }
    let (failure, count, first) = state.withLock { ($0.failure, $0.fileCount, $0.firstFile) }
    if let failure { throw failure }
    var name = first
    switch kind {
    case .folder:
      guard system.syncFileSystem(staging.content) == 0 else { throw failed("cannot be brought to the disk") }
      return StagingFolder.contentName
    case .file:
      guard count == 1 else {
        throw DatasetError(.usage, "is one file, but \(count == 0 ? "none was" : "\(count) were") written", path: target)
      }
    case .archive: name = try writeArchive()
    }
    let path = joinedPath(StagingFolder.contentName, name)
    let descriptor = system.open(staging.holder, path, O_RDONLY)
    guard descriptor >= 0 else { throw failed("cannot be brought to the disk") }
    let result = system.sync(descriptor)
    let number = errno
    system.close(descriptor)
    guard result == 0 else { throw systemError("cannot be brought to the disk", path: target, number) }
    return path
  }

  /// How the output got to the target, and so how to take it back.
  private enum Move {
    case moved, linked, exchanged, replaced
  }

  /// Moves the finished output to the target and makes that durable, or takes it back.
  private func move(_ path: String) throws(DatasetError) {
    let move = try overwrite ? replace(path) : moveToFreeName(path)
    // A file system that cannot sync a folder says EINVAL, and then there is nothing to wait for.
    let result = staging.madeParents.isEmpty ? system.sync(staging.parent) : system.syncFileSystem(staging.parent)
    if result == 0 || errno == EINVAL { return }
    let error = failed("cannot be brought to the disk")
    switch move {
    case .moved: _ = system.rename(staging.parent, staging.name, staging.holder, path)
    case .linked: _ = system.unlink(staging.parent, path: staging.name)
    case .exchanged: _ = system.exchange(staging.holder, path, staging.parent, staging.name)
    case .replaced: takeBack(path)
    }
    throw error
  }

  /// Moves the output to a name that must be free.
  private func moveToFreeName(_ path: String) throws(DatasetError) -> Move {
    if system.renameNoReplace(staging.holder, path, staging.parent, staging.name) == 0 { return .moved }
    if errno == EEXIST { throw Self.alreadyExists(target) }
    guard GNU.isMissing(errno) else { throw failed("cannot be moved to its place") }
    if kind.isOneFile {
      // A link refuses a taken name just as well.
      if system.link(staging.holder, path, staging.parent, staging.name, follow: false) == 0 { return .linked }
      if errno == EEXIST { throw Self.alreadyExists(target) }
    }
    var status = stat()
    if system.status(staging.parent, staging.name, &status, follow: false) == 0 { throw Self.alreadyExists(target) }
    guard errno == ENOENT else { throw failed("cannot be examined") }
    // Something that appears just now is replaced only if it is a file, or an empty folder.
    guard system.rename(staging.holder, path, staging.parent, staging.name) == 0 else {
      throw failed("cannot be moved to its place")
    }
    return .moved
  }

  /// Moves the output to the target's name, whatever is there; the old output ends up in the staging folder.
  private func replace(_ path: String) throws(DatasetError) -> Move {
    for _ in 0..<4 {
      if system.exchange(staging.holder, path, staging.parent, staging.name) == 0 { return .exchanged }
      if GNU.isMissing(errno) { return try replaceWithoutExchange(path) }
      guard errno == ENOENT else { break }
      do throws(DatasetError) { return try moveToFreeName(path) } catch {
        // It appeared between the two calls: exchange after all.
        guard error.code == .outputExists else { throw error }
      }
    }
    throw failed("cannot be exchanged with the output that is there")
  }

  /// Replaces the target on file systems that cannot exchange two names.
  ///
  /// The old output is kept as `previous` in the staging folder, from where the next process puts it back if this one is killed
  /// between the two steps.
  private func replaceWithoutExchange(_ path: String) throws(DatasetError) -> Move {
    let previous = StagingFolder.previousName
    var status = stat()
    guard system.status(staging.parent, staging.name, &status, follow: false) == 0 else {
      guard errno == ENOENT else { throw failed("cannot be examined") }
      return try moveToFreeName(path)
    }
    // A file takes a file's place in one step; a second name keeps the old one until the new one is safe.
    let isOneStep = kind.isOneFile && fileKind(status.st_mode) != .folder
    if !isOneStep || system.link(staging.parent, staging.name, staging.holder, previous, follow: false) != 0 {
      guard system.rename(staging.parent, staging.name, staging.holder, previous) == 0 else {
        throw failed("the output that is there cannot be moved away")
      }
    }
    guard system.rename(staging.holder, path, staging.parent, staging.name) == 0 else {
      let error = failed("cannot be moved to its place")
      _ = system.rename(staging.holder, previous, staging.parent, staging.name)
      throw error
    }
    return .replaced
  }

  /// Puts the old output back after a replacement in two steps.
  private func takeBack(_ path: String) {
    guard system.rename(staging.parent, staging.name, staging.holder, path) == 0 else { return }
    _ = system.rename(staging.holder, StagingFolder.previousName, staging.parent, staging.name)
  }

  private func failed(_ message: String) -> DatasetError { systemError(message, path: target) }
}
