import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct ArchiveTreeTests {
  let scratch = Scratch()

  /// Writes an archive of some files, every other one deflated.
  private func pack(_ name: String, _ files: [(name: String, bytes: [UInt8])]) throws {
    let sink = MemorySink()
    let writer = ZipWriter(sink, path: name)
    var deflater = Deflater(level: 1)
    for (position, file) in files.enumerated() {
      try file.bytes.withUnsafeBytes { bytes in
        guard position % 2 == 1, let deflated = deflater.deflate(bytes) else {
          try writer.add(file.name, bytes)
          return
        }
        try writer.beginEntry(
          file.name, .deflated(size: bytes.count, crc32: CRC32(of: bytes).value, deflatedSize: deflated.count))
        try writer.append(deflated)
        try writer.endEntry()
      }
    }
    try writer.finish()
    scratch.put(name, sink.bytes)
  }

  @Test func readsAsTheDisk() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    var files: [(name: String, bytes: [UInt8])] = []
    for number in 0..<60 {
      let count = [0, 1, 100, 5_000, 70_000].randomElement(using: &dice) ?? 0
      let isText = Bool.random(using: &dice)
      let bytes = (0..<count).map { _ in UInt8.random(in: isText ? 97...100 : 0...255, using: &dice) }
      files.append((["a", "b/ä", "b", "c/d e"][number % 4] + "/\(number).bin", bytes))
    }
    try pack("data", files)
    for file in files { scratch.put("disk/" + file.name, file.bytes) }
    let mounted = try #require(try InputFiles.disk.mountingArchive(holding: scratch("data")))
    #expect(mounted.origins == [scratch("data")])
    #expect(mounted.isMountPoint(scratch("data")) && !mounted.isMountPoint(scratch("data/a")))
    #expect(try FileTree(root: scratch("data"), in: mounted).files == FileTree(root: scratch("disk")).files)
    let folder = try Folder(path: scratch("data"), in: mounted)
    var buffer = ReusableBuffer()
    for file in files {
      let path = scratch("data/" + file.name)
      #expect(mounted.status(of: path) == .file(size: file.bytes.count))
      let mapped = try mounted.map(path)
      #expect(copied(mapped) == file.bytes, "\(file.name), seed \(seed)")
      #expect(mapped.path == path)
      try folder.read(file.name, into: &buffer)
      #expect(Array(buffer.bytes) == file.bytes, "\(file.name), seed \(seed)")
      for count in [0, 1, 50, 4_096, 100_000] {
        #expect(try mounted.readHead(path, count: count) == Array(file.bytes.prefix(count)), "\(file.name), seed \(seed)")
      }
    }
  }

  static let paths: [(path: String, point: String?)] = [
    ("data.zip", "data.zip"), ("data.zip/", "data.zip"), ("data.zip/a", "data.zip"), ("data.zip/d/e/none", "data.zip"),
    ("text", nil),
    ("text/a", nil), ("none", nil), ("none/a", nil), ("", nil), (".", nil), ("folder", nil), ("folder/none", nil), ("pipe", nil),
    ("empty.zip", "empty.zip"), ("short", nil), ("\0", nil), ("data.zip/inner.zip", "data.zip/inner.zip"),
    ("data.zip/inner.zip/x/deep", "data.zip/inner.zip"), ("data.zip/inner", "data.zip"),
  ]

  @Test(arguments: paths) func isKnownByItsBytes(row: (path: String, point: String?)) throws {
    scratch.put("text", "no archive")
    scratch.put("short", "PK")
    scratch.put("folder/x")
    mkfifo(scratch("pipe"), 0o644)
    let inner = try zipped([("x/deep", [1, 2, 3])])
    try pack("data.zip", [("a", [1]), ("d/e/f", [2]), ("inner", inner), ("inner.zip", inner)])
    try pack("empty.zip", [])
    let path = row.path.isEmpty ? "" : scratch(row.path)
    let mounted = try InputFiles.disk.mountingArchive(holding: path)
    #expect((mounted != nil) == (row.point != nil))
    guard let mounted, let point = row.point else { return }
    #expect(mounted.isMountPoint(scratch(point)))
    #expect(mounted.isFolder(scratch(point)))
    if row.path.hasSuffix("deep") { #expect(copied(try mounted.map(path)) == [1, 2, 3]) }
  }

  @Test func damagedArchivesAreErrors() throws {
    try pack("data.zip", [("a", Array("stored".utf8)), ("b", Array(repeating: 7, count: 9_000))])
    let whole = try #require(scratch.bytes("data.zip"))
    for size in [4, 30, whole.count - 1] {
      scratch.put("cut.zip", Array(whole.prefix(size)))
      let error = thrown { _ = try InputFiles.disk.mountingArchive(holding: scratch("cut.zip")) }
      #expect(error?.path == scratch("cut.zip"))
    }
    var flipped = whole
    let place = try #require(whole.firstRange(of: Array("stored".utf8)))
    flipped[place.lowerBound] ^= 0x20
    scratch.put("flipped.zip", flipped)
    let files = try #require(try InputFiles.disk.mountingArchive(holding: scratch("flipped.zip")))
    #expect(thrown { _ = try files.map(scratch("flipped.zip/a")) }?.code == .corrupt)
    // The head alone is not checked: whoever uses what is in it reads the whole.
    #expect(try files.readHead(scratch("flipped.zip/a"), count: 3) == Array("Sto".utf8))
    #expect(copied(try files.map(scratch("flipped.zip/b"))).count == 9_000)
  }

  @Test func namesThatDifferInCaseAreReadAndNotWritten() throws {
    // The writer of archives asks nobody about case; an output does.
    try pack("data.zip", [("A.txt", [1]), ("a.txt", [2])])
    let files = try #require(try InputFiles.disk.mountingArchive(holding: scratch("data.zip")))
    #expect(try FileTree(root: scratch("data.zip"), in: files).files == ["A.txt", "a.txt"])
    let output = try StagedOutput(target: scratch("out.zip"), kind: .archive, overwrite: false)
    try output.place(media: scratch("data.zip/A.txt"), from: files, at: "A.txt", mode: .copy)
    #expect(
      thrown { try output.place(media: scratch("data.zip/a.txt"), from: files, at: "a.txt", mode: .copy) }?.code == .invalidInput)
  }

  @Test func aLargeFileIsInflatedOnceForAll() throws {
    // What deflates too well is taken for a bomb: nothing comes again within the 32 KiB that DEFLATE looks back.
    var dice = Dice(state: 1)
    let piece = (0..<40_000).map { _ in UInt8.random(in: 0...3, using: &dice) }
    var large: [UInt8] = []
    while large.count <= ArchiveTree.limits.memory { large += piece }
    try pack("data.zip", [("a", [1]), ("large", large), ("b", [1]), ("small", [UInt8](repeating: 5, count: 1000))])
    let files = try #require(try InputFiles.disk.mountingArchive(holding: scratch("data.zip")))
    var first: MappedFile? = try files.map(scratch("data.zip/large"))
    let second = try files.map(scratch("data.zip/large"))
    #expect(first === second)
    weak let watched = first
    #expect(second.bytes.count == large.count)
    first = nil
    #expect(watched != nil)
    #expect(try files.map(scratch("data.zip/small")) !== files.map(scratch("data.zip/small")))
    #expect(try files.readHead(scratch("data.zip/large"), count: 9) == Array(large.prefix(9)))
  }
}

