import Foundation
import TestSupport
import Testing
import Waybill

/// A fixture and a format to write it in.
struct RoundTrip: CustomTestStringConvertible, Sendable {
  var fixture: FixtureCase
  var target: String
  var testDescription: String { "\(fixture.testDescription) -> \(target)" }

  /// The name of the output: a file where the format has one that holds everything, a folder for what was a folder.
  var outputName: String {
    get throws {
      let isFolder = (try? DatasetInput(path: fixture.input ?? ""))?.isFolder == true
      let format = try format(target)
      return FormatSuiteTests.outputName(format, singleFile: target == "waybill" || (target == "coco" && !isFolder))
    }
  }

  /// Converts the fixture; false when some of its labels cannot be written as they are.
  func convertFixture(to output: String, jobs: Int = 1) throws -> ConversionReport? {
    do {
      return try convert(try #require(fixture.input), output, to: target, from: fixture.format, jobs: jobs) { $0.allowLoss = true }
    } catch  where isUnwritable(error) {
      return nil
    }
  }

  /// Every fixture to every format; under a sanitizer, where each costs ten times as much, to its own format and the native one, which runs
  /// the code of every reader and of every writer.
  static let all = FixtureCase.everyValid.flatMap { fixture in
    FormatRegistry.all.names.map { RoundTrip(fixture: fixture, target: $0) }
  }.filter { trip in
    if isSanitized, trip.target != trip.fixture.format, trip.target != "waybill" { return false }
    return FixtureCase.isChosen(trip.fixture.format) || FixtureCase.isChosen(trip.target)
  }

  private static let isSanitized = ProcessInfo.processInfo.environment["WAYBILL_SANITIZER"] != nil
}

@Suite struct RoundTripTests {
  /// Whatever is read and written must read back as the sample restricted to what the target declares.
  @Test(arguments: RoundTrip.all) func readsBackAsRestricted(_ trip: RoundTrip) throws {
    let folder = try TemporaryFolder()
    let input = try #require(trip.fixture.input)
    let target = try format(trip.target)
    let output = folder.file(try trip.outputName)
    guard let report = try trip.convertFixture(to: output) else { return }
    expectSumsToAddUp(report.ledger)
    let shared = LabelTable()
    let before = try Contents(input, as: try FormatRegistry.all.parse(trip.fixture.format), shared: shared)
    let after = try Contents(output, as: try FormatRegistry.all.parse(trip.target), shared: shared)
    #expect(after.diagnostics.count(atLeast: .error) == 0, "\(after.diagnostics.items.map(\.message))")
    let expected = try before.samples.compactMap { try restricted($0, to: target, isFile: target.descriptor.isFile(output)) }
    #expect(expected.count == report.ledger.samples.written)
    var found = Dictionary(after.samples.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    for sample in expected {
      guard let read = found.removeValue(forKey: sample.key) else {
        Issue.record("the sample \"\(sample.key)\" did not come back; there are \(after.samples.map(\.key))")
        continue
      }
      if trip.target == "waybill" {
        #expect(read == sample)
      } else {
        var sample = sample
        var read = read
        // Masks that others cover were counted as lost; what is left of them is not what was read.
        if report.ledger[.mask].dropped > 0 {
          sample = withoutMasks(sample)
          read = withoutMasks(read)
        }
        // Positions among all rows are counted by each format in its own way.
        if trip.fixture.format != trip.target {
          for index in sample.annotations.indices { sample.annotations[index].ordinal = nil }
          for index in read.annotations.indices { read.annotations[index].ordinal = nil }
        }
        // What the encoder of a format that holds such answers counted as lost of single annotations.
        let lost: FeatureSet = [.text, .attributes, .label, .id, .area]
        for feature in lost.intersection(target.descriptor.writes).features
        where report.ledger[feature].dropped + report.ledger[feature].approximated > 0 {
          for index in sample.annotations.indices { sample.annotations[index].remove(FeatureSet(feature)) }
          for index in read.annotations.indices { read.annotations[index].remove(FeatureSet(feature)) }
        }
        // An interval without a length is a point to Audacity.
        if trip.target == "audacity", report.ledger[.interval].approximated > 0 {
          for index in sample.annotations.indices { sample.annotations[index].remove([.interval, .instant]) }
          for index in read.annotations.indices { read.annotations[index].remove([.interval, .instant]) }
        }
        // Subtitles have thousandths of a second.
        if report.ledger[.interval].approximated > 0 { (sample, read) = (inThousandths(sample), inThousandths(read)) }
        // The annotations of a TextGrid come tier by tier, subtitles by time.
        if ["textgrid", "webvtt", "srt"].contains(trip.target) { (sample, read) = (tierByTier(sample), tierByTier(read)) }
        // One column of tags holds no entity inside of another; what it does not hold was counted as lost.
        if report.ledger[.span].dropped > 0 { (sample.annotations, read.annotations) = ([], []) }
        // The objects of a ModelArts line come out of one file, one after the other.
        if trip.target == "modelarts" {
          sample = withPlacesFirst(sample)
          read = withPlacesFirst(read)
        }
        var plain = withoutPreserved(sample)
        // What a writer needs to see and does not write.
        plain.remove(target.descriptor.needs)
        var found = withCorners(withoutAdditions(withoutPreserved(read), against: plain))
        (found, plain) = inOneUnit(found, withCorners(plain), size: size(of: sample) ?? size(of: read))
        #expect(found == plain)
      }
    }
    #expect(found.isEmpty, "samples nobody wrote: \(found.keys.sorted())")
  }

  private func size(of sample: Sample) -> (width: Int, height: Int)? {
    guard let width = sample.media.width, let height = sample.media.height else { return nil }
    return (width, height)
  }

  /// Reading what was written and writing it again gives the same bytes.
  @Test(arguments: RoundTrip.all) func secondWritingIsTheFirst(_ trip: RoundTrip) throws {
    let folder = try TemporaryFolder()
    let name = try trip.outputName
    let once = folder.file("1/\(name)")
    let twice = folder.file("2/\(name)")
    guard try trip.convertFixture(to: once) != nil else { return }
    _ = try convert(once, twice, to: trip.target, from: trip.target) { $0.allowLoss = true }
    let first = try tree(once)
    let second = try tree(twice)
    #expect(first.keys.sorted() == second.keys.sorted())
    for (path, bytes) in first {
      if path.hasSuffix(".png") { #expect(bytes == second[path], "\(path) differs") }
      #expect(
        String(decoding: bytes, as: UTF8.self) == String(decoding: second[path] ?? [], as: UTF8.self), "\(path) differs")
    }
  }

  /// Any format -> native -> same format says the same as any format -> same format.
  @Test(arguments: FixtureCase.valid) func detourThroughNativeLosesNothing(_ fixture: FixtureCase) throws {
    let folder = try TemporaryFolder()
    let input = try #require(fixture.input)
    let name = try RoundTrip(fixture: fixture, target: fixture.format).outputName
    let straight = folder.file("straight/\(name)")
    let detour = folder.file("detour/\(name)")
    // The dialect that holds all that the reader finds.
    let target = fixture.format == "pascal-voc" ? "pascal-voc:shapes=modelarts" : fixture.format
    _ = try convert(input, straight, to: target, from: fixture.format)
    _ = try convert(input, folder.file("native.jsonl"), to: "waybill", from: fixture.format)
    _ = try convert(folder.file("native.jsonl"), detour, to: target)
    let first = try tree(straight)
    let second = try tree(detour)
    #expect(first.keys.sorted() == second.keys.sorted())
    for (path, bytes) in first {
      if path.hasSuffix(".png") { #expect(bytes == second[path], "\(path) differs") }
      #expect(
        String(decoding: bytes, as: UTF8.self) == String(decoding: second[path] ?? [], as: UTF8.self), "\(path) differs")
    }
  }

  /// The bytes do not depend on the number of threads.
  @Test(arguments: RoundTrip.all) func threadsDoNotShow(_ trip: RoundTrip) throws {
    let folder = try TemporaryFolder()
    let name = try trip.outputName
    for jobs in [1, 3] {
      _ = try trip.convertFixture(to: folder.file("\(jobs)/\(name)"), jobs: jobs)
    }
    #expect(try tree(folder.file("1/\(name)")) == tree(folder.file("3/\(name)")))
  }
}

/// For every feature, and for samples and annotations, read = written + approximated + dropped.
func expectSumsToAddUp(_ ledger: Ledger, _ location: SourceLocation = #_sourceLocation) {
  for feature in Feature.allCases {
    let entry = ledger[feature]
    #expect(
      entry.read == entry.written + entry.approximated + entry.dropped, "\(feature.name): \(entry)", sourceLocation: location)
  }
  for entry in [ledger.samples, ledger.annotations] {
    #expect(entry.read == entry.written + entry.approximated + entry.dropped, "\(entry)", sourceLocation: location)
  }
}
