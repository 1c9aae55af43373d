import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension LineWriter {
  /// Writes the list of annotations, with the entries for Pascal VOC files where they stood.
  mutating func annotations(
    of sample: Sample, _ hasShapes: Bool, _ position: Int, _ settings: WriterSettings, _ batch: inout EncodedBatch,
    _ context: EncodeContext
  ) throws(DatasetError) {
    batch.bytes.append(UInt8(ascii: "["))
    var isFirst = true
    if !hasShapes, sidecars.isEmpty {
      sample.annotations.withUnsafeBufferPointer { all in
        guard var next = all.baseAddress else { return }
        for index in all.indices {
          if index > 0 { batch.bytes.append(UInt8(ascii: ",")) }
          let features = next.features
          if !forms.write(next, features, sample.media.kind, to: &batch.bytes) {
            writeAndLearn(next, features, sample, settings, &batch.bytes, context)
          }
          next += 1
        }
      }
      return batch.bytes.append(UInt8(ascii: "]"))
    }
    var shapes: [Annotation] = []
    for annotation in sample.annotations where Self.isShape(annotation) { shapes.append(annotation) }
    var nextEntry = 0
    var plain = 0
    var hasNewEntry = sidecars.isEmpty && !shapes.isEmpty
    for annotation in sample.annotations {
      if Self.isShape(annotation) {
        guard hasNewEntry else { continue }
        hasNewEntry = false
        try entry(nil, shapes, sample, position, settings, &isFirst, &batch, context)
        continue
      }
      while nextEntry < sidecars.count, sidecars[nextEntry].before <= plain {
        try keptEntry(nextEntry, &shapes, sample, position, settings, &isFirst, &batch, context)
        nextEntry += 1
      }
      plain += 1
      if !isFirst { batch.bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      write(annotation, annotation.features, sample, settings, &batch.bytes, context)
    }
    while nextEntry < sidecars.count {
      try keptEntry(nextEntry, &shapes, sample, position, settings, &isFirst, &batch, context)
      nextEntry += 1
    }
    batch.bytes.append(UInt8(ascii: "]"))
  }

  private mutating func keptEntry(
    _ index: Int, _ shapes: inout [Annotation], _ sample: Sample, _ position: Int, _ settings: WriterSettings,
    _ isFirst: inout Bool,
    _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let isLast = index + 1 == sidecars.count
    let count = isLast ? shapes.count : min(max(0, sidecars[index].count), shapes.count)
    let own = Array(shapes.prefix(count))
    shapes.removeFirst(count)
    try entry(sidecars[index], own, sample, position, settings, &isFirst, &batch, context)
  }

  // MARK: One annotation

  /// What an annotation says in its property.
  static let propertyFeatures: FeatureSet = [
    .span, .link, .interval, .text, .caption, .attributes, .difficult, .truncated, .occluded,
  ]

  /// Writes an annotation whose form is not known yet.
  @inline(never) private mutating func writeAndLearn(
    _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet, _ sample: Sample, _ settings: WriterSettings,
    _ out: inout ByteBuffer, _ context: EncodeContext
  ) {
    let start = out.count
    gaps = WrittenAnnotations.Gaps()
    write(annotation.pointee, features, sample, settings, &out, context)
    // What had something to report reports it each time.
    guard context.diagnostics.isEmpty else { return }
    forms.learn(
      UnsafeRawBufferPointer(rebasing: out.bytes[start...]), gaps.relative(to: start), annotation, features, sample.media.kind)
  }

  /// Writes an annotation that needs no file.
  private mutating func write(
    _ annotation: Annotation, _ features: FeatureSet, _ sample: Sample, _ settings: WriterSettings, _ out: inout ByteBuffer,
    _ context: EncodeContext
  ) {
    if features.contains(.part) {
      context.diagnostics.report(
        .error, "modelarts.write.part",
        "A part of an object has a place in the picture; this one has none and is written as a label",
        at: sample.source)
    }
    let kept = features.contains(.preserved) ? annotation.preserved[ModelArtsFormat.id] : []
    tables.load(kept, into: &members, Slot.ofAnnotation)
    let hasLabel = annotation.label != nil
    let content = LabelingType.Content(features, hasLabel: hasLabel)
    var given: UInt32 = members.shadowMask | 1 << UInt32(Slot.type)
    var labelIsSource = hasLabel && content == .interval
    var hardIsInProperty = false
    if members.hasMarks {
      if let place = members.mark("@label") { labelIsSource = hasLabel && place.elementsEqual("\"source\"".utf8) }
      hardIsInProperty = members.mark("@hard") != nil
      if members.mark("@no-type") != nil { given &= ~(1 << UInt32(Slot.type)) }
    }
    if hasLabel, !labelIsSource { given |= 1 << UInt32(Slot.name) }
    if annotation.id != nil { given |= 1 << UInt32(Slot.id) }
    if annotation.confidence != nil { given |= 1 << UInt32(Slot.confidence) }
    if features.contains(.createdAt) { given |= 1 << UInt32(Slot.creationTime) }
    if features.contains(.author) { given |= 1 << UInt32(Slot.annotatedBy) }
    if features.contains(.reference) { given |= 1 << UInt32(Slot.annotationLoc) }
    if features.contains(.hard), let hard = annotation.hard, !hardIsInProperty { given |= Self.slots(of: hard) }
    // Most have no property, or one that is written as it was.
    let plainProperty = features.intersection(LineWriter.propertyFeatures).isEmpty && !labelIsSource && !members.hasMarks
    if !plainProperty { given |= 1 << UInt32(Slot.property) }
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    let type = LabelingType.natural(content, sample.media.kind)
    if given & 1 << UInt32(Slot.type) != 0, members.shadowMask & 1 << UInt32(Slot.type) == 0 {
      checkKind(content, sample, context)
    }
    if settings.keepsOrder, members.hasMarks, let names = members.names("@keys") {
      let own = KeyLayout(names, slot: Slot.ofAnnotation)
      write(annotation, type, own, &given, &isFirst, labelIsSource, plainProperty, sample, settings, &out, context)
    }
    write(
      annotation, type, settings.layout.annotation, &given, &isFirst, labelIsSource, plainProperty, sample, settings, &out, context)
    members.writeRest(Slot.ofAnnotation, isFirst: &isFirst, to: &out)
    out.append(UInt8(ascii: "}"))
  }

  /// Says so where the service has no kind of label for what is written.
  private func checkKind(_ content: LabelingType.Content, _ sample: Sample, _ context: EncodeContext) {
    let kind = sample.media.kind
    let fits =
      switch content {
      case .label: kind == .image || kind == .text || kind == .audio
      case .span, .link: kind == .text
      case .interval, .text: kind == .audio
      case .reference: true
      }
    guard !fits else { return }
    let type = LabelingType.natural(content, kind).text
    context.diagnostics.report(
      .warning, "modelarts.write.kind",
      "The service has no labels of this kind for media of the kind \(kind.rawValue); \(type) is written so that nothing is lost",
      at: sample.source)
  }

  private mutating func write(
    _ annotation: Annotation, _ type: LabelingType, _ layout: KeyLayout, _ given: inout UInt32, _ isFirst: inout Bool,
    _ labelIsSource: Bool, _ plainProperty: Bool, _ sample: Sample, _ settings: WriterSettings, _ out: inout ByteBuffer,
    _ context: EncodeContext
  ) {
    var index = 0
    while index < layout.count {
      let slot = layout.slot(index)
      defer { index &+= 1 }
      if slot == Slot.foreign {
        if members.hasForeign { members.write(layout.name(index), isFirst: &isFirst, to: &out) }
        continue
      }
      let bit: UInt32 = 1 << UInt32(slot)
      guard given & bit != 0 else { continue }
      given &= ~bit
      let start = out.count
      out.append(layout.start(index, isFirst: isFirst))
      if members.shadowMask & bit != 0, slot == Slot.property ? plainProperty : agrees(slot, annotation, labelIsSource) {
        members.appendShadow(slot, to: &out)
        isFirst = false
        continue
      }
      var isWritten = true
      switch slot {
      case Slot.name:
        if let label = annotation.label {
          appendName(label, context.labels, to: &out)
        } else {
          isWritten = false
        }
      case Slot.id: if let id = annotation.id { out.append(json: id) } else { isWritten = false }
      case Slot.property: isWritten = property(of: annotation, labelIsSource, sample, settings, &out, context)
      case Slot.type:
        out.append(UInt8(ascii: "\""))
        out.append(type.text)
        out.append(UInt8(ascii: "\""))
      case Slot.creationTime:
        if let time = annotation.createdAt {
          let start = out.count
          out.append(time, separator: UInt8(ascii: " "))
          gaps.moment = start..<out.count
        } else {
          isWritten = false
        }
      case Slot.annotatedBy: if let author = annotation.author { out.appendText(author) } else { isWritten = false }
      case Slot.confidence:
        if let value = annotation.confidence {
          let start = out.count
          out.append(value)
          gaps.confidence = start..<out.count
        } else {
          isWritten = false
        }
      case Slot.annotationLoc: if let place = annotation.reference { out.appendText(place) } else { isWritten = false }
      default: isWritten = out.append(slot, of: annotation.hard)
      }
      if isWritten { isFirst = false } else { out.truncate(to: start) }
    }
  }

  /// Whether the spelling a reader kept still says what the annotation says.
  private func agrees(_ slot: UInt8, _ annotation: Annotation, _ labelIsSource: Bool) -> Bool {
    let text = members.shadow(slot) ?? []
    switch slot {
    case Slot.name: return annotation.label == nil || labelIsSource
    case Slot.id: return annotation.id == nil
    case Slot.creationTime: return annotation.createdAt == nil
    case Slot.annotatedBy: return annotation.author == nil
    case Slot.annotationLoc: return annotation.reference == nil
    case Slot.confidence: return annotation.confidence == nil || jsonNumber(text) == annotation.confidence
    case Slot.hard, Slot.hardCoefficient, Slot.hardReasons: return hardAgrees(slot, text, annotation.hard)
    default: return true
    }
  }
}
