import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct StagedArchiveTests {
  let scratch = Scratch()

  private func archive(_ name: String = "out.zip", overwrite: Bool = false) throws -> StagedOutput {
    try StagedOutput(target: scratch(name), kind: .archive, overwrite: overwrite)
  }

  @Test func entriesAreInBytewiseOrder() throws {
    scratch.put("in/pixels.jpg", "pixels")
    let names = ["b", "a/z", "a.xml", "a-1", "a0", "ä", "z/10", "z/2", "\u{1F600}", "empty"]
    let output = try archive()
    #expect(scratch.names().contains("out.zip") == false)
    let early = try output.openFile("a/late")
    for name in names { try output.writeFile("./" + name, name == "empty" ? [] : Array(name.utf8)) }
    try output.place(media: scratch("in/pixels.jpg"), at: "z//m.jpg", mode: .copy)
    let spool = try output.openSpool()
    try spool.append(Array("from a spool".utf8))
    try early.append(Array("written ".utf8))
    try early.append(contentsOf: spool)
    try early.close()
    #expect(thrown { try early.append([1]) }?.message.contains("closed") == true)
    let open = try output.openFile("nothing")
    try output.commit()
    var files = names.map { (name: $0, bytes: $0 == "empty" ? [] : Array($0.utf8)) }
    files += [("a/late", Array("written from a spool".utf8)), ("z/m.jpg", Array("pixels".utf8)), ("nothing", [])]
    files.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    #expect(scratch.bytes("out.zip") == (try zipped(files)))
    #expect(scratch.names() == ["in", "out.zip"])
    #expect(output.leftover == nil)
    #expect(thrown { try open.append([1]) }?.message.contains("closed") == true)
    #expect(try ZipPeer.complaints(scratch("out.zip"), names: files.map(\.name)) == [])
  }

  @Test func nothingIsAnArchiveToo() throws {
    try archive().commit()
    #expect(scratch.bytes("out.zip") == (try zipped([])))
  }

  @Test func bytesDoNotDependOnTheOrder() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(state: seed)
    var files: [(name: String, bytes: [UInt8])] = []
    for number in 0..<600 {
      let size = [0, 1, 10, 3_000, 1 << 20, (1 << 20) + 1].randomElement(using: &dice) ?? 0
      let bytes = [UInt8](repeating: UInt8.random(in: 0...255, using: &dice), count: number % 40 == 0 ? size : size % 4_000)
      files.append(("d\(number % 5)/e\(number % 3)/\(number)", bytes))
      if number % 50 == 0 { scratch.put("in/\(number)", String(decoding: bytes.map { $0 & 0x7F }, as: UTF8.self)) }
    }
    for number in files.indices where number % 50 == 0 { files[number].bytes = scratch.bytes("in/\(number)") ?? [] }
    let sorted = files.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    let expected = try zipped(sorted)
    for threads in [1, 4] {
      let order = files.indices.shuffled(using: &dice)
      let output = try archive("out-\(threads).zip")
      let files = files
      DispatchQueue.concurrentPerform(iterations: threads) { worker in
        for position in stride(from: worker, to: order.count, by: threads) {
          let (number, file) = (order[position], files[order[position]])
          switch number % 50 {
          case 0: try? output.place(media: scratch("in/\(number)"), at: file.name, mode: .copy)
          case 1:
            guard let appended = try? output.openFile(file.name) else { continue }
            try? appended.append(Array(file.bytes.prefix(7)))
            try? appended.append(Array(file.bytes.dropFirst(7)))
            try? appended.close()
          default: try? output.writeFile(file.name, file.bytes)
          }
        }
      }
      try output.commit()
      #expect(scratch.bytes("out-\(threads).zip") == expected, "\(threads) threads, seed \(seed)")
    }
  }

  @Test func largeFilesComeBackWhole() throws {
    let piece = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let output = try archive()
    let spool = try output.openSpool()
    let file = try output.openFile("large")
    var bytes: [UInt8] = []
    for round in 0..<40 {
      try spool.append(piece)
      bytes += piece
      if round % 9 == 0 {
        try file.append([UInt8(round)])
        try file.append(contentsOf: spool)
      }
    }
    var expected: [UInt8] = []
    for round in 0..<40 where round % 9 == 0 { expected += [UInt8(round)] + bytes.prefix(piece.count * (round + 1)) }
    #expect(file.offset == expected.count)
    try output.commit()
    #expect(scratch.bytes("out.zip") == (try zipped([("large", expected)])))
  }

  @Test(arguments: [
    ("a", "same file"), ("./a", "same file"), ("a/b", "needs a folder"), ("d", "needs a folder"),
    ("A", "differs in case alone from \"a\""),
    ("D/E", "differs in case alone"), ("b\\c", "backslash"), ("new\nline", "control"), ("C:/x", "absolute"), ("", "empty"),
    ("../up", "out of the folder"), ("/abs", "absolute"), ("nul\0", "zero byte"),
    (String(repeating: "n", count: 256), "longer than"), ("d/" + String(repeating: "n", count: 256) + "/x", "longer than"),
    (Array(repeating: "0123456789", count: 400).joined(separator: "/"), "longer than"),
  ])
  func refusesNames(row: (name: String, words: String)) throws {
    scratch.put("media")
    let output = try archive()
    try output.writeFile("a", [1])
    try output.writeFile("d/e", [1])
    for error in [
      thrown { try output.writeFile(row.name, [2]) }, thrown { _ = try output.openFile(row.name) },
      thrown { try output.place(media: scratch("media"), at: row.name, mode: .copy) },
    ] {
      #expect(error?.code == .invalidInput)
      #expect(error?.message.contains(row.words) == true, "\(String(describing: error))")
    }
    // The output is as it was.
    try output.commit()
    #expect(scratch.bytes("out.zip") == (try zipped([("a", [1]), ("d/e", [1])])))
  }

  @Test func refusesLinksAndSourcesThatAreNone() throws {
    scratch.put("in/a.jpg")
    mkfifo(scratch("in/pipe"), 0o644)
    let output = try archive()
    for mode in [StagedOutput.Placement.hardlink, .symlink] {
      let error = thrown { try output.place(media: scratch("in/a.jpg"), at: "a.jpg", mode: mode) }
      #expect(error?.code == .usage && error?.message.contains("copy") == true)
    }
    #expect(thrown { try output.place(media: scratch("in/none"), at: "n", mode: .copy) }?.errno == ENOENT)
    #expect(thrown { try output.place(media: scratch("in"), at: "n", mode: .copy) }?.message.contains("folder") == true)
    #expect(thrown { try output.place(media: scratch("in/pipe"), at: "n", mode: .copy) }?.message.contains("pipe") == true)
    try output.commit()
    #expect(scratch.bytes("out.zip") == (try zipped([])))
  }

  static let changes: [(what: String, code: DatasetError.Code)] = [
    ("longer", .conflict), ("shorter", .conflict), ("other", .conflict), ("replaced", .conflict), ("gone", .io),
  ]

  @Test(arguments: changes) func mediaThatChangedIsAnError(row: (what: String, code: DatasetError.Code)) throws {
    scratch.put("in/a.jpg", "pixels")
    let output = try archive()
    try output.place(media: scratch("in/a.jpg"), at: "a.jpg", mode: .copy)
    // Times are as coarse as the system's ticks.
    usleep(20_000)
    switch row.what {
    case "longer": scratch.put("in/a.jpg", "pixels and more")
    case "shorter": scratch.put("in/a.jpg", "pix")
    case "other":
      let descriptor = open(scratch("in/a.jpg"), O_WRONLY)
      pwrite(descriptor, "X", 1, 0)
      close(descriptor)
    case "replaced":
      scratch.put("in/b.jpg", "pixels")
      rename(scratch("in/b.jpg"), scratch("in/a.jpg"))
    default: unlink(scratch("in/a.jpg"))
    }
    let error = thrown { try output.commit() }
    #expect(error?.code == row.code, "\(String(describing: error))")
    #expect(error?.path == scratch("in/a.jpg"))
    #expect(scratch.names() == ["in"])
  }

  @Test(arguments: [StagedOutput.Kind.archive, .folder]) func takesMediaFromAMount(kind: StagedOutput.Kind) throws {
    let files = InputFiles.disk.mounting(FakeTree(["i/a.jpg": "pixels", "bad.jpg": "damaged"]), at: "data.zip")
    let output = try StagedOutput(target: scratch("out"), kind: kind, overwrite: false)
    try output.place(media: "data.zip/i/a.jpg", from: files, at: "images/a.jpg", mode: .copy)
    for mode in [StagedOutput.Placement.hardlink, .symlink] {
      let error = thrown { try output.place(media: "data.zip/i/a.jpg", from: files, at: "b.jpg", mode: mode) }
      #expect(error?.code == .usage && error?.message.contains("copy") == true)
    }
    #expect(thrown { try output.place(media: "data.zip/none", from: files, at: "c.jpg", mode: .copy) }?.code == .io)
    #expect(thrown { try output.place(media: "data.zip/i", from: files, at: "c.jpg", mode: .copy) }?.code == .io)
    try output.commit()
    if kind == .folder {
      #expect(scratch.text("out/images/a.jpg") == "pixels")
      #expect(scratch.names("out") == ["images"])
    } else {
      #expect(scratch.bytes("out") == (try zipped([("images/a.jpg", Array("pixels".utf8))])))
    }
  }

  @Test func damagedMediaOfAMountStopsTheCommit() throws {
    let files = InputFiles.disk.mounting(FakeTree(["bad.jpg": "damaged"]), at: "data.zip")
    let output = try archive()
    try output.place(media: "data.zip/bad.jpg", from: files, at: "bad.jpg", mode: .copy)
    #expect(thrown { try output.commit() }?.path == "data.zip/bad.jpg")
    #expect(scratch.names() == [])
  }
}
