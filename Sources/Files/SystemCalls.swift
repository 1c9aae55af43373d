import Glibc

/// One kind of system call, named so that a test can make it fail.
package enum SystemCall: Sendable, Hashable {
  case open, openTemporary, close, stat, list, read, write, copyRange, sync, syncFileSystem, makeFolder, removeFolder, unlink
  case rename, renameNoReplace, exchange, link, symbolicLink, lock, map, setTimes
}

/// What a test wants to happen instead of a system call.
package enum Fault: Sendable {
  /// The call fails with this error number.
  case failure(Int32)
  /// The call moves at most this many bytes.
  case short(Int)
}

/// The system calls that outputs are made of, repeated when a signal interrupts them.
///
/// Every function answers like the call it is named after: -1 and `errno` when it failed. Tests set ``fault``.
package struct SystemCalls: Sendable {
  /// The calls as the system makes them.
  package static let real = SystemCalls()

  /// Asked before each call when a test has set it.
  package var fault: (@Sendable (SystemCall) -> Fault?)?

  /// The calls as the system makes them.
  package init() {}

  /// The fault a test wants for a call.
  @inline(__always) private func injected(_ call: SystemCall) -> Fault? {
    guard let fault else { return nil }
    return fault(call)
  }

  /// Makes a call until no signal interrupts it.
  @inline(__always) private func run<Result: SignedInteger>(_ call: SystemCall, _ body: () -> Result) -> Result {
    while true {
      let result: Result
      if case .failure(let number)? = injected(call) {
        errno = number
        result = -1
      } else {
        result = body()
      }
      if result != -1 || errno != EINTR { return result }
    }
  }

  /// Moves bytes until no signal interrupts it; a test can shorten the count.
  @inline(__always) private func move(_ call: SystemCall, _ count: Int, _ body: (Int) -> Int) -> Int {
    while true {
      let result: Int
      switch injected(call) {
      case .failure(let number):
        errno = number
        result = -1
      case .short(let limit): result = body(min(count, limit))
      case nil: result = body(count)
      }
      if result != -1 || errno != EINTR { return result }
    }
  }

  package func open(_ folder: Int32, _ path: String, _ flags: Int32, mode: mode_t = 0o666) -> Int32 {
    run(.open) { openat(folder, path, flags | O_CLOEXEC, mode) }
  }

  package func open(_ folder: Int32, path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
    run(.open) { openat(folder, path, flags | O_CLOEXEC) }
  }

  package func openTemporary(_ folder: Int32, _ path: String) -> Int32 {
    run(.openTemporary) { openat(folder, path, GNU.temporaryFile | O_RDWR | O_CLOEXEC, 0o600) }
  }

  /// Closes a descriptor, which is gone even if an error is reported.
  @discardableResult package func close(_ descriptor: Int32) -> Int32 {
    let result = Glibc.close(descriptor)
    if case .failure(let number)? = injected(.close) {
      errno = number
      return -1
    }
    // Linux frees the descriptor even when a signal came in between; asking again could close a stranger's.
    return result == -1 && errno == EINTR ? 0 : result
  }

  package func status(_ descriptor: Int32, _ result: inout stat) -> Int32 {
    run(.stat) { fstat(descriptor, &result) }
  }

  package func status(_ folder: Int32, _ path: String, _ result: inout stat, follow: Bool) -> Int32 {
    run(.stat) { fstatat(folder, path, &result, follow ? 0 : AT_SYMLINK_NOFOLLOW) }
  }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    move(.read, buffer.count) { Glibc.read(descriptor, buffer.baseAddress, $0) }
  }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    move(.read, buffer.count) { pread(descriptor, buffer.baseAddress, $0, offset) }
  }

  package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    move(.write, bytes.count) { Glibc.write(descriptor, bytes.baseAddress, $0) }
  }

  package func copyRange(from source: Int32, at offset: inout Int, to target: Int32, count: Int) -> Int {
    guard let call = GNU.copyFileRange else {
      errno = ENOSYS
      return -1
    }
    return move(.copyRange, count) { call(source, &offset, target, nil, $0, 0) }
  }

  package func sync(_ descriptor: Int32) -> Int32 {
    run(.sync) { fsync(descriptor) }
  }

  /// Brings everything written to the file system that holds a descriptor to the disk.
  package func syncFileSystem(_ descriptor: Int32) -> Int32 {
    run(.syncFileSystem) {
      guard let call = GNU.syncFileSystem else {
        Glibc.sync()
        return 0
      }
      return call(descriptor)
    }
  }

  package func makeFolder(_ folder: Int32, _ path: String, mode: mode_t = 0o777) -> Int32 {
    run(.makeFolder) { mkdirat(folder, path, mode) }
  }

  package func removeFolder(_ folder: Int32, path: UnsafePointer<CChar>) -> Int32 {
    run(.removeFolder) { unlinkat(folder, path, AT_REMOVEDIR) }
  }

  package func unlink(_ folder: Int32, path: UnsafePointer<CChar>) -> Int32 {
    run(.unlink) { unlinkat(folder, path, 0) }
  }

  package func rename(_ from: Int32, _ source: String, _ to: Int32, _ target: String) -> Int32 {
    run(.rename) { renameat(from, source, to, target) }
  }

  /// Renames, failing with `EEXIST` if the target exists; `ENOSYS` or `EINVAL` where that cannot be had.
  package func renameNoReplace(_ from: Int32, _ source: String, _ to: Int32, _ target: String) -> Int32 {
    run(.renameNoReplace) { GNU.rename(from, source, to, target, GNU.noReplace) }
  }

  /// Swaps two names; `ENOSYS` or `EINVAL` where that cannot be had.
  package func exchange(_ from: Int32, _ source: String, _ to: Int32, _ target: String) -> Int32 {
    run(.exchange) { GNU.rename(from, source, to, target, GNU.exchange) }
  }

  package func link(_ from: Int32, _ source: String, _ to: Int32, _ target: String, follow: Bool) -> Int32 {
    run(.link) { linkat(from, source, to, target, follow ? AT_SYMLINK_FOLLOW : 0) }
  }

  package func symbolicLink(_ text: String, _ folder: Int32, _ path: String) -> Int32 {
    run(.symbolicLink) { symlinkat(text, folder, path) }
  }

  /// Takes the lock of an open file, or fails with `EWOULDBLOCK`.
  package func lock(_ descriptor: Int32, isShared: Bool = false) -> Int32 {
    run(.lock) { flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) }
  }

  /// Sets when an open file was last written.
  package func setModified(_ descriptor: Int32, _ time: timespec) -> Int32 {
    // UTIME_OMIT: the time of the last reading stays.
    let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2), time]
    return run(.setTimes) { futimens(descriptor, times) }
  }

  /// Asks the fault hook before a folder is listed.
  package func mayList() -> Bool {
    guard case .failure(let number)? = injected(.list) else { return true }
    errno = number
    return false
  }
}
