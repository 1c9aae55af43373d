import Foundation
import TestSupport
import Testing
import WaybillAllFormats
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillLabelRepository

@Suite struct SourceSyncTests {
  /// The beginning of a GIF picture, which says how large it is.
  private func picture(_ fixture: RepositoryFixture, _ name: String, _ width: UInt8 = 4, _ height: UInt8 = 3) throws {
    _ = try fixture.folder.write("set/\(name)", Array("GIF89a".utf8) + [width, 0, height, 0, 0, 0, 0, 0x3B])
  }

  private func fixture(
    _ type: LabelingType = .objectDetection, sources: [String] = ["images"], labels: [String] = ["car", "truck"],
    lines: [String] = []
  ) throws -> RepositoryFixture {
    let fixture = try RepositoryFixture(type, labels: labels, lines)
    var settings = try fixture.repository.settings
    settings.sources = sources
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    return fixture
  }

  private func run(_ fixture: RepositoryFixture) throws -> SourceSync.Report {
    let edit = try LabelEdit(try fixture.repository)
    let report = try SourceSync(edit, registry: .all).run()
    try edit.commit()
    return report
  }

  private func sample(_ key: String, _ rest: String = "") -> String {
    #"{"key":"\#(key)","image":{"path":"\#(key)","width":4,"height":3}\#(rest)}"#
  }

