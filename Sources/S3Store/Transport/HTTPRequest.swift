import WaybillDiagnostics
import WaybillFiles

/// One request as it goes over the wire.
struct HTTPRequest {
  /// `GET`, `PUT` and so on.
  var method: String
  /// The whole URL, escaped.
  var url: String
  /// Names and values, in the order they are sent.
  var headers: [(name: String, value: String)] = []
  /// The bytes to send, which must outlive the request; nil for methods without any.
  var body: UnsafeRawBufferPointer?
  /// Where the bytes to send are read from, where they are not in memory.
  var source: (any ByteSource)?
  /// Where the bytes of a successful answer go; nil to have them in ``HTTPResponse/body``.
  var destination: UnsafeMutableRawBufferPointer?
  /// Most bytes of an answer that has no destination.
  var limit = 16 << 20
  /// How long to wait for a connection and, at most, for its next byte; nil for the transport's own.
  var patienceSeconds: Double?
  /// Whether the wish to stop does not end it: what cleans up must go through.
  var isCleanup = false
}

extension HTTPRequest {
  /// Number of bytes to send.
  var bodySize: Int { source?.size ?? body?.count ?? 0 }
}

/// What came back.
struct HTTPResponse {
  /// The status; 0 when none came.
  var status = 0
  /// The headers of the last answer, with names in lower case.
  var headers: [String: String] = [:]
  /// The bytes, unless they went elsewhere.
  var body: [UInt8] = []
  /// Number of bytes that came.
  var received = 0

  /// Whether the request was done as asked.
  var isSuccess: Bool { (200..<300).contains(status) }
}

/// Why no whole answer came.
struct TransportFailure: Error {
  /// What is wrong, in the words of the library.
  var message: String
  /// Whether trying again may help.
  var isTemporary: Bool
  /// What went wrong with the bytes to send.
  var sourceError: DatasetError?
  /// Whether it was the wish to stop.
  var isInterruption = false
  /// What of the answer came before.
  var response: HTTPResponse
}

/// What carries requests; a test brings its own.
protocol HTTPTransport: Sendable {
  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse
}
