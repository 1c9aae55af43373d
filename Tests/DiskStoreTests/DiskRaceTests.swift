import Dispatch
import Foundation
import Glibc
import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

@testable import WaybillDiskStore

/// Several processes want the same.
@Suite struct DiskRaceTests {
  let place = DiskPlace()

  @Test func oneOfEightProcessesCreatesAKey() throws {
    let (processes, rounds) = (8, 150)
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let start = (now.tv_sec + 1) * 1_000_000_000
    let racers = try (0..<processes).map { try RaceProcess("create", place.path, "\($0)", "\(rounds)", "\(start)") }
    var winners = [[Int]](repeating: [], count: rounds)
    for (number, racer) in racers.enumerated() {
      let (output, status) = racer.finish()
      #expect(status == 0)
      for round in output.split(separator: "\n").compactMap({ Int($0) }) { winners[round].append(number) }
    }
    let store = try DiskStore(path: place.path)
    for (round, winners) in winners.enumerated() {
      #expect(winners.count == 1, "round \(round) was won by \(winners)")
      let winner = winners.first ?? -1
      let expected = String(repeating: "\(winner) ", count: 100 + winner)
      #expect(try store.bytes("race/\(round)").map { String(decoding: $0, as: UTF8.self) } == expected, "round \(round)")
    }
    #expect(try store.keys().count == rounds)
    #expect(place.everything().count == rounds + 1)
  }

  @Test func oneOfEightThreadsCreatesAKey() throws {
    let stores = try (0..<2).map { _ in try DiskStore(path: place.path) }
    let (threads, rounds) = (8, 150)
    let winners = Lock([[Int]](repeating: [], count: rounds))
    let failures = Lock<[String]>([])
    for round in 0..<rounds {
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        do {
          let bytes = [UInt8](repeating: UInt8(thread), count: 10 + thread)
          if try stores[thread % 2].create(key("race/\(round)"), bytes) { winners.withLock { $0[round].append(thread) } }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    #expect(failures.withLock { $0 } == [])
    for (round, winners) in winners.withLock({ $0 }).enumerated() {
      #expect(winners.count == 1, "round \(round) was won by \(winners)")
      let winner = winners.first ?? 0
      #expect(try stores[0].bytes("race/\(round)") == [UInt8](repeating: UInt8(winner), count: 10 + winner))
    }
    #expect(place.everything().count == rounds + 1)
  }

  @Test func allIncrementsOfSeveralProcessesCount() throws {
    let (processes, rounds) = (6, 40)
    let counters = try (0..<processes).map { try RaceProcess("count", place.path, "\($0)", "\(rounds)") }
    for counter in counters { #expect(counter.finish().status == 0) }
    #expect(place.text("counter")?.prefix { $0 != " " } == "\(processes * rounds)")
    #expect(place.everything() == ["counter"])
  }

  /// Folders come and go with their objects, while others make objects in them.
  @Test func foldersThatComeAndGoKeepNobodyFromWriting() throws {
    let store = try DiskStore(path: place.path)
    let failures = Lock<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for round in 0..<60 {
        let name = "a/b/\(round % 3)/\(thread)"
        do {
          guard try store.create(key(name), [UInt8(thread)]) else { throw DatasetError(.corrupt, "\(name) is taken") }
          guard try store.bytes(name) == [UInt8(thread)] else { throw DatasetError(.corrupt, "\(name) is lost") }
          try store.delete(key(name))
          guard try store.info(key(name)) == nil else { throw DatasetError(.corrupt, "\(name) is still there") }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(place.everything() == [])
  }

  @Test func whoDiscardsDisturbsNobody() throws {
    let store = try DiskStore(path: place.path)
    let failures = Lock<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for round in 0..<80 {
        do {
          if thread == 0 {
            for leftover in try store.leftovers() { try store.discard(leftover) }
          } else if try !store.create(key("a/\(thread)-\(round)"), [UInt8](repeating: 1, count: 100)) {
            throw DatasetError(.corrupt, "is taken")
          }
        } catch let error as DatasetError where thread == 0 && error.code == .conflict {
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try store.keys().count == 240)
  }
}
