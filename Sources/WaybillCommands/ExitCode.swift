import WaybillDiagnostics

/// What the process tells its caller.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Done.
  case done = 0
  /// The operation failed.
  case failed = 1
  /// Wrong usage.
  case usage = 2
  /// The input is invalid.
  case invalidInput = 3
  /// Refused.
  case refused = 4
  /// Interrupted.
  case interrupted = 130

  /// The code for what stopped an operation.
  public init(_ code: DatasetError.Code) {
    switch code {
    case .usage, .ambiguous: self = .usage
    case .invalidInput, .corrupt: self = .invalidInput
    case .wouldLoseLabels, .outputExists, .conflict: self = .refused
    case .interrupted: self = .interrupted
    default: self = .failed
    }
  }

  /// What it means, as help shows it.
  var meaning: String {
    switch self {
    case .done: "Done"
    case .failed: "The operation failed"
    case .usage: "Wrong usage, or an option must say what is meant"
    case .invalidInput: "The input is invalid; each place is named file:line:column"
    case .refused: "Refused: labels would be lost, the output exists, or someone else changed it"
    case .interrupted: "Interrupted; nothing half-written remains"
    }
  }
}
