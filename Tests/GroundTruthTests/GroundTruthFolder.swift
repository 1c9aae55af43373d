import Foundation
import TestSupport
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillGroundTruth

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map(\.rule) }
  var keys: [String] { samples.map(\.key) }
  var names: [String] { header.labels.labels.map(\.name) }

  /// The names of the labels of a sample's annotations.
  func labels(_ position: Int) -> [String?] {
    samples[position].annotations.map { $0.label.flatMap { header.labels[$0]?.name } }
  }
}

/// Reads a file or a folder.
func read(_ path: String, _ options: [(String, String)] = []) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: GroundTruthFormat.descriptor.readOptions, format: "groundtruth")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(Demand(labels: true), context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    return ReadDataset(header: index.header, samples: samples, diagnostics: context.diagnostics)
  }
  return try whole(try GroundTruthFormat.makeReader(DatasetInput(path: path), checked))
}

/// Reads the lines of a manifest.
func read(lines: String..., options: [(String, String)] = []) throws -> ReadDataset {
  let folder = try TemporaryFolder()
  let path = folder.file("a.manifest")
  try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
  return try read(path, options)
}

/// What writing reported.
struct Written {
  var diagnostics: DiagnosticList
  var losses: [EncodingLoss]
  var rules: [String] { diagnostics.items.map(\.rule) }
}

/// Writes samples, past the auditor.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], batchSize: Int = 2
) throws -> Written {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: GroundTruthFormat.descriptor.writeOptions, format: "groundtruth")
  let isFile = GroundTruthFormat.descriptor.isFile(path)
  let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try GroundTruthFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header,
    WriteContext(
      output: output, fileName: isFile ? FileName.basename(of: path) : nil, outputName: "out", sourceFormat: "groundtruth"))
  let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
  var losses: [EncodingLoss] = []
  var position = 0
  while position < samples.count {
    var batch = EncodedBatch()
    for index in position..<min(position + batchSize, samples.count) {
      try encoder.encode(samples[index], at: index, into: &batch, context)
      losses += context.losses
      context.losses = []
    }
    try writer.write(batch)
    position += batchSize
  }
  try writer.finish()
  try output.commit()
  return Written(diagnostics: context.diagnostics, losses: losses)
}

/// The text of a file.
func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }

/// Writes samples as a manifest, and returns its text.
func manifest(_ header: DatasetHeader, _ samples: [Sample], _ options: [(String, String)] = []) throws -> String {
  let folder = try TemporaryFolder()
  let path = folder.file("out.manifest")
  try write(header, samples, to: path, options)
  return try text(path)
}

/// A header with labels.
func header(_ labels: String...) -> DatasetHeader {
  DatasetHeader(labels: LabelTable(labels.map { Label(name: $0) }), labelsAreComplete: true)
}