@Suite struct DeflatedHeadTests {
  @Test func isTheBeginningOfTheWhole() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    for level in [1, 6, 12] {
      var deflater = Deflater(level: level)
      for range: ClosedRange<UInt8> in [0...0, 97...99, 0...100] {
        let bytes = (0..<100_000).map { _ in UInt8.random(in: range, using: &dice) }
        let stream = try #require(bytes.withUnsafeBytes { deflater.deflate($0).map(Array.init) })
        for count in [0, 1, 2, 257, 4_096, 65_536, 99_999, 100_000, 100_001] {
          let head = stream.withUnsafeBytes { DeflatedHead.bytes(of: $0, count: count) }
          #expect(head == Array(bytes.prefix(count)), "\(count) of level \(level), seed \(seed)")
        }
      }
    }
  }

  @Test func damageIsNilOrOtherBytes() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    var deflater = Deflater()
    let bytes = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let stream = bytes.withUnsafeBytes { deflater.deflate($0).map(Array.init) ?? [] }
    var failures = 0
    for _ in 0..<3_000 {
      var damaged = Array(stream.prefix(Int.random(in: 0...stream.count, using: &dice)))
      for _ in 0..<Int.random(in: 0...3, using: &dice) where !damaged.isEmpty {
        damaged[Int.random(in: damaged.indices, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      }
      let head = damaged.withUnsafeBytes { DeflatedHead.bytes(of: $0, count: 2_000) }
      if let head { #expect(head.count <= 2_000, "seed \(seed)") } else { failures += 1 }
    }
    #expect(failures > 100)
    #expect(DeflatedHead.bytes(of: UnsafeRawBufferPointer(start: nil, count: 0), count: 5) == nil)
  }
}
