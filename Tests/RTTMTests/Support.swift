import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillRTTM

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map(\.rule) }
  var keys: [String] { samples.map(\.key) }
  func sample(_ key: String) -> Sample? { samples.first { $0.key == key } }
  func name(_ annotation: Annotation) -> String? { annotation.label.flatMap { header.labels[$0]?.name } }
}

/// Decodes all samples into one place, forward and back: nothing of a sample may stay in the next.
private func expectTheSameInOnePlace<R: FormatReader>(_ samples: [Sample], _ reader: R, _ index: R.Index) throws {
  let context = ReadContext(sources: SourceMap())
  var place = Sample(key: "", media: Media(.audio))
  var found: [Sample] = []
  for position in 0..<index.count where try reader.decode(position, in: index, into: &place, context) { found.append(place) }
  #expect(found == samples)
  // A copy that somebody keeps does not change with the place.
  found = []
  for position in (0..<index.count).reversed() where try reader.decode(position, in: index, into: &place, context) {
    found.append(place)
  }
  #expect(found == samples.reversed())
}

func read(_ path: String, demand: Demand = Demand()) throws -> ReadDataset {
  let options = try FormatOptions([], declared: RTTMFormat.descriptor.readOptions, format: "rttm")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    try expectTheSameInOnePlace(samples, reader, index)
    return ReadDataset(header: index.header, samples: samples, diagnostics: context.diagnostics)
  }
  return try whole(try RTTMFormat.makeReader(DatasetInput(path: path), options))
}

/// What a writer reported.
struct WriteReport {
  var diagnostics: DiagnosticList
  var losses: [EncodingLoss]
  var rules: [String] { diagnostics.items.map(\.rule) }
}

/// Writes samples to a new file or folder, past the auditor.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], batchSize: Int = 2
) throws -> WriteReport {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: RTTMFormat.descriptor.writeOptions, format: "rttm")
  let isFile = RTTMFormat.descriptor.isFile(path)
  let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try RTTMFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header,
    WriteContext(output: output, fileName: isFile ? FileName.basename(of: path) : nil, outputName: "out", sourceFormat: "rttm"))
  let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
  var position = 0
  while position < samples.count {
    var batch = EncodedBatch()
    for index in position..<min(position + batchSize, samples.count) {
      try encoder.encode(samples[index], at: index, into: &batch, context)
    }
    try writer.write(batch)
    position += batchSize
  }
  try writer.finish()
  try output.commit()
  let losses = context.losses
  context.losses = []
  for sample in samples { encoder.account(for: sample, context) }
  return WriteReport(diagnostics: context.diagnostics, losses: losses)
}

/// A recording.
func recording(_ key: String, _ annotations: [Annotation] = []) -> Sample {
  var sample = Sample(key: key, media: Media(.audio, location: key))
  sample.annotations = annotations
  return sample
}

/// A turn of a label.
func turn(_ label: UInt32?, _ start: MediaTime, _ end: MediaTime, text: String? = nil) -> Annotation {
  var annotation = Annotation(label: label.map { LabelID(index: $0) })
  annotation.time = .interval(start: start, end: end)
  annotation.text = text
  return annotation
}

/// A header with labels.
func header(_ names: String...) -> DatasetHeader {
  DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
}

/// A file as text.
func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }
