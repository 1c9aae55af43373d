import Glibc
import StoreTestSupport
import Testing
import WaybillAllStores
import WaybillFiles
import WaybillObjectStore

@testable import WaybillDiskStore

/// Every check of the store suite, on the store on disk: as it is, on file systems that lack something, behind decorators.
@Suite struct DiskSuiteTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var onDisk = false
    var make: @Sendable (DiskPlace) throws -> any ObjectStore

    init(_ description: String, onDisk: Bool = false, _ make: @escaping @Sendable (DiskPlace) throws -> any ObjectStore) {
      testDescription = description
      self.onDisk = onDisk
      self.make = make
    }

    /// A store on a file system that lacks some calls.
    static func lacking(_ description: String, _ missing: [SystemCall: Int32]) -> Subject {
      Subject(description) { try DiskStore(path: $0.path, create: false, DiskFaults(missing: missing).system) }
    }
  }

  static let subjects = [
    Subject("a folder") { try DiskStore(path: $0.path) },
    Subject("a folder on the disk", onDisk: true) { try DiskStore(path: $0.path) },
    Subject("a URL with spaces and letters of all kinds") {
      try openStore("file://" + $0.path + "/a%20store/%C3%A4%E6%9D%B1/%25", create: true)
    },
    Subject("a link to a folder") { place in
      mkdir(place("real"), 0o755)
      symlink("real", place("link"))
      return try DiskStore(path: place("link"))
    },
    .lacking("without links", [.link: EPERM]), .lacking("without an exchange", [.exchange: EINVAL]),
    Subject("retrying around caching") { place in
      RetryingStore(
        CachingStore(FarStore(try DiskStore(path: place.path)), capacity: 100_000, blockSize: 5000) { $0.name.hasPrefix("c") })
    },
    Subject("retrying around faults") { place in
      var policy = RetryPolicy()
      (policy.tries, policy.firstPauseSeconds) = (1000, 0)
      return RetryingStore(StoreFaults(try DiskStore(path: place.path), .every(6, .after)), policy: policy)
    },
  ]

  @Test(arguments: subjects, StoreCheck.all) func keepsItsPromises(subject: Subject, check: StoreCheck) throws {
    let place = DiskPlace(onDisk: subject.onDisk)
    for finding in check.run(try subject.make(place), mayBeUnsure: subject.testDescription == "retrying around faults") {
      Issue.record("\(subject.testDescription), \(check): \(finding)")
    }
    #expect(place.everything().allSatisfy { !$0.contains(".waybill-upload") })
  }
}
