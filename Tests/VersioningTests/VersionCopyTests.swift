import StoreTestSupport
import TestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

@testable import WaybillVersioning

/// Versions that go from a store to another one.
@Suite struct VersionCopyTests {
  private let reference: VersionReference

  init() throws { reference = try VersionReference("street@V001") }

  private func published() throws -> (scene: Scene, store: MemoryStore) {
    let scene = try Scene()
    let store = MemoryStore(clock: { 0 })
    try scene.publish(to: store)
    return (scene, store)
  }

  @Test func theSameBytesArrive() throws {
    let (_, source) = try published()
    let target = MemoryStore(clock: { 0 })
    let first = try VersionCopy(from: source, to: target).run(reference)
    #expect(try target.contents == source.contents)
    #expect(first.copiedObjects == 2 && first.presentObjects == 0 && first.isCurrent && !first.isUnchanged)
    let again = try VersionCopy(from: source, to: target).run(reference)
    #expect(again.isUnchanged && again.copiedObjects == 0 && again.isCurrent)
    // What has been lost there is brought back.
    let pack = try #require(try target.keys("street/media/").first)
    try target.delete(key(pack))
    #expect(try VersionCopy(from: source, to: target).run(reference).copiedObjects == 1)
    #expect(try target.contents == source.contents)
  }

  @Test func sharedPacksAreNotSentAgain() throws {
    let (scene, source) = try published()
    var second = scene
    second.samples[0].box = 17
    try second.publish(to: source)
    let target = MemoryStore(clock: { 0 })
    _ = try VersionCopy(from: source, to: target).run(reference)
    let report = try VersionCopy(from: source, to: target).run(VersionReference("street@V002"))
    #expect(report.copiedObjects == 1 && report.presentObjects == 1)
    // The version that was current there stays so, unless someone asks.
    #expect(!report.isCurrent)
    #expect(try VersionCatalog(target).current(of: scene.request().dataset)?.version.text == "V001")
    #expect(try VersionCopy(from: source, to: target).run(VersionReference("street@V002"), setsCurrent: true).isCurrent)
    #expect(try Verification(target, isDeep: true).run().problems.isEmpty)
  }

  @Test func anotherVersionOfTheNameIsLeftAlone() throws {
    let (_, source) = try published()
    var other = try Scene()
    other.samples[0].box = 99
    let target = MemoryStore(clock: { 0 })
    try other.publish(to: target)
    let before = try target.contents
    #expect(throws: DatasetError.self) { try VersionCopy(from: source, to: target).run(reference) }
    do { _ = try VersionCopy(from: source, to: target).run(reference) } catch { #expect(error.code == .conflict) }
    #expect(try target.contents == before)
  }

  @Test(arguments: [true, false]) func damageIsNotPassedOn(isOfThePack: Bool) throws {
    let (_, source) = try published()
    let name = try #require(try source.keys(isOfThePack ? "street/media/" : "street/V001/labels").first)
    var bytes = try #require(try source.bytes(name))
    bytes[bytes.count / 2] ^= 1
    try source.replace(key(name), with: bytes, expecting: try source.info(key(name))?.revision)
    let target = MemoryStore(clock: { 0 })
    do {
      _ = try VersionCopy(from: source, to: target).run(reference)
      Issue.record("was copied")
    } catch {
      #expect(error.code == .corrupt)
    }
    #expect(try VersionCatalog(target).names(of: reference.dataset).isEmpty)
  }

  /// A store that cannot give a key to one writer gets large archives under names that their bytes have.
  @Test func largeArchivesAreNamedByTheirBytes() throws {
    let scene = try Scene()
    let memory = MemoryStore(clock: { 0 })
    let bucket = FarStore(memory, exclusiveSize: 100)
    try scene.publish(to: bucket)
    let entry = try VersionCatalog(bucket).entry(reference)
    let labels = try #require(entry.record.labels)
    #expect(labels.key == "V001/labels-\(labels.digest.hex).zip")
    #expect(try Verification(bucket, isDeep: true).run().problems.isEmpty)
    try scene.publish(to: bucket) { $0.isSelfContained = true }
    let whole = try #require(try VersionCatalog(bucket).entry(VersionReference("street@V002")).record.labels)
    #expect(whole.key == "V002/V002-\(whole.digest.hex).zip")
    // What a publication that was stopped left there is the same, and is taken.
    try memory.delete(key("street/V001/version.json"))
    try scene.publish(to: bucket) { $0.version = VersionName("V001") }
    #expect(try memory.keys("street/V001/").count == 2)
    // Elsewhere it keeps its name.
    let disk = MemoryStore(clock: { 0 })
    _ = try VersionCopy(from: bucket, to: disk).run(reference)
    #expect(try disk.keys("street/V001/").contains("street/V001/\(labels.key.dropFirst(5))"))
  }
}
