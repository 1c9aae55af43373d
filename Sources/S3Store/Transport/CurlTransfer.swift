import CWaybillCurl
import WaybillDiagnostics
import WaybillFiles

/// What becomes of one request: the answer as it comes in, called by libcurl.
final class CurlTransfer {
  private(set) var response = HTTPResponse()
  private let destination: UnsafeMutableRawBufferPointer?
  private let limit: Int
  private let isCleanup: Bool
  private let source: (any ByteSource)?
  private var sent = 0
  /// What went wrong with the bytes to send.
  private(set) var sourceError: DatasetError?
  /// Where a body without bytes lies.
  let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

  init(_ request: HTTPRequest) {
    destination = request.destination
    limit = request.limit
    isCleanup = request.isCleanup
    source = request.source
    nothing.initialize(to: 0)
  }

  deinit { nothing.deallocate() }

  /// Takes a piece of the body; anything but its size as the result ends the transfer.
  static let takeBytes: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().take(piece) ? piece.count : 0
  }

  /// Gives the next bytes to send; what is no number of bytes ends the transfer.
  static let giveBytes: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, context in
    guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
    let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().give(room)
  }

  /// Takes a header line.
  static let takeHeader: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().takeHeader(line)
    return line.count
  }

  /// Ends the transfer when someone wants the process to stop.
  static let progress: @convention(c) (UnsafeMutableRawPointer?, curl_off_t, curl_off_t, curl_off_t, curl_off_t) -> Int32 = {
    context, _, _, _, _ in
    guard let context, InterruptFlag.wantsStop else { return 0 }
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().isCleanup ? 0 : 1
  }

  private func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard let source else { return 0 }
    let piece = UnsafeMutableRawBufferPointer(rebasing: room.prefix(source.size - sent))
    do throws(DatasetError) { try source.read(at: sent, into: piece) } catch {
      sourceError = error
      return Int(CURL_READFUNC_ABORT)
    }
    sent += piece.count
    return piece.count
  }

  private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    defer { response.received += piece.count }
    guard response.isSuccess, let destination else {
      guard piece.count <= limit - response.body.count else { return false }
      response.body.append(contentsOf: piece)
      return true
    }
    guard piece.count <= destination.count - response.received else { return false }
    UnsafeMutableRawBufferPointer(rebasing: destination[response.received...]).copyMemory(from: piece)
    return true
  }

  private func takeHeader(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // Another answer begins: the one before was no last word, such as 100 Continue.
      let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0.prefix(3)) }
      response = HTTPResponse(status: status ?? 0)
      return
    }
    guard let colon = text.firstIndex(of: ":") else { return }
    let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    response.headers[text[..<colon].lowercased()] = String(value.reversed().drop(while: \.isWhitespace).reversed())
  }
}
