import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes a folder of annotation files with image sets, or one annotation file.
///
/// The annotation files are written by the encoder; what passes through here is the lines of the image sets.
final class PascalVOCWriter: FormatWriter {
  private let dialect: VOCDialect
  private var output: StagedOutput?
  private var single: OutputFile?
  private var singleCount = 0
  private var sets: [ExactText: OutputFile] = [:]

  let demand = Demand()

  init(_ dialect: VOCDialect) { self.dialect = dialect }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    output = context.output
    if let name = context.fileName {
      single = try context.output.openFile(name)
    } else {
      try writeLabels(header, context.output)
    }
    return PascalVOCEncoder(dialect: dialect, isSingle: context.fileName != nil)
  }

  /// Writes `labelmap.txt` when a label has a colour or stood in one, and `class_names.txt` when there was one.
  private func writeLabels(_ header: DatasetHeader, _ output: StagedOutput) throws(DatasetError) {
    let labels = header.labels.labels
    var text = ByteBuffer(capacity: 4096)
    if labels.contains(where: { $0.style.color != nil || !$0.preserved[PascalVOCFormat.id].isEmpty }) {
      text.append("# label:color_rgb:parts:actions\n")
      for label in labels where !label.name.utf8.contains(0x0A) {
        text.append(label.name)
        text.append(UInt8(ascii: ":"))
        text.append(PascalVOCWriter.labelFields(label))
        text.append(UInt8(ascii: "\n"))
      }
      try output.writeFile("labelmap.txt", text.bytes)
    } else if PreservedReader(header.preserved, PascalVOCFormat.id).value("class_names") != nil {
      for label in labels where !label.name.utf8.contains(0x0A) {
        text.append(label.name)
        text.append(UInt8(ascii: "\n"))
      }
      try output.writeFile("class_names.txt", text.bytes)
    }
  }

  /// What follows a label's name in `labelmap.txt`: its colour in decimal, its parts and its actions.
  static func labelFields(_ label: Label) -> String {
    if let kept = PreservedReader(label.preserved, PascalVOCFormat.id).string("labelmap"), !kept.utf8.contains(0x0A) {
      // The kept line counts as long as the colour is still the one it says.
      if PascalVOCReader.label("x:\(kept)")?.style.color == label.style.color || label.style.color == nil { return kept }
    }
    guard let color = label.style.color, color.utf8.count == 7, color.hasPrefix("#"),
      let value = UInt32(color.dropFirst(), radix: 16)
    else { return "::" }
    return "\(value >> 16),\(value >> 8 & 255),\(value & 255)::"
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    for record in batch.records {
      let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[record.range])
      if let single {
        singleCount += 1
        guard singleCount == 1 else {
          throw DatasetError(.usage, "A Pascal VOC file describes one image, and the dataset has more; name a folder as output")
        }
        try single.append(bytes)
        continue
      }
      guard let end = bytes.firstIndex(of: 0), let output else { continue }
      let path = String(decoding: bytes[..<end], as: UTF8.self)
      let file: OutputFile
      if let known = sets[ExactText(path)] {
        file = known
      } else {
        file = try output.openFile(path)
        sets[ExactText(path)] = file
      }
      try file.append(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...]))
    }
  }

  func finish() throws(DatasetError) {
    for file in sets.values { try file.close() }
    guard let single else { return }
    guard singleCount == 1 else {
      throw DatasetError(.usage, "A Pascal VOC file describes one image, and the dataset has none; name a folder as output")
    }
    try single.close()
  }
}
