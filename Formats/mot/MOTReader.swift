import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads sequences: the survey sorts the rows by frame, decoding reads the rows of one frame.
struct MOTReader: FormatReader {
  private let input: DatasetInput
  private let options: FormatOptions

  init(_ input: DatasetInput, _ options: FormatOptions) {
    self.input = input
    self.options = options
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> MOTIndex {
    let survey = try MOTSurvey(input, rows: options["rows"], columns: options["columns"], context)
    return try survey.run(label: options["label"])
  }

  func decode(_ position: Int, in index: MOTIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.image))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: MOTIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    // Annotations of the sample before are filled again where they lie, for each has memory of its own.
    var annotations: [Annotation] = []
    swap(&annotations, &sample.annotations)
    sample.reset()
    guard let number = index.sequence(of: position) else { return false }
    index.sequences.withUnsafeBufferPointer { sequences in
      frame(
        position - sequences[number].firstSample, of: sequences.baseAddress.unsafelyUnwrapped + number, index, &sample,
        &annotations,
        context)
    }
    swap(&annotations, &sample.annotations)
    return true
  }

  private func frame(
    _ at: Int, of sequence: UnsafePointer<MOTSequence>, _ index: MOTIndex, _ sample: inout Sample,
    _ annotations: inout [Annotation],
    _ context: ReadContext
  ) {
    let number = sequence.pointee.frames[at]
    let facts = sequence.pointee.facts.isEmpty ? nil : sequence.pointee.facts[number]
    let key = facts?.key ?? sequence.pointee.layout.key(of: Int(number))
    sample.key = key
    sample.media = Media(.image, location: key)
    if facts?.hasNoSize != true {
      sample.media.width = facts?.width ?? sequence.pointee.layout.width
      sample.media.height = facts?.height ?? sequence.pointee.layout.height
    }
    sample.media.frame = FrameOrigin(number: Int(number))
    sample.split = facts?.hasOwnSplit == true ? facts?.split : sequence.pointee.split
    let rows = Int(sequence.pointee.firstRows[at])..<Int(sequence.pointee.firstRows[at + 1])
    guard let file = sequence.pointee.file, !rows.isEmpty else {
      annotations.removeAll(keepingCapacity: true)
      sample.source = facts?.source ?? sequence.pointee.layout.infoFile.map { SourceRange(file: $0, offset: 0, length: 1) }
      return
    }
    annotations.reserveCapacity(rows.count)
    while annotations.count < rows.count { annotations.append(Annotation()) }
    let count = annotations.withUnsafeMutableBufferPointer { memory in
      memory.baseAddress.map { fill($0, from: rows, of: file.bytes, sequence, index, &sample.source, context) } ?? 0
    }
    annotations.removeLast(annotations.count - count)
  }

  /// Turns the rows of a frame into annotations, and returns how many there are; `source` becomes the place of the first row.
  private func fill(
    _ annotations: UnsafeMutablePointer<Annotation>, from rows: Range<Int>, of bytes: UnsafeRawBufferPointer,
    _ sequence: UnsafePointer<MOTSequence>, _ index: MOTIndex, _ source: inout SourceRange?, _ context: ReadContext
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    let style = sequence.pointee.layout.style
    let isScattered = !sequence.pointee.ordinals.isEmpty
    let usual = MOTReader.usual
    var count = 0
    for row in rows {
      let start = Int(sequence.pointee.offsets[row])
      var end = bytes.count
      if let mark = memchr(base + start, 0x0A, bytes.count - start) { end = UnsafeRawPointer(mark) - base }
      if end > start, bytes[end - 1] == 0x0D { end -= 1 }
      if source == nil { source = SourceRange(file: sequence.pointee.fileID, offset: start, length: end - start) }
      let values = MOTRow(bytes, start..<end, style)
      guard values.badColumn == 0 else {
        report(values, start..<end, sequence.pointee.fileID, context)
        continue
      }
      let position = isScattered ? sequence.pointee.ordinals[row] : UInt32(truncatingIfNeeded: row)
      let annotation = annotations + count
      guard fill(annotation, values, sequence, position, index, start..<end, usual, context) else { continue }
      annotation.pointee.ordinal =
        index.isScattered ? position &+ UInt32(truncatingIfNeeded: sequence.pointee.firstRow) : nil
      if !values.isPlain, end - start <= MOTReader.longestKept {
        annotation.pointee.preserved = MOTReader.kept(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      }
      count &+= 1
    }
    return count
  }

  /// What annotations of most rows say, so that all of it is said anew.
  private static let usual: FeatureSet = [.box, .classification, .label, .track, .confidence, .order, .attributes]

  /// Gives an annotation what its row says in place of what it said; false, and a report, when the class is none.
  @inline(__always) private func fill(
    _ annotation: UnsafeMutablePointer<Annotation>, _ values: MOTRow, _ sequence: UnsafePointer<MOTSequence>, _ position: UInt32,
    _ index: MOTIndex,
    _ range: Range<Int>, _ usual: FeatureSet, _ context: ReadContext
  ) -> Bool {
    var label = index.label
    let isClassed = sequence.pointee.layout.style.tail == .classes
    if isClassed, values.first != -1 {
      guard values.first >= 0, values.first <= 1_000_000, Double(Int(values.first)) == values.first,
        let known = sequence.pointee.label(ofClass: Int(values.first))
      else {
        context.report(
          .error, "mot.row.class",
          "The class of a row is a whole number, or -1 for none; --from mot:columns=world reads a place in the world",
          at: SourceRange(file: sequence.pointee.fileID, offset: range.lowerBound, length: range.count))
        return false
      }
      label = known
    }
    if !UnsafePointer(annotation).features.isSubset(of: usual) { annotation.pointee = Annotation() }
    annotation.pointee.box = Box(values.x, values.y, values.width, values.height, form: .extent)
    annotation.pointee.label = label
    annotation.pointee.confidence = values.confidence(sequence.pointee.layout.style)
    if values.id == -1 {
      annotation.pointee.track = nil
    } else if !sequence.pointee.tracks.isEmpty, let name = sequence.pointee.tracks[values.id] {
      annotation.pointee.track = name
    } else {
      annotation.pointee.track = .integer(Int64(values.id))
    }
    let more = sequence.pointee.attributes.isEmpty ? nil : sequence.pointee.attributes[position]
    if isClassed, values.second != -1, values.third == -1, more == nil {
      annotation.pointee.setVisibility(values.second)
      return true
    }
    var attributes = Attributes()
    if isClassed {
      if values.second != -1 { attributes.items.append(.init(name: "visibility", value: .of(values.second))) }
      if values.third != -1 { attributes.items.append(.init(name: "column10", value: .of(values.third))) }
    } else if values.first != -1 || values.second != -1 || values.third != -1 {
      let world: [AttributeValue] = [.of(values.first), .of(values.second), .of(values.third)]
      attributes.items.append(.init(name: "world", value: .list(world)))
    }
    if let more { MOTAttributes.add(at: more, of: sequence.pointee.attributeFile, to: &attributes) }
    annotation.pointee.attributes = attributes
    return true
  }

  /// The longest row that is kept: a file is known as one of rows by its first bytes, which a longer row would fill.
  private static let longestKept = 1024

  /// What is kept of a row that would be written in another way.
  static func kept(_ row: UnsafeRawBufferPointer) -> Preserved {
    var out = ByteBuffer(capacity: row.count + 16)
    out.append("\"row\":")
    out.appendJSON(String(decoding: row, as: UTF8.self))
    return Preserved(MOTFormat.id, members: out.array())
  }

  private func report(_ row: MOTRow, _ range: Range<Int>, _ file: FileID, _ context: ReadContext) {
    if row.badColumn > MOTRow.columnRange.upperBound || row.badPlace >= range.upperBound {
      context.report(
        .error, "mot.row.columns", "A row has six to ten columns",
        at: SourceRange(file: file, offset: range.lowerBound, length: range.count))
      return
    }
    let what = row.badColumn == 1 ? "The frame" : row.badColumn == 2 ? "The track" : "Column \(row.badColumn)"
    context.report(
      .error, "mot.row.number", "\(what) is not \(row.badColumn <= 2 ? "a whole number" : "a number")",
      at: SourceRange(file: file, offset: row.badPlace, length: 1))
  }
}

extension Annotation {
  /// Gives the one attribute that says how much is visible.
  @inline(__always) fileprivate mutating func setVisibility(_ value: Double) {
    var attributes = attributes
    if attributes.items.count == 1, attributes.items[0].name == "visibility" {
      // Taken out first: the memory of an attribute that two hold would not be used again.
      self.attributes = Attributes()
      attributes.items[0].value = .of(value)
    } else {
      attributes = Attributes()
      attributes.items.append(.init(name: "visibility", value: .of(value)))
    }
    self.attributes = attributes
  }
}

extension AttributeValue {
  /// A number, whole where it is.
  static func of(_ value: Double) -> AttributeValue {
    value.magnitude < 9e15 && Double(Int64(value)) == value ? .integer(Int64(value)) : .number(value)
  }
}
