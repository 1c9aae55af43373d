import WaybillDiagnostics
import WaybillLocks

/// Sends parts on threads of its own; as many are under way as there are threads.
final class S3PartQueue: @unchecked Sendable {
  private let client: S3Client
  private let key: String
  private let id: String
  private let state: WaitingLock<State>
  private var threads: [WorkerThread] = []

  fileprivate struct State {
    var waiting: (number: Int, part: PartBuffer)?
    var underWay = 0
    var tags: [String?] = []
    var failure: DatasetError?
    var isStopped = false
    /// Buffers to use again.
    var buffers: [PartBuffer] = []
  }

  init(_ client: S3Client, _ upload: S3PartsUpload, threads count: Int) {
    self.client = client
    (key, id) = (upload.key, upload.id)
    state = WaitingLock(State())
    for _ in 0..<count { if let thread = WorkerThread({ self.work() }) { threads.append(thread) } }
  }

  /// Hands a part on; waits while another one waits.
  func put(_ part: PartBuffer, number: Int) throws(DatasetError) {
    guard !threads.isEmpty else {
      // Without threads it is sent here.
      let tag = try send(part, number)
      state.withLock { $0.keep(tag, number) }
      return
    }
    try state.waitFor { (state) throws(DatasetError) -> Void? in
      if let failure = state.failure { throw failure }
      guard state.waiting == nil else { return nil }
      state.waiting = (number, part)
      return ()
    }
  }

  /// A buffer of a size, one that was used before where there is one.
  func buffer(capacity: Int) -> PartBuffer {
    let used = state.withLock { $0.buffers.popLast() }
    if let used, used.capacity == capacity {
      used.clear()
      return used
    }
    return PartBuffer(capacity: capacity)
  }

  /// Waits until all parts are sent; their tags, in order.
  func finish() throws(DatasetError) -> [String] {
    try state.waitFor { (state) throws(DatasetError) -> [String]? in
      if let failure = state.failure { throw failure }
      guard state.waiting == nil, state.underWay == 0 else { return nil }
      return state.tags.compactMap { $0 }
    }
  }

  /// Stops the threads and waits for them; what is under way ends first.
  func stop() {
    state.withLock {
      $0.isStopped = true
      $0.waiting = nil
    }
    for thread in threads { thread.join() }
    threads = []
  }

  private func work() {
    while true {
      let next: (number: Int, part: PartBuffer)? = state.waitFor { state in
        if state.isStopped { return .some(nil) }
        guard let waiting = state.waiting else { return nil }
        state.waiting = nil
        state.underWay += 1
        return .some(waiting)
      }
      guard let next else { return }
      let outcome: Result<String, DatasetError>
      do throws(DatasetError) { outcome = .success(try send(next.part, next.number)) } catch { outcome = .failure(error) }
      state.withLock { state in
        state.underWay -= 1
        switch outcome {
        case .success(let tag):
          state.keep(tag, next.number)
          state.buffers.append(next.part)
        case .failure(let error): state.failure = state.failure ?? error
        }
      }
    }
  }

  /// Sends a part; the server checks its bytes by the hash that is signed.
  private func send(_ part: PartBuffer, _ number: Int) throws(DatasetError) -> String {
    let call = S3Client.Call(
      method: "PUT", key: key, query: S3PartsUpload.query(part: number, of: id), body: part.bytes, what: "send a part")
    return try client.perform(call) { (outcome) throws(DatasetError) -> String? in
      guard case .done(let response) = outcome else { return nil }
      guard let tag = response.headers["etag"], !tag.isEmpty else { throw client.unexpected(call, response) }
      return tag
    }
  }
}

extension S3PartQueue.State {
  fileprivate mutating func keep(_ tag: String, _ number: Int) {
    while tags.count < number { tags.append(nil) }
    tags[number - 1] = tag
  }
}
