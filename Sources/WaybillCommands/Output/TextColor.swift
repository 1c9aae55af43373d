import WaybillDiagnostics

/// The few colours the tool prints.
enum TextColor: String {
  case red = "31"
  case green = "32"
  case yellow = "33"
  case cyan = "36"

  /// A word in the colour, or as it is on channels without colours.
  func paint(_ word: String, on channel: OutputChannel) -> String {
    channel.usesColor ? "\u{1B}[1;\(rawValue)m\(word)\u{1B}[0m" : word
  }
}

extension Diagnostic.Severity {
  /// The colour of the word.
  var color: TextColor {
    switch self {
    case .note: .cyan
    case .warning: .yellow
    case .error: .red
    }
  }
}
