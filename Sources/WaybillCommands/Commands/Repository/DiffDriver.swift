import WaybillBytes
import WaybillComparison
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillNative
import WaybillSyntax

/// What git calls to show how a file of labels changed.
enum DiffDriver {
  /// Prints the changes of one file in words.
  ///
  /// - Parameter arguments: What git gives: path, old file, its id and mode, new file, its id and mode; the path alone for a file in conflict.
  static func run(_ arguments: [String], _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard let path = arguments.first else { throw .usage(.missingPositional(GitCommand.files)) }
    guard arguments.count >= 7 else {
      context.output.write("* \(terminalSafe(path)) is in conflict\n")
      return .done
    }
    context.output.write("labels \(terminalSafe(path))\n")
    let scratch = try CommandFailure.wrap { () throws(DatasetError) in try ScratchFolder() }
    let (old, new) = try CommandFailure.wrap { () throws(DatasetError) in
      (
        try LabelFile.readable(arguments[1], named: path, as: "old", in: scratch),
        try LabelFile.readable(arguments[4], named: path, as: "new", in: scratch)
      )
    }
    let native = try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
    let text = ChangeText(channel: context.output)
    let request = ComparisonRequest(old: old, new: new, oldFormat: native, newFormat: native)
    do throws(ComparisonFailure) {
      let report = try DatasetComparison(request, registry: context.registry).run { event in
        switch event {
        case .begun(let report): context.output.write(text.lines(report.dataset))
        case .sample(let change): context.output.write(text.lines(change))
        }
      }
      for side in [report.old, report.new] {
        DiagnosticText(path: path, sources: side.sources).print(side.diagnostics, on: context.output, atLeast: .error)
      }
    } catch {
      throw .operation(error.error, error.sources)
    }
    return .done
  }
}

/// `waybill git textconv`: a file of labels as text for people, so that `git log -p` and `git show` can be read.
enum LabelListing {
  static func run(_ path: String, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    try CommandFailure.wrap { () throws(DatasetError) in
      let mapped = try MappedFile(path: path)
      let reading = ReadContext(sources: SourceMap())
      let labels = LabelTable()
      let records = NativeRecords(labels: labels, context: reading)
      let file = reading.sources.add(path)
      var lines = LineScanner(mapped.bytes)
      while let line = lines.next() {
        // What is no sample, such as settings or a conflict, is shown as it is, so that no change is hidden.
        guard case .sample = ManifestLine(mapped.bytes, line), let sample = records.sample(mapped.bytes, line, of: file) else {
          context.output.write(UnsafeRawBufferPointer(rebasing: mapped.bytes[line]))
          context.output.write("\n")
          continue
        }
        context.output.write(SampleText.lines(of: sample, labels, Hash64.hash(UnsafeRawBufferPointer(rebasing: mapped.bytes[line]))))
      }
    }
    return .done
  }
}

/// A sample in words, a line for itself and one for each annotation.
enum SampleText {
  /// - Parameter hash: A hash of the line, so that every change is seen, also of what is not told here.
  static func lines(of sample: Sample, _ labels: LabelTable, _ hash: UInt64) -> String {
    let digits = String(hash & 0xFFFF_FFFF | 1 << 32, radix: 16).dropFirst()
    var head = [terminalSafe(sample.key), "#\(digits)"]
    if let width = sample.media.width, let height = sample.media.height { head.append("\(width)x\(height)") }
    if let split = sample.split { head.append("split \(terminalSafe(split))") }
    if sample.hard?.isHard == true { head.append("hard") }
    if let text = sample.media.text { head.append("\"\(terminalSafe(text))\"") }
    for item in sample.attributes.items { head.append("\(terminalSafe(item.name))=\(terminalSafe("\(item.value)"))") }
    var text = head.joined(separator: "  ") + "\n"
    for annotation in sample.annotations { text += "  \(line(annotation, labels))\n" }
    return text
  }

  private static func line(_ annotation: Annotation, _ labels: LabelTable) -> String {
    var parts = [annotation.label.flatMap { labels[$0] }.map { terminalSafe($0.name) } ?? "unlabeled"]
    if let id = annotation.id { parts[0] += " \(PlaceText.id(id))" }
    if let place = PlaceText.of(annotation) { parts.append(place) }
    if let text = annotation.text { parts.append("\"\(terminalSafe(text))\"") }
    if let confidence = annotation.confidence { parts.append("confidence \(confidence)") }
    if annotation.flags.unconfirmed == true { parts.append("to be confirmed") }
    for item in annotation.attributes.items { parts.append("\(terminalSafe(item.name))=\(terminalSafe("\(item.value)"))") }
    if let author = annotation.author { parts.append("by \(terminalSafe(author))") }
    if let time = annotation.createdAt { parts.append("at \(time.text())") }
    return parts.joined(separator: "  ")
  }
}
