import Glibc
import StoreTestSupport
import Testing
import WaybillAllStores
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

@testable import WaybillDiskStore

@Suite struct StoreOpeningTests {
  let place = DiskPlace()

  @Test func missingStoresAreSaidToBeMissing() throws {
    let error = thrown { _ = try openStore(place("no/store"), create: false) }
    #expect(error?.code == .io)
    #expect(error?.description == "\(place("no/store")): there is no store here, the folder does not exist")
    #expect(place.everything() == [])
  }

  @Test func aStoreIsMadeWithTheFoldersAboveIt() throws {
    let store = try openStore(place("a b/ä/store"), create: true)
    #expect(place.everything() == ["a b/", "a b/ä/", "a b/ä/store/"])
    #expect(try store.create(key("x"), [1]))
    let again = try openStore("file://localhost\(place.path)/a%20b/%C3%A4/store/", create: false)
    #expect(try again.keys() == ["x"])
    #expect(again.location == place("a b/ä/store/"))
    #expect(try again.open(key("x"))?.path == place("a b/ä/store/x"))
  }

  @Test func whatIsNoFolderIsNoStore() throws {
    place.put("file")
    symlink("nowhere", place("dangling"))
    #expect(thrown { _ = try openStore(place("file"), create: false) }?.message == "is no folder, so it cannot be a store")
    #expect(thrown { _ = try openStore(place("file"), create: true) }?.message == "is no folder, so it cannot be a store")
    #expect(thrown { _ = try openStore(place("file/store"), create: true) }?.code == .io)
    #expect(thrown { _ = try openStore(place("dangling"), create: true) }?.code == .io)
    #expect(place.everything() == ["dangling", "file"])
  }

  @Test(arguments: ["gs://bucket/prefix", "HTTPS://example.org/store"])
  func thereAreNoOtherStores(text: String) {
    let error = thrown { _ = try openStore(text, create: true) }
    #expect(error?.code == .usage)
    #expect(error?.message.hasPrefix("there is no store of the scheme ") == true)
    #expect(error?.path == text)
  }

  @Test(arguments: [("s3://bucket/prefix/", "s3://bucket/prefix"), ("S3://bucket", "s3://bucket")])
  func aBucketIsAStore(text: String, location: String) throws {
    #expect(try openStore(text, create: true).location == location)
  }

  @Test(arguments: ["", "a\u{0}b", "file://host/a", "s3://", "s3://bucket/../x", "s3://b"]) func whatNamesNothingIsWrongUsage(
    text: String
  ) {
    #expect(thrown { _ = try openStore(text, create: true) }?.code == .usage)
  }

  @Test(arguments: ["", "a\u{0}b"]) func aFolderNeedsAName(path: String) {
    #expect(thrown { _ = try DiskStore(path: path, create: true) }?.code == .usage)
  }

  @Test func aStoreThatCannotBeMadeLeavesNoFolder() throws {
    var position = 0
    while true {
      position += 1
      let faults = DiskFaults(at: position)
      let error = thrown { _ = try DiskStore(path: place("a/b/store"), create: true, faults.system) }
      guard faults.hit != nil else { break }
      #expect(error == nil || error?.code == .io)
      #expect(place.everything() == (error == nil ? ["a/", "a/b/", "a/b/store/"] : []), "call \(position), \(faults.calls)")
      SystemCalls.real.removeFirmly(AT_FDCWD, place("a"))
    }
    #expect(position > 10)
    #expect(place.everything() == ["a/", "a/b/", "a/b/store/"])
  }
}
