/// What a person says about a store on object storage beside its URL; what is nil is found in the environment.
public struct S3Options: Sendable, Equatable {
  /// The URL of the service, such as `https://minio.example.org:9000`.
  public var endpoint: String?
  /// The region that requests are signed for.
  public var region: String?
  /// Whether the bucket is part of the path, and not of the host's name.
  public var usesPathStyle: Bool?
  /// Whether a store is taken that ignores conditional writes: two publishers at the same time can then overwrite each other.
  public var isUnsafe = false
  /// Whether requests are not signed, for buckets that everyone may read.
  public var isAnonymous = false

  /// Everything as the environment says.
  public init() {}
}
