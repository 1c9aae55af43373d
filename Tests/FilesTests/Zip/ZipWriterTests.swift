import Foundation
import Glibc
import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct ZipWriterTests {
  let scratch = Scratch()

  // MARK: Bytes

  /// Every byte of a small archive, so that no change of the writer goes unseen: digests of versions hang on them.
  @Test func theBytesAreTheseAndNoOthers() throws {
    let bytes = try zipped([("a", Array("hi".utf8)), ("é", [])])
    let expected = """
      504b0304 0a00 0000 0000 0000 2100 ac2a93d8 02000000 02000000 0100 0000 61 6869
      504b0304 0a00 0008 0000 0000 2100 00000000 00000000 00000000 0200 0000 c3a9
      504b0102 3f03 0a00 0000 0000 0000 2100 ac2a93d8 02000000 02000000 0100 0000 0000 0000 0000 0000a481 00000000 61
      504b0102 3f03 0a00 0008 0000 0000 2100 00000000 00000000 00000000 0200 0000 0000 0000 0000 0000a481 21000000 c3a9
      504b0506 0000 0000 0200 0200 5f000000 41000000 0000
      """
    #expect(bytes.map { String($0, radix: 16).leftPadded(2) }.joined() == expected.filter { !$0.isWhitespace })
    #expect(try zipped([]) == [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))
  }

  /// The directory may pass through a temporary file, the sink may take anything; the bytes are the same.
  @Test func bytesDoNotDependOnMemory() throws {
    func archive(directoryMemory: Int, pieces: Int) throws -> [UInt8] {
      let sink = MemorySink()
      let writer = ZipWriter(sink, path: "m", directoryMemory: directoryMemory)
      for number in 0..<500 {
        let content = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 37 % 5000)
        try writer.beginEntry("folder\(number % 7)/\(number)", .stored(size: content.count, crc32: CRC32(of: content).value))
        for start in stride(from: 0, to: content.count, by: pieces) {
          try content[start..<min(content.count, start + pieces)].withUnsafeBytes { try writer.append($0) }
        }
        try writer.endEntry()
      }
      #expect(try writer.finish() == sink.bytes.count)
      return sink.bytes
    }
    let expected = try archive(directoryMemory: 1 << 20, pieces: 1 << 20)
    for memory in [0, 60, 1000, 20_000] { #expect(try archive(directoryMemory: memory, pieces: 999) == expected) }
  }

  @Test func offsetsAreWhereTheBytesLie() throws {
    let seed = testSeed(71)
    var random = SeededNumbers(seed)
    let sink = MemorySink()
    let writer = ZipWriter(sink, path: "m")
    var places: [(Int, [UInt8])] = []
    for number in 0..<40 {
      let size = random.pick([0, 1, 1000, 60_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000])
      let content = [UInt8](repeating: UInt8(random.below(256)), count: size)
      places.append((try writer.add("\(number)", content, crc32: random.coin() ? CRC32(of: content).value : nil), content))
      #expect(writer.count == number + 1)
    }
    #expect(try writer.finish() == sink.bytes.count)
    for (offset, content) in places {
      #expect(sink.bytes[offset..<(offset + content.count)].elementsEqual(content), "seed \(seed)")
    }
    #expect(sink.pieces.dropLast().allSatisfy { $0 >= 1 << 20 }, "\(sink.pieces)")
  }

  // MARK: Names

  @Test(
    arguments: [
      ("", "zip.entry.empty-name"), ("/a", "zip.entry.absolute"), ("C:a", "zip.entry.absolute"), ("c:\\a", "zip.entry.absolute"),
      ("\\\\server\\a", "zip.entry.absolute"), ("a\\b", "zip.entry.backslash"), ("../a", "zip.entry.outside"),
      ("a/../b", "zip.entry.outside"), ("a/..", "zip.entry.outside"), ("..", "zip.entry.outside"), ("./a", "zip.entry.unclean"),
      ("a//b", "zip.entry.unclean"), ("a/", "zip.entry.unclean"), ("a/./b", "zip.entry.unclean"), (".", "zip.entry.unclean"),
      ("a\u{0}b", "zip.entry.control"), ("a\u{1B}[2J", "zip.entry.control"), ("a\u{7F}", "zip.entry.control"),
      ("a\u{85}", "zip.entry.control"), (String(repeating: "x", count: 65_536), "zip.entry.long-name"),
      ("twice", "zip.entry.duplicate"), ("folder/twice", "zip.entry.duplicate"), ("folder", "zip.entry.file-and-folder"),
      ("twice/a", "zip.entry.file-and-folder"), ("folder/twice/a/b", "zip.entry.file-and-folder"),
    ])
  func aNameIsRefusedAndTheArchiveGoesOn(name: String, rule: String) throws {
    for memory in [0, 1 << 20] {
      let sink = MemorySink()
      let writer = ZipWriter(sink, path: "out.zip", directoryMemory: memory)
      try writer.add("twice", [1])
      try writer.add("folder/twice", [2])
      let error = thrown { try writer.add(name, [3]) }
      #expect(error?.code == .invalidInput)
      #expect(error?.path == "out.zip")
      #expect(error?.message.hasSuffix(" [\(rule)]") == true, "\(error?.message ?? "accepted")")
      #expect(error?.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } == true)
      #expect((error?.message.utf8.count ?? 0) < 400)
      try writer.finish()
      #expect(sink.bytes == (try zipped([("twice", [1]), ("folder/twice", [2])])))
    }
  }

  @Test(
    arguments: [
      "a", "a.b/c", "...", "a/...", ".hidden", "xx:y", "1:a", "a b", "日本/é", "e\u{301}", "a\u{A0}b", "\u{10FFFF}",
      String(repeating: "x", count: 65_535),
    ])
  func aNameIsAccepted(name: String) throws {
    let bytes = try zipped([(name, [1])])
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    #expect(bytes[7] == (isASCII ? 0 : 8))
    #expect(bytes[30..<(30 + name.utf8.count)].elementsEqual(name.utf8))
  }

  /// Many names in any order: those that are new are taken, those that are there are not, and hashes alone decide nothing.
  @Test func namesAreToldApart() throws {
    let seed = testSeed(5)
    var random = SeededNumbers(seed)
    let writer = ZipWriter(MemorySink(), path: "m", directoryMemory: 5000)
    var files: Set<String> = []
    var folders: Set<String> = []
    for _ in 0..<6000 {
      let parts = (0...random.below(4)).map { _ in String(random.below(9)) }
      let name = parts.joined(separator: "/")
      let above = (1..<parts.count).map { parts[..<$0].joined(separator: "/") }
      let isFree = !files.contains(name) && !folders.contains(name) && !above.contains(where: files.contains)
      #expect((thrown { try writer.add(name, []) } == nil) == isFree, "seed \(seed): \(name)")
      guard isFree else { continue }
      files.insert(name)
      folders.formUnion(above)
    }
    #expect(files.count > 500)
    #expect(writer.count == files.count)
  }

  // MARK: Contents

  @Test(arguments: ["short", "long", "checksum", "long at once", "deflated short", "sink"])
  func aBrokenEntryBreaksTheArchive(fault: String) throws {
    let sink = MemorySink()
    if fault == "sink" { sink.failing = 1 }
    let writer = ZipWriter(sink, path: "out.zip")
    let size = fault == "long at once" || fault == "sink" ? 3_000_000 : 3
    let content = [UInt8](repeating: 7, count: size)
    let crc = CRC32(of: content).value ^ (fault == "checksum" ? 1 : 0)
    var pieces = [content]
    switch fault {
    case "short", "deflated short": pieces = [Array(content.dropLast())]
    case "long": pieces.append([7])
    case "long at once": pieces = [content + [7]]
    default: break
    }
    let announced =
      fault == "deflated short" ? ZipContent.deflated(size: 9, crc32: 1, deflatedSize: 4) : .stored(size: size, crc32: crc)
    let error = thrown {
      try writer.beginEntry("a", announced)
      for piece in pieces { try piece.withUnsafeBytes { try writer.append($0) } }
      try writer.endEntry()
    }
    #expect(error?.code == (fault == "sink" ? .io : .corrupt))
    #expect(error?.message.contains(fault == "sink" ? "full" : "\"a\"") == true)
    // It stays broken.
    for _ in 0..<2 {
      #expect(thrown { try writer.finish() }?.message == error?.message)
      #expect(thrown { try writer.add("b", []) }?.message == error?.message)
    }
  }

  @Test func aFailingSinkIsTheError() throws {
    for failing in 1...4 {
      let sink = MemorySink()
      sink.failing = failing
      let writer = ZipWriter(sink, path: "m")
      let error = thrown {
        for number in 0..<3 { try writer.add("\(number)", [UInt8](repeating: 1, count: 1 << 20)) }
        try writer.finish()
      }
      #expect(error?.message == "is full")
      #expect(sink.pieces.count == failing)
    }
  }

  // MARK: In the hands of others

  static let names = ["a.txt", "b/c/d.bin", "b/c/e", "empty", "z z/ö.json", "日本語/写真.jpg"]

  private func files() -> [(name: String, bytes: [UInt8])] {
    Self.names.enumerated().map { ($1, $1 == "empty" ? [] : [UInt8](repeating: UInt8($0 + 65), count: 100_000 * $0 + 3)) }
  }

  @Test func everyToolReadsIt() throws {
    let sink = MemorySink()
    let writer = ZipWriter(sink, path: "m")
    var deflater = Deflater()
    var expected = ""
    for (number, file) in files().enumerated() {
      let deflated = number.isMultiple(of: 2) ? file.bytes.withUnsafeBytes { deflater.deflate($0).map { Array($0) } } : nil
      if let deflated {
        try writer.beginEntry(
          file.name, .deflated(size: file.bytes.count, crc32: CRC32(of: file.bytes).value, deflatedSize: deflated.count))
        try deflated.withUnsafeBytes { try writer.append($0) }
        try writer.endEntry()
      } else {
        try writer.add(file.name, file.bytes)
      }
      let digits = file.bytes.map { String($0, radix: 16).leftPadded(2) }.joined()
      expected += "\(file.name) \(deflated == nil ? 0 : 8) \(file.bytes.count) \(digits)\n"
    }
    try writer.finish()
    try Data(sink.bytes).write(to: URL(fileURLWithPath: scratch("a.zip")))
    #expect(try ZipPeer.complaints(scratch("a.zip"), names: Self.names) == [])
    if ZipPeer.hasPython { #expect(try ZipPeer.pythonContents(scratch("a.zip")).text == expected) }
    guard ZipPeer.hasUnzip else { return }
    _ = try ZipPeer.run(["unzip", "-q", scratch("a.zip"), "-d", scratch("out")])
    for file in files() { #expect(FileManager.default.contents(atPath: scratch("out/\(file.name)")) == Data(file.bytes)) }
  }

  /// A reader of a pipe sees local headers only, from front to back, and finds the same.
  @Test(.enabled(if: ZipPeer.hasBsdtar, "needs bsdtar")) func aPipeReadsIt() throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let files = files()
    let writing = Thread {
      let writer = ZipWriter(DescriptorSink(descriptor), path: "pipe")
      for file in files { _ = try? writer.add(file.name, file.bytes) }
      _ = try? writer.finish()
      try? pipe.fileHandleForWriting.close()
    }
    writing.start()
    let outcome = try ZipPeer.run(["bsdtar", "-tf", "-"], input: pipe.fileHandleForReading)
    #expect(outcome.status == 0)
    #expect(outcome.text.split(separator: "\n").map(String.init) == Self.names)
  }

  @Test func anOutputFileAndASpoolAreSinks() throws {
    let output = try StagedOutput(target: scratch("out.zip"), kind: .file, overwrite: false)
    let spool = try output.openSpool()
    for sink in [try output.openFile("f"), spool] as [any ByteSink] {
      let writer = ZipWriter(sink, path: "out.zip")
      for file in files() { try writer.add(file.name, file.bytes) }
      try writer.finish()
    }
    try output.commit()
    let expected = Data(try zipped(files()))
    #expect(FileManager.default.contents(atPath: scratch("out.zip")) == expected)
    #expect(Data(copied(try spool.map())) == expected)
  }
}

extension String {
  /// The text with zeros before it.
  func leftPadded(_ count: Int) -> String { String(repeating: "0", count: max(0, count - utf8.count)) + self }
}
