import TestSupport
import Testing
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

@testable import WaybillVersioning

/// Deleting versions, and freeing what no version names.
@Suite struct CollectionTests {
  private static func reference(_ text: String) throws -> VersionReference { try VersionReference(text) }

  private static func threeVersions(_ store: MemoryStore) throws {
    var scene = try Scene([("a.jpg", "car", 1)])
    try scene.publish(to: store)
    try scene.addMedia("b.jpg")
    scene.samples.append(("b.jpg", "tram", 2))
    try scene.publish(to: store)
    try scene.addMedia("c.jpg")
    scene.samples.append(("c.jpg", "tram", 2))
    try scene.publish(to: store)
  }

  @Test func onlyWhatNobodyNamesGoes() throws {
    let store = MemoryStore(clock: { 1000 })
    try Self.threeVersions(store)
    _ = try VersionDeletion.delete(try Self.reference("street@V002"), in: store)
    #expect(try VersionCatalog(store).names(of: try datasetName("street")).map(\.text) == ["V001", "V003"])
    // The pack of b.jpg is named by V003.
    let report = try GarbageCollection(store, graceSeconds: 0, now: 1000).run()
    #expect(
      report.removed.map(\.name).sorted().map { $0.hasPrefix("street/V002/") || $0.hasPrefix("street/deleted/") } == [true, true])
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
    _ = try VersionDeletion.delete(try Self.reference("street@V003"), in: store)
    _ = try GarbageCollection(store, graceSeconds: 0, now: 1000).run()
    #expect(try store.all("street/media/").count == 1)
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
    _ = try VersionDeletion.delete(try Self.reference("street@V001"), in: store)
    _ = try GarbageCollection(store, graceSeconds: 0, now: 1000).run()
    #expect(try store.all("").isEmpty)
  }

  @Test func whatIsYoungStays() throws {
    let store = MemoryStore(clock: { 1000 })
    try Self.threeVersions(store)
    _ = try VersionDeletion.delete(try Self.reference("street@V001"), in: store)
    let before = try store.contents
    let report = try GarbageCollection(store, graceSeconds: 60, now: 1059).run()
    #expect(report.removed.isEmpty)
    #expect(try store.contents == before)
    let later = try GarbageCollection(store, graceSeconds: 60, isDryRun: true, now: 1060).run()
    #expect(later.removed.count == 2)
    #expect(try store.contents == before)
    #expect(try GarbageCollection(store, graceSeconds: 60, now: 1060).run().removed == later.removed)
  }

  /// Objects of a version deleted just now may be wanted by a publication that is under way.
  @Test func objectsOfADeletedVersionStayForTheGracePeriod() throws {
    let clock = Lock(Int64(0))
    let store = MemoryStore(clock: { clock.withLock { $0 } })
    try Self.threeVersions(store)
    clock.withLock { $0 = 1_000_000 }
    for name in ["V001", "V002", "V003"] { _ = try VersionDeletion.delete(try Self.reference("street@\(name)"), in: store) }
    #expect(try GarbageCollection(store, graceSeconds: 60, now: 1_000_010).run().removed.isEmpty)
    let scene = try Scene([("a.jpg", "car", 1)])
    try scene.publish(to: store)
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
    _ = try GarbageCollection(store, graceSeconds: 60, now: 1_000_100).run()
    #expect(try Verification(store, isDeep: true).run().problems.isEmpty)
  }

  @Test func namesOfDeletedVersionsAreNotGivenAgain() throws {
    let store = MemoryStore(clock: { 0 })
    try Self.threeVersions(store)
    _ = try VersionDeletion.delete(try Self.reference("street@V003"), in: store)
    #expect(try VersionCatalog(store).current(of: try datasetName("street")) == nil)
    let report = try Scene().publish(to: store)
    #expect(report.version.record.version.text == "V004")
  }

  @Test func whatOthersPutThereStays() throws {
    let store = MemoryStore(clock: { 0 })
    try Self.threeVersions(store)
    for name in ["notes.txt", "street/README.md", "street/V001/notes.txt", "other/thing/x.bin", "street/media/cat.jpg"] {
      _ = try store.create(try #require(ObjectKey(name)), [1])
    }
    #expect(try GarbageCollection(store, graceSeconds: 0, now: 10).run().removed.isEmpty)
  }

  @Test func aDamagedRecordStopsTheCollection() throws {
    let store = MemoryStore(clock: { 0 })
    try Self.threeVersions(store)
    _ = try VersionDeletion.delete(try Self.reference("street@V002"), in: store)
    var contents = try store.contents
    contents["street/V001/version.json"]?[40] ^= 1
    let damaged = try MemoryStore.copy(of: contents)
    let before = try damaged.contents
    #expect(throws: DatasetError.self) { try GarbageCollection(damaged, graceSeconds: 0, now: 10).run() }
    #expect(try damaged.contents == before)
  }

  @Test func currentFollowsWhatIsAsked() throws {
    let store = MemoryStore(clock: { 0 })
    try Self.threeVersions(store)
    let catalog = VersionCatalog(store)
    let dataset = try datasetName("street")
    #expect(try catalog.current(of: dataset)?.version.text == "V003")
    try catalog.setCurrent(try catalog.entry(try Self.reference("street@V001")))
    #expect(try catalog.entry(try Self.reference("street")).record.version.text == "V001")
    let report = try Scene().publish(to: store) { $0.setsCurrent = false }
    #expect(report.version.record.parent?.version.text == "V001")
    #expect(try catalog.current(of: dataset)?.version.text == "V001")
    #expect(try catalog.datasets() == [dataset])
    #expect(try catalog.versions(of: dataset).map(\.record.version.text) == ["V001", "V002", "V003", "V004"])
  }
}
