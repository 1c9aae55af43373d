import Foundation
import Glibc
import TestSupport
import Testing
import WaybillAllFormats
import WaybillFormatSupport

/// The system at its worst: no space, no right to write, no descriptors, odd names, folders that turn in circles.
@Suite struct SystemTests {
  /// A manifest of some samples of a kind that a format can hold.
  private static func manifest(_ count: Int, for format: String, split: (Int) -> String? = { _ in nil }) throws -> String {
    let abilities = try FormatRegistry.all.format(named: format).descriptor.writes
    return (1...count).map { number in
      let split = split(number).map { #","split":"\#($0)""# } ?? ""
      if abilities.contains(.image) {
        return #"{"key":"\#(number).jpg","image":{"path":"\#(number).jpg","width":64,"height":48}\#(split),"#
          + #""annotations":[{"label":"a","box":[1,2,30,40]}]}"# + "\n"
      }
      if abilities.contains(.textMedia) {
        let place = abilities.contains(.span) ? #","span":{"start":0,"end":3,"unit":"scalars"}"# : ""
        return #"{"key":"\#(number)","text":{"text":"Ada met Charles in London on a day of \#(number)"}\#(split),"#
          + #""annotations":[{"label":"a"\#(place)}]}"# + "\n"
      }
      return #"{"key":"call\#(number)","audio":{"path":"call\#(number)"}\#(split),"#
        + #""annotations":[{"label":"a","interval":[0.5,1.25],"text":"words"}]}"# + "\n"
    }.joined()
  }

  @Test(
    .enabled(if: Extreme.canMount, "no file system can be mounted here"), arguments: FormatRegistry.all.names, ["out", "out.zip"])
  func aFullDiskLeavesNothing(_ format: String, _ output: String) throws {
    let folder = try MemoryFolder()
    let input = try folder.write("input.waybill.jsonl", try Self.manifest(16_000, for: format).utf8)
    try folder.makeFolder("small")
    let script = """
      mount -t tmpfs -o size=256k tmpfs "$2" && echo kept > "$2/kept" || exit 99
      "$1" convert "$3" "$2/$5" --from waybill --to "$4" --allow-loss --quiet
      code=$?
      ls -A "$2"
      exit $code
      """
    let outcome = try #require(try Extreme.runAlone(script, [ChildProcess.tool, folder.file("small"), input, format, output]))
    #expect(outcome.status == 1 && !outcome.isSignal, "\(outcome.ending): \(outcome.errors)")
    #expect(outcome.output == "kept\n", "\(outcome.output)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
  }

  @Test(.enabled(if: Extreme.canMount, "no file system can be mounted here"), arguments: FormatRegistry.all.names)
  func aReadOnlyFolderIsRefused(_ format: String) throws {
    let folder = try MemoryFolder()
    let input = try folder.write("input.waybill.jsonl", try Self.manifest(3, for: format).utf8)
    try folder.makeFolder("fixed")
    let script = """
      mount --bind "$2" "$2" && mount -o remount,ro,bind "$2" || exit 99
      "$1" convert "$3" "$2/out" --from waybill --to "$4" --allow-loss --quiet
      """
    let outcome = try #require(try Extreme.runAlone(script, [ChildProcess.tool, folder.file("fixed"), input, format]))
    #expect(outcome.status == 1 && !outcome.isSignal, "\(outcome.ending): \(outcome.errors)")
    #expect(outcome.errors.contains("Read-only file system"), "\(outcome.errors)")
    #expect(try folder.names("fixed") == [])
  }

  @Test(arguments: FormatRegistry.all.names, ["", ".zip"]) func fewDescriptorsAreEnough(_ format: String, ending: String) throws {
    let folder = try MemoryFolder()
    let input = try folder.write("input.waybill.jsonl", try Self.manifest(500, for: format).utf8)
    try folder.makeFolder("out")
    let outcome = try Extreme.run(
      [
        "convert", input, folder.file("out/a\(ending)"), "--from", "waybill", "--to", format, "--allow-loss", "--quiet", "--jobs",
        "8",
      ],
      files: 64)
    #expect(outcome.status == 0, "\(outcome.ending): \(outcome.errors)")
    let back = try Extreme.run(
      [
        "convert", folder.file("out/a\(ending)"), folder.file("out/b.jsonl"), "--from", format, "--to", "waybill", "--quiet",
        "--jobs", "8",
      ],
      files: 64)
    #expect(back.status == 0, "\(back.ending): \(back.errors)")
    let lines = try bytes(of: folder.file("out/b.jsonl")).count { $0 == 0x0A }
    #expect(lines >= 500)
  }

  /// A file for each split, and more splits than descriptors: written, or refused as a whole.
  @Test(arguments: FormatRegistry.all.names) func manySplitsAreWrittenOrRefused(_ format: String) throws {
    let folder = try MemoryFolder()
    let input = try folder.write("input.waybill.jsonl", try Self.manifest(300, for: format) { "s\($0)" }.utf8)
    try folder.makeFolder("out")
    let outcome = try Extreme.run(
      ["convert", input, folder.file("out/a"), "--from", "waybill", "--to", format, "--allow-loss", "--quiet"], files: 64)
    #expect([0, 1].contains(outcome.status) && !outcome.isSignal, "\(outcome.ending): \(outcome.errors)")
    #expect(try folder.names("out") == (outcome.status == 0 ? ["a"] : []), "\(outcome.errors)")
    if outcome.status == 1 { #expect(outcome.errors.contains("Too many open files"), "\(outcome.errors)") }
  }

  /// A line of a gigabyte, of nothing or of white space inside a record, is mapped and never copied.
  @Test(arguments: FormatRegistry.all.names, [false, true]) func aLineOfAGigabyteCostsNoMemory(_ format: String, isSpace: Bool)
    throws
  {
    let starts = [
      "coco": #"{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":["#, "modelarts": #"{"source":"a.jpg","annotation":["#,
      "waybill": #"{"key":"a.jpg","image":{},"annotations":["#, "pascal-voc": "<annotation><filename>a.jpg</filename>",
      "yolo": "names: [a]\ntrain: ", "media-folder": #"{"file_name":"a.jpg","objects":{"bbox":["#,
    ]
    let start = starts[format] ?? "a"
    let size = isSpace ? 256 << 20 : 1 << 30
    // On the disk: a hole takes no place there.
    let folder = try TemporaryFolder()
    let input = folder.file("input")
    let file = open(input, O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    try #require(file >= 0)
    _ = Array(start.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    if isSpace {
      let block = [UInt8](repeating: 0x20, count: 16 << 20)
      for _ in 0..<(size >> 24) { _ = block.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } }
    } else {
      ftruncate(file, size)
      lseek(file, 0, SEEK_END)
    }
    _ = Array("]}\n".utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    let outcome = try Extreme.run(["validate", input, "--from", format], dataMegabytes: 128, seconds: 500)
    #expect([0, 1, 3].contains(outcome.status) && !outcome.isSignal, "\(outcome.ending): \(outcome.errors.prefix(300))")
    #expect((outcome.output + outcome.errors).utf8.count < 4000)
  }

  @Test func oddNamesAreEscapedAndComeBack() throws {
    let folder = try MemoryFolder()
    let names = [
      "new\nline", "esc\u{1B}[31m", "tab\t", "ret\rurn", "bell\u{7}", "bidi\u{202E}gpj", "quote\"'", "back\\slash", "é", " space ",
    ]
    for (number, name) in names.enumerated() {
      let text = "<annotation><size><width>1\(number)</width><height>9</height></size></annotation>"
      try folder.write("in/Annotations/\(name).xml", text.utf8)
    }
    // A name that is no UTF-8 at all.
    let stray = Array(folder.file("in/Annotations/stray-").utf8CString.dropLast()) + [-1, -2] + Array(".xml".utf8CString)
    let file = open(stray, O_WRONLY | O_CREAT, 0o600)
    try #require(file >= 0)
    close(file)
    let seen = try ChildProcess.run(ChildProcess.tool, ["validate", folder.file("in"), "--from", "pascal-voc"])
    #expect(seen.status == 0, "\(seen.output)")
    let printed = seen.output + seen.errors
    #expect(!printed.utf8.contains { ($0 < 0x20 && $0 != 0x0A) || $0 == 0x7F }, "\(printed.debugDescription)")
    #expect(
      printed.contains("esc\\u{1b}[31m") && printed.contains("new\\nline") && printed.contains("stray-\\xFF\\xFE.xml"), "\(printed)"
    )
    let there = try ChildProcess.run(
      ChildProcess.tool, ["convert", folder.file("in"), folder.file("a.jsonl"), "--from", "pascal-voc", "--to", "waybill"])
    #expect(there.status == 0, "\(there.errors)")
    let back = try ChildProcess.run(
      ChildProcess.tool, ["convert", folder.file("a.jsonl"), folder.file("back"), "--from", "waybill", "--to", "pascal-voc"])
    #expect(back.status == 0, "\(back.errors)")
    #expect(try folder.names("back/Annotations") == names.map { "\($0).xml" }.sorted())
  }

  @Test(arguments: FormatRegistry.all.names) func linksThatTurnInCirclesEnd(_ format: String) throws {
    let folder = try MemoryFolder()
    try folder.makeFolder("in/a/b")
    #expect(symlink("../..", folder.file("in/a/b/up")) == 0)
    #expect(symlink("self", folder.file("in/self")) == 0)
    #expect(symlink("nowhere", folder.file("in/a/gone.json")) == 0)
    let outcome = try Extreme.run(["validate", folder.file("in"), "--from", format], seconds: 60)
    #expect(!outcome.isSignal && !outcome.isTimeout && [0, 3].contains(outcome.status), "\(outcome.ending): \(outcome.errors)")
    let printed = outcome.output + outcome.errors
    #expect(printed.contains("is a link to a folder it lies in") && printed.contains("leads nowhere"), "\(printed)")
  }

  /// A file that is there a hundred thousand times, and what else its dataset needs.
  private static let crowds: [(format: String, text: String, place: @Sendable (Int) -> String, files: [String: String])] = [
    (
      "pascal-voc",
      "<annotation><size><width>9</width><height>9</height></size><object><name>a</name>"
        + "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>",
      { "in/Annotations/\($0).xml" }, [:]
    ),
    ("yolo", "0 .5 .5 .5 .5\n", { "in/labels/\($0).txt" }, ["in/data.yaml": "train: images\nnames: [a]\n"]),
    ("media-folder", "x", { "in/train/class\($0 % 1000)/\($0).jpg" }, [:]),
  ]

  @Test(arguments: ["pascal-voc", "yolo", "media-folder"]) func aHundredThousandFiles(_ format: String) throws {
    let crowd = try #require(Self.crowds.first { $0.format == format })
    let folder = try MemoryFolder()
    for (path, text) in crowd.files { try folder.write(path, text.utf8) }
    // One file with many names costs no memory for its bytes; disks allow fewer names than this.
    let first = try folder.write(crowd.place(0), crowd.text.utf8)
    var made = 1
    while made < 100_000, link(first, folder.file(crowd.place(made))) == 0 { made += 1 }
    let outcome = try Extreme.run(["validate", folder.file("in"), "--from", format, "--json", "--jobs", "2"], dataMegabytes: 512)
    #expect(outcome.status == 0, "\(outcome.ending): \(outcome.errors.prefix(300))")
    #expect(outcome.output.contains("\"samples\":\(made),"), "\(outcome.output.prefix(300))")
  }

  /// Names of label files that hold what a terminal obeys are printed escaped; what cannot be a line of a list is refused.
  @Test func oddNamesOfLabelFilesAreEscaped() throws {
    let folder = try MemoryFolder()
    try folder.write("in/data.yaml", "train: images\nnames: [a]\n".utf8)
    let names = ["esc\u{1B}[31m", "tab\tin", "bell\u{7}in", "bidi\u{202E}gpj", "quote\"'", "back\\slash", "é"]
    for name in names { try folder.write("in/labels/\(name).txt", "0 .5 .5 .5 .5\n".utf8) }
    func convert(_ number: Int) throws -> ChildProcess.Outcome {
      try ChildProcess.run(
        ChildProcess.tool, ["convert", folder.file("in"), folder.file("out\(number)"), "--from", "yolo", "--to", "yolo"])
    }
    let taken = try convert(1)
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try folder.names("out1/labels") == names.map { "\($0).txt" }.sorted())
    try folder.write("in/labels/new\nline.txt", "0 .5 .5 .5 .5\n".utf8)
    let refused = try convert(2)
    #expect(refused.status == 3, "\(refused.ending)")
    #expect(refused.errors.contains("[yolo.write.name]") && refused.errors.contains("new\\nline"), "\(refused.errors)")
    for printed in [taken.errors, refused.errors] {
      #expect(!printed.utf8.contains { ($0 < 0x20 && $0 != 0x0A) || $0 == 0x7F }, "\(printed.debugDescription)")
    }
  }
}
