import Glibc
import WaybillBytes

/// Standard output or standard error: a small buffer before a descriptor, or memory in tests.
public final class OutputChannel {
  private static let bufferSize = 1 << 16
  private let descriptor: Int32?
  private var buffer = ByteBuffer(capacity: 4096)
  /// Whether a person is watching.
  public let isTerminal: Bool
  /// Whether colours are wanted: on a terminal, unless `NO_COLOR` is set or the terminal is dumb.
  public let usesColor: Bool
  /// The error number of the first write that failed; what is written after it is dropped.
  public private(set) var failure: Int32?

  /// A channel to a descriptor.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    usesColor =
      isTerminal && OutputChannel.environment("NO_COLOR").isEmpty && OutputChannel.environment("TERM") != "dumb"
  }

  /// A channel that keeps what is written, for tests and for tools around the commands.
  public init(isTerminal: Bool = false, usesColor: Bool = false) {
    descriptor = nil
    self.isTerminal = isTerminal
    self.usesColor = usesColor
  }

  /// What a channel in memory has been given.
  public var text: String { buffer.string() }

  /// Appends text.
  public func write(_ text: String) {
    buffer.append(text)
    if descriptor != nil && buffer.count >= OutputChannel.bufferSize { flush() }
  }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    // Piece by piece, so that a large file is never there twice.
    var rest = bytes
    while rest.count > 0 {
      write(Array(rest.prefix(1 << 20)))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(1 << 20))
    }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) {
    buffer.append(bytes)
    if descriptor != nil && buffer.count >= OutputChannel.bufferSize { flush() }
  }

  /// Hands everything on to the descriptor.
  public func flush() {
    guard let descriptor else { return }
    var rest = buffer.bytes[...]
    while !rest.isEmpty && failure == nil {
      let slice = UnsafeRawBufferPointer(rebasing: rest)
      let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0 && errno == EAGAIN {
        // A terminal or pipe that someone made non-blocking.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, 1000)
      } else if count < 0 && errno != EINTR {
        failure = errno
      }
    }
    buffer.removeAll()
  }

  private static func environment(_ name: String) -> String {
    guard let value = getenv(name) else { return "" }
    return String(cString: value)
  }
}
