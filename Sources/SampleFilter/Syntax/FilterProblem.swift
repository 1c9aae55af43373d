import WaybillDiagnostics

/// What is wrong with a filter, and where.
struct FilterProblem: Error {
  /// Position in the text, counted in Unicode scalars from 0.
  var position: Int
  /// What is wrong and what was expected, without a full stop.
  var message: String

  /// A problem at a position.
  init(at position: Int, _ message: String) {
    self.position = position
    self.message = message
  }

  /// The problem as users see it.
  var error: DatasetError { DatasetError(.usage, "The filter is wrong at column \(position + 1): \(message)") }
}
