import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

extension S3Store {
  /// The header that says whose writing it is, so that a lost answer can be told from a lost race.
  static let writingHeader = "x-amz-meta-waybill-writing"

  /// Writes a small object if its revision is the one expected; nil expects none.
  ///
  /// - Returns: False when it is another one.
  /// - Throws: An error of the code `unavailable` when nobody can tell.
  func put(_ key: ObjectKey, _ bytes: UnsafeRawBufferPointer, expecting revision: ObjectRevision?) throws(DatasetError) -> Bool {
    let name = prefix + key.text
    guard let tag = revision?.text else { return try put(name, bytes, ("If-None-Match", "*")) }
    if wantsBareTags.withLock({ $0 }) { return try put(name, bytes, ("If-Match", tag.filter { $0 != "\"" })) }
    if try put(name, bytes, ("If-Match", tag)) { return true }
    // Refused, though it is the one expected: some servers want the tag without its quotes.
    guard !isUnsafe, try head(name)?.etag == tag, try put(name, bytes, ("If-Match", tag.filter { $0 != "\"" })) else {
      return false
    }
    wantsBareTags.withLock { $0 = true }
    return true
  }

  /// Creates an object from bytes that can be read again, by one request that one of any number of writers wins, however large it is.
  ///
  /// - Parameter digest: The SHA-256 of the bytes in hexadecimal digits, by which the store checks what it gets.
  /// - Returns: False when the key is taken.
  public func create(_ key: ObjectKey, copying source: any ByteSource, digest: String) throws(DatasetError) -> Bool {
    try checkConditions()
    // S3 takes no more than 5 GiB in one request.
    guard source.size <= S3Multipart.copyLimit else { return try createByUpload(key, copying: source) }
    return try put(prefix + key.text, .source(source, digest), ("If-None-Match", "*"))
  }

  /// What is written.
  enum Content {
    case bytes(UnsafeRawBufferPointer)
    /// Bytes to read, and their SHA-256.
    case source(any ByteSource, String)
  }

  /// Writes a small object under a full key, on a condition.
  func put(
    _ key: String, _ bytes: UnsafeRawBufferPointer, _ condition: (name: String, value: String), what: String = "write the object"
  ) throws(DatasetError) -> Bool {
    try put(key, .bytes(bytes), condition, what: what)
  }

  /// Writes an object by one request under a full key, on a condition.
  func put(
    _ key: String, _ content: Content, _ condition: (name: String, value: String), what: String = "write the object"
  ) throws(DatasetError) -> Bool {
    let writing = Self.randomName()
    var headers = [("Content-Type", Self.mediaType(key)), (Self.writingHeader, writing)]
    if isUnsafe {
      // As good as can be: someone may come between the look and the writing.
      let found = try head(key)?.etag
      let isExpected = condition.name == "If-None-Match" ? found == nil : found == condition.value
      guard isExpected else { return false }
    } else {
      headers.append(condition)
    }
    var call = S3Client.Call(method: "PUT", key: key, headers: headers, what: what)
    switch content {
    case .bytes(let bytes): call.body = bytes
    case .source(let source, let digest): call.source = (source, digest)
    }
    do throws(DatasetError) {
      return try client.perform(call) { (outcome) throws(DatasetError) -> Bool? in
        switch outcome {
        case .done: return true
        case .refused(let refusal) where refusal.status == 412 || (refusal.status == 404 && condition.name == "If-Match"):
          // Perhaps by a try of our own whose answer was lost; libcurl itself sends again when a connection that was used before has died.
          return try head(key)?.writing == writing
        default: return nil
        }
      }
    } catch {
      // The last word was no answer; what is there says more.
      guard error.code == .unavailable, (try? head(key))?.writing == writing else { throw error }
      return true
    }
  }

  /// A name that nothing else has.
  static func randomName() -> String {
    var numbers = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(numbers.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// What a person who opens the object in a browser gets.
  static func mediaType(_ key: String) -> String {
    if key.hasSuffix(".json") { return "application/json" }
    return key.hasSuffix(".zip") ? "application/zip" : "application/octet-stream"
  }
}
