import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

final class TinyWriter: FormatWriter {
  let demand = Demand(labels: true)
  private var file: OutputFile?

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let file = try context.output.openFile(context.fileName ?? "labels.tiny")
    var text = "tiny 1\n"
    for label in header.labels.labels {
      if case .integer(let id) = label.id { text += "label \(label.name) \(id)\n" } else { text += "label \(label.name)\n" }
    }
    try file.append(Array(text.utf8))
    self.file = file
    return TinyEncoder()
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) { try file?.append(batch.bytes.array()) }

  func finish() throws(DatasetError) { try file?.close() }
}

struct TinyEncoder: SampleEncoder {
  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    batch.bytes.append("sample \(sample.key)\(sample.split.map { " \($0)" } ?? "")\n")
    for annotation in sample.annotations {
      let label = annotation.label.flatMap { context.labels.label($0)?.name } ?? "?"
      var numbers: [Double] = []
      var word = "class"
      if let box = annotation.box {
        word = "box"
        numbers = [box.first, box.second, box.third, box.fourth] + (annotation.confidence.map { [$0] } ?? [])
      } else if case .polygon(let polygon) = annotation.shape {
        word = "polygon"
        numbers = polygon.coordinates
      }
      batch.bytes.append("\(word) \(label)")
      for number in numbers {
        batch.bytes.append(" ")
        batch.bytes.append(number)
      }
      batch.bytes.append("\n")
    }
    try context.placeMedia(of: sample, at: "media/\(sample.key)")
  }
}
