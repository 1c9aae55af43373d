import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct MappedFileTests {
  let scratch = Scratch()

  @Test(arguments: ["", "x", "hello\n", String(repeating: "abc", count: 10_000)])
  func mapsTheBytes(text: String) throws {
    scratch.put("f", text)
    let file = try MappedFile(path: scratch("f"))
    #expect(Array(file.bytes) == Array(text.utf8))
    #expect(file.path == scratch("f"))
    file.willReadSequentially()
    file.release(0..<file.bytes.count)
    #expect(Array(file.bytes) == Array(text.utf8))
  }

  @Test func releasingLowersResidentMemory() throws {
    scratch.put("f", String(repeating: "0123456789abcdef", count: 1 << 21))
    let file = try MappedFile(path: scratch("f"))
    var sum = 0
    for position in stride(from: 0, to: file.bytes.count, by: 4096) { sum &+= Int(file.bytes[position]) }
    #expect(residentPages(file) > 8000, "\(sum)")
    file.release(-5..<(file.bytes.count - 4096))
    #expect(residentPages(file) <= 1)
    file.release(-10..<(-5))
    file.release(0..<Int.max)
    #expect(residentPages(file) == 0)
  }

  @Test func aPartKeepsTheWhole() throws {
    let text = String((0..<20_000).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
    scratch.put("f", text)
    var whole: MappedFile? = try MappedFile(path: scratch("f"))
    let part = MappedFile(5_000..<15_000, of: try #require(whole), path: "f.zip/part")
    let inner = MappedFile(10..<9_000, of: part, path: "f.zip/part/inner")
    weak let watched = whole
    whole = nil
    #expect(watched != nil)
    #expect(part.path == "f.zip/part" && inner.path == "f.zip/part/inner")
    let expected = Array(text.utf8)
    for _ in 0..<2 {
      #expect(Array(part.bytes) == Array(expected[5_000..<15_000]))
      #expect(Array(inner.bytes) == Array(expected[5_010..<14_000]))
      inner.willReadSequentially()
      inner.release(-1..<Int.max)
      part.release(0..<10_000)
      // One page lies wholly inside the part.
      if let watched { #expect(residentPages(watched) <= 4) }
    }
  }

  @Test func bytesInMemoryAreNeverReleased() {
    let text = String(repeating: "0123456789", count: 10_000)
    let file = MappedFile(adopting: memory(text), path: "x")
    file.willReadSequentially()
    file.release(0..<Int.max)
    #expect(Array(file.bytes) == Array(text.utf8))
    #expect(MappedFile(adopting: memory(""), path: "x").bytes.isEmpty)
  }

  /// Pages of a mapping that this process holds, as the system counts them.
  private func residentPages(_ file: MappedFile) -> Int {
    guard let base = file.bytes.baseAddress, let maps = fopen("/proc/self/smaps", "r") else { return -1 }
    defer { fclose(maps) }
    let start = String(UInt(bitPattern: base), radix: 16) + "-"
    var line = [CChar](repeating: 0, count: 4096)
    var isInside = false
    while fgets(&line, Int32(line.count), maps) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix(start) { isInside = true }
      guard isInside, text.hasPrefix("Rss:") else { continue }
      return (Int(text.split(separator: " ")[1]) ?? -4) / 4
    }
    return 0
  }

  @Test(arguments: ["folder", "pipe", "missing", "device", "proc", "zero"])
  func refusesWhatIsNoRegularFile(what: String) {
    var path = scratch(what)
    switch what {
    case "folder": mkdir(path, 0o755)
    case "pipe": mkfifo(path, 0o644)
    case "device": path = "/dev/null"
    case "proc": path = "/proc/self/status"
    case "zero": path = scratch("a\0b")
    default: break
    }
    let error = thrown { _ = try MappedFile(path: path) }
    #expect(error?.code == .io)
    #expect(error?.path == path)
    if what == "pipe" { #expect(error?.message.contains("pipe") == true) }
    if what == "missing" { #expect(error?.errno == ENOENT) }
  }

  @Test(arguments: [0, 1, 70_000, 3_000_000])
  func spoolsAPipe(size: Int) throws {
    let path = scratch("pipe")
    mkfifo(path, 0o644)
    let data = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let writer = Thread {
      let descriptor = open(path, O_WRONLY)
      _ = data.withUnsafeBytes { SystemCalls.real.writeAll(descriptor, $0) }
      close(descriptor)
    }
    writer.start()
    let file = try SpooledInput.map(path: path)
    #expect(Data(file.bytes) == data)
  }

  @Test func spoolsADescriptorThatDoesNotBlock() throws {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let writing = ends[1]
    let writer = Thread {
      usleep(30_000)
      _ = Array("late".utf8).withUnsafeBytes { SystemCalls.real.writeAll(writing, $0) }
      close(writing)
    }
    writer.start()
    let file = try SpooledInput.map(descriptor: ends[0], path: "<stdin>")
    #expect(Array(file.bytes) == Array("late".utf8))
    close(ends[0])
  }

  @Test func aRegularFileIsNotCopied() throws {
    scratch.put("f", "content")
    let descriptor = open(scratch("f"), O_RDONLY)
    defer { close(descriptor) }
    #expect(copied(try SpooledInput.map(descriptor: descriptor, path: "f")) == Array("content".utf8))
    // Half read, only the rest is input.
    lseek(descriptor, 3, SEEK_SET)
    #expect(copied(try SpooledInput.map(descriptor: descriptor, path: "f")) == Array("tent".utf8))
    #expect(copied(try SpooledInput.map(path: scratch("f"))) == Array("content".utf8))
    #expect(thrown { _ = try SpooledInput.map(path: scratch.path) }?.message.contains("folder") == true)
    #expect(thrown { _ = try SpooledInput.map(path: scratch("none")) }?.errno == ENOENT)
  }
}
