import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// Prints the text of one sample; one for each worker, kept from sample to sample.
public protocol RecordingPrinter: AnyObject {
  /// What the last printing was made of, in UTF-8 without a mark.
  var text: UnsafeRawBufferPointer { get }

  /// Prints a sample; what cannot be written goes to the context.
  func print(_ sample: Sample, _ context: EncodeContext)
}

/// Writes a folder of text files, one for each sample, or the one file of a dataset of one sample.
public final class RecordingWriter: FormatWriter {
  private let format: RecordingFormat
  private let encoding: TextEncoding?
  private let make: @Sendable () -> any RecordingPrinter
  private var single: OutputFile?
  private var count = 0

  /// Nothing needs to be known early.
  public let demand = Demand()

  /// A writer.
  ///
  /// - Parameters:
  ///   - encoding: The encoding of all files; nil for that in which each was read.
  ///   - make: Makes the printer of a worker.
  public init(_ format: RecordingFormat, encoding: TextEncoding?, _ make: @escaping @Sendable () -> any RecordingPrinter) {
    self.format = format
    self.encoding = encoding
    self.make = make
  }

  /// Opens the one file, if there is only one.
  public func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    if let name = context.fileName { single = try context.output.openFile(name) }
    return RecordingEncoder(format: format, encoding: encoding, isSingle: single != nil, make: make)
  }

  /// Writes the one file; those of a folder have been written.
  public func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let single else { return }
    for record in batch.records {
      count += 1
      guard count == 1 else {
        throw DatasetError(.usage, "\(format.noun) describes one recording, and the dataset has more; name a folder as output")
      }
      try single.append(UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[record.range]))
    }
  }

  /// Ends the one file.
  public func finish() throws(DatasetError) {
    guard let single else { return }
    guard count == 1 else {
      throw DatasetError(.usage, "\(format.noun) describes one recording, and the dataset has none; name a folder as output")
    }
    try single.close()
  }
}

/// Writes the file of a sample.
struct RecordingEncoder: SampleEncoder {
  let format: RecordingFormat
  let encoding: TextEncoding?
  let isSingle: Bool
  let make: @Sendable () -> any RecordingPrinter

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let worker = context.scratch.thing(RecordingOutput.self) { [make] in RecordingOutput(make()) }
    let kept = PreservedReader(sample.preserved, format.id)
    guard let path = path(sample, kept, context) else { return }
    let start = batch.bytes.count
    worker.printer.print(sample, context)
    var encoding = self.encoding
    if encoding == nil, !sample.preserved.isEmpty { encoding = kept.string("encoding").flatMap(TextEncoding.init(named:)) }
    if isSingle {
      guard write(worker.printer.text, encoding ?? .utf8, sample, into: &batch.bytes, context) else { return }
      return batch.records.append(.init(kind: 0, range: start..<batch.bytes.count))
    }
    var bytes = worker.printer.text
    if let encoding, encoding != .utf8 {
      worker.bytes.removeAll()
      guard write(bytes, encoding, sample, into: &worker.bytes, context) else { return }
      bytes = worker.bytes.bytes
    }
    try context.output.writeFile(path, bytes)
    try placeMedia(of: sample, context)
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    let worker = context.scratch.thing(RecordingOutput.self) { [make] in RecordingOutput(make()) }
    worker.printer.print(sample, context)
  }

  /// Brings the media along; a key without an ending also means the file that has one.
  private func placeMedia(of sample: Sample, _ context: EncodeContext) throws(DatasetError) {
    guard context.mediaMode != .none, var place = try? RelativePath(sample.key).text else { return }
    var sample = sample
    let location = sample.media.location ?? sample.key
    sample.media.location = location
    if context.media.path(of: location) == nil,
      let ending = RecordingName.endings.first(where: { context.media.path(of: "\(location).\($0)") != nil })
    {
      sample.media.location = "\(location).\(ending)"
      place += ".\(ending)"
    }
    try context.placeMedia(of: sample, at: place)
  }

  private func path(_ sample: Sample, _ kept: PreservedReader, _ context: EncodeContext) -> String? {
    guard let stem = RecordingName(key: sample.key, kind: sample.media.kind).stem else {
      context.diagnostics.report(
        .error, "\(format.id).write.name", "The name \"\(terminalSafe(sample.key))\" cannot be that of a file below a folder",
        at: sample.source)
      return nil
    }
    if let location = sample.media.location, !location.utf8.elementsEqual(sample.key.utf8) {
      context.diagnostics.report(
        .warning, "\(format.id).write.location",
        "The place \"\(terminalSafe(location))\" of \"\(terminalSafe(sample.key))\" is not written: a file is known by its name",
        at: sample.source)
    }
    guard let ending = kept.string("ending"), format.isFile("x" + ending) else { return stem + format.ending }
    return stem + ending
  }

  private func write(
    _ text: UnsafeRawBufferPointer, _ encoding: TextEncoding, _ sample: Sample, into out: inout ByteBuffer, _ context: EncodeContext
  ) -> Bool {
    do throws(TextFault) { try encoding.encode(text, into: &out) } catch {
      context.diagnostics.report(
        .error, "\(format.id).write.encoding", "The text of \"\(terminalSafe(sample.key))\" cannot be written: \(error.message)",
        at: sample.source)
      return false
    }
    return true
  }
}

/// A worker's printer, and memory for text in other encodings.
private final class RecordingOutput {
  let printer: any RecordingPrinter
  var bytes = ByteBuffer(capacity: 4096)

  init(_ printer: any RecordingPrinter) { self.printer = printer }
}
