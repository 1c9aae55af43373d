import StoreTestSupport
import Testing
import WaybillObjectStore

@testable import WaybillS3Store

/// Every check of the store suite, on servers: as they are, below a prefix, behind decorators.
@Suite(
  .enabled(if: !TestServers.all.isEmpty, "no servers (Scripts/s3-servers start FOLDER; WAYBILL_S3_SERVERS=FOLDER/servers.env)"))
struct S3SuiteTests {
  enum Shape: String, CaseIterable, Sendable { case plain, prefixed, cached }

  @Test(arguments: TestServers.all, StoreCheck.all) func keepsItsPromises(server: TestServers, check: StoreCheck) throws {
    try run(server, check, .plain)
  }

  @Test(arguments: Shape.allCases.dropFirst(), StoreCheck.all) func inEveryShape(shape: Shape, check: StoreCheck) throws {
    guard let server = TestServers.all.first else { return }
    try run(server, check, shape)
  }

  private func run(_ server: TestServers, _ check: StoreCheck, _ shape: Shape) throws {
    let store = try server.store(prefix: shape == .prefixed ? "pre fix/ä+%/" : "")
    let subject: any ObjectStore =
      shape == .cached ? CachingStore(store, capacity: 1 << 20, blockSize: 64 << 10) { $0.name.hasPrefix("c") } : store
    for finding in check.run(subject, tellsBytesApartOnly: true) {
      Issue.record("\(server.name), \(shape), \(check): \(finding)")
    }
    #expect(try store.leftovers().isEmpty)
  }
}
