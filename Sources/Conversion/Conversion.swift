import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Converts a dataset and accounts for every annotation.
///
/// ```swift
/// let request = ConversionRequest(input: "val.json", output: "voc", to: try FormatRegistry.all.parse("pascal-voc"))
/// let report = try Conversion(request, registry: .all).run()
/// print(report.ledger.annotations.written, "annotations written")
/// ```
public struct Conversion {
  /// What stopped a conversion, with the report as far as it went.
  public struct Failure: Error {
    /// What went wrong.
    public var error: DatasetError
    /// The account and the problems so far.
    public var report: ConversionReport?
  }

  private let request: ConversionRequest
  private let registry: FormatRegistry
  /// Called now and then with the samples done and their total.
  public var progress: ((Int, Int) -> Void)?

  /// A conversion to run.
  public init(_ request: ConversionRequest, registry: FormatRegistry) {
    self.request = request
    self.registry = registry
  }

  /// Runs the conversion.
  ///
  /// Nothing becomes visible at the output path unless everything was written. Essential loss, invalid records and an existing
  /// output are refused unless the request allows them.
  ///
  /// - Throws: ``Failure``, whose error's code tells the refusals apart.
  public func run() throws(Failure) -> ConversionReport {
    var report: ConversionReport?
    do throws(DatasetError) {
      let writer = try request.to.format.makeWriter(try request.to.writeOptions())
      let dataset = try open(writer.demand, &report)
      var account = ConversionReport(
        from: dataset.format.descriptor.id, to: request.to.format.descriptor.id, sources: dataset.sources)
      account.diagnostics = dataset.surveyDiagnostics
      defer { report = account }
      try convert(dataset, writer, &account)
      return account
    } catch {
      throw Failure(error: error, report: report)
    }
  }

  /// Surveys the input; what it finds wrong is in the report even when it throws.
  private func open(_ demand: Demand, _ report: inout ConversionReport?) throws(DatasetError) -> Dataset {
    let input = try DatasetInput(path: request.input, in: request.files, media: request.mediaRoot, request.urlMap)
    let choice: FormatChoice
    if let from = request.from { choice = from } else { choice = try registry.detect(input) }
    let context = ReadContext(sources: SourceMap(), urlMap: request.urlMap)
    defer {
      report = ConversionReport(
        from: choice.format.descriptor.id, to: request.to.format.descriptor.id, sources: context.sources)
      report?.diagnostics = context.diagnostics
    }
    var demand = demand
    if request.labelsFile != nil || request.keepLabels != nil || request.subset?.isStratified == true
      || request.observer != nil
    {
      demand.labels = true
    }
    return try Dataset.open(input, as: choice, demand: demand, context: context)
  }

