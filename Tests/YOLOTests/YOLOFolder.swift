import Foundation
import TestSupport
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillYOLO

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
  func sample(_ key: String) -> Sample? { samples.first { $0.key == key } }
}

func read(_ path: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: YOLOFormat.descriptor.readOptions, format: "yolo")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    return ReadDataset(
      header: index.header, samples: samples, splits: index.splits, mediaFolders: index.mediaFolders,
      diagnostics: context.diagnostics)
  }
  return try whole(try YOLOFormat.makeReader(DatasetInput(path: path), checked))
}

/// Writes samples to a new folder, past the auditor.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], mediaFolders: [String] = [],
  mediaMode: MediaMode = .none, batchSize: Int = 3
) throws -> DiagnosticList {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: YOLOFormat.descriptor.writeOptions, format: "yolo")
  let output = try StagedOutput(target: path, kind: .folder, overwrite: false)
  let writer = try YOLOFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header, WriteContext(output: output, fileName: nil, outputName: "out", mediaMode: mediaMode, sourceFormat: "yolo"))
  let context = EncodeContext(
    labels: LabelCache(header.labels), media: MediaResolver(folders: mediaFolders), output: output, mediaMode: mediaMode)
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
  return context.diagnostics
}

/// A sample of a key.
func sample(_ key: String, _ annotations: [Annotation] = [], split: String? = nil, size: (Int, Int)? = (64, 64)) -> Sample {
  var sample = Sample(key: key, media: Media(.image, location: key, width: size?.0, height: size?.1))
  sample.annotations = annotations
  sample.split = split
  return sample
}

/// A box of a label.
func box(_ label: UInt32, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Annotation {
  Annotation(label: LabelID(index: label), box: Box(x, y, width, height, form: .centered, unit: .unit))
}

/// A polygon of a label, in shares.
func polygon(_ label: UInt32, _ coordinates: [Double]) -> Annotation {
  Annotation(label: LabelID(index: label), shape: .polygon(Polygon(coordinates: coordinates, unit: .unit)))
}

/// A header with labels.
func header(_ names: String...) -> DatasetHeader {
  DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
}

/// A file as text.
func text(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

extension TemporaryFolder {
  /// Writes a dataset of one image with its rows and returns its folder.
  func dataset(_ rows: String, yaml: String = "train: images\nnames: [a, b]\n") throws -> String {
    let folder = "set-\(UUID().uuidString)"
    _ = try write("\(folder)/data.yaml", yaml)
    _ = try write("\(folder)/images/x.jpg", "")
    _ = try write("\(folder)/labels/x.txt", rows)
    return file(folder)
  }
}
