import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// A filter of samples, as the language of `--where` writes it; `Documentation/Filters.md` describes it.
///
/// ```swift
/// let filter = try SampleFilter("label = car and split = train and not hard")
/// let evaluator = FilterEvaluator(filter, labels: dataset.header.labels)
/// if evaluator.accepts(sample) { ... }
/// ```
public struct SampleFilter: Sendable, CustomStringConvertible {
  /// The filter as it was given.
  public let text: String
  /// The filter as it was understood.
  let expression: FilterExpression
  let condition: FilterCondition
  let programs: [PatternProgram]
  let labelTests: Int
  private let labelNames: [FilterLiteral]
  private let needsShapeSizes: Bool
  private let needsMediaSizes: Bool

  /// Reads a filter.
  ///
  /// - Throws: ``DatasetError`` with the code `usage`, which says what is wrong at which column and what was expected.
  public init(_ text: String) throws(DatasetError) {
    do throws(FilterProblem) {
      let expression = try FilterParser.parse(text)
      var compiler = FilterCompiler()
      condition = try compiler.condition(expression)
      self.text = text
      self.expression = expression
      programs = compiler.programs
      labelTests = compiler.labelTests
      labelNames = compiler.labelNames
      needsShapeSizes = compiler.needsShapeSizes
      needsMediaSizes = compiler.needsMediaSizes
    } catch {
      throw error.error
    }
  }

  /// The filter in one spelling: read again, it says the same.
  public var description: String { expression.description }

  /// Whether it fits a sample, whose labels are those of a table.
  ///
  /// Thread-safe. Loops use a ``FilterEvaluator`` for each worker, which keeps what it found out about labels and patterns.
  public func accepts(_ sample: borrowing Sample, labels: LabelTable, size: PixelSize? = nil) -> Bool {
    FilterEvaluator(self, labels: labels).accepts(sample, size: size)
  }

  /// Whether any sample may need its picture's size in pixels, where the file gives none.
  public var needsMediaSize: Bool { needsShapeSizes || needsMediaSizes }

  /// Whether the answer for a sample depends on its picture's size in pixels, and its file does not give it.
  ///
  /// Whoever can find it out hands it to ``FilterEvaluator/accepts(_:size:)``; else what needs it is absent.
  public func needsSize(of sample: borrowing Sample) -> Bool {
    guard needsMediaSize, sample.media.width == nil || sample.media.height == nil else { return false }
    switch sample.media.kind {
    case .image, .video, .file: break
    case .text, .audio, .table: return false
    }
    if needsMediaSizes { return true }
    return sample.annotations.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return false }
      return all.indices.contains { (first + $0).isShareOfPicture }
    }
  }

  /// Names of labels it asks for that a table does not have, once each, in the order of the filter.
  ///
  /// The table must be complete, or whoever decoded every sample may ask.
  public func unknownLabels(in table: LabelTable) -> [String] {
    var names: [String] = []
    var seen: Set<ExactText> = []
    for literal in labelNames where table.id(named: literal.text) == nil {
      if seen.insert(ExactText(literal.text)).inserted { names.append(literal.text) }
    }
    return names
  }
}
