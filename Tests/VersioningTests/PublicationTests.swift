import Foundation
import TestSupport
import Testing
import WaybillAllFormats
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillFormatSupport
import WaybillObjectStore

@testable import WaybillVersioning

@Suite struct PublicationTests {
  @Test func aVersionHoldsLabelsMediaAndRecord() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    let report = try scene.publish(to: store) { $0.message = "first" }
    let record = report.version.record
    #expect(record.version.text == "V001" && record.message == "first" && record.parent == nil && record.changes == nil)
    #expect(record.statistics.samples == 4 && record.statistics.labeled == 3 && record.statistics.annotations == 3)
    #expect(record.statistics.labels.map(\.name) == ["car", "person", "tram"])
    #expect(record.statistics.labels.map(\.samples) == [2, 1, 0])
    #expect(report.newFiles == 4 && report.reusedFiles == 0 && record.media.files == 4)
    let version = try PublishedVersion(try VersionCatalog(store).entry(VersionReference("street@current")), in: store)
    let lines = String(decoding: try version.manifest().bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5 && lines[1].hasPrefix(#"{"key":"a.jpg""#) && lines[2].hasPrefix(#"{"key":"b/1.jpg""#))
    for sample in scene.samples {
      #expect(try version.file(sample.key).map { String(decoding: $0.bytes, as: UTF8.self) } == "media of \(sample.key)")
      let line = try #require(try version.sample(sample.key))
      #expect(String(decoding: line, as: UTF8.self).hasPrefix("{\"key\":\"\(sample.key)\""))
    }
    #expect(try version.sample("nothing") == nil && version.file("nothing") == nil)
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
  }

  @Test func theSameContentIsTheSameBytes() throws {
    let first = MemoryStore(clock: { 0 })
    let scene = try Scene()
    try scene.publish(to: first) { $0.renderings = [try FormatRegistry.all.parse("yolo:task=detect")] }
    let expected = try first.contents
    for jobs in [1, 3, 8] {
      let store = MemoryStore(clock: { 0 })
      try scene.publish(to: store) {
        $0.renderings = [try FormatRegistry.all.parse("yolo:task=detect")]
        $0.source.jobs = jobs
      }
      #expect(try store.contents == expected, "\(jobs) jobs")
    }
  }

  /// The order of the source changes the packs, which are written as media come, and nothing that says what the version is.
  @Test func theOrderOfTheSourceDoesNotMatter() throws {
    let scene = try Scene()
    let (a, b) = (MemoryStore(clock: { 0 }), MemoryStore(clock: { 0 }))
    let first = try scene.publish(to: a)
    let second = try scene.publish(to: b) { $0 = try scene.request(reversed: true) }
    #expect(first.version.record.content == second.version.record.content)
    let manifests = try [a, b].map { store in
      try SHA256Digest(
        of: PublishedVersion(try VersionCatalog(store).entry(VersionReference("street")), in: store).manifest().bytes)
    }
    #expect(manifests[0] == manifests[1])
  }

  @Test func onlyNewMediaAreWritten() throws {
    var scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store)
    scene.samples.append(("d.jpg", "tram", 9))
    try scene.addMedia("d.jpg")
    // The same bytes under another name are not new.
    scene.samples.append(("e.jpg", "tram", 9))
    try scene.addMedia("e.jpg", "media of a.jpg")
    scene.samples.removeFirst()
    scene.samples[0].box = 7
    let report = try scene.publish(to: store)
    #expect(report.newFiles == 1 && report.reusedFiles == 4)
    let record = report.version.record
    #expect(record.version.text == "V002" && record.parent?.version.text == "V001")
    #expect(
      record.changes?.added == 2 && record.changes?.removed == 1 && record.changes?.changed == 1 && record.changes?.unchanged == 2)
    #expect(record.packs.count == 2)
    #expect(try store.all("street/media/").count == 2)
    let version = try PublishedVersion(report.version, in: store)
    #expect(try version.file("e.jpg").map { String(decoding: $0.bytes, as: UTF8.self) } == "media of a.jpg")
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
  }

  /// Media of a version that is not the parent are known too.
  @Test func mediaOfEveryVersionAreKnown() throws {
    var scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store)
    let all = scene.samples
    scene.samples = [all[1]]
    try scene.publish(to: store)
    try scene.addMedia("new.jpg")
    scene.samples = all + [("new.jpg", nil, 0)]
    let report = try scene.publish(to: store)
    #expect(report.newFiles == 1 && report.reusedFiles == 4)
    #expect(report.version.record.parent?.version.text == "V002")
  }

  @Test func aPackThatIsGoneIsNotNamedAgain() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store)
    for pack in try store.all("street/media/") { try store.delete(pack.key) }
    do {
      try scene.publish(to: store)
      Issue.record("a version names a pack that is not there")
    } catch let error as DatasetError {
      #expect(error.code == .corrupt && error.path?.contains("/media/") == true, "\(error)")
    }
    #expect(try VersionCatalog(store).names(of: try datasetName("street")).map(\.text) == ["V001"])
  }

  @Test func nothingIsPublishedWhenNothingChanged() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store)
    let before = try store.contents
    let same = try scene.publish(to: store) {
      $0.onlyIfChanged = true
      $0.message = "other words"
      $0.source.jobs = 4
    }
    #expect(same.isUnchanged && same.version.record.version.text == "V001")
    #expect(try store.contents == before)
    try scene.addMedia("a.jpg", "other bytes")
    let changed = try scene.publish(to: store) { $0.onlyIfChanged = true }
    #expect(!changed.isUnchanged && changed.version.record.changes?.changed == 0 && changed.newFiles == 1)
  }

  @Test func takenNamesAreRefused() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store) { $0.publisher = "alice" }
    let before = try store.contents
    do {
      try scene.publish(to: store) { $0.version = VersionName("V001") }
      Issue.record("it was published twice")
    } catch let error as DatasetError {
      #expect(error.code == .conflict && error.message.contains("by alice"), "\(error)")
    }
    #expect(try store.contents == before)
  }

  @Test func missingMediaAreRefusedUnlessAllowed() throws {
    var scene = try Scene()
    scene.samples.append(("gone.jpg", nil, 0))
    let store = MemoryStore(clock: { 0 })
    do {
      try scene.publish(to: store)
      Issue.record("it was published")
    } catch let error as DatasetError {
      #expect(error.code == .invalidInput && error.message.contains("--allow-missing"))
    }
    #expect(try store.contents.isEmpty)
    let report = try scene.publish(to: store) { $0.allowsMissingMedia = true }
    #expect(report.version.record.media.missing == 1 && report.version.record.media.files == 4)
    let labels = try scene.publish(to: store) { $0.media = .none }
    #expect(labels.version.record.media.files == 0 && labels.version.record.packs.isEmpty)
  }

  @Test func referencesAreListedAndNotKept() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    let report = try scene.publish(to: store) { $0.media = .reference }
    #expect(report.version.record.media.files == 4 && report.version.record.packs.isEmpty)
    let version = try PublishedVersion(report.version, in: store)
    #expect(try version.media("a.jpg")?.digest == SHA256Digest(of: Array("media of a.jpg".utf8)))
    #expect(throws: DatasetError.self) { try version.file("a.jpg") }
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
  }

  /// Neither takes the other's place in silence, whichever kind of archive they go into.
  @Test(arguments: [false, true]) func twoMediaOfOnePathAreRefused(isSelfContained: Bool) throws {
    let scene = try Scene([("one/x.jpg", "car", 1), ("other/x.jpg", "car", 2)])
    func publish(_ buckets: [String]) throws -> PublicationReport {
      let store = MemoryStore(clock: { 0 })
      var lines = [#"{"waybill":1,"name":"street"}"#]
      for bucket in buckets { lines.append(#"{"key":"\#(bucket)","image":{"path":"s3://\#(bucket)/x.jpg"}}"#) }
      let report = try scene.publish(to: store) { request in
        _ = try scene.folder.write("data/labels.waybill.jsonl", Array((lines.joined(separator: "\n") + "\n").utf8))
        request.isSelfContained = isSelfContained
        request.source.urlMap = try URLMap(buckets.map { "s3://\($0)=\(scene.folder.file("data/\($0)"))" })
      }
      #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
      return report
    }
    let error = #expect(throws: DatasetError.self) { try publish(["one", "other"]) }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains("s3://one/x.jpg and s3://other/x.jpg") == true, "\(error?.message ?? "published")")
    #expect(try publish(["one"]).version.record.media.files == 1)
  }

  @Test func everythingInOneArchive() throws {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    let report = try scene.publish(to: store) { $0.isSelfContained = true }
    #expect(try store.all("").map(\.key.text) == ["street/V001/V001.zip", "street/V001/version.json", "street/current.json"])
    let version = try PublishedVersion(report.version, in: store)
    for sample in scene.samples { #expect(try version.file(sample.key)?.bytes.count == "media of \(sample.key)".utf8.count) }
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
    // A version in packs after it knows none of its media: they are in no pack.
    let next = try scene.publish(to: store)
    #expect(next.newFiles == 4 && next.version.record.content == report.version.record.content)
  }

  @Test func splitsAreDecidedByTheKey() throws {
    let many = (0..<400).map { (key: "s\($0).jpg", label: $0 % 3 == 0 ? "car" : "person", box: 1) }
    func splits(_ samples: [(key: String, label: String?, box: Int)], stratified: Bool = false) throws -> [String: String] {
      var scene = try Scene([])
      scene.samples = samples
      let store = MemoryStore(clock: { 0 })
      let report = try scene.publish(to: store) {
        $0.media = .none
        $0.source.splits = .init(trainShare: 0.75, seed: 5, isStratified: stratified)
      }
      let manifest = try PublishedVersion(report.version, in: store).manifest()
      var found: [String: String] = [:]
      for line in String(decoding: manifest.bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        found[try #require(object["key"] as? String)] = try #require(object["split"] as? String)
      }
      #expect(report.version.record.splitting?.trainRatio == 0.75)
      #expect(report.version.record.statistics.splits.map(\.name) == ["train", "validation"])
      return found
    }
    let few = try splits(Array(many.prefix(200)))
    let all = try splits(many)
    for (key, split) in few { #expect(all[key] == split, "\(key) has moved") }
    let share = Double(all.values.count { $0 == "train" }) / 400
    #expect(abs(share - 0.75) < 0.08, "\(share)")
    let stratified = try splits(many, stratified: true)
    let cars = many.filter { $0.label == "car" }
    let trained = cars.count { stratified[$0.key] == "train" }
    #expect(abs(Double(trained) - Double(cars.count) * 0.75) < 1, "\(trained) of \(cars.count)")
  }

  @Test func manyPublishersOfOneNameHaveOneWinner() async throws {
    for round in 0..<10 {
      let store = MemoryStore(clock: { 0 })
      let scene = try Scene()
      _ = try scene.write()
      let results = await withTaskGroup(of: String.self) { group in
        for publisher in 0..<8 {
          group.addTask {
            do {
              let report = try Scene.publishRacing(scene.folder.path, store, "p\(publisher)")
              return "won by \(report.version.record.publisher ?? "")"
            } catch let error as DatasetError {
              return error.code == .conflict ? "lost" : "\(error)"
            } catch {
              return "\(error)"
            }
          }
        }
        return await group.reduce(into: [String]()) { $0.append($1) }
      }
      let winners = results.filter { $0.hasPrefix("won") }
      #expect(winners.count == 1, "round \(round): \(results)")
      #expect(results.count { $0 == "lost" } == 7, "round \(round): \(results)")
      let entry = try #require(try VersionCatalog(store).versions(of: try datasetName("street")).first)
      #expect(winners == ["won by \(entry.record.publisher ?? "?")"])
      #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
    }
  }
}

extension Scene {
  /// Publishes what lies in a folder under one name, as many do at once.
  static func publishRacing(_ folder: String, _ store: MemoryStore, _ publisher: String) throws -> PublicationReport {
    let source = ConversionRequest(
      input: "\(folder)/data/labels.waybill.jsonl", output: "", to: try FormatRegistry.all.parse("waybill"))
    var request = PublicationRequest(source: source, dataset: try datasetName("street"))
    request.version = VersionName("V001")
    request.publisher = publisher
    request.cacheFolder = nil
    do throws(Publication.Failure) { return try Publication(request, to: store, registry: .all).run() } catch {
      throw error.error
    }
  }
}
