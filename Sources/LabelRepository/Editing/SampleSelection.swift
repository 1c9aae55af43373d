import WaybillSampleFilter

/// Which samples of a repository something is done with: those of some keys, or those a filter takes.
public enum SampleSelection: Sendable {
  /// Samples by their keys; one that is missing is an error.
  case keys([String])
  /// Samples by a filter.
  case filter(SampleFilter)
  /// All samples.
  case all
}
