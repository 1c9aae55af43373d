import Foundation
import TestSupport
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var splits: [String]
  var mediaFolders: [String]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map { $0.rule.replacingOccurrences(of: "media-folder.", with: "") } }
  var keys: [String] { samples.map(\.key) }
  var labels: [String] { header.labels.labels.map(\.name) }
  func sample(_ key: String) -> Sample? { samples.first { $0.key == key } }
  /// The classes of a sample.
  func classes(_ key: String) -> [String]? {
    sample(key)?.annotations.compactMap { $0.label.flatMap { header.labels[$0]?.name } }
  }
  /// The captions of a sample.
  func texts(_ key: String) -> [String]? { sample(key)?.annotations.compactMap(\.text) }
  /// Offsets and lengths of what was reported by a rule.
  func places(_ rule: String) -> [[Int]] {
    diagnostics.items.filter { $0.rule == "media-folder." + rule }.map { [$0.range?.offset ?? -1, $0.range?.length ?? -1] }
  }
}

func read(_ path: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: MediaFolderFormat.descriptor.readOptions, format: "media-folder")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    return ReadDataset(
      header: index.header, samples: samples, splits: index.splits, mediaFolders: index.mediaFolders,
      diagnostics: context.diagnostics)
  }
  return try whole(try MediaFolderFormat.makeReader(DatasetInput(path: path), checked))
}

/// What a writer reported.
struct WriteReport {
  var diagnostics: DiagnosticList
  var losses: [Feature]
  var rules: [String] { diagnostics.items.map { $0.rule.replacingOccurrences(of: "media-folder.write.", with: "") } }
}

/// Writes samples to a new folder, past the auditor.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], media: String? = nil,
  mode: MediaMode? = nil, kind: StagedOutput.Kind = .folder, batchSize: Int = 2
) throws -> WriteReport {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: MediaFolderFormat.descriptor.writeOptions, format: "media-folder")
  let mode = mode ?? (media == nil ? .none : .copy)
  let output = try StagedOutput(target: path, kind: kind, overwrite: false)
  let writer = try MediaFolderFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header, WriteContext(output: output, fileName: nil, outputName: "out", mediaMode: mode, sourceFormat: "media-folder"))
  let context = EncodeContext(
    labels: LabelCache(header.labels), media: MediaResolver(folders: media.map { [$0] } ?? []), output: output, mediaMode: mode)
  var accounted: [Feature] = []
  var position = 0
  while position < samples.count {
    var batch = EncodedBatch()
    for index in position..<min(position + batchSize, samples.count) {
      encoder.account(for: samples[index], context)
      accounted += context.losses.map(\.feature)
      context.losses = []
      try encoder.encode(samples[index], at: index, into: &batch, context)
      context.losses = []
    }
    try writer.write(batch)
    position += batchSize
  }
  if context.diagnostics.hasErrors { return WriteReport(diagnostics: context.diagnostics, losses: accounted) }
  try writer.finish()
  try output.commit()
  return WriteReport(diagnostics: context.diagnostics, losses: accounted)
}

/// A header with labels, as another format brings it.
func header(_ names: String..., kept: String? = nil) -> DatasetHeader {
  var header = DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
  if let kept { header.preserved = Preserved("media-folder", members: Array(kept.utf8)) }
  return header
}

/// A picture with classes by their numbers.
func picture(_ key: String, _ classes: UInt32..., split: String? = nil) -> Sample {
  var sample = Sample(key: key, media: Media(.image, location: key))
  sample.annotations = classes.map { Annotation(label: LabelID(index: $0)) }
  sample.split = split
  return sample
}

/// An annotation with a text alone.
func caption(_ text: String) -> Annotation {
  var annotation = Annotation()
  annotation.text = text
  return annotation
}

/// A file as text.
func text(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

extension TemporaryFolder {
  /// Makes a folder of empty files and files with a text.
  func tree(_ files: [String], _ texts: [String: String] = [:]) throws -> String {
    let name = "set-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    for path in files { _ = try write("\(name)/\(path)", "") }
    for (path, content) in texts { _ = try write("\(name)/\(path)", content) }
    return file(name)
  }

  /// The files below a folder, in order.
  func files(_ path: String) throws -> [String] { try FileTree(root: path).files }
}
