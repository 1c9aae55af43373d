import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Looks at every sample that a conversion writes, as it is written.
///
/// Workers note samples in tallies of their own, one for each batch, and the tallies come back in the order of the dataset: what is
/// made of them does not depend on the number of threads.
public protocol SampleObserver: AnyObject, Sendable {
  /// Called once, before the first sample, with the header as it is written; its label table may still grow.
  func begin(_ header: DatasetHeader) throws(DatasetError)

  /// An empty tally; called on worker threads.
  func makeTally() -> any SampleTally

  /// Takes the tally of the next batch; called on the thread of the conversion.
  func take(_ tally: any SampleTally) throws(DatasetError)
}

/// What one worker notes about one batch of samples.
public protocol SampleTally: AnyObject {
  /// Notes a sample after it was encoded; problems go to the context.
  func note(_ sample: borrowing Sample, _ context: EncodeContext) throws(DatasetError)
}

/// What a conversion does to samples on their way, and who looks at them.
struct SampleStations: Sendable {
  var splits: SplitChoice?
  var dropsHardMarks = false
  var observer: (any SampleObserver)?

  /// Changes a sample as the request asks.
  func revise(_ sample: inout Sample, at position: Int) {
    splits?.apply(to: &sample, at: position)
    if dropsHardMarks { sample.removeHardMarks() }
  }
}

extension Sample {
  /// Removes the marks of hard examples from the sample and its annotations.
  mutating func removeHardMarks() {
    hard = nil
    for index in annotations.indices where annotations[index].features.contains(.hard) { annotations[index].hard = nil }
  }
}
