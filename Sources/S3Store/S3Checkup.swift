import WaybillDiagnostics
import WaybillObjectStore

/// Tries, one after the other, what a store must be able to do.
public struct S3Checkup {
  /// Whether the store keeps the condition that a key is free.
  static func hasConditionalWrites(_ store: S3Store) throws(DatasetError) -> Bool {
    let key = store.prefix + S3Multipart.folder + "condition-" + S3Store.randomName()
    defer { try? store.remove(key, "remove a first object", isCleanup: true) }
    // The first is there afterwards, whatever was answered.
    guard try attempt(1, key, store) != .unknownCondition else { return false }
    return try attempt(2, key, store) == .taken
  }

  /// What became of a writing on the condition that its key is free.
  private enum Attempt { case written, taken, unknownCondition }

  private static func attempt(_ byte: UInt8, _ key: String, _ store: S3Store) throws(DatasetError) -> Attempt {
    try [byte].withRawBytes { raw throws(DatasetError) in
      let call = S3Client.Call(
        method: "PUT", key: key, headers: [("If-None-Match", "*")], body: raw, what: "write a first object")
      return try store.client.perform(call) { (outcome) throws(DatasetError) -> Attempt? in
        switch outcome {
        case .done: return .written
        case .refused(let refusal) where refusal.status == 412: return .taken
        case .refused(let refusal) where refusal.isUnimplemented: return .unknownCondition
        default: return nil
        }
      }
    }
  }

  /// Tries everything, and leaves nothing behind.
  public static func run(_ store: S3Store) -> [StoreFinding] {
    var checkup = S3Checkup(store: store)
    checkup.all()
    return checkup.findings
  }

  private let store: S3Store
  private var findings: [StoreFinding] = []

  private init(store: S3Store) { self.store = store }

  private mutating func all() {
    // Without this nothing else says anything.
    let isReachable = attempt("listing") { (store) throws(DatasetError) in
      try store.list("", after: nil, limit: 10).inWords
    }
    guard isReachable else { return }
    attempt("clock") { (store) throws(DatasetError) in
      guard let seconds = try store.clockDifference() else { return "the store tells no time" }
      if abs(seconds) < 2 { return "as the store's" }
      let words = "\(abs(seconds)) seconds \(seconds < 0 ? "behind" : "ahead of") the store's"
      if abs(seconds) > 300 { throw DatasetError(.io, "\(words); requests are refused beyond 15 minutes") }
      return words
    }
    let key = store.prefix + S3Multipart.folder + "check-" + S3Store.randomName()
    attempt("writing and reading") { (store) throws(DatasetError) in
      let bytes = Array("waybill store check\n".utf8)
      _ = try bytes.withRawBytes { raw throws(DatasetError) in
        try store.put(key, raw, ("If-None-Match", "*"), what: "write an object")
      }
      guard let source = try S3Source.open(store, fullKey: key, path: store.client.path(key)),
        try source.bytes(0..<source.size) == bytes
      else { throw DatasetError(.io, "what was written is not there") }
      return "an object of \(bytes.count) bytes"
    }
    attempt("conditional writes") { (store) throws(DatasetError) in
      guard try S3Checkup.hasConditionalWrites(store) else {
        throw DatasetError(.io, "ignored or refused: two publishers at the same time could overwrite each other")
      }
      return "one winner for one key (If-None-Match)"
    }
    attempt("multipart uploads") { (store) throws(DatasetError) in
      let parts = try S3Multipart(store)
      defer { parts.abort() }
      let buffer = PartBuffer(capacity: 1 << 10)
      _ = Array("part\n".utf8).withUnsafeBytes { buffer.append($0) }
      try parts.sendLast(buffer)
      try parts.complete(size: 5)
      return "begun, sent, put together and removed"
    }
    attempt("removing") { (store) throws(DatasetError) in
      try store.remove(key, "remove an object")
      guard try store.head(key) == nil else { throw DatasetError(.io, "what was removed is still there") }
      return "gone"
    }
  }

  @discardableResult
  private mutating func attempt(_ what: String, _ body: (S3Store) throws(DatasetError) -> String) -> Bool {
    do throws(DatasetError) {
      findings.append(StoreFinding(what: what, seen: try body(store), isGood: true))
      return true
    } catch {
      findings.append(StoreFinding(what: what, seen: error.message, isGood: false))
      return false
    }
  }
}

extension S3Store {
  /// How many seconds this machine's clock is ahead of the store's; nil when the store tells no time.
  func clockDifference() throws(DatasetError) -> Int64? {
    let call = S3Client.Call(method: "GET", query: [("list-type", "2"), ("max-keys", "1")], what: "list the objects")
    let response = try client.perform(call)
    return response.headers["date"].flatMap { S3Time(header: $0) }.map { S3Time.now.seconds - $0.seconds }
  }
}
