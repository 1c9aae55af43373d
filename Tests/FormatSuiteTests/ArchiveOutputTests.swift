import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

/// An output that ends in `.zip` holds the folder that would be written otherwise.
@Suite struct ArchiveOutputTests {
  /// The bytes of the output; nil, and the reason, when it was refused.
  private func write(_ trip: RoundTrip, to output: String, jobs: Int = 1) throws -> String? {
    do {
      _ = try convert(try #require(trip.fixture.input), output, to: trip.target, from: trip.fixture.format, jobs: jobs) { request in
        request.allowLoss = true
      }
      return nil
    } catch let failure as Conversion.Failure {
      return "\(failure.error.code.name): \(failure.error.message)"
    }
  }

  @Test(arguments: RoundTrip.all) func holdsWhatTheFolderHolds(_ trip: RoundTrip) throws {
    let folder = try TemporaryFolder()
    let refusal = try write(trip, to: folder.file("out"))
    for jobs in [1, 3] {
      let name = "\(jobs)/out.ZIP"
      #expect(try write(trip, to: folder.file(name), jobs: jobs) == refusal)
    }
    guard refusal == nil else { return }
    #expect(try bytes(of: folder.file("1/out.ZIP")) == bytes(of: folder.file("3/out.ZIP")))
    let expected = try tree(folder.file("out"))
    let found = try unpacked(folder.file("1/out.ZIP"))
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (path, bytes) in expected { #expect(found[path] == bytes, "\(path) differs") }
  }

  /// What was written reads back as the folder does, without being told the format.
  @Test(arguments: FixtureCase.valid) func readsBackAsTheFolder(_ fixture: FixtureCase) throws {
    let folder = try TemporaryFolder()
    let input = try #require(fixture.input)
    for output in ["out", "out.zip"] {
      _ = try convert(input, folder.file(output), to: fixture.format, from: fixture.format) { $0.allowLoss = true }
    }
    let shared = LabelTable()
    let choice = try FormatRegistry.all.parse(fixture.format)
    let onDisk = try Contents(folder.file("out"), as: choice, shared: shared)
    let inArchive = try Contents(folder.file("out.zip"), as: choice, shared: shared)
    #expect(onDisk.samples == inArchive.samples)
    #expect(onDisk.header.labels.labels == inArchive.header.labels.labels)
    #expect(inArchive.diagnostics.count(atLeast: .error) == 0)
    if let found = try? FormatRegistry.all.detect(try DatasetInput(path: folder.file("out"))) {
      let again = try FormatRegistry.all.detect(try DatasetInput(path: folder.file("out.zip")))
      #expect(again.format.descriptor.id == found.format.descriptor.id)
    }
  }

  /// The formats that hold pictures.
  static let pictureFormats = FormatRegistry.all.names.filter { (try? format($0))?.descriptor.writes.contains(.image) == true }

  /// Media that is copied comes along from a folder and from an archive, into a folder and into an archive, with the same bytes.
  @Test(arguments: pictureFormats) func bringsMediaAlong(_ target: String) throws {
    let folder = try TemporaryFolder()
    let demo = "\(PackageFolder.root)/Fixtures/demo"
    _ = try folder.write("demo.zip", archive(of: demo, below: "demo", isDeflated: true))
    func change(_ request: inout ConversionRequest) {
      request.allowLoss = true
      request.media = .copy
      request.approximations = (try? Approximations("polygon=box,mask=box")) ?? Approximations()
    }
    let to = target == "yolo" ? "yolo:task=detect" : target
    let labels = ["\(demo)/street.coco.json", folder.file("demo.zip/demo/street.coco.json"), folder.file("demo.zip")]
    for (number, input) in labels.enumerated() {
      for output in ["\(number)", "\(number).zip"] {
        let report = try convert(
          input, folder.file("\(number)/\(output)/out\(output.hasSuffix("zip") ? ".zip" : "")"), to: to, jobs: 2, change)
        #expect(report.diagnostics.items.filter { $0.rule == "media.missing" }.isEmpty)
      }
    }
    let expected = try tree(folder.file("0/0/out"))
    guard try format(target).descriptor.writes.contains(.image) else { return }
    #expect(expected.keys.count { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") } >= 10)
    for number in labels.indices {
      #expect(try tree(folder.file("\(number)/\(number)/out")) == expected, "\(labels[number])")
      #expect(try unpacked(folder.file("\(number)/\(number).zip/out.zip")) == expected, "\(labels[number])")
    }
  }

  @Test func linksAreRefusedEarly() throws {
    let folder = try TemporaryFolder()
    let demo = "\(PackageFolder.root)/Fixtures/demo"
    _ = try folder.write("demo.zip", archive(of: demo))
    for mode in [MediaMode.hardlink, .symlink] {
      for (input, output) in [("\(demo)/street.coco.json", "out.zip"), (folder.file("demo.zip"), "out")] {
        #expect {
          try convert(input, folder.file(output), to: "coco", from: "coco") { $0.media = mode }
        } throws: { error in
          guard let failure = error as? Conversion.Failure else { return false }
          return failure.error.code == .usage && failure.error.message.contains("copy")
        }
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["demo.zip"])
  }

  /// Pixel sizes that labels do not give are found in pictures in an archive, stored or deflated, and no more is read than the head.
  @Test(arguments: [false, true]) func probesPicturesInArchives(isDeflated: Bool) throws {
    let folder = try TemporaryFolder()
    let images = "\(PackageFolder.root)/Fixtures/demo/images"
    let path = try folder.write("i.zip", archive(of: images, isDeflated: isDeflated))
    let files = try #require(try InputFiles.disk.mountingArchive(holding: path))
    for name in try tree(images).keys {
      let (onDisk, inArchive) = (InputFiles.disk.imageHeader(of: "\(images)/\(name)"), files.imageHeader(of: "\(path)/\(name)"))
      #expect(onDisk == inArchive, "\(name)")
      if case .failure = onDisk { Issue.record("\(name) has no size") }
    }
    #expect(files.imageHeader(of: "\(path)/none.png") == .failure(.cannotRead(ENOENT)))
  }

  /// A page shows pictures that lie in an archive.
  @Test func picturesOfAnArchiveAreShown() throws {
    let folder = try TemporaryFolder()
    let demo = "\(PackageFolder.root)/Fixtures/demo"
    let path = try folder.write("demo.zip", archive(of: demo, below: "x", isDeflated: true))
    var found: [[PictureExample]] = []
    for input in ["\(demo)/street.coco.json", path] {
      var statistics = Statistics(ScanRequest(input: input), registry: .all)
      statistics.exampleCount = 4
      found.append(try statistics.run().examples)
    }
    #expect(found[0].count == 4)
    #expect(found[0].map(\.sample.key) == found[1].map(\.sample.key))
    for (onDisk, inArchive) in zip(found[0], found[1]) {
      #expect(onDisk.picture != nil && onDisk.picture?.bytes == inArchive.picture?.bytes)
    }
  }
}
