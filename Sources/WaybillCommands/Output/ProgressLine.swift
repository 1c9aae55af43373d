import Glibc

/// A line that says how far a long operation is, with its rate and the time left; only where a person is watching.
final class ProgressLine {
  private static let intervalSeconds = 0.1
  private static let delaySeconds = 0.3

  private let channel: OutputChannel
  private let verb: String
  private let noun: String
  private let now: () -> Double
  private let start: Double
  private var lastDrawn: Double
  private var isDrawn = false
  private var doneBytes = 0

  /// A line on a channel; nil when nobody is watching or nobody wants to be told.
  ///
  /// - Parameter noun: What is counted, such as `samples` or `MB`.
  init?(
    _ verb: String, of noun: String = "samples", on channel: OutputChannel, isQuiet: Bool,
    now: @escaping () -> Double = ProgressLine.monotonicSeconds
  ) {
    guard channel.isTerminal, !isQuiet else { return nil }
    self.channel = channel
    self.verb = verb
    self.noun = noun
    self.now = now
    start = now()
    // Short operations show nothing.
    lastDrawn = start + ProgressLine.delaySeconds - ProgressLine.intervalSeconds
  }

  /// Adds bytes that were done since the last call, and shows the sum in MB.
  func add(bytes: Int, of total: Int) {
    doneBytes += bytes
    show(doneBytes / 1_000_000, of: total / 1_000_000)
  }

  /// Shows how many samples are done, at most ten times a second.
  func show(_ done: Int, of total: Int) {
    let time = now()
    guard time - lastDrawn >= ProgressLine.intervalSeconds else { return }
    lastDrawn = time
    isDrawn = true
    channel.write("\r\u{1B}[K" + text(done, total, time - start))
    channel.flush()
  }

  /// Takes the line away, so that what follows starts on a clean one.
  func clear() {
    guard isDrawn else { return }
    isDrawn = false
    channel.write("\r\u{1B}[K")
    channel.flush()
  }

  private func text(_ done: Int, _ total: Int, _ seconds: Double) -> String {
    let percent = total > 0 ? Int(Double(done) / Double(total) * 100) : 100
    var text = "\(verb) \(grouped(done)) of \(grouped(total)) \(noun) (\(percent) %)"
    guard seconds > 0, done > 0 else { return text }
    let rate = Double(done) / seconds
    text += ", \(grouped(Int(rate)))/s"
    if done < total { text += ", \(duration(Double(total - done) / rate)) left" }
    return text
  }

  private func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 359_999).rounded(.up))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }

  private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// A number with a comma between each three digits.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)[...]
  var groups: [Substring] = []
  while digits.count > 3 {
    groups.append(digits.suffix(3))
    digits = digits.dropLast(3)
  }
  groups.append(digits)
  return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
}
