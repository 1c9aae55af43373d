import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillNative

/// Label repositories, read as folders of shards with their header in `dataset.json`.
@Suite struct NativeRepositoryTests {
  private static let settings = """
    {
    "waybill":1,
    "name":"street",
    "type":"object-detection",
    "sources":["images"],
    "shards":2,
    "labels":[
    {"name":"auto","color":"#112233","formerly":["car","vehicle"]},
    {"name":"truck","formerly":["auto"]}
    ],
    "fields":{"licence":"CC0"}
    }

    """

  private func sample(_ key: String, _ labels: String...) -> String {
    let annotations = labels.map { #"{"label":"\#($0)"}"# }.joined(separator: ",")
    return #"{"key":"\#(key)","image":{"path":"\#(key)"}"# + (labels.isEmpty ? "" : #","annotations":[\#(annotations)]"#) + "}\n"
  }

  private func folder(_ files: [String: String], settings: String? = settings) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { _ = try folder.write(name, text) }
    if let settings { _ = try folder.write("dataset.json", settings) }
    return folder
  }

  private func detection(_ folder: TemporaryFolder) throws -> Detection? {
    NativeFormat.detect(try DetectionProbe(DatasetInput(path: folder.path)))
  }

  // MARK: Detection

  @Test func aRepositoryIsCertain() throws {
    for files in [
      ["labels/all.waybill.jsonl": sample("a")], ["labels/00.waybill.jsonl": "", "labels/01.waybill.jsonl": ""],
      ["labels/all.waybill.jsonl": "", "other.waybill.jsonl": "", "images/a.jpg": "", "notes.txt": "mine"], [:],
    ] {
      let found = try #require(try detection(try folder(files)))
      #expect(found.confidence == .certain && found.reasons.contains { $0.contains("label repository") }, "\(files.keys)")
    }
  }

  @Test func otherFoldersWithSuchAFileAreNot() throws {
    #expect(try detection(try folder([:], settings: #"{"name":"x"}"#)) == nil)
    #expect(try detection(try folder([:], settings: #"{"waybill":"1"}"#)) == nil)
    #expect(try detection(try folder([:], settings: "")) == nil)
    #expect(try detection(try folder(["labels/a.txt": ""], settings: "[]")) == nil)
    let shards = try #require(try detection(try folder(["labels/all.waybill.jsonl": sample("a")], settings: nil)))
    #expect(shards.confidence == .certain && !shards.reasons.contains { $0.contains("label repository") })
  }

