import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

/// A dataset in a zip archive reads as the same dataset unpacked.
@Suite struct ArchiveInputTests {
  /// How a fixture is put into an archive.
  enum Form: String, CaseIterable {
    /// As it is.
    case plain
    /// In a folder, deflated, as most tools do.
    case inFolder
    /// In folders in a folder.
    case deep

    var folder: String {
      switch self {
      case .plain: ""
      case .inFolder: "data set"
      case .deep: "home/ä/data"
      }
    }

    /// The path of the dataset in an archive.
    func root(_ zip: String) -> String { self == .plain ? zip : "\(zip)/\(folder)" }
  }

  /// What reading gives: samples, the header's parts, and every diagnostic with its place below the input's folder.
  private struct Reading: Equatable {
    var samples: [Sample] = []
    var name: String?
    var labels: [Label] = []
    var preserved = Preserved()
    var lines: [String] = []
  }

  private func read(_ path: String, _ format: String, root: String) throws -> Reading {
    var reading = Reading()
    let context = ReadContext(sources: SourceMap())
    do throws(DatasetError) {
      let choice = try FormatRegistry.all.parse(format)
      let dataset = try Dataset.open(
        try DatasetInput(path: path), as: choice, demand: Demand(labels: true, splits: true), context: context)
      for position in 0..<dataset.count {
        if let sample = try dataset.sample(at: position, context) { reading.samples.append(sample) }
      }
      (reading.name, reading.labels, reading.preserved) = (
        dataset.header.name, dataset.header.labels.labels, dataset.header.preserved
      )
      reading.lines.append("splits \(dataset.splits), media \(dataset.mediaFolders)")
    } catch {
      reading.lines.append("stopped: \(error.code.name): \(error.message)")
    }
    var places = PlaceFinder(context.sources)
    for item in context.diagnostics.items {
      let place = item.range.map { places.place(of: $0).text } ?? "-"
      let related = item.related.map { "\(places.place(of: $0.range).text): \($0.message)" }
      reading.lines.append("\(place): \(item.severity.word): \(item.message) [\(item.rule)] \(related)")
    }
    // The place of a sample is compared as a person sees it.
    for index in reading.samples.indices {
      let place = reading.samples[index].source.map { "\(places.place(of: $0).text) \($0.length)" } ?? "-"
      reading.samples[index].source = nil
      reading.lines.append(place)
    }
    reading.lines = reading.lines.map { $0.replacingOccurrences(of: root, with: "ROOT") }
    return reading
  }

  @Test(arguments: FixtureCase.all, Form.allCases) func readsAsTheFolder(_ fixture: FixtureCase, _ form: Form) throws {
    let input = try #require(fixture.input)
    let folder = try TemporaryFolder()
    let files = try tree(input)
    let path: String
    let expected: Reading
    let zip = folder.file("x.zip")
    if files[""] != nil {
      // What lies beside the file, such as the masks of panoptic segments, comes along; the path leads into the archive.
      _ = try folder.write("x.zip", archive(of: fixture.folder, below: form.folder, isDeflated: form != .plain))
      path = joinedPath(form.root(zip), FileName.basename(of: input))
      expected = try read(input, fixture.format, root: fixture.folder)
    } else {
      _ = try folder.write("x.zip", archive(of: input, below: form.folder, isDeflated: form != .plain))
      path = zip
      expected = try read(input, fixture.format, root: input)
    }
    let found = try read(path, fixture.format, root: form.root(zip))
    #expect(found.lines == expected.lines)
    #expect(found.samples == expected.samples)
    #expect(found.labels == expected.labels)
    #expect(found.name == expected.name)
    #expect(found.preserved == expected.preserved)
  }

  @Test(arguments: FixtureCase.valid, Form.allCases) func isDetected(_ fixture: FixtureCase, _ form: Form) throws {
    let input = try #require(fixture.input)
    let folder = try TemporaryFolder()
    let path = try folder.write("x.dat", archive(of: input, below: form.folder, isDeflated: form == .plain))
    let onDisk = try FormatRegistry.all.detect(try DatasetInput(path: input))
    let inArchive = try FormatRegistry.all.detect(try DatasetInput(path: path))
    #expect(inArchive.format.descriptor.id == onDisk.format.descriptor.id)
    #expect(inArchive.detection?.confidence == onDisk.detection?.confidence)
    // A file alone in a folder is a folder that holds one file.
    if try form == .plain || tree(input)[""] == nil { #expect(inArchive.detection?.reasons == onDisk.detection?.reasons) }
  }

  @Test func anArchiveOfOneFileIsThatFile() throws {
    let folder = try TemporaryFolder()
    let fixture = try #require(FixtureCase.valid.first { $0.format == "coco" && $0.input?.hasSuffix(".json") == true })
    let input = try #require(fixture.input)
    let path = try folder.write("one.zip", archive(of: input, isDeflated: true))
    let opened = try DatasetInput(path: path)
    #expect(!opened.isFolder && !opened.isSpooled)
    #expect(opened.path == "\(path)/\(FileName.basename(of: input))")
    #expect(opened.folder == path)
    let mapped = try opened.map()
    #expect(try withExtendedLifetime(mapped) { Array(mapped.bytes) } == bytes(of: input))
  }

  @Test func emptyAndHiddenThings() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("empty.zip", archive(of: folder.file("none")))
    #expect(try DatasetInput(path: empty).isFolder)
    // What macOS adds is not seen, so that one file is one file.
    _ = try folder.write("mac/labels.json", "{}")
    _ = try folder.write("mac/__MACOSX/._labels.json", "x")
    _ = try folder.write("mac/.DS_Store", "x")
    let mac = try folder.write("mac.zip", archive(of: folder.file("mac")))
    #expect(try DatasetInput(path: mac).path == "\(mac)/labels.json")
  }

  @Test func damageIsFoundAndSaid() throws {
    let folder = try TemporaryFolder()
    let fixture = try #require(FixtureCase.valid.first { $0.format == "pascal-voc" && $0.name == "devkit" })
    var zip = try archive(of: try #require(fixture.input))
    let place = try #require(zip.firstRange(of: Array("<annotation>".utf8)))
    zip[place.lowerBound + 3] ^= 1
    let path = try folder.write("bad.zip", zip)
    let context = ReadContext(sources: SourceMap())
    let dataset = try Dataset.open(
      try DatasetInput(path: path), as: FormatRegistry.all.parse("pascal-voc"), demand: Demand(), context: context)
    for position in 0..<dataset.count { _ = try dataset.sample(at: position, context) }
    let messages = context.diagnostics.items.filter { $0.severity == .error }.map(\.message)
    #expect(messages.count == 1 && messages[0].contains("zip.entry.crc"), "\(messages)")
    for size in [10, zip.count / 2, zip.count - 1] {
      let cut = try folder.write("cut.zip", Array(zip.prefix(size)))
      #expect(throws: DatasetError.self) { try DatasetInput(path: cut) }
    }
  }
}
