import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillMOT

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var splits: [String]
  var mediaFolders: [String]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map(\.rule) }
  var keys: [String] { samples.map(\.key) }
  var names: [String] { header.labels.labels.map(\.name) }
  var boxes: [[Box?]] { samples.map { $0.annotations.map(\.box) } }
}

/// Decodes all samples into one place, forward and back: nothing of a sample may stay in the next.
private func expectTheSameInOnePlace<R: FormatReader>(_ samples: [Sample], _ reader: R, _ index: R.Index) throws {
  let context = ReadContext(sources: SourceMap())
  var place = Sample(key: "", media: Media(.image))
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

/// Reads a file or a folder.
func read(_ path: String, _ options: [(String, String)] = []) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: MOTFormat.descriptor.readOptions, format: "mot")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(Demand(labels: true), context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    try expectTheSameInOnePlace(samples, reader, index)
    return ReadDataset(
      header: index.header, samples: samples, splits: index.splits, mediaFolders: index.mediaFolders,
      diagnostics: context.diagnostics)
  }
  return try whole(try MOTFormat.makeReader(DatasetInput(path: path), checked))
}

/// Reads rows given as text.
func read(rows: String, options: [(String, String)] = []) throws -> ReadDataset {
  let folder = try TemporaryFolder()
  return try read(try folder.write("SEQ/gt/gt.txt", rows), options)
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
  _ header: DatasetHeader, _ samples: [Sample], to path: String, mediaFolders: [String] = [], mediaMode: MediaMode = .none,
  batchSize: Int = 2
) throws -> Written {
  let checked = try FormatOptions([], declared: MOTFormat.descriptor.writeOptions, format: "mot")
  let isFile = MOTFormat.descriptor.isFile(path)
  let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try MOTFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header,
    WriteContext(
      output: output, fileName: isFile ? FileName.basename(of: path) : nil, outputName: "out", mediaMode: mediaMode,
      sourceFormat: "mot"))
  let context = EncodeContext(
    labels: LabelCache(header.labels), media: MediaResolver(folders: mediaFolders), output: output, mediaMode: mediaMode)
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
func text(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

/// Rows read and written again as one file.
func again(_ rows: String, options: [(String, String)] = []) throws -> String {
  let data = try read(rows: rows, options: options)
  let folder = try TemporaryFolder()
  try write(data.header, data.samples, to: folder.file("o.txt"))
  return try text(folder.file("o.txt"))
}

/// A header with labels.
func header(_ labels: Label...) -> DatasetHeader { DatasetHeader(labels: LabelTable(labels), labelsAreComplete: true) }

/// A picture with boxes.
func picture(_ key: String, number: Int? = nil, _ annotations: Annotation...) -> Sample {
  var sample = Sample(key: key, media: Media(.image, location: key))
  if let number { sample.media.frame = FrameOrigin(number: number) }
  sample.annotations = annotations
  return sample
}

/// A box of a label.
func box(_ label: UInt32?, _ x: Double = 1, track: RecordID? = nil) -> Annotation {
  var annotation = Annotation(label: label.map { LabelID(index: $0) }, box: Box(x, 2, 3, 4, form: .extent))
  if let track { annotation.track = track }
  return annotation
}
