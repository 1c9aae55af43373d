import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

@Suite("TextGrid: byte for byte") struct GridRoundTripTests {
  /// Reads a file and writes it, and says how the two differ.
  private func returns(_ path: String, _ note: String = "") throws {
    let folder = try TemporaryFolder()
    let data = try read(path)
    #expect(data.diagnostics.count(atLeast: .error) == 0, "\(data.diagnostics.items.map(\.message)) \(note)")
    let output = folder.file("out.TextGrid")
    let written = try write(data.header, data.samples, to: output, isFile: true)
    #expect(written.losses.isEmpty && written.rules.isEmpty, "\(note)")
    let (before, after) = (try bytes(of: path), try bytes(of: output))
    #expect(
      before == after, "\(String(decoding: before, as: UTF8.self))\nbecame\n\(String(decoding: after, as: UTF8.self)) \(note)")
  }

  static let real = PackageFolder.corpus.map { PackageFolder.files(below: "\($0)/textgrid", endingIn: ".TextGrid") } ?? []

  @Test("real files", arguments: real) func realFiles(_ path: String) throws { try returns(path) }

  @Test("what any tool may write", arguments: [false, true]) func madeFiles(isWild: Bool) throws {
    let folder = try TemporaryFolder()
    for seed in 0..<(isWild ? 400 : 200) as Range<UInt64> {
      var maker = GridText(dice: SeededNumbers(testSeed(900) + seed), isWild: isWild)
      let text = maker.make()
      let names = ["utf-8", "utf-8", "utf-8-bom", "utf-16le-bom", "utf-16be-bom", "utf-32le-bom"]
      let encoding = try #require(TextEncoding(named: maker.dice.pick(names)))
      let path = folder.file("in.TextGrid")
      try Data(encoded(text, encoding)).write(to: URL(fileURLWithPath: path))
      try returns(path, "seed \(testSeed(900) + seed), wild \(isWild)")
    }
  }

  @Test("a folder keeps its names, through memory alone") func folders() throws {
    let folder = try TemporaryFolder()
    var tree: [String: [UInt8]] = [:]
    for (number, name) in ["a.TextGrid", "b/c.textgrid", "clip.mp4.TEXTGRID", "x.video.TextGrid", "s3:/bucket/y.TextGrid"]
      .enumerated()
    {
      var maker = GridText(dice: SeededNumbers(UInt64(number)))
      let text = maker.make()
      tree[name] = Array(text.utf8)
      _ = try folder.write("in/\(name)", text)
    }
    let data = try read(folder.file("in"))
    #expect(data.keys == ["a", "b/c", "clip.mp4", "s3://bucket/y", "x"])
    #expect(data.samples.map(\.media.kind) == [.audio, .audio, .video, .audio, .video])
    try write(data.header, data.samples, to: folder.file("out"))
    #expect(try TestSupport.tree(folder.file("out")) == tree)
  }

  private func encoded(_ text: String, _ encoding: TextEncoding) -> [UInt8] {
    let units: [UInt8]
    func wide<Unit: FixedWidthInteger>(_ units: [Unit]) -> [UInt8] {
      units.flatMap { unit in withUnsafeBytes(of: unit) { Array($0) } }
    }
    switch encoding.name {
    case "utf-16le-bom": units = wide(text.utf16.map(\.littleEndian))
    case "utf-16be-bom": units = wide(text.utf16.map(\.bigEndian))
    case "utf-32le-bom": units = wide(text.unicodeScalars.map(\.value.littleEndian))
    default: units = Array(text.utf8)
    }
    return encoding.mark + units
  }
}
