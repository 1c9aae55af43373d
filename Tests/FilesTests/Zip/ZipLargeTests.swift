import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

/// ZIP64: archives with more entries, larger members and later offsets than zip was made for.
@Suite(.serialized) struct ZipLargeTests {
  let scratch = Scratch()

  private static let limit = 0xFFFF_FFFF

  /// Whether the folder for temporary files takes files with holes of this size.
  private func hasRoom(_ size: Int) -> Bool {
    let descriptor = open(scratch("probe"), O_RDWR | O_CREAT, 0o644)
    defer {
      close(descriptor)
      unlink(scratch("probe"))
    }
    let isRoom = ftruncate(descriptor, size) == 0
    if !isRoom { print("skipped: \(scratch.path) takes no file of \(size) bytes") }
    return isRoom
  }

  @Test(arguments: [65_534, 65_535, 65_536, 70_000])
  func numbersOfEntries(count: Int) throws {
    let path = scratch("many.zip")
    let sink = SparseSink(path)
    let writer = ZipWriter(sink, path: path)
    let names = (0..<count).map { "f\($0 % 100)/\($0)" }
    for (number, name) in names.enumerated() { try writer.add(name, number.isMultiple(of: 1000) ? [1, 2, 3] : []) }
    let size = try writer.finish()
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(bytes.count == size)
    let end = bytes.suffix(22)
    #expect(Array(end.dropFirst(8).prefix(2)) == (count < 0xFFFF ? [0xFE, 0xFF] : [0xFF, 0xFF]))
    let locator = Array(bytes.dropLast(22).suffix(20).prefix(4))
    #expect((locator == [0x50, 0x4B, 6, 7]) == (count >= 0xFFFF))
    #expect(try ZipPeer.complaints(path, names: names) == [])
    let archive = try ZipArchive(try MappedFile(path: path))
    try archive.confirm(isStrict: true)
    #expect(archive.count == count)
    #expect(archive.entry(named: "f7/\(count / 100 * 100 - 93)")?.size == 0)
  }

  /// Members at the border of four bytes, and offsets beyond it.
  @Test(arguments: [[limit + 1], [limit - 1, 5, limit, limit + 1, 7]])
  func sizesOfMembers(sizes: [Int]) throws {
    guard hasRoom(sizes.reduce(1 << 20, +)) else { return }
    let path = scratch("large.zip")
    let writer = ZipWriter(SparseSink(path), path: path)
    for (number, size) in sizes.enumerated() { try writer.addZeros("\(number).bin", size) }
    try writer.finish()
    // The sizes as Python's reader sees them; their bytes only once, for 4 GiB take a while.
    if ZipPeer.hasPython {
      let script = """
        import sys, zipfile
        with zipfile.ZipFile(sys.argv[1]) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as content: assert content.read(100) == b"\\0" * min(100, entry.file_size)
                print(entry.file_size, entry.compress_size, entry.extract_version)
        """
      let isLarge = sizes.indices.map { sizes[$0] >= Self.limit || sizes[..<$0].reduce(35 * $0, +) >= Self.limit }
      let expected = zip(sizes, isLarge).map { "\($0) \($0) \($1 ? 45 : 10)\n" }.joined()
      #expect(try ZipPeer.run([ZipPeer.python, "-c", script, path]).text == expected)
    }
    let archive = try ZipArchive(try MappedFile(path: path))
    try archive.confirm(isStrict: true)
    #expect(archive.map(\.size) == sizes)
    for entry in archive {
      var last: [UInt8] = [1]
      try last.withUnsafeMutableBytes { try entry.byteSource().read(at: entry.size - 1, into: $0) }
      #expect(last == [0])
    }
    if ZipPeer.hasBsdtar {
      let outcome = try ZipPeer.run(["bsdtar", "-tvf", path])
      let told = outcome.text.split(separator: "\n").map { Int($0.split(separator: " ", omittingEmptySubsequences: true)[4]) }
      #expect(outcome.status == 0)
      #expect(told == sizes)
    }
    if ZipPeer.hasUnzip, sizes == [Self.limit + 1] {
      let outcome = try ZipPeer.run(["unzip", "-tqq", path])
      #expect(outcome.status == 0, "\(outcome.text)")
    }
  }

  /// An entry, then the directory, begins exactly at, before and after the border of four bytes.
  @Test(arguments: [limit - 1, limit, limit + 1])
  func offsetsOfHeaders(border: Int) throws {
    for isDirectory in [false, true] {
      let sink = TailSink()
      let writer = ZipWriter(sink, path: "tail.zip")
      // Names of one byte: a header of 31 bytes, and 20 more where a size is too large for four bytes.
      let first = border / 2
      try writer.addZeros("a", first - 31)
      try writer.addZeros("b", border - first - 31)
      #expect(writer.offset == border)
      if !isDirectory { try writer.add("c", [1]) }
      try writer.finish()
      let end = sink.tail.count - 22
      let offset = sink.tail[(end + 16)..<(end + 20)].reversed().reduce(0) { $0 << 8 | Int($1) }
      let isLarge = border >= Self.limit || !isDirectory
      #expect(offset == (isLarge && border + 32 >= Self.limit && !(isDirectory && border < Self.limit) ? Self.limit : border))
      let hasLocator = sink.tail[(end - 20)..<(end - 16)].elementsEqual([0x50, 0x4B, 6, 7])
      #expect(hasLocator == (offset == Self.limit))
      guard hasLocator else { continue }
      let record = end - 20 - 56
      let offset64 = sink.tail[(record + 48)..<(record + 56)].reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect(offset64 == border + (isDirectory ? 0 : 32))
      guard !isDirectory else { continue }
      // The last record of the directory is that of the entry at the border.
      let hasExtra = border >= Self.limit
      let at = record - (46 + 1 + (hasExtra ? 12 : 0))
      #expect(sink.tail[at..<(at + 4)].elementsEqual([0x50, 0x4B, 1, 2]))
      #expect(sink.tail[at + 30] == (hasExtra ? 12 : 0))
    }
  }
}
