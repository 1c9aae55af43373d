import Glibc
import WaybillAllStores
import WaybillDiagnostics
import WaybillDiskStore
import WaybillObjectStore

// One of several processes that want the same from a store at the same time; the tests of the store on disk start it.
//
//   StoreRaceTool create STORE ID ROUNDS START    creates race/<round> in each round, at the same moment as the others; prints what it won
//   StoreRaceTool count STORE ID ROUNDS           adds 1 to the object counter in each round
//   StoreRaceTool hold STORE FOLDER               begins an upload, says so, and waits for its end
//   StoreRaceTool mask STORE MASK                 creates a/b/object under a file mode creation mask

func stop(_ text: String) -> Never {
  let line = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(2)
}

func nanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func key(_ text: String) -> ObjectKey {
  guard let key = ObjectKey(text) else { stop("\(text) is no key") }
  return key
}

func create(_ store: any ObjectStore, _ identifier: String, _ rounds: Int, _ start: Int) throws {
  for round in 0..<rounds {
    let upload = try store.upload(near: "race")
    // Each has bytes and a size of its own.
    let count = 100 + (Int(identifier) ?? 0)
    try upload.append(Array(repeating: identifier + " ", count: count).joined().utf8.map { $0 })
    while nanoseconds() < start + round * 2_000_000 { usleep(100) }
    if try upload.commit(as: key("race/\(round)")) { print(round) }
  }
}

func count(_ store: any ObjectStore, _ identifier: String, _ rounds: Int) throws {
  for round in 0..<rounds {
    while try !addOne(store, "\(identifier) \(round)") {}
  }
}

/// Adds 1 to the counter; false when someone else was quicker.
func addOne(_ store: any ObjectStore, _ note: String) throws(DatasetError) -> Bool {
  let revision = try store.info(key("counter"))?.revision
  let old = try store.read(key("counter"), limit: 100).map { String(decoding: $0, as: UTF8.self) } ?? "0"
  let number = Int(old.prefix { $0 != " " }) ?? -1
  do throws(DatasetError) {
    try store.replace(key("counter"), with: Array("\(number + 1) \(note)".utf8), expecting: revision)
    return true
  } catch {
    guard error.code == .conflict else { throw error }
    return false
  }
}

func run(_ arguments: [String]) throws {
  guard arguments.count >= 4 else { stop("usage: StoreRaceTool create|count|hold|mask STORE ...") }
  if arguments[1] == "mask" { umask(mode_t(arguments[3], radix: 8) ?? 0) }
  let store = try openStore(arguments[2], create: true)
  switch (arguments[1], arguments.count) {
  case ("create", 6): try create(store, arguments[3], Int(arguments[4]) ?? 0, Int(arguments[5]) ?? 0)
  case ("count", 5): try count(store, arguments[3], Int(arguments[4]) ?? 0)
  case ("hold", 4):
    let upload = try store.upload(near: arguments[3])
    try upload.append([UInt8](repeating: 1, count: 2 << 20))
    _ = write(STDOUT_FILENO, "ready\n", 6)
    while getchar() != EOF {}
    upload.abort()
  case ("mask", 4):
    guard try store.create(key("a/b/object"), [1]) else { stop("is taken") }
    try store.replace(key("a/current"), with: [1], expecting: nil)
    try store.replace(key("a/current"), with: [2], expecting: try store.info(key("a/current"))?.revision)
  default: stop("what is to be done?")
  }
}

do { try run(CommandLine.arguments) } catch { stop("\(error)") }
