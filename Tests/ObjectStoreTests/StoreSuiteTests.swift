import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

/// Every check of the store suite, on the store in memory and on each decorator around it.
@Suite struct StoreSuiteTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var make: @Sendable () -> any ObjectStore
  }

  static let subjects = [
    Subject(testDescription: "memory") { MemoryStore() },
    Subject(testDescription: "far") { FarStore(MemoryStore()) },
    Subject(testDescription: "caching") {
      CachingStore(FarStore(MemoryStore()), capacity: 200_000, blockSize: 4096) { $0.name.hasPrefix("c") }
    },
    Subject(testDescription: "caching nothing") { CachingStore(MemoryStore()) { _ in true } },
    Subject(testDescription: "faults that never come") { StoreFaults(MemoryStore(), .none) },
    Subject(testDescription: "retrying") { RetryingStore(MemoryStore(), clock: .instant) },
    Subject(testDescription: "retrying, each fifth call fails before its effect") {
      patient(StoreFaults(MemoryStore(), .every(5, .before)))
    },
    Subject(testDescription: "retrying, each fourth call fails after its effect") {
      patient(StoreFaults(MemoryStore(), .every(4, .after)))
    },
    Subject(testDescription: "retrying, around caching around faults") {
      patient(
        CachingStore(StoreFaults(MemoryStore(), .every(7, .after)), capacity: 100_000, blockSize: 10_000) { $0.name.hasPrefix("c") }
      )
    },
  ]

  /// Retries until chance lets all calls of one try pass, threads in between or not.
  private static func patient(_ store: any ObjectStore) -> RetryingStore {
    var policy = RetryPolicy()
    policy.tries = 1000
    return RetryingStore(store, policy: policy, clock: .instant)
  }

  @Test(arguments: subjects, StoreCheck.all) func keepsItsPromises(subject: Subject, check: StoreCheck) {
    for finding in check.run(subject.make(), mayBeUnsure: subject.testDescription.hasPrefix("retrying,")) {
      Issue.record("\(subject.testDescription), \(check): \(finding)")
    }
  }

  @Test func checksFindWhatIsWrong() {
    // A store that breaks each promise is found by some check: the suite is no empty ceremony.
    let broken: [(String, any ObjectStore)] = [
      ("listing nothing", StoreFaults(MemoryStore(), StoreFaults.Plan { call, _ in call == .list ? .before : nil })),
      ("losing commits", StoreFaults(MemoryStore(), StoreFaults.Plan { call, _ in call == .commit ? .before : nil })),
      ("read-only", ReadOnlyStore(MemoryStore())),
    ]
    for (name, store) in broken {
      #expect(StoreCheck.all.contains { !$0.run(store).isEmpty }, "\(name)")
    }
  }
}

extension RetryClock {
  /// A clock that stands still and whose pauses take no time.
  static var instant: RetryClock { RetryClock(nowSeconds: { 0 }, pause: { (_) throws(DatasetError) in }, random: { 0.5 }) }
}

/// The error a call throws, if it throws one.
func thrown(_ body: () throws -> Void) -> DatasetError? {
  do { try body() } catch { return error as? DatasetError }
  return nil
}
