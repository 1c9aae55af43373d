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
  private let coversMasks: Bool
  private var header = DatasetHeader()
  private var labels: [Label] = []
  private var classes = ClassTable([])
  private var hasMasks = false
  private var output: StagedOutput?
  private var single: OutputFile?
  private var singleCount = 0
  private var sets: [ExactText: OutputFile] = [:]

  let demand = Demand()

  init(_ dialect: VOCDialect, coversMasks: Bool) {
    self.dialect = dialect
    self.coversMasks = coversMasks
  }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    output = context.output
    if let name = context.fileName {
      single = try context.output.openFile(name)
    }
    self.header = header
    // The table may grow while samples are read, in an order that depends on the threads.
    labels = header.labels.labels
    classes = ClassTable(labels)
    return PascalVOCEncoder(
      dialect: dialect, isSingle: context.fileName != nil, classes: classes, coversMasks: coversMasks)
  }

  /// Writes `labelmap.txt` when a label has a colour or stood in one or masks need it, and `class_names.txt` when there was one.
  private func writeLabels(_ output: StagedOutput) throws(DatasetError) {
    var text = ByteBuffer(capacity: 4096)
    let hadNames = PreservedReader(header.preserved, PascalVOCFormat.id).value("class_names") != nil
    let isNeeded = hasMasks && !hadNames && (!classes.isStandard || classes.names.count > labels.count)
    if isNeeded || labels.contains(where: { $0.style.color != nil || !$0.preserved[PascalVOCFormat.id].isEmpty }) {
      text.append("# label:color_rgb:parts:actions\n")
      if isNeeded { return try writeClasses(&text, output) }
      for label in labels where !label.name.utf8.contains(0x0A) {
        text.append(label.name)
        text.append(UInt8(ascii: ":"))
        text.append(PascalVOCWriter.labelFields(label))
        text.append(UInt8(ascii: "\n"))
      }
      try output.writeFile("labelmap.txt", text.bytes)
    } else if hadNames {
      for label in labels where !label.name.utf8.contains(0x0A) {
        text.append(label.name)
        text.append(UInt8(ascii: "\n"))
      }
      try output.writeFile("class_names.txt", text.bytes)
    }
  }

  /// Writes a `labelmap.txt` with the colours that masks are painted in.
  private func writeClasses(_ text: inout ByteBuffer, _ output: StagedOutput) throws(DatasetError) {
    var names = classes.names
    if !names.contains(where: { classes[$0]?.number == 0 }) { names.insert(ClassTable.backgroundName, at: 0) }
    // Classes of Pascal VOC may have been painted without being in a table that grew only later.
    if labels.isEmpty { names.insert(contentsOf: ClassTable.standard, at: 1) }
    var written: Set<ExactText> = []
    for name in names where !name.utf8.contains(0x0A) && written.insert(ExactText(name)).inserted {
      text.append(name)
      text.append(UInt8(ascii: ":"))
      let color = classes[name]?.color ?? 0
      if let label = labels.first(where: { $0.name == name }), label.color == color {
        text.append(PascalVOCWriter.labelFields(label))
      } else {
        text.append("\(color >> 16),\(color >> 8 & 255),\(color & 255)::")
      }
      text.append(UInt8(ascii: "\n"))
    }
    try output.writeFile("labelmap.txt", text.bytes)
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
      if record.kind == PascalVOCRecord.masks {
        hasMasks = true
        continue
      }
      if record.kind == PascalVOCRecord.classes {
        if let output, let picture = ClassPicture(bytes) {
          for region in picture.regions where region.number == nil { if let name = region.name { _ = classes.add(name) } }
          if let numbers = picture.numbers(classes) { try picture.write(numbers, classes, to: output) }
        }
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
    guard let single else {
      if let output { try writeLabels(output) }
      return
    }
    guard singleCount == 1 else {
      throw DatasetError(.usage, "A Pascal VOC file describes one image, and the dataset has none; name a folder as output")
    }
    try single.close()
  }
}
