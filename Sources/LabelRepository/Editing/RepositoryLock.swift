import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// The right to change a repository, which one process has at a time.
///
/// It is an advisory lock of the system on `.waybill/lock`, so it ends with the process that holds it, however that ends. The file says whose
/// it is, for the message others get.
final class RepositoryLock {
  private let descriptor: Int32

  /// Takes the lock, waiting for whoever has it.
  ///
  /// - Throws: An error of the code `conflict` that names the owner when it is not free in time.
  convenience init(_ repository: LabelRepository, waitSeconds: Double = 10) throws(DatasetError) {
    let folder = repository.path(LabelRepository.privateFolder)
    try makePrivateFolder(folder)
    let path = joinedPath(folder, "lock")
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw DatasetError(.io, "Cannot open the lock", path: path, errno: errno) }
    do throws(DatasetError) { try RepositoryLock.wait(descriptor, path, repository, waitSeconds) } catch {
      close(descriptor)
      throw error
    }
    self.init(descriptor)
  }

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    writeOwner()
  }

  private static func wait(
    _ descriptor: Int32, _ path: String, _ repository: LabelRepository, _ waitSeconds: Double
  ) throws(DatasetError) {
    var waited = 0.0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      guard number == EWOULDBLOCK || number == EINTR else {
        throw DatasetError(.io, "Cannot lock the repository", path: path, errno: number)
      }
      try InterruptFlag.check()
      guard waited < waitSeconds else {
        throw DatasetError(
          .conflict, "Another process is changing the repository: \(owner(descriptor))", path: repository.root)
      }
      usleep(50_000)
      waited += 0.05
    }
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private func writeOwner() {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = Array("\(getpid()) \(time(nil)) \(Author.systemUser() ?? "unknown")@\(name)\n".utf8)
    ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Who has the lock and for how long, as far as the file says.
  private static func owner(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    let line = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).prefix { $0 != "\n" }
    // Names of users may hold spaces.
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count == 3, let process = Int(words[0]), let since = Int(words[1]) else { return "its owner is not known" }
    let age = max(0, Int(time(nil)) - since)
    return "process \(process) of \(terminalSafe(String(words[2]))), since \(age) s"
  }
}

/// Makes the folder for what is not part of the dataset, and keeps it out of git.
func makePrivateFolder(_ folder: String) throws(DatasetError) {
  var status = stat()
  if stat(joinedPath(folder, ".gitignore"), &status) == 0 { return }
  try replaceFile(joinedPath(folder, ".gitignore"), with: Array("*\n".utf8))
}
