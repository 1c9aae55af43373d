import WaybillDiagnostics

/// What a server says of a request that it did not do: the status, and the code and the message of its XML.
struct S3Refusal: Error {
  /// The status of HTTP.
  var status: Int
  /// The code, such as `NoSuchKey`; empty where the answer had none.
  var code = ""
  /// The sentence beside it; may hold anything.
  var message = ""
  /// How long the server asks to wait, in seconds.
  var retryAfterSeconds: Double?
  /// The region the bucket is in, where the server tells.
  var region: String?
  /// Where a redirect leads, without its query.
  var location: String?
  /// What the server's clock says.
  var serverTime: S3Time?

  /// What an answer says.
  init(_ response: HTTPResponse) {
    status = response.status
    retryAfterSeconds = response.headers["retry-after"].flatMap { Double($0) }.flatMap { $0 >= 0 && $0 < 86_400 ? $0 : nil }
    region = response.headers["x-amz-bucket-region"]
    location = response.headers["location"].map { String($0.prefix { $0 != "?" }) }
    serverTime = response.headers["date"].flatMap { S3Time(header: $0) }
    guard let answer = S3Answer(response.body, root: "Error") else { return }
    code = answer.text("Code") ?? ""
    message = answer.text("Message") ?? ""
    region = region ?? answer.text("Region")
  }

  /// Whether the same request may be done a little later.
  var isTemporary: Bool {
    switch status {
    case 429, 500, 502, 503, 504, 408: true
    case 409: ["OperationAborted", "ConditionalRequestConflict", "ConcurrentModification"].contains(code)
    case 400:
      [
        "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "IncompleteBody", "BadDigest",
        "XAmzContentSHA256Mismatch",
      ].contains(code)
    case 403: ["SlowDown", "RequestThrottled"].contains(code)
    default: false
    }
  }

  /// Whether the bytes that came are not those that were signed: broken on their way, or not what they were said to be.
  var isMismatch: Bool { ["BadDigest", "XAmzContentSHA256Mismatch"].contains(code) }

  /// Whether the credentials have ended.
  var isExpiry: Bool { ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"].contains(code) }

  /// Whether a store does not do conditional writes.
  var isUnimplemented: Bool { status == 501 || code == "NotImplemented" }

  /// The error to end with.
  func error(doing what: String, path: String) -> DatasetError {
    let words = [code, message].filter { !$0.isEmpty }.map { terminalSafe(String($0.prefix(300))) }.joined(separator: ": ")
    let said = words.isEmpty ? "the status \(status)" : "\(words) (status \(status))"
    switch code {
    case "RequestTimeTooSkewed":
      guard let serverTime else { break }
      let seconds = S3Time.now.seconds - serverTime.seconds
      let size = abs(seconds) >= 120 ? "\(abs(seconds) / 60) minutes" : "\(abs(seconds)) seconds"
      return DatasetError(
        .io, "cannot \(what): the clock of this machine is \(size) \(seconds < 0 ? "behind" : "ahead of") the store's", path: path)
    case "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken":
      return DatasetError(.io, "cannot \(what): the store does not accept the credentials: \(code)", path: path)
    case _ where isExpiry:
      return DatasetError(.io, "cannot \(what): the credentials have expired", path: path)
    case "NoSuchBucket": return DatasetError(.io, "cannot \(what): there is no such bucket", path: path)
    default: break
    }
    if (300..<400).contains(status) {
      let place = location.map { " to \(terminalSafe($0))" } ?? ""
      let home = region.map { "; the bucket is in the region \(terminalSafe($0))" } ?? ""
      return DatasetError(
        .io, "cannot \(what): the store redirects\(place), which is not followed, for what is signed is for one host alone\(home)",
        path: path)
    }
    let code: DatasetError.Code = isTemporary ? .unavailable : .io
    return DatasetError(code, "cannot \(what): the store answers \(said)", path: path)
  }
}
