import Foundation
import TestSupport
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillTextClassification

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: DiagnosticList

  var rules: [String] { diagnostics.items.map(\.rule) }
  func name(_ annotation: Annotation) -> String? { annotation.label.flatMap { header.labels[$0]?.name } }
  /// The labels of a sample.
  func marks(_ position: Int = 0) -> [String] { samples[position].annotations.map { name($0) ?? "" } }
  /// The texts.
  var texts: [String?] { samples.map(\.media.text) }
  /// What a sample keeps.
  func kept(_ position: Int = 0) -> String { String(decoding: samples[position].preserved["text-classification"], as: UTF8.self) }
  /// The layout in the header.
  var layout: String { String(decoding: header.preserved["text-classification"], as: UTF8.self) }
}

private func options(_ given: [(String, String)], _ declared: [FormatOption]) throws -> FormatOptions {
  try FormatOptions(given.map { (name: $0.0, value: $0.1) }, declared: declared, format: "text-classification")
}

/// Reads a file or folder.
func read(_ path: String, _ given: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    return ReadDataset(header: index.header, samples: samples, diagnostics: context.diagnostics)
  }
  return try whole(
    try TextClassificationFormat.makeReader(
      DatasetInput(path: path), options(given, TextClassificationFormat.descriptor.readOptions)))
}

/// Reads text as a file.
func read(text: String, _ given: [(String, String)] = [], name: String = "a.csv") throws -> ReadDataset {
  let folder = try TemporaryFolder()
  return try read(try folder.write(name, text), given)
}

/// Writes samples past the auditor and returns what was reported.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ given: [(String, String)] = [], isFolder: Bool = false
) throws -> DiagnosticList {
  let output = try StagedOutput(target: path, kind: isFolder ? .folder : .file, overwrite: false)
  let writer = try TextClassificationFormat.makeWriter(options(given, TextClassificationFormat.descriptor.writeOptions))
  let encoder = try writer.begin(
    header,
    WriteContext(
      output: output, fileName: isFolder ? nil : String(path.split(separator: "/").last ?? ""), outputName: "out",
      sourceFormat: "waybill"))
  let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
  var position = 0
  // Batches of two, so that a file is written in several of them.
  while position < samples.count {
    var batch = EncodedBatch()
    for index in position..<min(position + 2, samples.count) {
      try encoder.encode(samples[index], at: index, into: &batch, context)
    }
    try writer.write(batch)
    position += 2
  }
  try writer.finish()
  try output.commit()
  return context.diagnostics
}

/// What becomes of text that is read and written.
func rewritten(
  _ text: String, _ given: [(String, String)] = [], reading: [(String, String)] = [], name: String = "a.csv", to: String? = nil,
  _ change: (inout [Sample], LabelTable) -> Void = { _, _ in }
) throws -> String {
  let folder = try TemporaryFolder()
  let data = try read(try folder.write(name, text), reading)
  var samples = data.samples
  change(&samples, data.header.labels)
  let path = folder.file("out-\(to ?? name)")
  let problems = try write(data.header, samples, to: path, given)
  guard problems.isEmpty else { return problems.items.map(\.rule).joined(separator: " ") }
  return String(decoding: try bytes(of: path), as: UTF8.self)
}

/// What samples of another format become.
func written(_ samples: [Sample], labels: [String] = ["fox", "den"], _ given: [(String, String)] = []) throws -> String {
  let folder = try TemporaryFolder()
  let path = folder.file("out.csv")
  let header = DatasetHeader(labels: LabelTable(labels.map { Label(name: $0) }), labelsAreComplete: true)
  let problems = try write(header, samples, to: path, given)
  guard problems.isEmpty else { return problems.items.map(\.rule).joined(separator: " ") }
  return String(decoding: try bytes(of: path), as: UTF8.self)
}

/// A text with annotations.
func sample(_ text: String?, key: String = "1", _ annotations: [Annotation] = []) -> Sample {
  var sample = Sample(key: key, media: Media(.text, text: text))
  sample.annotations = annotations
  return sample
}

/// A class, with a score or without.
func mark(_ label: UInt32, _ confidence: Double? = nil, id: RecordID? = nil) -> Annotation {
  var annotation = Annotation(id: id, label: LabelID(index: label))
  annotation.confidence = confidence
  return annotation
}
