import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// A store in a bucket: Amazon S3, Huawei OBS, MinIO, Ceph and others that speak the protocol of S3.
///
/// Objects of up to ``exclusiveSize`` bytes are written by one request that succeeds for one of any number of writers (`If-None-Match: *`); no
/// other primitive is needed. Larger ones are sent in parts to a name of their own below `.waybill-upload/`, put together there, and copied to
/// their key by the store itself, so that their key may be known only at the end. Names that begin with a dot are never listed as objects.
///
/// A store that takes no condition is found before anything is uploaded, and refused.
public final class S3Store: ObjectStore {
  /// Where the store is: `s3://bucket/prefix`.
  public let location: String
  /// Number of bytes up to which a key is given to one writer alone; one part.
  public let exclusiveSize: Int
  let client: S3Client
  /// What all keys begin with: empty, or ended by a slash.
  let prefix: String
  let isUnsafe: Bool
  /// Most bytes that the store copies by one request, and the bytes of a part where there are more.
  let copying: (limit: Int, part: Int)
  /// Whether conditional writes were seen to work.
  private let hasConditions = Lock(false)
  /// Whether the store compares the tag of `If-Match` with its quotes left out, as gateways of Ceph do for writes.
  let wantsBareTags = Lock(false)

  /// A store at a URL, `s3://bucket/prefix`; nothing is asked of it yet.
  ///
  /// - Parameters:
  ///   - options: What differs from what the environment says.
  ///   - environment: The variables to go by, as `AWS_REGION`.
  ///   - agent: What requests say they come from.
  /// - Throws: An error of the code `usage` for what names no store.
  public convenience init(
    _ url: String, options: S3Options = S3Options(), environment: [String: String]? = nil, agent: String = "waybill"
  ) throws(DatasetError) {
    let place = try S3URL(url)
    let client = try Self.connect(place.bucket, options: options, environment: environment, agent: agent)
    self.init(client, prefix: place.prefix, isUnsafe: options.isUnsafe)
  }

  /// A client of a bucket.
  static func connect(
    _ bucket: String, options: S3Options, environment: [String: String]?, agent: String
  ) throws(DatasetError) -> S3Client {
    let environment = try AWSEnvironment(environment ?? AWSEnvironment.process)
    let endpoint = try S3Endpoint(bucket: bucket, options: options, environment: environment)
    var settings = CurlTransport.Settings()
    settings.authorities = environment.authorities
    settings.agent = agent
    let transport = CurlTransport(settings)
    let chain = options.isAnonymous ? nil : CredentialChain(environment, transport)
    return S3Client(endpoint, chain, transport)
  }

  init(
    _ client: S3Client, prefix: String, isUnsafe: Bool = false, partSize: Int = 8 << 20,
    copying: (limit: Int, part: Int) = (S3Multipart.copyLimit, 1 << 30)
  ) {
    self.copying = copying
    self.client = client
    self.prefix = prefix
    self.isUnsafe = isUnsafe
    exclusiveSize = partSize
    location = "s3://\(client.endpoint.bucket)" + (prefix.isEmpty ? "" : "/" + prefix.dropLast())
  }

  /// What has gone over the wire.
  public var traffic: StoreTraffic? { client.meter.traffic }

  // MARK: Looking

