import Foundation
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPascalVOC
import WaybillSyntax

/// A dataset read whole.
struct ReadDataset {
  var header: DatasetHeader
  var samples: [Sample]
  var splits: [String]
  var mediaFolders: [String]
  var diagnostics: DiagnosticList
  var sources: SourceMap

  var rules: [String] { diagnostics.items.map(\.rule) }
  var errors: [Diagnostic] { diagnostics.items.filter { $0.severity == .error } }
  func sample(_ key: String) -> Sample? { samples.first { $0.key == key } }
  func names(_ sample: Sample) -> [String] { sample.annotations.compactMap { $0.label.flatMap { header.labels[$0]?.name } } }
}

func read(_ path: String, _ options: [(String, String)] = [], demand: Demand = Demand()) throws -> ReadDataset {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: PascalVOCFormat.descriptor.readOptions, format: "pascal-voc")
  func whole<R: FormatReader>(_ reader: R) throws -> ReadDataset {
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(demand, context)
    var samples: [Sample] = []
    for position in 0..<index.count { if let sample = try reader.decode(position, in: index, context) { samples.append(sample) } }
    return ReadDataset(
      header: index.header, samples: samples, splits: index.splits, mediaFolders: index.mediaFolders,
      diagnostics: context.diagnostics,
      sources: context.sources)
  }
  return try whole(try PascalVOCFormat.makeReader(DatasetInput(path: path), checked))
}

/// Writes samples to a new place; an empty file name means a folder.
@discardableResult
func write(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [("shapes", "modelarts")],
  isFile: Bool = false, mediaFolders: [String] = [], mediaMode: MediaMode = .none, batchSize: Int = 3
) throws -> DiagnosticList {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: PascalVOCFormat.descriptor.writeOptions, format: "pascal-voc")
  let output = try StagedOutput(target: path, kind: isFile ? .file : .folder, overwrite: false)
  let writer = try PascalVOCFormat.makeWriter(checked)
  let name = FileName.basename(of: path)
  let encoder = try writer.begin(
    header,
    WriteContext(output: output, fileName: isFile ? name : nil, outputName: name, mediaMode: mediaMode, sourceFormat: "pascal-voc"))
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

/// A folder that goes away with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "waybill-voc-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func add(_ name: String, _ text: String) throws -> String { try add(name, Array(text.utf8)) }

  @discardableResult
  func add(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}

/// The files of a folder, by relative path.
func contents(_ folder: String) throws -> [String: [UInt8]] {
  var found: [String: [UInt8]] = [:]
  for path in try FileTree(root: folder).files {
    found[path] = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
  }
  return found
}

/// An annotation file with a box of a label.
func xml(_ filename: String?, _ labels: String..., more: String = "") -> String {
  "<annotation>" + (filename.map { "<filename>\($0)</filename>" } ?? "") + more
    + labels.map {
      "<object><name>\($0)</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    }.joined() + "</annotation>"
}

private func folder(upTo name: String) -> String? {
  var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  for _ in 0..<8 {
    folder.deleteLastPathComponent()
    let candidate = folder.appendingPathComponent(name).path
    if FileManager.default.fileExists(atPath: candidate) { return candidate }
  }
  return nil
}

/// The folder of fixtures.
let fixtures = folder(upTo: "Fixtures/pascal-voc") ?? ""
/// The folder of real files beside the package; nil where it is not there.
let corpus = folder(upTo: "shared/corpus")
