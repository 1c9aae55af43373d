import WaybillDiagnostics
import WaybillFiles

/// Zip archives, with what must hold for any bytes at all.
enum ZipTarget {
  /// Bytes in memory, or such as have to be fetched.
  private final class Source: ByteSource, @unchecked Sendable {
    let path = "fuzz.zip"
    let bytes: UnsafeRawBufferPointer
    let isMapped: Bool
    var size: Int { bytes.count }
    var mapped: UnsafeRawBufferPointer? { isMapped ? bytes : nil }

    init(_ bytes: UnsafeRawBufferPointer, isMapped: Bool) {
      self.bytes = bytes
      self.isMapped = isMapped
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
      guard offset >= 0, offset <= size, buffer.count <= size - offset else {
        broken("a read of \(buffer.count) at \(offset) of \(size)")
      }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + buffer.count)]))
    }
  }

  private final class Sink: ByteSink {
    var bytes: [UInt8] = []
    func append(_ more: UnsafeRawBufferPointer) { bytes += more }
  }

  private struct File: Equatable {
    var name: [UInt8]
    var isFolder: Bool
    var content: [UInt8]
  }

  /// An archive is read alike in memory and fetched, or refused by the same rule; what was read can be written and read again.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    let (files, refusal) = read(bytes, isMapped: true)
    let (fetched, fetchedRefusal) = read(bytes, isMapped: false)
    guard files == fetched, refusal == fetchedRefusal else {
      broken("\(refusal ?? "accepted") is \(fetchedRefusal ?? "accepted") when fetched")
    }
    guard refusal == nil else { return }
    let sink = Sink()
    let writer = ZipWriter(sink, path: "again.zip")
    let plain = files.filter { !$0.isFolder }
    do throws(DatasetError) {
      for file in plain { try writer.add(String(decoding: file.name, as: UTF8.self), file.content) }
      try writer.finish()
    } catch { broken("what was read cannot be written: \(error)") }
    let (again, failure) = sink.bytes.withUnsafeBytes { read($0, isMapped: true, isStrict: true) }
    guard again == plain else { broken("what was written came back otherwise: \(failure ?? "")") }
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, isMapped: Bool, isStrict: Bool = false) -> (
    files: [File], refusal: String?
  ) {
    var limits = ZipLimits()
    limits.totalSize = 1 << 24
    limits.memory = 1 << 20
    do throws(DatasetError) {
      let archive = try ZipArchive(Source(bytes, isMapped: isMapped), limits: limits)
      var files: [File] = []
      for position in archive.indices {
        let entry = archive[position]
        var content: [UInt8] = []
        try entry.stream { (piece) throws(DatasetError) in content += piece }
        guard content.count == entry.size, archive.entry(named: entry.name)?.position == position else {
          broken("entry \(position) is another")
        }
        files.append(File(name: entry.withName { Array($0) }, isFolder: entry.kind == .folder, content: content))
      }
      try archive.confirm(isStrict: isStrict)
      return (files, nil)
    } catch {
      guard error.message.last == "]", error.code == .corrupt || error.code == .invalidInput else { broken("no rule: \(error)") }
      return ([], error.description)
    }
  }
}
