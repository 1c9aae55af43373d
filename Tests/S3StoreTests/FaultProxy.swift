import Foundation
import TestSupport

@testable import WaybillS3Store

/// A proxy in front of a server that brings in faults as it is told, as `Tests/Servers/fault_proxy.py` describes; it ends with this object.
final class FaultProxy: @unchecked Sendable {
  private let process = Process()
  private let input = Pipe()
  private let control: Int
  /// Where clients go.
  let url: String
  private let transport = CurlTransport()

  /// - Parameter tls: A certificate and its key, to be reached by https.
  init(before upstream: String, tls: (certificate: String, key: String)? = nil) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["python3", "\(PackageFolder.root)/Tests/Servers/fault_proxy.py", upstream, "--until-eof"]
      + (tls.map { ["--tls", $0.certificate, $0.key] } ?? [])
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    var text = ""
    var ports: [String: Int] = [:]
    while ports.count < 2 {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw ProxyError(text: "the proxy said: \(text)") }
      text += String(decoding: data, as: UTF8.self)
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count == 2, let port = Int(words[1]) { ports[String(words[0])] = port }
      }
    }
    control = ports["control"] ?? 0
    url = "\(tls == nil ? "http" : "https")://127.0.0.1:\(ports["listening"] ?? 0)"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  struct ProxyError: Error { var text: String }

  /// What was asked, and what became of it.
  struct Entry: Decodable {
    var number: Int
    var method, path, query: String
    var status: Int?
    var fault: String?
    var missed: String?
    var headers: [String: String]?
  }

  /// Replaces the rules by others, in JSON.
  func plan(_ rules: String) throws {
    let bytes = Array(rules.utf8)
    try bytes.withUnsafeBytes { raw in
      let response = try transport.send(HTTPRequest(method: "PUT", url: "http://127.0.0.1:\(control)/plan", body: raw))
      guard response.isSuccess else { throw ProxyError(text: String(decoding: response.body, as: UTF8.self)) }
    }
  }

  /// The requests since the rules were set.
  func log() throws -> [Entry] {
    let response = try transport.send(HTTPRequest(method: "GET", url: "http://127.0.0.1:\(control)/log"))
    return try JSONDecoder().decode([Entry].self, from: Data(response.body))
  }
}
