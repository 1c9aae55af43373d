import Foundation
import TestSupport
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillTextGrid

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: DiagnosticList
  /// Line and column of each problem.
  var places: [String]

  var rules: [String] { diagnostics.items.map(\.rule) }
  var keys: [String] { samples.map(\.key) }
  var names: [String] { header.labels.labels.map(\.name) }
}

func read(_ path: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let descriptor = TextGridFormat.descriptor
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: descriptor.readOptions, format: descriptor.id)
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    var finder = PlaceFinder(context.sources)
    let places = context.diagnostics.items.map { item in
      let place = item.range.map { finder.place(of: $0) }
      return "\(place?.line ?? 0):\(place?.column ?? 0)"
    }
    return ReadDataset(header: index.header, samples: samples, diagnostics: context.diagnostics, places: places)
  }
  return try whole(try TextGridFormat.makeReader(DatasetInput(path: path), checked))
}

/// What a writing came to.
struct Written {
  var diagnostics: DiagnosticList
  var losses: [EncodingLoss]
  var rules: [String] { diagnostics.items.map(\.rule) }
}

/// Writes samples to a new folder, or to a file, past the auditor.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], isFile: Bool = false,
  media: MediaResolver = MediaResolver(), mediaMode: MediaMode = .none
) throws -> Written {
  let descriptor = TextGridFormat.descriptor
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: descriptor.writeOptions, format: descriptor.id)
  let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try TextGridFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header,
    WriteContext(
      output: output, fileName: isFile ? FileName.basename(of: path) : nil, outputName: "out", mediaMode: mediaMode,
      sourceFormat: descriptor.id))
  let context = EncodeContext(labels: LabelCache(header.labels), media: media, output: output, mediaMode: mediaMode)
  var losses: [EncodingLoss] = []
  for (position, sample) in samples.enumerated() {
    var batch = EncodedBatch()
    context.losses = []
    try encoder.encode(sample, at: position, into: &batch, context)
    losses += context.losses
    try writer.write(batch)
  }
  try writer.finish()
  try output.commit()
  return Written(diagnostics: context.diagnostics, losses: losses)
}

/// A recording.
func recording(_ key: String, _ annotations: [Annotation] = [], duration: MediaTime? = nil) -> Sample {
  var sample = Sample(key: key, media: Media(.audio, location: key))
  sample.annotations = annotations
  sample.media.duration = duration
  return sample
}

/// An interval, of a label or none, with a text or none.
func interval(_ start: MediaTime, _ end: MediaTime, _ label: UInt32? = nil, _ text: String? = nil) -> Annotation {
  var annotation = Annotation(label: label.map { LabelID(index: $0) })
  annotation.time = .interval(start: start, end: end)
  annotation.text = text
  return annotation
}

/// A point.
func point(_ time: MediaTime, _ label: UInt32? = nil, _ text: String? = nil) -> Annotation {
  var annotation = Annotation(label: label.map { LabelID(index: $0) })
  annotation.time = .instant(time)
  annotation.text = text
  return annotation
}

/// A header with labels.
func header(_ names: String...) -> DatasetHeader {
  DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
}

/// A file as text.
func text(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }
