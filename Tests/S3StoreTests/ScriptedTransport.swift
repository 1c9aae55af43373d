import WaybillLocks

@testable import WaybillS3Store

/// A transport that answers as a test says, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
  /// What a request is answered with.
  enum Answer {
    case status(Int, headers: [String: String] = [:], body: String = "")
    case failure(isTemporary: Bool = true)

    /// An answer with the XML of an error.
    static func error(_ status: Int, _ code: String, headers: [String: String] = [:]) -> Answer {
      .status(status, headers: headers, body: "<Error><Code>\(code)</Code><Message>about \(code)</Message></Error>")
    }
  }

  /// A request as it was sent.
  struct Sent: Sendable {
    var method: String
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// The value of a header.
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
  }

  private let answer: @Sendable (Sent, Int) -> Answer
  private let log = Lock<[Sent]>([])

  /// - Parameter answer: Is given the request and its number, counted from 1.
  init(_ answer: @escaping @Sendable (Sent, Int) -> Answer) { self.answer = answer }

  /// Answers in a row; the last one again and again.
  convenience init(_ answers: [Answer]) {
    let script = UncheckedScript(answers)
    self.init { _, number in script.answers[min(number, script.answers.count) - 1] }
  }

  /// What was asked so far.
  var requests: [Sent] { log.withLock { $0 } }

  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    let sent = Sent(method: request.method, url: request.url, headers: request.headers, body: request.body.map { Array($0) } ?? [])
    let number = log.withLock { log in
      log.append(sent)
      return log.count
    }
    switch answer(sent, number) {
    case .failure(let isTemporary):
      throw TransportFailure(
        message: "the line is dead", isTemporary: isTemporary, response: HTTPResponse())
    case .status(let status, let headers, let body):
      var response = HTTPResponse(status: status, headers: headers)
      let bytes = Array(body.utf8)
      response.received = bytes.count
      if response.isSuccess, let destination = request.destination {
        destination.copyBytes(from: bytes.prefix(destination.count))
      } else {
        response.body = bytes
      }
      return response
    }
  }

  private final class UncheckedScript: @unchecked Sendable {
    let answers: [Answer]
    init(_ answers: [Answer]) { self.answers = answers }
  }
}
