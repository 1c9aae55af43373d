import WaybillDiagnostics
import WaybillLocks

@testable import WaybillFiles

/// Bytes of a test: in memory, or such as have to be fetched; counts the reads.
final class TestSource: ByteSource, @unchecked Sendable {
  let path = "test.zip"
  let size: Int
  let mapped: UnsafeRawBufferPointer?
  private let memory: UnsafeRawBufferPointer
  private let reading = Lock<[Range<Int>]>([])

  init(_ bytes: [UInt8], isMapped: Bool = true) {
    // A page at the end of memory would hide reads beyond it; the sanitizer sees those of an allocation of its own.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    memory = UnsafeRawBufferPointer(copy)
    size = bytes.count
    mapped = isMapped ? memory : nil
  }

  deinit { memory.deallocate() }

  /// The ranges that were read.
  var reads: [Range<Int>] { reading.withLock { $0 } }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard offset >= 0, buffer.count <= size - offset else { throw DatasetError(.io, "was read beyond its end", path: path) }
    reading.withLock { $0.append(offset..<(offset + buffer.count)) }
    buffer.copyMemory(from: memory.part(offset, buffer.count))
  }
}

/// What an archive turned out to be.
enum ZipVerdict: Equatable {
  /// Its entries, folders without content.
  case accepted([String: [UInt8]])
  /// The rule it broke, and when that was found.
  case refused(rule: String, stage: Stage)

  enum Stage: String { case open, headers, contents, confirm }

  var rule: String? {
    if case .refused(let rule, _) = self { return rule }
    return nil
  }
}

/// Opens an archive and reads everything in it.
func judge(
  _ bytes: [UInt8], isMapped: Bool = true, limits: ZipLimits = ZipLimits(),
  stages: Set<ZipVerdict.Stage> = [.headers, .contents, .confirm]
) -> ZipVerdict {
  var stage = ZipVerdict.Stage.open
  do {
    let archive = try ZipArchive(TestSource(bytes, isMapped: isMapped), limits: limits)
    if stages.contains(.headers) {
      stage = .headers
      try archive.checkHeaders()
    }
    var files: [String: [UInt8]] = [:]
    if stages.contains(.contents) {
      stage = .contents
      for entry in archive {
        try entry.verify()
        files[entry.name + (entry.kind == .folder ? "/" : "")] = copied(try entry.contents())
      }
    }
    if stages.contains(.confirm) {
      stage = .confirm
      try archive.confirm()
    }
    return .accepted(files)
  } catch {
    let message = error.message
    let isSafe = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } && message.utf8.count < 1000
    guard isSafe, error.path == "test.zip", message.last == "]", let bracket = message.lastIndex(of: "[") else {
      return .refused(rule: "no rule in: \(error)", stage: stage)
    }
    let name = String(message[message.index(after: bracket)...].dropLast())
    guard let rule = ZipRule(rawValue: name), error.code == rule.code else {
      return .refused(rule: "unknown: \(error)", stage: stage)
    }
    return .refused(rule: name, stage: stage)
  }
}
