import Glibc
import WaybillDiagnostics
import WaybillLocks

/// Runs numbered pieces of work on threads and hands the results on in order, with a bounded number in flight.
///
/// The results, and so the output, do not depend on the number of threads. With one job nothing runs beside the caller.
package enum OrderedPool {
  /// Stack of a worker, for nested input.
  private static let stackBytes = 16 << 20

  /// Runs `produce` for each piece on `jobs` threads and `consume` on the calling thread, in order.
  ///
  /// The first error, in the order of pieces, ends the run and is thrown when all threads have stopped.
  package static func run<Worker, Result: AnyObject>(
    pieces: Int, jobs: Int, makeWorker: @escaping @Sendable () -> Worker,
    produce: @escaping @Sendable (Int, Worker) throws(DatasetError) -> Result,
    consume: (Result) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    if jobs <= 1 || pieces <= 1 {
      let worker = makeWorker()
      for piece in 0..<pieces { try consume(try produce(piece, worker)) }
      return
    }
    let queue = Queue<Result>(pieces: pieces, window: jobs * 4)
    var threads: [WorkerThread] = []
    for _ in 0..<min(jobs, pieces) {
      let thread = WorkerThread(stackBytes: stackBytes) {
        let worker = makeWorker()
        while let piece = queue.take() {
          do throws(DatasetError) {
            queue.put(.success(try produce(piece, worker)), for: piece)
          } catch {
            queue.put(.failure(error), for: piece)
          }
        }
      }
      guard let thread else { break }
      threads.append(thread)
    }
    defer {
      queue.stop()
      for thread in threads { thread.join() }
    }
    guard !threads.isEmpty else { throw DatasetError(.io, "Cannot start a thread") }
    for _ in 0..<pieces { try consume(try queue.next().get()) }
  }

  /// The pieces not yet taken and the results not yet handed on, behind one lock.
  private final class Queue<Item: AnyObject>: @unchecked Sendable {
    typealias Outcome = Swift.Result<Item, DatasetError>
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let pieces: Int
    private var slots: [Outcome?]
    private var taken = 0
    private var handed = 0
    private var isStopped = false

    init(pieces: Int, window: Int) {
      self.pieces = pieces
      slots = Array(repeating: nil, count: window)
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(changed, nil)
    }

    deinit {
      pthread_cond_destroy(changed)
      pthread_mutex_destroy(mutex)
      changed.deallocate()
      mutex.deallocate()
    }

    func take() -> Int? {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      while !isStopped && taken < pieces && taken >= handed + slots.count { pthread_cond_wait(changed, mutex) }
      guard !isStopped, taken < pieces else { return nil }
      taken += 1
      return taken - 1
    }

    func put(_ outcome: Outcome, for piece: Int) {
      pthread_mutex_lock(mutex)
      slots[piece % slots.count] = outcome
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }

    func next() -> Outcome {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      while true {
        if let outcome = slots[handed % slots.count] {
          slots[handed % slots.count] = nil
          handed += 1
          pthread_cond_broadcast(changed)
          return outcome
        }
        pthread_cond_wait(changed, mutex)
      }
    }

    func stop() {
      pthread_mutex_lock(mutex)
      isStopped = true
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
  }
}
