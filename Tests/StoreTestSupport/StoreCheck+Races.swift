import Dispatch
import WaybillDiagnostics
import WaybillLocks
import WaybillObjectStore

extension StoreCheck {
  /// What happens when many want the same.
  static let races = [
    StoreCheck("hasOneWinnerAmongThreads") { store, findings in
      let threads = 8
      for round in 0..<12 {
        let name = "race/\(round)/object"
        let winners = Lock<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
          do {
            // Some know their key from the beginning, others at the end; all bytes and sizes differ.
            let upload = try store.upload(near: thread % 2 == 0 ? "race/\(round)" : "elsewhere")
            try upload.append([UInt8](repeating: UInt8(thread), count: 1000 + thread))
            if try upload.commit(as: key(name)) { winners.withLock { $0.append(thread) } }
          } catch { findings.add("round \(round), thread \(thread): \(error)") }
        }
        let won = winners.withLock { $0 }
        findings.expect(won.count == 1, "round \(round) was won by \(won)")
        let winner = won.first ?? 0
        findings.expect(try store.bytes(name) == [UInt8](repeating: UInt8(winner), count: 1000 + winner), "bytes of another one")
      }
      findings.expect(try store.all("").count, 12)
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("countsEveryReplacement") { store, findings in
      let counter = key("set/counter")
      let (threads, rounds) = (6, 8)
      // Where answers are lost, a store may have to say that nobody knows; such a change counts once or not at all.
      let unknown = Lock(0)
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for round in 0..<rounds {
          do {
            // The thread and its round are in the bytes, so that no two writings are the same.
            try store.change(counter) { "\((Int($0.prefix { $0 != " " }) ?? 0) + 1) \(thread) \(round)" }
          } catch let error as DatasetError where findings.tooLate.contains(error.code) {
            unknown.withLock { $0 += 1 }
          } catch { findings.add("thread \(thread): \(error)") }
        }
      }
      let text = try store.bytes("set/counter").map { String(decoding: $0, as: UTF8.self) } ?? ""
      let (count, all) = (Int(text.prefix { $0 != " " }) ?? -1, threads * rounds)
      findings.expect(
        count <= all && count >= all - unknown.withLock { $0 }, "\(count) of \(all), \(unknown.withLock { $0 }) of them unknown")
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("showsNothingHalfWritten") { store, findings in
      let sizes = [10, 300_000]
      let isDone = Lock(false)
      DispatchQueue.concurrentPerform(iterations: 3) { thread in
        do {
          guard thread > 0 else {
            defer { isDone.withLock { $0 = true } }
            for round in 0..<12 {
              let bytes = [UInt8](repeating: UInt8(round), count: sizes[round % 2])
              try store.replace(key("a/current"), with: bytes, expecting: try store.info(key("a/current"))?.revision)
              _ = try store.create(key("a/object-\(round)"), bytes)
            }
            return
          }
          while !isDone.withLock({ $0 }) {
            for name in try store.keys() {
              let found: [UInt8]?
              // What is replaced while it is read may end the reading.
              do throws(DatasetError) { found = try store.read(key(name), limit: 1 << 20) } catch {
                guard name == "a/current", error.code == .io else { throw error }
                continue
              }
              guard let bytes = found else { return findings.add("\(name) is listed and not there") }
              let isWhole = sizes.contains(bytes.count) && bytes == [UInt8](repeating: bytes[0], count: bytes.count)
              findings.expect(isWhole, "\(bytes.count) bytes of \(name)")
            }
          }
        } catch { findings.add("thread \(thread): \(error)") }
      }
    },
  ]
}

extension ObjectStore {
  /// Changes the text of an object, however often someone else is quicker.
  public func change(_ key: ObjectKey, _ body: (String) -> String) throws {
    while true {
      // The revision before the bytes: if someone writes between the two, the replacement fails and is tried again.
      let revision = try info(key)?.revision
      let old = try read(key, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) } ?? ""
      do throws(DatasetError) { return try replace(key, with: Array(body(old).utf8), expecting: revision) } catch {
        guard error.code == .conflict else { throw error }
      }
    }
  }
}
