import WaybillDiagnostics

/// Where a bucket is: the parts of its URLs, and the region that requests are signed for.
struct S3Endpoint: Sendable, Equatable {
  /// `https` or `http`.
  var scheme: String
  /// The host and, where it is not the scheme's own, the port, without the bucket.
  var host: String
  /// The bucket.
  var bucket: String
  /// Whether the bucket is part of the path.
  var usesPathStyle: Bool
  /// The region.
  var region: String
  /// Whether the host was made from the region, so that another region means another host.
  var isRegional: Bool

  /// The host as requests name it.
  var authority: String { usesPathStyle ? host : "\(bucket).\(host)" }

  /// The path of a key, escaped; of the bucket itself when it is empty.
  func path(_ key: String) -> String { (usesPathStyle ? "/\(bucket)/" : "/") + S3Escaping.path(key) }

  /// The same bucket in another region.
  func moved(to region: String) -> S3Endpoint {
    var moved = self
    moved.region = region
    if isRegional { moved.host = Self.amazonHost(region) }
    return moved
  }

  /// The endpoint of a bucket.
  ///
  /// - Throws: An error of the code `usage` for a URL that is none of a service, or a bucket's name that cannot be one.
  init(bucket: String, options: S3Options, environment: AWSEnvironment) throws(DatasetError) {
    guard Self.isBucket(bucket) else {
      throw DatasetError(.usage, "\(terminalSafe(bucket)) cannot be the name of a bucket", path: "s3://\(terminalSafe(bucket))")
    }
    self.bucket = bucket
    var region = options.region ?? environment.region
    if let text = options.endpoint ?? environment.endpoint {
      (scheme, host) = try Self.parts(text)
      isRegional = false
      // Huawei OBS and Amazon S3 have the region in the name of the host.
      let labels = host.split(separator: ".")
      if region == nil, labels.count >= 3, labels[0] == "obs" || labels[0] == "s3" { region = String(labels[1]) }
    } else {
      region = region ?? "us-east-1"
      (scheme, host) = ("https", Self.amazonHost(region ?? ""))
      isRegional = true
    }
    self.region = region ?? "us-east-1"
    guard Self.isRegion(self.region) else {
      throw DatasetError(.usage, "\(terminalSafe(self.region)) cannot be the name of a region")
    }
    let style = environment.setting("s3.addressing_style")
    let host = host
    let isHosted = ["amazonaws.com", "amazonaws.com.cn", "myhuaweicloud.com"].contains { host.hasSuffix($0) }
    // A certificate for *.host does not cover a bucket with a dot.
    let canBeHosted = !(bucket.contains(".") && scheme == "https") && !bucket.contains("_") && bucket == bucket.lowercased()
    usesPathStyle = options.usesPathStyle ?? (style == "path" || !(canBeHosted && (isHosted || style == "virtual")))
  }

  private static func amazonHost(_ region: String) -> String {
    "s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
  }

  /// The scheme and the host of a service's URL.
  private static func parts(_ text: String) throws(DatasetError) -> (scheme: String, host: String) {
    func wrong(_ why: String) -> DatasetError {
      DatasetError(.usage, "The endpoint is not a URL of a service, such as https://minio.example.org:9000: \(why)")
    }
    var rest = text[...]
    var scheme = "https"
    if let end = text.firstRange(of: "://") {
      scheme = text[..<end.lowerBound].lowercased()
      rest = text[end.upperBound...]
    }
    guard scheme == "https" || scheme == "http" else { throw wrong("its scheme is \(terminalSafe(scheme))") }
    while rest.hasSuffix("/") { rest = rest.dropLast() }
    // What may be a secret is not repeated.
    guard !rest.contains("@") else { throw wrong("it holds a name or a password, which belong into the credentials") }
    guard !rest.contains("/") else { throw wrong("it has a path") }
    guard !rest.contains("?"), !rest.contains("#") else { throw wrong("it has a query") }
    let isHost = rest.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D, 0x5F: true
      default: false
      }
    }
    guard !rest.isEmpty, isHost else { throw wrong("it names no host") }
    var host = rest.lowercased()
    if scheme == "https", host.hasSuffix(":443") { host = String(host.dropLast(4)) }
    if scheme == "http", host.hasSuffix(":80") { host = String(host.dropLast(3)) }
    return (scheme, host)
  }

  private static func isRegion(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x5F }
  }

  private static func isBucket(_ text: String) -> Bool {
    (3...255).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
      } && text.first != "." && text.first != "-" && !text.contains("..")
  }
}
