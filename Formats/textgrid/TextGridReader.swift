import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a folder of TextGrids, or one: the survey lists the files, decoding reads one at a time.
struct TextGridReader: FormatReader {
  let input: DatasetInput
  /// The encoding of files without a mark.
  let encoding: TextEncoding?
  /// The name of the tier that stands for no label.
  let unlabeled: String

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> RecordingIndex {
    var index = try RecordingIndex(input, TextGridFormat.files, context)
    if demand.labels {
      let worker = context.scratch.thing(GridWorker.self) { GridWorker() }
      for position in 0..<index.count {
        try InterruptFlag.check()
        // What is wrong with a file is said when it is decoded.
        guard worker.text.read(position, in: index, as: encoding, nil), worker.parser.parse() else { continue }
        worker.parser.findGaps()
        _ = labels(worker, index)
      }
      index.header.labelsAreComplete = true
    }
    return index
  }

  func decode(_ position: Int, in index: RecordingIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard position >= 0, position < index.count else { return nil }
    let worker = context.scratch.thing(GridWorker.self) { GridWorker() }
    guard worker.text.read(position, in: index, as: encoding, context), worker.parser.parse() else { return nil }
    let parser = worker.parser
    parser.findGaps()
    let labels = labels(worker, index)
    let isDefault = parser.placeTiers(labels, unlabeled: Array(unlabeled.utf8))
    let (name, ending) = index.name(position)
    var sample = Sample(key: name.key, media: Media(name.kind, location: name.key))
    if parser.xmax.time > .zero { sample.media.duration = parser.xmax.time }
    sample.source = worker.text.source
    sample.annotations.reserveCapacity(parser.items.count)
    for item in parser.items where parser.isAnnotation(item) { sample.annotations.append(annotation(item, parser, labels)) }
    sample.preserved = preserved(worker, ending: ending, hasTiers: !isDefault, sample)
    return sample
  }

  /// The labels of the tiers that have annotations, in order of their first annotation; nil for tiers without a label.
  private func labels(_ worker: GridWorker, _ index: RecordingIndex) -> [LabelID?] {
    let parser = worker.parser
    var labels: [LabelID?] = Array(repeating: nil, count: parser.tiers.count)
    let cache = worker.text.labels(index.header.labels)
    var open = parser.tiers.count { $0.annotationCount > 0 }
    var isSeen = Array(repeating: false, count: parser.tiers.count)
    for item in parser.items {
      if open == 0 { break }
      let at = Int(item.tier)
      guard !isSeen[at], parser.isAnnotation(item) else { continue }
      isSeen[at] = true
      open -= 1
      let name = GridParser.plain(parser.text, parser.tiers[at].name, parser.tiers[at].nameHasQuotes)
      if name.isEmpty || name.elementsEqual(unlabeled.utf8) { continue }
      labels[at] = name.withUnsafeBufferPointer { cache.intern($0) }
    }
    return labels
  }

  private func annotation(_ item: GridParser.Item, _ parser: GridParser, _ labels: [LabelID?]) -> Annotation {
    let tier = parser.tiers[Int(item.tier)]
    var annotation = Annotation(label: labels[Int(item.tier)])
    annotation.time = tier.isPoint ? .instant(item.start.time) : .interval(start: item.start.time, end: item.end.time)
    if !item.text.isEmpty, !tier.isSegments {
      annotation.text =
        item.hasQuotes
        ? String(decoding: GridParser.plain(parser.text, item.text, true), as: UTF8.self)
        : String(decoding: parser.text[item.text], as: UTF8.self)
    }
    // In the model a line ends with a line feed, whatever it ends with in the file.
    var hasOwnLineEnds = false
    if parser.form.lineEnd == "\r\n", let text = annotation.text, text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
      let plain = text.replacing("\r\n", with: "\n")
      hasOwnLineEnds = plain.utf8.contains(0x0D) || text.utf8.count != plain.utf8.count + plain.utf8.count { $0 == 0x0A }
      if !hasOwnLineEnds { annotation.text = plain }
    }
    let isEmpty = !tier.isPoint && item.text.isEmpty
    guard tier.isMarked || isEmpty || hasOwnLineEnds || !item.start.isPlain || !item.end.isPlain else { return annotation }
    var kept = PreservedMembersText()
    if tier.isMarked { kept.add("tier") { $0.append(decimal: Int(item.tier) + 1) } }
    if hasOwnLineEnds { kept.add("lineEnds") { $0.append("true") } }
    if isEmpty { kept.add("empty") { $0.append("true") } }
    if !item.start.isPlain { kept.add("xmin") { $0.appendJSON(parser.spelling(item.start)) } }
    if !item.end.isPlain, !tier.isPoint { kept.add("xmax") { $0.appendJSON(parser.spelling(item.end)) } }
    annotation.preserved = kept.preserved
    return annotation
  }

  /// How the file looks, and the tiers that do not follow from the annotations.
  private func preserved(_ worker: GridWorker, ending: String?, hasTiers: Bool, _ sample: Sample) -> Preserved {
    let parser = worker.parser
    var kept = PreservedMembersText()
    if let ending { kept.add("ending") { $0.appendJSON(ending) } }
    if worker.text.encoding != .utf8 { kept.add("encoding") { $0.appendJSON(worker.text.encoding.name) } }
    parser.form.append(to: &kept)
    let (low, high) = (parser.spelling(parser.xmin), parser.spelling(parser.xmax))
    if low != "0" { kept.add("xmin") { $0.appendJSON(low) } }
    let isGiven = sample.media.duration == nil ? high != "0" || !sample.annotations.isEmpty : !parser.xmax.isPlain
    if isGiven { kept.add("xmax") { $0.appendJSON(high) } }
    if parser.isUnsorted { kept.add("unsorted") { $0.append("true") } }
    if parser.isAbsent { kept.add("absent") { $0.append("true") } }
    if hasTiers, !parser.tiers.isEmpty {
      kept.add("tiers") { json in
        for (number, tier) in parser.tiers.enumerated() {
          json.append(number == 0 ? "[{\"name\":" : ",{\"name\":")
          json.appendJSON(String(decoding: GridParser.plain(parser.text, tier.name, tier.nameHasQuotes), as: UTF8.self))
          if tier.isPoint { json.append(",\"points\":true") }
          if tier.isSegments { json.append(",\"segments\":true") }
          if tier.hasHoles { json.append(",\"holes\":true") }
          for (key, moment, whole) in [("xmin", tier.xmin, parser.xmin), ("xmax", tier.xmax, parser.xmax)]
          where !parser.isSame(moment, whole) {
            json.append(",\"\(key)\":")
            json.appendJSON(parser.spelling(moment))
          }
          json.append("}")
        }
        json.append("]")
      }
    }
    return kept.preserved
  }
}

extension GridParser {
  /// The characters of a time as they stand in the file.
  func spelling(_ moment: Moment) -> String { String(decoding: text[moment.range], as: UTF8.self) }
}

/// A worker's memory for reading TextGrids.
final class GridWorker {
  let text = RecordingText()
  let parser: GridParser

  init() { parser = GridParser(text) }
}
