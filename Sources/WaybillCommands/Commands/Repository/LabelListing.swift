import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillNative
import WaybillSyntax

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
        context.output.write(
          SampleText.lines(of: sample, labels, Hash64.hash(UnsafeRawBufferPointer(rebasing: mapped.bytes[line]))))
      }
    }
    return .done
  }
}
