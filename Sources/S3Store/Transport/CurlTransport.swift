import CWaybillCurl
import Glibc
import WaybillFiles
import WaybillLocks

/// Requests over libcurl: HTTP/1.1, and HTTP/2 where TLS agrees on it, connections used again, as many at once as there are callers.
///
/// Redirects are never followed, for what is signed for one host is no other's business. Certificates are verified, always.
final class CurlTransport: HTTPTransport {
  /// How it reaches servers.
  struct Settings: Sendable {
    /// A file of certificates to trust in place of the system's.
    var authorities: String?
    /// What requests say they come from.
    var agent = "waybill"
    /// How long to wait for a connection, in seconds.
    var connectSeconds = 10.0
    /// How long no byte may come or go, in seconds.
    var silenceSeconds = 30.0
  }

  private let settings: Settings
  /// Handles that no request uses just now; each keeps its connection.
  private let idle = Lock<[CurlHandle]>([])

  init(_ settings: Settings = Settings()) { self.settings = settings }

  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    guard waybill_curl_load(), let handle = idle.withLock({ $0.popLast() }) ?? CurlHandle() else {
      throw TransportFailure(
        message: "libcurl (libcurl.so.4) cannot be loaded; Debian has it in libcurl4", isTemporary: false, response: HTTPResponse())
    }
    defer { idle.withLock { $0.append(handle) } }
    let transfer = CurlTransfer(request)
    let result = perform(request, on: handle.curl, transfer)
    guard result == CURLE_OK else { throw failure(result, handle, transfer) }
    return transfer.response
  }

  private func perform(_ request: HTTPRequest, on curl: OpaqueCurl, _ transfer: CurlTransfer) -> CURLcode {
    waybill_curl_reset(curl)
    func set(_ option: CURLoption, _ value: Int) { _ = waybill_curl_set_long(curl, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = waybill_curl_set_text(curl, option, value) }
    // A name of the host of a URL, or a path, is part of what is signed: nothing may be made nicer on its way.
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_BUFFERSIZE, 512 << 10)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 1 << 20)
    set(CURLOPT_USERAGENT, settings.agent)
    if let authorities = settings.authorities { set(CURLOPT_CAINFO, authorities) }
    let connect = request.patienceSeconds ?? settings.connectSeconds
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(connect * 1000))
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, max(1, Int((request.patienceSeconds ?? settings.silenceSeconds).rounded(.up))))

    var list: UnsafeMutablePointer<curl_slist>?
    defer { waybill_curl_free_list(list) }
    for (name, value) in request.headers {
      // A header without a value ends in a semicolon here, as a bare colon takes a header away.
      list = waybill_curl_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    // Neither waiting for leave to send nor a form's type.
    for bare in ["Expect:", "Content-Type:", "Accept:"]
    where !request.headers.contains(where: { "\($0.name):".lowercased() == bare.lowercased() }) {
      list = waybill_curl_append(list, bare)
    }
    _ = waybill_curl_set_list(curl, CURLOPT_HTTPHEADER, list)

    if let source = request.source {
      set(CURLOPT_UPLOAD, 1)
      _ = waybill_curl_set_offset(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(source.size))
      _ = waybill_curl_set_data(curl, CURLOPT_READFUNCTION, CurlTransfer.giveBytes)
      _ = waybill_curl_set_pointer(curl, CURLOPT_READDATA, Unmanaged.passUnretained(transfer).toOpaque())
    } else if let body = request.body {
      let start = body.baseAddress ?? UnsafeRawPointer(transfer.nothing)
      _ = waybill_curl_set_pointer(curl, CURLOPT_POSTFIELDS, start)
      _ = waybill_curl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    }
    if request.method != "HEAD" { set(CURLOPT_CUSTOMREQUEST, request.method) }

    let context = Unmanaged.passUnretained(transfer).toOpaque()
    _ = waybill_curl_set_data(curl, CURLOPT_WRITEFUNCTION, CurlTransfer.takeBytes)
    _ = waybill_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
    _ = waybill_curl_set_data(curl, CURLOPT_HEADERFUNCTION, CurlTransfer.takeHeader)
    _ = waybill_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
    set(CURLOPT_NOPROGRESS, 0)
    _ = waybill_curl_set_progress(curl, CurlTransfer.progress)
    _ = waybill_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
    return withExtendedLifetime(transfer) { waybill_curl_perform(curl) }
  }

  private func failure(_ code: CURLcode, _ handle: CurlHandle, _ transfer: CurlTransfer) -> TransportFailure {
    var failure = TransportFailure(
      message: String(cString: waybill_curl_words(code)), isTemporary: true, response: transfer.response)
    failure.sourceError = transfer.sourceError
    switch code {
    case CURLE_ABORTED_BY_CALLBACK where transfer.sourceError != nil: failure.isTemporary = false
    case CURLE_ABORTED_BY_CALLBACK:
      failure.isInterruption = true
      failure.isTemporary = false
    case CURLE_WRITE_ERROR:
      // More came than was asked for.
      failure.message = "the answer is longer than what was asked for"
      failure.isTemporary = false
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR,
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_OUT_OF_MEMORY, CURLE_BAD_FUNCTION_ARGUMENT:
      failure.isTemporary = false
      if code == CURLE_PEER_FAILED_VERIFICATION { failure.message += "; AWS_CA_BUNDLE names a file of other authorities to trust" }
    default: break
    }
    return failure
  }
}

/// What libcurl's functions take.
typealias OpaqueCurl = UnsafeMutableRawPointer

/// A handle of libcurl, which one request at a time uses.
private final class CurlHandle: @unchecked Sendable {
  let curl: OpaqueCurl

  init?() {
    guard let curl = waybill_curl_new() else { return nil }
    self.curl = curl
  }

  deinit { waybill_curl_free(curl) }
}
