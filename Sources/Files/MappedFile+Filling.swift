import Glibc
import WaybillDiagnostics

extension MappedFile {
  /// Bytes without a file of their own, which a closure fills in: in memory up to a limit, otherwise in an unnamed temporary file.
  ///
  /// Room that is not filled costs nothing in memory; in a temporary file it is taken first, so that a full disk is an error.
  package convenience init(
    filling size: Int, memoryLimit: Int, path: String, _ fill: (UnsafeMutableRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    guard size > 0 else {
      try fill(UnsafeMutableRawBufferPointer(start: nil, count: 0))
      self.init(UnsafeRawBufferPointer(start: nil, count: 0), in: .memory, path: path)
      return
    }
    if size <= min(memoryLimit, Self.heapLimit) {
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
      do throws(DatasetError) { try fill(room) } catch {
        room.deallocate()
        throw error
      }
      self.init(UnsafeRawBufferPointer(room), in: .heap, path: path)
      return
    }
    let room = size <= memoryLimit ? try Self.memory(size, path) : try Self.temporary(size, path)
    do throws(DatasetError) { try fill(room) } catch {
      munmap(room.baseAddress, size)
      throw error
    }
    self.init(UnsafeRawBufferPointer(room), in: size <= memoryLimit ? .memory : .mapping, path: path)
  }

  /// Fewer bytes than this are not worth a mapping of their own.
  private static let heapLimit = 1 << 18

  private static func memory(_ size: Int, _ path: String) throws(DatasetError) -> UnsafeMutableRawBufferPointer {
    let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let base, base != MAP_FAILED else { throw systemError("does not fit into memory with its \(size) bytes", path: path) }
    return UnsafeMutableRawBufferPointer(start: base, count: size)
  }

  private static func temporary(_ size: Int, _ path: String) throws(DatasetError) -> UnsafeMutableRawBufferPointer {
    let file = try SpooledInput.temporaryFile()
    defer { close(file.descriptor) }
    let number = posix_fallocate(file.descriptor, 0, size)
    guard number == 0 else { throw systemError("cannot hold the \(size) bytes of \(path)", path: file.folder, number) }
    let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
    guard let base, base != MAP_FAILED else { throw systemError("cannot be mapped", path: file.folder) }
    return UnsafeMutableRawBufferPointer(start: base, count: size)
  }
}
