import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Reads every record of a dataset and lists what is wrong with it.
///
/// Samples that share a key are reported as `dataset.duplicate-key`, with both places.
public struct Validation {
  private let request: ScanRequest
  private let registry: FormatRegistry
  /// Called now and then with the samples done and their total.
  public var progress: ((Int, Int) -> Void)?

  /// A check of an input.
  public init(_ request: ScanRequest, registry: FormatRegistry) {
    self.request = request
    self.registry = registry
  }

  private final class Tally: ScanTally {
    var samples = 0
    var unreadable = 0
    var keys: [(hash: UInt64, position: Int)] = []

    func note(_ sample: Sample?, at position: Int) {
      guard let sample else {
        unreadable += 1
        return
      }
      samples += 1
      keys.append((DuplicateKeys.hash(sample.key), position))
    }
  }

  /// Surveys the input and decodes every sample.
  ///
  /// An input that cannot be read to its end because it is invalid is a result, with a last problem `dataset.unreadable`.
  ///
  /// - Throws: ``ScanFailure`` when nothing can be said about the input: it is not there, or of no known format.
  public func run() throws(ScanFailure) -> ValidationReport {
    let context = ReadContext(sources: SourceMap(), urlMap: request.urlMap, limitPerRule: request.limitPerRule)
    var report: ValidationReport?
    do throws(DatasetError) {
      let (input, choice) = try DatasetScan.choose(request, registry)
      var checked = ValidationReport(
        path: input.path, format: choice.format.descriptor, samples: 0, unreadable: 0,
        diagnostics: DiagnosticList(limitPerRule: request.limitPerRule), sources: context.sources)
      defer { report = checked }
      try check(input, choice, context, &checked)
      return checked
    } catch {
      if var report, error.code == .invalidInput {
        report.add(error)
        return report
      }
      throw ScanFailure(error: error, diagnostics: report?.diagnostics ?? context.diagnostics, sources: context.sources)
    }
  }

  private func check(
    _ input: DatasetInput, _ choice: FormatChoice, _ context: ReadContext, _ report: inout ValidationReport
  ) throws(DatasetError) {
    let dataset: Dataset
    do throws(DatasetError) {
      dataset = try Dataset.open(input, as: choice, demand: Demand(), context: context)
    } catch {
      report.diagnostics.append(context.diagnostics)
      throw error
    }
    report.diagnostics.append(dataset.surveyDiagnostics)
    var duplicates = DuplicateKeyReport(dataset: dataset)
    try DatasetScan(dataset: dataset, request: request).run(make: { Tally() }, progress: progress) {
      (tally, found) throws(DatasetError) in
      report.samples += tally.samples
      report.unreadable += tally.unreadable
      report.diagnostics.append(found)
      for key in tally.keys { try duplicates.note(key.hash, at: key.position, &report.diagnostics) }
    }
  }
}

/// What is wrong with a dataset.
public struct ValidationReport: Sendable {
  /// The path it was read from.
  public var path: String
  /// The format it was read as.
  public var format: FormatDescriptor
  /// Samples that could be read.
  public var samples: Int
  /// Records that could not be read.
  public var unreadable: Int
  /// The problems, in the order of the input.
  public var diagnostics: DiagnosticList
  /// The files read.
  public var sources: SourceMap

  /// Whether nothing makes the dataset invalid.
  public var isValid: Bool { !diagnostics.hasErrors }

  /// Notes that the input could not be read to its end.
  mutating func add(_ error: DatasetError) {
    let place = error.path.map { $0 == path ? "" : "\(terminalSafe($0)): " } ?? ""
    diagnostics.report(.error, "dataset.unreadable", place + error.message, at: error.range)
  }

  /// The report as one JSON object and a line feed; `rules` counts also the problems that are not listed.
  public func json() -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    out.append("{\"format\":")
    out.appendJSON(format.id.name)
    out.append(",\"path\":")
    out.appendJSON(path)
    for (name, value) in [
      ("samples", samples), ("unreadable", unreadable), ("errors", diagnostics.count(of: .error)),
      ("warnings", diagnostics.count(of: .warning)), ("notes", diagnostics.count(of: .note)),
    ] {
      out.append(",")
      out.appendJSON(name)
      out.append(":")
      out.append(decimal: value)
    }
    out.append(",\"rules\":[")
    for (index, entry) in diagnostics.counts.enumerated() {
      if index > 0 { out.append(",") }
      out.append("{\"rule\":")
      out.appendJSON(entry.rule)
      out.append(",\"severity\":")
      out.appendJSON(entry.severity.word)
      out.append(",\"count\":")
      out.append(decimal: entry.count)
      out.append("}")
    }
    out.append("],\"diagnostics\":")
    var places = PlaceFinder(sources)
    diagnostics.appendJSON(to: &out, &places)
    out.append("}\n")
    return out.array()
  }
}
