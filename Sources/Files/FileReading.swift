import Glibc
import WaybillDiagnostics

/// Reads a whole small file below an open folder into an empty buffer, which is empty again on any error.
func readWhole(
  _ folder: Int32, _ path: String, into buffer: inout ReusableBuffer, limit: Int, shown: @autoclosure () -> String
) throws(DatasetError) {
  let file = try openInput(folder, path, shown: shown())
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw systemError("cannot be examined", path: shown()) }
  if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: shown()) }
  guard status.st_size <= limit else { throw tooLarge(shown(), limit) }
  // One byte more than the size: a short answer says that the end is reached.
  buffer.reserve(Int(status.st_size) + 1)
  while true {
    let count = Glibc.read(file, buffer.free.baseAddress, buffer.free.count)
    if count < 0 {
      if errno == EINTR { continue }
      let error = systemError("cannot be read", path: shown())
      buffer.clear()
      throw error
    }
    buffer.count += count
    if count == 0 || (status.st_size > 0 && buffer.count == status.st_size) { return }
    // It changed since it was examined, or it is a system file that does not tell its size: read on to its end.
    guard buffer.count <= limit else {
      buffer.clear()
      throw tooLarge(shown(), limit)
    }
    if buffer.free.isEmpty { buffer.reserve(buffer.count &* 2 &+ 4096) }
  }
}

/// Reads the first bytes of a file below an open folder, at most a count.
func readFirstBytes(
  _ folder: Int32, _ path: String, count: Int, shown: @autoclosure () -> String
) throws(DatasetError) -> [UInt8] {
  let file = try openInput(folder, path, shown: shown())
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw systemError("cannot be examined", path: shown()) }
  if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: shown()) }
  // Files of /proc and the like say 0 and hold something nevertheless.
  let size = status.st_size > 0 ? Int(status.st_size) : 4096
  var bytes = [UInt8](repeating: 0, count: max(0, min(count, size)))
  let filled = bytes.withUnsafeMutableBytes { SystemCalls.real.readAll(file, $0, at: 0) }
  guard filled >= 0 else { throw systemError("cannot be read", path: shown()) }
  return Array(bytes.prefix(filled))
}
