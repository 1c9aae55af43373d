import Foundation
import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct ZipArchiveTests {
  let scratch = Scratch()

  // MARK: What is accepted

  static let content = Array("content".utf8)

  static let accepted: [(String, ForgedArchive, [String: [UInt8]])] = [
    ("no entries", ForgedArchive([]), [:]),
    ("stored", ForgedArchive([ForgedEntry("a")]), ["a": content]),
    (
      "deflated", ForgedArchive([ForgedEntry("a", [UInt8](repeating: 7, count: 999)).deflated()]),
      ["a": [UInt8](repeating: 7, count: 999)]
    ),
    (
      "deflated to more",
      ForgedArchive([
        ForgedEntry("a", [7]).with {
          $0.method = 8; $0.data = [0x63, 0x07, 0x00]
        }
      ]), ["a": [7]]
    ),
    ("empty and deflated", ForgedArchive([ForgedEntry("a", []).deflated()]), ["a": []]),
    (
      "out of order", ForgedArchive(["b", "a/c", "a", "c/d"].map { ForgedEntry($0 == "a" ? "a0" : $0) }),
      ["b": content, "a/c": content, "a0": content, "c/d": content]
    ),
    (
      "folders", ForgedArchive([ForgedEntry("a/", []), ForgedEntry("a/b/", []).with { $0.method = 8 }, ForgedEntry("a/b/c")]),
      ["a/": [], "a/b/": [], "a/b/c": content]
    ),
    (
      "dots before names", ForgedArchive([ForgedEntry("./", []), ForgedEntry("./a/", []), ForgedEntry("./a/b")]),
      ["./": [], "a/": [], "a/b": content]
    ),
    ("a comment", ForgedArchive([ForgedEntry("a")]).with { $0.comment = [UInt8](repeating: 0x50, count: 65_535) }, ["a": content]),
    ("comments of entries", ForgedArchive([ForgedEntry("a").with { $0.comment = [1, 2, 3] }]), ["a": content]),
    (
      "extra fields",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.extra = extraField(0x5455, [0]); $0.localExtra = extraField(0x5455, [0, 1])
        }
      ]),
      ["a": content]
    ),
    (
      "a long extra field",
      ForgedArchive([ForgedEntry("a").with { $0.localExtra = extraField(0x5455, [UInt8](repeating: 0, count: 60_000)) }]),
      ["a": content]
    ),
    ("padding", ForgedArchive([ForgedEntry("a").with { $0.localExtra = [0, 0, 0] }]), ["a": content]),
    (
      "by DOS",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.madeBy = 20; $0.attributes = 0x20
        },
        ForgedEntry("b/", []).with {
          $0.madeBy = 20; $0.attributes = 0x10
        },
      ]),
      ["a": content, "b/": []]
    ),
    (
      "without attributes",
      ForgedArchive([ForgedEntry("a").with { $0.attributes = 0 }, ForgedEntry("b/", []).with { $0.attributes = 0 }]),
      ["a": content, "b/": []]
    ),
    ("UTF-8 without a flag", ForgedArchive([ForgedEntry("é")]), ["é": content]),
    ("UTF-8 with a flag", ForgedArchive([ForgedEntry("é").with { $0.flags = ZipFormat.flagUTF8 }]), ["é": content]),
    (
      "a second name that is the same",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.extra = extraField(0x7075, [1] + withUnsafeBytes(of: CRC32(of: [0x61]).value.littleEndian) { Array($0) } + [0x61])
        }
      ]), ["a": content]
    ),
    (
      "a descriptor",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.flags = 8; $0.localCRC32 = 0; $0.localSize = 0; $0.localStoredSize = 0; $0.after = $0.descriptor()
        }, ForgedEntry("b"),
      ]), ["a": content, "b": content]
    ),
    (
      "a descriptor without its signature",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.flags = 8; $0.after = $0.descriptor(hasSignature: false)
        }, ForgedEntry("b"),
      ]), ["a": content, "b": content]
    ),
    (
      "bytes before it that its offsets know", ForgedArchive([ForgedEntry("a")]).with { $0.before = Array("#!/bin/sh\n".utf8) },
      ["a": content]
    ),
    ("ZIP64 without need", ForgedArchive([ForgedEntry("a")]).with { $0.zip64 = { _ in } }, ["a": content]),
    (
      "ZIP64 beside the same",
      ForgedArchive([ForgedEntry("a")]).with {
        $0.zip64 = { _ in }; $0.saysBoth = true
      }, ["a": content]
    ),
    (
      "ZIP64 fields without need",
      ForgedArchive([
        ForgedEntry("a").with {
          $0.localSize = 0xFFFF_FFFF; $0.localStoredSize = 0xFFFF_FFFF; $0.localExtra = zip64Field([7, 7])
        }
      ]), ["a": content]
    ),
    (
      "an archive in an archive", ForgedArchive([ForgedEntry("a.zip", ForgedArchive([ForgedEntry("b")]).bytes)]),
      ["a.zip": ForgedArchive([ForgedEntry("b")]).bytes]
    ),
  ]

  @Test(arguments: accepted.indices, [true, false])
  func isAccepted(index: Int, isMapped: Bool) {
    let (what, archive, files) = Self.accepted[index]
    #expect(judge(archive.bytes, isMapped: isMapped) == .accepted(files), "\(what)")
  }

  // MARK: Looking up

  @Test func entriesAreFound() throws {
    let seed = testSeed(9)
    var random = SeededNumbers(seed)
    var names = Set((0..<3000).map { _ in String(random.below(100_000), radix: 36) + (random.coin() ? "/é" : ".x") })
    names.formUnion(["a", "zz-long-name-that-others-begin-like", "zz-long-name-that-others-begin-like2"])
    let archive = try ZipArchive(TestSource(try zipped(names.shuffled(using: &random).map { ($0, Array($0.utf8)) })))
    #expect(archive.count == names.count)
    #expect(archive.map(\.name) == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for name in names {
      let entry = try #require(archive.entry(named: name))
      #expect(entry.name == name && archive[entry.position].name == name && entry.size == name.utf8.count)
      #expect(entry.kind == .file && entry.method == .stored && entry.storedSize == entry.size)
      #expect(entry.crc32 == CRC32(of: Array(name.utf8)).value)
      #expect(entry.path == "test.zip/" + name)
      #expect(entry.withName { Array($0) } == Array(name.utf8))
    }
    for missing in ["", "0/", "nothing", "a/", "zz-long-name-that-others-begin-lik", "\u{10FFFF}"] {
      #expect(archive.entry(named: missing) == nil)
    }
    for prefix in ["", "a", "1", "zz-long", "\u{10FFFF}", "0/", "b"] {
      let expected = archive.indices.filter { archive[$0].name.utf8.starts(with: prefix.utf8) }
      #expect(Array(archive.positions(beginningWith: prefix)) == expected)
    }
  }

  // MARK: Reading

  private static let large: (bytes: [UInt8], files: [(name: String, bytes: [UInt8])]) = {
    let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    let files = [0, 1, 5000, 1 << 20, (1 << 20) + 1, 4_300_000].map { size in
      ("\(size)", Array(repeatElement(block, count: size / block.count + 1).joined().prefix(size)))
    }
    let forged = ForgedArchive(files.map { ForgedEntry($0.0, $0.1) } + files.map { ForgedEntry("d\($0.0)", $0.1).deflated() })
    return (forged.bytes, files + files.map { ("d" + $0.0, $0.1) })
  }()

  @Test(arguments: [true, false], [1 << 30, 100_000, 0])
  func everyWayOfReadingGivesTheSame(isMapped: Bool, memory: Int) throws {
    let (bytes, files) = Self.large
    var limits = ZipLimits()
    limits.memory = memory
    let archive = try ZipArchive(TestSource(bytes, isMapped: isMapped), limits: limits)
    for (name, content) in files {
      let entry = try #require(archive.entry(named: name))
      let whole = try entry.contents()
      #expect(Array(whole.bytes) == content, "\(name)")
      #expect(whole.path == "test.zip/\(name)")
      whole.willReadSequentially()
      whole.release(0..<whole.bytes.count)
      #expect(Array(whole.bytes) == content, "\(name) after it was let go")
      #expect(copied(try entry.uncheckedContents()) == content)
      var streamed: [UInt8] = []
      try entry.stream { (piece) throws(DatasetError) in streamed += piece }
      #expect(streamed == content, "\(name)")
      let source = try entry.byteSource()
      #expect(source.size == content.count)
      var part = [UInt8](repeating: 0, count: content.count / 3)
      try part.withUnsafeMutableBytes { try source.read(at: content.count / 2, into: $0) }
      #expect(part == Array(content[(content.count / 2)...].prefix(part.count)), "\(name)")
      #expect(source.mapped.map { Array($0) } == (isMapped || name.hasPrefix("d") ? content : nil))
      part = [0, 0]
      #expect(thrown { try part.withUnsafeMutableBytes { try source.read(at: content.count - 1, into: $0) } }?.code == .io)
      if entry.method == .stored { #expect(try Array(bytes[entry.dataRange()]) == content) }
    }
  }

  /// Fetching costs little: a few reads to open, one for a small entry.
  @Test func readsAreFew() throws {
    let names = (0..<20_000).map { "images/train/\(String($0).leftPadded(12)).jpg" }
    let source = TestSource(try zipped(names.map { ($0, Array($0.utf8)) }), isMapped: false)
    let archive = try ZipArchive(source)
    #expect(source.reads.count <= 4, "\(source.reads)")
    let opening = source.reads.count
    for position in stride(from: 0, to: 20_000, by: 997) {
      #expect(copied(try archive[position].contents()) == Array(archive[position].name.utf8))
    }
    #expect(source.reads.count == opening + 21)
    try archive.checkHeaders()
    #expect(source.reads.count <= opening + 21 + 4, "\(source.reads)")
  }

  @Test func aSourceThatFailsIsTheError() throws {
    final class Broken: ByteSource {
      let path = "broken.zip"
      let size = 1000
      var mapped: UnsafeRawBufferPointer? { nil }
      func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
        throw DatasetError(.io, "is gone", path: path)
      }
    }
    #expect(thrown { _ = try ZipArchive(Broken()) }?.message == "is gone")
  }

  /// Bytes of an entry outlive the archive, and letting them go leaves their neighbours alone.
  @Test func entriesOfAMappedFileAreSlices() throws {
    let files = (0..<40).map { ("\($0)", [UInt8](repeating: UInt8($0 + 1), count: 1000 + $0 * 3000)) }
    try Data(try zipped(files)).write(to: URL(fileURLWithPath: scratch("a.zip")))
    var slices: [MappedFile] = []
    do {
      let archive = try ZipArchive(try MappedFile(path: scratch("a.zip")))
      let mapped = try #require(archive.source.mapped?.baseAddress)
      for (name, _) in files {
        let slice = try #require(try archive.entry(named: name)?.contents())
        let distance = try #require(slice.bytes.baseAddress) - mapped
        #expect(distance > 0 && distance < archive.source.size)
        slices.append(slice)
      }
    }
    for (slice, file) in zip(slices, files) {
      slice.willReadSequentially()
      slice.release(0..<slice.bytes.count)
      slice.release(-7..<Int.max)
      #expect(slice.path == scratch("a.zip") + "/" + file.0)
    }
    for (slice, file) in zip(slices, files) { #expect(Array(slice.bytes) == file.1) }
    let content = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
    // An archive inside memory that has no file: nothing may be let go there.
    let outer = try ZipArchive(
      TestSource(
        ForgedArchive([ForgedEntry("in.zip", try zipped([("a", content)])).deflated()]).bytes))
    let inner = try ZipArchive(try #require(try outer.entry(named: "in.zip")?.contents()))
    let part = try #require(try inner.entry(named: "a")?.contents())
    part.release(0..<part.bytes.count)
    #expect(Array(part.bytes) == content)
  }

  @Test func severalThreadsReadOneArchive() throws {
    let (bytes, files) = Self.large
    for isMapped in [true, false] {
      let archive = try ZipArchive(TestSource(bytes, isMapped: isMapped))
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        for (name, content) in files.dropLast(worker % 2) {
          let read = try? archive.entry(named: name)?.contents()
          #expect(read.map { copied($0) == content } == true)
        }
      }
    }
  }
}
