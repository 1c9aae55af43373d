import Glibc

/// Calls of the GNU C library that its Swift module leaves out because they hide behind `_GNU_SOURCE`.
///
/// They are looked up by name once, so that the package needs no C target and still runs where one is missing.
package enum GNU {
  typealias RenameCall = @convention(c) (Int32, UnsafePointer<CChar>?, Int32, UnsafePointer<CChar>?, UInt32) -> Int32
  typealias SyncCall = @convention(c) (Int32) -> Int32
  typealias CopyCall =
    @convention(c) (Int32, UnsafeMutablePointer<Int>?, Int32, UnsafeMutablePointer<Int>?, Int, UInt32) -> Int

  /// `O_TMPFILE`, whose lower part is `O_DIRECTORY`: 020000000 on every Linux architecture Swift runs on.
  static let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY
  /// `RENAME_NOREPLACE`.
  static let noReplace: UInt32 = 1
  /// `RENAME_EXCHANGE`.
  static let exchange: UInt32 = 2

  /// `renameat2`, failing with `ENOSYS` where the C library has none.
  static func rename(_ from: Int32, _ source: String, _ to: Int32, _ target: String, _ flags: UInt32) -> Int32 {
    guard let renameCall else {
      errno = ENOSYS
      return -1
    }
    return renameCall(from, source, to, target, flags)
  }

  private static let renameCall = unsafeBitCast(dlsym(nil, "renameat2"), to: RenameCall?.self)
  /// `syncfs`.
  static let syncFileSystem = unsafeBitCast(dlsym(nil, "syncfs"), to: SyncCall?.self)
  /// `copy_file_range`.
  static let copyFileRange = unsafeBitCast(dlsym(nil, "copy_file_range"), to: CopyCall?.self)

  typealias AllocateCall = @convention(c) (Int32, Int32, off_t, off_t) -> Int32
  private static let allocateCall = unsafeBitCast(dlsym(nil, "fallocate"), to: AllocateCall?.self)

  /// Gives back the room of a range of a file, whose size stays; false where that cannot be done.
  @discardableResult static func punchHole(_ descriptor: Int32, at start: Int, count: Int) -> Bool {
    // FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE.
    guard let allocateCall else { return false }
    return allocateCall(descriptor, 0x02 | 0x01, off_t(start), off_t(count)) == 0
  }

  /// Whether an error number says that the system or the file system lacks a call or a flag.
  package static func isMissing(_ number: Int32) -> Bool {
    number == EINVAL || number == ENOSYS || number == EOPNOTSUPP || number == ENOTTY
  }
}
