import Foundation
import Testing

@testable import WaybillFiles

/// Archives that other tools make are read as Python reads them, and libzip agrees.
@Suite struct ZipPeerTests {
  let scratch = Scratch()

  /// What every archive must hold: name, size and content.
  private func compare(_ path: String) throws {
    let archive = try ZipArchive(try MappedFile(path: path))
    try archive.confirm()
    guard ZipPeer.hasPython else { return }
    let told = try ZipPeer.pythonContents(path)
    #expect(told.status == 0, "\(told.text)")
    var expected: [String] = []
    for line in told.text.split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: false)
      let name = String(fields[0].hasPrefix("./") && fields[0] != "./" ? fields[0].dropFirst(2) : fields[0])
      expected.append("\(name) \(fields[1]) \(fields[2]) \(fields[3])")
    }
    let seen = try archive.map { entry in
      let digits = copied(try entry.contents()).map { String($0, radix: 16).leftPadded(2) }.joined()
      return "\(entry.name)\(entry.kind == .folder ? "/" : "") \(entry.method == .stored ? 0 : 8) \(entry.size) \(digits)"
    }
    #expect(seen.sorted() == expected.sorted())
    #expect(!seen.isEmpty)
  }

  private func makeFiles() {
    scratch.put("in/a.txt", "hello hello hello hello hello\n")
    scratch.put("in/b/empty", "")
    scratch.put("in/b/c/data.bin", String(repeating: "0123456789", count: 3000))
    scratch.put("in/b/one", "1")
  }

  private static let pythonMakers: KeyValuePairs<String, String> = [
    "stored": "z = zipfile.ZipFile(path, 'w')",
    "deflated": "z = zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED)",
    "pipe": "z = zipfile.ZipFile(Unseekable(path), 'w', zipfile.ZIP_DEFLATED)",
    "stored pipe": "z = zipfile.ZipFile(Unseekable(path), 'w')",
    "appended": "zipfile.ZipFile(path, 'w').close(); z = zipfile.ZipFile(path, 'a', zipfile.ZIP_DEFLATED)",
    "comment": "z = zipfile.ZipFile(path, 'w'); z.comment = b'a comment of an archive'",
    "prefix": "f = open(path, 'w+b'); f.write(b'#!/usr/bin/env python3\\n'); z = zipfile.ZipFile(f, 'w')",
  ]

  @Test(.enabled(if: ZipPeer.hasPython, "needs python3"), arguments: pythonMakers.map(\.key), [false, true])
  func pythonMadeIt(kind: String, isLarge: Bool) throws {
    let maker = Self.pythonMakers.first { $0.key == kind }?.value ?? ""
    let script = """
      import sys, zipfile
      class Unseekable:
          def __init__(self, path): self.file = open(path, 'wb')
          def write(self, data): return self.file.write(data)
          def flush(self): self.file.flush()
      path = sys.argv[1]
      \(maker)
      for name, data in [('b/x.bin', b'0123456789' * 3000), ('a.txt', b'hello'), ('empty', b''), ('日本/é.txt', b'unicode')]:
          with z.open(name, 'w', force_zip64=\(isLarge ? "True" : "False")) as f: f.write(data)
      z.writestr('folder/', b'')
      z.close()
      """
    let outcome = try ZipPeer.run([ZipPeer.python, "-c", script, scratch("a.zip")])
    #expect(outcome.status == 0, "\(outcome.text)")
    try compare(scratch("a.zip"))
  }

  @Test(arguments: [("BZIP2", "zip.entry.method"), ("LZMA", "zip.entry.method")])
  func otherMethodsAreRefused(method: String, rule: String) throws {
    guard ZipPeer.hasPython else { return }
    let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_\(method)).writestr('a', b'a' * 100)"
    _ = try ZipPeer.run([ZipPeer.python, "-c", script, scratch("a.zip")])
    let error = thrown { _ = try ZipArchive(try MappedFile(path: scratch("a.zip"))) }
    #expect(error?.message.hasSuffix("[\(rule)]") == true)
  }

  @Test(
    .enabled(if: ZipPeer.hasZip, "needs zip"),
    arguments: [["-r"], ["-r", "-0"], ["-r", "-9"], ["-r", "-X", "-D"], ["-r", "-fz"], ["-r", "-fd"]])
  func zipMadeIt(options: [String]) throws {
    makeFiles()
    scratch.put("in/ü.txt", "umlaut")
    let outcome = try ZipPeer.run(["zip", "-q"] + options + [scratch("a.zip"), "."], in: scratch("in"))
    #expect(outcome.status == 0, "\(outcome.text)")
    // Python 3.11 takes names without a flag for CP437.
    let archive = try ZipArchive(try MappedFile(path: scratch("a.zip")))
    try archive.confirm()
    let files = archive.filter { $0.kind == .file }
    #expect(files.map(\.name) == ["a.txt", "b/c/data.bin", "b/empty", "b/one", "ü.txt"])
    for entry in files { #expect(copied(try entry.contents()) == Array((scratch.text("in/" + entry.name) ?? "missing").utf8)) }
  }

  @Test(
    .enabled(if: ZipPeer.hasBsdtar, "needs bsdtar"), arguments: [["."], ["a.txt", "b"]],
    [[], ["--options", "zip:compression=store"]])
  func bsdtarMadeIt(what: [String], options: [String]) throws {
    makeFiles()
    let outcome = try ZipPeer.run(["bsdtar", "-a", "-cf", scratch("a.zip")] + options + what, in: scratch("in"))
    #expect(outcome.status == 0, "\(outcome.text)")
    try compare(scratch("a.zip"))
  }

  @Test(.enabled(if: ZipPeer.hasZip, "needs zip")) func linksAndEncryptionAreRefused() throws {
    makeFiles()
    try FileManager.default.createSymbolicLink(atPath: scratch("in/link"), withDestinationPath: "/etc/passwd")
    for (options, rule) in [(["-ry"], "zip.entry.link"), (["-r", "-P", "secret"], "zip.entry.encrypted")] {
      _ = try ZipPeer.run(["zip", "-q"] + options + [scratch("\(rule).zip"), "."], in: scratch("in"))
      let error = thrown { _ = try ZipArchive(try MappedFile(path: scratch("\(rule).zip"))) }
      #expect(error?.code == .invalidInput)
      #expect(error?.message.hasSuffix("[\(rule)]") == true)
    }
  }

  /// A split archive is refused by its parts.
  @Test(.enabled(if: ZipPeer.hasZip, "needs zip")) func splitArchivesAreRefused() throws {
    makeFiles()
    var noise = [UInt8](repeating: 0, count: 200_000)
    for index in noise.indices { noise[index] = UInt8(33 + (index * index >> 3) % 90) }
    scratch.put("in/large", String(decoding: noise, as: UTF8.self))
    _ = try ZipPeer.run(["zip", "-q", "-0", "-r", "-s", "64k", scratch("a.zip"), "."], in: scratch("in"))
    for part in ["a.zip", "a.z01"] {
      let error = thrown { _ = try ZipArchive(try MappedFile(path: scratch(part))) }
      #expect(error?.code == .invalidInput, "\(part): \(String(describing: error))")
    }
  }

  /// libzip's own checks mind what ours let pass: a directory that says another version is needed than the header.
  @Test func libzipHasItsSay() throws {
    var bytes = ForgedArchive([ForgedEntry("a")]).bytes
    bytes[4] = 63
    let archive = try ZipArchive(TestSource(bytes))
    try archive.confirm()
    #expect(thrown { try archive.confirm(isStrict: true) }?.message.hasSuffix("[zip.readers.differ]") == true)
  }

  @Test func ourOwnArchivesAreConfirmed() throws {
    for count in [0, 1, 65_535, 70_000] {
      let files = (0..<count).map { ("f\($0 % 10)/\($0)", [UInt8]()) }
      let archive = try ZipArchive(TestSource(try zipped(files)))
      #expect(archive.count == count)
      try archive.confirm(isStrict: true)
    }
  }
}
