import Glibc
import WaybillDiagnostics
import WaybillLocks

@testable import WaybillFiles

/// Bytes in memory, and the size of each piece they came in.
final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []
  private(set) var pieces: [Int] = []
  /// The append that fails, counted from 1.
  var failing = 0

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    pieces.append(bytes.count)
    if pieces.count == failing { throw DatasetError(.io, "is full", path: "memory") }
    self.bytes += bytes
  }
}

/// A file in which long runs of zeros are holes, so that gigabytes take no room.
final class SparseSink: ByteSink {
  private let descriptor: Int32
  private var size = 0
  private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

  init(_ path: String) { descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }

  deinit { close(descriptor) }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    let isHole = Self.zeros.withUnsafeBytes { $0.isSame(as: bytes) }
    size += bytes.count
    if isHole {
      guard ftruncate(descriptor, size) == 0, lseek(descriptor, size, SEEK_SET) == size else {
        throw systemError("hole", path: "sparse")
      }
    } else if let number = SystemCalls.real.writeAll(descriptor, bytes) {
      throw systemError("write", path: "sparse", number)
    }
  }
}

/// A sink that keeps the last bytes only: what an archive of any size ends with.
final class TailSink: ByteSink {
  private(set) var tail: [UInt8] = []
  private(set) var size = 0

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    size += bytes.count
    tail = Array((tail + bytes.suffix(4096)).suffix(4096))
  }
}

/// Writes to a descriptor, which may be a pipe.
final class DescriptorSink: ByteSink {
  private let descriptor: Int32
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    if let number = SystemCalls.real.writeAll(descriptor, bytes) { throw systemError("write", path: "pipe", number) }
  }
}

extension ZipWriter {
  /// Begins an entry of zeros and appends them, in pieces of 1 MiB.
  func addZeros(_ name: String, _ size: Int) throws {
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    let crc32 = ZeroChecksums.of(size)
    try beginEntry(name, .stored(size: size, crc32: crc32))
    var rest = size
    while rest > 0 {
      try zeros.withUnsafeBytes { try append(UnsafeRawBufferPointer(rebasing: $0.prefix(rest))) }
      rest -= min(rest, zeros.count)
    }
    try endEntry()
  }
}

/// An archive in memory of some files.
func zipped(_ files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
  let sink = MemorySink()
  let writer = ZipWriter(sink, path: "memory.zip")
  for file in files { try writer.add(file.name, file.bytes) }
  try writer.finish()
  return sink.bytes
}

/// Checksums of zeros, each found once.
private enum ZeroChecksums {
  private static let known = Lock<[Int: UInt32]>([:])

  static func of(_ size: Int) -> UInt32 {
    known.withLock { known in
      if let value = known[size] { return value }
      let zeros = [UInt8](repeating: 0, count: 1 << 20)
      var checksum = CRC32()
      for start in stride(from: 0, to: size, by: zeros.count) {
        zeros.withUnsafeBytes { checksum.update(UnsafeRawBufferPointer(rebasing: $0.prefix(size - start))) }
      }
      known[size] = checksum.value
      return checksum.value
    }
  }
}
