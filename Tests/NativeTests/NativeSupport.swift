import TestSupport
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillNative

/// What reading an input gave.
struct Reading {
  var header: DatasetHeader
  var samples: [Sample]
  var splits: [String]
  var diagnostics: DiagnosticList
  var sources: SourceMap

  /// The rules reported, in order.
  var rules: [String] { diagnostics.items.map(\.rule) }

  /// The names of the labels of a sample's annotations.
  func labels(of sample: Int) -> [String?] { samples[sample].annotations.map { $0.label.flatMap { header.labels[$0]?.name } } }
}

/// A descriptor-made set of no options.
func noOptions() throws -> FormatOptions { try FormatOptions([], declared: [], format: "waybill") }

/// Reads a file or a folder.
func read(path: String, _ demand: Demand = Demand(), limitPerRule: Int = 20) throws -> Reading {
  try read(try NativeFormat.makeReader(try DatasetInput(path: path), noOptions()), demand, limitPerRule)
}

private func read(_ reader: some FormatReader, _ demand: Demand, _ limitPerRule: Int) throws -> Reading {
  let context = ReadContext(sources: SourceMap(), limitPerRule: limitPerRule)
  let index = try reader.survey(demand, context)
  var samples: [Sample] = []
  for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
  return Reading(
    header: index.header, samples: samples, splits: index.splits, diagnostics: context.diagnostics, sources: context.sources)
}

/// Reads a manifest given as bytes.
func read(_ bytes: [UInt8], _ demand: Demand = Demand()) throws -> Reading {
  let folder = try TemporaryFolder()
  return try read(path: try folder.write("a.waybill.jsonl", bytes), demand)
}

/// Reads a manifest given as text.
func read(_ text: String, _ demand: Demand = Demand()) throws -> Reading { try read(Array(text.utf8), demand) }

/// What writing gave.
struct Writing {
  var bytes: [UInt8]
  var diagnostics: DiagnosticList
  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// The lines after the header.
  var lines: [Substring] { text.split(separator: "\n").dropFirst().map { $0 } }
}

/// Writes samples as one manifest, in batches of a size.
func write(_ header: DatasetHeader, _ samples: [Sample], batch size: Int = 7) throws -> Writing {
  let folder = try TemporaryFolder()
  let output = try StagedOutput(target: folder.file("out.jsonl"), kind: .file, overwrite: false)
  let diagnostics = try write(
    header, samples, to: output, fileName: "out.jsonl", mediaMode: .none, media: MediaResolver(), batch: size)
  return Writing(bytes: try bytes(of: folder.file("out.jsonl")), diagnostics: diagnostics)
}

/// Writes samples to an output and commits it.
func write(
  _ header: DatasetHeader, _ samples: [Sample], to output: StagedOutput, fileName: String?, mediaMode: MediaMode,
  media: MediaResolver,
  batch size: Int = 7
) throws -> DiagnosticList {
  let writer = try NativeFormat.makeWriter(noOptions())
  let encoder = try writer.begin(
    header, WriteContext(output: output, fileName: fileName, outputName: "out", mediaMode: mediaMode, sourceFormat: "waybill"))
  let context = EncodeContext(labels: LabelCache(header.labels), media: media, output: output, mediaMode: mediaMode)
  var batch = EncodedBatch()
  for (position, sample) in samples.enumerated() {
    try encoder.encode(sample, at: position, into: &batch, context)
    if position % size == size - 1 {
      try writer.write(batch)
      batch.bytes.removeAll()
    }
  }
  try writer.write(batch)
  try writer.finish()
  try output.commit()
  return context.diagnostics
}

/// A line of a sample with one annotation.
func line(_ annotation: String) -> String { #"{"key":"a","image":{},"annotations":["# + annotation + "]}\n" }
