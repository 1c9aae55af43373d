import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

@testable import WaybillMediaFolder

/// Rows of Hugging Face's metadata, written.
@Suite struct MetadataWriterTests {
  /// Writes samples and reads them back.
  private func trip(
    _ header: DatasetHeader, _ samples: [Sample], _ options: [(String, String)] = [], _ folder: TemporaryFolder
  ) throws -> ReadDataset {
    let name = "out-\(UUID().uuidString)"
    let report = try write(header, samples, to: folder.file(name), options)
    #expect(report.rules == [], "\(report.diagnostics.items.map(\.message))")
    return try read(folder.file(name), demand: Demand(labels: true))
  }

  private func line(_ sample: Sample, _ header: DatasetHeader, _ folder: TemporaryFolder) throws -> String {
    let name = "out-\(UUID().uuidString)"
    #expect(try write(header, [sample], to: folder.file(name)).rules == [])
    let files = try folder.files(folder.file(name))
    return files.joined(separator: " ") + " " + (try text(folder.file("\(name)/\(files[0])")))
  }

  @Test func rowsThatNobodyReadsAreNotWritten() throws {
    let folder = try TemporaryFolder()
    var long = picture("a.png")
    long.annotations = [caption(String(repeating: "x", count: CSVScanner.rowLimit + 1))]
    let report = try write(header(), [long], to: folder.file("out"), [("metadata", "csv")])
    #expect(report.rules == ["long-row"])
    #expect(try trip(header(), [long], [], folder).texts("a.png")?.first?.utf8.count == CSVScanner.rowLimit + 1)
  }