  @Test func newFilesBecomeSamples() throws {
    let fixture = try fixture(lines: [sample("images/b.gif", #","split":"train""#)])
    for name in ["images/c.gif", "images/b.gif", "images/deep/A.GIF", "other/x.gif"] { try picture(fixture, name) }
    try fixture.write("images/notes.md", "mine")
    try fixture.write("images/.hidden.gif", "mine")
    let report = try run(fixture)
    #expect(report.added == ["images/c.gif", "images/deep/A.GIF"] && report.others == 1 && report.labeled == 0)
    #expect(report.vanished.isEmpty && report.changed.isEmpty && report.unreachable.isEmpty)
    #expect(
      try fixture.lines == [sample("images/b.gif", #","split":"train""#), sample("images/c.gif"), sample("images/deep/A.GIF")])
    #expect(try fixture.repository.status().diagnostics.isEmpty)
    #expect(try run(fixture).added.isEmpty)
  }

  @Test func filesThatVanishedOrChangedAreFindings() throws {
    let lines = [
      sample("images/a.gif"), sample("images/gone.gif"), sample("images/wide.gif"), #"{"key":"none","image":{}}"#,
      #"{"key":"far","image":{"path":"obs://bucket/far.gif"}}"#, #"{"key":"abs","image":{"path":"/nowhere/abs.gif"}}"#,
    ]
    let fixture = try fixture(lines: lines)
    try picture(fixture, "images/a.gif")
    try picture(fixture, "images/wide.gif", 40)
    let before = try fixture.content
    let report = try run(fixture)
    #expect(report.vanished == ["images/gone.gif"] && report.changed == ["images/wide.gif"] && report.added.isEmpty)
    #expect(try fixture.content == before)
  }

  @Test func whatIsInASourceThatIsNotThereHasNotVanished() throws {
    let fixture = try fixture(
      sources: ["images", "disk/", "./other"],
      lines: [sample("images/gone.gif"), sample("disk/x.gif"), sample("other/y.gif"), sample("disks/z.gif")])
    try picture(fixture, "images/a.gif")
    let report = try run(fixture)
    #expect(
      report.unreachable.map(\.source) == ["disk/", "./other"] && report.unreachable.allSatisfy { $0.reason == "is not there" })
    #expect(report.vanished == ["disks/z.gif", "images/gone.gif"])
  }

  @Test func sourcesThatCannotBeLookedThroughAreNamed() throws {
    let outside = try TemporaryFolder()
    _ = try outside.write("x.gif", "")
    let fixture = try fixture(sources: ["obs://bucket/images", "images", outside.path, "dataset.json", "../up"])
    try picture(fixture, "images/a.gif")
    _ = try fixture.folder.write("up/x.gif", "")
    let report = try run(fixture)
    #expect(report.added == ["images/a.gif"])
    #expect(report.unreachable.map(\.source) == ["obs://bucket/images", outside.path, "dataset.json", "../up"])
    #expect(report.unreachable[0].reason == "is no folder of this machine" && report.unreachable[2].reason == "is not there")
    #expect(report.unreachable[1].reason.contains("outside") && report.unreachable[3].reason.contains("outside"))
  }

  @Test(arguments: [
    ["images", "images/deep"], ["images/deep", "images"], [".", "images"], ["images", "./images/", "images/../images"],
  ])
  func sourcesMayOverlap(_ sources: [String]) throws {
    let fixture = try fixture(sources: sources)
    try picture(fixture, "images/a.gif")
    try picture(fixture, "images/deep/b.gif")
    #expect(try run(fixture).added == ["images/a.gif", "images/deep/b.gif"])
    #expect(try fixture.repository.status().diagnostics.isEmpty)
  }

  @Test func theRepositorysOwnFilesAreLeftAlone() throws {
    let fixture = try fixture(.free, sources: ["."], labels: [])
    try fixture.write("readme.txt", "mine")
    try fixture.write("deep/labels/x.bin", "mine")
    for name in ["labels/stray.txt", "imports.jsonl", "versions.json", ".git/config", ".waybill/x", ".gitattributes"] {
      try fixture.write(name, "")
    }
    #expect(try run(fixture).added == ["deep/labels/x.bin", "readme.txt"])
    #expect(try run(fixture).added.isEmpty)
  }

  @Test(arguments: [
    (LabelingType.speech, ["a.wav", "b.MP3"]), (.video, ["v.mp4"]), (.textClassification, ["t.txt"]), (.table, ["t.csv"]),
    (.imageClassification, ["p.gif", "p.webp"]),
    (.free, ["a.wav", "b.MP3", "p.gif", "p.webp", "t.csv", "t.txt", "t_result.txt", "v.avi", "v.mp4"]),
  ]) func mediaFitTheType(_ type: LabelingType, _ expected: [String]) throws {
    let fixture = try fixture(type, sources: ["m"], labels: [])
    for name in ["a.wav", "b.MP3", "v.mp4", "v.avi", "t.txt", "t_result.txt", "t.csv", "p.gif", "p.webp"] {
      try fixture.write("m/\(name)", "x")
    }
    let report = try run(fixture)
    #expect(report.added == expected.map { "m/\($0)" } && report.others == 9 - expected.count)
  }

  @Test func namesMayBeAnything() throws {
    let fixture = try fixture(.free, sources: ["gr\u{F6}\u{DF}e"], labels: [])
    for name in ["e\u{301}.bin", "\u{E9}.bin", "a \"b\".bin", "c\\d.bin"] { try fixture.write("gr\u{F6}\u{DF}e/\(name)", "x") }
    #expect(try run(fixture).added.count == 4)
    #expect(try run(fixture).added.isEmpty && fixture.repository.status().isClean)
  }

  @Test func arepositoryMayLieBehindALink() throws {
    let fixture = try fixture()
    try picture(fixture, "images/a.gif")
    let link = fixture.folder.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.root)
    let edit = try LabelEdit(try LabelRepository.open(link))
    #expect(try SourceSync(edit, registry: .all).run().added == ["images/a.gif"])
  }

  // MARK: Labels beside media

  private func voc(_ name: String, _ labels: String...) -> String {
    "<annotation><filename>\(name)</filename><size><width>4</width><height>3</height><depth>3</depth></size>"
      + labels.map {
        "<object><name>\($0)</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>3</ymax></bndbox></object>"
      }.joined() + "</annotation>"
  }

  @Test func labelsOfPascalVOCComeAlong() throws {
    let fixture = try fixture(lines: [sample("images/old.gif")])
    var settings = try fixture.repository.settings
    settings.labels = [label("vehicle", formerly: "car"), Label(name: "truck")]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    for name in ["a", "b", "old"] { try picture(fixture, "images/\(name).gif") }
    try fixture.write("images/a.xml", voc("a.gif", "truck", "bus", "car"))
    try fixture.write("images/old.xml", voc("old.gif", "truck"))
    let report = try run(fixture)
    #expect(
      report.added == ["images/a.gif", "images/b.gif"] && report.labeled == 1 && report.annotations == 3 && report.labels == 1)
    #expect(try fixture.repository.settings.labels.map(\.name) == ["vehicle", "truck", "bus"])
    let lines = try fixture.lines
    for name in ["truck", "bus", "vehicle"] { #expect(lines[0].contains("\"label\":\"\(name)\""), "\(lines[0])") }
    // What is there already keeps what it has.
    #expect(lines[1] == sample("images/b.gif") && lines[2] == sample("images/old.gif"))
  }

  @Test func labelsOfTextFilesComeAlong() throws {
    let fixture = try fixture(.imageClassification, labels: ["cat"])
    for name in ["a", "b", "c"] { try picture(fixture, "images/\(name).gif") }
    try fixture.write("images/a.txt", "cat\ndog\n")
    try fixture.write("images/b.txt", "")
    let report = try run(fixture)
    #expect(report.added.count == 3 && report.labeled == 1 && report.annotations == 2 && report.labels == 1)
    #expect(
      try fixture.lines == [
        sample("images/a.gif", #","annotations":[{"label":"cat"},{"label":"dog"}]"#), sample("images/b.gif"),
        sample("images/c.gif"),
      ])
  }

  @Test func brokenLabelsRefuseAll() throws {
    let fixture = try fixture()
    try picture(fixture, "images/a.gif")
    try fixture.write("images/a.xml", "<annotation><object>")
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try SourceSync(edit, registry: .all).run() }
    #expect(said?.code == "invalid-input" && said?.message.contains("nothing was changed") == true && said?.rules.isEmpty == false)
  }

  @Test func labelsThatBreakARuleRefuseAll() throws {
    let fixture = try fixture(.imageSegmentation)
    try picture(fixture, "images/a.gif")
    try fixture.write("images/a.xml", voc("a.gif", "car"))
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try SourceSync(edit, registry: .all).run() }
    #expect(said?.rules == ["repository.annotation.no-place"])
  }
}
