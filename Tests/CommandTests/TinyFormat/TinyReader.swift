import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

struct TinyReader: FormatReader {
  let input: DatasetInput
  let lowercases: Bool

  struct Index: SampleIndex {
    let file: MappedFile
    let fileID: FileID
    let header: DatasetHeader
    let starts: [Int]
    let mediaFolders: [String]
    var count: Int { starts.count - 1 }
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> Index {
    let file = try input.map()
    let table = LabelTable()
    var starts: [Int] = []
    var lines = LineScanner(file.bytes)
    while let range = lines.next() {
      let words = TinyReader.words(file, range)
      if words.first == "label", words.count > 1 {
        table.append(Label(name: spelled(words[1]), id: words.count > 2 ? Int64(words[2]).map { .integer($0) } : nil))
      } else if words.first == "sample" {
        starts.append(range.lowerBound)
      } else if words.first == "stop" {
        throw DatasetError(
          .invalidInput, "Nothing can be read after a stop",
          range: SourceRange(file: context.sources.add(input.path), offset: range.lowerBound))
      } else if demand.labels, ["box", "polygon", "class"].contains(words.first), words.count > 1 {
        _ = table.intern(spelled(words[1]))
      }
    }
    return Index(
      file: file, fileID: context.sources.add(input.path),
      header: DatasetHeader(labels: table, labelsAreComplete: demand.labels), starts: starts + [file.bytes.count],
      mediaFolders: [input.folder])
  }

  func decode(_ position: Int, in index: Index, _ context: ReadContext) throws(DatasetError) -> Sample? {
    let end = index.starts[position + 1]
    var lines = LineScanner(UnsafeRawBufferPointer(rebasing: index.file.bytes[..<end]), from: index.starts[position])
    var sample: Sample?
    while let range = lines.next() {
      let place = SourceRange(file: index.fileID, offset: range.lowerBound, length: range.count)
      let words = TinyReader.words(index.file, range)
      let numbers = words.dropFirst(2).compactMap { Double($0) }
      var annotation = Annotation()
      if words.count > 1, ["box", "polygon", "class"].contains(words[0]) {
        annotation.label = index.header.labels.intern(spelled(words[1]))
      }
      switch words.first {
      case "sample":
        guard words.count > 1 else {
          context.report(.error, "tiny.sample.key", "A sample has a key", at: place)
          return nil
        }
        sample = Sample(key: words[1], media: Media(.image, location: words[1]))
        sample?.split = words.count > 2 ? words[2] : nil
        sample?.source = place
        continue
      case "box":
        guard numbers.count == 4 || numbers.count == 5 else {
          context.report(.error, "tiny.box.numbers", "A box has four numbers, and this one has \(numbers.count)", at: place)
          continue
        }
        annotation.box = Box(numbers[0], numbers[1], numbers[2], numbers[3], form: .extent)
        annotation.confidence = numbers.count == 5 ? numbers[4] : nil
      case "polygon": annotation.shape = .polygon(Polygon(coordinates: numbers))
      case "class": break
      default:
        context.report(.warning, "tiny.line.unknown", "The line begins with \"\(words.first ?? "")\"", at: place)
        continue
      }
      sample?.annotations.append(annotation)
    }
    return sample
  }

  private func spelled(_ label: String) -> String { lowercases ? label.lowercased() : label }

  private static func words(_ file: MappedFile, _ range: Range<Int>) -> [String] {
    String(decoding: UnsafeRawBufferPointer(rebasing: file.bytes[range]), as: UTF8.self).split(separator: " ").map(String.init)
  }
}