  @Test func rowsLieInTheFolderOfTheirSplit() throws {
    let folder = try TemporaryFolder()
    #expect(try line(picture("a.png", 0), header("x"), folder) == "metadata.jsonl {\"file_name\":\"a.png\",\"label\":\"x\"}\n")
    #expect(
      try line(picture("train/a.png", split: "train"), header(), folder) == "train/metadata.jsonl {\"file_name\":\"a.png\"}\n")
    #expect(
      try line(picture("val/d/a.png", split: "validation"), header(), folder) == "val/metadata.jsonl {\"file_name\":\"d/a.png\"}\n")
    #expect(
      try line(picture("a.png", split: "train"), header(), folder)
        == "train/metadata.jsonl {\"file_name\":\"a.png\",\"waybill\":{\"key\":\"a.png\"}}\n")
    #expect(
      try line(picture("a.png", split: "inference"), header(), folder)
        == "metadata.jsonl {\"file_name\":\"a.png\",\"waybill\":{\"split\":\"inference\"}}\n")
    #expect(
      try line(picture("train/a.png"), header(), folder)
        == "metadata.jsonl {\"file_name\":\"train/a.png\",\"waybill\":{\"split\":null}}\n")
    #expect(
      try line(picture("s3://b/d/a.png"), header(), folder)
        == "metadata.jsonl {\"file_name\":\"d/a.png\",\"waybill\":{\"key\":\"s3://b/d/a.png\"}}\n")
  }

  static let locations: [(String, String?)] = [
    ("a.png", "a.png"), ("./a//b.png", "a/b.png"), ("/x/a.png", "x/a.png"), ("s3://b/k/a.png", "k/a.png"), ("s3://b", nil),
    ("s3://b/", nil), ("http://h/a?x=1", "a?x=1"), ("file:///x/a.png", "x/a.png"), ("../a", nil), ("a/../../b", nil),
    ("a/../b", "b"),
    ("", nil), ("/", nil), ("a/", nil), ("s3://b/../a", nil), ("nul\0", nil), ("C:\\a.png", "C:\\a.png"), ("//a", "a"),
  ]

  @Test(arguments: locations) func locationsBecomePaths(_ location: String, _ path: String?) {
    #expect(WritePlan.path(of: location) == path)
  }

  @Test(arguments: locations) func keysComeBackWhateverTheyAre(_ location: String, _ path: String?) throws {
    let folder = try TemporaryFolder()
    for split in [nil, "train", "validation", "other"] {
      guard path != nil else {
        #expect(try write(header(), [picture(location, split: split)], to: folder.file("x")).rules == ["path"])
        continue
      }
      let found = try trip(header(), [picture(location, split: split)], [], folder)
      #expect(found.keys == [location] && found.samples[0].media.location == location && found.samples[0].split == split)
    }
  }

  @Test func everythingDeclaredComesBack() throws {
    let folder = try TemporaryFolder()
    var sample = picture("d/a.png", 1, 0, split: "test")
    sample.id = .string("7")
    (sample.media.width, sample.media.height) = (64, 48)
    sample.attributes = [
      "x": .integer(1), "label": .string("odd"), "id": .null, "y": .number(2.5), "caption": .string("c"), "width": .integer(3),
      "waybill": .object(["key": .string("k")]), "file_name": .string("f"), "objects": .object([:]),
    ]
    var box = Annotation(id: .integer(3), label: LabelID(index: 1), box: Box(1, 2, 11.5, 22, form: .corners))
    box.area = 12.25
    box.attributes = ["pose": .string("left"), "n": .list([.integer(1)])]
    sample.annotations.insert(box, at: 1)
    sample.annotations.insert(caption("one"), at: 0)
    sample.annotations.append(Annotation(box: Box(0, 0, 1, 1, form: .extent)))
    sample.annotations.append(caption("two"))
    var sound = Sample(key: "x.mp3", media: Media(.audio, location: "y/x.mp3"))
    sound.annotations = [caption("")]
    var film = Sample(key: "film", media: Media(.video))
    film.attributes = ["deep": .object(["a": .list([.null, .boolean(false)])])]
    let found = try trip(header("a", "b"), [sample, sound, film], [], folder)
    #expect(found.diagnostics.isEmpty && found.keys == ["x.mp3", "film", "d/a.png"])
    var read = try #require(found.sample("d/a.png"))
    for index in read.annotations.indices {
      read.annotations[index].label = read.annotations[index].label.flatMap {
        found.labels[Int($0.index)] == "a" ? .init(index: 0) : .init(index: 1)
      }
      read.annotations[index].box = read.annotations[index].box?.converted(to: index == 2 ? .corners : .extent)
    }
    #expect(read == sample)
    #expect(found.sample("x.mp3") == sound)
    #expect(found.sample("film")?.media.kind == .video && found.sample("film")?.attributes == film.attributes)
  }

  @Test func sharesBecomePixels() throws {
    let folder = try TemporaryFolder()
    var sample = picture("a.png")
    sample.annotations = [Annotation(box: Box(0.5, 0.5, 0.5, 0.25, form: .centered, unit: .unit))]
    #expect(try write(header(), [sample], to: folder.file("x")).rules == ["no-size"])
    (sample.media.width, sample.media.height) = (64, 48)
    #expect(try trip(header(), [sample], [], folder).samples[0].annotations[0].box == Box(16, 18, 32, 12, form: .extent))
    for numbers in [(1, 2, -3, 4), (1, 2, 3, Double.infinity), (Double.nan, 2, 3, 4)] as [(Double, Double, Double, Double)] {
      sample.annotations = [Annotation(box: Box(numbers.0, numbers.1, numbers.2, numbers.3, form: .extent))]
      #expect(try write(header(), [sample], to: folder.file("x")).rules == ["number"])
    }
    sample.annotations = [Annotation(id: .integer(1))]
    #expect(try write(header(), [sample], to: folder.file("x")).rules == ["no-answer"])
  }

  @Test func attributesThatAreNoElementsAreLost() throws {
    let folder = try TemporaryFolder()
    var sample = picture("a.png", 0)
    sample.annotations[0].id = .integer(1)
    sample.annotations[0].attributes = ["x": .integer(1)]
    var box = Annotation(box: Box(1, 2, 3, 4, form: .extent))
    box.attributes = ["bbox": .integer(1), "none": .null, "ok": .integer(2), "category": .string("c")]
    sample.annotations.append(box)
    let report = try write(header("a"), [sample], to: folder.file("x"))
    #expect(report.losses == [.id, .attributes, .attributes])
    let found = try read(folder.file("x"))
    #expect(found.sample("a.png")?.annotations[1].attributes == ["ok": .integer(2), "category": .string("c")])
    #expect(found.sample("a.png")?.annotations[1].label == nil)
  }

  @Test func anUnusualOrderOfMembersIsKept() throws {
    let folder = try TemporaryFolder()
    let lines = """
      {"weather":"rain","label":"a","file_name":"1.png","rank":1}
      {"weather":"sun","file_name":"2.png","rank":2,"new":true}
      {"rank":3,"label":"b","file_name":"3.png","id":4}

      """
    let found = try read(try folder.tree([], ["metadata.jsonl": lines]))
    try write(found.header, found.samples, to: folder.file("out"))
    let expected = """
      {"weather":"rain","label":"a","file_name":"1.png","rank":1}
      {"weather":"sun","file_name":"2.png","rank":2,"new":true}
      {"label":"b","file_name":"3.png","rank":3,"id":4}

      """
    #expect(try text(folder.file("out/metadata.jsonl")) == expected)
  }

  @Test func formsOfColumnsAreKept() throws {
    let folder = try TemporaryFolder()
    let lines = """
      {"audio_file_name":"1.wav","class":[3],"transcription":["a"],"objects":{"bboxes":[[1,2,3,4]],"category":[0]}}
      {"audio_file_name":"2.wav","class":[4,3],"transcription":["a","b"]}

      """
    let found = try read(try folder.tree([], ["metadata.jsonl": lines]))
    try write(found.header, found.samples, to: folder.file("out"))
    #expect(try text(folder.file("out/metadata.jsonl")) == lines)
    // Others' headers that keep nonsense do no harm.
    for kept in [
      #""layout":"metadata","media":"x","label":"text","text":"text""#, #""layout":"metadata","columns":["a",1,{}],"boxes":"id""#,
      #""layout":7"#, #""layout":"nowhere""#, #""layout":"metadata","media":"label_file_name","label":"waybill""#,
    ] {
      let name = "k\(kept.utf8.count)"
      try write(header("a", kept: kept), [picture("1.png", 0)], to: folder.file(name))
      #expect(try read(folder.file(name)).keys == ["1.png"], "\(kept)")
    }
  }

  @Test func anEmptyDatasetIsAnEmptyFile() throws {
    let folder = try TemporaryFolder()
    #expect(try trip(header(), [], [], folder).samples == [])
    #expect(try trip(header(), [], [("metadata", "csv")], folder).samples == [])
    #expect(try trip(header("a"), [], [("layout", "list")], folder).labels == ["a"])
  }

  @Test func rowsOfOneFileStayTogether() throws {
    let folder = try TemporaryFolder()
    var samples: [Sample] = []
    for number in 0..<300 { samples.append(picture("\(number).png", split: ["train", "test", nil, "x"][number % 4])) }
    for size in [1, 7, 300] {
      try write(header(), samples, to: folder.file("\(size)"), batchSize: size)
      #expect(try text(folder.file("\(size)/train/metadata.jsonl")) == text(folder.file("1/train/metadata.jsonl")))
      #expect(try text(folder.file("\(size)/metadata.jsonl")) == text(folder.file("1/metadata.jsonl")))
    }
    #expect(Set(try read(folder.file("7")).keys) == Set(samples.map(\.key)))
  }

  // MARK: Media

  @Test func mediaComeAlong() throws {
    let folder = try TemporaryFolder()
    let media = try folder.tree([], ["a.png": "A", "b/a.png": "B"])
    let report = try write(
      header(), [picture("a.png", split: "train"), picture("b/a.png")], to: folder.file("out"), media: media)
    #expect(report.rules == [])
    #expect(try folder.files(folder.file("out")) == ["b/a.png", "metadata.jsonl", "train/a.png", "train/metadata.jsonl"])
    #expect(try read(folder.file("out")).rules == [])
    let missing = try write(header(), [picture("gone.png")], to: folder.file("gone"), media: media)
    #expect(missing.rules == ["media.missing"])
    let twice = try write(header(), [picture("a.png"), picture("a.png")], to: folder.file("twice"), media: media)
    #expect(twice.rules == ["collision"])
    try write(header(), [picture("a.png")], to: folder.file("link"), media: media, mode: .symlink)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link/a.png")).hasSuffix("a.png"))
  }

  // MARK: Tables

  @Test func tablesHoldWhatTheyCan() throws {
    let folder = try TemporaryFolder()
    var first = picture("a,b.png", 0, split: "train")
    first.annotations.append(caption("one \"two\"\nthree"))
    let report = try write(header("x,y"), [first, picture("c.png")], to: folder.file("out"), [("metadata", "csv")])
    #expect(report.rules == [] && report.losses == [])
    #expect(try text(folder.file("out/metadata.csv")) == "file_name,label,text\nc.png,,\n")
    let found = try read(folder.file("out"))
    #expect(found.keys == ["c.png", "train/a,b.png"] && found.classes("train/a,b.png") == ["x,y"])
    #expect(found.texts("train/a,b.png") == ["one \"two\"\nthree"])
  }

  @Test func aTableReadIsWrittenAsItWas() throws {
    let folder = try TemporaryFolder()
    let table = "note,file_name,id,width,height,label\nx,a.png,7,3,2,cat\n\"y\"\"\",b.png,b7,,,\n,c.png,,1,,\n"
    let found = try read(try folder.tree([], ["metadata.csv": table]))
    let report = try write(found.header, found.samples, to: folder.file("out"))
    #expect(report.losses == [] && report.rules == [])
    #expect(try text(folder.file("out/metadata.csv")) == table)
  }

  @Test func linesOfJSONBecomeATable() throws {
    let folder = try TemporaryFolder()
    let lines = """
      {"file_name":"1.png","label":"a","weather":"rain","rank":1,"id":5}
      {"file_name":"2.png","text":"t","weather":"","new":"x"}

      """
    let found = try read(try folder.tree([], ["metadata.jsonl": lines]))
    let report = try write(found.header, found.samples, to: folder.file("out"), [("metadata", "csv")])
    #expect(report.losses == [.sampleAttributes, .sampleAttributes])
    #expect(
      try text(folder.file("out/metadata.csv"))
        == "file_name,label,text,weather,rank,id\n1.png,a,,rain,1,5\n2.png,,t,,,\n")
  }

  @Test func whatTablesLoseIsCounted() throws {
    let folder = try TemporaryFolder()
    var sample = picture("a.png", 0, 1)
    sample.annotations += [
      caption("one"), caption("two"), Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .extent)),
    ]
    sample.id = .integer(3)
    sample.attributes = ["x": .string("1")]
    (sample.media.width, sample.media.height) = (3, 4)
    let report = try write(header("a", "b"), [sample], to: folder.file("out"), [("metadata", "csv")])
    #expect(report.losses == [.classification, .caption, .label, .box, .sampleID, .imageSize, .sampleAttributes])
    func rules(_ sample: Sample) throws -> [String] {
      try write(header("a"), [sample], to: folder.file("no"), [("metadata", "csv")]).rules
    }
    #expect(try rules(picture("a.png", split: "inference")) == ["split"])
    #expect(try rules(picture("train/a.png")) == ["split"])
    var sound = picture("a.png")
    sound.media.kind = .audio
    #expect(try rules(sound) == ["kind"])
    #expect(try rules(picture(String(repeating: "x", count: 5000))) == ["path"])
  }

  @Test func optionsAreChecked() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) { try write(header(), [], to: folder.file("x"), [("split", "a/b")]) }
    let found = try trip(header(), [picture("a.png")], [("split", "val")], folder)
    #expect(found.samples.map(\.split) == ["validation"] && found.keys == ["a.png"])
    for (layout, metadata, feature, isHeld) in [
      ("metadata", "jsonl", Feature.box, true), ("metadata", "csv", .box, false), ("metadata", "csv", .caption, true),
      ("list", "auto", .caption, false), ("class-folders", "auto", .classification, true), ("auto", "csv", .box, false),
      ("auto", "auto", .box, true), ("text-files", "auto", .sampleAttributes, false),
    ] {
      let options = try FormatOptions(
        [(name: "layout", value: layout), (name: "metadata", value: metadata)],
        declared: MediaFolderFormat.descriptor.writeOptions, format: "media-folder")
      #expect(MediaFolderFormat.writes(options).contains(feature) == isHeld, "\(layout) \(metadata) \(feature)")
    }
  }
}
