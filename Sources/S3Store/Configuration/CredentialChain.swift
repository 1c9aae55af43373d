import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// Where credentials come from, in the order in which every tool for S3 looks: variables, the profile's files, the container, the instance.
///
/// Those that are lent are asked for again before they end.
final class CredentialChain: Sendable {
  private let environment: AWSEnvironment
  private let transport: any HTTPTransport
  private let known = Lock<S3Credentials?>(nil)
  /// Credentials that end within this time are renewed.
  private static let marginSeconds: Int64 = 300

  init(_ environment: AWSEnvironment, _ transport: any HTTPTransport) {
    self.environment = environment
    self.transport = transport
  }

  /// The credentials to sign with now.
  ///
  /// - Throws: An error of the code `usage` that says where was looked when there are none, `unavailable` when whoever lends them does not
  ///   answer.
  func credentials() throws(DatasetError) -> S3Credentials {
    try known.withLock { (known) throws(DatasetError) in
      if let known, known.expirySeconds.map({ $0 - Self.marginSeconds > S3Time.now.seconds }) ?? true { return known }
      let found = try checked(find())
      known = found
      return found
    }
  }

  /// Forgets credentials that a server has called expired; false when there is nowhere to have others from.
  func forget(_ expired: S3Credentials) -> Bool {
    known.withLock { known in
      guard known == expired, expired.expirySeconds != nil else { return known != expired }
      known = nil
      return true
    }
  }

  private func find() throws(DatasetError) -> S3Credentials {
    if let keys = try variables() { return keys }
    if let keys = try profile() { return keys }
    if let keys = try container() { return keys }
    if environment.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true", let keys = try instance() { return keys }
    throw DatasetError(
      .usage,
      "There are no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor keys of the profile \(terminalSafe(environment.profile))"
        + ", nor a container or an instance that lends any; --anonymous reads a public bucket without")
  }

  private func variables() throws(DatasetError) -> S3Credentials? {
    let (access, secret) = (environment.variable("AWS_ACCESS_KEY_ID"), environment.variable("AWS_SECRET_ACCESS_KEY"))
    guard access != nil || secret != nil else { return nil }
    guard let access, let secret else {
      throw DatasetError(
        .usage,
        access == nil
          ? "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not"
          : "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not")
    }
    return S3Credentials(
      accessKey: access, secretKey: Secret(secret), token: environment.variable("AWS_SESSION_TOKEN").map { Secret($0) })
  }

  private func profile() throws(DatasetError) -> S3Credentials? {
    guard let access = environment.setting("aws_access_key_id"), let secret = environment.setting("aws_secret_access_key") else {
      for other in ["role_arn", "sso_start_url", "sso_session", "credential_process", "web_identity_token_file"]
      where environment.setting(other) != nil {
        throw DatasetError(
          .usage,
          "The profile \(terminalSafe(environment.profile)) has its keys by \(other), which Waybill does not do; "
            + "`aws configure export-credentials --format env` prints them as variables")
      }
      return nil
    }
    return S3Credentials(
      accessKey: access, secretKey: Secret(secret), token: environment.setting("aws_session_token").map { Secret($0) })
  }

  /// Refuses keys that could not stand in a header.
  private func checked(_ keys: S3Credentials) throws(DatasetError) -> S3Credentials {
    for text in [keys.accessKey, keys.secretKey.revealed, keys.token?.revealed ?? "x"] {
      guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw DatasetError(.usage, "The credentials hold spaces or characters that no key has")
      }
    }
    return keys
  }

  // MARK: Lent credentials

  private func container() throws(DatasetError) -> S3Credentials? {
    let url: String
    if let path = environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      url = "http://169.254.170.2" + path
    } else if let full = environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      guard Self.mayLend(full) else {
        throw DatasetError(
          .usage, "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine; nothing is asked there")
      }
      url = full
    } else {
      return nil
    }
    var headers: [(name: String, value: String)] = []
    var token = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if let file = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      let bytes = try MappedFile(path: file)
      token = String(decoding: bytes.bytes.prefix(1 << 16), as: UTF8.self).filter { !$0.isNewline }
    }
    if let token { headers.append(("Authorization", token)) }
    let answer = try lend(HTTPRequest(method: "GET", url: url, headers: headers, limit: 1 << 20, patienceSeconds: 5), "container")
    return try LentCredentials.read(answer.body, from: "The container's credentials")
  }

  /// Whether a URL can be asked for credentials without their being seen on the way.
  static func mayLend(_ url: String) -> Bool {
    if url.lowercased().hasPrefix("https://") { return true }
    guard url.lowercased().hasPrefix("http://") else { return false }
    let authority = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else { return false }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
    return ["localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(host.lowercased())
  }

  /// The credentials of the role of the machine (IMDSv2); nil where there is no such machine or role.
  private func instance() throws(DatasetError) -> S3Credentials? {
    let base = environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
    let root = base.hasSuffix("/") ? base + "latest/" : base + "/latest/"
    var request = HTTPRequest(
      method: "PUT", url: root + "api/token", headers: [("X-aws-ec2-metadata-token-ttl-seconds", "300")],
      body: UnsafeRawBufferPointer(start: nil, count: 0), limit: 1 << 16, patienceSeconds: 1)
    // Without an answer this is no such machine.
    guard let token = try? transport.send(request), token.isSuccess else { return nil }
    request = HTTPRequest(
      method: "GET", url: root + "meta-data/iam/security-credentials/",
      headers: [("X-aws-ec2-metadata-token", String(decoding: token.body, as: UTF8.self))], limit: 1 << 16, patienceSeconds: 5)
    guard let roles = try? transport.send(request), roles.isSuccess else { return nil }
    let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    guard !role.isEmpty else { return nil }
    request.url += S3Escaping.escaped(role)
    return try LentCredentials.read(try lend(request, "instance").body, from: "The instance's credentials")
  }

  private func lend(_ request: HTTPRequest, _ whose: String) throws(DatasetError) -> HTTPResponse {
    let answer: HTTPResponse
    do throws(TransportFailure) { answer = try transport.send(request) } catch {
      throw DatasetError(.unavailable, "The \(whose)'s credentials cannot be had: \(error.message)")
    }
    guard answer.isSuccess else {
      throw DatasetError(.unavailable, "Whoever lends the \(whose) its credentials answers with the status \(answer.status)")
    }
    return answer
  }
}
