import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillCoNLL

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map(\.rule) }
  var keys: [String] { samples.map(\.key) }
  var texts: [String] { samples.map { $0.media.text ?? "-" } }
  var names: [String] { header.labels.labels.map(\.name) }

  /// The entities of a sample as `label text`, their text taken from the sample.
  func entities(_ position: Int) -> [String] {
    let sample = samples[position]
    let scalars = Array((sample.media.text ?? "").unicodeScalars)
    return sample.annotations.map { annotation in
      let label = annotation.label.flatMap { header.labels[$0]?.name } ?? "-"
      guard let span = annotation.span, span.unit == .scalars, span.end <= scalars.count else { return "\(label) ?" }
      return label + " " + String(String.UnicodeScalarView(scalars[span.start..<span.end]))
    }
  }

  /// What was kept of a sample.
  func kept(_ position: Int) -> String { String(decoding: samples[position].preserved["conll"], as: UTF8.self) }
}

/// Decodes all samples into one place, forward and back: nothing of a sample may stay in the next, nor change where somebody keeps it.
private func expectTheSameInOnePlace<R: FormatReader>(_ samples: [Sample], _ reader: R, _ index: R.Index) throws {
  for order in [Array(0..<index.count), (0..<index.count).reversed()] {
    for keepsAll in [true, false] {
      let context = ReadContext(sources: SourceMap())
      var place = Sample(key: "", media: Media(.text))
      var found: [Sample] = []
      var rows: [[[String]]?] = []
      for position in order where try reader.decode(position, in: index, into: &place, context) {
        if keepsAll { found.append(place) }
        rows.append(place.tokens.map { tokens in (0..<tokens.count).map(tokens.row) })
      }
      let expected = order.first == 0 ? samples : samples.reversed()
      if keepsAll { #expect(found == expected) }
      #expect(rows == expected.map { sample in sample.tokens.map { tokens in (0..<tokens.count).map(tokens.row) } })
    }
  }
}

func read(_ path: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: CoNLLFormat.descriptor.readOptions, format: "conll")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    try expectTheSameInOnePlace(samples, reader, index)
    return ReadDataset(header: index.header, samples: samples, diagnostics: context.diagnostics)
  }
  return try whole(try CoNLLFormat.makeReader(DatasetInput(path: path), checked))
}

/// Reads a file of some lines.
func read(text: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let folder = try TemporaryFolder()
  return try read(try folder.write("a.conll", text), options, demand: demand)
}

/// What was written, and what was said about it.
struct Written {
  var text: String
  var diagnostics: DiagnosticList
  var losses: [EncodingLoss]

  var rules: [String] { diagnostics.items.map(\.rule) }
}

/// Writes samples to a file, past the auditor.
func write(
  _ header: DatasetHeader, _ samples: [Sample], _ options: [(String, String)] = [], batchSize: Int = 2, positions: [Int]? = nil
) throws -> Written {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: CoNLLFormat.descriptor.writeOptions, format: "conll")
  let folder = try TemporaryFolder()
  let path = folder.file("out.conll")
  let output = try StagedOutput(target: path, kind: .file, overwrite: false)
  let writer = try CoNLLFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header, WriteContext(output: output, fileName: "out.conll", outputName: "out", sourceFormat: "conll"))
  let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
  var position = 0
  while position < samples.count {
    var batch = EncodedBatch()
    for index in position..<min(position + batchSize, samples.count) {
      try encoder.encode(samples[index], at: positions?[index] ?? index, into: &batch, context)
    }
    try writer.write(batch)
    position += batchSize
  }
  try writer.finish()
  try output.commit()
  return Written(
    text: String(decoding: try bytes(of: path), as: UTF8.self), diagnostics: context.diagnostics, losses: context.losses)
}

/// What becomes of lines that are read and written again.
func rewrite(_ text: String, _ options: [(String, String)] = [], reading: [(String, String)] = []) throws -> Written {
  let data = try read(text: text, reading)
  return try write(data.header, data.samples, options)
}

/// A header with labels.
func header(_ names: String...) -> DatasetHeader {
  DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
}

/// A sample of a text with spans.
func sample(_ text: String, _ spans: [(UInt32?, Int, Int)] = [], key: String = "1", unit: TextSpan.Unit = .scalars) -> Sample {
  var sample = Sample(key: key, media: Media(.text, text: text))
  for (label, start, end) in spans {
    var annotation = Annotation(label: label.map { LabelID(index: $0) })
    annotation.span = TextSpan(start: start, end: end, unit: unit)
    sample.annotations.append(annotation)
  }
  return sample
}
