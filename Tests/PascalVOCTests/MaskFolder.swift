import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG

@testable import WaybillPascalVOC

/// A picture of numbers from lines of letters: `.` is 0, `1` to `9` themselves, `v` 255, other letters 10 and up from `a`.
func picture(_ lines: [String], _ form: LabelPicture.Form = .palette, palette: [UInt32] = KeptPictures.standardPalette)
  -> LabelPicture
{
  let numbers = lines.flatMap { line in
    line.utf8.map { byte -> UInt32 in
      switch byte {
      case 0x2E: 0
      case 0x31...0x39: UInt32(byte - 0x30)
      case 0x76: 255
      default: UInt32(byte - 0x61 + 10)
      }
    }
  }
  return LabelPicture(
    width: lines[0].utf8.count, height: lines.count, form: form, palette: form == .palette ? palette : [], numbers: numbers)
}

extension TemporaryFolder {
  /// Adds a picture of numbers.
  func add(_ name: String, _ picture: LabelPicture) throws {
    try add(name, try picture.encoded())
  }

  /// The picture at a path.
  func picture(_ name: String) throws -> LabelPicture {
    try Array(Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))).withUnsafeBytes { try LabelPicture($0) }
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

/// An annotation file of a size with boxes.
func maskXML(_ file: String, width: Int, height: Int, _ objects: [(name: String, box: [Int])], attributes: String = "") -> String {
  var text = "<annotation><filename>\(file)</filename><size><width>\(width)</width><height>\(height)</height></size>"
  for object in objects {
    let box = object.box
    text +=
      "<object\(attributes)><name>\(object.name)</name><bndbox><xmin>\(box[0])</xmin><ymin>\(box[1])</ymin>"
      + "<xmax>\(box[2])</xmax><ymax>\(box[3])</ymax></bndbox></object>"
  }
  return text + "</annotation>"
}

/// The pixels of an annotation's mask as lines of `#` and `.`; empty when it has none.
func lines(_ annotation: Annotation) -> [String] {
  guard let mask = annotation.mask, let runs = try? RunLength.runs(of: mask) else { return [] }
  var map = RegionMap(width: mask.width, height: mask.height)
  map.paint(runs, as: 1)
  let rows = map.rows()
  return (0..<mask.height).map { y in
    String((0..<mask.width).map { rows[y * mask.width + $0] == 1 ? "#" : "." })
  }
}

/// Writes samples, and returns what was reported and what was lost; labels may be in another table than the one known from the start.
func writeCounting(
  _ header: DatasetHeader, _ samples: [Sample], to path: String, _ options: [(String, String)] = [], labels: LabelTable? = nil
) throws -> (DiagnosticList, [EncodingLoss]) {
  let checked = try FormatOptions(
    options.map { (name: $0.0, value: $0.1) }, declared: PascalVOCFormat.descriptor.writeOptions, format: "pascal-voc")
  let output = try StagedOutput(target: path, kind: .folder, overwrite: false)
  let writer = try PascalVOCFormat.makeWriter(checked)
  let encoder = try writer.begin(
    header, WriteContext(output: output, fileName: nil, outputName: "out", sourceFormat: "pascal-voc"))
  let context = EncodeContext(labels: LabelCache(labels ?? header.labels), media: MediaResolver(), output: output)
  var batch = EncodedBatch()
  for (position, sample) in samples.enumerated() { try encoder.encode(sample, at: position, into: &batch, context) }
  let losses = context.losses
  context.losses = []
  for sample in samples { encoder.account(for: sample, context) }
  #expect(context.losses == losses)
  try writer.write(batch)
  try writer.finish()
  try output.commit()
  return (context.diagnostics, losses)
}
