import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension SegmentsRowWriter {
  /// Whether nothing of the sample itself is refused.
  static func isSound(_ sample: Sample) -> Bool {
    !sample.key.isEmpty && sample.media.location?.isEmpty != true && (sample.media.duration?.units ?? 0) >= 0
      && (sample.media.width ?? 1) > 0 && (sample.media.height ?? 1) > 0
  }

  /// Refuses what the reader would refuse.
  ///
  /// - Parameter features: Those of the annotation.
  func check(_ annotation: UnsafePointer<Annotation>?, _ features: FeatureSet, _ sample: Sample, _ context: EncodeContext) -> Bool {
    guard isSampleSound else { return refuse(sample, context) }
    guard let annotation else { return true }
    if let box = annotation.pointee.box, !(box.first.isFinite && box.second.isFinite && box.third.isFinite && box.fourth.isFinite) {
      return refuse("segments.write.number", "A number of a box of \"\(terminalSafe(sample.key))\" is not finite", sample, context)
    }
    if let confidence = annotation.pointee.confidence, !confidence.isFinite {
      return refuse("segments.write.number", "A confidence of \"\(terminalSafe(sample.key))\" is not finite", sample, context)
    }
    if let label = annotation.pointee.label, !hasName(label, context) {
      return refuse("segments.write.label", "A label of \"\(terminalSafe(sample.key))\" has no name", sample, context)
    }
    if features.contains(.interval), case .interval(let start, let end) = annotation.pointee.time, start.order(to: end) > 0 {
      return refuse(
        "segments.write.time",
        "An interval of \"\(terminalSafe(sample.key))\" ends at \(end.text), before its begin at \(start.text)", sample, context)
    }
    if annotation.pointee.label == nil, annotation.pointee.box == nil, SegmentsRowWriter.bits(annotation, sample) == 0,
      annotation.pointee.attributes.isEmpty
    {
      return refuse(
        "segments.write.nothing", "An annotation of \"\(terminalSafe(sample.key))\" says nothing a table has a column for", sample,
        context)
    }
    return true
  }

  private func refuse(_ rule: String, _ message: String, _ sample: Sample, _ context: EncodeContext) -> Bool {
    context.diagnostics.report(.error, rule, message, at: sample.source)
    return false
  }

  /// Refuses a sample that is not sound.
  @inline(never) private func refuse(_ sample: Sample, _ context: EncodeContext) -> Bool {
    if sample.key.isEmpty || sample.media.location?.isEmpty == true {
      return refuse("segments.write.name", "A sample without a name has no place in a table", sample, context)
    }
    if let duration = sample.media.duration, duration.units < 0 {
      return refuse("segments.write.time", "The duration of \"\(terminalSafe(sample.key))\" is negative", sample, context)
    }
    return refuse("segments.write.number", "The size of \"\(terminalSafe(sample.key))\" is not above 0", sample, context)
  }

  /// Whether a label has a name.
  private func hasName(_ label: LabelID, _ context: EncodeContext) -> Bool {
    if Int(label.index) < labels.count { return labels[Int(label.index)].hasName }
    return context.labels.withName(label) { !$0.isEmpty }
  }

  /// Refuses a row that no reader takes; room is left for the cells of columns that other rows have.
  func checkLength(_ length: Int, _ sample: Sample, _ context: EncodeContext) -> Bool {
    if length <= CSVScanner.rowLimit - CSVScanner.fieldLimit * 2 { return true }
    context.diagnostics.report(
      .error, "segments.write.long-row", "A row of \"\(terminalSafe(sample.key))\" would have \(length) bytes", at: sample.source)
    return false
  }

  /// Tells what no cell can hold: an empty text or author, and a frame of a picture.
  static func noteLosses(_ annotation: UnsafePointer<Annotation>, _ sample: Sample, _ context: EncodeContext) {
    guard annotation.pointee.hasRareAnswers else { return }
    if annotation.pointee.text?.isEmpty == true {
      let hasPlace =
        annotation.pointee.label != nil || annotation.pointee.box != nil || annotation.pointee.time != nil
        || annotation.pointee.track != nil
      context.losses.append(EncodingLoss(hasPlace ? .text : .caption, isApproximated: false))
    }
    if annotation.pointee.author?.isEmpty == true { context.losses.append(EncodingLoss(.author, isApproximated: false)) }
    if case .frame = annotation.pointee.time, sample.media.kind == .image {
      context.losses.append(EncodingLoss(.frame, isApproximated: false))
    }
  }

  /// The row an annotation or a sample was read from, when it still says the same.
  func sameRow(_ preserved: Preserved, _ annotation: UnsafePointer<Annotation>?, _ sample: Sample, _ context: EncodeContext)
    -> [UInt8]?
  {
    guard !base.isEmpty, let text = PreservedReader(preserved, SegmentsFormat.id).string("row") else { return nil }
    let bytes = Array(text.utf8)
    let labels = checkedLabels
    return bytes.withUnsafeBytes { raw in
      guard let row = reader.read(raw, at: 0, labels: labels, { _, _, _, _ in }), reader.lastRange == 0..<raw.count,
        row.sampleKey == sample.key, row.hasAnnotation == (annotation != nil)
      else { return nil }
      var whole = Sample(key: sample.key, media: sample.media)
      var says = row
      says.annotation = Annotation()
      var rest = SegmentsRow()
      rest.location = sample.media.location
      let usual = SegmentsCell.kind(of: sample.media.location ?? sample.key)
      rest.kind = row.kind ?? (sample.media.kind == usual ? nil : sample.media.kind)
      rest.split = row.split ?? sample.split
      rest.duration = sample.media.duration
      rest.width = sample.media.width
      rest.height = sample.media.height
      rest.frame = sample.media.frame?.number
      rest.mediaAttributes = sample.attributes
      var isSame = true
      rest.merge(says) { _ in isSame = false }
      rest.apply(to: &whole)
      guard isSame, whole.media == sample.media, whole.attributes == sample.attributes, whole.split == sample.split else {
        return nil
      }
      if annotation == nil {
        var alone = Sample(key: sample.key, media: Media(row.mediaKind, location: row.location))
        row.apply(to: &alone)
        return alone.media == sample.media && alone.split == sample.split && alone.attributes == sample.attributes ? bytes : nil
      }
      guard var expected = annotation?.pointee else { return nil }
      expected.preserved = Preserved()
      expected.ordinal = nil
      let name = row.annotation.label.flatMap { labels.label($0)?.name }
      guard name.map(ExactText.init) == expected.label.flatMap({ context.labels.label($0)?.name }).map(ExactText.init) else {
        return nil
      }
      expected.label = row.annotation.label
      return expected == row.annotation ? bytes : nil
    }
  }
}

extension FeatureSet {
  /// Whether an annotation may say something that no cell can hold.
  @inline(__always) var mayBeLost: Bool { contains(.text) || contains(.caption) || contains(.author) || contains(.frame) }
}
