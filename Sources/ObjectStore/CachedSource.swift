import WaybillDiagnostics
import WaybillFiles
import WaybillLocks

/// An object whose blocks are kept.
///
/// Who reads on from where the last request ended gets more with the next one, up to sixteen blocks: to read everything in order takes few
/// requests, to look something up fetches no more than it needs.
final class CachedSource: ByteSource {
  private let source: any ByteSource
  private let blocks: BlockCache
  private let number: Int
  let revision: ObjectRevision
  private let ways = Lock<[Way]>([])

  /// Where one of those who read on has come to.
  private struct Way {
    var end: Int
    var requests: Int
  }
  /// Most ways that are remembered: several threads read at several places.
  private static let wayLimit = 16

  init(_ source: any ByteSource, _ revision: ObjectRevision, _ blocks: BlockCache) {
    self.source = source
    self.revision = revision
    self.blocks = blocks
    number = blocks.newSource()
  }

  deinit { blocks.remove(number) }

  var path: String { source.path }
  var size: Int { source.size }
  var mapped: UnsafeRawBufferPointer? { nil }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try check(offset, buffer.count)
    guard buffer.count / 4 < blocks.blockSize else { return try source.read(at: offset, into: buffer) }
    var filled = 0
    while filled < buffer.count {
      let position = offset + filled
      let start = position / blocks.blockSize * blocks.blockSize
      let bytes = try blocks.block(of: number, from: start) { () throws(DatasetError) in try fetch(start) }
      let part = bytes[(position - start)...].prefix(buffer.count - filled)
      UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<(filled + part.count)]).copyBytes(from: part)
      filled += part.count
    }
  }

  /// Fetches a block, and those behind it when the last request ended here.
  private func fetch(_ start: Int) throws(DatasetError) -> [UInt8] {
    let size = blocks.blockSize
    let count = ways.withLock { ways in
      let known = ways.firstIndex { $0.end == start }
      let requests = known.map { ways.remove(at: $0).requests + 1 } ?? 1
      // Two in a row are a neighbour, three are a way. No more than a part of what is kept, or the last would push out the first.
      let wanted = requests < 3 ? 1 : 1 << min(requests - 2, 4)
      let most = max(1, min(wanted, blocks.limit / 8, (self.size - start + size - 1) / size))
      // What another one has read is not fetched again.
      let count = (1..<most).first { blocks.holds(number, from: start + $0 * size) } ?? most
      if ways.count >= Self.wayLimit { ways.removeFirst() }
      ways.append(Way(end: start + count * size, requests: requests))
      return count
    }
    let bytes = try source.bytes(start..<min(self.size, start + count * size))
    for index in 1..<max(1, count) {
      let from = index * size
      blocks.keep(Array(bytes[from..<min(from + size, bytes.count)]), of: number, from: start + from)
    }
    return count == 1 ? bytes : Array(bytes[..<min(size, bytes.count)])
  }
}