  @Test func thePartsOfALongHeaderAreEnough() throws {
    let labels = (0..<2000).map { #"{"name":"label \#($0)"}"# }.joined(separator: ",\n")
    let folder = try folder(
      ["labels/all.waybill.jsonl": sample("a", "label 1999")], settings: #"{"waybill":1,"type":"free","labels":[\#(labels)]}"#)
    #expect(try detection(folder)?.confidence == .certain)
    let read = try read(path: folder.path)
    #expect(read.header.labels.count == 2000 && read.diagnostics.isEmpty)
  }

  // MARK: Reading

  @Test func theHeaderIsThatOfTheSettings() throws {
    let folder = try folder([
      "labels/00.waybill.jsonl": sample("b", "truck"), "labels/01.waybill.jsonl": sample("a", "auto") + sample("c"),
    ])
    let read = try read(path: folder.path)
    #expect(read.diagnostics.isEmpty && read.samples.map(\.key) == ["b", "a", "c"])
    #expect(read.header.name == "street" && read.header.fields["licence"] == .string("CC0") && read.header.labelsAreComplete)
    #expect(read.header.labels.labels.map(\.name) == ["auto", "truck"] && read.header.labels.labels[0].style.color == "#112233")
    #expect(read.labels(of: 0) == ["truck"] && read.labels(of: 1) == ["auto"])
  }

  @Test(arguments: [Demand(), Demand(labels: true), Demand(labels: true, splits: true)]) func formerNamesAreResolved(
    _ demand: Demand
  ) throws {
    let folder = try folder(["labels/all.waybill.jsonl": sample("a", "car", "vehicle", "auto", "truck", #"c\u0061r"#, "new")])
    let read = try read(path: folder.path, demand)
    // A name that a label has now is no former one of another.
    #expect(read.labels(of: 0) == ["auto", "auto", "auto", "truck", "auto", "new"])
    #expect(read.header.labels.labels.map(\.name) == ["auto", "truck", "new"] && read.diagnostics.isEmpty)
  }

  @Test func conflictsAreLocated() throws {
    let conflict = #"{"key":"b","conflict":{"about":["split"],"ours":{"key":"b","image":{}},"theirs":null}}"# + "\n"
    let folder = try folder([
      "labels/00.waybill.jsonl": sample("a"), "labels/01.waybill.jsonl": sample("c") + conflict + sample("d"),
    ])
    let read = try read(path: folder.path)
    #expect(read.rules == ["waybill.sample.conflict"] && read.diagnostics.hasErrors)
    #expect(read.samples.map(\.key) == ["a", "c", "d"])
    let range = try #require(read.diagnostics.items.first?.range)
    #expect(read.sources.path(of: range.file) == folder.file("labels/01.waybill.jsonl"))
    #expect((sample("c").utf8.count..<sample("c").utf8.count + conflict.utf8.count).contains(range.offset))
    #expect(read.diagnostics.items.first?.message.contains("waybill resolve") == true)
  }

  @Test func otherFilesOfTheRepositoryAreNotRead() throws {
    let folder = try folder([
      "labels/all.waybill.jsonl": sample("a"), "export.waybill.jsonl": sample("x"), "labels.waybill.jsonl": sample("y"),
      "old/labels/all.waybill.jsonl": sample("z"), "labels/notes.jsonl": "mine", ".waybill/x.waybill.jsonl": sample("w"),
    ])
    let read = try read(path: folder.path)
    #expect(read.samples.map(\.key) == ["a"] && !read.diagnostics.hasErrors)
  }

  @Test func aRepositoryMayBeEmpty() throws {
    for files in [[:], ["labels/all.waybill.jsonl": ""]] {
      let folder = try folder(files)
      let read = try read(path: folder.path)
      #expect(read.samples.isEmpty && read.diagnostics.isEmpty && read.header.labels.count == 2)
    }
  }

  @Test(arguments: [
    (#"{"waybill":1,"labels":[{"nam":"a"}]}"#, "waybill.header.unknown-field"), (#"{"waybill":1,"type":"free""#, "json.truncated"),
    (#"{"waybill":2}"#, "waybill.header.version"),
  ]) func brokenSettingsAreLocated(_ settings: String, _ rule: String) throws {
    let folder = try folder(["labels/all.waybill.jsonl": sample("a")], settings: settings)
    let read = try read(path: folder.path)
    #expect(read.rules.contains(rule) && read.diagnostics.hasErrors)
    let range = try #require(read.diagnostics.items.first { $0.rule == rule }?.range)
    #expect(read.sources.path(of: range.file) == folder.file("dataset.json"))
  }

  @Test func settingsThatAreNoTextAreLocated() throws {
    let folder = try folder(["labels/all.waybill.jsonl": sample("a")])
    _ = try folder.write("dataset.json", Array(Self.settings.utf8).map { $0 == UInt8(ascii: "C") ? 0xFF : $0 })
    let read = try read(path: folder.path)
    #expect(read.rules.first == "json.invalid-utf8" && read.diagnostics.hasErrors)
  }

  @Test func headersOfShardsAreJoined() throws {
    let shard = #"{"waybill":1,"labels":[{"name":"extra"}]}"# + "\n" + sample("a", "extra")
    let folder = try folder(["labels/all.waybill.jsonl": shard])
    let read = try read(path: folder.path)
    #expect(read.header.labels.labels.map(\.name) == ["auto", "truck", "extra"] && read.diagnostics.isEmpty)
  }

  // MARK: Published versions

  @Test func aPublishedVersionHasItsManifestBesideTheHeader() throws {
    let header = #"{"waybill":1,"name":"street","labels":[{"name":"auto"}]}"# + "\n"
    let folder = try folder(
      ["labels.waybill.jsonl": header + sample("a", "auto") + sample("b"), "media.jsonl": #"{"path":"a"}"# + "\n"], settings: header
    )
    let found = try #require(try detection(folder))
    #expect(found.confidence == .certain && !found.reasons.contains { $0.contains("label repository") })
    let read = try read(path: folder.path)
    #expect(read.samples.map(\.key) == ["a", "b"] && read.diagnostics.isEmpty && read.header.name == "street")
    #expect(read.header.labels.labels.map(\.name) == ["auto"] && read.labels(of: 0) == ["auto"])
  }

  @Test func aFolderOfShardsIsReadAsBefore() throws {
    let header = #"{"waybill":1,"labels":[{"name":"auto"}]}"# + "\n"
    let folder = try folder(["0.waybill.jsonl": header + sample("a"), "deep/1.waybill.jsonl": sample("b")], settings: nil)
    #expect(try read(path: folder.path).samples.map(\.key) == ["a", "b"])
    let other = try self.folder(["a.txt": ""], settings: nil)
    let none = try read(path: other.path)
    #expect(none.rules == ["waybill.file.none"])
  }
}
