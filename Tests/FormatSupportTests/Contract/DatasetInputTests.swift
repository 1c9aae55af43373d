import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// A format that knows its file anywhere, and whose folders are called `own`.
private enum Rooted: Format {
  static let descriptor = FormatDescriptor(
    id: "rooted", name: "Rooted", summary: "A fake", fileExtensions: [], reads: .all, writes: .all, readOptions: [],
    writeOptions: [])
  static func hasFolder(named name: String) -> Bool { name == "own" }
  static func detect(_ probe: DetectionProbe) -> Detection? {
    probe.files.contains("labels.txt") ? Detection(.certain, ["labels.txt in \(probe.name)"]) : nil
  }
  static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    throw DatasetError(.usage, "A fake has no reader")
  }
  static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    throw DatasetError(.usage, "A fake has no writer")
  }
}

/// A tree of files that hold their own paths.
private final class NamesTree: MountedTree {
  let paths: [String]
  init(_ paths: [String]) { self.paths = paths }
  func size(at position: Int) -> Int { paths[position].utf8.count }
  func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size(at: position), alignment: 16)
    bytes.copyBytes(from: Array(paths[position].utf8))
    return MappedFile(adopting: bytes, path: path)
  }
}

private final class Bytes: ByteSink {
  var bytes: [UInt8] = []
  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { self.bytes += bytes }
}

/// An archive of files that hold their own paths.
private func archive(_ paths: [String]) throws -> [UInt8] {
  let sink = Bytes()
  let writer = ZipWriter(sink, path: "x")
  for path in paths { try writer.add(path, Array(path.utf8)) }
  try writer.finish()
  return sink.bytes
}

@Suite struct DatasetInputTests {
  /// What an archive holds, the path it becomes, and the path a format reads.
  static let rows: [(paths: [String], path: String, rooted: String)] = [
    (["a.txt"], "/a.txt", "/a.txt"), (["a.txt", "b.txt"], "", ""), (["d/a.txt", "d/b.txt"], "", "/d"), (["d/a.txt"], "", "/d"),
    (["d/e/a.txt", "d/e/f/b.txt"], "", "/d/e"), (["d/a.txt", "e/b.txt"], "", ""), (["own/a.txt"], "", ""),
    (["d/own/a.txt", "d/own/b.txt"], "", "/d"), (["own/d/a.txt"], "", ""), (["d/a.txt", "dd/a.txt"], "", ""),
    (["__MACOSX/d/._a.txt", "d/a.txt"], "", "/d"), ([".hidden", "a.txt"], "/a.txt", "/a.txt"), ([], "", ""),
    (["a/x", "a.txt"], "", ""), (["ä/x.txt", "ä/y.txt"], "", "/ä"),
  ]

  @Test(arguments: rows) func archivesAreRooted(_ row: (paths: [String], path: String, rooted: String)) throws {
    let folder = try TemporaryFolder()
    let zip = try folder.write("some.thing", archive(row.paths))
    for given in [zip, zip + "/"] {
      let input = try DatasetInput(path: given)
      #expect(input.path == zip + row.path)
      #expect(input.isFolder == row.path.isEmpty)
      let rooted = input.rooted(for: Rooted.self)
      #expect(rooted.path == zip + row.rooted)
      #expect(rooted.rooted(for: Rooted.self).path == rooted.path)
    }
    // What the user names, or someone else mounts, is read as it is.
    if row.paths.contains("d/e/a.txt") {
      #expect(try DatasetInput(path: zip + "/d").rooted(for: Rooted.self).path == zip + "/d")
      let mounted = try DatasetInput(mounting: NamesTree(row.paths), at: "store#set@V001")
      #expect(mounted.isFolder && mounted.rooted(for: Rooted.self).path == "store#set@V001")
    }
  }

  @Test func aPathLeadsIntoAnArchive() throws {
    let folder = try TemporaryFolder()
    let zip = try folder.write("data.zip", archive(["d/e/a.txt", "d/b.txt"]))
    let file = try DatasetInput(path: zip + "/d/e/a.txt")
    #expect(!file.isFolder && !file.isSpooled)
    #expect(file.folder == zip + "/d/e")
    let mapped = try file.map()
    #expect(String(decoding: mapped.bytes, as: UTF8.self) == "d/e/a.txt")
    #expect(try DatasetInput(path: zip + "/d/e/").path == zip + "/d/e")
    #expect(try DetectionProbe(DatasetInput(path: zip + "/d")).files == ["b.txt", "e/a.txt"])
    #expect(try DetectionProbe(file).head == Array("d/e/a.txt".utf8))
    #expect(file.files.origins == [zip])
    for name in ["none", "d/none", "d/b.txt/none"] {
      #expect(throws: DatasetError.self) { try DatasetInput(path: zip + "/" + name) }
    }
  }

  @Test func aTreeIsMounted() throws {
    let tree = NamesTree(["d/a.txt", "labels.txt"])
    let all = try DatasetInput(mounting: tree, at: "store#set@V001")
    #expect(all.isFolder && all.path == "store#set@V001")
    #expect(try DetectionProbe(all).files == ["d/a.txt", "labels.txt"])
    let one = try DatasetInput(mounting: tree, at: "store#set@V001", path: "d/a.txt")
    #expect(!one.isFolder && one.path == "store#set@V001/d/a.txt")
    #expect(try DetectionProbe(one).head == Array("d/a.txt".utf8))
    #expect(try FormatRegistry([Rooted.self]).detect(all).detection?.reasons == ["labels.txt in store#set@V001"])
    #expect(throws: DatasetError.self) { try DatasetInput(mounting: tree, at: "store#set@V001", path: "none") }
  }

  @Test func detectionLooksWhereTheFormatReads() throws {
    let folder = try TemporaryFolder()
    let registry = FormatRegistry([Rooted.self])
    let inFolder = try folder.write("a.zip", archive(["data/labels.txt", "data/x.txt"]))
    #expect(try registry.detect(DatasetInput(path: inFolder)).detection?.reasons == ["labels.txt in data"])
    let inOwn = try folder.write("b.zip", archive(["own/labels.txt", "own/x.txt"]))
    #expect(throws: DatasetError.self) { try registry.detect(DatasetInput(path: inOwn)) }
  }
}
