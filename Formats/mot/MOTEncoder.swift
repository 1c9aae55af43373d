import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Turns samples into rows.
struct MOTEncoder: SampleEncoder {
  let settings: MOTSettings
  /// Whether the output is one file of rows.
  let isFile: Bool

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let folder = FileName.folder(of: sample.key)
    let at = settings.sequence(ofFolder: folder, split: sample.split)
    let layout = at.map { settings.sequences[$0] }
    let number = try number(of: sample, position, layout)
    let start = batch.bytes.count
    batch.bytes.append(sample.key)
    batch.records.append(
      .init(
        kind: sample.media.frame?.number == nil ? MOTRecord.sample : MOTRecord.numbered, range: start..<batch.bytes.count,
        id: Int64(number)))
    if let split = sample.split {
      let from = batch.bytes.count
      batch.bytes.append(split)
      batch.records.append(.init(kind: MOTRecord.split, range: from..<batch.bytes.count))
    }
    var size = sample.media.width.flatMap { width in sample.media.height.map { (width, $0) } }
    if let (width, height) = size, width <= 0 || height <= 0 { size = nil }
    // Shares become pixels only together with the size they are shares of.
    if size == nil, sample.annotations.contains(where: { $0.box?.unit == .unit }) { size = context.imageSize(of: sample) }
    if let (width, height) = size {
      batch.records.append(
        .init(kind: MOTRecord.size, range: start..<start, id: Int64(width) << 32 | Int64(UInt32(truncatingIfNeeded: height))))
    }
    if !isFile { try placeMedia(of: sample, number, layout, context) }
    let style = layout?.style ?? MOTStyle()
    let classes = settings.numbers[at ?? settings.sequences.count]
    accountSample(sample, layout, context)
    for annotation in sample.annotations {
      account(annotation, layout, classes, context)
      row(annotation, number, style, classes, sample, &batch, context)
    }
  }

  /// The number a frame should have: its own, that in its name, else its position.
  private func number(of sample: Sample, _ position: Int, _ layout: MOTSequenceLayout?) throws(DatasetError) -> Int {
    if let number = sample.media.frame?.number {
      guard number >= 0, number < Int(Int32.max) else {
        throw DatasetError(
          .invalidInput, "The number of a frame is not negative, and below two thousand million", range: sample.source)
      }
      return number
    }
    return MOTEncoder.digits(of: sample.key) ?? position + 1
  }

  /// The last run of digits in the name of a picture.
  static func digits(of key: String) -> Int? {
    let stem = FileName.stem(of: key).utf8
    guard let end = stem.lastIndex(where: { $0 &- 48 <= 9 }) else { return nil }
    let digits = Array(stem[...end].reversed().prefix { $0 &- 48 <= 9 }.reversed())
    return Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 < Int(Int32.max) ? $0 : nil }
  }

  /// Brings a picture to where the benchmark has it.
  private func placeMedia(
    of sample: Sample, _ number: Int, _ layout: MOTSequenceLayout?, _ context: EncodeContext
  ) throws(DatasetError) {
    guard context.mediaMode != .none else { return }
    var place = MOTFolder.path(of: sample.key, split: sample.split, layout)
    if let layout {
      place = joinedPath(place, joinedPath(layout.pictureFolder, FileName.basename(of: sample.key)))
    } else {
      var name = ByteBuffer(capacity: 32)
      name.append(decimal: number, width: 6)
      let ending = FileName.extension(of: sample.key)
      // Names without a number would otherwise meet those with one.
      let isNumbered = sample.media.frame?.number != nil || MOTEncoder.digits(of: sample.key) != nil
      place = joinedPath(
        place, "img1/" + (isNumbered ? name.string() + (ending.isEmpty ? "" : "." + ending) : FileName.basename(of: sample.key)))
    }
    try context.placeMedia(of: sample, at: place)
  }

  // MARK: Rows

  private func row(
    _ annotation: Annotation, _ number: Int, _ style: MOTStyle, _ classes: [Int], _ sample: Sample,
    _ batch: inout EncodedBatch, _ context: EncodeContext
  ) {
    guard var box = annotation.box?.converted(to: .extent) else {
      return context.diagnostics.report(
        .error, "mot.write.box", "An annotation of \"\(terminalSafe(sample.key))\" has no box, and a row is one", at: sample.source)
    }
    if box.unit == .unit {
      guard let size = context.imageSize(of: sample) else {
        return context.diagnostics.report(
          .error, "mot.write.unit", "Shares of \"\(terminalSafe(sample.key))\" cannot be pixels: the size is not known",
          at: sample.source)
      }
      box = (annotation.box ?? box).converted(to: .pixels, width: Double(size.width), height: Double(size.height))
        .converted(to: .extent)
    }
    var number = number
    let label = label(of: annotation, classes, sample, context)
    let columns = MOTColumns(annotation, style, label: label)
    if let kept = keptRow(annotation, number, box, label, style) {
      return append(MOTRecord.kept, kept, label, annotation, &batch)
    }
    switch annotation.track {
    case .string(let name)?:
      let start = batch.bytes.count
      batch.bytes.append(name)
      batch.records.append(.init(kind: MOTRecord.track, range: start..<batch.bytes.count))
      number = -1
    case .integer(let id)? where !MOTRow.holds(track: id):
      batch.records.append(.init(kind: MOTRecord.bigTrack, range: batch.bytes.count..<batch.bytes.count, id: id))
      number = -1
    default: break
    }
    append(attributes: columns.others, &batch)
    let start = batch.bytes.count
    if number >= 0 {
      if case .integer(let track)? = annotation.track { batch.bytes.append(decimal: Int(track)) } else { batch.bytes.append("-1") }
    }
    style.appendColumn(3, box.first, to: &batch.bytes)
    style.appendColumn(4, box.second, to: &batch.bytes)
    style.appendColumn(5, box.third, to: &batch.bytes)
    style.appendColumn(6, box.fourth, to: &batch.bytes)
    columns.append(style, to: &batch.bytes)
    batch.records.append(
      .init(
        kind: number >= 0 ? MOTRecord.row : MOTRecord.tail, range: start..<batch.bytes.count, id: Int64(label),
        ordinal: annotation.ordinal))
  }

  private func append(attributes: Attributes, _ batch: inout EncodedBatch) {
    guard !attributes.isEmpty else { return }
    let start = batch.bytes.count
    batch.bytes.append(json: attributes)
    batch.records.append(.init(kind: MOTRecord.attributes, range: start..<batch.bytes.count))
  }

  private func append(_ kind: Int, _ bytes: [UInt8], _ label: Int, _ annotation: Annotation, _ batch: inout EncodedBatch) {
    let start = batch.bytes.count
    batch.bytes.append(bytes)
    batch.records.append(.init(kind: kind, range: start..<batch.bytes.count, id: Int64(label), ordinal: annotation.ordinal))
  }

  /// The class of a label; -1 for none.
  private func label(of annotation: Annotation, _ classes: [Int], _ sample: Sample, _ context: EncodeContext) -> Int {
    guard let label = annotation.label, Int(label.index) < classes.count else { return -1 }
    let name = context.labels.label(label)?.name ?? ""
    if !MOTClasses.isLine(name) {
      context.diagnostics.report(
        .error, "mot.write.class", "The label \"\(terminalSafe(name))\" cannot be a line of labels.txt", at: sample.source)
    }
    return classes[Int(label.index)]
  }

  /// The row as it stood, if it still says what the annotation says.
  private func keptRow(
    _ annotation: Annotation, _ number: Int, _ box: Box, _ label: Int, _ style: MOTStyle
  ) -> [UInt8]? {
    guard annotation.hasRareAnswers, !annotation.preserved.isEmpty,
      let text = PreservedReader(annotation.preserved, MOTFormat.id).string("row")
    else { return nil }
    let bytes = Array(text.utf8)
    guard !bytes.contains(0x0A) else { return nil }
    let row = bytes.withUnsafeBytes { MOTRow($0, 0..<$0.count, style) }
    let track: Int64? =
      switch annotation.track {
      case .integer(let id): id
      case nil: -1
      case .string: nil
      }
    guard row.badColumn == 0, row.frame == number, let track, Int64(row.id) == track, row.x == box.first, row.y == box.second,
      row.width == box.third, row.height == box.fourth, row.confidence(style) == annotation.confidence
    else { return nil }
    var own = style
    own.columns = row.columns
    let columns = MOTColumns(annotation, own, label: label)
    guard columns.others.isEmpty else { return nil }
    let said = (row.first, row.second, row.third)
    return said == (columns.first, columns.second, columns.third) ? bytes : nil
  }
}
