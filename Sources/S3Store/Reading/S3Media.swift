import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// Media in buckets, by their URLs: `s3://bucket/key`, also with `s3a`, `s3n` and `obs` as the scheme.
///
/// Keys are taken as they are: a URL of labels is no escaped one. Safe to use from several threads.
public final class S3Media: RemoteFiles {
  private let options: S3Options
  private let environment: [String: String]?
  private let agent: String
  private let clients = Lock<[String: S3Client]>([:])
  /// Objects beyond this size go to a file while they are used.
  private static let memoryLimit = 1 << 20
  /// What is asked for first: most pictures are smaller.
  private static let firstSize = 1 << 20

  /// Media that are reached as the options and the environment say.
  public init(options: S3Options = S3Options(), environment: [String: String]? = nil, agent: String = "waybill") {
    self.options = options
    self.environment = environment
    self.agent = agent
  }

  /// Whether a location is a URL of a bucket, or of what is in it.
  public func serves(_ location: String) -> Bool { Self.split(location) != nil }

  /// The bucket and the key of a location, which is empty for the bucket itself; nil for what is in no bucket.
  ///
  /// By bytes: a name may begin with a letter that joins the slash before it.
  static func split(_ location: String) -> (bucket: String, key: String)? {
    let bytes = location.utf8
    guard let colon = bytes.firstIndex(of: 0x3A), bytes[colon...].starts(with: "://".utf8),
      ["s3", "s3a", "s3n", "obs"].contains(location[..<colon].lowercased())
    else { return nil }
    let parts = bytes[colon...].dropFirst(3).split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
    guard let bucket = parts.first, !bucket.isEmpty else { return nil }
    return (
      String(decoding: bucket, as: UTF8.self), String(decoding: parts.dropFirst().first ?? bytes[bytes.endIndex...], as: UTF8.self)
    )
  }

  /// What has gone over the wire.
  public var traffic: StoreTraffic {
    clients.withLock { Array($0.values) }.reduce(into: StoreTraffic()) { $0.add($1.meter.traffic) }
  }

  private func client(_ bucket: String) throws(DatasetError) -> S3Client {
    if let client = clients.withLock({ $0[bucket] }) { return client }
    let client = try S3Store.connect(bucket, options: options, environment: environment, agent: agent)
    return clients.withLock { clients in
      if let client = clients[bucket] { return client }
      clients[bucket] = client
      return client
    }
  }

  /// All bytes of an object; nil when it is not there.
  ///
  /// - Throws: An error of the code `io` when it may not be read or is replaced meanwhile, `unavailable` when the store does not answer.
  public func fetch(_ location: String) throws(DatasetError) -> MappedFile? {
    guard let (bucket, key) = Self.split(location), !key.isEmpty else { return nil }
    let client = try client(bucket)
    guard let start = try first(Self.firstSize, of: key, client) else { return nil }
    let object = S3Object(client, key, path: location, size: start.size, revision: start.etag)
    return try MappedFile(filling: start.size, memoryLimit: Self.memoryLimit, path: location) { buffer throws(DatasetError) in
      buffer.copyBytes(from: start.bytes)
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[start.bytes.count...])
      try object.read(at: start.bytes.count, into: rest)
    }
  }

  /// The first bytes of an object, at least one; nil when it is not there.
  public func head(of location: String, count: Int) throws(DatasetError) -> [UInt8]? {
    guard let (bucket, key) = Self.split(location), !key.isEmpty else { return nil }
    return try first(max(1, count), of: key, try client(bucket))?.bytes
  }

  private func first(_ count: Int, of key: String, _ client: S3Client) throws(DatasetError) -> (
    bytes: [UInt8], size: Int, etag: String
  )? {
    let call = S3Client.Call(method: "GET", key: key, headers: [("Range", "bytes=0-\(count - 1)")], what: "read the media")
    return try client.perform(call) { (outcome) throws(DatasetError) -> (bytes: [UInt8], size: Int, etag: String)?? in
      switch outcome {
      case .done(let response):
        guard let etag = response.headers["etag"] else { throw client.unexpected(call, response) }
        if response.status == 200 { return .some((response.body, response.body.count, etag)) }
        guard let range = ContentRange(response.headers["content-range"]), range.lowerBound == 0, range.count == response.body.count
        else {
          throw client.unexpected(call, response)
        }
        return .some((response.body, range.total, etag))
      case .refused(let refusal) where refusal.status == 416: return .some(([], 0, "\"\""))
      case .refused(let refusal) where refusal.status == 404 && refusal.code != "NoSuchBucket": return .some(nil)
      default: return nil
      }
    }
  }

  /// The locations and sizes of all objects below a URL, `s3://bucket` or `s3://bucket/prefix`, in the order of their keys, page by page.
  ///
  /// A prefix is a folder: `s3://bucket/a` does not name `s3://bucket/ab`. Names that end in a slash are folders and left out.
  public func list(_ url: String, _ body: (_ location: String, _ size: Int) throws(DatasetError) -> Void) throws(DatasetError) {
    guard let (bucket, path) = Self.split(url) else { throw DatasetError(.usage, "is no URL of a bucket", path: terminalSafe(url)) }
    let prefix = path.isEmpty || path.utf8.last == 0x2F ? path : path + "/"
    let client = try client(bucket)
    // Begins as the URL does, whatever its scheme is called: what is found is recognized as being of this place.
    let base = url.utf8.last == 0x2F ? url : url + "/"
    try client.pages(of: prefix) { (objects, _) throws(DatasetError) in
      for object in objects where object.key.utf8.last != 0x2F {
        if let name = object.key.dropping(prefix: prefix) { try body(base + name, object.size) }
      }
      return true
    }
  }
}
