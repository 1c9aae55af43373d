import TestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

@testable import WaybillVersioning

/// Whatever happens to a store is found.
@Suite struct VerificationTests {
  private static func published(_ change: (inout PublicationRequest) throws -> Void = { _ in }) throws -> [String: [UInt8]] {
    let store = MemoryStore(clock: { 0 })
    var scene = try Scene([("a.jpg", "car", 1), ("b.jpg", nil, 0)])
    try scene.publish(to: store, change)
    scene.samples[1].label = "tram"
    try scene.publish(to: store, change)
    return try store.contents
  }

  /// Flipping any bit of any object of a small store is told, by the record or by the object.
  @Test(arguments: [false, true]) func everyBitCounts(_ isWhole: Bool) throws {
    let contents = try Self.published { $0.isSelfContained = isWhole }
    for (key, bytes) in contents {
      for index in bytes.indices {
        var damaged = contents
        damaged[key]?[index] ^= 1 << UInt8(index % 8)
        let store = try MemoryStore.copy(of: damaged)
        let report = try Verification(store, isDeep: true).run()
        #expect(!report.problems.isEmpty, "byte \(index) of \(key)")
      }
    }
  }

  @Test func everyCutCounts() throws {
    let contents = try Self.published()
    for (key, bytes) in contents {
      for count in bytes.indices {
        var damaged = contents
        damaged[key] = Array(bytes.prefix(count))
        let report = try Verification(try MemoryStore.copy(of: damaged), isDeep: count % 7 == 0).run()
        #expect(!report.problems.isEmpty, "\(key) with \(count) bytes")
      }
    }
  }

  @Test func everyObjectThatIsGoneIsMissed() throws {
    let contents = try Self.published()
    for key in contents.keys where !key.hasSuffix("current.json") && !key.hasSuffix("V001/version.json") {
      var damaged = contents
      damaged.removeValue(forKey: key)
      let report = try Verification(try MemoryStore.copy(of: damaged)).run()
      #expect(!report.problems.isEmpty, "\(key)")
      #expect(report.problems.allSatisfy { !$0.message.isEmpty })
    }
  }

  @Test func sharedPacksAreReadOnce() throws {
    let store = try MemoryStore.copy(of: try Self.published())
    let report = try Verification(store).run()
    #expect(report.versions == 2 && report.objects == 3 && report.problems.isEmpty)
  }

  /// Who can write into the store can make digests fit; the digest of the content still tells.
  @Test func labelsOfAnotherVersionAreFound() throws {
    let contents = try Self.published()
    let store = try MemoryStore.copy(of: contents)
    let catalog = VersionCatalog(store)
    let dataset = try datasetName("street")
    var second = try #require(try catalog.entry(dataset, try versionName("V002"))).record
    let first = try #require(try catalog.entry(dataset, try versionName("V001"))).record
    second.objects[0] = first.objects[0]
    var forged = contents
    forged["street/V002/version.json"] = second.encoded().bytes
    let report = try Verification(try MemoryStore.copy(of: forged), isDeep: true).run(
      dataset: dataset, version: VersionName("V002"))
    #expect(report.problems.contains { $0.message.contains("not those whose digest the record has") }, "\(report.problems)")
  }

  @Test func namesThatAreNotThereAreErrors() throws {
    let store = try MemoryStore.copy(of: try Self.published())
    #expect(throws: DatasetError.self) { try Verification(store).run(dataset: DatasetName("cats")) }
    #expect(throws: DatasetError.self) { try Verification(store).run(dataset: DatasetName("street"), version: VersionName("V009")) }
    #expect(try Verification(MemoryStore(clock: { 0 })).run().versions == 0)
  }
}
