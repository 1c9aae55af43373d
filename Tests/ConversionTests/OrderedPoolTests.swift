import Glibc
import WaybillLocks
import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillConversion

private final class Piece: Sendable {
  let number: Int
  init(_ number: Int) { self.number = number }
}

private final class Worker { var pieces = 0 }

@Suite(.timeLimit(.minutes(20))) struct OrderedPoolTests {
  /// Uneven work, so that pieces are done out of order.
  private static func work(_ piece: Int) {
    usleep(UInt32(piece &* 7919 % 13) * 20)
  }

  @Test(arguments: [-1, 0, 1, 2, 3, 4, 8], [0, 1, 2, 7, 33, 500])
  func resultsComeInOrder(jobs: Int, pieces: Int) throws {
    var seen: [Int] = []
    try OrderedPool.run(
      pieces: pieces, jobs: jobs, makeWorker: { Worker() },
      produce: { piece, worker throws(DatasetError) in
        worker.pieces += 1
        Self.work(piece)
        return Piece(piece)
      }, consume: { piece throws(DatasetError) in seen.append(piece.number) })
    #expect(seen == Array(0..<pieces))
  }

  @Test(arguments: [1, 2, 5, 8])
  func theFirstErrorInOrderWins(jobs: Int) {
    for bad in [0, 1, 6, 40, 99] {
      var seen: [Int] = []
      let error = #expect(throws: DatasetError.self) {
        try OrderedPool.run(
          pieces: 100, jobs: jobs, makeWorker: { Worker() },
          produce: { piece, _ throws(DatasetError) in
            // Later pieces fail too, and sooner.
            if piece == bad { usleep(3000) }
            if piece >= bad { throw DatasetError(.io, "piece \(piece)") }
            return Piece(piece)
          }, consume: { piece throws(DatasetError) in seen.append(piece.number) })
      }
      #expect(error?.message == "piece \(bad)" && seen == Array(0..<bad))
    }
  }

  @Test(arguments: [1, 2, 5, 8])
  func anErrorOfTheConsumerStopsAll(jobs: Int) {
    let produced = Lock(0)
    let error = #expect(throws: DatasetError.self) {
      try OrderedPool.run(
        pieces: 100_000, jobs: jobs, makeWorker: { Worker() },
        produce: { piece, _ throws(DatasetError) in
          produced.withLock { $0 += 1 }
          return Piece(piece)
        },
        consume: { piece throws(DatasetError) in if piece.number == 10 { throw DatasetError(.io, "full") } })
    }
    #expect(error?.message == "full")
    // No more is in flight than a few pieces for each job.
    #expect(produced.withLock { $0 } <= 11 + jobs * 5)
  }

  @Test(arguments: [2, 4, 8])
  func aSlowConsumerBoundsWhatIsInFlight(jobs: Int) throws {
    let state = Lock((made: 0, handed: 0, most: 0))
    try OrderedPool.run(
      pieces: 300, jobs: jobs, makeWorker: { Worker() },
      produce: { piece, _ throws(DatasetError) in
        state.withLock {
          $0.made += 1
          $0.most = max($0.most, $0.made - $0.handed)
        }
        return Piece(piece)
      },
      consume: { piece throws(DatasetError) in
        if piece.number % 20 == 0 { usleep(500) }
        state.withLock { $0.handed += 1 }
      })
    #expect(state.withLock { $0.most } <= jobs * 4 + 1)
    #expect(state.withLock { $0.made } == 300)
  }

  @Test func eachThreadHasAWorkerOfItsOwn() throws {
    let workers = Lock(0)
    try OrderedPool.run(
      pieces: 200, jobs: 4,
      makeWorker: {
        workers.withLock { $0 += 1 }
        return Worker()
      },
      produce: { piece, worker throws(DatasetError) in
        // Two threads at one worker would be seen by the thread checker, and by this count.
        let before = worker.pieces
        usleep(50)
        worker.pieces += 1
        if worker.pieces != before + 1 { throw DatasetError(.io, "shared worker") }
        return Piece(piece)
      }, consume: { _ throws(DatasetError) in })
    #expect(workers.withLock { (1...4).contains($0) })
  }

  @Test func manyRunsLeaveNoThreadBehind() throws {
    for round in 0..<200 {
      var sum = 0
      try OrderedPool.run(
        pieces: 20, jobs: 1 + round % 8, makeWorker: { Worker() }, produce: { piece, _ throws(DatasetError) in Piece(piece) },
        consume: { piece throws(DatasetError) in sum += piece.number })
      #expect(sum == 190)
    }
  }
}
