import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillCOCO

/// A folder that goes away with the object.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "coco-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String = "input.json") throws -> String {
    try write(Data(text.utf8), name)
  }

  func write(_ data: Data, _ name: String = "input.json") throws -> String {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file.path
  }
}

/// A dataset read whole.
struct ReadDataset {
  var header = DatasetHeader()
  var samples: [Sample] = []
  var diagnostics = DiagnosticList()
  var splits: [String] = []
  var mediaFolders: [String] = []
  var error: DatasetError?

  var annotations: [Annotation] { samples.flatMap(\.annotations) }
  var rules: [String] { diagnostics.items.map(\.rule) }
}

enum COCOTest {
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()
  static let fixtures = root.appendingPathComponent("Fixtures/coco").path
  static let corpus = root.deletingLastPathComponent().appendingPathComponent("shared/corpus").path

  /// All JSON files below a folder.
  static func files(below folder: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return all.filter { $0.lowercased().hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
  }

  static func options(_ given: [(String, String)], _ declared: [FormatOption]) throws -> FormatOptions {
    try FormatOptions(given.map { (name: $0.0, value: $0.1) }, declared: declared, format: "coco")
  }

  static func read(_ path: String, task: String = "auto", _ more: [(String, String)] = []) throws -> ReadDataset {
    let reader = try COCOFormat.makeReader(
      DatasetInput(path: path), options([("task", task)] + more, COCOFormat.descriptor.readOptions))
    return try read(reader)
  }

  static func read(text: String) throws -> ReadDataset {
    let scratch = try ScratchFolder()
    return try read(scratch.write(text))
  }

  private static func read<Reader: FormatReader>(_ reader: Reader) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    var result = ReadDataset()
    do throws(DatasetError) {
      let index = try reader.survey(Demand(labels: true, splits: true), context)
      for position in 0..<index.count {
        if let sample = try reader.decode(position, in: index, context) { result.samples.append(sample) }
      }
      result.header = index.header
      result.splits = index.splits
      result.mediaFolders = index.mediaFolders
    } catch {
      result.error = error
    }
    result.diagnostics = context.diagnostics
    return result
  }

  /// Writes a dataset and returns the path of the output.
  static func write(
    _ dataset: ReadDataset, to folder: ScratchFolder, _ name: String, from source: FormatID = "coco",
    options given: [(String, String)] = [], batch size: Int = 3, media: [String] = []
  ) throws -> (path: String, diagnostics: DiagnosticList) {
    let isFile = name.hasSuffix(".json")
    let output = try StagedOutput(target: folder.path + "/" + name, kind: isFile ? .file : .folder, overwrite: true)
    let writer = try COCOFormat.makeWriter(options(given, COCOFormat.descriptor.writeOptions))
    let encoder = try writer.begin(
      dataset.header,
      WriteContext(
        output: output, fileName: isFile ? "out.json" : nil, outputName: "out", splits: dataset.splits, sourceFormat: source))
    let context = EncodeContext(labels: LabelCache(dataset.header.labels), media: MediaResolver(folders: media), output: output)
    var position = 0
    while position < dataset.samples.count {
      var batch = EncodedBatch()
      for _ in 0..<size where position < dataset.samples.count {
        try encoder.encode(dataset.samples[position], at: position, into: &batch, context)
        position += 1
      }
      try writer.write(batch)
    }
    try writer.finish()
    try output.commit()
    return (folder.path + "/" + name, context.diagnostics)
  }

  /// The text of a dataset written as one file.
  static func text(
    _ dataset: ReadDataset, from source: FormatID = "coco", options: [(String, String)] = [], batch size: Int = 3
  ) throws -> String {
    let scratch = try ScratchFolder()
    let output = try write(dataset, to: scratch, "out.json", from: source, options: options, batch: size)
    return try String(contentsOfFile: output.path, encoding: .utf8)
  }

  static func json(_ text: String) throws -> NSObject? {
    var data = Data(text.utf8)
    if data.starts(with: [0xEF, 0xBB, 0xBF]) { data = data.dropFirst(3) }
    return try JSONSerialization.jsonObject(with: Data(data)) as? NSObject
  }

  /// The bytes of every file below a folder.
  static func tree(_ folder: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder)?.allObjects ?? [] {
      if let data = FileManager.default.contents(atPath: folder + "/" + name) { result[name] = data }
    }
    return result
  }

  /// A file with one image and one category around annotations.
  static func document(
    _ annotations: String, images: String = #"{"id":1,"file_name":"a.jpg","width":10,"height":8}"#,
    categories: String = #"{"id":3,"name":"cat"}"#
  ) -> String {
    #"{"images":[\#(images)],"annotations":[\#(annotations)],"categories":[\#(categories)]}"#
  }
}