  /// Size, time and revision of an object; nil when it is not there.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    guard let head = try head(prefix + key.text) else { return nil }
    return ObjectInfo(
      key: key, size: head.size, modifiedSeconds: head.modified?.seconds ?? 0, revision: ObjectRevision(head.etag))
  }

  /// What a look at an object tells.
  struct Head {
    var size: Int
    var etag: String
    var modified: S3Time?
    /// Whose writing it is, where it is one of ours.
    var writing: String?
  }

  /// Looks at what a full key names; nil when it is not there.
  func head(_ key: String) throws(DatasetError) -> Head? {
    let call = S3Client.Call(method: "HEAD", key: key, what: "look for the object")
    return try client.perform(call) { (outcome) throws(DatasetError) -> Head?? in
      switch outcome {
      case .done(let response):
        guard let size = response.headers["content-length"].flatMap({ Int($0) }), let etag = response.headers["etag"] else {
          throw client.unexpected(call, response)
        }
        return .some(
          Head(
            size: size, etag: Self.opaque(etag), modified: response.headers["last-modified"].flatMap { S3Time(header: $0) },
            writing: response.headers[Self.writingHeader]))
      // HEAD has no body, so there is no code; a bucket that is not there shows itself elsewhere.
      case .refused(let refusal) where refusal.status == 404: return .some(nil)
      default: return nil
      }
    }
  }

  /// An ETag as listings have it; some servers quote it there in other ways.
  static func opaque(_ etag: String) -> String {
    var text = etag[...]
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    return "\"" + text.filter { $0 != "\"" } + "\""
  }

  /// The objects whose keys begin with a prefix and come after a key.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    let limit = max(1, limit)
    var page = ObjectPage(objects: [], isLast: false)
    // What is no key of any store is not asked for.
    guard Self.canBegin(prefix) else { return ObjectPage(objects: [], isLast: true) }
    try client.pages(of: self.prefix + prefix, after: after.map { self.prefix + $0.text }, limit: limit) {
      (objects, isLast) throws(DatasetError) in
      for object in objects {
        guard let key = object.key.dropping(prefix: self.prefix).flatMap({ ObjectKey($0) }) else { continue }
        // A server that does not know where to begin begins from the front.
        if let after, !(after < key) { continue }
        if page.objects.count == limit { return false }
        page.objects.append(
          ObjectInfo(
            key: key, size: object.size, modifiedSeconds: object.modified.seconds,
            revision: ObjectRevision(Self.opaque(object.etag))))
      }
      page.isLast = isLast
      return page.objects.isEmpty
    }
    return page
  }

  /// Whether keys can begin so.
  private static func canBegin(_ prefix: String) -> Bool {
    prefix.isEmpty || ObjectKey(prefix.utf8.last == 0x2F ? String(prefix.dropLast()) : prefix) != nil
  }

  /// Opens an object for reading; nil when it is not there.
  ///
  /// Its last bytes come with the same request, so that small objects and the directories of archives cost no other.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    try S3Source.open(self, fullKey: prefix + key.text, path: path(of: key))
  }

  // MARK: Writing

  /// Begins an object.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    try checkFolder(folder)
    try checkConditions()
    return S3Upload(self)
  }

  /// Replaces an object if its revision is still the one that was read.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    try checkConditions()
    if let revision, !Self.isETag(revision.text) { throw conflict(key) }
    let isDone = try bytes.withRawBytes { raw throws(DatasetError) in try put(key, raw, expecting: revision) }
    if !isDone { throw conflict(key) }
  }

  private static func isETag(_ text: String) -> Bool {
    text.utf8.count > 2 && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && text.hasPrefix("\"") && text.hasSuffix("\"")
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    try remove(prefix + key.text, "remove the object")
  }

  /// Removes what a full key names, whether it is there or not.
  func remove(_ key: String, _ what: String, isCleanup: Bool = false) throws(DatasetError) {
    let call = S3Client.Call(method: "DELETE", key: key, isCleanup: isCleanup, what: what)
    _ = try client.perform(call) { (outcome) throws(DatasetError) -> Bool? in
      switch outcome {
      case .done: return true
      case .refused(let refusal) where refusal.code == "NoSuchKey" || (refusal.status == 404 && refusal.code.isEmpty): return true
      default: return nil
      }
    }
  }

  /// Finds out, once, whether the store takes conditions.
  func checkConditions() throws(DatasetError) {
    if isUnsafe || hasConditions.withLock({ $0 }) { return }
    guard try S3Checkup.hasConditionalWrites(self) else {
      throw DatasetError(
        .usage,
        "The store ignores or refuses conditional writes (If-None-Match), so two publishers could overwrite each other; nothing was "
          + "uploaded (--unsafe-no-conditional goes on all the same)", path: location)
    }
    hasConditions.withLock { $0 = true }
  }
}
