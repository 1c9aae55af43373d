import WaybillConversion
import WaybillDiagnostics

/// What a conversion tells the person who started it: how much was written, what was lost, what was wrong.
struct ConversionSummary {
  let request: ConversionRequest
  let report: ConversionReport

  /// Prints the summary; only errors when quiet, and only problems when the conversion failed, for its error follows.
  func print(on channel: OutputChannel, isQuiet: Bool, hasFailed: Bool) {
    if !isQuiet && !hasFailed {
      channel.write(text)
      channel.write(LossText.table(report))
    }
    DiagnosticText(path: request.input, sources: report.sources)
      .print(report.diagnostics, on: channel, atLeast: isQuiet ? .error : .note)
  }

  private var text: String {
    let ledger = report.ledger
    let annotations = ledger.annotations.written + ledger.annotations.approximated
    let amount = "\(counted(ledger.samples.written, "sample")) and \(counted(annotations, "annotation"))"
    let target = terminalSafe(request.output)
    var text =
      request.dryRun
      ? "\(amount) would be written to \(target); this was a dry run and nothing was written\n"
      : "\(amount) written to \(target)\n"
    if ledger.samples.dropped > 0 || ledger.annotations.dropped > 0 {
      text +=
        "\(counted(ledger.samples.dropped, "sample")) and \(counted(ledger.annotations.dropped, "annotation")) left out as a whole, "
      text += "for the format \(report.to) has no place for them\n"
    }
    if ledger.filteredSamples > 0 || ledger.filteredAnnotations > 0 {
      text += "\(counted(ledger.filteredSamples, "sample")) and \(counted(ledger.filteredAnnotations, "annotation")) left out by "
      text += filters.joined(separator: " and ") + "\n"
    }
    if ledger.skippedSamples > 0 { text += "\(counted(ledger.skippedSamples, "record")) left out by --skip-invalid\n" }
    return text
  }

  private var filters: [String] {
    var filters: [String] = []
    if request.split != nil { filters.append(ConvertCommand.split.spelling) }
    if request.filter != nil { filters.append(InputOptions.filter.spelling) }
    if request.keepLabels != nil { filters.append(ConvertCommand.keepLabels.spelling) }
    if !request.keys.isEmpty { filters.append(CheckoutCommand.keys.spelling) }
    switch request.subset?.size {
    case .count: filters.append(SampleCommand.count.spelling)
    case .share: filters.append(SampleCommand.share.spelling)
    case nil: break
    }
    return filters
  }
}
