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
