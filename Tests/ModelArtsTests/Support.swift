import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillModelArts

/// A folder of its own for one test, removed with the object.
final class Scratch: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "waybill-modelarts-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  @discardableResult func put(_ name: String, _ text: String) -> String { put(name, Array(text.utf8)) }

  @discardableResult func put(_ name: String, _ bytes: [UInt8]) -> String {
    let full = self(name)
    try? FileManager.default.createDirectory(
      atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: full, contents: Data(bytes))
    return full
  }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  func contents(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: self(name)).map { Array($0) } }

  var files: [String] { (try? FileTree(root: path).files) ?? [] }
}

/// What a reader made of an input.
struct Reading {
  var header: DatasetHeader
  var samples: [Sample]
  var diagnostics: [Diagnostic]
  var sources: SourceMap

  var rules: [String] { diagnostics.map(\.rule) }
  var labels: [String] { header.labels.labels.map(\.name) }

  /// The text a diagnostic points at.
  func text(_ diagnostic: Diagnostic) -> String? {
    guard let range = diagnostic.range, let data = FileManager.default.contents(atPath: sources.path(of: range.file)) else {
      return nil
    }
    guard range.offset >= 0, range.offset + range.length <= data.count else { return nil }
    return String(decoding: data[range.offset..<(range.offset + range.length)], as: UTF8.self)
  }

  func name(_ annotation: Annotation) -> String? { annotation.label.flatMap { header.labels[$0] }?.name }
}

func options(_ given: [(String, String)], _ declared: [FormatOption]) throws -> FormatOptions {
  try FormatOptions(given.map { (name: $0.0, value: $0.1) }, declared: declared, format: "modelarts")
}

func read(
  _ path: String, _ given: [(String, String)] = [], urlMap: URLMap = URLMap(), demand: Demand = Demand()
) throws -> Reading {
  let reader = try ModelArtsFormat.makeReader(
    DatasetInput(path: path), options(given, ModelArtsFormat.descriptor.readOptions))
  return try read(reader, urlMap, demand)
}

private func read<R: FormatReader>(_ reader: R, _ urlMap: URLMap, _ demand: Demand) throws -> Reading {
  let sources = SourceMap()
  let survey = ReadContext(sources: sources, urlMap: urlMap)
  let index = try reader.survey(demand, survey)
  let context = ReadContext(sources: sources, urlMap: urlMap)
  var samples: [Sample] = []
  for position in 0..<index.count {
    if let sample = try reader.decode(position, in: index, context) { samples.append(sample) }
  }
  return Reading(
    header: index.header, samples: samples, diagnostics: survey.diagnostics.items + context.diagnostics.items, sources: sources)
}

/// Writes samples, in batches of some size, and returns what the encoder had to say.
@discardableResult func write(
  _ samples: [Sample], _ header: DatasetHeader, to target: String, _ given: [(String, String)] = [], isFile: Bool = false,
  batch size: Int = 7, media: MediaMode = .none, folders: [String] = []
) throws -> [Diagnostic] {
  let output = try StagedOutput(target: target, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try ModelArtsFormat.makeWriter(options(given, ModelArtsFormat.descriptor.writeOptions))
  let encoder = try writer.begin(
    header,
    WriteContext(
      output: output, fileName: isFile ? "out.manifest" : nil, outputName: "out", mediaMode: media, sourceFormat: "modelarts"))
  let context = EncodeContext(
    labels: LabelCache(header.labels), media: MediaResolver(folders: folders), output: output, mediaMode: media)
  for start in stride(from: 0, to: samples.count, by: size) {
    var batch = EncodedBatch()
    for position in start..<min(samples.count, start + size) {
      try encoder.encode(samples[position], at: position, into: &batch, context)
    }
    try writer.write(batch)
  }
  try writer.finish()
  try output.commit()
  return context.diagnostics.items
}

/// The values of a manifest's lines.
func values(_ text: String) throws -> [NSDictionary] {
  try text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.compactMap {
    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary
  }
}

/// Reads text as a manifest, writes it, and returns the reading and what was written.
func roundTrip(
  _ text: String, _ readOptions: [(String, String)] = [], _ writeOptions: [(String, String)] = []
) throws -> (reading: Reading, written: String) {
  let scratch = Scratch()
  let reading = try read(scratch.put("in.manifest", text), readOptions)
  try write(reading.samples, reading.header, to: scratch("out.manifest"), writeOptions, isFile: true)
  return (reading, try #require(scratch.text("out.manifest")))
}