  private func convert(_ dataset: Dataset, _ writer: any FormatWriter, _ report: inout ConversionReport) throws(DatasetError) {
    let descriptor = request.to.format.descriptor
    let isFile = !request.isFolder && !request.writesArchive && descriptor.isFile(request.output)
    if isFile && request.media != .none {
      throw DatasetError(
        .usage,
        "--media \(request.media.rawValue) needs a folder or an archive as OUTPUT, and \"\(terminalSafe(request.output))\" names a file"
      )
    }
    if request.writesArchive && (request.media == .hardlink || request.media == .symlink) {
      throw DatasetError(
        .usage, "--media \(request.media.rawValue) cannot link into an archive; --media copy brings the media along")
    }
    try checkInputIsSafe(dataset)
    let auditor = Auditor(
      abilities: request.to.format.writes(try request.to.writeOptions(), isFile: isFile), sections: descriptor.sections,
      approximations: request.approximations, needs: descriptor.needs, writesOnePlace: descriptor.writesOnePlace)
    let listed: [String]?
    if let file = request.labelsFile { listed = try LabelSelection.names(inFile: file) } else { listed = nil }
    let selection = try LabelSelection(dataset.header, listed: listed, kept: request.keepLabels)
    var header = dataset.header
    if let selection { header.labels = selection.table }
    header = auditor.restrict(header, &report.ledger)

    let split = request.split.map(SplitName.canonical)
    let subset = try request.subset.map { (subset) throws(DatasetError) in
      try SubsetChoice(
        subset, dataset, split: split, filter: request.filter, media: mediaResolver(dataset), jobs: request.jobs, &report,
        progress: progress)
    }
    var stations = SampleStations(dropsHardMarks: request.dropsHardMarks, observer: request.observer)
    if request.splits != SplitAssignment() {
      stations.splits = try SplitChoice(
        request.splits, dataset, filter: request.filter, media: mediaResolver(dataset), jobs: request.jobs, progress: progress)
    }
    let kind: StagedOutput.Kind = request.writesArchive ? .archive : isFile ? .file : .folder
    let output = try StagedOutput(target: request.output, kind: kind, overwrite: request.overwrite)
    defer { output.abort() }
    let outputName = FileName.withoutExtension(FileName.basename(of: request.output))
    let encoder = try writer.begin(
      header,
      WriteContext(
        output: output, fileName: isFile ? FileName.basename(of: request.output) : nil, outputName: outputName,
        mediaMode: request.media, splits: stations.splits?.names(dataset.splits) ?? dataset.splits,
        sourceFormat: dataset.format.descriptor.id))
    try request.observer?.begin(header)
    let pipeline = Pipeline(
      dataset: dataset, encoder: encoder, auditor: auditor, selection: selection, split: split, subset: subset,
      stations: stations, labels: header.labels, media: mediaResolver(dataset), output: output, request: request)
    try pipeline.run(writer, &report, progress: progress)
    // A part may lack a label that the whole has.
    if request.shard == nil { request.filter?.reportUnknownLabels(in: dataset.header.labels, to: &report.diagnostics) }
    try checkPolicies(report)
    if request.dryRun { return }
    try writer.finish()
    try InterruptFlag.check()
    try output.commit()
    report.output = request.output
  }

  /// Refuses to replace a folder that is, or holds, what is read: its media and all else in it would be gone.
  private func checkInputIsSafe(_ dataset: Dataset) throws(DatasetError) {
    guard request.overwrite, let output = Self.replacedFolder(request.output) else { return }
    for path in [request.input, request.mediaRoot, request.labelsFile] + dataset.files.origins {
      guard let path, path != "-", let place = Self.realPath(path) else { continue }
      if place == output || place.hasPrefix(output == "/" ? output : output + "/") {
        throw DatasetError(
          .usage,
          "\"\(terminalSafe(path))\" is read, and replacing \"\(terminalSafe(request.output))\" would remove it; name another OUTPUT"
        )
      }
    }
  }

  /// The real path of a folder that an output replaces; nil when there is none.
  ///
  /// Of a link, only the link is replaced.
  private static func replacedFolder(_ output: String) -> String? {
    var path = output
    while path.utf8.count > 1, path.utf8.last == 0x2F { path.removeLast() }
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return realPath(path)
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func mediaResolver(_ dataset: Dataset) -> MediaResolver {
    MediaResolver(
      folders: (request.mediaRoot.map { [$0] } ?? []) + dataset.mediaFolders, urlMap: request.urlMap, files: dataset.files)
  }

  /// Refuses what the policy does not allow, in the order in which people want to hear it.
  private func checkPolicies(_ report: ConversionReport) throws(DatasetError) {
    // A part may hold no sample of the split; the whole dataset must.
    if let split = request.split, request.shard == nil, report.ledger.samples.read == 0, report.ledger.unchosenSamples == 0,
      report.ledger.unfitSamples == 0, report.ledger.filteredSamples > 0
    {
      let known = report.ledger.filteredSplits.sorted { $0.key < $1.key }.prefix(20).map {
        $0.key.isEmpty ? "\($0.value) without a split" : "\($0.value) in \(terminalSafe($0.key))"
      }
      throw DatasetError(
        .usage, "No sample is in the split \"\(terminalSafe(split))\"; there are \(known.joined(separator: ", "))")
    }
    let errors = report.diagnostics.count(atLeast: .error)
    if errors > 0 && !request.skipInvalid {
      throw DatasetError(
        .invalidInput,
        "\(errors) \(errors == 1 ? "problem makes" : "problems make") the input invalid; nothing was written (--skip-invalid leaves such records out)"
      )
    }
    if report.ledger.hasEssentialLoss && !request.allowLoss || request.strict && report.ledger.hasAnyLoss {
      throw DatasetError(.wouldLoseLabels, LossText.refusal(report, request))
    }
  }
}
