import Foundation
import Glibc
import Testing
import WaybillDiagnostics

@testable import WaybillFiles

@Suite struct StagedOutputTests {
  let scratch = Scratch()

  @Test func aFolderAppearsAsAWhole() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    try output.writeFile("a/b/1.xml", Array("one".utf8))
    try output.writeFile("./a//2.xml", Array("two".utf8))
    try output.writeFile("empty", [])
    let file = try output.openFile("a/big.json")
    try file.append(Array("big".utf8))
    #expect(scratch.names().count == 1)
    #expect(scratch.names().first?.hasPrefix(".out.waybill-\(getpid())-") == true)
    try output.commit()
    #expect(scratch.names() == ["out"])
    #expect(try FileTree(root: scratch("out")).files == ["a/2.xml", "a/b/1.xml", "a/big.json", "empty"])
    #expect(scratch.text("out/a/b/1.xml") == "one")
    #expect(scratch.text("out/a/big.json") == "big")
    #expect(output.leftover == nil)
    output.abort()
    #expect(scratch.names() == ["out"])
    #expect(thrown { try output.writeFile("late", []) }?.message.contains("closed") == true)
    #expect(thrown { try output.commit() }?.message.contains("closed") == true)
    #expect(thrown { try file.append([1]) }?.message.contains("closed") == true)
  }

  @Test(arguments: ["out.json", "made/on/the/way/out.json", "made/"]) func aFileAppearsAsAWhole(target: String) throws {
    let output = try StagedOutput(target: scratch(target), kind: .file, overwrite: false)
    let file = try output.openFile("deep/main.json")
    try file.append(Array("[1]".utf8))
    try output.commit()
    let name = target.hasSuffix("/") ? String(target.dropLast()) : target
    #expect(scratch.text(name) == "[1]")
    #expect(scratch.names(FileName.folder(of: name)) == [FileName.basename(of: name)])
    // Asked of the system: setting it, if only for a moment, would change the files of the tests beside.
    let mask = try #require(scratchMask())
    var status = stat()
    stat(scratch(name), &status)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  @Test func abortLeavesNothing() throws {
    for kind in [StagedOutput.Kind.file, .folder, .archive] {
      var output: StagedOutput? = try StagedOutput(target: scratch("x/y/out"), kind: kind, overwrite: false)
      try output?.writeFile("f/g/h", [1, 2, 3])
      let file = try output?.openFile("i")
      #expect(scratch.names("x/y").count == 1)
      output = nil
      #expect(scratch.names() == [])
      #expect(thrown { try file?.append([1]) }?.message.contains("closed") == true)
    }
    let kept = try StagedOutput(target: scratch("x/y/out"), kind: .folder, overwrite: false)
    scratch.put("x/stranger")
    kept.abort()
    #expect(scratch.names() == ["x"])
    #expect(scratch.names("x") == ["stranger"])
  }

  @Test(arguments: ["", "/", ".", "..", "a/..", "a/.", "a\0b"]) func refusesTargetsWithoutAName(target: String) {
    let error = thrown { _ = try StagedOutput(target: target, kind: .folder, overwrite: true) }
    #expect(error != nil)
    #expect(error?.code != .io, "\(String(describing: error))")
  }

  @Test func refusesWhatExists() throws {
    scratch.put("file", "old")
    scratch.put("folder/f", "old")
    symlink("nowhere", scratch("dangling"))
    for (name, kind) in [
      ("file", StagedOutput.Kind.file), ("file", .folder), ("folder", .file), ("folder/", .folder), ("dangling", .file),
      ("file", .archive), ("folder", .archive), ("dangling", .archive),
    ] {
      let error = thrown { _ = try StagedOutput(target: scratch(name), kind: kind, overwrite: false) }
      #expect(error?.code == .outputExists, "\(name)")
    }
    mkfifo(scratch("pipe"), 0o644)
    symlink("/dev/null", scratch("null"))
    for target in ["/dev/null", "/dev/stdout", scratch("pipe"), scratch("null")] {
      let error = thrown { _ = try StagedOutput(target: target, kind: .file, overwrite: true) }
      #expect(error?.code == .outputExists, "\(target)")
    }
    let below = thrown { _ = try StagedOutput(target: scratch("file/below"), kind: .file, overwrite: false) }
    #expect(below?.errno == ENOTDIR)
    #expect(scratch.names() == ["dangling", "file", "folder", "null", "pipe"])
  }

  @Test func refusesATargetThatAppearsMeanwhile() throws {
    for kind in [StagedOutput.Kind.file, .folder, .archive] {
      let output = try StagedOutput(target: scratch("out"), kind: kind, overwrite: false)
      try output.writeFile("f", [1])
      mkdir(scratch("out"), 0o755)
      #expect(thrown { try output.commit() }?.code == .outputExists)
      #expect(scratch.names() == ["out"])
      #expect(scratch.names("out") == [])
      rmdir(scratch("out"))
    }
  }

  @Test func aParentThatRefusesIsAnError() {
    #expect(thrown { _ = try StagedOutput(target: "/proc/waybill/out", kind: .file, overwrite: false) }?.code == .io)
    #expect(thrown { _ = try StagedOutput(target: "/proc/out", kind: .folder, overwrite: false) }?.code == .io)
  }

  @Test func aReadOnlyParentIsAnError() async {
    await #expect(processExitsWith: .success) {
      let scratch = Scratch()
      mkdir(scratch("parent"), 0o555)
      // The superuser may write anywhere, so become someone else.
      if geteuid() == 0 { _ = seteuid(65534) }
      let error = thrown { _ = try StagedOutput(target: scratch("parent/out"), kind: .folder, overwrite: false) }
      let deep = thrown { _ = try StagedOutput(target: scratch("parent/a/b/out"), kind: .folder, overwrite: false) }
      if getuid() == 0 { _ = seteuid(0) }
      let isRight = error?.errno == EACCES && deep?.errno == EACCES && scratch.names("parent") == []
      rmdir(scratch("parent"))
      rmdir(scratch.path)
      exit(isRight ? 0 : 1)
    }
  }

  @Test(arguments: [true, false]) func overwritesByExchange(hasExchange: Bool) throws {
    let missing: Set<SystemCall> = hasExchange ? [] : [.exchange, .renameNoReplace]
    let pairs: [(old: StagedOutput.Kind?, new: StagedOutput.Kind)] = [
      (.file, .file), (.folder, .folder), (.file, .folder), (.folder, .file), (nil, .file), (nil, .folder),
      (.file, .archive), (.folder, .archive), (nil, .archive),
    ]
    for (old, new) in pairs {
      switch old {
      case .file, .archive: scratch.put("out", "old")
      case .folder: scratch.put("out/deep/er/f", "old")
      case nil: break
      }
      let system = FaultCounter(0).calls(missing: missing)
      let output = try StagedOutput(target: scratch("out"), kind: new, overwrite: true, system: system)
      try output.writeFile("f", Array("new".utf8))
      try output.commit()
      #expect(scratch.names() == ["out"], "\(String(describing: old)) to \(new)")
      if new == .archive {
        #expect(scratch.bytes("out") == (try zipped([("f", Array("new".utf8))])))
      } else {
        #expect(scratch.text(new == .file ? "out" : "out/f") == "new")
      }
      #expect(scratch.names("out") == (new == .folder ? ["f"] : []))
      try FileManager.default.removeItem(atPath: scratch("out"))
    }
  }

  @Test func overwritingReplacesALinkNotWhatItLeadsTo() throws {
    scratch.put("kept/f", "kept")
    symlink("kept", scratch("out"))
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: true)
    try output.writeFile("g", [])
    try output.commit()
    #expect(scratch.names() == ["kept", "out"])
    #expect(scratch.text("kept/f") == "kept")
    #expect(scratch.names("out") == ["g"])
  }

  @Test func refusesUnsafeAndTakenNames() throws {
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    try output.writeFile("a", [1])
    try output.writeFile("d/e", [1])
    for name in ["", "/abs", "../up", "x/../../y", "nul\0"] {
      #expect(thrown { try output.writeFile(name, []) }?.code == .invalidInput)
      #expect(thrown { _ = try output.openFile(name) }?.code == .invalidInput)
      #expect(thrown { try output.place(media: scratch("out"), at: name, mode: .copy) } != nil)
    }
    for name in ["a", "./a", "d/../a", "a/b", "d", "d/e/f"] {
      let error = thrown { try output.writeFile(name, [2]) }
      #expect(error?.code == .invalidInput, "\(name): \(String(describing: error))")
      #expect(error?.path?.hasPrefix(scratch("out")) == true)
    }
    let long = String(repeating: "n", count: 300)
    for name in [long, "\(long)/a", "d/\(long)/a"] {
      #expect(thrown { try output.writeFile(name, []) }?.code == .invalidInput)
      #expect(thrown { try output.place(media: scratch("media"), at: name, mode: .copy) } != nil)
    }
    // None of them is a file that is missing now: the output is what was written.
    try output.commit()
    #expect(scratch.names("out") == ["a", "d"])
    #expect(scratch.names("out/d") == ["e"])
  }

  @Test(arguments: [0, 2]) func aFileOutputIsOneFile(count: Int) throws {
    let output = try StagedOutput(target: scratch("out"), kind: .file, overwrite: false)
    for number in 0..<count { try output.writeFile("f\(number)", []) }
    #expect(thrown { try output.commit() }?.code == .usage)
    #expect(scratch.names() == [])
  }

  @Test(arguments: StagedOutput.Placement.allCases) func placesMedia(mode: StagedOutput.Placement) throws {
    scratch.put("in/a.jpg", "pixels")
    scratch.put("in/empty.jpg", "")
    symlink("a.jpg", scratch("in/link.jpg"))
    mkfifo(scratch("in/pipe"), 0o644)
    let output = try StagedOutput(target: scratch("out"), kind: .folder, overwrite: false)
    for name in ["a.jpg", "empty.jpg", "link.jpg"] {
      try output.place(media: scratch("in/\(name)"), at: "images/\(name)", mode: mode)
    }
    #expect(thrown { try output.place(media: scratch("in/none"), at: "n", mode: mode) }?.errno == ENOENT)
    #expect(thrown { try output.place(media: scratch("in"), at: "n", mode: mode) }?.message.contains("folder") == true)
    #expect(thrown { try output.place(media: scratch("in/pipe"), at: "n", mode: mode) }?.message.contains("pipe") == true)
    #expect(thrown { try output.place(media: scratch("in/a.jpg"), at: "images/a.jpg", mode: mode) }?.code == .invalidInput)
    try output.commit()
    #expect(scratch.names("out") == ["images"])
    #expect(scratch.text("out/images/a.jpg") == "pixels")
    #expect(scratch.text("out/images/link.jpg") == "pixels")
    #expect(scratch.text("out/images/empty.jpg") == "")
    var status = stat()
    lstat(scratch("out/images/a.jpg"), &status)
    #expect(fileKind(status.st_mode) == (mode == .symlink ? .link : .file))
    #expect(status.st_nlink == (mode == .hardlink ? 3 : 1))
  }
}

/// The bits that new files of this process do not get.
private func scratchMask() -> mode_t? {
  let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status?.split(separator: "\n").first { $0.hasPrefix("Umask:") }
  return line?.split(separator: "\t").last.flatMap { mode_t($0, radix: 8) }
}
